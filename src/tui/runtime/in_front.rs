//! A program in front: firn gives the terminal back, waits for the program, and takes the screen again.
//!
//! The program is in firn's own group, so it hears ctrl-c and ctrl-z as well. What they do is the
//! program's business; only a stop is firn's too, or the shell would never get the terminal.

use std::io::Write as _;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

use super::{Event, Program, signals};
use crate::core::evaluation::Question;
use crate::core::visible;
use crate::system::nix::{Front, FrontProgram};
use crate::tui::msg::Msg;

/// How often is looked whether the program has ended.
const TICK: Duration = Duration::from_millis(50);

impl Program {
    /// Runs a command about a question in front, and tells how it ended.
    pub(super) fn run_in_front(&mut self, question: Question, front: Front) -> anyhow::Result<()> {
        if !self.pause.rest() {
            self.pause.go_on();
            self.session
                .tell(Msg::CameBack(question, Err("the keyboard could not be given away".to_owned())));
            return Ok(());
        }
        self.terminal.leave();
        let (answer, later) = match self.session.start_in_front(&question, front) {
            Ok(mut program) => {
                say(&format!("firn runs: {}\n", visible::text(&program.command_line)));
                let (answer, later) = self.attend(&mut program);
                say("\n");
                (answer, later)
            }
            Err(error) => (Err(error.to_string()), Vec::new()),
        };
        let (width, height) = self.terminal.enter_again()?;
        self.pause.go_on();
        self.session.tell(Msg::Resized(width, height));
        self.session.tell(Msg::CameBack(question, answer));
        later.into_iter().try_for_each(|event| self.take(event))
    }

    /// Waits for its end. What happens meanwhile is kept for later.
    fn attend(&mut self, program: &mut FrontProgram) -> (Result<(), String>, Vec<Event>) {
        let mut later = Vec::new();
        loop {
            match program.ended() {
                Ok(Some(status)) if status.success() => return (Ok(()), later),
                Ok(Some(status)) => return (Err(status.to_string()), later),
                Err(error) => return (Err(error.to_string()), later),
                Ok(None) => {}
            }
            match self.events.recv_timeout(TICK) {
                Ok(Event::Signal(SIGTSTP)) => signals::stop(),
                // The program hears them itself.
                Ok(Event::Signal(SIGINT | SIGQUIT | SIGCONT)) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Signal(signal @ (SIGTERM | SIGHUP))) => {
                    program.kill();
                    self.failed = Some(signal);
                    return (Err("firn was ended".to_owned()), later);
                }
                Ok(event) => later.push(event),
                Err(RecvTimeoutError::Disconnected) => {
                    program.kill();
                    return (Err("firn was ended".to_owned()), later);
                }
            }
        }
    }
}

/// Writes to the terminal while it is the shell's.
fn say(text: &str) {
    let mut output = std::io::stdout();
    // Whoever reads it may have gone away.
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}
