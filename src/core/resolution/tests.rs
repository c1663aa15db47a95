use super::*;
use crate::core::change::Change;
use crate::core::file_tree::PathBytes;
use crate::core::plan::{Plan, PlanState};
use crate::core::test_world::{World, add};
use crate::core::visible;

/// Ways out of the first group.
fn first_ways(world: &World) -> (Plan, Vec<Resolution>) {
    let plan = world.plan();
    let group = groups(&plan).remove(0);
    let ways = ways(&plan, &world.transaction, &world.facts, &group);
    (plan, ways)
}

fn hello_and_fltk() -> World {
    let world = World::new().installed("hello-2.12.3", 5, &["bin/hello", "share/man/hello.1"]).offered(
        "fltk-1.3.11",
        5,
        &["bin/hello", "bin/fluid"],
    );
    staged(world, vec![add("fltk")])
}

fn staged(mut world: World, changes: Vec<Change>) -> World {
    world.stage(changes);
    world
}

#[test]
fn ways_out_of_a_tie_keep_the_intent_and_remove_last() {
    let (_, ways) = first_ways(&hello_and_fltk());
    let words: Vec<_> = ways.iter().map(|way| (way.intent.as_str(), way.means.as_str())).collect();
    assert_eq!(
        words,
        [
            ("keep hello's file", "fltk priority 5 → 6"),
            ("use fltk's file", "fltk priority 5 → 4"),
            ("switch hello off", ""),
            ("drop the staged add of fltk", ""),
            ("remove hello", ""),
        ]
    );
    assert_eq!(ways[0].changes_hands, [(b"bin/hello".to_vec(), Some("hello".to_owned()))]);
    assert!(!ways[0].moves_others);
}

#[test]
fn every_way_really_frees_the_plan() {
    let world = hello_and_fltk();
    let (plan, ways) = first_ways(&world);
    for way in &ways {
        let mut transaction = world.transaction.clone();
        stage(&mut transaction, &plan, &way.step);
        let after = Plan::make(&world.base, &transaction, &world.facts, Some(&plan));
        assert_eq!(after.collisions.blocking(), 0, "{}", way.intent);
        assert!(matches!(after.state(), PlanState::Ready | PlanState::Nothing), "{}", way.intent);
    }
}

#[test]
fn a_number_that_would_tie_with_a_third_element_is_not_proposed() {
    let world = World::new()
        .installed("hello-2.12.3", 5, &["bin/hello"])
        .installed("jj-1.9.2", 6, &["bin/fluid"])
        .offered("fltk-1.3.11", 5, &["bin/hello", "bin/fluid"]);
    let (_, ways) = first_ways(&staged(world, vec![add("fltk")]));
    let means: Vec<_> = ways.iter().map(|way| way.means.as_str()).take(2).collect();
    assert_eq!(means, ["fltk priority 5 → 4", "fltk priority 5 → 7"]);
}

#[test]
fn a_type_clash_offers_no_priority_that_does_not_help() {
    let world = World::new().installed("a-1", 5, &["lib/x/one"]).installed("b-2", 5, &["lib/x/two"]).offered(
        "c-3",
        9,
        &["lib/x"],
    );
    let (plan, ways) = first_ways(&staged(world, vec![add("c")]));
    assert_eq!(plan.collisions.type_clashes.len(), 1);
    assert!(ways.iter().all(|way| way.means.is_empty()), "{ways:?}");
    assert!(ways.iter().any(|way| way.intent == "drop the staged add of c"));
}

#[test]
fn a_hidden_element_can_be_brought_forward() {
    let world = World::new().installed("jujutsu-0.29", 5, &["bin/jj", "share/jj"]).installed(
        "jj-1.9.2",
        6,
        &["bin/jj", "share/jj"],
    );
    let plan = world.plan();
    let groups = groups(&plan);
    assert_eq!((groups.len(), groups[0].kind, groups[0].paths.len()), (1, CollisionKind::Shadowed, 2));
    let ways = ways(&plan, &world.transaction, &world.facts, &groups[0]);
    assert_eq!((ways[0].intent.as_str(), ways[0].means.as_str()), ("use jj's files", "jj priority 6 → 4"));
    assert_eq!(ways[0].changes_hands.len(), 2);
    let off = ways.iter().find(|way| way.intent == "switch jj off").unwrap();
    assert_eq!(off.changes_hands, []);
}

#[test]
fn two_losers_can_be_told_apart() {
    let world = World::new()
        .installed("pypy-3", 5, &["bin/python"])
        .installed("python312-3", 6, &["bin/python"])
        .installed("python313-4", 6, &["bin/python"]);
    let plan = world.plan();
    let group = groups(&plan).into_iter().find(|group| group.kind == CollisionKind::Latent).unwrap();
    let ways = ways(&plan, &world.transaction, &world.facts, &group);
    assert_eq!(ways[0].means, "python313 priority 6 → 7");
    assert!(ways.iter().all(|way| way.blocking_left == 0));
}

#[test]
fn an_environment_next_to_what_it_contains_is_told_in_those_words() {
    let world = World::new()
        .installed("zlib-1.3", 5, &["lib/libz.so", "share/man/zlib.3"])
        .offered("myproject-env-1", 5, &["lib/libz.so", "share/man/zlib.3", "bin/x"])
        .leading_into("myproject-env-1", "zlib-1.3");
    let world = staged(world, vec![add("myproject-env")]);
    let plan = world.plan();
    let group = groups(&plan).remove(0);
    let found = Containment::of(&group, &world.facts.trees).unwrap();
    assert_eq!(found.words(), "myproject-env contains zlib, which is installed on its own too");
    let ways = ways(&plan, &world.transaction, &world.facts, &group);
    let without = ways.iter().find(|way| way.intent == "drop the staged add of myproject-env").unwrap();
    let hands = without.changes_hands.iter().map(|(path, has)| (visible::bytes(path), has.as_deref()));
    let hands: Vec<_> = hands.collect();
    let of_zlib = |path: &str| (path.to_owned(), Some("zlib"));
    assert_eq!(hands, ["lib/libz.so", "share/man/zlib.3"].map(of_zlib), "in folders that are one link then");
    assert_eq!(without.commands_leave, [PathBytes::from(&b"x"[..])]);
    let words: Vec<_> = ways.iter().map(|way| (way.intent.as_str(), way.means.as_str())).collect();
    assert_eq!(
        words[..2],
        [("remove zlib", "myproject-env has it"), ("switch zlib off", "myproject-env has it")]
    );
    assert!(words.iter().any(|(_, means)| means.contains("priority 5")), "{words:?}");
    let both = World::new()
        .offered("zlib-1.3", 5, &["lib/libz.so"])
        .offered("myproject-env-1", 5, &["lib/libz.so", "bin/x"])
        .leading_into("myproject-env-1", "zlib-1.3");
    let both = staged(both, vec![add("myproject-env"), add("zlib")]);
    let found = Containment::of(&groups(&both.plan())[0], &both.facts.trees).unwrap();
    assert_eq!(found.words(), "myproject-env contains zlib, which is being added on its own too");
    let (plan, world) = (first_ways(&hello_and_fltk()).0, hello_and_fltk());
    assert_eq!(Containment::of(&groups(&plan)[0], &world.facts.trees), None);
}
