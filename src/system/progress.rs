//! What a long deed reports while it runs: its steps, the commands it runs and what they print, and
//! how far fetching and building are.
//!
//! Numbers come from whoever does the work and are passed on as they are; what nobody told is 0. A
//! report says how things stand, so a later one replaces an earlier one of its kind and one that is
//! lost does no harm. Texts are as others wrote them, control characters inside: whoever shows them
//! makes them visible.
//!
//! A build that prints looks like this: `Building { of: 1, names: ["jq-1.8"], … }`, then
//! `Log("jq-1.8> checking for gcc")`.

use std::time::Duration;

/// Where a long deed reports.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn report(&self, event: ProgressEvent);
}

/// Reports go nowhere.
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _event: ProgressEvent) {}
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressEvent {
    /// A step begins.
    Step(Step),
    /// A program begins; its command line as one would type it.
    Started(String),
    /// A line of a command's log, control characters still inside; one of a build begins with the
    /// build's name: `jq-1.8> checking for gcc`.
    Log(String),
    /// The program has ended: the status in words if it failed, and how long it took.
    Ended {
        /// Why it did not end well, if so.
        failure: Option<String>,
        /// From its start.
        took: Duration,
    },
    /// How far fetching is.
    Fetching(Fetching),
    /// How far building is.
    Building(Building),
    /// A flake wants to make settings that nobody has accepted; nix has left them out.
    SettingsIgnored {
        /// The flake's reference.
        flake: String,
        /// Names of settings, sorted.
        settings: Vec<String>,
    },
}

/// How far fetching is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetching {
    /// Bytes so far.
    pub bytes: u64,
    /// Bytes in all, 0 while unknown.
    pub of_bytes: u64,
    /// Store paths so far.
    pub paths: u64,
    /// Store paths in all, 0 while unknown.
    pub of_paths: u64,
    /// What is on its way: `bat-0.25.0`.
    pub names: Vec<String>,
}

/// How far building is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Building {
    /// Derivations built.
    pub done: u64,
    /// Derivations in all, 0 while unknown.
    pub of: u64,
    /// Derivations that did not build.
    pub failed: u64,
    /// What is being built: `jq-1.8`.
    pub names: Vec<String>,
}

/// The steps of applying, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Finding out what installables are.
    Evaluate,
    /// Fetching and building.
    Realise,
    /// Writing the profile into the store.
    Link,
    /// Checking once more and switching; cannot be cancelled.
    Switch,
    /// Deleting what nothing needs.
    Collect,
}

/// Passes on which commands run and what they print, but not how far they are: for commands that are
/// a part of another step.
pub struct LogOnly<'a>(pub &'a dyn Progress);

impl Progress for LogOnly<'_> {
    fn report(&self, event: ProgressEvent) {
        match event {
            ProgressEvent::Step(_) | ProgressEvent::Fetching(_) | ProgressEvent::Building(_) => {}
            event => self.0.report(event),
        }
    }
}

/// The name of the build that a line of a log belongs to, and the line.
pub fn build_line(line: &str) -> Option<(&str, &str)> {
    line.split_once("> ").filter(|(name, _)| !name.is_empty() && !name.contains(' '))
}
