//! Packages that could be installed: what an expression holds, as nix-env would record it.
//!
//! A file or a flake is asked for all that it holds; each package comes with the outputs it installs
//! by itself and with all it has. An upgrade asks for the packages of one name only, and [`best_upgrade`]
//! picks among them as `nix-env --upgrade` does.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::EnvironmentPackage;
use crate::core::installable::Installable;
use crate::core::package::PackageName;
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

/// Under which name a newer package is looked for, as `nix-env --upgrade` does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpgradeQuestion {
    /// The file; `None` for nix-env's default expression, `~/.nix-defexpr`.
    pub file: Option<String>,
    /// The name, without the version.
    pub name: String,
}

/// A package of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// With the version.
    pub name: String,
    /// The priority that nix-env compares: 0 where the package says nothing, unlike the builder's 5.
    pub priority: i64,
    /// The package; `None` if it does not evaluate.
    pub package: Option<OfferedPackage>,
}

/// Why nobody can be asked for newer packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCandidates {
    /// There is no default expression.
    NoSource(Arc<str>),
    /// The file is not there, or does not evaluate.
    Fails(Arc<str>),
}

impl UpgradeQuestion {
    /// Where is looked, in words.
    pub fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("'{file}'"),
            None => "nix-env's default expression".to_owned(),
        }
    }
}

/// The package that `nix-env --upgrade` would put in the place of one: of its name, newer, not of a
/// weaker priority than it has; of several the one with the strongest priority, then the newest.
/// `None` if there is none, or it is the same.
pub fn best_upgrade<'a>(
    installed: &EnvironmentPackage,
    candidates: &'a [Candidate],
) -> Option<&'a Candidate> {
    let version = |candidate: &'a Candidate| PackageName::split(&candidate.name).version;
    let is_fit = |candidate: &&Candidate| {
        PackageName::split(&candidate.name).name == installed.short_name()
            && compare_versions(installed.version(), PackageName::split(&candidate.name).version)
                == Ordering::Less
            && candidate.priority <= priority(installed)
    };
    let mut best: Option<&Candidate> = None;
    for candidate in candidates.iter().filter(is_fit) {
        let is_better = best.is_none_or(|best| {
            let by_version = || compare_versions(version(candidate), version(best));
            best.priority.cmp(&candidate.priority).then_with(by_version) == Ordering::Greater
        });
        if is_better {
            best = Some(candidate);
        }
    }
    let is_same = |found: &OfferedPackage| found.package.out_path == installed.out_path;
    best.filter(|best| !best.package.as_ref().is_some_and(is_same))
}

/// What a file that a package was installed from has for it today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again<'a> {
    /// The very same.
    Same,
    /// Another build or version of it.
    Other(&'a OfferedPackage),
    /// Nothing of its name.
    Gone,
    /// Several of its name.
    Several,
}

/// What a package has become where it was installed from: by its name without the version, newer or not.
pub fn again<'a>(installed: &EnvironmentPackage, offered: &'a [OfferedPackage]) -> Again<'a> {
    let is_there = |found: &&OfferedPackage| {
        installed.outputs.values().all(|path| found.outputs.values().any(|other| other == path))
    };
    if offered.iter().any(|found| is_there(&found)) {
        return Again::Same;
    }
    let mut namesakes = offered.iter().filter(|found| found.package.short_name() == installed.short_name());
    match (namesakes.next(), namesakes.next()) {
        (None, _) => Again::Gone,
        (Some(other), None) => Again::Other(other),
        (Some(_), Some(_)) => Again::Several,
    }
}

/// The priority that nix-env compares.
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

    fn package(name: &str, priority: Option<i64>) -> EnvironmentPackage {
        let mut hash = [0; 20];
        hash[..name.len()].copy_from_slice(name.as_bytes());
        let path = StorePath::from_parts(&StoreDir::new("/s"), hash, name).unwrap();
        let mut package = EnvironmentPackage::of_store_path(&path);
        package.meta.extend(priority.map(|number| ("priority".to_owned(), Value::Int(number))));
        package
    }

    fn candidate(name: &str, priority: i64) -> Candidate {
        let package = package(name, None);
        let outputs = package.outputs.clone();
        Candidate { name: name.to_owned(), priority, package: Some(OfferedPackage { package, outputs }) }
    }

    #[test]
    fn what_is_evaluated_again_is_found_by_its_name_whatever_its_version() {
        let offered = |names: &[&str]| -> Vec<OfferedPackage> {
            names.iter().filter_map(|name| candidate(name, 0).package).collect()
        };
        let installed = package("a-2", None);
        assert_eq!(again(&installed, &offered(&["b-1", "a-2"])), Again::Same);
        let older = offered(&["b-1", "a-1"]);
        assert_eq!(again(&installed, &older), Again::Other(&older[1]));
        assert_eq!(again(&installed, &offered(&["b-1"])), Again::Gone);
        assert_eq!(again(&installed, &offered(&["a-1", "a-3"])), Again::Several);
    }

    #[test]
    fn the_strongest_and_newest_of_the_name_is_taken() {
        let best = |installed: &EnvironmentPackage, offered: &[Candidate]| {
            best_upgrade(installed, offered).map(|best| best.name.clone())
        };
        let mut offered = [("a-1.2", 0), ("a-1.10", 0), ("a-1.3", 0), ("a-2", 4), ("b-9", 0)]
            .map(|(name, priority)| candidate(name, priority));
        assert_eq!(best(&package("a-1.1", None), &offered).as_deref(), Some("a-1.10"));
        assert_eq!(best(&package("a-1.10", None), &offered), None);
        assert_eq!(best(&package("a-1.10", Some(5)), &offered).as_deref(), Some("a-2"));
        assert_eq!(best(&package("c-1", None), &offered), None);
        // The best one counts whether or not it evaluates.
        offered[1].package = None;
        assert_eq!(best(&package("a-1.1", None), &offered).as_deref(), Some("a-1.10"));
    }
}
