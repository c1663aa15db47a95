//! Adds up what activities tell into how far fetching and building are.
//!
//! A cache on the network tells bytes as they are downloaded (transfers below the copying of a
//! path); one in a folder tells only what is copied. How many paths and derivations there are is
//! said in words before it begins; the numbers of nix's own progress bar count everything it has
//! looked at, so they count only where nothing was said.
//!
//! Not every report is news: of bytes, only every two hundredth part is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::activity;
use super::derivation_name;
use crate::core::package::package_name;
use crate::system::machine::{Building, Fetching, ProgressEvent};

/// More activities at once are not followed: builders can make them up.
const MOST: usize = 10_000;

/// Names that are told at once.
const NAMES: usize = 8;

/// Of what is fetched, so many reports tell bytes.
const REPORTS: u64 = 200;

/// An activity that has not ended.
enum Running {
    Transfer(Bytes),
    Copy(String, Bytes),
    Build(String),
    /// All copies, or all builds, of one command: done, running, failed.
    Copies(Counts),
    Builds(Counts),
}

#[derive(Clone, Copy, Default)]
struct Bytes {
    done: u64,
    expected: u64,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    done: u64,
    running: u64,
    failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.running += other.running;
        self.failed += other.failed;
    }
}

/// Follows the activities of one command.
#[derive(Default)]
pub(super) struct Tally {
    /// In the order in which they began.
    running: BTreeMap<u64, Running>,
    /// Of transfers and copies that have ended.
    downloaded: u64,
    copied: u64,
    /// Of commands in a command that have ended.
    copies: Counts,
    builds: Counts,
    /// Whether bytes are told by transfers.
    transfers: bool,
    /// Bytes to come, by who says so: of transfers, of copies.
    announced: BTreeMap<(u64, u64), u64>,
    /// What was said in words.
    paths: u64,
    derivations: u64,
    /// What was told last.
    fetching: Fetching,
    building: Building,
}

impl Tally {
    /// An activity of this kind began; `fields` say with what.
    pub(super) fn started(&mut self, (kind, id): (u64, u64), fields: &[Value]) {
        if self.running.len() >= MOST {
            return;
        }
        let subject = fields.first().and_then(Value::as_str).unwrap_or_default();
        let running = match kind {
            // What a cache tells about a path, not the path.
            activity::FILE_TRANSFER if subject.ends_with(".narinfo") || subject.ends_with("-cache-info") => {
                return;
            }
            activity::FILE_TRANSFER => Running::Transfer(Bytes::default()),
            activity::COPY_PATH => Running::Copy(package_name(subject.as_bytes()), Bytes::default()),
            activity::BUILD => Running::Build(derivation_name(subject)),
            activity::COPY_PATHS => Running::Copies(Counts::default()),
            activity::BUILDS => Running::Builds(Counts::default()),
            _ => return,
        };
        self.transfers |= matches!(running, Running::Transfer(_));
        self.running.insert(id, running);
    }

    /// An activity ended.
    pub(super) fn stopped(&mut self, id: u64) {
        match self.running.remove(&id) {
            Some(Running::Transfer(bytes)) => self.downloaded += bytes.done,
            Some(Running::Copy(_, bytes)) => self.copied += bytes.done,
            Some(Running::Copies(counts)) => self.copies += counts,
            Some(Running::Builds(counts)) => self.builds += counts,
            Some(Running::Build(_)) | None => {}
        }
    }

    /// An activity tells how far it is: done, expected, running, failed.
    pub(super) fn progressed(&mut self, id: u64, numbers: [u64; 4]) {
        let [done, expected, running, failed] = numbers;
        match self.running.get_mut(&id) {
            Some(Running::Transfer(bytes) | Running::Copy(_, bytes)) => *bytes = Bytes { done, expected },
            Some(Running::Copies(counts) | Running::Builds(counts)) => {
                *counts = Counts { done, running, failed };
            }
            Some(Running::Build(_)) | None => {}
        }
    }

    /// An activity tells how many bytes activities of a kind will have, in all.
    pub(super) fn announced(&mut self, id: u64, kind: u64, bytes: u64) {
        let counts = matches!(kind, activity::FILE_TRANSFER | activity::COPY_PATH);
        if counts && self.announced.len() < MOST {
            self.announced.insert((kind, id), bytes);
        }
    }

    /// Nix says what is to come: `these 2 paths will be fetched (0.4 KiB download, …):`.
    pub(super) fn said(&mut self, line: &str) {
        let count = || match line.split_ascii_whitespace().nth(1) {
            Some(word) => word.parse().unwrap_or(1),
            None => 1,
        };
        if line.starts_with("th") && line.contains(" will be fetched") {
            self.paths += count();
        } else if line.starts_with("th") && line.contains(" will be built") {
            self.derivations += count();
        }
    }

    /// The name of what an activity builds.
    pub(super) fn build_name(&self, id: u64) -> Option<&str> {
        match self.running.get(&id) {
            Some(Running::Build(name)) => Some(name),
            _ => None,
        }
    }

    /// What is new since it was asked last.
    pub(super) fn news(&mut self) -> Vec<ProgressEvent> {
        let mut news = Vec::new();
        let fetching = self.fetching_now();
        if is_news(&self.fetching, &fetching) {
            self.fetching = fetching.clone();
            news.push(ProgressEvent::Fetching(fetching));
        }
        let building = self.building_now();
        if building != self.building {
            self.building = building.clone();
            news.push(ProgressEvent::Building(building));
        }
        news
    }

    fn fetching_now(&self) -> Fetching {
        let mut now = Fetching::default();
        let (mut transfers, mut copies, mut counts) = (Bytes::default(), Bytes::default(), self.copies);
        for running in self.running.values() {
            match running {
                Running::Transfer(bytes) => transfers += *bytes,
                Running::Copy(name, bytes) => {
                    copies += *bytes;
                    tell(&mut now.names, name);
                }
                Running::Copies(more) => counts += *more,
                Running::Build(_) | Running::Builds(_) => {}
            }
        }
        let (ended, bytes, kind) = if self.transfers {
            (self.downloaded, transfers, activity::FILE_TRANSFER)
        } else {
            (self.copied, copies, activity::COPY_PATH)
        };
        let announced: u64 =
            self.announced.iter().filter(|((of, _), _)| *of == kind).map(|(_, bytes)| bytes).sum();
        now.bytes = ended + bytes.done;
        now.of_bytes = announced.max(ended + bytes.expected);
        now.paths = counts.done;
        now.of_paths = self.paths.max(counts.done + counts.running);
        now
    }

    fn building_now(&self) -> Building {
        let (mut names, mut counts) = (Vec::new(), self.builds);
        for running in self.running.values() {
            match running {
                Running::Build(name) => tell(&mut names, name),
                Running::Builds(more) => counts += *more,
                _ => {}
            }
        }
        let of = self.derivations.max(counts.done + counts.failed + names.len() as u64);
        Building { done: counts.done, of, failed: counts.failed, names }
    }
}

impl std::ops::AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.expected += other.expected;
    }
}

fn tell(names: &mut Vec<String>, name: &str) {
    if names.len() < NAMES {
        names.push(name.to_owned());
    }
}

/// Whether more is new than a few bytes.
fn is_news(told: &Fetching, now: &Fetching) -> bool {
    if (&told.names, told.paths, told.of_paths) != (&now.names, now.paths, now.of_paths) {
        return true;
    }
    let step = (now.of_bytes / REPORTS).max(1);
    told.of_bytes != now.of_bytes || now.bytes.abs_diff(told.bytes) >= step
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "f7bysflpb3mbba4kwld6jcfxybygphqf";

    fn path(name: &str) -> Vec<Value> {
        vec![Value::from(format!("/nix/store/{HASH}-{name}"))]
    }

    #[test]
    fn a_cache_on_the_network_tells_what_is_downloaded() {
        let mut tally = Tally::default();
        tally.said("these 2 paths will be fetched (0.4 KiB download, 1.9 KiB unpacked):");
        tally.started((activity::FILE_TRANSFER, 1), &[Value::from("http://a/x.narinfo")]);
        tally.started((activity::COPY_PATHS, 2), &[]);
        tally.announced(9, activity::FILE_TRANSFER, 400);
        tally.announced(9, activity::COPY_PATH, 9_000);
        tally.progressed(2, [0, 5, 1, 0]);
        tally.started((activity::COPY_PATH, 3), &path("bat-1"));
        tally.started((activity::FILE_TRANSFER, 4), &[Value::from("http://a/x.nar.xz")]);
        tally.progressed(4, [100, 200, 0, 0]);
        tally.progressed(3, [2_000, 4_000, 0, 0]);
        let fetching =
            Fetching { bytes: 100, of_bytes: 400, paths: 0, of_paths: 2, names: vec!["bat-1".to_owned()] };
        assert_eq!(tally.news(), [ProgressEvent::Fetching(fetching)]);
        tally.progressed(4, [101, 200, 0, 0]);
        assert_eq!(tally.news(), [], "hardly news");
        tally.progressed(4, [200, 200, 0, 0]);
        tally.stopped(4);
        tally.stopped(3);
        tally.progressed(2, [1, 5, 0, 0]);
        let fetching = Fetching { bytes: 200, of_bytes: 400, paths: 1, of_paths: 2, names: Vec::new() };
        assert_eq!(tally.news(), [ProgressEvent::Fetching(fetching)]);
    }

    #[test]
    fn a_cache_in_a_folder_tells_what_is_copied() {
        let mut tally = Tally::default();
        tally.said("this path will be fetched (0.4 KiB download, 1.9 KiB unpacked):");
        tally.announced(9, activity::FILE_TRANSFER, 400);
        tally.announced(9, activity::COPY_PATH, 900);
        tally.started((activity::COPY_PATH, 3), &path("bat-1"));
        tally.progressed(3, [300, 900, 0, 0]);
        let [ProgressEvent::Fetching(fetching)] = &tally.news()[..] else { panic!() };
        assert_eq!((fetching.bytes, fetching.of_bytes, fetching.of_paths), (300, 900, 1));
    }

    #[test]
    fn builds_are_counted_by_what_was_said() {
        let mut tally = Tally::default();
        tally.said("these 2 derivations will be built:");
        tally.started((activity::BUILDS, 1), &[]);
        // Everything that was looked at.
        tally.progressed(1, [0, 7, 1, 0]);
        tally.started((activity::BUILD, 2), &path("jq-1.8.drv"));
        assert_eq!(tally.build_name(2), Some("jq-1.8"));
        let building = |done, failed, names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            [ProgressEvent::Building(Building { done, of: 2, failed, names })]
        };
        assert_eq!(tally.news(), building(0, 0, &["jq-1.8"]));
        assert_eq!(tally.news(), []);
        tally.stopped(2);
        tally.progressed(1, [1, 2, 0, 1]);
        tally.stopped(1);
        assert_eq!(tally.news(), building(1, 1, &[]));
    }

    #[test]
    fn activities_that_are_made_up_do_not_fill_the_memory() {
        let mut tally = Tally::default();
        for id in 0..20_000 {
            tally.started((activity::BUILD, id), &path("x.drv"));
            tally.announced(id, activity::COPY_PATH, 1);
        }
        assert_eq!((tally.running.len(), tally.announced.len()), (MOST, MOST));
        assert_eq!(tally.building_now().names.len(), NAMES);
    }
}
