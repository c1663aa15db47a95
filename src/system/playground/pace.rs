//! How long the playground takes for what takes long elsewhere, and how far it says it is.
//!
//! Everything in it is made in a moment, so nobody would see a check run, a download or a build.
//! Whoever looks at `firn demo` on a terminal sees them: then it waits, and can be cancelled while it
//! does. Commands, scripts and tests have it at once; the reports are the same.

use std::time::{Duration, Instant};

use crate::core::plan::cost::{Fetched, Obtainable};
use crate::system::machine::{Building, Fetching, ProgressEvent, StoreError, Watch};

/// How soon a cancel is noticed.
const TICK: Duration = Duration::from_millis(10);

/// In so many parts a path is fetched.
const PARTS: u64 = 8;

/// Whether anything takes time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing does.
    #[default]
    AtOnce,
    /// As with a network, and packages that have to be built.
    Lifelike,
}

/// What takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Finding out what one package is.
    Evaluating,
    /// Asking for the listing of one.
    Listing,
    /// A part of a path comes.
    FetchingPart,
    /// A builder works until it prints the next line.
    BuildingLine,
    /// Writing a profile.
    Linking,
}

impl Deed {
    fn takes(self) -> Duration {
        Duration::from_millis(match self {
            Self::Evaluating => 90,
            Self::Listing => 30,
            Self::FetchingPart => 40,
            Self::BuildingLine => 450,
            Self::Linking => 300,
        })
    }
}

impl Pace {
    /// Takes as long as the deed does; cancelled in between, it ends.
    pub(super) fn spend(self, deed: Deed, watch: &Watch<'_>) -> Result<(), StoreError> {
        let until = Instant::now() + deed.takes();
        loop {
            if watch.cancel.is_requested() {
                return Err(StoreError::Cancelled);
            }
            if self == Self::AtOnce || Instant::now() >= until {
                return Ok(());
            }
            std::thread::sleep(TICK);
        }
    }
}

/// Tells how far fetching and building are.
pub(super) struct Telling<'a> {
    pace: Pace,
    watch: &'a Watch<'a>,
    fetching: Fetching,
    building: Building,
}

impl<'a> Telling<'a> {
    /// Of all this.
    pub(super) fn of(obtainable: &Obtainable, pace: Pace, watch: &'a Watch<'a>) -> Self {
        let of_bytes = obtainable.fetch.iter().map(size).sum();
        let fetching = Fetching { of_bytes, of_paths: obtainable.fetch.len() as u64, ..Fetching::default() };
        let building = Building { of: obtainable.build.len() as u64, ..Building::default() };
        let telling = Self { pace, watch, fetching, building };
        if telling.fetching.of_paths > 0 {
            telling.fetching_now();
        }
        if telling.building.of > 0 {
            telling.building_now();
        }
        telling
    }

    /// A path comes.
    pub(super) fn fetches(&mut self, fetched: &Fetched) -> Result<(), StoreError> {
        let (before, size) = (self.fetching.bytes, size(fetched));
        self.fetching.names = vec![fetched.path.name().to_owned()];
        for part in 1..=PARTS {
            self.pace.spend(Deed::FetchingPart, self.watch)?;
            self.fetching.bytes = before + size * part / PARTS;
            self.fetching_now();
        }
        self.fetching.names.clear();
        self.fetching.paths += 1;
        self.fetching_now();
        Ok(())
    }

    /// Something is built, prints a log, and does not succeed.
    pub(super) fn breaks(&mut self, name: &str, log: &str) -> Result<(), StoreError> {
        self.building.names = vec![name.to_owned()];
        self.building_now();
        for line in log.lines() {
            self.pace.spend(Deed::BuildingLine, self.watch)?;
            self.watch.progress.report(ProgressEvent::Log(format!("{name}> {line}")));
        }
        self.building.names.clear();
        self.building.failed += 1;
        self.building_now();
        Ok(())
    }

    fn fetching_now(&self) {
        self.watch.progress.report(ProgressEvent::Fetching(self.fetching.clone()));
    }

    fn building_now(&self) {
        self.watch.progress.report(ProgressEvent::Building(self.building.clone()));
    }
}

fn size(fetched: &Fetched) -> u64 {
    fetched.sizes.as_ref().and_then(|sizes| sizes.download).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::machine::{Cancel, NoProgress};

    #[test]
    fn what_is_at_once_takes_no_time_and_what_takes_time_can_be_cancelled() {
        let cancel = Cancel::default();
        let watch = Watch { progress: &NoProgress, cancel: &cancel };
        let begun = Instant::now();
        assert!((0..1000).all(|_| Pace::AtOnce.spend(Deed::BuildingLine, &watch).is_ok()));
        assert!(begun.elapsed() < Deed::BuildingLine.takes() * 100);
        cancel.request();
        for pace in [Pace::AtOnce, Pace::Lifelike] {
            assert!(matches!(pace.spend(Deed::BuildingLine, &watch), Err(StoreError::Cancelled)));
        }
    }
}
