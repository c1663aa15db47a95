//! How many links differ in each folder at a profile's root: the short form of a difference.

use std::collections::BTreeMap;

use super::link_tree::LinkDifference;

/// How many links differ in a folder of the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderCounts {
    /// Its name; a link in the root itself counts under its own.
    pub name: Vec<u8>,
    /// Links that come.
    pub added: usize,
    /// Links with another target.
    pub changed: usize,
    /// Links that go.
    pub removed: usize,
}

/// The counts of each folder in which anything differs, in byte order of their names.
pub fn by_folder(links: &LinkDifference) -> Vec<FolderCounts> {
    let mut found: BTreeMap<&[u8], FolderCounts> = BTreeMap::new();
    for (path, _) in &links.added {
        found.entry(top(path)).or_default().added += 1;
    }
    for (path, ..) in &links.changed {
        found.entry(top(path)).or_default().changed += 1;
    }
    for (path, _) in &links.removed {
        found.entry(top(path)).or_default().removed += 1;
    }
    let named = |(name, counts): (&[u8], FolderCounts)| FolderCounts { name: name.to_vec(), ..counts };
    found.into_iter().map(named).collect()
}

fn top(path: &[u8]) -> &[u8] {
    path.split(|byte| *byte == b'/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;

    #[test]
    fn a_folder_that_unfolds_counts_as_what_happens_to_its_links() {
        let alone = World::new().installed("tool-7", 5, &["bin/tool", "bin/tool-2"]);
        let two = World::new().installed("tool-7", 5, &["bin/tool", "bin/tool-2"]).installed(
            "other-3",
            5,
            &["bin/other", "share/other"],
        );
        let links = two.plan().tree_after.difference(&alone.plan().tree_after);
        let counts: Vec<_> = by_folder(&links)
            .into_iter()
            .map(|it| (String::from_utf8(it.name).unwrap(), it.added, it.changed, it.removed))
            .collect();
        assert_eq!(counts, [("bin".to_owned(), 3, 0, 1), ("share".to_owned(), 1, 0, 0)]);
    }
}
