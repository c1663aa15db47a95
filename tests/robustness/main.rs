//! What firn promises to survive: being killed, a full disk, other programs at work on the
//! same profile, files that are damaged or hostile, and places where it may not write.
//!
//! Everything runs the real program on both stores: the playground, and each real Nix there
//! is (`FIRN_TEST_NIX`). Nothing sleeps; what happens "meanwhile" is done by a `nix` that does
//! it before it runs the real one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod absent;
mod arena;
mod damaged;
mod endless;
mod failing_nix;
mod full_disk;
mod hostile;
mod kill;
mod kill_registry;
mod kill_switch;
mod manifest_nix;
mod no_permission;
mod other_program;
#[path = "../support/mod.rs"]
mod support;
