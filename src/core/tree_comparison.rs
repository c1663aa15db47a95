//! What differs between the trees of two generations: links, programs, collisions.
//!
//! The manifests tell which elements differ; what that means for somebody who types names
//! is told by the trees. A program is what stands in `bin`, which is one link while only
//! one package brings it: its names are then those of the package's folder, as far as that
//! is known. A program *changes hands* if it comes from another element afterwards; if that
//! element was there before, it was hidden and becomes visible, and the other way round.

use std::collections::BTreeMap;

use super::file_tree::{Directories, PathBytes};
use super::link_tree::{LinkDifference, LinkTree, Node, TreeProblem};
use super::manifest::ProfileManifest;
use super::plan::Plan;
use super::resolution::{CollisionGroup, CollisionKind, groups};

/// From one tree to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeComparison {
    /// Links in all, before and after.
    pub totals: (usize, usize),
    /// Link by link.
    pub links: LinkDifference,
    /// How many links differ in each folder of the root, in byte order; links in the root itself
    /// count under their own name.
    pub folders: Vec<FolderDifference>,
    /// Programs that are only there afterwards, in byte order.
    pub new_programs: Vec<Vec<u8>>,
    /// Programs that are only there before: typing their names finds nothing in the profile.
    pub missing_programs: Vec<Vec<u8>>,
    /// Programs that come from another element afterwards.
    pub moved_programs: Vec<MovedProgram>,
    /// Collisions that are only there afterwards.
    pub appearing: Vec<CollisionGroup>,
    /// Collisions that are only there before.
    pub vanishing: Vec<CollisionGroup>,
    /// What of the two trees could not be read; then the rest may be incomplete.
    pub problems: Vec<TreeProblem>,
}

/// How many links differ in a folder of the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderDifference {
    /// Its name.
    pub name: Vec<u8>,
    /// Links that come.
    pub added: usize,
    /// Links with another target.
    pub changed: usize,
    /// Links that go.
    pub removed: usize,
}

/// A program that changes hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedProgram {
    /// Its name in `bin`.
    pub name: Vec<u8>,
    /// Where it comes from before.
    pub before: Provider,
    /// Where it comes from afterwards.
    pub after: Provider,
    /// Whether the provider afterwards was there before, hidden.
    pub becomes_visible: bool,
    /// Whether the provider before is there afterwards, hidden.
    pub becomes_hidden: bool,
}

/// Who brings a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The element; `None` for a propagated package.
    pub element: Option<String>,
    /// The package's path.
    pub package: PathBytes,
}

impl TreeComparison {
    /// Compares two profiles as they are: plans without changes, nothing of them unknown.
    pub fn of(before: &Plan, after: &Plan, directories: &Directories) -> Self {
        let (tree_before, tree_after) = (&before.tree_after, &after.tree_after);
        let links = tree_after.difference(tree_before);
        let mut problems = tree_before.problems.clone();
        problems.extend(tree_after.problems.iter().filter(|it| !tree_before.problems.contains(it)).cloned());
        let (groups_before, groups_after) = (groups(before), groups(after));
        let mut found = Self {
            totals: (tree_before.root.counts.links, tree_after.root.counts.links),
            folders: folders(&links),
            links,
            appearing: only_in(&groups_after, &groups_before),
            vanishing: only_in(&groups_before, &groups_after),
            problems,
            ..Self::default()
        };
        found.tell_programs(before, after, directories);
        found
    }

    fn tell_programs(&mut self, before: &Plan, after: &Plan, directories: &Directories) {
        let (Some(old), Some(new)) =
            (programs(&before.tree_after, directories), programs(&after.tree_after, directories))
        else {
            return;
        };
        self.missing_programs =
            old.keys().filter(|name| !new.contains_key(*name)).map(|name| name.to_vec()).collect();
        self.new_programs =
            new.keys().filter(|name| !old.contains_key(*name)).map(|name| name.to_vec()).collect();
        for (name, package) in &new {
            let Some(was) = old.get(name).filter(|was| *was != package) else { continue };
            let was = Provider { element: before.element_of(was).map(str::to_owned), package: was.clone() };
            let is =
                Provider { element: after.element_of(package).map(str::to_owned), package: package.clone() };
            if was.element == is.element && was.element.is_some() {
                continue;
            }
            self.moved_programs.push(MovedProgram {
                name: name.to_vec(),
                becomes_visible: is_active(&before.after, is.element.as_deref()),
                becomes_hidden: is_active(&after.after, was.element.as_deref()),
                before: was,
                after: is,
            });
        }
    }
}

fn is_active(manifest: &ProfileManifest, element: Option<&str>) -> bool {
    let found = element.and_then(|element| manifest.elements.get(element));
    found.is_some_and(|element| element.active)
}

/// Programs with the package each comes from; `None` if the folder of the only package that brings
/// any is not known.
fn programs<'a>(tree: &'a LinkTree, directories: &'a Directories) -> Option<BTreeMap<&'a [u8], PathBytes>> {
    let bin = tree.root.entry(b"bin");
    match bin {
        None => Some(BTreeMap::new()),
        Some(Node::Directory(folder)) => {
            let links = folder.entries.iter().filter_map(|(name, node)| match node {
                Node::Link(link) if !link.folder => Some((&**name, link.package.clone())),
                _ => None,
            });
            Some(links.collect())
        }
        Some(Node::Link(link)) if !link.folder => Some(BTreeMap::new()),
        Some(Node::Link(link)) => {
            let folder = directories.get(link.target(b"bin").as_slice())?;
            let files = folder.entries.iter().filter(|entry| !entry.is_directory());
            Some(files.map(|entry| (&*entry.name, link.package.clone())).collect())
        }
    }
}

fn folders(links: &LinkDifference) -> Vec<FolderDifference> {
    let mut found: BTreeMap<&[u8], FolderDifference> = BTreeMap::new();
    for (path, _) in &links.added {
        found.entry(top(path)).or_default().added += 1;
    }
    for (path, ..) in &links.changed {
        found.entry(top(path)).or_default().changed += 1;
    }
    for (path, _) in &links.removed {
        found.entry(top(path)).or_default().removed += 1;
    }
    let named =
        |(name, folder): (&[u8], FolderDifference)| FolderDifference { name: name.to_vec(), ..folder };
    found.into_iter().map(named).collect()
}

fn top(path: &[u8]) -> &[u8] {
    path.split(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The groups of `one` that `other` has not, told by kind and elements.
fn only_in(one: &[CollisionGroup], other: &[CollisionGroup]) -> Vec<CollisionGroup> {
    let key = |group: &CollisionGroup| -> (CollisionKind, Vec<(Option<String>, bool)>) {
        let mut sides: Vec<_> =
            group.elements.iter().map(|member| (member.element.clone(), member.winner)).collect();
        sides.sort();
        (group.kind, sides)
    };
    let known: Vec<_> = other.iter().map(key).collect();
    one.iter().filter(|group| !known.contains(&key(group))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;

    fn compare(before: &World, after: &World) -> TreeComparison {
        let mut facts = before.facts.clone();
        facts.absorb(after.facts.clone());
        TreeComparison::of(&before.plan(), &after.plan(), &facts.trees.directories)
    }

    fn names(names: &[Vec<u8>]) -> Vec<String> {
        names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    fn jj() -> World {
        World::new().installed("jj-2", 6, &["bin/jj", "share/jj"]).installed("tool-7", 5, &["bin/tool"])
    }

    #[test]
    fn programs_that_come_go_and_change_hands_are_told() {
        let with = jj().installed("jujutsu-1", 5, &["bin/jj", "bin/jj-lsp"]);
        let found = compare(&with, &jj());
        assert_eq!(names(&found.missing_programs), ["jj-lsp"]);
        let [moved] = &found.moved_programs[..] else { panic!("{found:?}") };
        assert_eq!((moved.becomes_visible, moved.becomes_hidden), (true, false));
        assert_eq!(
            (moved.before.element.as_deref(), moved.after.element.as_deref()),
            (Some("jujutsu"), Some("jj"))
        );
        assert_eq!((found.vanishing.len(), found.appearing.len()), (1, 0));
        let back = compare(&jj(), &with);
        assert_eq!(names(&back.new_programs), ["jj-lsp"]);
        assert_eq!(
            (back.moved_programs[0].becomes_visible, back.moved_programs[0].becomes_hidden),
            (false, true)
        );
        assert_eq!((back.vanishing.len(), back.appearing.len()), (0, 1));
    }

    #[test]
    fn a_folder_that_unfolds_brings_no_new_programs() {
        let alone = World::new().installed("tool-7", 5, &["bin/tool", "bin/tool-2"]);
        let two = World::new().installed("tool-7", 5, &["bin/tool", "bin/tool-2"]).installed(
            "other-3",
            5,
            &["bin/other"],
        );
        let found = compare(&alone, &two);
        assert_eq!(names(&found.new_programs), ["other"]);
        assert!(found.missing_programs.is_empty() && found.moved_programs.is_empty());
        let [bin] = &found.folders[..] else { panic!("{found:?}") };
        assert_eq!((bin.added, bin.changed, bin.removed), (3, 0, 1));
    }

    #[test]
    fn equal_profiles_do_not_differ() {
        let found = compare(&jj(), &jj());
        let links = found.totals;
        assert_eq!(found, TreeComparison { totals: links, ..TreeComparison::default() });
    }
}
