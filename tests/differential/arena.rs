//! One world on disk with two profiles: `n` belongs to Nix, `f` to firn.
//!
//! Every operation is done on both, and afterwards both must lead to the same store path
//! with the same generations, or both must have refused and left everything alone. Who
//! goes first changes from step to step: the second finds the profile already in the
//! store, and each way hides mistakes that the other shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::edit::{self, Edit};
use crate::operations::Situation;
use crate::support::PrivateNix;
use crate::world::World;

/// Seconds after which a command counts as hanging.
const LIMIT: &str = "60";

/// A world with a private store and two profiles.
pub struct Arena<'a> {
    world: &'a World,
    pub nix: PrivateNix,
    /// `add`, or `install` before Nix 2.30.
    add: &'static str,
    steps: usize,
    /// Where both profiles lead at first.
    start: Option<PathBuf>,
}

/// What a step showed.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both did the same.
    Same,
    /// Both refused.
    BothRefused,
    /// They differ; the text says how.
    Mismatch(String),
    /// Nix itself crashes on this or does not come to an end; there is nothing to compare with.
    NixFails,
}

/// A profile as seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Where the profile leads.
    pub path: Option<PathBuf>,
    /// The number its link names.
    pub current: Option<u64>,
    /// Generations and where they lead.
    pub generations: BTreeMap<u64, PathBuf>,
}

impl Snapshot {
    /// Reads the profile at `profile`.
    pub fn read(profile: &Path) -> Self {
        let folder = profile.parent().unwrap();
        let prefix = format!("{}-", profile.file_name().unwrap().to_str().unwrap());
        let number = |name: &str| name.strip_prefix(&prefix)?.strip_suffix("-link")?.parse::<u64>().ok();
        let mut generations = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if let Some(number) = number(entry.file_name().to_str().unwrap()) {
                generations.insert(number, std::fs::read_link(entry.path()).unwrap());
            }
        }
        let current = std::fs::read_link(profile).ok().and_then(|target| number(target.to_str()?));
        Self { path: profile.canonicalize().ok(), current, generations }
    }
}

impl<'a> Arena<'a> {
    /// Puts the world on disk; both profiles start from its manifest, if it has one.
    pub fn new(bin: &Path, world: &'a World) -> Self {
        let nix = PrivateNix::new(bin);
        world.place(&nix);
        let version = nix.run("nix", &["--version"]);
        let add = if is_before(&version, (2, 30)) { "install" } else { "add" };
        let mut arena = Self { world, nix, add, steps: 0, start: None };
        if let Some(start) = &world.start {
            arena.restart(start);
        }
        arena
    }

    /// Both profiles start over from a manifest. The profile that holds it is made by hand and nothing
    /// but files, which is all that Nix and firn look at.
    pub fn restart(&mut self, manifest: &str) {
        let folder = self.nix.profile("");
        for entry in std::fs::read_dir(&folder).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let path = PathBuf::from(self.nix.new_path("profile"));
        crate::support::write(&path, "manifest.json", self.expand(manifest));
        for name in ["n", "f"] {
            crate::support::link(&folder, format!("{name}-1-link"), &path);
            crate::support::link(&folder, name, format!("{name}-1-link"));
        }
        self.start = Some(path);
    }

    /// Where firn's profile leads, if one of the operations made it.
    pub fn made_by_firn(&self) -> Option<PathBuf> {
        Snapshot::read(&self.firn_profile()).path.filter(|path| self.start.as_ref() != Some(path))
    }

    /// The profile that only Nix changes.
    pub fn nix_profile(&self) -> PathBuf {
        self.nix.profile("n")
    }

    /// The profile that only firn changes.
    pub fn firn_profile(&self) -> PathBuf {
        self.nix.profile("f")
    }

    /// Text with placeholders replaced.
    pub fn expand(&self, text: &str) -> String {
        String::from_utf8(self.world.expand(&self.nix.store_dir(), text.as_bytes())).unwrap()
    }

    /// The arguments of a command that both programs know; `#x` is an attribute of the flake.
    fn words(&self, operation: &[String]) -> Vec<String> {
        let flake = format!("path:{}/flake", self.nix.root().display());
        let word =
            |word: &String| if word.starts_with('#') { format!("{flake}{word}") } else { self.expand(word) };
        operation.iter().map(word).collect()
    }

    /// Runs a Nix program under a time limit.
    pub fn run_nix(&self, arguments: &[&str]) -> Output {
        let limit = ["timeout", "--kill-after=5", LIMIT, "nix"];
        self.nix.command("/usr/bin/env").args(limit).args(arguments).output().unwrap()
    }

    /// Runs firn on its profile under a time limit, with this standard input.
    pub fn run_firn(&self, arguments: &[&str]) -> Output {
        let profile = self.firn_profile();
        let limit = ["timeout", "--kill-after=5", LIMIT, env!("CARGO_BIN_EXE_firn"), "--profile"];
        self.nix.command("/usr/bin/env").args(limit).arg(profile).args(arguments).output().unwrap()
    }

    /// What the next operation can be chosen from.
    pub fn situation(&self) -> Situation {
        let generations = Snapshot::read(&self.nix_profile()).generations.into_keys().collect();
        let manifest = edit::manifest(&self.nix_profile());
        let list = manifest["elements"].as_object().map(|elements| {
            let active = |element: &serde_json::Value| element["active"] == true;
            elements.iter().map(|(name, element)| (name.clone(), active(element))).collect()
        });
        let unnamed =
            || vec![("alpha".to_owned(), true); manifest["elements"].as_array().map_or(0, Vec::len)];
        Situation { has_names: list.is_some(), elements: list.unwrap_or_else(unnamed), generations }
    }

    /// Does an operation on both profiles and compares them.
    pub fn step(&mut self, operation: &[String]) -> Verdict {
        let firn_first = self.steps.is_multiple_of(2);
        self.steps += 1;
        if operation[0] == "age" {
            self.age(operation[1].parse().unwrap());
            return Verdict::Same;
        }
        let before = [Snapshot::read(&self.nix_profile()), Snapshot::read(&self.firn_profile())];
        let early = firn_first.then(|| self.firn_step(operation));
        let nix = self.nix_step(operation);
        let firn = early.unwrap_or_else(|| self.firn_step(operation));
        if matches!(nix.status.code(), None | Some(124)) {
            return Verdict::NixFails;
        }
        let after = [Snapshot::read(&self.nix_profile()), Snapshot::read(&self.firn_profile())];
        match problem(&before, &after, &nix, &firn) {
            None if nix.status.success() => Verdict::Same,
            None => Verdict::BothRefused,
            Some(problem) => Verdict::Mismatch(report(&problem, operation, &after, [&nix, &firn])),
        }
    }

    fn nix_step(&self, operation: &[String]) -> Output {
        let profile = self.nix_profile();
        let profile = profile.to_str().unwrap();
        if let Some(edit) = Edit::read(operation) {
            return edit.by_nix(self, profile, self.steps);
        }
        let words = self.words(operation);
        let verb = if words[0] == "add" { self.add } else { &words[0] };
        let mut arguments = vec!["profile", verb, "--profile", profile];
        arguments.extend(words[1..].iter().map(String::as_str));
        self.run_nix(&arguments)
    }

    fn firn_step(&self, operation: &[String]) -> Output {
        if operation[0] == "apply" {
            let file = self.nix.root().join("work/transaction.json");
            let transaction = Edit::read(operation).unwrap().transaction();
            std::fs::write(&file, self.expand(&transaction.to_string())).unwrap();
            return self.run_firn(&["apply", file.to_str().unwrap()]);
        }
        let words = self.words(operation);
        self.run_firn(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What Nix's `add` is called.
    pub fn add_verb(&self) -> &'static str {
        self.add
    }

    /// Gives every generation an age: the newest an hour, each lower one so many days more.
    fn age(&self, days: i64) {
        use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        for profile in [self.nix_profile(), self.firn_profile()] {
            let generations = Snapshot::read(&profile).generations;
            let newest = generations.keys().max().copied().unwrap_or(0);
            for number in generations.keys() {
                let age = 3600 + i64::try_from(newest - number).unwrap() * days * 86_400;
                let time = Timespec { tv_sec: i64::try_from(now.as_secs()).unwrap() - age, tv_nsec: 0 };
                let times = Timestamps { last_access: time, last_modification: time };
                let link = format!("{}-{number}-link", profile.display());
                utimensat(CWD, link, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
            }
        }
    }
}

/// The text of a mismatch: what ran, what it said, where the profiles stand and how their trees differ.
fn report(problem: &str, operation: &[String], after: &[Snapshot; 2], ran: [&Output; 2]) -> String {
    let mut text = format!("{problem}\n  operation: {}\n", operation.join(" "));
    for (name, (output, snapshot)) in ["nix ", "firn"].iter().zip(ran.iter().zip(after)) {
        let show = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let generations: Vec<String> =
            snapshot.generations.iter().map(|(number, path)| format!("{number}:{}", show(path))).collect();
        writeln!(
            text,
            "  {name} {}, current {:?}, {}",
            output.status,
            snapshot.current,
            generations.join(" ")
        )
        .unwrap();
        for line in String::from_utf8_lossy(&output.stderr).lines().take(12) {
            writeln!(text, "  {name} | {line}").unwrap();
        }
    }
    if let [Snapshot { path: Some(nix), .. }, Snapshot { path: Some(firn), .. }] = after {
        text += &crate::tree::difference(nix, firn);
    }
    text
}

/// What is wrong about a step, if anything: before and after are Nix's profile and firn's.
fn problem(before: &[Snapshot; 2], after: &[Snapshot; 2], nix: &Output, firn: &Output) -> Option<String> {
    let [nix_after, firn_after] = after;
    match firn.status.code() {
        Some(0..=3) => {}
        _ => return Some(format!("firn ended with {}", firn.status)),
    }
    if nix.status.success() != firn.status.success() {
        let refused = if firn.status.success() { "nix" } else { "firn" };
        return Some(format!("only {refused} refused"));
    }
    if !nix.status.success() && before != after {
        return Some("a refusal changed the profile".into());
    }
    if nix_after.path != firn_after.path {
        return Some("the store paths differ".into());
    }
    if nix_after.current != firn_after.current {
        return Some("the live generations differ".into());
    }
    (nix_after.generations != firn_after.generations).then(|| "the generations differ".into())
}

/// Whether a version, as in "nix (Nix) 2.26.3", is lower than another.
pub fn is_before(version: &str, limit: (u32, u32)) -> bool {
    let numbers = version.split_whitespace().last().unwrap_or_default();
    let mut parts = numbers.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < limit
}
