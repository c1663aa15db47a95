//! Which elements the user holds back from upgrades: a file of firn's own in the state folder.
//!
//! A hold is about an element of one profile, by its name and where it came from: another package
//! that takes the name is not held. The file is replaced whole, under a lock of its own, so two
//! programs that hold at once lose nothing. One that cannot be read holds nothing and is
//! not written.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::bounded_file;
use crate::core::manifest::ProfileElement;

/// A hold takes some hundred bytes.
const LARGEST: u64 = 16 << 20;

/// The file of holds.
#[derive(Clone, Debug)]
pub struct Holds {
    folder: PathBuf,
}

/// One hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hold {
    /// The profile's link.
    pub profile: PathBuf,
    /// The element's name.
    pub element: String,
    /// Where it came from: `originalUrl#attrPath`, or without a source its package names.
    pub source: String,
}

#[derive(Serialize, Deserialize)]
struct HoldsFile {
    version: u64,
    holds: BTreeSet<Hold>,
}

impl Hold {
    /// The hold of an element.
    pub fn of(profile: &Path, name: &str, element: &ProfileElement) -> Self {
        let source = match &element.source {
            Some(source) => format!("{}#{}", source.original_url, source.attr_path),
            None => element.identifier(),
        };
        Self { profile: profile.to_owned(), element: name.to_owned(), source }
    }
}

impl Holds {
    /// The holds in a state folder.
    pub fn new(state: &Path) -> Self {
        Self { folder: state.to_owned() }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join("holds.json")
    }

    /// All holds; none if the file is not there.
    pub fn read(&self) -> io::Result<BTreeSet<Hold>> {
        let bytes = match bounded_file::read(&self.path(), LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.is_nothing() => return Ok(BTreeSet::new()),
            Err(error) => return Err(io::Error::other(error.to_string())),
        };
        let file: HoldsFile = serde_json::from_slice(&bytes)?;
        if file.version != 1 {
            let words = format!("it has version {}; this firn reads version 1", file.version);
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        Ok(file.holds)
    }

    /// Changes the holds; tells whether there was anything to change.
    pub fn change(&self, change: impl FnOnce(&mut BTreeSet<Hold>)) -> io::Result<bool> {
        std::fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join("holds.lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let before = self.read()?;
        let mut holds = before.clone();
        change(&mut holds);
        if holds == before {
            return Ok(false);
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, &HoldsFile { version: 1, holds })?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.path()).map_err(|error| error.error)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(element: &str) -> Hold {
        Hold { profile: "/p".into(), element: element.to_owned(), source: "flake:a#b".to_owned() }
    }

    #[test]
    fn holds_are_kept_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let holds = Holds::new(&folder.path().join("state"));
        assert!(holds.read().unwrap().is_empty());
        assert!(holds.change(|holds| holds.extend([hold("git"), hold("bat")])).unwrap());
        assert!(!holds.change(|holds| holds.extend([hold("git")])).unwrap());
        assert_eq!(holds.read().unwrap(), BTreeSet::from([hold("bat"), hold("git")]));
        holds.change(|holds| holds.retain(|hold| hold.element != "git")).unwrap();
        assert_eq!(holds.read().unwrap(), BTreeSet::from([hold("bat")]));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let holds = Holds::new(folder.path());
        for text in ["{", r#"{"version":2,"holds":[]}"#] {
            std::fs::write(holds.path(), text).unwrap();
            assert!(holds.change(|holds| holds.extend([hold("git")])).is_err());
            assert_eq!(std::fs::read_to_string(holds.path()).unwrap(), text);
        }
    }
}
