//! The planner against an oracle: a literal replay of what Nix does, on random worlds.
//!
//! For every world the planner finds nothing in the way exactly when the replay
//! succeeds, and then all links and folders are equal; when the replay stops at a
//! conflict, that very conflict is in the planner's lists. Sharing with an earlier
//! tree never changes anything. `PROPTEST_CASES=20000` runs more worlds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod generator;
mod reader;
mod replay;
mod rules;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use firn::core::file_tree::FileTrees;
use firn::core::link_tree::{Claimant, Collisions, LinkDifference, LinkTree, Node, Role, TreeProblem};
use firn::core::nar::NarWriter;
use firn::core::store_path::{StoreDir, StorePath};
use proptest::prelude::*;

use replay::{Failure, Placed, Profile, replay};
use world::{STORE, World};

/// The active elements as the planner takes them.
fn elements(active: &[(usize, i32)]) -> Vec<(StorePath, i32)> {
    let store = StoreDir::new(STORE);
    let path = |index| StorePath::parse(&store, &generator::store_path(index)).unwrap();
    active.iter().map(|&(index, priority)| (path(index), priority)).collect()
}

/// Plans, learns what is needed and plans again until nothing is, as the program does.
fn plan(world: &World, active: &[(usize, i32)], facts: &mut FileTrees) -> LinkTree {
    let elements = elements(active);
    let mut tree = LinkTree::build(&elements, facts, None);
    while !tree.needs.is_empty() {
        facts.absorb(reader::learn(world, &tree.needs));
        let next = LinkTree::build(&elements, facts, Some(&tree));
        assert_same(&next, &LinkTree::build(&elements, facts, None));
        tree = next;
    }
    tree
}

/// Everything that stands in a tree, in the oracle's words.
fn profile(tree: &LinkTree) -> Profile {
    fn collect(folder: &firn::core::link_tree::LinkDirectory, path: &[u8], profile: &mut Profile) {
        for (name, node) in &folder.entries {
            let path = if path.is_empty() { name.to_vec() } else { [path, b"/", name].concat() };
            match node {
                Node::Link(link) => {
                    profile.insert(path, Placed::Link(link.target(name)));
                }
                Node::Directory(below) => {
                    profile.insert(path.clone(), Placed::Folder);
                    collect(below, &path, profile);
                }
            }
        }
    }
    let mut profile = Profile::new();
    collect(&tree.root, b"", &mut profile);
    profile
}

fn assert_same(left: &LinkTree, right: &LinkTree) {
    assert_eq!(profile(left), profile(right));
    assert_eq!(left.links(), right.links());
    assert_eq!(left.collisions(), right.collisions());
    assert_eq!(left.root.counts, right.root.counts);
    assert_eq!(left.packages, right.packages);
    assert_eq!(left.problems, right.problems);
    assert_eq!(left.needs, right.needs);
    assert_eq!(left.basis, right.basis);
}

/// The conflict the replay stopped at is among the planner's, with both sides.
fn assert_found(collisions: &Collisions, failure: &Failure) {
    let has = |claimants: &[Claimant], target: &[u8], folder: Option<bool>| {
        claimants.iter().any(|it| *it.target == *target && folder.is_none_or(|folder| it.folder == folder))
    };
    let clash = |path: &[u8]| {
        let found = collisions.type_clashes.iter().find(|clash| *clash.path == *path);
        &found.unwrap_or_else(|| panic!("{failure:?} is not in {collisions:?}")).claimants
    };
    match failure {
        Failure::Tie { path, there, newcomer, priority } => {
            let tie = collisions.ties.iter().find(|tie| *tie.path == **path && tie.priority == *priority);
            let tie = tie.unwrap_or_else(|| panic!("{failure:?} is not in {collisions:?}"));
            assert!(has(&tie.claimants, there, None) && has(&tie.claimants, newcomer, Some(false)));
            assert!(tie.claimants.iter().all(|claimant| claimant.priority == *priority));
        }
        Failure::FolderOnFile { path, there, newcomer } => {
            let claimants = clash(path);
            assert!(has(claimants, there, Some(false)) && has(claimants, newcomer, Some(true)));
        }
        Failure::FileOnFolder { path, newcomer } => {
            let claimants = clash(path);
            assert!(has(claimants, newcomer, Some(false)) && claimants.iter().any(|it| it.folder));
        }
        Failure::Unreadable(_) | Failure::TooLarge => {}
    }
}

/// The lists keep their promises to each other, to the counts and to `claims_at`.
fn assert_coherent(tree: &LinkTree) {
    let collisions = tree.collisions();
    let counts = tree.root.counts;
    assert_eq!(counts.links, tree.links().len());
    assert_eq!(counts.collisions.ties, collisions.ties.len());
    assert_eq!(counts.collisions.type_clashes, collisions.type_clashes.len());
    assert_eq!(counts.collisions.shadowed, collisions.shadowed.len());
    assert_eq!(counts.collisions.latent, collisions.latent.len());
    for tie in &collisions.ties {
        assert!(tie.claimants.len() > 1);
        let tied = tree.claims_at(&tie.path).iter().filter(|(_, role)| *role == Role::Tied).count();
        assert_eq!(tied + 1, tie.claimants.len());
    }
    for shadowed in &collisions.shadowed {
        assert_eq!(tree.collisions_at(&shadowed.path).blocking(), 0);
        let claims = tree.claims_at(&shadowed.path);
        let hidden = claims.iter().filter(|(_, role)| *role == Role::Hidden).count();
        assert_eq!(hidden, shadowed.losers.len());
        assert!(shadowed.losers.is_sorted_by_key(|loser| loser.priority));
        assert!(shadowed.losers.iter().all(|loser| loser.priority > shadowed.winner.priority));
    }
    for latent in &collisions.latent {
        let shadowed = collisions.shadowed.iter().find(|shadowed| shadowed.path == latent.path).unwrap();
        assert_eq!(shadowed.winner, latent.winner);
        let same = shadowed.losers.iter().filter(|loser| loser.priority == latent.priority);
        assert!(same.eq(&latent.claimants));
    }
    for (path, link) in tree.links() {
        assert!(matches!(tree.get(&path), Some(Node::Link(found)) if found == link));
    }
}

/// `difference` against a comparison of two whole maps.
fn assert_difference(before: &LinkTree, after: &LinkTree) {
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (before.links().into_iter().collect(), after.links().into_iter().collect());
    let mut expected = LinkDifference::default();
    for (path, link) in after.links() {
        match old.get(&path) {
            None => expected.added.push((path, link)),
            Some(then) if then.source != link.source => expected.changed.push((path, then.clone(), link)),
            Some(_) => {}
        }
    }
    let gone = before.links().into_iter().filter(|(path, _)| !new.contains_key(path));
    expected.removed.extend(gone);
    assert_eq!(after.difference(before), expected);
}

/// The NAR of the oracle's profile, written by recursion.
fn expected_nar(profile: &Profile, manifest: &str) -> Vec<u8> {
    fn folder(nar: &mut NarWriter<Vec<u8>>, profile: &Profile, path: &[u8], manifest: Option<&str>) {
        let prefix = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
        let mut names: Vec<&[u8]> =
            profile.keys().filter_map(|path| path.strip_prefix(&prefix[..])).collect();
        names.retain(|rest| !rest.is_empty() && !rest.contains(&b'/'));
        names.extend(manifest.map(|_| &b"manifest.json"[..]));
        names.sort_unstable();
        nar.begin_directory().unwrap();
        for name in names {
            nar.begin_entry(name).unwrap();
            let path = [&prefix, name].concat();
            match profile.get(&path) {
                Some(Placed::Link(target)) => nar.symlink(target).unwrap(),
                Some(Placed::Folder) => folder(nar, profile, &path, None),
                None => nar.file(manifest.unwrap().as_bytes(), false).unwrap(),
            }
            nar.end_entry().unwrap();
        }
        nar.end_directory().unwrap();
    }
    let mut nar = NarWriter::new(Vec::new()).unwrap();
    folder(&mut nar, profile, b"", Some(manifest));
    nar.finish()
}

fn too_large(tree: &LinkTree) -> bool {
    tree.problems.iter().any(|problem| matches!(problem, TreeProblem::TooLarge { .. }))
}

/// The whole comparison; tells how the replay ended.
fn check(case: &generator::Case) -> Result<Profile, Failure> {
    let paths: Vec<_> = elements(&case.active);
    let paths: Vec<_> = paths.iter().map(|(path, priority)| (path.as_str().into(), *priority)).collect();
    let expected = replay(&case.world, &paths);
    if expected == Err(Failure::TooLarge) {
        return expected;
    }
    let mut facts = FileTrees::default();
    let tree = plan(&case.world, &case.active, &mut facts);
    if too_large(&tree) {
        return expected;
    }
    let collisions = tree.collisions();
    let free = collisions.blocking() == 0 && tree.problems.is_empty();
    match &expected {
        Ok(expected) => {
            assert!(free, "the replay succeeds, the planner does not: {collisions:?} {:?}", tree.problems);
            assert_eq!(&profile(&tree), expected);
            assert_eq!(tree.write_nar("{}", Vec::new()).unwrap(), expected_nar(expected, "{}"));
        }
        Err(failure) => {
            assert!(!free, "the planner succeeds, the replay does not: {failure:?}");
            assert_found(&collisions, failure);
        }
    }
    assert_coherent(&tree);
    // Any other tree may be the earlier one: of other elements, of less known facts.
    let guess = LinkTree::build(&elements(&case.before), &facts, None);
    assert_same(&LinkTree::build(&paths_of(case), &facts, Some(&guess)), &tree);
    assert_difference(&guess, &tree);
    assert_same(&LinkTree::build(&paths_of(case), &facts, Some(&from_other_facts(case, &facts))), &tree);
    let before = plan(&case.world, &case.before, &mut facts);
    if !too_large(&before) {
        assert_same(&LinkTree::build(&paths_of(case), &facts, Some(&before)), &tree);
        assert_difference(&before, &tree);
        assert_difference(&tree, &before);
    }
    expected
}

/// A tree of the same elements from facts of which a third says something else.
fn from_other_facts(case: &generator::Case, facts: &FileTrees) -> LinkTree {
    let mut others = facts.clone();
    let mut paths: Vec<_> = facts.directories.keys().cloned().collect();
    paths.sort();
    for path in paths.iter().step_by(3) {
        others.directories.insert(path.clone(), Arc::default());
    }
    LinkTree::build(&paths_of(case), &others, None)
}

fn paths_of(case: &generator::Case) -> Vec<(StorePath, i32)> {
    elements(&case.active)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn planner_agrees_with_replay(case in generator::cases()) {
        let _ = check(&case);
    }
}

/// A generator whose worlds all end alike would prove little.
#[test]
fn random_worlds_end_in_every_way() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..600 {
        let case = generator::cases().new_tree(&mut runner).unwrap().current();
        let ending = match check(&case) {
            Ok(profile) if profile.values().any(|it| *it == Placed::Folder) => "folders",
            Ok(_) => "flat",
            Err(Failure::Tie { .. }) => "tie",
            Err(Failure::FolderOnFile { .. }) => "folder on file",
            Err(Failure::FileOnFolder { .. }) => "file on folder",
            Err(Failure::Unreadable(_)) => "unreadable",
            Err(Failure::TooLarge) => "too large",
        };
        *seen.entry(ending).or_default() += 1;
    }
    println!("{seen:?}");
    for ending in ["folders", "flat", "tie", "folder on file", "file on folder", "unreadable"] {
        assert!(seen.get(ending).is_some_and(|count| *count >= 5), "{seen:?}");
    }
}
