//! Which folders of several packages meet in the profile, so that only those have to be read.
//!
//! A folder that a single package brings becomes one link and nobody looks inside it. Who only
//! wants the tree can therefore read the roots of all packages, and below them what two of them
//! bring under one name, told as it comes: the first folder at a place is passed by, the second
//! sends back to it. What this leaves out and a plan wants all the same (a folder that two links
//! lead to, say) stands in its needs; leaving out too much costs time, never truth.
//!
//! `a/share` is passed by; `b/share` meets `a/share`, and both are to be read; `c/share` meets several.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::contributor::SKIPPED;
use crate::core::file_tree::PathBytes;

/// Who has brought a folder to which place of the profile so far.
#[derive(Debug, Default)]
pub struct Meetings {
    /// By place, the folder that was passed by; `None` when it was sent back to.
    first: HashMap<PathBytes, Option<PathBytes>, foldhash::fast::RandomState>,
    /// Folders that were entered along a link.
    entered: HashSet<PathBytes, foldhash::fast::RandomState>,
}

/// Who has brought a folder to the same place before.
#[derive(Debug, PartialEq, Eq)]
pub enum Met {
    /// Nobody: it is passed by.
    Nobody,
    /// One, whose folder was passed by and is to be read now.
    First(PathBytes),
    /// Several.
    Several,
}

impl Meetings {
    /// Takes down that a folder, by its real path, lies at a place of the profile.
    pub fn bring(&mut self, place: &PathBytes, real_path: &PathBytes) -> Met {
        if place.rsplit(|byte| *byte == b'/').next().is_some_and(|name| SKIPPED.contains(&name)) {
            return Met::Nobody;
        }
        match self.first.entry(place.clone()) {
            Entry::Vacant(place) => {
                place.insert(Some(real_path.clone()));
                Met::Nobody
            }
            Entry::Occupied(mut place) => place.get_mut().take().map_or(Met::Several, Met::First),
        }
    }

    /// Whether a folder that a link leads to was not entered along any link before.
    pub fn enter_along_link(&mut self, real_path: &PathBytes) -> bool {
        self.entered.insert(real_path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PathBytes {
        text.as_bytes().into()
    }

    #[test]
    fn the_second_at_a_place_sends_back_to_the_first() {
        let mut meetings = Meetings::default();
        let mut bring = |place, folder| meetings.bring(&path(place), &path(folder));
        assert_eq!(bring("/share", "/a/share"), Met::Nobody);
        assert_eq!(bring("/lib", "/b/lib"), Met::Nobody);
        assert_eq!(bring("/share", "/b/share"), Met::First(path("/a/share")));
        assert_eq!(bring("/share", "/c/share"), Met::Several);
    }

    #[test]
    fn what_is_never_linked_meets_nobody() {
        let mut meetings = Meetings::default();
        for package in ["/a", "/b", "/c"] {
            assert_eq!(meetings.bring(&path("/nix-support"), &path(package)), Met::Nobody);
        }
    }

    #[test]
    fn a_folder_is_entered_along_one_link() {
        let mut meetings = Meetings::default();
        assert!(meetings.enter_along_link(&path("/a/share")));
        assert!(!meetings.enter_along_link(&path("/a/share")));
        assert!(meetings.enter_along_link(&path("/b/share")));
    }
}
