//! The loop that owns the terminal, and the worker lanes.
//!
//! Everything that happens arrives in one channel: keys from a thread that reads the
//! terminal, signals, answers of the lanes. The loop takes all that is there, lets
//! [`super::update`] answer, orders what it wants done, and draws once. While nothing
//! happens it sleeps; once a second it reads the profile's link, which costs half a
//! microsecond, and looks at the files of the registries, to notice other programs.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crossterm::event::Event as TerminalEvent;

use self::reporter::Place;
use super::Options;
use super::effect::Effect;
use super::msg::{CommandReport, Msg};
use crate::core::evaluation::Question;
use crate::ops::Context;
use crate::system::machine::ProgressEvent;
use crate::system::nix::Front;

mod clicks;
mod clipboard;
mod configured;
mod in_front;
mod input;
mod lanes;
mod reporter;
mod script;
mod session;
mod signals;
mod terminal;

pub use configured::{check_configuration, options};
pub use script::{run_frame, run_keys};

use lanes::LaneName;
use session::{LinkTarget, Session};
use terminal::TerminalGuard;

/// How often other programs' changes are looked for.
const POLL: Duration = Duration::from_secs(1);
/// How long the first frame waits for the profile, so that it does not flash by empty.
const PATIENCE: Duration = Duration::from_millis(20);
/// How many events are taken between two frames.
const AT_ONCE: usize = 2_000;
/// How long quitting waits for work that was told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Something for the loop.
enum Event {
    /// The terminal says something.
    Terminal(TerminalEvent),
    /// The terminal says nothing any more.
    TerminalClosed,
    /// A signal arrived.
    Signal(i32),
    /// A lane is done; no message if nobody wants the answer.
    Done(LaneName, Option<Box<Msg>>),
    /// A command that a lane runs reports; a line has a place in the queue.
    Command(u64, CommandReport, Option<Place>),
    /// A lane tells a part of its answer before it is done.
    Told(Box<Msg>),
    /// A lane reports.
    Progress(ProgressEvent),
}

/// What only the loop can do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TerminalOrder {
    Suspend,
    Redraw,
    TakeMouse(bool),
    Copy(String),
    InFront(Question, Front),
}

/// Runs the interface until the user quits.
pub fn run(context: Context, options: Options) -> anyhow::Result<()> {
    let (sender, events) = mpsc::channel();
    // Before the terminal changes: a signal in between must not find nobody.
    signals::watch(sender.clone())?;
    let terminal = TerminalGuard::enter(options.configuration.settings.mouse)?;
    let pause = input::Pause::default();
    input::watch(sender.clone(), pause.clone())?;
    let size = terminal.size()?;
    let seen = LinkTarget::of(&context.profile);
    let mut session = Session::new(context, options, (size, sender))?;
    session.start();
    let mut program = Program { session, terminal, events, pause, watched: Watched::new(seen), failed: None };
    let result = program.run();
    let Program { mut session, terminal, events, failed, .. } = program;
    drop(terminal);
    session.end();
    wait_for_work(&mut session, &events);
    if let Some(signal) = failed {
        signals::die_of(signal);
    }
    result
}

/// A running interface.
struct Program {
    session: Session,
    terminal: TerminalGuard,
    events: Receiver<Event>,
    /// Over the thread that reads the terminal.
    pause: input::Pause,
    watched: Watched,
    /// The signal that ends the program.
    failed: Option<i32>,
}

impl Program {
    fn run(&mut self) -> anyhow::Result<()> {
        self.wait_for_profile()?;
        let mut dirty = true;
        while !self.session.model.quit && self.failed.is_none() {
            if dirty {
                self.draw()?;
            }
            dirty = match self.events.recv_timeout(self.watched.time_left()) {
                Ok(event) => {
                    self.take(event)?;
                    self.drain()?;
                    // A command that prints all the time leaves no pause.
                    if self.watched.time_left().is_zero() {
                        self.poll()?;
                    }
                    true
                }
                Err(RecvTimeoutError::Timeout) => self.poll()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
        }
        Ok(())
    }

    fn wait_for_profile(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.session.is_loading() && self.failed.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(event) = self.events.recv_timeout(left) else { break };
            self.take(event)?;
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        while let Some((width, height)) = self.terminal.draw(&self.session.model)? {
            self.session.tell(Msg::Resized(width, height));
        }
        Ok(())
    }

    fn drain(&mut self) -> anyhow::Result<()> {
        for _ in 0..AT_ONCE {
            let Ok(event) = self.events.try_recv() else { break };
            self.take(event)?;
            if self.session.model.quit {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Signal(signal) if signals::ends(signal) => self.failed = Some(signal),
            Event::Signal(signals::CONTINUED) => self.come_back()?,
            Event::Signal(_) => self.suspend()?,
            Event::TerminalClosed => self.session.model.quit = true,
            other => {
                for order in self.session.take(other) {
                    match order {
                        TerminalOrder::Suspend => signals::stop_group(),
                        TerminalOrder::Redraw => self.terminal.redraw()?,
                        TerminalOrder::TakeMouse(take) => self.terminal.take_mouse(take)?,
                        TerminalOrder::Copy(text) => clipboard::copy(&text)?,
                        TerminalOrder::InFront(question, front) => self.run_in_front(question, front)?,
                    }
                }
            }
        }
        self.watched.forget_own_changes(&mut self.session);
        Ok(())
    }

    /// Gives the terminal back, stops, and takes it again when continued.
    fn suspend(&mut self) -> anyhow::Result<()> {
        self.terminal.leave();
        signals::stop();
        self.come_back()
    }

    fn come_back(&mut self) -> anyhow::Result<()> {
        let (width, height) = self.terminal.enter_again()?;
        self.session.tell(Msg::Resized(width, height));
        Ok(())
    }

    /// Once a second: has the profile changed, has time passed? Tells whether there is something new to draw.
    fn poll(&mut self) -> anyhow::Result<bool> {
        let mut dirty = false;
        if self.watched.has_moved(&self.session) {
            self.session.tell(Msg::ProfileMoved);
            dirty = true;
        }
        if self.session.registries_are_stale() {
            self.session.read_registries();
        }
        dirty |= self.session.tick();
        self.watched.forget_own_changes(&mut self.session);
        self.drain()?;
        Ok(dirty)
    }
}

/// The profile's link as it was when the profile was last read.
struct Watched {
    seen: LinkTarget,
    next: Instant,
}

impl Watched {
    fn new(seen: LinkTarget) -> Self {
        Self { seen, next: Instant::now() + POLL }
    }

    fn time_left(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    fn has_moved(&mut self, session: &Session) -> bool {
        self.next = Instant::now() + POLL;
        // Our own jobs move the link; they read the profile again themselves.
        if session.model.job.as_ref().is_some_and(|job| job.kind.changes_profile()) {
            return false;
        }
        let now = LinkTarget::of(session.profile());
        let moved = now != self.seen;
        self.seen = now;
        moved
    }

    /// Whenever the profile is being read, what stands there now is what is known.
    fn forget_own_changes(&mut self, session: &mut Session) {
        if let Some(seen) = session.link_when_loading.take() {
            self.seen = seen;
        }
    }
}

/// The terminal is the shell's again; what runs a program was told to stop and is waited for, so
/// that none is left behind, but not for ever and not if the user insists.
fn wait_for_work(session: &mut Session, events: &Receiver<Event>) {
    let until = Instant::now() + FAREWELL;
    while session.runs_programs() {
        let left = until.saturating_duration_since(Instant::now());
        match events.recv_timeout(left) {
            Ok(Event::Done(lane, _)) => session.forget(lane),
            Ok(Event::Signal(signal)) if signals::ends(signal) => return,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// What a lane needs to answer.
type Answers = Sender<Event>;

/// Splits effects into those for the terminal and those for the lanes.
fn terminal_order(effect: &Effect) -> Option<TerminalOrder> {
    match effect {
        Effect::Suspend => Some(TerminalOrder::Suspend),
        Effect::Redraw => Some(TerminalOrder::Redraw),
        Effect::TakeMouse(take) => Some(TerminalOrder::TakeMouse(*take)),
        Effect::Copy(text) => Some(TerminalOrder::Copy(text.clone())),
        Effect::InFront(question, front) => Some(TerminalOrder::InFront(question.clone(), *front)),
        _ => None,
    }
}
