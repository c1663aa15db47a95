//! Signals: ends, stops and continuations arrive in the loop like everything else, so that
//! the terminal is given back first.

use std::io;

use rustix::process::{Signal, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::{Answers, Event};

/// The program goes on after a stop.
pub(super) const CONTINUED: i32 = SIGCONT;

/// Starts the thread that waits for signals.
pub(super) fn watch(events: Answers) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT])?;
    let wait = move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("firn-signals".to_owned()).spawn(wait).map(drop)
}

/// Whether a signal ends the program.
pub(super) fn ends(signal: i32) -> bool {
    ![SIGTSTP, SIGCONT].contains(&signal)
}

/// What ctrl-z does in a terminal that is not raw: asks everyone of the group to stop, so that a
/// program that runs firn stops too. Ours arrives in the loop as a signal.
pub(super) fn stop_group() {
    // Without a group there is nobody to stop.
    let _ = kill_current_process_group(Signal::TSTP);
}

/// Stops this program until it is continued.
pub(super) fn stop() {
    let _ = emulate_default_handler(SIGTSTP);
}

/// Ends the program as if the signal had not been caught: shells want to know what it died of.
pub(super) fn die_of(signal: i32) {
    let _ = emulate_default_handler(signal);
}
