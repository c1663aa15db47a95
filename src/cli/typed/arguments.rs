//! What commands with many words take.
//!
//! Here are only the words as clap reads them; `cli/meant.rs` says what they mean.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// What `completions` takes.
#[derive(Args, Debug)]
pub struct CompletionRequest {
    /// bash, elvish, fish, powershell or zsh
    #[arg(required_unless_present = "elements")]
    pub shell: Option<Shell>,
    /// Print the names that can be completed; for the scripts themselves
    #[arg(long, hide = true)]
    pub elements: bool,
    /// The words that were typed so far
    #[arg(last = true, hide = true)]
    pub typed: Vec<OsString>,
}

/// What `registry` takes.
#[derive(Args, Debug)]
pub struct RegistryWords {
    /// What to do
    #[arg(value_enum)]
    pub verb: RegistryVerb,
    /// Flake references, as nixpkgs or github:NixOS/nixpkgs
    #[arg(value_name = "REFERENCE")]
    pub references: Vec<String>,
    /// Change the registry in FILE instead of your own; with list, print that file alone
    #[arg(long, value_name = "FILE")]
    pub registry: Option<PathBuf>,
}

/// What can be done with registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RegistryVerb {
    /// Print all entries
    List,
    /// Set an entry
    Add,
    /// Take an entry away
    Remove,
    /// Set an entry to what it means today
    Pin,
    /// Print what references mean
    Resolve,
}

/// What a profile can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One installable per line.
    List,
    /// A transaction.
    Json,
    /// A flake.nix.
    Flake,
    /// A module for home-manager.
    HomeManager,
    /// An environment.nix for nix-build and nix-env.
    Nix,
}

/// What `add` takes.
#[derive(Args, Debug)]
pub struct Addition {
    /// What to add: nixpkgs#hello, a store path, an attribute of --file or --expr
    #[arg(value_name = "INSTALLABLE")]
    pub installables: Vec<String>,
    /// Instead of the packages' own priority (5 if they have none); may be negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub priority: Option<String>,
    /// Take installables as attributes of this file
    #[arg(short, long, value_name = "FILE", conflicts_with = "expr")]
    pub file: Option<String>,
    /// Take installables as attributes of this expression
    #[arg(long, value_name = "EXPR")]
    pub expr: Option<String>,
    /// Read more installables from standard input
    #[arg(long)]
    pub stdin: bool,
}

/// What `remove` takes.
#[derive(Args, Debug)]
pub struct Selection {
    /// Names or store paths
    #[arg(value_name = "ELEMENT")]
    pub elements: Vec<String>,
    /// Elements whose whole identifier matches; may be repeated
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub regex: Vec<String>,
    /// Every element
    #[arg(long)]
    pub all: bool,
}

/// What `upgrade` takes.
#[derive(Args, Debug)]
pub struct Upgrading {
    /// Which elements.
    #[command(flatten)]
    pub selection: Selection,
    /// In a profile of nix-env, take newer packages from FILE; else without effect, as in nix
    #[arg(short, long, value_name = "FILE", hide_short_help = true)]
    pub file: Option<String>,
    /// Accepted as by nix, without effect
    #[arg(long, value_name = "EXPR", hide_short_help = true)]
    pub expr: Option<String>,
}
