//! The command line: verbs over the same use cases as the interface.
//!
//! The words of a command line pass through [`nix_options`] (nix's own are taken out),
//! [`typed`] (grammar), [`meant`] (values) and end in one of the verbs. Verbs never ask.
//! Data goes to standard output, everything else to standard error, both through one
//! [`printer::Printer`]; a verb that fails gives a [`failure::Failure`] with its status.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use crate::ops::Context;

mod change;
mod collision_text;
mod completions;
mod configuration;
mod conversion;
mod deleting;
mod diff;
mod doctor;
mod environment_text;
mod export;
mod failure;
mod generations;
mod grammar;
mod help_text;
mod history;
mod hold;
mod interrupt;
mod list;
mod live_line;
mod manual;
mod meant;
mod nix_options;
mod numbers;
mod open;
mod outputs;
mod pick;
mod place;
mod plan_text;
mod printer;
mod registry;
mod registry_list;
mod registry_names;
mod registry_places;
mod registry_request;
mod registry_text;
mod requested;
mod table;
mod tree;
mod typed;
mod upgrade_text;
mod which;

pub use configuration::ConfigurationQuestion;
use failure::Failure;
use meant::{Invocation, Reading, Request};
use printer::{Printer, Verbosity};

/// What is left to do when the command line has been carried out.
pub enum Outcome {
    /// Nothing.
    Done(ExitCode),
    /// The interface is wanted.
    Interface(Box<InterfaceStart>),
    /// Something about the configuration, which is the interface's, is wanted.
    Configuration(ConfigurationQuestion),
}

/// The interface that was asked for.
pub struct InterfaceStart {
    /// What it works on.
    pub context: Context,
    /// ASCII only.
    pub ascii: bool,
    /// The theme that was asked for.
    pub theme: Option<String>,
    /// Keys to feed and the size of the frame to print, in place of a terminal.
    pub frame: Option<(String, (u16, u16))>,
}

/// Used before a command line is read and after the interface was left.
const PLAIN: Printer =
    Printer { verbosity: Verbosity::Normal, build_logs: false, ascii: false, pretty: None, live: false };

/// Carries a command line out; `words` begin with the program's name.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Outcome {
    let invocation = match meant::read(words.into_iter().skip(1)) {
        Ok(Reading::Invocation(invocation)) => *invocation,
        Ok(Reading::Printed(text)) => return Outcome::Done(print_clap(&text)),
        Err(failure) => return Outcome::Done(fail(PLAIN, &failure, "firn")),
    };
    match carry_out(&invocation) {
        Ok(outcome) => outcome,
        Err(failure) => {
            let program = invocation.place.program();
            Outcome::Done(fail(invocation.printer, &failure, &program))
        }
    }
}

/// Ends the program because a theme was asked for that cannot be shown.
pub fn wrong_theme(words: String) -> ExitCode {
    let hint = Some("'firn config' prints what can be set, and 'firn --theme dark' takes another".to_owned());
    fail(PLAIN, &Failure::Usage { message: words, hint }, "firn")
}

/// Ends the program after the interface: prints its frame, if it made one, or says what went wrong.
pub fn finish(result: anyhow::Result<Option<String>>) -> ExitCode {
    let printed = result.and_then(|frame| match frame {
        Some(frame) => Ok(PLAIN.data(&[frame.trim_end_matches('\n').to_owned()])?),
        None => Ok(()),
    });
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(PLAIN, &error.into(), "firn"),
    }
}

fn carry_out(invocation: &Invocation) -> Result<Outcome, Failure> {
    let printer = invocation.printer;
    let opens_interface = matches!(invocation.request, Request::Interface { frame: None, .. });
    if opens_interface && !has_terminal() {
        return Err(no_terminal());
    }
    match &invocation.request {
        Request::Configuration { check } => {
            let question = ConfigurationQuestion::new(*check, (printer, invocation.json))?;
            return Ok(Outcome::Configuration(question));
        }
        Request::Completions(shell) => completions::script(*shell, printer)?,
        Request::Elements(typed) => completions::elements(invocation, typed)?,
        Request::Man => manual::run(printer)?,
        request => return with_context(invocation, request),
    }
    Ok(Outcome::Done(ExitCode::SUCCESS))
}

/// Carries out what needs a store and a profile.
fn with_context(invocation: &Invocation, request: &Request) -> Result<Outcome, Failure> {
    let onlooker = match request {
        Request::Interface { frame: None, .. } => open::Onlooker::Person,
        _ => open::Onlooker::Nobody,
    };
    let context = open::context(&invocation.place, invocation.printer, onlooker)?;
    match request {
        Request::Interface { ascii, theme, frame } => {
            let (theme, frame) = (theme.clone(), frame.clone());
            let start = InterfaceStart { context, ascii: *ascii, theme, frame };
            return Ok(Outcome::Interface(Box::new(start)));
        }
        Request::Configuration { .. } | Request::Completions(_) | Request::Elements(_) | Request::Man => {}
        Request::List => list::run(&context, invocation)?,
        Request::Change(request) => change::run(&context, invocation, request)?,
        Request::Outputs(text) => outputs::run(&context, invocation, text)?,
        Request::Hold(pick, holding) => hold::run(&context, invocation, pick, *holding)?,
        Request::Collisions => tree::collisions(&context, invocation)?,
        Request::Tree(generation) => tree::links(&context, invocation, *generation)?,
        Request::Which(file) => which::run(&context, invocation, file)?,
        Request::Export(format) => export::run(&context, invocation, *format)?,
        Request::Doctor => doctor::run(&context, invocation)?,
        Request::History => history::run(&context, invocation)?,
        Request::RollBack(to) => generations::roll_back(&context, invocation, *to)?,
        Request::Registry(request) => registry::run(&context, invocation, request)?,
        Request::Undo => generations::undo(&context, invocation)?,
        Request::Diff(from, to) => diff::run(&context, invocation, (*from, *to))?,
        Request::DiffClosures => diff::closures(&context, invocation)?,
        Request::Delete(which) => deleting::run(&context, invocation, which)?,
    }
    Ok(Outcome::Done(ExitCode::SUCCESS))
}

/// Whether there is something to draw on and somebody to press keys.
fn has_terminal() -> bool {
    let keyboard = || std::io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok();
    std::io::stdout().is_terminal() && keyboard()
}

fn no_terminal() -> Failure {
    Failure::with_hint(
        anyhow::anyhow!("the interface needs a terminal, and there is none"),
        "'firn list' and the other commands work without; 'firn --help' names them",
    )
}

fn fail(printer: Printer, failure: &Failure, program: &str) -> ExitCode {
    for line in failure.lines(program) {
        printer.error(&line);
    }
    ExitCode::from(failure.status())
}

/// Help and version go to standard output with status 0, wrong usage to standard error with 2.
fn print_clap(text: &clap::Error) -> ExitCode {
    if text.use_stderr() {
        // It repeats the words that were typed, whatever is in them.
        PLAIN.error(text.to_string().trim_end());
    } else {
        // A reader that has gone away is no error.
        let _ = text.print();
    }
    ExitCode::from(u8::try_from(text.exit_code()).unwrap_or(2))
}
