//! What can be wrong with a profile: findings, and those that its elements alone tell.
//!
//! A finding says what is so and what mends it, a command where there is one. Looking at
//! files and links is [`crate::ops`]' part.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{ElementSource, ProfileElement, ProfileManifest};
use super::plan::Plan;
use super::version::compare_versions;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Which kind, for programs.
    pub problem: Problem,
    /// What is so, and what follows from it.
    pub message: String,
    /// What to type, or to do.
    pub mend: String,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// There is no profile where one was named.
    NoProfile,
    /// There is no nix, or one that cannot be worked with.
    Nix,
    /// The profile's programs are not on PATH.
    NotOnPath,
    /// A link on the way to the live generation is missing, dangling or not as Nix makes it.
    LinkChain,
    /// The classic and the XDG link lead to different profiles.
    TwoProfiles,
    /// What is live cannot be read.
    Unreadable,
    /// Both `manifest.json` and `manifest.nix` are there.
    BothManifests,
    /// One package is in several elements.
    Twice,
    /// Two versions of one package are in several elements.
    TwoVersions,
    /// A store path of an element is gone.
    MissingPath,
    /// All files of an element are hidden.
    WhollyHidden,
    /// Nix would refuse to build what is live.
    Collisions,
    /// A lock file on which Nix waits for ever.
    StaleLock,
    /// The next `home-manager switch` is refused.
    NextSwitch,
    /// A generation leads to nothing.
    DanglingGeneration,
    /// What a crash left behind.
    Leftover,
    /// A registry cannot be read whole.
    Registry,
    /// Lines of firn's journal cannot be read.
    Journal,
    /// The file that an element was added from is gone, or does not have it any more.
    EnvironmentFile,
    /// The notes about generations cannot be read, so that none is deleted.
    Notes,
}

impl Finding {
    /// A finding with its words.
    pub fn new(problem: Problem, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { problem, message: message.into(), mend: mend.into() }
    }
}

/// Groups of elements that are the same package: one store path, or one attribute of one reference.
pub fn twice(manifest: &ProfileManifest) -> Vec<Vec<String>> {
    let mut by_package: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for (name, element) in &manifest.elements {
        for path in &element.store_paths {
            by_package.entry(path.to_string()).or_default().insert(name);
        }
        if let Some(source) = &element.source {
            let package = format!("{}#{}^{}", source.original_url, source.attr_path, source.outputs);
            by_package.entry(package).or_default().insert(name);
        }
    }
    let groups: BTreeSet<Vec<String>> = by_package
        .into_values()
        .filter(|names| names.len() > 1)
        .map(|names| names.into_iter().cloned().collect())
        .collect();
    groups.into_iter().collect()
}

/// One package in two versions, in elements that nothing but the version tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoVersions {
    /// What the package is called.
    pub package: String,
    /// The elements with their versions, the newest last.
    pub elements: Vec<(String, String)>,
}

/// Packages that are switched on in more than one version. Those that were asked for by different
/// attributes (`python312`, `python313`) are meant to stand side by side.
pub fn two_versions(manifest: &ProfileManifest) -> Vec<TwoVersions> {
    let mut by_package: BTreeMap<_, Vec<(String, String)>> = BTreeMap::new();
    for (name, element) in manifest.elements.iter().filter(|(_, element)| element.active) {
        let attribute = element.source.as_ref().map(|source: &ElementSource| source.short_attribute(None));
        for (package, version) in versions(element) {
            let found = by_package.entry((package, attribute)).or_default();
            found.push((name.clone(), version.to_owned()));
        }
    }
    let mut told = Vec::new();
    for ((package, _), mut elements) in by_package {
        elements.sort_by(|one, two| compare_versions(&one.1, &two.1).then_with(|| one.cmp(two)));
        elements.dedup_by(|one, two| one.1 == two.1);
        if elements.len() > 1 {
            told.push(TwoVersions { package: package.to_owned(), elements });
        }
    }
    told
}

/// The packages of an element with their versions, whichever outputs of them it has.
fn versions(element: &ProfileElement) -> BTreeMap<&str, &str> {
    let named = element.packages().filter(|package| !package.version.is_empty());
    named.map(|package| (package.name, package.version)).collect()
}

/// An element none of whose files is linked, because others hide them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhollyHidden {
    /// Its name.
    pub element: String,
    /// Those that hide it.
    pub by: Vec<String>,
    /// A priority at which it would win.
    pub winning: i32,
}

/// The active elements of which nothing is seen.
pub fn wholly_hidden(plan: &Plan) -> Vec<WhollyHidden> {
    let seen: BTreeSet<&str> =
        plan.tree_after.links().iter().filter_map(|(_, link)| plan.element_of(&link.package)).collect();
    let mut hidden: BTreeMap<&str, (BTreeSet<String>, i32)> = BTreeMap::new();
    for shadowed in &plan.collisions.shadowed {
        let winner = plan.element_of(&shadowed.winner.package).unwrap_or("a propagated package");
        for loser in &shadowed.losers {
            let Some(element) = plan.element_of(&loser.package).filter(|element| !seen.contains(element))
            else {
                continue;
            };
            let (by, winning) = hidden.entry(element).or_insert((BTreeSet::new(), i32::MAX));
            by.insert(winner.to_owned());
            *winning = shadowed.winner.priority.saturating_sub(1).min(*winning);
        }
    }
    hidden
        .into_iter()
        .map(|(element, (by, winning))| WhollyHidden {
            element: element.to_owned(),
            by: by.into_iter().collect(),
            winning,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;

    #[test]
    fn one_package_in_two_elements_is_found() {
        let world = World::new().installed("hello-1", 5, &["bin/hello"]).installed("jq-1", 5, &["bin/jq"]);
        let mut manifest = world.base.manifest.clone();
        assert!(twice(&manifest).is_empty());
        let again = manifest.elements["hello"].clone();
        manifest.elements.insert("hello-1".into(), again);
        assert_eq!(twice(&manifest), [["hello", "hello-1"]]);
    }

    #[test]
    fn two_versions_are_found_unless_two_were_asked_for() {
        let world = World::new()
            .installed("hello-1.9", 5, &["bin/hello"])
            .installed("git-2.1-doc", 5, &["share/doc/git"])
            .installed("python3-3.12", 5, &["bin/python"]);
        let mut manifest = world.base.manifest.clone();
        let mut again = |name: &str, package: &str| {
            let other = World::new().installed(package, 6, &["x"]).base.manifest.elements.clone();
            manifest.elements.extend(other.into_values().map(|element| (name.to_owned(), element)));
        };
        again("hello-1", "hello-1.10");
        again("git-1", "git-2.1-man");
        again("python313", "python3-3.13");
        for (name, attribute) in [("python3", "python312"), ("python313", "python313")] {
            manifest.elements.get_mut(name).unwrap().source = Some(ElementSource {
                original_url: "flake:nixpkgs".into(),
                url: "path:/nixpkgs".into(),
                attr_path: attribute.into(),
                outputs: crate::core::manifest::ExtendedOutputsSpec::Default,
            });
        }
        let hello = vec![("hello".to_owned(), "1.9".to_owned()), ("hello-1".to_owned(), "1.10".to_owned())];
        let expected = TwoVersions { package: "hello".to_owned(), elements: hello };
        assert_eq!(two_versions(&manifest), [expected]);
        manifest.elements.get_mut("hello").unwrap().active = false;
        assert!(two_versions(&manifest).is_empty());
    }

    #[test]
    fn an_element_is_wholly_hidden_only_if_nothing_of_it_is_seen() {
        let world = World::new()
            .installed("new-1", 3, &["bin/a", "bin/b"])
            .installed("old-1", 5, &["bin/a", "bin/b"])
            .installed("partly-1", 6, &["bin/a", "bin/c"])
            .installed("empty-1", 6, &[]);
        let found = wholly_hidden(&world.plan());
        assert_eq!(found, [WhollyHidden { element: "old".into(), by: vec!["new".into()], winning: 2 }]);
    }
}
