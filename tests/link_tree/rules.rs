//! The tree rules one by one, each on a small world that shows it, and each held
//! against the replay too.
//!
//! Worlds are written as lines: `a/bin/hello` is a file of package `a`, `a/lib/` an
//! empty folder, `a/x -> TARGET` a symlink in which `{b}` stands for `b`'s store
//! path. Trees are read back in the same spelling.

use std::collections::BTreeMap;
use std::sync::Arc;

use firn::core::file_tree::{
    Basis, Directory, Entry, EntryKind, FileTrees, Package, PathBytes, Propagated, Root,
};
use firn::core::link_tree::{CollisionCounts, Collisions, LinkTree, Node, Role, TreeProblem};
use firn::core::visible;

use super::generator::{Case, store_path};
use super::replay::{Failure, Placed, Profile};
use super::world::{Object, World};
use super::{assert_same, check, elements, plan, profile};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn index(name: &str) -> usize {
    NAMES.iter().position(|it| *it == name).unwrap()
}

fn expand(text: &str) -> String {
    (0..NAMES.len())
        .fold(text.to_owned(), |text, it| text.replace(&format!("{{{}}}", NAMES[it]), &store_path(it)))
}

fn shorten(text: &[u8]) -> String {
    let text = visible::bytes(text);
    (0..NAMES.len()).fold(text, |text, it| text.replace(&store_path(it), NAMES[it]))
}

fn world(lines: &[&str]) -> World {
    let mut world = World::new();
    for line in lines {
        let (path, target) =
            line.split_once(" -> ").map_or((*line, None), |(path, to)| (path, Some(expand(to))));
        let (path, text) = path.split_once(" = ").unwrap_or((path, ""));
        let (package, rest) = path.split_once('/').unwrap_or((path, ""));
        let place = format!("{}/{rest}", store_path(index(package)));
        let object = match target {
            Some(target) => Object::Link(target.into_bytes()),
            None if path.ends_with('/') => Object::Folder(BTreeMap::new()),
            None => Object::File(expand(text).into_bytes()),
        };
        world.put(place.as_bytes(), object);
    }
    world
}

struct Outcome {
    tree: LinkTree,
    collisions: Collisions,
    replay: Result<Profile, Failure>,
}

fn outcome(lines: &[&str], active: &[(&str, i32)]) -> Outcome {
    let active: Vec<_> = active.iter().map(|(name, priority)| (index(name), *priority)).collect();
    let case = Case { world: world(lines), active, before: vec![(0, 5)] };
    let replay = check(&case);
    let tree = plan(&case.world, &case.active, &mut FileTrees::default());
    let collisions = tree.collisions();
    Outcome { tree, collisions, replay }
}

impl Outcome {
    /// The tree as lines, `bin/hello -> a/bin/hello` and `bin/` for a real folder.
    fn lines(&self) -> Vec<String> {
        let line = |(path, placed): (Vec<u8>, Placed)| match placed {
            Placed::Folder => format!("{}/", visible::bytes(&path)),
            Placed::Link(target) => format!("{} -> {}", visible::bytes(&path), shorten(&target)),
        };
        profile(&self.tree).into_iter().map(line).collect()
    }

    /// `path priority: packages` of every tie.
    fn ties(&self) -> Vec<String> {
        let ties = self.collisions.ties.iter();
        ties.map(|it| format!("{} {}: {}", visible::bytes(&it.path), it.priority, names(&it.claimants)))
            .collect()
    }

    fn clashes(&self) -> Vec<String> {
        let clashes = self.collisions.type_clashes.iter();
        clashes.map(|it| format!("{}: {}", visible::bytes(&it.path), names(&it.claimants))).collect()
    }

    fn shadowed(&self) -> Vec<String> {
        let line = |it: &firn::core::link_tree::Shadowed| {
            format!("{}: {} > {}", visible::bytes(&it.path), shorten(&it.winner.package), names(&it.losers))
        };
        self.collisions.shadowed.iter().map(line).collect()
    }

    fn latent(&self) -> Vec<String> {
        let latent = self.collisions.latent.iter();
        latent
            .map(|it| format!("{} {}: {}", visible::bytes(&it.path), it.priority, names(&it.claimants)))
            .collect()
    }

    fn problems(&self) -> Vec<String> {
        self.tree.problems.iter().map(|problem| shorten(problem.to_string().as_bytes())).collect()
    }
}

/// Packages, with a slash where they bring a folder.
fn names(claimants: &[firn::core::link_tree::Claimant]) -> String {
    let name = |it: &firn::core::link_tree::Claimant| shorten(&it.package) + if it.folder { "/" } else { "" };
    claimants.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_folder_of_one_package_is_one_link() {
    let outcome = outcome(&["a/bin/hello", "a/bin/log", "a/empty/", "b/lib/x"], &[("a", 5), ("b", 5)]);
    assert_eq!(outcome.lines(), ["bin -> a/bin", "empty -> a/empty", "lib -> b/lib"]);
    assert_eq!(outcome.tree.root.counts.links, 3);
}

#[test]
fn a_second_package_unfolds_a_folder_all_the_way_down() {
    let lines = ["a/share/doc/x/one", "a/share/man", "b/share/doc/x/two", "b/share/doc/y/z", "c/share/"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 6), ("c", 5)]);
    let expected = [
        "share/",
        "share/doc/",
        "share/doc/x/",
        "share/doc/x/one -> a/share/doc/x/one",
        "share/doc/x/two -> b/share/doc/x/two",
        "share/doc/y -> b/share/doc/y",
        "share/man -> a/share/man",
    ];
    assert_eq!(outcome.lines(), expected);
    assert_eq!(outcome.tree.root.counts.folders, 3);
}

#[test]
fn two_empty_folders_make_a_real_one() {
    let outcome = outcome(&["a/var/", "b/var/"], &[("a", 5), ("b", 5)]);
    assert_eq!(outcome.lines(), ["var/"]);
    assert!(outcome.tree.links().is_empty());
}

#[test]
fn all_ties_are_listed_with_all_claimants() {
    let lines = ["a/bin/x", "a/bin/y", "a/z", "b/bin/x", "b/bin/y", "b/z", "c/bin/x", "d/bin/x"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 5), ("c", 5), ("d", 6)]);
    assert_eq!(outcome.ties(), ["bin/x 5: a b c", "bin/y 5: a b", "z 5: a b"]);
    assert_eq!(outcome.collisions.blocking(), 3);
    // A path on which Nix refuses is not told as shadowed too.
    assert!(outcome.shadowed().is_empty());
    assert_eq!(outcome.lines()[1], "bin/x -> a/bin/x");
    let roles: Vec<_> = outcome.tree.claims_at(b"bin/x").into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, [Role::Linked, Role::Tied, Role::Tied, Role::Hidden]);
    assert_eq!(outcome.tree.collisions_at(b"bin/y"), CollisionCounts { ties: 1, ..Default::default() });
}

#[test]
fn losers_that_tie_among_themselves_are_latent() {
    let lines = ["a/x", "b/x", "c/x", "d/x"];
    let outcome = outcome(&lines, &[("a", 7), ("b", 7), ("c", 5), ("d", 6)]);
    assert!(outcome.replay.is_ok());
    assert_eq!(outcome.shadowed(), ["x: c > d a b"]);
    assert_eq!(outcome.latent(), ["x 7: a b"]);
}

#[test]
fn a_weaker_file_under_a_folded_folder_is_hidden_and_the_folder_still_unfolds() {
    let lines = ["a/x/one", "b/x", "c/x/two"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 6), ("c", 7)]);
    assert!(outcome.replay.is_ok());
    assert_eq!(outcome.lines(), ["x/", "x/one -> a/x/one", "x/two -> c/x/two"]);
    assert_eq!(outcome.shadowed(), ["x: a > b"]);
}

#[test]
fn a_file_under_a_real_folder_clashes_whatever_the_numbers() {
    let lines = ["a/x/one", "b/x/two", "c/x"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 6), ("c", 7)]);
    assert_eq!(outcome.clashes(), ["x: a/ b/ c"]);
    assert!(matches!(outcome.replay, Err(Failure::FileOnFolder { .. })));
}

#[test]
fn a_folder_on_a_file_clashes_whatever_the_numbers() {
    let outcome = outcome(&["a/x", "b/x/one"], &[("a", 5), ("b", 9)]);
    assert_eq!(outcome.clashes(), ["x: a b/"]);
    assert!(matches!(outcome.replay, Err(Failure::FolderOnFile { .. })));
}

#[test]
fn a_file_of_equal_priority_ties_with_a_folded_folder() {
    let outcome = outcome(&["a/x/one", "b/x"], &[("a", 5), ("b", 5)]);
    assert_eq!(outcome.ties(), ["x 5: a/ b"]);
}

#[test]
fn skipped_names_vanish_when_a_folder_unfolds() {
    let lines = ["a/d/log", "a/d/nix-support/", "a/d/.x", "a/d/y", "b/d/z", "b/info/dir", "b/manifest.json"];
    let folded = outcome(&lines, &[("a", 5)]);
    assert_eq!(folded.lines(), ["d -> a/d"]);
    let unfolded = outcome(&lines, &[("a", 5), ("b", 5)]);
    assert_eq!(unfolded.lines(), ["d/", "d/y -> a/d/y", "d/z -> b/d/z", "info -> b/info"]);
}

#[test]
fn the_first_contributor_goes_on_from_the_resolved_folder() {
    let lines = ["a/info -> doc", "a/doc/dir", "b/info/dir", "b/info/x", "c/share -> {b}/info", "d/share/x2"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 5), ("c", 5), ("d", 5)]);
    // `a/doc/dir` does not end in `/info/dir`, `b/info/dir` does, and so does the one of `c`.
    let expected = [
        "doc -> a/doc",
        "info/",
        "info/dir -> a/doc/dir",
        "info/x -> b/info/x",
        "share/",
        "share/x -> b/info/x",
        "share/x2 -> d/share/x2",
    ];
    assert_eq!(outcome.lines(), expected);
}

#[test]
fn propagated_packages_come_last_with_numbers_that_run_on() {
    let lines = [
        "a/nix-support/propagated-user-env-packages = {e} {b}\n\n{c} ",
        "c/nix-support/propagated-user-env-packages = {d} {a}",
        "b/x",
        "c/x",
        "d/x",
        "e/x",
    ];
    let tree = outcome(&lines, &[("a", 5), ("c", 5)]).tree;
    let order = tree.packages.iter().map(|it| (shorten(&it.path), it.priority, it.propagated));
    // `c` was postponed by `a` and linked as an element meanwhile: it uses up 1001.
    let expected =
        [("a", 5, false), ("c", 5, false), ("b", 1000, true), ("d", 1002, true), ("e", 1003, true)];
    assert!(order.eq(expected.map(|(name, priority, propagated)| (name.to_owned(), priority, propagated))));
}

#[test]
fn a_propagated_package_replaces_what_elements_of_higher_numbers_linked() {
    let lines = ["a/nix-support/propagated-user-env-packages = {c}", "b/x/one", "c/x"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 2000)]);
    assert_eq!(outcome.lines(), ["x -> c/x"]);
    assert_eq!(outcome.shadowed(), ["x: c > b/"]);
}

#[test]
fn plain_files_are_left_out_and_missing_packages_are_problems() {
    let outcome = outcome(&["a", "b -> {e}", "c -> {d}", "d/bin/x"], &[("a", 5), ("b", 5), ("c", 5)]);
    assert_eq!(outcome.problems(), ["'b' does not exist"]);
    assert_eq!(outcome.lines(), ["bin -> c/bin"]);
    assert!(matches!(&outcome.tree.problems[..], [TreeProblem::MissingPackage { .. }]));
}

#[test]
fn dangling_links_are_skipped_and_loops_are_problems() {
    let outcome = outcome(&["a/x -> missing", "a/y -> y/z", "a/z"], &[("a", 5)]);
    assert_eq!(outcome.lines(), ["z -> a/z"]);
    assert_eq!(outcome.problems(), ["cannot read 'a/y': TooManyLinks"]);
}

#[test]
fn a_walked_path_follows_forty_links_and_no_more() {
    let chain = |length: usize| {
        let mut lines = vec!["a/x/f".to_owned(), "b/x -> n1".to_owned(), format!("b/n{length}/f2")];
        lines.extend((1..length).map(|n| format!("b/n{n} -> n{}", n + 1)));
        lines.push(format!("b/n{length}/deep -> f2"));
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        outcome(&lines, &[("a", 5), ("b", 5)])
    };
    // `b/x` follows as many links as the chain is long, `deep` one more.
    assert!(chain(39).replay.is_ok());
    let refused = chain(40);
    assert_eq!(refused.problems(), ["cannot read 'b/x/deep': Too many levels of symbolic links"]);
    assert!(matches!(refused.replay, Err(Failure::Unreadable(_))));
}

#[test]
fn circles_are_cut_off_and_told() {
    let lines = ["a/x -> .", "a/y -> .", "a/f", "b/x -> .", "b/y -> .", "b/g"];
    let outcome = outcome(&lines, &[("a", 5), ("b", 5)]);
    assert_eq!(outcome.problems()[0], "cannot read 'b/x': Too many levels of symbolic links");
    assert!(outcome.tree.root.counts.folders < 10);
}

#[test]
fn links_followed_add_up_over_the_folders_on_the_way() {
    // Three folders of fourteen links each: the third is out of reach as walked.
    let mut lines = vec!["a/f0/f1/f2/x".to_owned()];
    for (folder, place) in ["b", "b/r0", "b/r0/r1"].into_iter().enumerate() {
        lines.push(format!("{place}/f{folder} -> n1"));
        lines.extend((1..13).map(|n| format!("{place}/n{n} -> n{}", n + 1)));
        lines.push(format!("{place}/n13 -> r{folder}"));
    }
    lines.push("b/r0/r1/r2/y".to_owned());
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let outcome = outcome(&lines, &[("a", 5), ("b", 5)]);
    assert_eq!(outcome.problems()[0], "cannot read 'b/f0/f1/f2': Too many levels of symbolic links");
    assert!(matches!(outcome.replay, Err(Failure::Unreadable(_))));
}

#[test]
fn what_was_cut_off_is_not_shared() {
    let world = world(&["a/y/up -> ..", "b/y/up -> ..", "c/z"]);
    let mut facts = FileTrees::default();
    // `y/up` repeats the root, until `c` makes the root another one.
    let before = plan(&world, &[(0, 5), (1, 5)], &mut facts);
    let fresh = plan(&world, &[(0, 5), (1, 5), (2, 5)], &mut facts);
    let shared = LinkTree::build(&elements(&[(0, 5), (1, 5), (2, 5)]), &facts, Some(&before));
    assert_same(&shared, &fresh);
    assert!(fresh.root.counts.folders > before.root.counts.folders);
}

/// Facts about a package of folders in folders, made by hand: the world in memory would have to be
/// walked from its root for each of them.
fn deep_package(facts: &mut FileTrees, root: &str) {
    let real_path: PathBytes = root.as_bytes().into();
    let mut path = root.to_owned();
    for _ in 0..2_100 {
        let here: PathBytes = path.as_bytes().into();
        path += "/d";
        let kind = EntryKind::Directory(path.as_bytes().into());
        let entries = vec![Entry { name: b"d"[..].into(), kind, links_followed: 0 }];
        facts
            .directories
            .insert(here, Arc::new(Directory { entries, unreadable: None, leads_into: Vec::new() }));
    }
    let root = Root::Directory { real_path: Arc::clone(&real_path), links_followed: 0 };
    let package = Package { root, propagated: Propagated::Paths(Vec::new()), basis: Basis::Exact };
    facts.packages.insert(real_path, package);
}

#[test]
fn paths_too_long_for_the_system_are_problems_and_depth_costs_no_stack() {
    let mut facts = FileTrees::default();
    deep_package(&mut facts, &store_path(0));
    deep_package(&mut facts, &store_path(1));
    let active = elements(&[(0, 5), (1, 5)]);
    let tree = LinkTree::build(&active, &facts, None);
    let problem = tree.problems.first().unwrap().to_string();
    assert!(problem.ends_with("File name too long"), "{problem}");
    assert!(tree.root.counts.folders > 2_000);
    assert!(tree.links().is_empty() && tree.collisions() == Collisions::default());
    let other = LinkTree::build(&active[1..], &facts, Some(&tree));
    assert_eq!(other.difference(&tree).added.len(), 1);
    drop(tree);
}

#[test]
fn a_change_shares_every_folder_it_does_not_touch() {
    let lines = ["a/bin/x", "b/bin/y", "b/lib/one", "c/lib/two", "c/share/s", "d/share/t"];
    let world = world(&lines);
    let mut facts = FileTrees::default();
    let before = plan(&world, &[(0, 5), (1, 5), (2, 5), (3, 5)], &mut facts);
    let after = LinkTree::build(&elements(&[(0, 4), (1, 5), (2, 5), (3, 5)]), &facts, Some(&before));
    let folder = |tree: &LinkTree, path: &[u8]| match tree.get(path) {
        Some(Node::Directory(folder)) => folder,
        other => panic!("{other:?}"),
    };
    let shared = |path| Arc::ptr_eq(&folder(&before, path), &folder(&after, path));
    assert!(shared(b"lib") && shared(b"share") && !shared(b"bin"));
    assert!(after.difference(&before).is_empty());
}

#[test]
fn nothing_is_needed_below_a_folded_folder() {
    let world = world(&["a/share/doc/x", "b/lib/y"]);
    let mut facts = FileTrees::default();
    let first = LinkTree::build(&elements(&[(0, 5), (1, 5)]), &facts, None);
    assert_eq!(first.needs.packages.len(), 2);
    assert_eq!(first.basis, Basis::Unknown);
    let tree = plan(&world, &[(0, 5), (1, 5)], &mut facts);
    assert_eq!(facts.directories.len(), 2);
    assert_eq!(tree.basis, Basis::Exact);
}
