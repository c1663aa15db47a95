//! Runs worlds, several at once, and sums up what came of them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::arena::{Arena, Verdict};
use crate::case_text::Case;
use crate::world::World;
use crate::{operations, references, shrink, tree};

/// What came of one world.
#[derive(Debug, Default)]
pub struct Report {
    /// Operations that both did.
    pub done: usize,
    /// Operations that both refused.
    pub refused: usize,
    /// Whether the world was given up because Nix crashed or hung.
    pub given_up: bool,
    /// What differed, if anything.
    pub mismatch: Option<String>,
}

/// What came of many worlds.
#[derive(Default)]
pub struct Tally {
    worlds: usize,
    sum: Report,
    given_up: usize,
    elapsed: Duration,
    /// A text for every world that differed.
    pub mismatches: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} worlds, {} operations done and {} refused by both, {} given up, {} mismatches; {:.1} s",
            self.worlds,
            self.sum.done,
            self.sum.refused,
            self.given_up,
            self.mismatches.len(),
            self.elapsed.as_secs_f64(),
        )
    }
}

/// Runs random worlds, each with its Nix and its seed, on all processors.
pub fn worlds(jobs: &[(PathBuf, u64)]) -> Tally {
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let work = || {
        while let Some((bin, seed)) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
            let (case, report) = random_world(bin, *seed);
            let found = report.mismatch.as_ref().map(|text| explain(bin, *seed, &case, text));
            tally.lock().unwrap().add(&report, found);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(work);
        }
    });
    let mut tally = tally.into_inner().unwrap();
    tally.elapsed = start.elapsed();
    tally
}

impl Tally {
    fn add(&mut self, report: &Report, found: Option<String>) {
        self.worlds += 1;
        self.sum.done += report.done;
        self.sum.refused += report.refused;
        self.given_up += usize::from(report.given_up);
        if let Some(text) = found {
            crate::say(&text);
            self.mismatches.push(text);
        }
    }
}

/// Makes the world of a seed and chooses operations as the profile changes.
fn random_world(bin: &Path, seed: u64) -> (Case, Report) {
    let (world, mut random) = operations::stream(seed);
    let count = operations::count(&mut random);
    let mut operations = Vec::new();
    let report = drive(bin, &world, count, &mut |arena, _| {
        let operation = operations::next(&mut random, &world, &arena.situation());
        operations.push(operation.clone());
        operation
    });
    (Case { world, operations }, report)
}

/// Does the operations of a case again.
pub fn replay(bin: &Path, case: &Case) -> Report {
    drive(bin, &case.world, case.operations.len(), &mut |_, index| case.operations[index].clone())
}

/// Does `count` operations in a new store and looks at the result once more at the end.
fn drive(
    bin: &Path,
    world: &World,
    count: usize,
    next: &mut dyn FnMut(&Arena<'_>, usize) -> Vec<String>,
) -> Report {
    let mut report = Report::default();
    let mut arena = Arena::new(bin, world);
    for index in 0..count {
        let operation = next(&arena, index);
        match arena.step(&operation) {
            Verdict::Same => report.done += 1,
            Verdict::BothRefused => report.refused += 1,
            Verdict::NixFails => {
                report.given_up = true;
                return report;
            }
            Verdict::Mismatch(text) => {
                report.mismatch = Some(text);
                return report;
            }
        }
    }
    report.mismatch = final_problem(&arena);
    report
}

/// What is wrong with firn's last profile beyond its path, if anything.
fn final_problem(arena: &Arena<'_>) -> Option<String> {
    let path = arena.made_by_firn()?;
    references::problem(&arena.nix, &path)
        .or_else(|| list_problem(arena))
        .or_else(|| tree_problem(arena, &path))
}

/// `firn list --json` must print what Nix prints.
fn list_problem(arena: &Arena<'_>) -> Option<String> {
    let profile = arena.firn_profile();
    let nix = arena.run_nix(&["profile", "list", "--profile", profile.to_str().unwrap(), "--json"]).stdout;
    let firn = arena.run_firn(&["list", "--json"]).stdout;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (text(&nix) != text(&firn))
        .then(|| format!("firn list --json differs\nnix  {}\nfirn {}", text(&nix), text(&firn)))
}

/// `firn tree --json` must say what is on disk.
fn tree_problem(arena: &Arena<'_>, path: &Path) -> Option<String> {
    let output = arena.run_firn(&["tree", "--json"]);
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let Some(printed) = printed.as_object() else {
        return Some(format!("firn tree --json fails\n{}", String::from_utf8_lossy(&output.stderr)));
    };
    let mut on_disk = tree::read(path);
    on_disk.remove("manifest.json");
    on_disk.retain(|_, target| target != "folder");
    let targets = printed
        .iter()
        .map(|(path, link)| (path.clone(), link["target"].as_str().unwrap_or_default().to_owned()));
    let targets: std::collections::BTreeMap<String, String> = targets.collect();
    (targets != on_disk)
        .then(|| format!("firn tree --json differs\nit says {targets:#?}\non disk is {on_disk:#?}"))
}

/// The text of a mismatch: the seed, what differed, and the smallest case that still shows it.
fn explain(bin: &Path, seed: u64, case: &Case, text: &str) -> String {
    crate::say(&format!("seed {seed} differs, making the case smaller"));
    let kind = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let same = |found: Option<String>| found.is_some_and(|found| kind(&found) == kind(text));
    let small = shrink::shrink(case, &|case| same(replay(bin, case).mismatch));
    let last = replay(bin, &small).mismatch;
    format!(
        "\n=== mismatch, FIRN_TEST_SEED={seed} FIRN_TEST_WORLDS=1, {}\n{text}\n\
         --- a smaller case\n{small}--- shows\n{}\n===\n",
        bin.display(),
        last.unwrap_or_default(),
    )
}
