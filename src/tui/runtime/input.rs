//! The thread that reads the terminal, and how it is made to stop reading for a while.
//!
//! While a program in front has the terminal, nobody else may read it. The thread waits in a read that
//! only an event ends; a signal of a new size to firn itself is such an event, and then the thread
//! sees that it is to rest.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use super::{Answers, Event};

/// How long the thread is waited for until it rests.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stops and continues the thread.
#[derive(Clone, Default)]
pub(super) struct Pause(Arc<(Mutex<State>, Condvar)>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Reads,
    /// It is asked to rest.
    Asked,
    Rests,
}

impl Pause {
    /// Makes the thread rest; tells whether it does.
    pub(super) fn rest(&self) -> bool {
        let (state, changed) = &*self.0;
        let mut now = state.lock().unwrap_or_else(PoisonError::into_inner);
        *now = State::Asked;
        if kill_process(getpid(), Signal::WINCH).is_err() {
            return false;
        }
        let waited = changed.wait_timeout_while(now, PATIENCE, |state| *state == State::Asked);
        let (now, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *now == State::Rests
    }

    /// Lets it read again.
    pub(super) fn go_on(&self) {
        let (state, changed) = &*self.0;
        *state.lock().unwrap_or_else(PoisonError::into_inner) = State::Reads;
        changed.notify_all();
    }

    /// In the thread: rests while that is asked.
    fn wait(&self) {
        let (state, changed) = &*self.0;
        let mut now = state.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == State::Asked {
            *now = State::Rests;
            changed.notify_all();
        }
        while *now != State::Reads {
            now = changed.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Starts the thread. It ends with the program or with the terminal.
pub(super) fn watch(events: Answers, pause: Pause) -> io::Result<()> {
    let read = move || {
        loop {
            let event = crossterm::event::read().map_or(Event::TerminalClosed, Event::Terminal);
            let closed = matches!(event, Event::TerminalClosed);
            if events.send(event).is_err() || closed {
                return;
            }
            pause.wait();
        }
    };
    std::thread::Builder::new().name("firn-input".to_owned()).spawn(read).map(drop)
}
