//! What was typed: the command line's grammar, and the words of its help (examples are in
//! [`super::help_text`]).
//!
//! Nothing is decided here; [`super::meant`] does that. Nix's own options are taken
//! out before clap sees them ([`super::nix_options`]).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::help_text;

/// See, stage, resolve, apply and roll back: Nix profiles in the terminal.
///
/// Without a command firn opens the interface. Every command works without it, never asks, and
/// prints data on standard output only.
#[derive(Debug, Parser)]
#[command(name = "firn", version, max_term_width = 100, after_help = help_text::ROOT)]
pub struct Typed {
    /// Options for every command.
    #[command(flatten, next_help_heading = "Options for every command")]
    pub options: Options,
    /// The command; none opens the interface.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What nix takes, and Lix.
const LOG_FORMATS: [&str; 7] =
    ["bar", "bar-with-logs", "internal-json", "multiline", "multiline-with-logs", "raw", "raw-with-logs"];

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
    /// Colours: terminal, dark, light, plain, one of your own, or a file that ends in .toml
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
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
    /// bar tells how far it is where a person looks, raw does not; -with-logs adds the log of builds
    #[arg(long, global = true, value_name = "FORMAT", hide_short_help = true, hide_possible_values = true)]
    #[arg(value_parser = LOG_FORMATS)]
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
    ///
    /// The playground is a store of its own in one folder, with packages that really run, past
    /// generations to go back to, and collisions to resolve. What you do there stays there. Every
    /// other command works on it with --demo.
    #[command(after_help = help_text::DEMO)]
    Demo {
        /// Where the playground lives; made if it is not there
        dir: Option<PathBuf>,
        /// Start over: the playground in that folder is thrown away
        #[arg(long)]
        fresh: bool,
    },
    /// Print the configuration with every default, or check yours
    ///
    /// The configuration says colours, keys, columns, whether firn takes the mouse, and whether
    /// going back asks first. What is wrong in it does not count, and keeps nothing from opening.
    #[command(after_help = help_text::CONFIG)]
    Config {
        /// Say what is wrong with your configuration, with file and line; status 1 if something is
        #[arg(long)]
        check: bool,
    },
    /// List what is installed, one line each: name, version, priority, state, source
    ///
    /// The name is what the other commands take. 'on' or 'off' tells whether the files of an
    /// element are linked. Names and sources that would fill more than a line lose their end; with
    /// --json they are whole, in the form in which Nix keeps and prints them.
    #[command(after_help = help_text::LIST)]
    List,
    /// Add packages
    ///
    /// Does what 'nix profile add' does: evaluates, fetches or builds, and makes a new generation,
    /// all that is named in one. Collisions are found before anything changes, and all are
    /// listed with the ways out, status 3. Adding what is there already with another priority
    /// makes a second element; 'firn priority' changes the first.
    ///
    /// In a profile of nix-env it does what 'nix-env --install' does: a package takes the place of those
    /// of its name, and installables are taken from --file, or are store paths, or packages of flakes.
    #[command(alias = "install", after_help = help_text::ADD)]
    Add(Addition),
    /// Remove elements by name, store path or pattern
    ///
    /// All that match go in one new generation; the one before is kept, and 'firn rollback' goes
    /// back to it. A name that matches nothing is warned about and is no error, as in Nix.
    #[command(after_help = help_text::REMOVE)]
    Remove(Selection),
    /// Upgrade elements to what their flakes have today
    ///
    /// All upgrades are one new generation; the one before is kept. Each flake is locked once and
    /// evaluated once, whatever is installed of it. An element that fails keeps its version, is named
    /// with the reason, and costs only itself: the others are upgraded, status 1. Elements without a
    /// flake, of a locked reference, and held ones stay as they are. With nothing new there is
    /// nothing to do, and no generation.
    #[command(after_help = help_text::UPGRADE)]
    Upgrade(Upgrading),
    /// Choose which outputs of a package are installed, or list those it has
    ///
    /// Without a choice the outputs are listed with their files: of an element, or of an
    /// installable that is not installed. A choice keeps the revision that the element is locked
    /// to; 'default' takes what the package itself declares, '*' all of them.
    #[command(after_help = help_text::OUTPUTS)]
    Outputs {
        /// An element's name or store path, or an installable as nixpkgs#git
        element: String,
        /// Names between commas, * or default
        outputs: Option<String>,
    },
    /// Let elements follow another flake, and take what that has today
    ///
    /// The reference is recorded like that of an addition; name, priority and outputs stay. Where
    /// the package is called otherwise there, or the element came from no flake, name it behind
    /// '#', as FLAKE#PACKAGE.
    #[command(after_help = help_text::RETARGET)]
    Retarget {
        /// Names or store paths, then the flake reference
        #[arg(required = true, num_args = 1.., value_name = "ELEMENT… FLAKEREF")]
        elements: Vec<String>,
        /// Elements whose whole identifier matches; may be repeated
        #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
        regex: Vec<String>,
    },
    /// Make a profile of nix-env one of nix profile
    ///
    /// Store paths, priorities, outputs and what is switched off stay; nix-env refuses the profile from
    /// then on, and a rollback gives it back. nix-env does not know where its packages are from: --from
    /// proposes the package of the same name in a flake, which later upgrades follow. A package that the
    /// flake does not have stays without a source, and is named.
    #[command(after_help = help_text::CONVERT)]
    Convert {
        /// Where packages are from, as nixpkgs
        #[arg(long, value_name = "FLAKE")]
        from: Option<String>,
        /// The source of one of them, as git=nixpkgs#git, or git=none; may be repeated
        #[arg(long, value_name = "ELEMENT=FLAKE#PACKAGE")]
        source: Vec<String>,
    },
    /// Keep elements from being upgraded
    ///
    /// 'firn upgrade' leaves a held element as it is and says so. A hold is a note of firn's own: the
    /// profile does not change, and Nix knows nothing of it.
    #[command(after_help = help_text::HOLD)]
    Hold {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Let held elements be upgraded again
    ///
    /// Takes back 'firn hold'. Nothing is upgraded by it: that is left to the next 'firn upgrade'.
    #[command(after_help = help_text::UNHOLD)]
    Unhold {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Give an element another priority; the lower number wins
    ///
    /// Where two elements bring the same file, the one with the lower number is linked and hides
    /// the other; with equal numbers Nix refuses. Elements have 5 unless their package or you said
    /// otherwise. Negative numbers need no '='.
    #[command(after_help = help_text::PRIORITY)]
    Priority {
        /// Its name or store path
        element: String,
        /// The new priority; may be negative
        #[arg(allow_negative_numbers = true)]
        priority: String,
    },
    /// Link the files of elements again
    ///
    /// Takes back 'firn disable'. Nothing is fetched: a disabled element has stayed in the store.
    #[command(after_help = help_text::ENABLE)]
    Enable {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Take the files of elements out of the profile and keep them installed
    ///
    /// A disabled element keeps its place in the list, its version and its store paths, which are
    /// not collected; only its links are gone, and with them whatever they collided with.
    #[command(after_help = help_text::DISABLE)]
    Disable {
        /// Names or store paths
        #[arg(required = true, value_name = "ELEMENT")]
        elements: Vec<String>,
    },
    /// Apply a file of changes, all of them in one generation
    ///
    /// The file is JSON, a version and a list of changes, carried out in their order. The review
    /// screen saves one with 's', and 'firn export --format json' prints one that makes the whole
    /// profile again.
    #[command(after_help = help_text::APPLY)]
    Apply {
        /// The file; - reads standard input
        file: PathBuf,
    },
    /// List what collides: ties, type clashes, hidden files, and ties that wait behind a winner
    ///
    /// '!' is a tie or a file that meets a folder, which Nix refuses to build; '~' a file hidden by
    /// that of a stronger element; '.' two hidden files that would tie if the winner went. Each
    /// has the files it is about, and '!' the ways out. Status 3 if there is a '!'.
    #[command(after_help = help_text::COLLISIONS)]
    Collisions,
    /// Print the links of the profile, one line each
    ///
    /// A line has the path in the profile, the element it comes from and where the link points. A
    /// folder that one package brings alone is one link. With --json a map from path to
    /// {target, element}; element is null for what a package brings along (propagated).
    #[command(after_help = help_text::TREE)]
    Tree {
        /// Of this generation instead of the live one
        #[arg(long, value_name = "N")]
        generation: Option<String>,
    },
    /// Tell which element provides a file, and what it hides
    ///
    /// FILE is a program's name, a path in the profile like share/man/man1/rg.1, a path on disk
    /// below the profile, or one in the store. Told are the winner, those it hides with their
    /// priorities, and for a program whether another folder of PATH comes first. Status 1 if
    /// there is no such file. With --json a list of {path, type, target, providers, hidden,
    /// colliding, onPath: {entry, first}}.
    #[command(after_help = help_text::WHICH)]
    Which {
        /// A program's name, a path in the profile as bin/x, or a path on disk
        file: PathBuf,
    },
    /// Print the profile as something to keep: a list of installables, or a file for 'firn apply'
    ///
    /// The list has one installable per line, as one would type it; it follows its flakes and
    /// keeps no priorities. The JSON is exact: 'firn apply' makes the same profile from it, under
    /// the same store path, also when the flakes have moved on.
    #[command(after_help = help_text::EXPORT)]
    Export {
        /// list, one installable per line (the default), or json, a transaction
        #[arg(long, value_name = "FORMAT")]
        format: Option<ExportFormat>,
    },
    /// List the generations and what changed in each
    ///
    /// Newest first; '*' is live, '★' one you keep. 'from' is the generation it was made on, known for
    /// those that firn made; then for how long it was live, as far as anybody knows, what made it,
    /// your label, and what is wrong with it. With --json a list, oldest first, of {number, time,
    /// current, storePath, madeOn, comparedWith, changes: [{element, kinds, before, after}], label,
    /// kept, live: [{since, until, atLatest, now}], missingBefore, error}; times are in seconds since 1970.
    #[command(after_help = help_text::HISTORY)]
    History,
    /// Make the generation before the live one live again, or the one that is named
    ///
    /// Takes an instant and deletes nothing: go forth again the same way. Without --to it is the
    /// highest number below the live one, as in Nix. With --json {from, to}.
    #[command(after_help = help_text::ROLLBACK)]
    Rollback {
        /// The generation
        #[arg(long, value_name = "N")]
        to: Option<String>,
    },
    /// Take back what firn last did to this profile
    ///
    /// Goes to the generation that the live one was made on, or back to where a rollback came from.
    /// Undoing again goes on from there; it stops at a rollback, so that it never leads to what you
    /// went back from, and at generations that other programs made. With --json {deed, from, to}.
    #[command(after_help = help_text::UNDO)]
    Undo,
    /// Compare two generations: elements, links, collisions, programs
    ///
    /// The marks are '+' added, '-' removed, '↑' and '↓' another version, '=' the same version in
    /// another build, 'p' priority, 'o' switched on or off, 's' another source. Then how many links
    /// change, the programs that come, go or change hands, and collisions that appear or vanish.
    /// With --json {from, to, elements, links, programs, collisions: {appeared, vanished}}.
    #[command(after_help = help_text::DIFF)]
    Diff {
        /// A generation
        #[arg(value_name = "A")]
        from: String,
        /// Another one
        #[arg(value_name = "B")]
        to: String,
    },
    /// Compare everything below each generation with the one before
    ///
    /// Packages of the closures, with versions and sizes, in the words of 'nix profile
    /// diff-closures'. With --json a list of {from, to, before, after, packages: [{name, removed,
    /// added, before, after}]}; sizes are bytes.
    #[command(after_help = help_text::DIFF_CLOSURES)]
    DiffClosures,
    /// Delete generations by number, all old ones, or all but the last few
    ///
    /// WHICH are numbers; or one of the words of nix-env: 'old' is all but the live one, '+5' keeps
    /// the live one and the four below it, '30d' deletes what was not live any more 30 days ago. The
    /// live generation is never deleted, and one you keep only with --force. This cannot be undone.
    /// With --json {deleted: [N]}.
    #[command(after_help = help_text::DELETE_GENERATIONS)]
    DeleteGenerations {
        /// Numbers, or old, +N, Nd
        #[arg(value_name = "WHICH", required = true)]
        which: Vec<String>,
    },
    /// Delete all generations but the live one
    ///
    /// Those that you keep stay too. This cannot be undone. The packages stay in the store until
    /// 'nix store gc' takes what nothing needs any more. With --json {deleted: [N]}.
    #[command(after_help = help_text::WIPE_HISTORY)]
    WipeHistory {
        /// Only those that were not live any more so many days ago, as 30d
        #[arg(long, value_name = "AGE")]
        older_than: Option<String>,
    },
    /// Look for what is wrong with the profile, and tell what mends it
    ///
    /// Looked at are nix itself, PATH, every link from your home to the live generation, the lock,
    /// what crashes left behind, registries, generations and store paths that are gone, packages that are
    /// installed twice or wholly hidden, and firn's journal and notes. Nothing is changed. Status 1 if
    /// something is found. With --json a list of {problem, message, mend}.
    #[command(after_help = help_text::DOCTOR)]
    Doctor,
    /// Show and change what names like 'nixpkgs' stand for
    ///
    /// 'list' prints every entry with its layer, and whether it wins; with --registry the entries
    /// of that file alone. 'add FROM TO' sets an entry, 'remove FROM' takes it away, 'pin FROM
    /// [TO]' sets it to what it means today; pinning again moves the pin. 'resolve REFERENCE…'
    /// prints what references mean, with --json every hop on the way. Changes go into your own
    /// registry; the old file is kept as a dated copy, and a file that cannot be read whole is not
    /// written.
    #[command(after_help = help_text::REGISTRY)]
    Registry(RegistryWords),
    /// Print the completions of a shell
    ///
    /// They know commands, options, the names of your elements and those that registries know, which
    /// they ask firn for.
    #[command(after_help = help_text::COMPLETIONS)]
    Completions(CompletionRequest),
    /// Print the manual page
    ///
    /// One page with every command, made from the same words as this help.
    #[command(after_help = help_text::MAN)]
    Man,
}

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
