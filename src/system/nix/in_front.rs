//! A nix command that gets the terminal: to ask for what firn's own children may not ask, or to open
//! nix's debugger where evaluation fails.
//!
//! The one exception from the rule of `run`: this child stays in firn's process group, reads and writes
//! the terminal, and may prompt. Whoever starts it has given the terminal back first, and waits.

use std::fs::File;
use std::io::IsTerminal as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::NixStore;
use super::arguments;
use super::run;
use crate::core::evaluation::Question;
use crate::system::machine::StoreError;

/// What a command in front is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The flake is fetched, and whoever needs a password or a confirmation asks.
    Fetch,
    /// The package is evaluated, and nix's debugger opens where that fails.
    Debug,
}

/// A program that has the terminal.
pub struct FrontProgram {
    child: Child,
    /// Its command line as one would type it.
    pub command_line: String,
}

impl FrontProgram {
    /// How it ended, once it has.
    pub fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait()
    }

    /// Ends it, because firn has to end.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl NixStore {
    pub(super) fn start_in_front(
        &self,
        question: &Question,
        front: Front,
    ) -> Result<FrontProgram, StoreError> {
        self.usable()?;
        let options = [&self.options, question.options.words()].concat();
        let words = arguments::in_front(question, front, &options);
        let program = self.environment.program("nix");
        let command_line = run::command_line(&program.to_string_lossy(), &words);
        let variables = question.options.variables();
        let environment = variables.fold(self.environment.clone(), |environment, (name, value)| {
            environment.with(name, value.as_ref())
        });
        let mut command = Command::new(&program);
        command.args(words).env_clear().envs(environment.variables()).stdin(keyboard());
        let child = command.spawn().map_err(|error| StoreError::NoProgram {
            program: program.display().to_string(),
            reason: error.to_string(),
        })?;
        Ok(FrontProgram { child, command_line })
    }
}

/// Standard input, or the terminal where that is something else.
fn keyboard() -> Stdio {
    if std::io::stdin().is_terminal() {
        return Stdio::inherit();
    }
    File::open("/dev/tty").map_or_else(|_| Stdio::null(), Stdio::from)
}
