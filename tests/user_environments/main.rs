//! Profiles of nix-env on real Nix: what firn makes of them is what nix-env would have made, at the
//! same store path, and nix-env goes on working on it.
//!
//! Packages come from a local file and build offline. `FIRN_ENVIRONMENT_CASES` sets how many random
//! profiles are tried; each prints its number, with which `FIRN_ENVIRONMENT_CASE` repeats it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

#[path = "../support/mod.rs"]
mod support;

mod conversion;
mod daemon;
mod interface;
mod packages;
mod random;
mod ten_changes;
mod upgrades;
