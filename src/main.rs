//! Hands the command line over, and opens the interface if it is wanted.

use std::process::ExitCode;

use firn::cli::{self, Outcome};

fn main() -> ExitCode {
    let start = match cli::run(std::env::args_os()) {
        Outcome::Done(status) => return status,
        Outcome::Interface(start) => *start,
    };
    let _ = start;
    ExitCode::SUCCESS
}
