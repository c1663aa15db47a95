//! Hands the command line over, and opens the interface if it is wanted.

use std::process::ExitCode;

use firn::cli::{self, Outcome};
use firn::tui::{self, Options};

fn main() -> ExitCode {
    let start = match cli::run(std::env::args_os()) {
        Outcome::Done(status) => return status,
        Outcome::Interface(start) => *start,
    };
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let options = Options { ascii: start.ascii, colour };
    cli::finish(match start.frame {
        Some((keys, size)) => tui::run_keys(start.context, options, &keys, size).map(Some),
        None => tui::run(start.context, options).map(|()| None),
    })
}
