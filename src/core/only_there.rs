//! Packages that some generations hold and no other one does: what is lost with them.
//!
//! Told by the store paths of the elements, switched off ones too, as all of them are kept
//! alive by their generation. What lies below them is another matter: that takes the store.

use std::collections::{BTreeMap, HashSet};

use super::manifest::ProfileManifest;
use super::package::PackageName;
use super::store_path::StorePath;

/// The packages that only `going` hold, as `(element, version)`, by element and then by version;
/// outputs of one version count once.
pub fn only_there<'a>(
    going: impl IntoIterator<Item = &'a ProfileManifest>,
    staying: impl IntoIterator<Item = &'a ProfileManifest>,
) -> Vec<(&'a str, &'a str)> {
    let mut kept: HashSet<&StorePath> = HashSet::new();
    for manifest in staying {
        kept.extend(manifest.elements.values().flat_map(|element| &element.store_paths));
    }
    let mut found: BTreeMap<&StorePath, (&str, &str)> = BTreeMap::new();
    for manifest in going {
        for (name, element) in &manifest.elements {
            let lost = element.store_paths.iter().filter(|path| !kept.contains(*path));
            found.extend(lost.map(|path| (path, (name.as_str(), PackageName::split(path.name()).version))));
        }
    }
    let mut packages: Vec<(&str, &str)> = found.into_values().collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::ProfileElement;
    use crate::core::store_path::StoreDir;

    fn manifest(packages: &[(&str, &str)]) -> ProfileManifest {
        let element = |(name, package): &(&str, &str)| {
            let path = StorePath::from_parts(&StoreDir::new("/nix/store"), [7; 20], package).unwrap();
            let element =
                ProfileElement { active: false, priority: 5, store_paths: vec![path], source: None };
            ((*name).to_owned(), element)
        };
        ProfileManifest { elements: packages.iter().map(element).collect() }
    }

    #[test]
    fn what_no_other_generation_holds_is_lost() {
        let old = manifest(&[("hello", "hello-2.10"), ("jq", "jq-1.7")]);
        let older = manifest(&[("hello", "hello-2.9"), ("jq", "jq-1.7")]);
        let live = manifest(&[("hello", "hello-2.12"), ("jq-1", "jq-1.7")]);
        assert_eq!(only_there([&old, &older], [&live]), [("hello", "2.10"), ("hello", "2.9")]);
        assert_eq!(only_there([&old], [&live, &older]), [("hello", "2.10")]);
        assert_eq!(only_there([&older], [&older]), []);
    }
}
