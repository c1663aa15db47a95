//! Which element of one manifest is which of another.
//!
//! Mostly the one of its name. But firn names the packages of nix-env itself, and they change their
//! names with their neighbours: beside a second one `python3` becomes `python3-3.12.7`. So what holds
//! the very same packages is the same, and what is left over alone of a name was replaced. Names of
//! `nix profile` stand in its manifest; there an element is another's successor only if one of their
//! names is not used on the other side: `git` and `git-1` that become `git` alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::store_path::StorePath;

/// An element by its names, before and after; one of them is there.
pub(super) type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// Each element of both once, by the name after, or before where it is gone.
pub(super) fn pairs<'a>(before: &'a ProfileManifest, after: &'a ProfileManifest) -> Vec<Pair<'a>> {
    let names: BTreeSet<&str> =
        before.elements.keys().chain(after.elements.keys()).map(String::as_str).collect();
    let mut pairs: Vec<Pair<'_>> = Vec::with_capacity(names.len());
    let mut open = Open::default();
    for name in names {
        match (before.elements.get(name), after.elements.get(name)) {
            (Some(one), Some(other)) if one.store_paths == other.store_paths => {
                pairs.push((Some(name), Some(name)));
            }
            (one, other) => {
                open.before.extend(one.map(|_| name));
                open.after.extend(other.map(|_| name));
            }
        }
    }
    if !open.before.is_empty() && !open.after.is_empty() {
        let naming = if before.environment.is_some() && after.environment.is_some() {
            Naming::ByFirn
        } else {
            Naming::InManifest
        };
        open.pair_up((before, after), naming, &mut pairs);
    }
    pairs.extend(open.before.into_iter().map(|name| (Some(name), None)));
    pairs.extend(open.after.into_iter().map(|name| (None, Some(name))));
    pairs.sort_by_key(|(before, after)| after.or(*before));
    pairs
}

/// Where names come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    ByFirn,
    InManifest,
}

/// Elements that are nobody's counterpart yet.
#[derive(Default)]
struct Open<'a> {
    before: BTreeSet<&'a str>,
    after: BTreeSet<&'a str>,
}

/// What elements are recognised by: the name without a version, and with `paths` what they hold.
type Kin<'a> = (String, &'a [StorePath]);

impl<'a> Open<'a> {
    fn pair_up(
        &mut self,
        (before, after): (&'a ProfileManifest, &'a ProfileManifest),
        naming: Naming,
        pairs: &mut Vec<Pair<'a>>,
    ) {
        let held =
            |manifest: &'a ProfileManifest, name: &str| Some((kin(manifest, name)?, paths(manifest, name)));
        let may_differ = |one: &str, other: &str| {
            naming == Naming::ByFirn
                || !after.elements.contains_key(one)
                || !before.elements.contains_key(other)
        };
        let mut waiting: BTreeMap<Kin<'_>, Vec<&str>> = BTreeMap::new();
        for name in self.before.iter().rev() {
            if let Some(kin) = held(before, name).filter(|(_, paths)| !paths.is_empty()) {
                waiting.entry(kin).or_default().push(name);
            }
        }
        for name in self.after.clone() {
            let Some(same) = held(after, name).and_then(|kin| waiting.get_mut(&kin)) else { continue };
            if let Some(one) = same.pop_if(|one| may_differ(one, name)) {
                self.close(one, name, pairs);
            }
        }
        for name in self.before.intersection(&self.after).copied().collect::<Vec<_>>() {
            self.close(name, name, pairs);
        }
        if naming == Naming::ByFirn {
            self.pair_singles((before, after), pairs);
        }
    }

    /// One that is left of a name and one that is new were the same: it was upgraded.
    fn pair_singles(
        &mut self,
        (before, after): (&'a ProfileManifest, &'a ProfileManifest),
        pairs: &mut Vec<Pair<'a>>,
    ) {
        let mut of_kin: BTreeMap<String, [Vec<&'a str>; 2]> = BTreeMap::new();
        for (side, manifest, names) in [(0, before, &self.before), (1, after, &self.after)] {
            for name in names {
                if let Some(kin) = kin(manifest, name) {
                    of_kin.entry(kin).or_default()[side].push(name);
                }
            }
        }
        for [ones, others] in of_kin.into_values() {
            if let ([one], [other]) = (ones.as_slice(), others.as_slice()) {
                self.close(one, other, pairs);
            }
        }
    }

    fn close(&mut self, one: &'a str, other: &'a str, pairs: &mut Vec<Pair<'a>>) {
        self.before.remove(one);
        self.after.remove(other);
        pairs.push((Some(one), Some(other)));
    }
}

/// The name that an element would have if it were alone.
fn kin(manifest: &ProfileManifest, name: &str) -> Option<String> {
    match manifest.package(name) {
        Some(package) => Some(package.short_name().to_owned()),
        None => manifest.elements.get(name).map(ProfileElement::base_name),
    }
}

fn paths<'a>(manifest: &'a ProfileManifest, name: &str) -> &'a [StorePath] {
    manifest.elements.get(name).map_or(&[], |element| element.store_paths.as_slice())
}

#[cfg(test)]
mod tests {
    use super::super::{between, deed_words, summary};
    use super::*;
    use crate::core::store_path::StoreDir;
    use crate::core::user_environment::{Derivations, EnvironmentPackage, UserEnvironment};

    /// What happened between two lists of packages of nix-env, oldest first, each as it is read.
    fn told(before: &str, after: &str) -> String {
        let manifest = |names: &str| {
            let package = |name: &str| {
                let mut package = EnvironmentPackage::of_store_path(&path(name.trim_end_matches('!')));
                if name.ends_with('!') {
                    package.set_flag("priority", "7");
                }
                package
            };
            let packages = names.split_whitespace().rev().map(package).collect();
            ProfileManifest::of_environment(UserEnvironment::of_packages(packages, Derivations::Dropped))
        };
        deed_words(&between(&manifest(before), &manifest(after)))
    }

    fn path(name: &str) -> StorePath {
        let mut hash = [0; 20];
        // `a-1` and `a-1:x` are two builds of one version.
        let (name, build) = name.split_once(':').unwrap_or((name, ""));
        hash[..build.len()].copy_from_slice(build.as_bytes());
        StorePath::from_parts(&StoreDir::new("/s"), hash, name).unwrap()
    }

    #[test]
    fn packages_of_nix_env_are_the_same_under_another_name() {
        for (before, after, words) in [
            ("py-1", "py-1 py-2", "added py-2"),
            ("py-1 py-2", "py-2", "removed py-1"),
            ("py-1 py-2", "py-1!", "removed py-2; gave another priority to py"),
            ("py-1 py-2", "py-1 py-3", "upgraded py-3"),
            ("py-1 py-2 x-1", "py-3 x-2", "added py; upgraded x; removed py-1, py-2"),
            ("py-1", "py-2", "upgraded py"),
            // Told apart by a number only, which goes by age.
            ("py-1 py-1:x z-1", "py-1:x z-1", "removed py-1"),
            ("py-1 py-1:x z-1", "py-1:x py-1 z-1", ""),
            ("py-1 py-1:x", "py-1 py-1:y", "rebuilt py-1-1"),
        ] {
            assert_eq!(told(before, after), words, "{before} → {after}");
        }
    }

    #[test]
    fn elements_of_nix_profile_are_called_as_their_manifest_says() {
        let told = |before: &[(&str, &str)], after: &[(&str, &str)]| {
            let manifest = |elements: &[(&str, &str)]| {
                let element = |name: &str| ProfileElement {
                    active: true,
                    priority: 5,
                    store_paths: vec![path(name)],
                    source: None,
                };
                ProfileManifest::of(
                    elements.iter().map(|(name, of)| ((*name).to_owned(), element(of))).collect(),
                )
            };
            let differences = between(&manifest(before), &manifest(after));
            (deed_words(&differences), summary(&differences))
        };
        let two = [("git", "git-1"), ("git-1", "git-2")];
        for (after, words, short) in [
            (vec![("git", "git-2")], "removed git; renamed git", "-1 renamed 1"),
            (vec![("git-1", "git-2")], "removed git", "- git"),
            (vec![("git", "git-2"), ("git-1", "git-3")], "upgraded git, git-1", "↑ 2"),
            (vec![("git", "git-1"), ("git-2", "git-2")], "renamed git-2", "renamed git-1→git-2"),
            (vec![("git", "git-1"), ("other", "git-2")], "renamed other", "renamed git-1→other"),
        ] {
            assert_eq!(told(&two, &after), (words.to_owned(), short.to_owned()), "{after:?}");
        }
    }
}
