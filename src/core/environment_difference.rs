//! What changes inside an environment: which of its packages come, go, and have another version,
//! other outputs, or are only built anew.
//!
//! Packages are the same if they are called the same, whatever their versions. Before an environment
//! is built nothing tells which outputs it will link, so these are compared only of built ones.
//!
//! `zlib 1.2.11 → 1.2.13`, `+ nodejs 18.16`, `libjpeg 9e with dev`

use std::collections::{BTreeMap, BTreeSet};

use super::contained_outputs::{ContainedOutput, ContainedPackage};
use super::package::PackageName;

/// How the later one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// It is built: what it links is known.
    Built,
    /// By what its derivation is made of.
    Derivation,
}

/// One package of an environment that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentChange {
    /// Its name.
    pub name: String,
    /// Its versions before, in order; none if it is new.
    pub before: Vec<String>,
    /// Its versions afterwards; none if it goes.
    pub after: Vec<String>,
    /// Outputs that are linked afterwards and were not.
    pub outputs_come: Vec<String>,
    /// Outputs that were linked.
    pub outputs_go: Vec<String>,
}

/// What differs, by name.
pub fn between(before: &[ContainedPackage], after: &[ContainedPackage], later: Later) -> Vec<ContentChange> {
    let (before, after) = (by_name(before), by_name(after));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let none = Vec::new();
    let change = |name: &str| {
        let (old, new) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        let mut change = ContentChange {
            name: name.to_owned(),
            before: versions(old),
            after: versions(new),
            outputs_come: Vec::new(),
            outputs_go: Vec::new(),
        };
        if later == Later::Built && !old.is_empty() && !new.is_empty() {
            let (had, has) = (linked(old), linked(new));
            change.outputs_come = has.difference(&had).cloned().collect();
            change.outputs_go = had.difference(&has).cloned().collect();
        }
        let is_same = change.before == change.after
            && change.outputs_come.is_empty()
            && change.outputs_go.is_empty()
            && !is_built_anew(old, new);
        (!is_same).then_some(change)
    };
    names.into_iter().filter_map(change).collect()
}

impl ContentChange {
    /// The change in words.
    pub fn words(&self) -> String {
        let name = &self.name;
        let listed = |versions: &[String]| match versions.join(", ") {
            versions if versions.is_empty() => String::new(),
            versions => format!(" {versions}"),
        };
        let (before, after) = (listed(&self.before), listed(&self.after));
        if self.before.is_empty() {
            return format!("+ {name}{after}");
        }
        if self.after.is_empty() {
            return format!("- {name}{before}");
        }
        let outputs = [("with", &self.outputs_come), ("without", &self.outputs_go)];
        let outputs: Vec<String> = outputs
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(word, names)| format!(" {word} {}", names.join(", ")))
            .collect();
        let outputs = outputs.join(",");
        if before != after {
            return format!("{name}{before} →{after}{outputs}");
        }
        let anew = if outputs.is_empty() { ", built anew" } else { "" };
        format!("{name}{before}{outputs}{anew}")
    }
}

fn by_name(packages: &[ContainedPackage]) -> BTreeMap<&str, Vec<&ContainedPackage>> {
    let mut found: BTreeMap<&str, Vec<&ContainedPackage>> = BTreeMap::new();
    for package in packages {
        found.entry(PackageName::split(&package.name).name).or_default().push(package);
    }
    found
}

/// A package without a version has an empty one, so that it is there.
fn versions(packages: &[&ContainedPackage]) -> Vec<String> {
    let found: BTreeSet<&str> =
        packages.iter().map(|package| PackageName::split(&package.name).version).collect();
    found.into_iter().map(str::to_owned).collect()
}

fn linked(packages: &[&ContainedPackage]) -> BTreeSet<String> {
    let outputs = packages.iter().flat_map(|package| &package.outputs);
    outputs.filter(|output| output.is_linked).map(|output| output.name.clone()).collect()
}

fn is_built_anew(before: &[&ContainedPackage], after: &[&ContainedPackage]) -> bool {
    let paths = |packages: &[&ContainedPackage], keeps: &dyn Fn(&ContainedOutput) -> bool| {
        let outputs = packages.iter().flat_map(|package| &package.outputs).filter(|output| keeps(output));
        outputs.filter_map(|output| output.path.clone()).collect::<BTreeSet<_>>()
    };
    let had = paths(before, &|output| output.is_linked);
    !had.is_subset(&paths(after, &|_| true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};

    fn package(name: &str, hash: &str, outputs: &[(&str, bool)]) -> ContainedPackage {
        let output = |(output, is_linked): &(&str, bool)| {
            let path = format!("/s/{}-{name}-{output}", hash.repeat(32));
            let path = StorePath::parse(&StoreDir::new("/s"), &path).ok();
            ContainedOutput { name: (*output).to_owned(), path, is_linked: *is_linked }
        };
        ContainedPackage { name: name.to_owned(), outputs: outputs.iter().map(output).collect() }
    }

    fn words(before: &[ContainedPackage], after: &[ContainedPackage], later: Later) -> Vec<String> {
        between(before, after, later).iter().map(ContentChange::words).collect()
    }

    #[test]
    fn versions_outputs_and_builds_are_told() {
        let both = [("out", true), ("dev", false)];
        let before = [
            package("same-1", "a", &both),
            package("zlib-1.2.11", "a", &both),
            package("gone-1", "a", &both),
            package("jpeg-9", "a", &both),
            package("again-1", "a", &both),
            package("plain", "a", &both),
        ];
        let after = [
            package("same-1", "a", &both),
            package("zlib-1.2.13", "b", &both),
            package("new-2", "b", &both),
            package("jpeg-9", "a", &[("out", true), ("dev", true)]),
            package("again-1", "b", &both),
            package("plain", "a", &both),
        ];
        assert_eq!(
            words(&before, &after, Later::Built),
            ["again 1, built anew", "- gone 1", "jpeg 9 with dev", "+ new 2", "zlib 1.2.11 → 1.2.13"]
        );
        assert_eq!(words(&after, &before, Later::Built)[2], "jpeg 9 without dev");
        let unknown = after.map(|it| ContainedPackage {
            outputs: it.outputs.into_iter().map(|it| ContainedOutput { is_linked: false, ..it }).collect(),
            ..it
        });
        let told = words(&before, &unknown, Later::Derivation);
        assert_eq!(told, ["again 1, built anew", "- gone 1", "+ new 2", "zlib 1.2.11 → 1.2.13"]);
        assert!(words(&before, &before, Later::Built).is_empty());
    }

    #[test]
    fn two_versions_of_one_package_stand_side_by_side() {
        let of = |versions: &[&str]| -> Vec<ContainedPackage> {
            versions.iter().map(|it| package(&format!("zlib-{it}"), "a", &[("out", true)])).collect()
        };
        assert_eq!(words(&of(&["1"]), &of(&["1", "2"]), Later::Built), ["zlib 1 → 1, 2"]);
    }
}
