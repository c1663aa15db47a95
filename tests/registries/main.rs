//! Flake references and registries, firn and real Nix side by side.
//!
//! Random references and random sets of registry files come from a seed: case `i` of a run has
//! seed `FIRN_TEST_SEED + i` (default 1). `FIRN_TEST_REFERENCES` (default 120) references
//! and `FIRN_TEST_REGISTRIES` (default 12) sets are tried with every Nix that is found; the
//! design asks for 2,000 and 500. Both give the same or both refuse; where firn means to
//! differ, the test says so. With no Nix to be found nothing is compared, and that is said
//! on standard error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code, also outside of test functions")]

mod folders;
mod pins;
mod plans;
mod program;
#[path = "../differential/random.rs"]
mod random;
mod references;
mod set_pins;
mod sets;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod write_reference;

use std::io::Write as _;

/// Says something at once, past the test harness, which keeps what tests print to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: not a number")))
}
