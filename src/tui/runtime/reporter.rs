//! Hands a worker's reports to the loop. The commands of one thread run one after another, so
//! each line a thread logs belongs to the command it runs; they are told apart by numbers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use super::{Answers, Event};
use crate::system::machine::{Progress, ProgressEvent};
use crate::tui::msg::CommandReport;

/// Sends the reports of one worker.
pub(super) struct Reporter {
    answers: Answers,
    /// How many commands have been run by all workers.
    numbers: Arc<AtomicU64>,
    /// The running command of each thread.
    running: Mutex<HashMap<ThreadId, u64>>,
}

impl Reporter {
    pub(super) fn new(answers: Answers, numbers: Arc<AtomicU64>) -> Self {
        Self { answers, numbers, running: Mutex::default() }
    }
}

impl Progress for Reporter {
    fn report(&self, event: ProgressEvent) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = std::thread::current().id();
        let command = running.get(&thread).copied().unwrap_or(0);
        let event = match event {
            ProgressEvent::Started(line) => {
                let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
                running.insert(thread, number);
                Event::Command(number, CommandReport::Started(line))
            }
            ProgressEvent::Log(line) if command > 0 => Event::Command(command, CommandReport::Printed(line)),
            ProgressEvent::Ended { failure, took } => {
                running.remove(&thread);
                let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                Event::Command(command, CommandReport::Ended { failure, milliseconds })
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
        let numbers = Arc::new(AtomicU64::new(6));
        let reporter = Reporter::new(answers, numbers);
        reporter.report(ProgressEvent::Log("before".to_owned()));
        for line in ["nix a", "nix b"] {
            reporter.report(ProgressEvent::Started(line.to_owned()));
            reporter.report(ProgressEvent::Log(format!("{line} prints")));
            reporter.report(ProgressEvent::Ended { failure: None, took: Duration::from_millis(5) });
        }
        let heard: Vec<String> = events
            .try_iter()
            .map(|event| match event {
                Event::Command(number, report) => format!("{number} {report:?}"),
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
}
