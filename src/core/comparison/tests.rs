use super::*;
use crate::core::manifest::ProfileManifest;
use crate::core::test_world::World;

/// What is told on the way from a profile to one in which `change` was done to the manifest.
fn compared(world: &World, change: impl FnOnce(&mut crate::core::manifest::ProfileManifest)) -> Comparison {
    let mut after = world.base.manifest.clone();
    change(&mut after);
    let plan = Plan::between(&world.base, &after, &world.facts, None);
    Comparison::new(Arc::new(plan), &LinkedPrograms::default(), &[])
}

fn words(comparison: &Comparison) -> Vec<String> {
    comparison.programs.iter().map(ProgramDifference::words).collect()
}

fn world() -> World {
    World::new()
        .installed("jujutsu-2", 5, &["bin/jj", "bin/jjx", "share/jj"])
        .installed("jj-1", 6, &["bin/jj", "bin/jjold"])
        .installed("fd-1", 5, &["bin/fd"])
}

#[test]
fn programs_appear_and_vanish_and_become_visible() {
    let comparison = compared(&world(), |manifest| drop(manifest.elements.remove("jujutsu")));
    assert_eq!(
        words(&comparison),
        ["bin/jj becomes visible: of jj, not of jujutsu", "bin/jjx is missing: it is of jujutsu"]
    );
    assert_eq!((comparison.vanished.shadowed.len(), comparison.appeared.shadowed.len()), (1, 0));
    assert_eq!(comparison.links.removed.len(), 2);
    // and the way back
    let mut old = world();
    let mut smaller = (*old.base).clone();
    let jujutsu = smaller.manifest.elements.remove("jujutsu").unwrap();
    old.base = Arc::new(smaller);
    let comparison = compared(&old, |manifest| drop(manifest.elements.insert("jujutsu".to_owned(), jujutsu)));
    assert_eq!(
        words(&comparison),
        ["bin/jj of jj is hidden by that of jujutsu", "bin/jjx appears: of jujutsu"]
    );
    assert_eq!((comparison.vanished.shadowed.len(), comparison.appeared.shadowed.len()), (0, 1));
}

#[test]
fn a_priority_alone_changes_hands() {
    let comparison = compared(&world(), |manifest| {
        manifest.elements.get_mut("jj").unwrap().priority = 4;
    });
    assert_eq!(words(&comparison), ["bin/jj becomes visible: of jj, not of jujutsu"]);
    assert_eq!((comparison.vanished.shadowed.len(), comparison.appeared.shadowed.len()), (1, 1));
}

#[test]
fn another_build_of_the_same_element_keeps_its_hands() {
    let world = world();
    let comparison = compared(&world, |manifest| {
        let fd = manifest.elements.remove("fd").unwrap();
        manifest.elements.insert("find".to_owned(), fd);
    });
    assert_eq!(words(&comparison), [] as [&str; 0], "the package is the same");
    let comparison = compared(&world, |_| ());
    assert!(comparison.is_empty() && comparison.programs.is_empty());
}

#[test]
fn a_bin_that_is_one_link_is_told_by_its_listing() {
    let world = World::new().installed("fd-1", 5, &["bin/fd"]);
    let plan = Plan::between(&world.base, &ProfileManifest::default(), &world.facts, None);
    let linked = LinkedPrograms { before: vec![Arc::from(&b"fd"[..])], after: Vec::new() };
    let comparison = Comparison::new(Arc::new(plan), &linked, &[]);
    assert_eq!(words(&comparison), ["bin/fd is missing: it is of fd"]);
    assert_eq!(comparison.programs[0].change(), ProgramChange::Missing);
}
