use super::*;
use crate::core::plan::{Plan, PlanState, json};
use crate::core::registry::Entry;
use crate::core::test_world::{World, add};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn reference(text: &str) -> FlakeRef {
    FlakeRef::parse(text).unwrap()
}

fn registry(lines: &[(&str, &str)]) -> Registry {
    let entries = lines.iter().map(|(from, to)| Entry::new(reference(from), reference(to)));
    Registry { entries: entries.collect(), fault: None }
}

/// A world whose user registry is this, and whose global one knows `nixpkgs`.
fn world(user: &[(&str, &str)]) -> World {
    let mut world = World::new().installed("hello-2.12.3", 5, &["bin/hello"]);
    let global = registry(&[("nixpkgs", "github:NixOS/nixpkgs")]);
    let registries = Registries::default().with(Layer::User, registry(user)).with(Layer::Global, global);
    let known = KnownRegistries { registries, file: Some("/r.json".into()), ..KnownRegistries::default() };
    world.facts.registries = Some(Arc::new(known));
    world
}

fn set(from: &str, to: &str) -> Change {
    Change::RegistryAdd { from: reference(from), to: reference(to) }
}

fn pin(from: &str) -> Change {
    Change::RegistryPin { from: reference(from), to: None }
}

fn stage(world: &mut World, change: Change) {
    let user = world.facts.registries.clone().unwrap().registries.layer(Layer::User).clone();
    world.transaction.stage_registry(&user, vec![change]);
}

fn user_after(plan: &Plan) -> Vec<String> {
    let after = plan.registry.as_ref().unwrap().user_after();
    after.entries.iter().map(|entry| format!("{} {}", entry.from, entry.to)).collect()
}

#[test]
fn an_edit_of_the_registry_alone_makes_no_generation() {
    let mut world = world(&[("a", "path:/1")]);
    assert_eq!((world.plan().state(), world.plan().edits_registry()), (PlanState::Nothing, false));
    stage(&mut world, set("nixpkgs", "path:/n"));
    let plan = world.plan();
    assert_eq!((plan.state(), plan.makes_generation()), (PlanState::Ready, false));
    assert_eq!(plan.finished().unwrap(), None);
    assert_eq!(plan.result().unwrap(), world.base.store_path);
    assert_eq!(user_after(&plan), ["flake:a path:/1", "flake:nixpkgs path:/n"]);
    let edit = &plan.registry.as_ref().unwrap().edits[0];
    assert_eq!(edit.before.as_ref().unwrap().entry.layer, Layer::Global);
    assert_eq!(edit.after.as_ref().unwrap().after, reference("path:/n"));
    let value = json::plan(&plan, &crate::core::plan::cost::Cost::at_hand(&plan)).unwrap();
    assert_eq!(value["result"], value["base"]);
    assert_eq!(value["changes"][0]["change"], "registry-add");
    assert_eq!(value["registry"]["before"]["flakes"].as_array().unwrap().len(), 1);
    assert!(world.transaction.undo());
    assert_eq!(world.plan().state(), PlanState::Nothing);
}

#[test]
fn the_registries_are_asked_for_only_where_they_matter() {
    let mut world = World::new();
    assert!(!world.plan().needs.registries);
    world.stage(vec![add("fltk"), pin("nixpkgs")]);
    let plan = world.plan();
    assert!(plan.needs.registries && plan.needs.evaluations.is_empty());
    assert_eq!(plan.state(), PlanState::Unknown);
}

#[test]
fn a_pin_waits_for_its_lock_and_means_what_the_edits_before_it_say() {
    let mut world = world(&[]);
    stage(&mut world, set("nixpkgs", "github:o/fork"));
    stage(&mut world, pin("nixpkgs"));
    let plan = world.plan();
    assert_eq!(plan.needs.locks, [reference("github:o/fork")]);
    assert_eq!(plan.state(), PlanState::Unknown);
    let locked = reference(&format!("github:o/fork/{COMMIT}"));
    world.facts.locks.insert(reference("github:o/fork"), Ok(locked.clone()));
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Ready);
    assert_eq!(user_after(&plan), [format!("flake:nixpkgs {locked}")]);
    world.facts.locks.insert(reference("github:o/fork"), Err("no network".into()));
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Impossible);
    assert_eq!((plan.left[0].element.as_str(), plan.left[0].message.as_str()), ("nixpkgs", "no network"));
}

#[test]
fn additions_are_asked_for_under_the_edited_registry() {
    let files = ["bin/fluid"];
    let mut world = world(&[]);
    world = world.offered("fltk-1.3.11", 5, &files);
    world.stage(vec![add("fltk")]);
    assert_eq!(world.plan().state(), PlanState::Ready);
    stage(&mut world, set("nixpkgs", "path:/n"));
    let plan = world.plan();
    assert_eq!(plan.state(), PlanState::Unknown, "what was learnt under other registries does not count");
    let [asked] = plan.needs.evaluations.as_slice() else { panic!("{:?}", plan.needs) };
    assert_eq!((asked.reference.as_str(), asked.attribute.as_str()), ("nixpkgs", "fltk"));
    assert!(asked.registry.as_ref().unwrap().contains("\"/n\""));
    let answer = world.facts.evaluations.values().next().unwrap().clone();
    world.facts.evaluations.insert(asked.clone(), answer);
    assert_eq!(world.plan().state(), PlanState::Ready);
    let plan = world.plan();
    let names = plan.registry.unwrap().names_in_additions(&plan.changes, ToString::to_string);
    assert_eq!(names, ["nixpkgs → path:/n (user registry)"]);
    stage(&mut world, pin("nixpkgs"));
    let plan = world.plan();
    assert!(plan.needs.evaluations.is_empty(), "not known before the pin is");
    assert_eq!(plan.added[0].name, "fltk");
    assert!(world.transaction.undo() && world.transaction.undo());
    assert_eq!(world.plan().state(), PlanState::Ready);
}

#[test]
fn what_cannot_be_edited_says_why() {
    let mut world = world(&[("a", "path:/1")]);
    stage(&mut world, Change::RegistryRemove { from: reference("b") });
    let plan = world.plan();
    assert_eq!((plan.state(), plan.left[0].reason), (PlanState::Impossible, LeftReason::Registry));
    assert_eq!(plan.left[0].message, "there is no entry for 'flake:b'");
    assert!(world.transaction.undo());
    let mut known = (**world.facts.registries.as_ref().unwrap()).clone();
    known.problem = Some("it is managed".into());
    world.facts.registries = Some(Arc::new(known));
    stage(&mut world, set("a", "path:/2"));
    let plan = world.plan();
    assert_eq!((plan.state(), plan.left[0].message.as_str()), (PlanState::Impossible, "it is managed"));
    assert!(!plan.edits_registry());
}

#[test]
fn edits_can_be_made_on_what_another_program_left() {
    let mut world = world(&[("a", "path:/1"), ("b", "path:/2")]);
    stage(&mut world, Change::RegistryRemove { from: reference("b") });
    stage(&mut world, set("c", "path:/3"));
    let plan = world.plan().registry.unwrap();
    let now = registry(&[("d", "path:/4")]);
    assert_eq!(plan.on(&now).unwrap(), registry(&[("d", "path:/4"), ("c", "path:/3")]));
    assert_eq!(plan.on(plan.user_before()).unwrap(), *plan.user_after());
}

/// Nix drops the exact entry and appends one that is not exact, behind the one for the bare name.
#[test]
fn an_exact_entry_that_is_written_again_may_have_no_say() {
    let lines = [("nixpkgs/stable", "github:NixOS/nixpkgs/nixos-25.05"), ("nixpkgs", "github:o/fork")];
    let mut world = world(&lines);
    let mut known = (**world.facts.registries.as_ref().unwrap()).clone();
    known.registries.layer_mut(Layer::User).entries[0].exact = true;
    world.facts.registries = Some(Arc::new(known));
    stage(&mut world, set("nixpkgs/stable", "path:/mine"));
    let plan = world.plan();
    let edit = &plan.registry.as_ref().unwrap().edits[0];
    assert_eq!(edit.said(), Some((&reference("github:NixOS/nixpkgs/nixos-25.05"), Layer::User)));
    assert_eq!(edit.will_say(), Some((&reference("path:/mine"), Layer::User)), "what is written");
    let overruled = edit.overruled.as_ref().unwrap();
    assert_eq!((overruled.by.index, overruled.entry.from.clone()), (0, reference("nixpkgs")));
    assert_eq!(overruled.means, Some(reference("github:o/fork/stable")));
    // Set after it, the other entry goes behind it.
    stage(&mut world, set("nixpkgs", "github:o/other"));
    let plan = world.plan();
    assert!(plan.registry.unwrap().edits.iter().all(|edit| edit.overruled.is_none()));
}
