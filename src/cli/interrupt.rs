//! Ctrl-C, SIGTERM and SIGHUP: the command ends with status 130 and the profile is
//! the old one or the new one.
//!
//! Most of what the verbs do is short or only reads; there the program simply ends.
//! Learning and importing run nix, which has to be stopped too: they are asked to
//! stop, and a second signal ends the program at once. While the profile is being
//! switched signals wait until it is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::live_line::LiveLine;
use super::printer::Printer;
use crate::core::visible;
use crate::system::machine::{Cancel, Progress, ProgressEvent, Step};

const ENDS_AT_ONCE: u8 = 0;
const CAN_BE_ASKED: u8 = 1;
const SWITCHING: u8 = 2;
const DONE: u8 = 3;
const CANCELLED: i32 = 130;

/// Watches for signals; reports of progress tell it what a signal may end.
pub struct Interrupt {
    phase: Arc<AtomicU8>,
    printer: Printer,
    line: LiveLine,
    /// Set by a signal.
    pub cancel: Cancel,
}

impl Interrupt {
    /// Starts to watch. Until a step is reported that nix has a part in, a signal ends the program.
    pub fn watch(printer: Printer) -> Result<Self, std::io::Error> {
        let interrupt = Self {
            phase: Arc::new(AtomicU8::new(ENDS_AT_ONCE)),
            printer,
            line: LiveLine::new(printer),
            cancel: Cancel::default(),
        };
        let (phase, cancel) = (Arc::clone(&interrupt.phase), interrupt.cancel.clone());
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        std::thread::spawn(move || {
            for _ in signals.forever() {
                match phase.load(Ordering::SeqCst) {
                    SWITCHING => {}
                    CAN_BE_ASKED if !cancel.is_requested() => cancel.request(),
                    DONE => std::process::exit(CANCELLED),
                    _ => {
                        printer.error("cancelled; the profile is as it was");
                        std::process::exit(CANCELLED);
                    }
                }
            }
        });
        Ok(interrupt)
    }

    /// From here on the profile is as it will be: only the printing can be cut short.
    pub fn done(&self) {
        self.phase.store(DONE, Ordering::SeqCst);
    }
}

impl Progress for Interrupt {
    fn report(&self, event: ProgressEvent) {
        match &event {
            ProgressEvent::Step(step) => {
                self.phase
                    .store(if *step == Step::Switch { SWITCHING } else { CAN_BE_ASKED }, Ordering::SeqCst);
                self.printer.step(match step {
                    Step::Evaluate => "evaluating…",
                    Step::Realise => "fetching and building…",
                    Step::Link => "linking the profile…",
                    Step::Switch => "switching…",
                    Step::Collect => "collecting garbage…",
                });
            }
            ProgressEvent::Log(line) => self.printer.log(line),
            ProgressEvent::SettingsIgnored { flake, settings } => {
                let (flake, settings) = (visible::text(flake), visible::text(&settings.join(", ")));
                self.printer.warn(&format!(
                    "'{flake}' wants to set {settings}, which was left out; --accept-flake-config allows it"
                ));
            }
            _ => {}
        }
        self.line.report(&event);
    }
}
