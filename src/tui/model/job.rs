//! The job that runs, and how far it says it is.
//!
//! Of each kind of report only the last is kept, and of the builds that run now the last line each;
//! everything they print is in the command log. All texts have been made visible.

use crate::core::visible;
use crate::system::machine::{Building, Fetching, Step};
use crate::system::progress::build_line;

/// Characters of a build's last line that are kept.
const LONGEST_LINE: usize = 400;

/// A running job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it does.
    pub kind: JobKind,
    /// The step it is in.
    pub step: Option<Step>,
    /// Whether it was asked to stop.
    pub cancelled: bool,
    /// When it began, seconds since 1970.
    pub since: i64,
    /// How far fetching is, and since when.
    pub fetching: Option<(Fetching, i64)>,
    /// How far building is.
    pub building: Option<Building>,
    /// The last line of each build that runs, in the order of [`Building::names`].
    pub last_lines: Vec<String>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Learning what a plan needs.
    Learn,
    /// Applying.
    Apply,
    /// Fetching and building, and nothing else.
    Realise,
    /// Rolling back.
    RollBack,
    /// Finding out a homepage.
    Homepage,
    /// Deleting generations.
    Delete,
    /// Finding out what generations keep alive.
    Measure,
    /// Comparing the closures of two generations.
    Closures,
    /// Finding out what a damaged generation was made of.
    Rebuild,
    /// Collecting garbage.
    Collect,
    /// Having the global registry fetched.
    FetchRegistry,
}

impl JobKind {
    /// Whether it changes the profile.
    pub fn changes_profile(self) -> bool {
        matches!(self, Self::Apply | Self::RollBack | Self::Delete)
    }
}

impl Job {
    /// One that begins now.
    pub fn new(kind: JobKind, now: i64) -> Self {
        Self {
            kind,
            step: None,
            cancelled: false,
            since: now,
            fetching: None,
            building: None,
            last_lines: Vec::new(),
        }
    }

    /// Takes down how far fetching is.
    pub fn fetches(&mut self, fetching: &Fetching, now: i64) {
        let since = self.fetching.as_ref().map_or(now, |(_, since)| *since);
        let names = fetching.names.iter().map(|name| visible::text(name)).collect();
        self.fetching = Some((Fetching { names, ..*fetching }, since));
    }

    /// Takes down how far building is.
    pub fn builds(&mut self, building: &Building) {
        let names: Vec<String> = building.names.iter().map(|name| visible::text(name)).collect();
        let last_lines = names.iter().map(|name| self.last_line(name).to_owned()).collect();
        self.last_lines = last_lines;
        self.building = Some(Building { names, ..*building });
    }

    /// The last line of a build that runs; empty if it has not printed anything.
    pub fn last_line(&self, name: &str) -> &str {
        let names = self.building.iter().flat_map(|building| &building.names);
        let place = names.zip(&self.last_lines).find(|(it, _)| *it == name);
        place.map_or("", |(_, line)| line)
    }

    /// A command printed a line; perhaps it is of a build that runs.
    pub fn heard(&mut self, line: &str) {
        let Some((name, text)) = build_line(line) else { return };
        let mut names = self.building.iter().flat_map(|building| &building.names);
        let place = names.position(|it| it == name);
        if let Some(last) = place.and_then(|place| self.last_lines.get_mut(place)) {
            *last = visible::text(&text.chars().take(LONGEST_LINE).collect::<String>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_that_run_have_a_last_line() {
        let mut job = Job::new(JobKind::Apply, 7);
        job.heard("jq-1.8> before anybody builds");
        let building = |names: &[&str]| Building {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Building::default()
        };
        job.builds(&building(&["jq-1.8", "bat-1"]));
        job.heard("bat-1> one");
        job.heard("bat-1> \u{1b}[2Jtwo");
        job.heard("other> three");
        assert_eq!(job.last_lines, ["", "\\x1b[2Jtwo"]);
        job.builds(&building(&["bat-1", "git-2"]));
        assert_eq!((job.last_line("bat-1"), job.last_line("git-2")), ("\\x1b[2Jtwo", ""));
    }
}
