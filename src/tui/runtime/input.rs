//! The thread that reads the terminal.

use std::io;

use super::{Answers, Event};

/// Starts the thread. It ends with the program or with the terminal.
pub(super) fn watch(events: Answers) -> io::Result<()> {
    let read = move || {
        loop {
            let event = crossterm::event::read().map_or(Event::TerminalClosed, Event::Terminal);
            let closed = matches!(event, Event::TerminalClosed);
            if events.send(event).is_err() || closed {
                return;
            }
        }
    };
    std::thread::Builder::new().name("firn-input".to_owned()).spawn(read).map(drop)
}
