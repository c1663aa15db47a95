//! What was typed: the command line's grammar, and the words of its help.
//!
//! Nothing is decided here; [`super::meant`] does that. Nix's own options are taken
//! out before clap sees them ([`super::nix_options`]).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// See, stage, resolve, apply and roll back: Nix profiles in the terminal.
///
/// Without a command firn opens the interface. Every command works without it, never asks, and
/// prints data on standard output only.
#[derive(Debug, Parser)]
#[command(name = "firn", version, max_term_width = 100, after_help = ROOT_HELP)]
pub struct Typed {
    /// Options for every command.
    #[command(flatten, next_help_heading = "Options for every command")]
    pub options: Options,
    /// The command; none opens the interface.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const ROOT_HELP: &str = "\
Options may stand before or after the command. Nix's own options work too and go to every nix call
they apply to: --impure, --offline, --override-flake, --option NAME VALUE, any setting as a flag.

Exit status: 0 done, 1 error, 2 wrong usage, 3 collisions are in the way, 130 cancelled.

Examples:
  firn                              open the interface on your profile
  firn demo                         try everything, no Nix needed
  firn add nixpkgs#fltk --dry-run   see what adding would change, collisions included
  firn rollback                     go back to the generation before";

/// Options for every command.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Options {
    /// Work on this profile instead of your own
    #[arg(long, global = true, value_name = "PATH")]
    pub profile: Option<PathBuf>,
    /// Work on the playground, a store of its own in DIR
    #[arg(long, global = true, value_name = "DIR", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "absent, without a folder, with one: as clap tells it")]
    pub demo: Option<Option<PathBuf>>,
    /// Change nothing: every change is refused
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print JSON over several lines (the default on a terminal)
    #[arg(long, global = true, overrides_with = "no_pretty")]
    pub pretty: bool,
    /// Print JSON on one line (the default into a pipe)
    #[arg(long, global = true)]
    pub no_pretty: bool,
    /// Show what would be done, and do nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Make PATH a link to the finished profile, for a look at it
    #[arg(long, global = true, value_name = "PATH")]
    pub out_link: Option<PathBuf>,
    /// Also take away what other things rest on (nix, firn, certificates), or replace a broken profile
    #[arg(long, global = true)]
    pub force: bool,
    /// Tell more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Tell less
    #[arg(long, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,
    /// Tell everything
    #[arg(long, global = true)]
    pub debug: bool,
    /// Show the log of builds
    #[arg(short = 'L', long, global = true)]
    pub print_build_logs: bool,
    /// Accepted as by nix; bar-with-logs shows the log of builds
    #[arg(long, global = true, value_name = "FORMAT", hide_short_help = true)]
    pub log_format: Option<String>,
    /// Feed keys to the interface and print the frame they lead to
    #[arg(long, global = true, value_name = "KEYS", requires = "frame", hide_short_help = true)]
    pub keys: Option<String>,
    /// The size of that frame, as 120x36
    #[arg(long, global = true, value_name = "SIZE", hide_short_help = true)]
    pub frame: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the interface on the playground: no Nix needed, nothing of yours is touched
    #[command(after_help = "Example:\n  firn demo --fresh     start over with a new playground")]
    Demo {
        /// Where the playground lives; made if it is not there
        dir: Option<PathBuf>,
        /// Start over: the playground in that folder is thrown away
        #[arg(long)]
        fresh: bool,
    },
    /// List what is installed, one line each: name, version, priority, state, source
    #[command(after_help = "Example:\n  firn list --json | jq -r '.elements | keys[]'")]
    List,
    /// Add packages
    #[command(alias = "install", after_help = ADD_HELP)]
    Add(Addition),
    /// Remove elements by name, store path or pattern
    #[command(after_help = "Example:\n  firn remove hello\n  firn remove --regex '.*#python3.*'")]
    Remove(Selection),
    /// Give an element another priority; the lower number wins
    #[command(after_help = "Example:\n  firn priority fltk 6      let every other element win over fltk")]
    Priority {
        /// Its name or store path
        element: String,
        /// The new priority; may be negative
        #[arg(allow_negative_numbers = true)]
        priority: String,
    },
    /// Link the files of elements again
    Enable {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Take the files of elements out of the profile and keep them installed
    #[command(after_help = "Example:\n  firn disable podman       firn enable podman brings it back")]
    Disable {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Apply a file of changes, all of them in one generation
    #[command(after_help = APPLY_HELP)]
    Apply {
        /// The file; - reads standard input
        file: PathBuf,
    },
    /// List what collides: ties, type clashes, hidden files, and ties that wait behind a winner
    Collisions,
    /// Print the links of the profile, one line each
    #[command(after_help = "Example:\n  firn tree --generation 41 | grep bin/")]
    Tree {
        /// Of this generation instead of the live one
        #[arg(long, value_name = "N")]
        generation: Option<String>,
    },
    /// Tell which element provides a file, and what it hides
    #[command(after_help = WHICH_HELP)]
    Which {
        /// A program's name, a path in the profile as bin/x, or a path on disk
        file: PathBuf,
    },
    /// Print the profile as something to keep: a list of installables, or a file for 'firn apply'
    #[command(after_help = EXPORT_HELP)]
    Export {
        /// list, one installable per line (the default), or json, a transaction
        #[arg(long, value_name = "FORMAT")]
        format: Option<ExportFormat>,
    },
    /// List the generations and what changed in each
    #[command(after_help = HISTORY_HELP)]
    History,
    /// Make the generation before the live one live again, or the one that is named
    #[command(after_help = "Example:\n  firn rollback --to 40     nothing is deleted; go back the same way")]
    Rollback {
        /// The generation
        #[arg(long, value_name = "N")]
        to: Option<String>,
    },
    /// Delete all generations but the live one
    #[command(after_help = "Example:\n  firn wipe-history --older-than 30d --dry-run")]
    WipeHistory {
        /// Only those that were not live any more so many days ago, as 30d
        #[arg(long, value_name = "AGE")]
        older_than: Option<String>,
    },
}

const ADD_HELP: &str = "\
Examples:
  firn add nixpkgs#ripgrep
  firn add nixpkgs#fltk --priority 6      keep the files of elements at 5 where both have them
  firn add --file . hello                 an attribute of ./default.nix
  firn add /nix/store/…-hello-2.12.3 --dry-run --json";

const EXPORT_HELP: &str = "\
Examples:
  firn export > packages.txt         firn add --stdin < packages.txt adds them again
  firn export --format json > profile.json
  firn apply profile.json --profile ./copy";

const WHICH_HELP: &str = "\
Examples:
  firn which rg                     the element that brings bin/rg, and whom it hides
  firn which share/man/man1/rg.1    any path of the profile
  firn which ~/.nix-profile/bin/rg --json";

const HISTORY_HELP: &str = "\
+ added  - removed  ↑ ↓ another version  p priority  o switched on or off; * is live; 'from' is the
generation it was made on, known for those that firn made.

With --json a list, oldest first, of {number, time, current, storePath, madeOn, comparedWith,
changes: [{element, kinds, before, after}], error}; time is in seconds since 1970.";

const APPLY_HELP: &str = r#"Example:
  echo '{"version":1,"changes":[{"change":"remove","element":"tmux"},
    {"change":"priority","element":"fltk","to":6}]}' | firn apply - --dry-run"#;

/// What a profile can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One installable per line.
    List,
    /// A transaction.
    Json,
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
