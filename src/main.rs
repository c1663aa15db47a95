//! Hands the command line over, and opens the interface if it is wanted.

use std::process::ExitCode;

use firn::cli::{self, InterfaceStart, Outcome};
use firn::tui;

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Outcome::Done(status) => status,
        Outcome::Configuration(question) => {
            question.answer(tui::configuration::default_text, tui::check_configuration)
        }
        Outcome::Interface(start) => open(*start),
    }
}

fn open(start: InterfaceStart) -> ExitCode {
    let InterfaceStart { context, ascii, theme, frame } = start;
    let options = match tui::options(&context.folders, ascii, theme.as_deref()) {
        Ok(options) => options,
        Err(words) => return cli::wrong_theme(words),
    };
    cli::finish(match frame {
        Some((keys, size)) => tui::run_keys(context, options, &keys, size).map(Some),
        None => tui::run(context, options).map(|()| None),
    })
}
