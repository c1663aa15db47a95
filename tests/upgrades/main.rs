//! `firn upgrade` on real Nix: what `nix profile upgrade` would make, without its faults.
//!
//! The flakes are local, of kind `path:` and `git+file:`, and build offline. What is measured is
//! printed, not asserted: machines differ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

#[path = "../support/mod.rs"]
mod support;

mod all;
mod cancel;
mod flakes;
mod hostile;
mod interface;
mod options;
mod settings;
mod sources;
