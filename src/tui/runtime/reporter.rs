//! Hands a worker's reports to the loop. The commands of one thread run one after another, so
//! each line a thread logs belongs to the command it runs; they are told apart by numbers.
//!
//! Lines wait for the loop in a queue that has an end: a command that prints without one has to
//! wait, and neither fills the memory nor keeps keys waiting.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;

use super::{Answers, Event};
use crate::system::machine::{Progress, ProgressEvent};
use crate::tui::msg::CommandReport;

/// Lines that wait for the loop.
const WAITING: usize = 500;

/// What all workers share.
#[derive(Default)]
pub(super) struct Commands {
    /// How many commands have been run.
    numbers: AtomicU64,
    /// How many lines wait.
    waiting: Mutex<usize>,
    taken: Condvar,
}

/// A place in the queue; it is free again when this is dropped.
pub(super) struct Place(Arc<Commands>);

impl Commands {
    /// Waits for a place.
    fn wait(self: &Arc<Self>) -> Place {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |waiting: &mut usize| *waiting >= WAITING;
        let mut waiting = self.taken.wait_while(waiting, full).unwrap_or_else(PoisonError::into_inner);
        *waiting += 1;
        Place(Arc::clone(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.taken.notify_one();
    }
}

/// Sends the reports of one worker.
pub(super) struct Reporter {
    answers: Answers,
    commands: Arc<Commands>,
    /// The running command of each thread.
    running: Mutex<HashMap<ThreadId, u64>>,
}

impl Reporter {
    pub(super) fn new(answers: Answers, commands: Arc<Commands>) -> Self {
        Self { answers, commands, running: Mutex::default() }
    }
}

impl Progress for Reporter {
    fn report(&self, event: ProgressEvent) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = std::thread::current().id();
        let command = running.get(&thread).copied().unwrap_or(0);
        let event = match event {
            ProgressEvent::Started(line) => {
                let number = self.commands.numbers.fetch_add(1, Ordering::Relaxed) + 1;
                running.insert(thread, number);
                Event::Command(number, CommandReport::Started(line), None)
            }
            ProgressEvent::Log(line) if command > 0 => {
                drop(running);
                let place = Some(self.commands.wait());
                let _ = self.answers.send(Event::Command(command, CommandReport::Printed(line), place));
                return;
            }
            ProgressEvent::Ended { failure, took } => {
                running.remove(&thread);
                let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                Event::Command(command, CommandReport::Ended { failure, milliseconds }, None)
            }
            other => Event::Progress(other),
        };
        drop(running);
        // The loop may have ended meanwhile.
        let _ = self.answers.send(event);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn lines_get_the_number_of_their_command() {
        let (answers, events) = channel();
        let commands = Commands { numbers: AtomicU64::new(6), ..Commands::default() };
        let reporter = Reporter::new(answers, Arc::new(commands));
        reporter.report(ProgressEvent::Log("before".to_owned()));
        for line in ["nix a", "nix b"] {
            reporter.report(ProgressEvent::Started(line.to_owned()));
            reporter.report(ProgressEvent::Log(format!("{line} prints")));
            reporter.report(ProgressEvent::Ended { failure: None, took: Duration::from_millis(5) });
        }
        let heard: Vec<String> = events
            .try_iter()
            .map(|event| match event {
                Event::Command(number, report, _) => format!("{number} {report:?}"),
                Event::Progress(event) => format!("{event:?}"),
                _ => String::new(),
            })
            .collect();
        assert_eq!(
            heard,
            [
                "Log(\"before\")",
                "7 Started(\"nix a\")",
                "7 Printed(\"nix a prints\")",
                "7 Ended { failure: None, milliseconds: 5 }",
                "8 Started(\"nix b\")",
                "8 Printed(\"nix b prints\")",
                "8 Ended { failure: None, milliseconds: 5 }",
            ]
        );
    }

    #[test]
    fn who_prints_without_end_waits_for_the_loop() {
        let (answers, events) = channel();
        let commands: Arc<Commands> = Arc::default();
        let reporter = Reporter::new(answers, Arc::clone(&commands));
        let printing = std::thread::spawn(move || {
            reporter.report(ProgressEvent::Started("nix".to_owned()));
            for _ in 0..10 * WAITING {
                reporter.report(ProgressEvent::Log("y".to_owned()));
            }
        });
        let mut lines = 0;
        while lines < 5 * WAITING {
            if let Ok(Event::Command(_, CommandReport::Printed(_), place)) = events.recv() {
                assert!(*commands.waiting.lock().unwrap() <= WAITING);
                drop(place);
                lines += 1;
            }
        }
        // The loop ends: whoever waits goes on, and is heard by nobody.
        drop(events);
        printing.join().unwrap();
    }
}
