//! History against the real Nix: random sequences, bytes that deletions free, closure
//! differences, undo, and what is found on a machine.
//!
//! `FIRN_TEST_HISTORY` says how many random sequences every Nix gets (3), and
//! `FIRN_TEST_HISTORY_FIRST` the seed of the first (1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../differential/random.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod random;

mod closures;
mod damage;
mod profiles;
mod sequences;
mod space;
mod undo;

use std::path::Path;
use std::process::Output;

use support::PrivateNix;

/// The firn under test: the one just built, or the one that `FIRN_TEST_FIRN` names.
fn program() -> String {
    std::env::var("FIRN_TEST_FIRN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_firn").to_owned())
}

/// Runs firn on a profile.
fn firn(nix: &PrivateNix, profile: &Path, words: &[&str]) -> Output {
    nix.command(program()).arg("--profile").arg(profile).args(words).output().unwrap()
}

/// Runs firn, which must succeed; its standard output.
fn firn_ok(nix: &PrivateNix, profile: &Path, words: &[&str]) -> String {
    let output = firn(nix, profile, words);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "firn {words:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// A package with one program of this size.
fn package(nix: &PrivateNix, name: &str, bytes: usize) -> String {
    nix.add_package(name, |root| support::write(root, format!("bin/{name}"), vec![b'x'; bytes]))
}

/// Adds a store path to a profile with nix.
fn nix_add(nix: &PrivateNix, profile: &Path, path: &str) {
    // The old name, which every version knows.
    nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), path]);
}

/// The number of the live generation.
fn live(profile: &Path) -> u64 {
    let target = std::fs::read_link(profile).unwrap().into_os_string().into_string().unwrap();
    target.trim_end_matches("-link").rsplit('-').next().unwrap().parse().unwrap()
}
