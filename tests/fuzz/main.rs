//! Mutation fuzzing of everything that reads what others wrote, without a nightly compiler.
//!
//! Each target of [`targets`] is fed changed copies of its corpus (`corpus/<target>/`). In
//! place of coverage a target describes what became of an input in a few words, its kind of
//! error for instance; an input with new words joins the corpus of the run. A panic, a
//! stack that overflows and an input that takes seconds are findings.
//!
//! The corpus is replayed by an ordinary test, with some changed copies of each file.
//! Fuzzing itself is asked for:
//!
//! ```text
//! FIRN_FUZZ_SECONDS=3600 FIRN_FUZZ_KEEP=/tmp/kept cargo test --test fuzz -- --ignored --nocapture
//! ```
//!
//! `FIRN_FUZZ_KEEP` is a folder that gets new inputs, the findings (`findings/`) and the
//! input that is being run (`current`: what to look at if the stack overflowed).
//! `FIRN_FUZZ_TARGET` picks one target, `FIRN_FUZZ_SEED` repeats a run.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic")]

mod caches;
mod environments;
mod mutate;
mod notes;
mod overrides;
mod targets;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Random;
use targets::{TARGETS, Target};

/// Half of what a worker thread has; readers of TOML, which only the main thread runs, get half
/// of that one's.
const SMALL_STACK: usize = 1 << 20;
const TOML_STACK: usize = 4 << 20;

/// An input that takes longer is a finding: a thousand times what the slowest should.
const TOO_SLOW: Duration = Duration::from_secs(5);

/// How many changed copies of each file the replay runs.
const COPIES: u64 = 16;

/// Longer inputs are run, but do not join the corpus.
const KEPT_LENGTH: usize = 4096;

fn corpus_of(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target.name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs something on a thread with little stack and gives what it gives.
fn on_small_stack<T: Send + 'static>(target: &Target, run: impl FnOnce() -> T + Send + 'static) -> T {
    let size = if target.is_toml { TOML_STACK } else { SMALL_STACK };
    let thread = std::thread::Builder::new().stack_size(size).spawn(run).unwrap();
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[test]
fn the_corpus_is_read_without_a_panic() {
    for target in TARGETS {
        on_small_stack(target, || {
            let corpus = corpus_of(target);
            let mut random = Random::new(1);
            for input in &corpus {
                (target.run)(input);
                for _ in 0..COPIES {
                    (target.run)(&mutate::changed(&mut random, input, &corpus, target.words));
                }
            }
        });
    }
}

#[test]
#[ignore = "runs for FIRN_FUZZ_SECONDS"]
fn fuzz() {
    let text = |name: &str| std::env::var(name).ok();
    let seconds = text("FIRN_FUZZ_SECONDS").map_or(10, |text| text.parse().unwrap());
    let seed = text("FIRN_FUZZ_SEED").map_or_else(seed_of_now, |text| text.parse().unwrap());
    let wanted = text("FIRN_FUZZ_TARGET");
    let chosen: Vec<&'static Target> =
        TARGETS.iter().filter(|target| wanted.as_ref().is_none_or(|name| name == target.name)).collect();
    let keep = text("FIRN_FUZZ_KEEP").map_or_else(std::env::temp_dir, PathBuf::from);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut runs: Vec<Run> =
        chosen.iter().enumerate().map(|(at, target)| Run::new(target, seed + at as u64, &keep)).collect();
    println!("seed {seed}, {} targets, {seconds} s", runs.len());
    let share = Duration::from_secs((seconds / (8 * runs.len() as u64)).clamp(1, 30));
    while Instant::now() < until {
        runs = runs
            .into_iter()
            .map(|run| on_small_stack(run.target, move || run.go(share.min(TOO_SLOW * 6))))
            .collect();
    }
    let findings: Vec<String> = runs.iter().flat_map(|run| run.findings.clone()).collect();
    for run in &runs {
        println!(
            "{:12} {:>10} inputs, corpus {} → {}",
            run.target.name,
            run.inputs,
            run.began_with,
            run.corpus.len()
        );
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn seed_of_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The fuzzing of one target.
struct Run {
    target: &'static Target,
    random: Random,
    corpus: Vec<Vec<u8>>,
    began_with: usize,
    seen: HashSet<String>,
    inputs: u64,
    findings: Vec<String>,
    keep: PathBuf,
}

impl Run {
    fn new(target: &'static Target, seed: u64, keep: &Path) -> Self {
        let corpus = corpus_of(target);
        for folder in [keep.join(target.name), keep.join("findings")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        Self {
            target,
            random: Random::new(seed),
            began_with: corpus.len(),
            corpus,
            seen: HashSet::new(),
            inputs: 0,
            findings: Vec::new(),
            keep: keep.to_owned(),
        }
    }

    fn go(mut self, share: Duration) -> Self {
        if self.inputs == 0 {
            for input in self.corpus.clone() {
                self.feed(&input);
            }
        }
        let until = Instant::now() + share;
        while Instant::now() < until && self.findings.len() < 20 {
            let from = self.random.pick(&self.corpus).clone();
            let input = mutate::changed(&mut self.random, &from, &self.corpus, self.target.words);
            self.feed(&input);
        }
        self
    }

    fn feed(&mut self, input: &[u8]) {
        self.inputs += 1;
        std::fs::write(self.keep.join("current"), input).unwrap();
        let started = Instant::now();
        let run = self.target.run;
        match catch_unwind(AssertUnwindSafe(|| run(input))) {
            Ok(words) => {
                if self.seen.insert(words)
                    && self.inputs > self.began_with as u64
                    && input.len() <= KEPT_LENGTH
                {
                    self.corpus.push(input.to_owned());
                    self.save(self.target.name, input);
                }
            }
            Err(_) => self.find("a panic", input),
        }
        if started.elapsed() > TOO_SLOW {
            self.find("slow", input);
        }
    }

    fn find(&mut self, what: &str, input: &[u8]) {
        let file = self.save("findings", input);
        self.findings.push(format!("{}: {what}: {}", self.target.name, file.display()));
    }

    fn save(&self, folder: &str, input: &[u8]) -> PathBuf {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.keep.join(folder).join(format!("{}-{:016x}", self.target.name, hasher.finish()));
        std::fs::write(&path, input).unwrap();
        path
    }
}
