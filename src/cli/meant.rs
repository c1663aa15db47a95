//! What was meant: the typed words checked and turned into values.
//!
//! Here a command line is refused with status 2, or becomes an [`Invocation`] that
//! needs no more checking.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::FromArgMatches as _;
use clap_complete::Shell;

use super::conversion::NamedSource;
use super::failure::Failure;
use super::grammar;
use super::nix_options::{self, OwnOptions};
use super::numbers;
use super::place::{Place, StoreChoice};
use super::printer::{Printer, Verbosity};
use super::registry_request::RegistryRequest;
use super::typed::{
    Addition, Command, CompletionRequest, ExportFormat, Options, Selection, Typed, Upgrading,
};
use crate::core::generation::{GenerationError, parse_age};
use crate::core::manifest::ExtendedOutputsSpec;
use crate::ops::hint::hint;
use crate::ops::hold::Holding;

/// A whole command line.
#[derive(Debug)]
pub struct Invocation {
    /// Which store, which profile.
    pub place: Place,
    /// What to do there.
    pub request: Request,
    /// How to print.
    pub printer: Printer,
    /// JSON in place of text.
    pub json: bool,
    /// How changing verbs change.
    pub changing: Changing,
}

/// How a changing verb changes.
#[derive(Debug, Default)]
pub struct Changing {
    /// Only tell.
    pub dry_run: bool,
    /// Link the finished profile here.
    pub out_link: Option<PathBuf>,
    /// Do what is refused otherwise.
    pub force: bool,
}

/// What to do.
#[derive(Debug)]
pub enum Request {
    /// Open the interface, or print one frame of it.
    Interface {
        /// ASCII only.
        ascii: bool,
        /// The theme that was asked for.
        theme: Option<String>,
        /// Keys and the size of the frame.
        frame: Option<(String, (u16, u16))>,
    },
    /// Print the default configuration, or check the user's.
    Configuration {
        /// Whether to check.
        check: bool,
    },
    /// List the elements.
    List,
    /// Change elements.
    Change(ChangeRequest),
    /// List collisions.
    Collisions,
    /// Print the links, of a generation or of the live profile.
    Tree(Option<u64>),
    /// Tell where a file comes from.
    Which(PathBuf),
    /// Print the profile as something to keep.
    Export(ExportFormat),
    /// Look for what is wrong.
    Doctor,
    /// Print the completions of a shell.
    Completions(Shell),
    /// Print the names of elements, for a shell that has these words so far.
    Elements(Vec<OsString>),
    /// Print the manual page.
    Man,
    /// List the outputs of an element or an installable.
    Outputs(String),
    /// Hold elements or let them go.
    Hold(Pick, Holding),
    /// List generations.
    History,
    /// Make another generation live.
    RollBack(Option<u64>),
    /// Take back what firn last did.
    Undo,
    /// Compare two generations.
    Diff(u64, u64),
    /// Compare the closures of all generations.
    DiffClosures,
    /// Delete generations.
    Delete(WhichGenerations),
    /// Show or change registries.
    Registry(RegistryRequest),
}

/// Which generations to delete, before the time is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichGenerations {
    /// All but the live one.
    Old,
    /// Those that were not live any more so many seconds ago.
    NotLiveFor(i64),
    /// All below the live one and so many less one right below it.
    KeepLast(u64),
    /// These.
    Numbers(Vec<u64>),
}

/// A change, before the profile is known.
#[derive(Debug)]
pub enum ChangeRequest {
    /// Add installables.
    Add {
        /// As typed; `--stdin` adds to them.
        installables: Vec<String>,
        /// Instead of the packages' own.
        priority: Option<i32>,
        /// `--file`.
        file: Option<String>,
        /// `--expr`.
        expr: Option<String>,
        /// Whether standard input names more.
        stdin: bool,
    },
    /// Remove elements.
    Remove(Pick),
    /// Upgrade elements.
    Upgrade {
        /// Which.
        pick: Pick,
        /// Whether `--file` or `--expr` was there, which mean nothing.
        has_scope: bool,
        /// The file to take newer packages from, in a profile of nix-env.
        file: Option<String>,
    },
    /// Choose outputs.
    Outputs(Pick, ExtendedOutputsSpec),
    /// Follow another flake.
    Retarget(Pick, String),
    /// Make a profile of nix-env one of `nix profile`.
    Convert {
        /// The flake whose packages are proposed as sources.
        from: Option<String>,
        /// Sources that are named: an element and `FLAKE#PACKAGE`, or `none`.
        sources: Vec<NamedSource>,
    },
    /// Change a priority.
    Priority(Pick, i32),
    /// Switch on or off.
    Active(Pick, bool),
    /// A file of changes; `None` is standard input.
    Apply(Option<PathBuf>),
}

/// Which elements are meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Pick {
    /// Every one.
    All,
    /// Those that match.
    Some {
        /// Patterns, asked first.
        patterns: Vec<String>,
        /// Names and store paths.
        words: Vec<String>,
    },
}

/// What the words of a command line mean, or what clap prints instead (help, version, usage).
pub enum Reading {
    /// A command to carry out.
    Invocation(Box<Invocation>),
    /// Text of clap's, with its status.
    Printed(clap::Error),
}

/// Reads the words that follow the program's name.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Reading, Failure> {
    let grammar = grammar::whole();
    let sorted = nix_options::sort(words, &own_options(&grammar))?;
    // As with nix, whatever else is there.
    let mut options = sorted.own.iter().take_while(|word| *word != "--");
    if options.any(|word| word == "--version" || word == "-V")
        && let Err(version) = grammar.clone().try_get_matches_from(["firn", "--version"])
    {
        return Ok(Reading::Printed(version));
    }
    let asks = |word: &OsString| ["--help", "-h", "help"].iter().any(|help| word == help);
    let grammar = if sorted.own.iter().any(asks) { grammar::shown() } else { grammar };
    let matches = grammar.try_get_matches_from(std::iter::once("firn".into()).chain(sorted.own));
    let typed = match matches.and_then(|matches| Typed::from_arg_matches(&matches)) {
        Ok(typed) => typed,
        Err(error) => return Ok(Reading::Printed(error)),
    };
    Ok(Reading::Invocation(Box::new(understand(typed, sorted.nix)?)))
}

/// The names clap knows, so that the table of nix's options and the grammar cannot contradict.
fn own_options(grammar: &clap::Command) -> OwnOptions {
    let mut own = OwnOptions {
        with_value: HashMap::new(),
        optional_value: Vec::new(),
        flags: ["help", "h", "version", "V"].map(str::to_owned).to_vec(),
        commands: Vec::new(),
    };
    let commands: Vec<&clap::Command> = grammar.get_subcommands().collect();
    own.commands.extend(commands.iter().flat_map(|command| {
        command.get_name_and_visible_aliases().into_iter().chain(command.get_all_aliases()).map(str::to_owned)
    }));
    for argument in commands.iter().flat_map(|command| command.get_arguments()).chain(grammar.get_arguments())
    {
        let Some(long) = argument.get_long() else { continue };
        let names = [Some(long.to_owned()), argument.get_short().map(String::from)];
        let names = names.into_iter().flatten();
        if !argument.get_action().takes_values() {
            own.flags.extend(names);
        } else if argument.is_require_equals_set() {
            own.optional_value.extend(names);
        } else {
            own.with_value.extend(names.map(|name| (name, long.to_owned())));
        }
    }
    own
}

fn understand(typed: Typed, mut nix: Vec<String>) -> Result<Invocation, Failure> {
    let Typed { options, command } = typed;
    let first = nix.first().cloned();
    standard_input(command.as_ref(), &mut nix)?;
    let printer = printer(&options);
    let frame = match (&options.keys, &options.frame) {
        (keys, Some(size)) => Some((keys.clone().unwrap_or_default(), numbers::frame_size(size)?)),
        _ => None,
    };
    if let (true, Some(first)) = (is_playground(command.as_ref(), &options), first) {
        printer.warn(&format!(
            "the playground is no nix: '{first}' and other options of nix mean nothing there"
        ));
    }
    let store = match (&command, &options.demo) {
        (Some(Command::Demo { dir, fresh }), demo) => {
            let folder = dir.clone().or_else(|| demo.clone().flatten());
            StoreChoice::Playground { folder, fresh: *fresh }
        }
        (_, Some(folder)) => StoreChoice::Playground { folder: folder.clone(), fresh: false },
        (_, None) => StoreChoice::Nix(nix),
    };
    let request = match command {
        None | Some(Command::Demo { .. }) => {
            Request::Interface { ascii: options.ascii, theme: options.theme.clone(), frame }
        }
        Some(_) if frame.is_some() => {
            return Err(Failure::usage(
                "--keys and --frame are for the interface, which opens without a command",
            ));
        }
        Some(command) => request(command, options.json)?,
    };
    Ok(Invocation {
        place: Place { store, profile: options.profile, read_only: options.read_only },
        request,
        printer,
        json: options.json,
        changing: Changing { dry_run: options.dry_run, out_link: options.out_link, force: options.force },
    })
}

fn request(command: Command, json: bool) -> Result<Request, Failure> {
    Ok(match command {
        Command::Demo { .. } => Request::Interface { ascii: false, theme: None, frame: None },
        Command::Config { check } => Request::Configuration { check },
        Command::List => Request::List,
        Command::Collisions => Request::Collisions,
        Command::Which { file } => Request::Which(file),
        Command::Export { format: None } if json => Request::Export(ExportFormat::Json),
        Command::Export { format } => Request::Export(format.unwrap_or(ExportFormat::List)),
        Command::Completions(CompletionRequest { shell: Some(shell), .. }) => Request::Completions(shell),
        Command::Completions(CompletionRequest { typed, .. }) => Request::Elements(typed),
        Command::Man => Request::Man,
        Command::Doctor => Request::Doctor,
        Command::History => Request::History,
        Command::Tree { generation } => {
            Request::Tree(generation.as_deref().map(numbers::generation).transpose()?)
        }
        Command::Rollback { to } => Request::RollBack(to.as_deref().map(numbers::generation).transpose()?),
        Command::Undo => Request::Undo,
        Command::Diff { from, to } => Request::Diff(numbers::generation(&from)?, numbers::generation(&to)?),
        Command::DiffClosures => Request::DiffClosures,
        Command::DeleteGenerations { which } => Request::Delete(numbers::which_generations(&which)?),
        Command::WipeHistory { older_than: None } => Request::Delete(WhichGenerations::Old),
        Command::WipeHistory { older_than: Some(age) } => {
            Request::Delete(WhichGenerations::NotLiveFor(parse_age(&age).map_err(bad_age)?))
        }
        Command::Registry(words) => Request::Registry(RegistryRequest::understand(words)?),
        Command::Add(addition) => Request::Change(add(addition)?),
        Command::Remove(selection) => Request::Change(ChangeRequest::Remove(pick(selection)?)),
        Command::Upgrade(Upgrading { selection, file, expr }) => Request::Change(ChangeRequest::Upgrade {
            pick: pick(selection)?,
            has_scope: file.is_some() || expr.is_some(),
            file,
        }),
        Command::Outputs { element, outputs: None } => Request::Outputs(element),
        Command::Outputs { element, outputs: Some(outputs) } => {
            Request::Change(ChangeRequest::Outputs(by_words(vec![element]), chosen(&outputs)?))
        }
        Command::Retarget { elements, regex } => retarget(elements, regex)?,
        Command::Convert { from, source } => convert(from, &source)?,
        Command::Hold { elements } => Request::Hold(by_words(elements), Holding::Hold),
        Command::Unhold { elements } => Request::Hold(by_words(elements), Holding::Unhold),
        Command::Priority { element, priority } => {
            let pick = Pick::Some { patterns: Vec::new(), words: vec![element] };
            Request::Change(ChangeRequest::Priority(pick, numbers::priority(&priority)?))
        }
        Command::Enable { elements } => active(elements, true),
        Command::Disable { elements } => active(elements, false),
        Command::Apply { file } => {
            Request::Change(ChangeRequest::Apply((file.as_os_str() != "-").then_some(file)))
        }
    })
}

fn is_playground(command: Option<&Command>, options: &Options) -> bool {
    options.demo.is_some() || matches!(command, Some(Command::Demo { .. }))
}

/// Standard input can be read once. An expression from there may be impure, as one from a file may.
fn standard_input(command: Option<&Command>, nix: &mut Vec<String>) -> Result<(), Failure> {
    let (file, list) = match command {
        Some(Command::Add(addition)) => (addition.file.as_deref() == Some("-"), addition.stdin),
        Some(Command::Apply { file }) => (file.as_os_str() == "-", false),
        _ => (false, false),
    };
    let arguments = nix.iter().filter(|word| *word == "--arg-from-stdin").count();
    if usize::from(file) + usize::from(list) + arguments > 1 {
        return Err(Failure::usage("standard input can be read only once"));
    }
    if file && matches!(command, Some(Command::Add(_))) {
        nix.push("--impure".to_owned());
    }
    Ok(())
}

/// What `outputs` was told to choose.
fn chosen(outputs: &str) -> Result<ExtendedOutputsSpec, Failure> {
    match outputs {
        "default" => Ok(ExtendedOutputsSpec::Default),
        outputs => ExtendedOutputsSpec::parse(outputs).map_err(|_| Failure::Usage {
            message: format!("'{outputs}' names no outputs"),
            hint: Some("write out,man or '*' or default".to_owned()),
        }),
    }
}

/// The last word is the reference, those before it name elements.
fn retarget(mut words: Vec<String>, patterns: Vec<String>) -> Result<Request, Failure> {
    let reference = words.pop().unwrap_or_default();
    if words.is_empty() && patterns.is_empty() {
        return Err(Failure::Usage {
            message: format!("No element is named that is to follow '{reference}'."),
            hint: Some("'firn retarget ELEMENT FLAKEREF'; 'firn list' shows the names".to_owned()),
        });
    }
    Ok(Request::Change(ChangeRequest::Retarget(Pick::Some { patterns, words }, reference)))
}

/// Sources are `ELEMENT=FLAKE#PACKAGE` or `ELEMENT=none`.
fn convert(from: Option<String>, sources: &[String]) -> Result<Request, Failure> {
    let source = |text: &String| match text.split_once('=') {
        Some((element, "none")) if !element.is_empty() => Ok((element.to_owned(), None)),
        Some((element, to)) if !element.is_empty() && to.contains('#') => {
            Ok((element.to_owned(), Some(to.to_owned())))
        }
        _ => Err(Failure::Usage {
            message: format!("'{text}' names no source"),
            hint: Some("write ELEMENT=FLAKE#PACKAGE, as git=nixpkgs#git, or ELEMENT=none".to_owned()),
        }),
    };
    let sources = sources.iter().map(source).collect::<Result<_, _>>()?;
    Ok(Request::Change(ChangeRequest::Convert { from, sources }))
}

fn by_words(words: Vec<String>) -> Pick {
    Pick::Some { patterns: Vec::new(), words }
}

fn active(words: Vec<String>, to: bool) -> Request {
    Request::Change(ChangeRequest::Active(Pick::Some { patterns: Vec::new(), words }, to))
}

fn add(addition: Addition) -> Result<ChangeRequest, Failure> {
    let Addition { mut installables, priority, file, expr, stdin } = addition;
    if installables.is_empty() && !stdin {
        // As nix: the flake here, or everything in the file.
        let all = if file.is_some() || expr.is_some() { "" } else { "." };
        installables.push(all.to_owned());
    }
    let priority = priority.as_deref().map(numbers::priority).transpose()?;
    Ok(ChangeRequest::Add { installables, priority, file, expr, stdin })
}

fn pick(selection: Selection) -> Result<Pick, Failure> {
    let Selection { elements, regex, all } = selection;
    match (all, elements.is_empty() && regex.is_empty()) {
        (true, true) => Ok(Pick::All),
        (true, false) => {
            Err(Failure::usage("--all cannot be used with package names or regular expressions."))
        }
        (false, true) => Err(Failure::Usage {
            message: "No packages specified.".to_owned(),
            hint: Some("name elements of 'firn list', or say --regex PATTERN or --all".to_owned()),
        }),
        (false, false) => Ok(Pick::Some { patterns: regex, words: elements }),
    }
}

fn printer(options: &Options) -> Printer {
    let more = i16::from(options.verbose) - i16::from(options.quiet);
    let verbosity = match more {
        _ if options.debug => Verbosity::Verbose,
        ..0 => Verbosity::Quiet,
        0 => Verbosity::Normal,
        1.. => Verbosity::Verbose,
    };
    let with_logs = options.log_format.as_deref().is_some_and(|format| format.ends_with("-with-logs"));
    let pretty = match (options.pretty, options.no_pretty) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    let build_logs = options.print_build_logs || with_logs;
    let has_bar = options.log_format.as_deref().is_none_or(|format| format.starts_with("bar"));
    let live = has_bar && verbosity > Verbosity::Quiet && is_terminal();
    Printer { verbosity, build_logs, ascii: options.ascii, pretty, live }
}

/// Whether a person looks at standard error, on something that can clear a line.
fn is_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
}

pub(super) fn bad_age(error: GenerationError) -> Failure {
    let error = anyhow::Error::from(error);
    Failure::Usage { message: error.to_string(), hint: hint(&error) }
}

#[cfg(test)]
mod tests;
