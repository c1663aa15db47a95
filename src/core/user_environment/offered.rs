//! Packages that could be installed: what an expression holds, as nix-env would record it.
//!
//! A file or a flake is asked for all that it holds; each package comes with the outputs it installs
//! by itself and with all it has. [`best_upgrade`] picks among them as `nix-env --upgrade` does.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::EnvironmentPackage;
use crate::core::installable::Installable;
use crate::core::store_path::StorePath;
use crate::core::version::compare_versions;

/// What is to be found out about packages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PackageQuestion {
    /// The packages that an installable stands for; without a word, all of its file.
    Installable(Installable),
    /// All outputs of the derivation that made this path.
    Outputs(StorePath),
}

/// A package that could be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedPackage {
    /// With the outputs that it installs by itself, and its derivation.
    pub package: EnvironmentPackage,
    /// All outputs.
    pub outputs: BTreeMap<String, StorePath>,
}

impl OfferedPackage {
    /// A store path by itself.
    pub fn of_store_path(path: &StorePath) -> Self {
        let package = EnvironmentPackage::of_store_path(path);
        let outputs = package.outputs.clone();
        Self { package, outputs }
    }
}

/// The package that `nix-env --upgrade` would put in the place of one: of its name, newer, not of a
/// weaker priority than it has; of several the one with the strongest priority, then the newest.
/// `None` if there is none, or it is the same.
pub fn best_upgrade<'a>(
    installed: &EnvironmentPackage,
    offered: &'a [OfferedPackage],
) -> Option<&'a OfferedPackage> {
    let is_fit = |offered: &&OfferedPackage| {
        offered.package.short_name() == installed.short_name()
            && compare_versions(installed.version(), offered.package.version()) == Ordering::Less
            && priority(&offered.package) <= priority(installed)
    };
    let mut best: Option<&OfferedPackage> = None;
    for offered in offered.iter().filter(is_fit) {
        let is_better = best.is_none_or(|best| {
            let by_priority = priority(&best.package).cmp(&priority(&offered.package));
            let by_version = || compare_versions(offered.package.version(), best.package.version());
            by_priority.then_with(by_version) == Ordering::Greater
        });
        if is_better {
            best = Some(offered);
        }
    }
    best.filter(|best| best.package.out_path != installed.out_path)
}

/// The priority that nix-env compares: 0 where the package says nothing, unlike the builder's 5.
fn priority(package: &EnvironmentPackage) -> i64 {
    use super::Value;
    match package.meta.get("priority") {
        Some(Value::Int(number)) => *number,
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;
    use crate::core::store_path::StoreDir;

    fn package(name: &str, priority: Option<i64>) -> OfferedPackage {
        let mut hash = [0; 20];
        hash[..name.len()].copy_from_slice(name.as_bytes());
        let path = StorePath::from_parts(&StoreDir::new("/s"), hash, name).unwrap();
        let mut offered = OfferedPackage::of_store_path(&path);
        offered.package.meta.extend(priority.map(|number| ("priority".to_owned(), Value::Int(number))));
        offered
    }

    #[test]
    fn the_strongest_and_newest_of_the_name_is_taken() {
        let name = |installed: &OfferedPackage, offered: &[OfferedPackage]| {
            best_upgrade(&installed.package, offered).map(|best| best.package.name.clone())
        };
        let offered = [("a-1.2", None), ("a-1.10", None), ("a-1.3", None), ("a-2", Some(4)), ("b-9", None)];
        let offered = offered.map(|(name, priority)| package(name, priority));
        assert_eq!(name(&package("a-1.1", None), &offered).as_deref(), Some("a-1.10"));
        assert_eq!(name(&package("a-1.10", None), &offered), None);
        assert_eq!(name(&package("a-1.10", Some(5)), &offered).as_deref(), Some("a-2"));
        assert_eq!(name(&package("c-1", None), &offered), None);
    }
}
