//! What a row says about an element: its state, what is staged for it, versions,
//! where it comes from, and who it meets in the tree, all in words and glyphs.

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::style::Style;

use crate::core::difference::{self, DifferenceKind, ElementDifference};
use crate::core::manifest::{ElementSource, ProfileElement, ProfileManifest};
use crate::core::package::{PackageName, package_name};
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution::{CollisionGroup, CollisionKind, GroupMember};
use crate::core::user_environment::{EnvironmentPackage, UserEnvironment};
use crate::core::visible;
use crate::tui::model::Model;
use crate::tui::theme::{self, Theme};
use crate::tui::view::words;

/// A glyph, its style and the word for the same meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// One cell.
    pub glyph: &'static str,
    /// For the glyph and what belongs to it.
    pub style: Style,
    /// What it means.
    pub word: &'static str,
}

/// The worst that each element takes part in: as a loser, or in a tie.
pub fn collision_states(groups: &[CollisionGroup]) -> HashMap<&str, CollisionKind> {
    let mut states: HashMap<&str, CollisionKind> = HashMap::new();
    for group in groups {
        for member in group.elements.iter().filter(|member| !member.winner) {
            if let Some(name) = &member.element {
                states.entry(name).and_modify(|kind| *kind = group.kind.min(*kind)).or_insert(group.kind);
            }
        }
    }
    states
}

/// The sign of a kind of collision.
pub fn collision_sign(kind: CollisionKind, theme: &Theme) -> Sign {
    let (glyph, style, word) = match kind {
        CollisionKind::Tie => (theme::BLOCKING, theme.blocking, "tie"),
        CollisionKind::TypeClash => (theme::BLOCKING, theme.blocking, "type clash"),
        CollisionKind::Shadowed => (theme::SHADOWED, theme.shadowed, "shadowed"),
        CollisionKind::Latent => (theme::LATENT, theme.latent, "latent"),
    };
    Sign { glyph, style, word }
}

/// The sign of what happens to an element.
pub fn difference_sign(kind: DifferenceKind, theme: &Theme) -> Sign {
    let (glyph, style, word) = match kind {
        DifferenceKind::Added => (theme::ADDED, theme.added, "add"),
        DifferenceKind::Removed => (theme::REMOVED, theme.removed, "remove"),
        DifferenceKind::Upgraded => (theme::UPGRADED, theme.upgraded, "upgrade"),
        DifferenceKind::Downgraded => (theme::DOWNGRADED, theme.downgraded, "downgrade"),
        DifferenceKind::Rebuilt => (theme::CHANGED, theme.changed, "new build"),
        DifferenceKind::Priority => (theme::PRIORITY, theme.adjusted, "priority"),
        DifferenceKind::Active => (theme::ACTIVE, theme.adjusted, "on/off"),
        DifferenceKind::Kept => (theme::CHANGED, theme.adjusted, "keep"),
        DifferenceKind::Renamed => (theme::CHANGED, theme.adjusted, "renamed"),
        DifferenceKind::LetGo => (theme::CHANGED, theme.adjusted, "let go"),
        DifferenceKind::Outputs => (theme::CHANGED, theme.changed, "outputs"),
        DifferenceKind::Reference => (theme::CHANGED, theme.changed, "reference"),
        DifferenceKind::Source => (theme::CHANGED, theme.changed, "source"),
    };
    Sign { glyph, style, word }
}

/// What the plan does to an element; `None` if it stays as it is or is not known yet.
pub fn planned_difference(planned: &PlannedElement) -> Option<ElementDifference> {
    let [package_before, package_after] = &planned.packages;
    if planned.before == planned.after && package_before == package_after {
        return None;
    }
    let side = |element: &Option<ProfileElement>, package: &Option<Arc<EnvironmentPackage>>| {
        let named = element.iter().map(|element| (planned.name.clone(), element.clone()));
        let packages = package.iter().map(|package| (planned.name.clone(), Arc::clone(package))).collect();
        let environment = UserEnvironment { packages, ..UserEnvironment::default() };
        let environment = package.is_some().then(|| Arc::new(environment));
        ProfileManifest { elements: named.collect(), environment }
    };
    let (before, after) = (side(&planned.before, package_before), side(&planned.after, package_after));
    difference::between(&before, &after).into_iter().next()
}

/// What is staged for an element, as the sign of its row.
pub fn staged_sign(planned: &PlannedElement, theme: &Theme) -> Option<Sign> {
    if planned.added_by.is_some() {
        return Some(difference_sign(DifferenceKind::Added, theme));
    }
    let kind = *planned_difference(planned)?.kinds.first()?;
    Some(difference_sign(kind, theme))
}

/// The state an element is in afterwards, the worst first.
pub fn state_sign(planned: &PlannedElement, collides: Option<CollisionKind>, theme: &Theme) -> Option<Sign> {
    if let Some(kind) = collides {
        return Some(collision_sign(kind, theme));
    }
    if planned.refused.is_some() {
        return Some(Sign { glyph: theme::FAILED, style: theme.error, word: "failed" });
    }
    let element = planned.after.as_ref().or(planned.before.as_ref())?;
    if !element.active {
        return Some(Sign { glyph: theme::ACTIVE, style: theme.off, word: "switched off" });
    }
    let locked = element.source.as_ref().is_some_and(ElementSource::is_locked);
    locked.then_some(Sign { glyph: theme::LOCKED, style: theme.locked, word: "locked ref" })
}

/// The version of an element, one for all its outputs; a dash for none.
pub fn version(element: &ProfileElement) -> String {
    let versions = element.plain_versions();
    if versions.is_empty() { "-".to_owned() } else { versions }
}

/// A version before and after: `0.24.0 → 0.25.0`, `∅ → 1.3.11`, or one if it stays.
pub fn versions(before: Option<&ProfileElement>, after: Option<&ProfileElement>) -> (String, Option<String>) {
    let nothing = || theme::NOTHING.to_owned();
    match (before, after) {
        (None, None) => (nothing(), None),
        (None, Some(after)) => (nothing(), Some(version(after))),
        (Some(before), None) => (version(before), Some(nothing())),
        (Some(before), Some(after)) => {
            let (old, new) = (version(before), version(after));
            if old == new { (new, None) } else { (old, Some(new)) }
        }
    }
}

/// Where an element comes from, short: `nixpkgs@9f2c`, `ryantm/agenix@1a2b`, `store path`.
pub fn origin(element: &ProfileElement) -> String {
    let Some(source) = &element.source else { return "store path".to_owned() };
    let name = reference_name(&source.original_url);
    match source.revision() {
        Some(revision) => format!("{name}@{}", &revision[..4]),
        None => name.to_owned(),
    }
}

/// What an element follows: `nixpkgs#hello`, with the attribute path as far as it was typed.
pub fn reference(element: &ProfileElement) -> String {
    let Some(source) = &element.source else {
        return element.store_paths.first().map(ToString::to_string).unwrap_or_default();
    };
    let url = source.original_url.strip_prefix("flake:").unwrap_or(&source.original_url);
    format!("{url}#{}", source.short_attribute(None))
}

fn reference_name(url: &str) -> &str {
    if let Some(name) = url.strip_prefix("flake:") {
        return name;
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    let mut parts = path.trim_end_matches('/').split('/').filter(|part| !part.is_empty());
    let kind = url.split(':').next().unwrap_or_default();
    match kind {
        "github" | "gitlab" | "sourcehut" => parts.nth(1).unwrap_or(path),
        _ => parts.next_back().map_or(path, |last| last.trim_end_matches(".git")),
    }
}

/// A path of the profile as it is shown.
pub fn shown_path(path: &[u8]) -> String {
    visible::text(&visible::bytes(path))
}

/// Whether a group collides at a path. Its paths are sorted part by part (`a/b` before `a.b`).
pub fn collides_at(group: &CollisionGroup, path: &[u8]) -> bool {
    let is_slash = |byte: &u8| *byte == b'/';
    group.paths.binary_search_by(|other| other.split(is_slash).cmp(path.split(is_slash))).is_ok()
}

/// One side of a collision: the element, or the propagated package.
pub fn member_name(member: &GroupMember) -> String {
    member.element.clone().unwrap_or_else(|| {
        let package = package_name(&member.package);
        PackageName::split(&package).name.to_owned()
    })
}

/// One side with its priority: `fltk (5)`; propagated packages have none of their own.
pub fn member_title(member: &GroupMember) -> String {
    match member.element {
        Some(_) => format!("{} ({})", member_name(member), member.priority),
        None => format!("{} (propagated)", member_name(member)),
    }
}

/// Who an element meets in the tree: `wins over jj (9 files)`, `hidden by jujutsu (9 files)`.
pub fn relations(groups: &[CollisionGroup], name: &str) -> Vec<(CollisionKind, String)> {
    let mut found = Vec::new();
    for group in groups {
        let Some(own) = group.elements.iter().find(|member| member.element.as_deref() == Some(name)) else {
            continue;
        };
        let others = |winner: Option<bool>| {
            let list = group.elements.iter().filter(|member| {
                member.element.as_deref() != Some(name) && winner.is_none_or(|wanted| member.winner == wanted)
            });
            list.map(member_name).collect::<Vec<_>>().join(", ")
        };
        let files = words::counted(group.paths.len(), "file");
        let sentence = match group.kind {
            CollisionKind::Tie => format!("ties with {} ({files})", others(None)),
            CollisionKind::TypeClash => format!("clashes with {} ({files})", others(None)),
            CollisionKind::Shadowed if own.winner => format!("wins over {} ({files})", others(Some(false))),
            CollisionKind::Shadowed => format!("hidden by {} ({files})", others(Some(true))),
            CollisionKind::Latent if own.winner => {
                format!("keeps {} from tying ({files})", others(Some(false)))
            }
            CollisionKind::Latent => {
                format!("would tie with {} without {} ({files})", others(Some(false)), others(Some(true)))
            }
        };
        found.push((group.kind, sentence));
    }
    found
}

/// The number a plan would give its generation.
pub fn next_generation(model: &Model) -> Option<u64> {
    let newest = model.loaded()?.generations.last();
    Some(newest.map_or(1, |newest| newest.generation.number + 1))
}

/// Elements of the profile as it is, added and removed.
pub fn counts(plan: &Plan) -> (usize, usize, usize) {
    let before = plan.base.manifest.elements.len();
    let removed = plan.base.manifest.elements.keys().filter(|name| !plan.after.elements.contains_key(*name));
    let removed = removed.count();
    (before, plan.elements.len() - before, removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};

    const REVISION: &str = "9f2c1de0123456789012345678901234567890ab";

    fn element(original: &str, locked: &str) -> ProfileElement {
        ProfileElement {
            active: true,
            priority: 5,
            store_paths: Vec::new(),
            source: Some(ElementSource {
                original_url: original.to_owned(),
                url: locked.to_owned(),
                attr_path: "legacyPackages.x86_64-linux.hello".to_owned(),
                outputs: crate::core::manifest::ExtendedOutputsSpec::Default,
            }),
        }
    }

    #[test]
    fn origins_are_short_and_name_the_revision() {
        let github = format!("github:NixOS/nixpkgs/{REVISION}?narHash=sha256-abc");
        assert_eq!(origin(&element("flake:nixpkgs", &github)), "nixpkgs@9f2c");
        assert_eq!(reference(&element("flake:nixpkgs", &github)), "nixpkgs#hello");
        let mut shell = element("flake:nixpkgs", &github);
        if let Some(source) = &mut shell.source {
            source.attr_path = "devShells.x86_64-linux.default".to_owned();
        }
        assert_eq!(
            reference(&shell),
            "nixpkgs#devShells.x86_64-linux.default",
            "not the package of that name"
        );
        let git = format!("git+https://example.org/tools/firn.git?ref=main&rev={REVISION}");
        assert_eq!(origin(&element("git+https://example.org/tools/firn.git", &git)), "firn@9f2c");
        assert_eq!(origin(&element("path:/home/ada/src/mine", "path:/home/ada/src/mine")), "mine");
        assert_eq!(origin(&element("github:ryantm/agenix", &github)), "agenix@9f2c");
    }

    #[test]
    fn outputs_share_one_version() {
        let store_dir = StoreDir::new("/nix/store");
        let path = |name: &str| StorePath::from_parts(&store_dir, [7; 20], name).unwrap();
        let with = |names: &[&str]| {
            let paths = names.iter().map(|name| path(name)).collect();
            version(&ProfileElement { store_paths: paths, ..element("flake:nixpkgs", "flake:nixpkgs") })
        };
        assert_eq!(with(&["fltk-1.3.11", "fltk-1.3.11-bin"]), "1.3.11");
        assert_eq!(with(&["git-2.49.0-doc"]), "2.49.0");
        assert_eq!(with(&["linux-6.1-rc2"]), "6.1-rc2");
        assert_eq!(with(&["one-1.0", "two-2.0"]), "1.0, 2.0");
        assert_eq!(with(&["wrapper"]), "-");
    }
}
