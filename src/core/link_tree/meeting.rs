//! Which folders of several packages meet in the profile, so that only those have to be read.
//!
//! A folder that a single package brings becomes one link and nobody looks inside it. Who only
//! wants the tree can therefore read level by level: the roots of all packages, then the folders
//! that two of them bring under one name, and so on down. What this leaves out and a plan wants
//! all the same (a folder reached along a link, say) stands in its needs; leaving out too much
//! costs time, never truth.

use std::collections::HashMap;

use super::contributor::SKIPPED;
use crate::core::file_tree::{Directories, EntryKind, PathBytes};

/// Folders, by real path, that lie at one place of the profile.
pub type Meeting = Vec<PathBytes>;

/// The meetings one level below `meeting`, whose folders are in `directories`; unknown ones are
/// taken for empty.
pub fn meetings_below(meeting: &[PathBytes], directories: &Directories) -> Vec<Meeting> {
    let mut by_name: HashMap<&PathBytes, Meeting, foldhash::fast::RandomState> = HashMap::default();
    for directory in meeting.iter().filter_map(|path| directories.get(path)) {
        for entry in &directory.entries {
            if let EntryKind::Directory(real_path) = &entry.kind
                && !SKIPPED.contains(&&*entry.name)
            {
                by_name.entry(&entry.name).or_default().push(real_path.clone());
            }
        }
    }
    by_name.into_values().filter(|folders| folders.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::file_tree::{Directory, Entry};

    fn folder(path: &str, names: &[(&str, bool)]) -> (PathBytes, Arc<Directory>) {
        let entry = |&(name, folder): &(&str, bool)| Entry {
            name: name.as_bytes().into(),
            kind: if folder {
                EntryKind::Directory(format!("{path}/{name}").into_bytes().into())
            } else {
                EntryKind::File
            },
            links_followed: 0,
        };
        let directory = Directory {
            entries: names.iter().map(entry).collect(),
            unreadable: None,
            leads_into: Vec::new(),
        };
        (path.as_bytes().into(), Arc::new(directory))
    }

    #[test]
    fn only_folders_that_two_bring_under_one_name_meet() {
        let known = [
            folder("/a", &[("bin", true), ("lib", true), ("nix-support", true)]),
            folder("/b", &[("bin", true), ("lib", false), ("nix-support", true), ("share", true)]),
        ];
        let roots: Meeting = known.iter().map(|(path, _)| path.clone()).collect();
        let below = meetings_below(&roots, &known.into_iter().collect());
        assert_eq!(below, [vec![PathBytes::from(&b"/a/bin"[..]), PathBytes::from(&b"/b/bin"[..])]]);
    }
}
