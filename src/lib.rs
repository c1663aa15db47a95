//! firn: Nix profiles in the terminal.
//!
//! # Modules
//!
//! - [`core`]: the rules, pure. Manifests, trees, collisions, plans.
//! - [`system`]: the only place that touches the machine. Two stores behind one trait:
//!   the real Nix and the playground.
//! - [`ops`]: use cases, shared by both front ends.
//! - [`tui`]: the interface: model, messages, update, view, runtime.
//! - [`cli`]: the verbs, over the same use cases.
//!
//! Imports go one way: `main → cli, tui → ops → system → core`.

pub mod cli;
pub mod core;
pub mod ops;
pub mod system;
pub mod tui;
