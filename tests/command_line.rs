//! The command line from outside: sealed runs of the real program on the playground.
//!
//! Each test has a temporary folder with HOME and firn's own folders in it, an
//! environment of its own, and no nix: what reaches for one fails loudly.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod command_line {
    pub mod changing;
    pub mod configuration;
    pub mod doctor;
    pub mod export;
    pub mod generations;
    pub mod guards;
    pub mod help;
    pub mod homepage;
    pub mod reading;
    pub mod registries;
    pub mod registry_faults;
    pub mod registry_guards;
    pub mod registry_plans;
    pub mod sandbox;
    pub mod which;
    pub mod words;
}
