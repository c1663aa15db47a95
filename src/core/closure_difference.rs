//! What differs below two profiles: packages of their closures by name, versions and sizes.
//!
//! As `nix profile diff-closures` tells it. Store paths are grouped by package name; a word of
//! small letters at the end of a name is taken for an output's and cut off. A name is told if
//! versions came or went, or if its sizes together changed by 8 KiB or more; what has no version
//! counts as version `ε`.

use std::collections::{BTreeMap, BTreeSet};

use super::byte_size;
use super::package::PackageName;
use super::store_graph::PathInfo;

/// Smaller changes of size alone are not told.
const SMALLEST: u64 = 8 * 1024;

/// One package name that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageDifference {
    /// The name without version and output.
    pub name: String,
    /// Versions that are gone, sorted; an empty one is none.
    pub removed: Vec<String>,
    /// Versions that came.
    pub added: Vec<String>,
    /// Bytes of all its store paths before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

/// Both closures as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosureDifference {
    /// Sorted by name.
    pub packages: Vec<PackageDifference>,
    /// Bytes of the closure before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

/// Versions of a package name with the bytes of their store paths.
type Versions = BTreeMap<String, u64>;

/// What differs between two closures.
pub fn between(before: &[PathInfo], after: &[PathInfo]) -> ClosureDifference {
    let (old, new) = (by_name(before), by_name(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let nothing = Versions::new();
    let package = |name: &String| {
        let (old, new) = (old.get(name).unwrap_or(&nothing), new.get(name).unwrap_or(&nothing));
        let only = |one: &Versions, other: &Versions| -> Vec<String> {
            one.keys().filter(|version| !other.contains_key(*version)).cloned().collect()
        };
        let difference = PackageDifference {
            name: name.clone(),
            removed: only(old, new),
            added: only(new, old),
            before: old.values().sum(),
            after: new.values().sum(),
        };
        difference.is_told().then_some(difference)
    };
    let size = |closure: &[PathInfo]| closure.iter().map(|info| info.nar_size).sum();
    ClosureDifference {
        packages: names.into_iter().filter_map(package).collect(),
        before: size(before),
        after: size(after),
    }
}

impl PackageDifference {
    fn is_told(&self) -> bool {
        let versions_changed = !self.removed.is_empty() || !self.added.is_empty();
        versions_changed || self.size_changed()
    }

    fn size_changed(&self) -> bool {
        self.before.abs_diff(self.after) >= SMALLEST
    }

    /// As Nix words it, without colours: `hello: 1.0 → 2.0, +49.3 KiB`.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.removed.is_empty() || !self.added.is_empty() {
            parts.push(format!("{} → {}", versions(&self.removed), versions(&self.added)));
        }
        if self.size_changed() {
            let sign = if self.after > self.before { '+' } else { '-' };
            parts.push(format!("{sign}{}", byte_size::text(self.before.abs_diff(self.after))));
        }
        format!("{}: {}", self.name, parts.join(", "))
    }
}

fn versions(versions: &[String]) -> String {
    if versions.is_empty() {
        return "∅".to_owned();
    }
    let mut words: Vec<&str> =
        versions.iter().map(|version| if version.is_empty() { "ε" } else { version }).collect();
    words.sort_unstable();
    words.join(", ")
}

fn by_name(closure: &[PathInfo]) -> BTreeMap<String, Versions> {
    let mut names: BTreeMap<String, Versions> = BTreeMap::new();
    for info in closure {
        let PackageName { name, version } = PackageName::split(without_output(info.path.name()));
        *names.entry(name.to_owned()).or_default().entry(version.to_owned()).or_default() += info.nar_size;
    }
    names
}

/// `foo-1.0` of `foo-1.0-bin`: the last part, if it is one word of small letters.
fn without_output(name: &str) -> &str {
    let Some((rest, output)) = name.rsplit_once('-') else { return name };
    let is_word = !output.is_empty() && output.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_word || matches!(output, "lib32" | "lib64") { rest } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};

    fn closure(told: &[(&str, u64)]) -> Vec<PathInfo> {
        let info = |(index, (name, nar_size)): (usize, &(&str, u64))| PathInfo {
            path: StorePath::from_parts(&StoreDir::new("/s"), [u8::try_from(index).unwrap(); 20], name)
                .unwrap(),
            nar_size: *nar_size,
            references: Vec::new(),
            deriver: None,
        };
        told.iter().enumerate().map(info).collect()
    }

    fn words(before: &[(&str, u64)], after: &[(&str, u64)]) -> Vec<String> {
        let found = between(&closure(before), &closure(after));
        found.packages.iter().map(PackageDifference::words).collect()
    }

    #[test]
    fn versions_and_sizes_are_told_by_name() {
        let before = [("hello-1.0", 100_456), ("foo-1.0-bin", 500), ("same-1", 7)];
        let after = [("hello-2.0", 50_456), ("foo-1.0-lib64", 9_500), ("same-1", 9)];
        assert_eq!(words(&before, &after), ["foo: +8.8 KiB", "hello: 1.0 → 2.0, -48.8 KiB"]);
        assert_eq!(words(&[], &[("profile", 1)]), ["profile: ∅ → ε"]);
        assert_eq!(words(&[("a-1", 1), ("a-2", 1)], &[("a", 1)]), ["a: 1, 2 → ε"]);
        assert_eq!(words(&[("a-1", 1)], &[("a-1", 8193)]), ["a: +8 KiB"]);
        assert_eq!(words(&[("a-1", 1)], &[("a-1", 8192)]), [] as [&str; 0]);
        let found = between(&closure(&before), &closure(&after));
        assert_eq!((found.before, found.after), (100_963, 59_965));
    }
}
