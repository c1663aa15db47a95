use super::*;
use crate::core::evaluation::{EvaluationFailure, Question};
use crate::core::test_world::{World, add};

#[test]
fn nothing_staged_is_nothing_to_do() {
    let world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Nothing);
    assert_eq!(plan.result().unwrap(), world.base.store_path);
    assert!(Arc::ptr_eq(&plan.tree_before, &plan.tree_after));
}

#[test]
fn an_addition_waits_for_its_facts_under_the_name_it_will_probably_get() {
    let mut world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    world.stage(vec![add("hello"), add("fltk")]);
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Unknown);
    let names: Vec<_> = plan.added.iter().map(|addition| addition.name.as_str()).collect();
    assert_eq!(names, ["hello-1", "fltk"]);
    assert_eq!(plan.needs.evaluations.len(), 2);
    assert_eq!(plan.result().unwrap(), None);
}

#[test]
fn thousands_of_additions_of_one_name_are_numbered() {
    // Trying all names for each of them takes hours.
    let mut world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    world.stage(vec![add("hello"); 10_000]);
    let plan = world.plan();
    assert_eq!(plan.added.len(), 10_000);
    assert_eq!(plan.added[0].name, "hello-1");
    assert_eq!(plan.added[9_999].name, "hello-10000");
}

#[test]
fn a_tie_blocks_and_a_priority_on_the_addition_frees() {
    let files = ["bin/hello"];
    let mut world = World::new().installed("hello-2.12.3", 5, &files).offered("fltk-1.3.11", 5, &files);
    world.stage(vec![add("fltk")]);
    let plan = world.plan();
    assert_eq!((plan.state(), plan.collisions.ties.len()), (PlanState::Blocked, 1));
    world.stage(vec![Change::Priority { element: "fltk".into(), to: 6 }]);
    let plan = world.plan();
    assert_eq!((plan.state(), plan.changes.len(), plan.collisions.shadowed.len()), (PlanState::Ready, 1, 1));
    assert_eq!(plan.element_of(&plan.collisions.shadowed[0].winner.package), Some("hello"));
    assert!(plan.result().unwrap().unwrap().as_str().ends_with("-profile"));
}

#[test]
fn additions_and_removals_are_carried_out_in_order() {
    let mut world =
        World::new().installed("hello-2.12.3", 5, &["bin/hello"]).offered("hello-2.13", 5, &["bin/hello"]);
    world.stage(vec![add("hello")]);
    world.stage(vec![Change::Remove { element: "hello".into() }]);
    assert_eq!(world.plan().after.elements.keys().collect::<Vec<_>>(), ["hello-1"]);
    world.transaction.clear();
    world.stage(vec![Change::Remove { element: "hello".into() }]);
    world.stage(vec![add("hello")]);
    assert_eq!(world.plan().after.elements.keys().collect::<Vec<_>>(), ["hello"]);
}

#[test]
fn the_same_reference_attribute_and_priority_is_already_added() {
    let mut world = World::new().offered("fltk-1.3.11", 5, &["bin/fluid"]);
    world.stage(vec![add("fltk"), add("fltk")]);
    let plan = world.plan();
    assert_eq!(plan.left[0].message, "'fltk' is already added");
    assert_eq!((plan.after.elements.len(), plan.state()), (1, PlanState::Ready));
}

#[test]
fn an_element_that_is_not_there_is_left_and_said_so() {
    let mut world = World::new();
    world.stage(vec![Change::Active { element: "podman".into(), to: false }]);
    let plan = world.plan();
    assert_eq!(plan.left[0].reason, LeftReason::NoSuchElement);
    assert_eq!(plan.state(), PlanState::Nothing);
}

#[test]
fn a_missing_package_makes_a_plan_impossible_until_it_is_removed() {
    let mut world = World::new().installed("gone-1", 5, &[]).installed("hello-2", 5, &["bin/hello"]);
    let path = PathBytes::from(world.base.manifest.elements["gone"].store_paths[0].as_str().as_bytes());
    world.facts.trees.packages.get_mut(&path).unwrap().root = crate::core::file_tree::Root::Missing;
    world.stage(vec![Change::Priority { element: "hello".into(), to: 7 }]);
    assert_eq!(world.plan().state(), PlanState::Impossible);
    world.stage(vec![Change::Remove { element: "gone".into() }]);
    assert_eq!(world.plan().state(), PlanState::Ready);
}

#[test]
fn one_path_in_two_elements_belongs_to_the_stronger() {
    let mut world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    let mut base = (*world.base).clone();
    let mut twin = base.manifest.elements["hello"].clone();
    twin.priority = 4;
    base.manifest.elements.insert("zebra".into(), twin);
    world.base = Arc::new(base);
    let package = world.base.manifest.elements["hello"].store_paths[0].clone();
    assert_eq!(world.plan().element_of(package.as_str().as_bytes()), Some("zebra"));
}

#[test]
fn the_json_has_every_key_of_the_contract() {
    let files = ["bin/hello"];
    let mut world = World::new().installed("hello-2.12.3", 5, &files).offered("fltk-1.3.11", 5, &files);
    world.stage(vec![add("fltk")]);
    let plan = world.plan();
    let value = json::plan(&plan, &cost::Cost::at_hand(&plan)).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let expected =
        ["base", "basis", "changes", "collisions", "cost", "elements", "left", "links", "result", "version"];
    assert_eq!(keys, expected);
    assert_eq!(value["result"], serde_json::Value::Null);
    let claimants = &value["collisions"]["ties"][0]["claimants"];
    assert_eq!((&claimants[0]["element"], &claimants[1]["element"]), (&"fltk".into(), &"hello".into()));
    assert_eq!(value["changes"][0], serde_json::json!({ "change": "add", "installable": "nixpkgs#fltk" }));
}

#[test]
fn a_refused_addition_has_a_row_that_says_why_and_can_be_unstaged() {
    let mut world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    let question = Question::as_typed("nixpkgs", "zed");
    let failure = EvaluationFailure::of_words("it does not evaluate");
    world.facts.evaluations.insert(question, Err(failure));
    world.stage(vec![add("zed")]);
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Impossible);
    let row = plan.elements.iter().find(|row| row.name == "zed").unwrap();
    assert_eq!((row.refused.as_deref(), row.added_by), (Some("it does not evaluate"), Some(0)));
    assert!(world.transaction.unstage(&plan.added, "zed"));
    assert_eq!(world.plan().state(), PlanState::Nothing);
}
