//! Which elements the user holds back from upgrades: a file of firn's own in the state folder.
//!
//! A hold is about an element of one profile, by its name and where it came from: another package
//! that takes the name is not held.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::own_file::OwnFile;
use crate::core::manifest::ProfileElement;

/// The file of holds.
#[derive(Clone, Debug)]
pub struct Holds(OwnFile);

/// An element of a profile that something is noted about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotedElement {
    /// The profile's link.
    pub profile: PathBuf,
    /// The element's name.
    pub element: String,
    /// Where it came from: `originalUrl#attrPath`, or without a source its package names.
    pub source: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct HoldsFile {
    holds: BTreeSet<NotedElement>,
}

impl NotedElement {
    /// An element of a profile.
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
        Self(OwnFile::new(state, "holds"))
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// All holds; none if the file is not there.
    pub fn read(&self) -> io::Result<BTreeSet<NotedElement>> {
        Ok(self.0.read::<HoldsFile>()?.holds)
    }

    /// Changes the holds; tells whether there was anything to change.
    pub fn change(&self, change: impl FnOnce(&mut BTreeSet<NotedElement>)) -> io::Result<bool> {
        self.0.change::<HoldsFile>(|file| change(&mut file.holds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(element: &str) -> NotedElement {
        NotedElement { profile: "/p".into(), element: element.to_owned(), source: "flake:a#b".to_owned() }
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
        let text = std::fs::read_to_string(holds.path()).unwrap();
        let wanted = r#"{"version":1,"holds":[{"profile":"/p","element":"bat","source":"flake:a#b"}]}"#;
        assert_eq!(text, wanted);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let holds = Holds::new(folder.path());
        for text in ["{", r#"{"version":2,"holds":[]}"#, r#"{"version":1,"holds":7}"#] {
            std::fs::write(holds.path(), text).unwrap();
            assert!(holds.change(|holds| holds.extend([hold("git")])).is_err());
            assert_eq!(std::fs::read_to_string(holds.path()).unwrap(), text);
        }
    }
}
