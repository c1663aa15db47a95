//! What a deletion of generations loses: packages that only they have.
//!
//! Told by element and version, from the manifests alone: what stays is installed nowhere else
//! in this profile. How many bytes that frees is the store's to say, since others may need the
//! same paths.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::ProfileManifest;
use super::package::PackageName;
use super::store_path::StorePath;

/// A package that exists only in generations that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyThere {
    /// The element's name.
    pub element: String,
    /// Its version, empty if its store paths have none.
    pub version: String,
    /// The generations that have it, in ascending order.
    pub generations: Vec<u64>,
    /// Whether another version or build of the element stays.
    pub other_stays: bool,
}

/// Every package that only the doomed generations have, by element and version.
pub fn only_there(doomed: &[(u64, &ProfileManifest)], staying: &[&ProfileManifest]) -> Vec<OnlyThere> {
    let kept: BTreeSet<&StorePath> = staying
        .iter()
        .flat_map(|manifest| manifest.elements.values())
        .flat_map(|element| &element.store_paths)
        .collect();
    let mut told: BTreeMap<(&str, String), BTreeSet<u64>> = BTreeMap::new();
    for (number, manifest) in doomed {
        for (name, element) in &manifest.elements {
            let gone = element.store_paths.iter().filter(|path| !kept.contains(path));
            let versions = gone.map(|path| PackageName::split(path.name()).version);
            // That of the main output, which has no further name behind it.
            if let Some(version) = versions.min_by_key(|version| (version.len(), *version)) {
                told.entry((name, version.to_owned())).or_default().insert(*number);
            }
        }
    }
    let stays = |name: &str| staying.iter().any(|manifest| manifest.elements.contains_key(name));
    told.into_iter()
        .map(|((name, version), generations)| OnlyThere {
            element: name.to_owned(),
            version,
            generations: generations.into_iter().collect(),
            other_stays: stays(name),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;

    #[test]
    fn what_stays_elsewhere_is_not_lost() {
        let old = World::new().installed("fd-1", 5, &["bin/fd"]).installed("jq-1", 5, &["bin/jq"]);
        let middle = World::new().installed("fd-2", 5, &["bin/fd"]).installed("jq-1", 5, &["bin/jq"]);
        let new = World::new().installed("fd-3", 5, &["bin/fd"]);
        let [old, middle, new] = [&old, &middle, &new].map(|world| &world.base.manifest);
        let told = only_there(&[(1, old), (2, middle)], &[new]);
        let lines: Vec<String> = told
            .iter()
            .map(|it| format!("{} {} {:?} {}", it.element, it.version, it.generations, it.other_stays))
            .collect();
        assert_eq!(lines, ["fd 1 [1] true", "fd 2 [2] true", "jq 1 [1, 2] false"]);
        assert_eq!(only_there(&[(1, old)], &[old]), []);
        assert_eq!(only_there(&[(1, old)], &[middle]).len(), 1);
    }
}
