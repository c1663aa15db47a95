//! The manifest of a damaged generation, as far as it can be told from what the generation refers
//! to.
//!
//! A profile's references are the store paths of all its elements. What another generation has
//! with just these paths was very likely the same element: name, source, priority and whether it
//! is on are taken from the generation whose number is nearest. What no other generation has
//! becomes an element without a source: its files come back, upgrading it does not.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use super::package::PackageName;
use super::store_path::StorePath;

/// A manifest with what is sure about it and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuiltManifest {
    /// The elements.
    pub manifest: ProfileManifest,
    /// Elements taken from another generation, with its number.
    pub found: BTreeMap<String, u64>,
    /// Elements without a source, with the priority of packages that have none of their own.
    pub guessed: Vec<String>,
}

/// Puts references together to elements. `others` are readable generations, `damaged` is the number
/// of the one that is not.
pub fn rebuild(
    references: &[StorePath],
    others: &[(u64, &ProfileManifest)],
    damaged: u64,
) -> RebuiltManifest {
    let mut left: BTreeSet<&StorePath> = references.iter().collect();
    let mut rebuilt = RebuiltManifest::default();
    let mut nearest: Vec<&(u64, &ProfileManifest)> = others.iter().collect();
    // Of two that are equally near, the older: the damaged one was made on it.
    nearest.sort_by_key(|(number, _)| (number.abs_diff(damaged), *number));
    for (number, manifest) in nearest {
        for (name, element) in &manifest.elements {
            let is_whole =
                !element.store_paths.is_empty() && element.store_paths.iter().all(|path| left.contains(path));
            if is_whole && !rebuilt.manifest.elements.contains_key(name) {
                left.retain(|path| !element.store_paths.contains(path));
                rebuilt.manifest.elements.insert(name.clone(), element.clone());
                rebuilt.found.insert(name.clone(), *number);
            }
        }
    }
    let mut by_name: BTreeMap<&str, Vec<StorePath>> = BTreeMap::new();
    for path in left {
        by_name.entry(PackageName::split(path.name()).name).or_default().push(path.clone());
    }
    for (name, store_paths) in by_name {
        let element = ProfileElement { active: true, priority: DEFAULT_PRIORITY, store_paths, source: None };
        rebuilt.guessed.push(rebuilt.manifest.add(name, element));
    }
    rebuilt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;

    #[test]
    fn the_nearest_generation_tells_most() {
        let old = World::new().installed("fd-1", 5, &["bin/fd"]).installed("jq-1", 7, &["bin/jq"]);
        let near = World::new().installed("fd-1", 6, &["bin/fd"]);
        let other = World::new().installed("bat-1", 5, &["bin/bat"]);
        let mut references = old.base.manifest.references();
        references.extend(other.base.manifest.references());
        let others = [(1, &old.base.manifest), (3, &near.base.manifest)];
        let rebuilt = rebuild(&references, &others, 4);
        let elements = &rebuilt.manifest.elements;
        assert_eq!(elements.keys().collect::<Vec<_>>(), ["bat", "fd", "jq"]);
        assert_eq!((elements["fd"].priority, elements["jq"].priority), (6, 7));
        assert_eq!((rebuilt.found["fd"], rebuilt.found["jq"]), (3, 1));
        assert_eq!(rebuilt.guessed, ["bat"]);
        assert!(elements["bat"].source.is_none());
        let mut sorted = references.clone();
        sorted.sort_unstable();
        assert_eq!(rebuilt.manifest.references(), sorted);
    }
}
