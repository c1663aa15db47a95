//! What differs between two manifests: the lines of the history and of the review.
//!
//! Unlike `nix profile history`, a difference in priority, in being switched on or
//! in the build of the same version is told too, so "no changes" means just that.
//!
//! Whether an element went up or down is told by its packages: each package name
//! with its lowest version, less the name of an output (`fltk-1.3.11-bin` is
//! `1.3.11`), so that taking another output is no upgrade.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

mod pairs;

use super::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use super::package::{PackageName, USUAL_OUTPUTS};
use super::store_path::StorePath;
use super::user_environment::EnvironmentPackage;
pub use super::version::compare_versions;

/// One element that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementDifference {
    /// Its name, the later one if it has another now.
    pub name: String,
    /// Its name in the older manifest, where that was another.
    pub name_before: Option<String>,
    /// What happened, the most important first; never empty.
    pub kinds: Vec<DifferenceKind>,
    /// In the older manifest.
    pub before: Option<ProfileElement>,
    /// In the newer manifest.
    pub after: Option<ProfileElement>,
}

/// What can happen to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// `+`
    Added,
    /// `-`
    Removed,
    /// `↑` a higher version (Nix's version order).
    Upgraded,
    /// `↓` a lower version.
    Downgraded,
    /// Same version, other store paths.
    Rebuilt,
    /// `p` another priority.
    Priority,
    /// `o` switched on or off.
    Active,
    /// It got nix-env's flag `keep`.
    Kept,
    /// It lost nix-env's flag `keep`.
    LetGo,
    /// Other outputs were chosen.
    Outputs,
    /// The manifest calls it otherwise. Names that firn gives to packages of nix-env do not count.
    Renamed,
    /// The reference or attribute it follows.
    Reference,
    /// Another revision of the same reference, with the same store paths.
    Source,
}

impl DifferenceKind {
    /// The sign in a summary; a word where lists have no sign for it.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "-",
            Self::Upgraded => "↑",
            Self::Downgraded => "↓",
            Self::Rebuilt => "rebuilt",
            Self::Priority => "p",
            Self::Active => "o",
            Self::Kept => "kept",
            Self::LetGo => "let go",
            Self::Outputs => "outputs",
            Self::Renamed => "renamed",
            Self::Reference => "reference",
            Self::Source => "source",
        }
    }
}

impl ElementDifference {
    /// One thing that was done to it, in a few words.
    fn deed(&self, kind: DifferenceKind) -> &'static str {
        match kind {
            DifferenceKind::Added => "added",
            DifferenceKind::Removed => "removed",
            DifferenceKind::Upgraded => "upgraded",
            DifferenceKind::Downgraded => "downgraded",
            DifferenceKind::Rebuilt => "rebuilt",
            DifferenceKind::Priority => "gave another priority to",
            DifferenceKind::Active if self.after.as_ref().is_some_and(|after| after.active) => "switched on",
            DifferenceKind::Active => "switched off",
            DifferenceKind::Kept => "kept",
            DifferenceKind::LetGo => "let go",
            DifferenceKind::Outputs => "chose outputs of",
            DifferenceKind::Renamed => "renamed",
            DifferenceKind::Reference => "re-pointed",
            DifferenceKind::Source => "locked anew",
        }
    }
}

impl DifferenceKind {
    /// The name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Upgraded => "upgraded",
            Self::Downgraded => "downgraded",
            Self::Rebuilt => "rebuilt",
            Self::Priority => "priority",
            Self::Active => "active",
            Self::Kept => "kept",
            Self::LetGo => "let-go",
            Self::Outputs => "outputs",
            Self::Renamed => "renamed",
            Self::Reference => "reference",
            Self::Source => "source",
        }
    }
}

/// Every element that differs, by name. The same element under another name is one.
pub fn between(before: &ProfileManifest, after: &ProfileManifest) -> Vec<ElementDifference> {
    let is_named_by_firn = before.environment.is_some() && after.environment.is_some();
    let difference = |(old, new): pairs::Pair<'_>| {
        let packages = (old.and_then(|name| before.package(name)), new.and_then(|name| after.package(name)));
        let element = |manifest: &'_ ProfileManifest, name: Option<&str>| {
            name.and_then(|name| manifest.elements.get(name)).cloned()
        };
        let (from, to) = (element(before, old), element(after, new));
        let renamed = old.filter(|old| new.is_some_and(|new| new != *old));
        let kinds = match (&from, &to) {
            (Some(from), Some(to)) => {
                let mut kinds = kinds_between(from, to);
                if let (Some(from), Some(to)) = packages {
                    package_kinds(from, to, &mut kinds);
                }
                if renamed.is_some() && !is_named_by_firn {
                    kinds.push(DifferenceKind::Renamed);
                }
                kinds
            }
            (Some(_), None) => vec![DifferenceKind::Removed],
            (None, _) => vec![DifferenceKind::Added],
        };
        let (name, name_before) = (new.or(old).unwrap_or_default().to_owned(), renamed.map(str::to_owned));
        (!kinds.is_empty()).then_some(ElementDifference { name, name_before, kinds, before: from, after: to })
    };
    pairs::pairs(before, after).into_iter().filter_map(difference).collect()
}

fn kinds_between(before: &ProfileElement, after: &ProfileElement) -> Vec<DifferenceKind> {
    let mut kinds = Vec::new();
    if before.store_paths != after.store_paths && !only_chooses_outputs(before, after) {
        kinds.push(match version_change(before, after) {
            Ordering::Less => DifferenceKind::Upgraded,
            Ordering::Greater => DifferenceKind::Downgraded,
            Ordering::Equal => DifferenceKind::Rebuilt,
        });
    }
    if before.priority != after.priority {
        kinds.push(DifferenceKind::Priority);
    }
    if before.active != after.active {
        kinds.push(DifferenceKind::Active);
    }
    let source_changed = |part: fn(&ElementSource) -> String| {
        before.source.as_ref().map(part) != after.source.as_ref().map(part)
    };
    let outputs = |element: &ProfileElement| element.source.as_ref().map(|source| source.outputs.clone());
    if let (Some(before), Some(after)) = (outputs(before), outputs(after))
        && before != after
    {
        kinds.push(DifferenceKind::Outputs);
    }
    if source_changed(|source| format!("{}#{}", source.original_url, source.attr_path)) {
        kinds.push(DifferenceKind::Reference);
    } else if before.store_paths == after.store_paths && source_changed(|source| source.url.clone()) {
        kinds.push(DifferenceKind::Source);
    }
    kinds
}

/// What only nix-env's record of a package tells.
fn package_kinds(before: &EnvironmentPackage, after: &EnvironmentPackage, kinds: &mut Vec<DifferenceKind>) {
    if before.out_path == after.out_path && before.outputs != after.outputs {
        kinds.retain(|kind| *kind != DifferenceKind::Rebuilt);
        kinds.push(DifferenceKind::Outputs);
    }
    match (before.keep(), after.keep()) {
        (false, true) => kinds.push(DifferenceKind::Kept),
        (true, false) => kinds.push(DifferenceKind::LetGo),
        _ => {}
    }
    kinds.sort_unstable();
}

/// Whether it is the very same package, of which other outputs are installed: no new build.
pub(super) fn only_chooses_outputs(before: &ProfileElement, after: &ProfileElement) -> bool {
    let (Some(before), Some(after)) = (&before.source, &after.source) else { return false };
    (&before.url, &before.attr_path) == (&after.url, &after.attr_path) && before.outputs != after.outputs
}

/// The order of the versions before and after, told by the first package that both have with
/// different versions; if they share none (it was renamed), by the first of each.
fn version_change(before: &ProfileElement, after: &ProfileElement) -> Ordering {
    let (before, after) = (versions_by_package(before), versions_by_package(after));
    let mut shared = before
        .iter()
        .filter_map(|(name, version)| Some(compare_versions(version, after.get(name)?)))
        .peekable();
    if shared.peek().is_none() {
        return match (before.values().next(), after.values().next()) {
            (Some(before), Some(after)) => compare_versions(before, after),
            _ => Ordering::Equal,
        };
    }
    shared.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The lowest version of each package name, without the name of an output at its end.
fn versions_by_package(element: &ProfileElement) -> BTreeMap<&str, &str> {
    let mut versions: BTreeMap<&str, &str> = BTreeMap::new();
    for PackageName { name, version } in element.packages() {
        let lowest = versions.entry(name).or_insert(version);
        if compare_versions(version, lowest).is_lt() {
            *lowest = version;
        }
    }
    versions
}

/// Which outputs there were and are: `outputs out → out,man`.
pub fn outputs_words(before: Option<&ProfileElement>, after: Option<&ProfileElement>) -> String {
    let words = |element: Option<&ProfileElement>| match element
        .and_then(|element| element.source.as_ref())
        .map(|source| &source.outputs)
    {
        None if element.is_some() => element.map(outputs_by_paths).unwrap_or_default(),
        None | Some(ExtendedOutputsSpec::Default) => "default".to_owned(),
        Some(ExtendedOutputsSpec::All) => "all".to_owned(),
        Some(ExtendedOutputsSpec::Names(names)) => names.join(","),
    };
    format!("outputs {} → {}", words(before), words(after))
}

/// The outputs that the ends of store paths tell of.
fn outputs_by_paths(element: &ProfileElement) -> String {
    let output = |path: &StorePath| {
        let last = path.name().rsplit('-').next().filter(|last| USUAL_OUTPUTS.contains(last));
        last.unwrap_or("out").to_owned()
    };
    element.store_paths.iter().map(output).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}

/// What was done, in words: `added jujutsu; upgraded bat, fd and 3 more; removed tmux`.
/// Empty if nothing differs. Of a single element everything is told, of several the most important.
pub fn deed_words(differences: &[ElementDifference]) -> String {
    const NAMES: usize = 3;
    let tells = |found: &ElementDifference, kind: DifferenceKind| match differences {
        [only] => only.kinds.contains(&kind),
        _ => found.kinds.first() == Some(&kind),
    };
    let deed = |kind: DifferenceKind, word: &str| {
        let names: Vec<&str> = differences
            .iter()
            .filter(|found| tells(found, kind) && found.deed(kind) == word)
            .map(|found| found.name.as_str())
            .collect();
        let (shown, rest) = names.split_at(names.len().min(NAMES));
        let shown = shown.join(", ");
        match rest.len() {
            _ if shown.is_empty() => None,
            0 => Some(format!("{word} {shown}")),
            more => Some(format!("{word} {shown} and {more} more")),
        }
    };
    let mut deeds: Vec<String> = Vec::new();
    for kind in SUMMARY_ORDER {
        let words: BTreeSet<&str> =
            differences.iter().filter(|found| tells(found, kind)).map(|found| found.deed(kind)).collect();
        deeds.extend(words.into_iter().filter_map(|word| deed(kind, word)));
    }
    deeds.join("; ")
}

/// The order of a summary: what comes, what changes, what goes, then the rest.
const SUMMARY_ORDER: [DifferenceKind; 13] = [
    DifferenceKind::Added,
    DifferenceKind::Upgraded,
    DifferenceKind::Downgraded,
    DifferenceKind::Removed,
    DifferenceKind::Rebuilt,
    DifferenceKind::Priority,
    DifferenceKind::Active,
    DifferenceKind::Kept,
    DifferenceKind::LetGo,
    DifferenceKind::Outputs,
    DifferenceKind::Renamed,
    DifferenceKind::Reference,
    DifferenceKind::Source,
];

/// What became of the whole profile, if that is another kind than before.
pub fn conversion(before: &ProfileManifest, after: &ProfileManifest) -> Option<&'static str> {
    match (before.environment.is_some(), after.environment.is_some()) {
        (true, false) => Some("converted to nix profile"),
        (false, true) if !before.elements.is_empty() => Some("made anew by nix-env"),
        _ => None,
    }
}

/// One short line for what differs between two manifests: [`summary`], or the conversion.
pub fn summary_between(before: &ProfileManifest, after: &ProfileManifest) -> String {
    let differences = between(before, after);
    match conversion(before, after) {
        Some(words) if differences.is_empty() => words.to_owned(),
        Some(words) => format!("{words}, {}", summary(&differences)),
        None => summary(&differences),
    }
}

/// One short line: `+ jujutsu`, `↑ 3`, `p jj 5→6`, `o podman off`, `+1 ↑2 -1`, `no changes`.
/// Among several an element counts once, for the most important thing that happened to it; of a single one
/// everything is told: `kept git, outputs`.
pub fn summary(differences: &[ElementDifference]) -> String {
    let of_kind = |kind: DifferenceKind| {
        differences.iter().filter(move |difference| difference.kinds.first() == Some(&kind))
    };
    let kinds: Vec<DifferenceKind> =
        SUMMARY_ORDER.into_iter().filter(|kind| of_kind(*kind).next().is_some()).collect();
    match (&kinds[..], differences) {
        ([], _) => "no changes".to_owned(),
        ([kind], [only]) => {
            let first = format!("{} {}", kind.mark(), in_words(*kind, only));
            only.kinds.iter().skip(1).fold(first, |told, kind| format!("{told}, {}", beside(*kind, only)))
        }
        ([kind], all) => format!("{} {}", kind.mark(), all.len()),
        (kinds, _) => {
            let counts = kinds.iter().map(|kind| {
                let mark = kind.mark();
                let blank = if mark.chars().count() > 1 { " " } else { "" };
                format!("{mark}{blank}{}", of_kind(*kind).count())
            });
            counts.collect::<Vec<_>>().join(" ")
        }
    }
}

/// What else happened to an element that is named already: `outputs`, `p 5→6`, `off`.
fn beside(kind: DifferenceKind, difference: &ElementDifference) -> String {
    match (kind, &difference.before, &difference.after) {
        (DifferenceKind::Priority, Some(before), Some(after)) => {
            format!("{} {}→{}", kind.mark(), before.priority, after.priority)
        }
        (DifferenceKind::Active, _, Some(after)) => if after.active { "on" } else { "off" }.to_owned(),
        _ => kind.mark().to_owned(),
    }
}

/// The element's name, with the old and new value where a name says too little.
fn in_words(kind: DifferenceKind, difference: &ElementDifference) -> String {
    let name = &difference.name;
    match (kind, &difference.before, &difference.after) {
        (DifferenceKind::Priority, Some(before), Some(after)) => {
            format!("{name} {}→{}", before.priority, after.priority)
        }
        (DifferenceKind::Renamed, ..) => {
            format!("{}→{name}", difference.name_before.as_deref().unwrap_or_default())
        }
        (DifferenceKind::Active, _, Some(after)) => {
            format!("{name} {}", if after.active { "on" } else { "off" })
        }
        _ => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};

    fn element(names: &[&str]) -> ProfileElement {
        let path = |name: &&str| {
            let store_dir = StoreDir::new("/nix/store");
            // the hash tells two builds of one name apart: `hello-1.0` and `hello-1.0!`
            let hash = [u8::from(name.ends_with('!')); 20];
            StorePath::from_parts(&store_dir, hash, name.trim_end_matches('!')).unwrap()
        };
        let store_paths = names.iter().map(path).collect();
        ProfileElement { active: true, priority: 5, store_paths, source: None }
    }

    fn with_outputs(names: &[&str], outputs: &[&str]) -> ProfileElement {
        let source = ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: "flake:nixpkgs".to_owned(),
            attr_path: "x".to_owned(),
            outputs: ExtendedOutputsSpec::Names(outputs.iter().map(|&name| name.to_owned()).collect()),
        };
        ProfileElement { source: Some(source), ..element(names) }
    }

    fn manifest(elements: &[(&str, ProfileElement)]) -> ProfileManifest {
        let elements = elements.iter().map(|(name, element)| ((*name).to_owned(), element.clone()));
        ProfileManifest::of(elements.collect())
    }

    fn kinds(before: &ProfileElement, after: &ProfileElement) -> Vec<DifferenceKind> {
        kinds_between(before, after)
    }

    #[test]
    fn versions_go_up_and_down() {
        use DifferenceKind::{Downgraded, Rebuilt, Upgraded};
        for (before, after, expected) in [
            (vec!["hello-2.9"], vec!["hello-2.10"], Upgraded),
            (vec!["hello-2.10"], vec!["hello-2.9"], Downgraded),
            (vec!["hello-2.10"], vec!["hello-2.10!"], Rebuilt),
            (vec!["hello"], vec!["hello!"], Rebuilt),
            (vec!["hello-1.0"], vec!["hello-1-0"], Rebuilt),
            (vec!["git-2.48"], vec!["git-2.48", "git-2.48-doc"], Rebuilt),
            (vec!["git-2.48"], vec!["git-2.48-doc"], Rebuilt),
            (vec!["fltk-1.3-bin"], vec!["fltk-1.4-bin", "fltk-1.4-man"], Upgraded),
            (vec!["x-1.0-rc"], vec!["x-1.0"], Downgraded),
            (vec!["a-1", "b-1"], vec!["a-1!", "b-2"], Upgraded),
            (vec!["node-slim-20"], vec!["node-22"], Upgraded),
            (vec![], vec!["hello-1"], Rebuilt),
        ] {
            assert_eq!(kinds(&element(&before), &element(&after)), [expected], "{before:?} {after:?}");
        }
        let (before, after) = (with_outputs(&["x-1"], &["out"]), with_outputs(&["x-1-odd"], &["odd"]));
        assert_eq!(kinds(&before, &after), [DifferenceKind::Outputs], "the very same package");
    }

    #[test]
    fn several_things_can_happen_at_once() {
        use DifferenceKind::{Active, Outputs, Priority, Reference, Source, Upgraded};
        let before = with_outputs(&["x-1"], &["out"]);
        let mut after = ProfileElement { priority: -1, active: false, ..before.clone() };
        assert_eq!(kinds(&before, &after), [Priority, Active]);
        after.source = None;
        assert_eq!(kinds(&before, &after), [Priority, Active, Reference]);
        let other = |change: fn(&mut ElementSource)| {
            let mut other = before.clone();
            other.source.as_mut().map(change).unwrap();
            kinds(&before, &other)
        };
        assert_eq!(other(|source| source.url.push('x')), [Source]);
        assert_eq!(other(|source| source.original_url.push('x')), [Reference]);
        assert_eq!(other(|source| source.outputs = ExtendedOutputsSpec::All), [Outputs]);
        after.source.clone_from(&before.source);
        after.store_paths = element(&["x-2"]).store_paths;
        assert_eq!(kinds(&before, &after), [Upgraded, Priority, Active]);
        assert_eq!(kinds(&before, &before), []);
    }

    #[test]
    fn elements_that_come_and_go_are_told_by_name() {
        use DifferenceKind::{Added, Removed, Upgraded};
        let before =
            manifest(&[("a", element(&["a-1"])), ("b", element(&["b-1"])), ("d", element(&["d-1"]))]);
        let after = manifest(&[("a", element(&["a-1"])), ("b", element(&["b-2"])), ("c", element(&["c-1"]))]);
        let told = between(&before, &after);
        let lines: Vec<(&str, DifferenceKind)> =
            told.iter().map(|difference| (difference.name.as_str(), difference.kinds[0])).collect();
        assert_eq!(lines, [("b", Upgraded), ("c", Added), ("d", Removed)]);
        assert_eq!((told[1].before.is_some(), told[1].after.is_some()), (false, true));
        assert_eq!(summary(&told), "+1 ↑1 -1");
        assert_eq!(between(&before, &before), []);
    }

    #[test]
    fn summaries_are_short() {
        let base = manifest(&[("jj", element(&["jj-1"])), ("bat", element(&["bat-1"]))]);
        let after = |name: &str, change: fn(&mut ProfileElement)| {
            let mut manifest = base.clone();
            change(manifest.elements.get_mut(name).unwrap());
            manifest
        };
        let told = |after: &ProfileManifest| summary(&between(&base, after));
        assert_eq!(told(&base), "no changes");
        assert_eq!(told(&after("jj", |it| it.priority = 6)), "p jj 5→6");
        assert_eq!(told(&after("bat", |it| it.active = false)), "o bat off");
        assert_eq!(told(&after("bat", |it| *it = element(&["bat-2"]))), "↑ bat");
        assert_eq!(told(&after("bat", |it| *it = element(&["bat-1!"]))), "rebuilt bat");
        assert_eq!(told(&ProfileManifest::default()), "- 2");
        let both = after("jj", |it| (it.priority, it.active) = (6, false));
        assert_eq!(told(&both), "p jj 5→6, off", "of one element everything is told");
        assert_eq!(deed_words(&between(&base, &both)), "gave another priority to jj; switched off jj");
        let mut added = after("bat", |it| *it = element(&["bat-1!"]));
        added.add("jujutsu", element(&["jujutsu-1"]));
        assert_eq!(told(&added), "+1 rebuilt 1");
        added.elements.get_mut("jj").unwrap().active = false;
        assert_eq!(deed_words(&between(&base, &added)), "added jujutsu; rebuilt bat; switched off jj");
        for name in ["a", "b", "c"] {
            added.add(name, element(&[&format!("{name}-1")]));
        }
        assert!(deed_words(&between(&base, &added)).starts_with("added a, b, c and 1 more; "));
        assert_eq!(deed_words(&[]), "");
    }
}
