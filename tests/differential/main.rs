//! firn and real Nix, side by side: same operations, same store paths, or both refuse.
//!
//! Random worlds come from a seed: world `i` of a run has seed `FIRN_TEST_SEED + i`
//! (default 1), `FIRN_TEST_WORLDS` (default 6) worlds for every Nix that is found. A
//! mismatch prints its seed, what differs, and a smaller case that still shows it; saved as
//! `cases/NAME.case` that is tried first on every later run. With no Nix to be found
//! nothing is compared, and that is said on standard error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code, also outside of test functions")]

mod arena;
mod case_text;
mod edit;
mod generate;
mod operations;
mod random;
mod references;
mod run;
mod shrink;
#[path = "../support/mod.rs"]
mod support;
mod ten_changes;
mod ties;
mod tree;
mod world;

use std::io::Write as _;
use std::path::PathBuf;

use case_text::Case;
use support::nix_bin_folders;

/// Says something at once, past the test harness, which keeps what tests print to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: not a number")))
}

#[test]
fn random_worlds() {
    let folders = nix_bin_folders();
    if folders.is_empty() {
        support::each_nix("random worlds", |_| {});
        return;
    }
    let (first, count) = (number("FIRN_TEST_SEED", 1), number("FIRN_TEST_WORLDS", 6));
    let jobs: Vec<(PathBuf, u64)> = folders
        .iter()
        .flat_map(|folder| (0..count).map(move |index| (folder.clone(), first + index)))
        .collect();
    let tally = run::worlds(&jobs);
    say(&format!("random worlds from seed {first}: {tally}"));
    assert!(tally.mismatches.is_empty(), "{}", tally.mismatches.join("\n"));
}

/// What once differed, or is worth trying every time.
#[test]
fn kept_cases() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/cases");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    support::each_nix("kept cases", |nix| {
        for file in &files {
            let case = Case::parse(&std::fs::read_to_string(file).unwrap());
            let report = run::replay(nix.bin(), &case);
            assert_eq!(report.mismatch, None, "{}", file.display());
        }
    });
}
