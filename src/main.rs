//! Hands the command line over, and opens the interface if it is wanted.

use std::process::ExitCode;

use firn::cli::{self, InterfaceStart, Outcome};
use firn::tui;

fn main() -> ExitCode {
    let start = match cli::run(std::env::args_os()) {
        Outcome::Done(status) => return status,
        Outcome::Interface(start) => *start,
    };
    let InterfaceStart { context, ascii, frame } = start;
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let options = tui::Options { ascii, colour };
    cli::finish(match frame {
        Some((keys, size)) => tui::run_keys(context, options, &keys, size).map(Some),
        None => tui::run(context, options).map(|()| None),
    })
}
