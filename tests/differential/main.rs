//! firn and real Nix, side by side: same operations, same store paths, or both refuse.
//!
//! Random worlds come from a seed: world `i` of a run has seed `FIRN_TEST_SEED + i`
//! (default 1), `FIRN_TEST_WORLDS` (default 6) worlds for every Nix that is found. A
//! mismatch prints its seed, what differs, and a smaller case that still shows it; saved as
//! `cases/NAME.case`, that is tried on every later run (in `cases/open/` as long as it
//! differs). With no Nix to be found nothing is compared, and that is said on standard error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code, also outside of test functions")]

mod arena;
mod case_text;
mod edit;
mod generate;
mod odd_manifests;
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
use std::path::{Path, PathBuf};

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

/// The cases in a folder below `cases`, by name.
fn cases(folder: &str) -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/cases").join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "case"));
    files.sort();
    let read = |file: PathBuf| {
        let case = Case::parse(&std::fs::read_to_string(&file).unwrap());
        (file, case)
    };
    files.into_iter().map(read).collect()
}

/// What once differed, or is worth trying every time.
#[test]
fn kept_cases() {
    let cases = cases(".");
    assert!(!cases.is_empty());
    support::each_nix("kept cases", |nix| {
        for (file, case) in &cases {
            assert_eq!(run::replay(nix.bin(), case).mismatch, None, "{}", file.display());
        }
    });
}

/// What differs still; who mends it moves the file to the others.
#[test]
fn open_cases() {
    let cases = cases("open");
    support::each_nix("open cases", |nix| {
        for (file, case) in &cases {
            let differs = run::replay(nix.bin(), case).mismatch.is_some();
            assert!(differs, "{} agrees now: move it from open/ to cases/", file.display());
        }
    });
}
