//! Plans that edit the user's registry: what is written when, and what another program or a failure in
//! between leaves.

use std::path::PathBuf;

use firn::core::change::Change;
use firn::core::flake_ref::FlakeRef;
use firn::core::plan::PlanState;
use firn::ops::apply_plan::Applied;
use firn::ops::edit_registry::{Carry, RegistryEdit, edit_registry};
use firn::system::journal::{Deed, Journal};
use firn::system::machine::{Cancel, NoProgress, Store as _, Watch};

use super::World;

const DAMAGED: &str = "{ \"version\": 2, \"flakes\": [], }";

fn reference(text: &str) -> FlakeRef {
    FlakeRef::parse(text).unwrap()
}

fn set(from: &str, to: &str) -> Change {
    Change::RegistryAdd { from: reference(from), to: reference(to) }
}

fn file(world: &World) -> PathBuf {
    world.store.registry_places().user
}

fn text(world: &World) -> String {
    std::fs::read_to_string(file(world)).unwrap()
}

fn write(world: &World, text: &str) {
    std::fs::create_dir_all(file(world).parent().unwrap()).unwrap();
    std::fs::write(file(world), text).unwrap();
}

/// Another program sets `theirs`, at this moment of the store's.
fn another_sets(world: &World, theirs: &'static str) {
    let path = file(world);
    let event = move |_: &_| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, theirs).unwrap();
    };
    *world.store.after_switch.lock().unwrap() = Some(Box::new(event));
}

#[test]
fn an_edit_alone_makes_no_generation_and_is_in_the_journal() {
    let world = World::new();
    world.add("a");
    let plan = world.plan(vec![set("n", "path:/n")]);
    let Applied::Edited { switched: None, written } = world.apply(&plan).unwrap() else { panic!() };
    assert_eq!((written.file, written.backup), (file(&world), None));
    assert!(text(&world).contains("\"/n\""));
    assert_eq!(world.numbers(), [1]);
    let journal = Journal::new(&world.context.folders.state).read(&world.folder().link).unwrap();
    let last = journal.last().unwrap();
    assert_eq!((last.deed, last.from, last.to), (Deed::EditRegistry, Some(1), Some(1)));
    let again = world.plan(vec![set("n", "path:/n")]);
    assert_eq!((again.state(), world.apply(&again).unwrap()), (PlanState::Nothing, Applied::Nothing));
}

#[test]
fn the_profile_is_switched_first() {
    let world = World::new();
    let path = world.package("a");
    let plan = world.plan(vec![set("n", "path:/n"), Change::addition(path, None)]);
    let file_then = file(&world);
    let event = move |_: &_| assert!(!file_then.exists());
    *world.store.after_switch.lock().unwrap() = Some(Box::new(event));
    let applied = world.apply(&plan).unwrap();
    assert!(matches!(applied, Applied::Edited { switched: Some((None, 1)), .. }), "{applied:?}");
    assert!(text(&world).contains("\"/n\""));
}

#[test]
fn a_registry_that_changed_before_is_planned_on_again() {
    let world = World::new();
    let plan = world.plan(vec![set("n", "path:/n"), Change::addition(world.package("a"), None)]);
    write(
        &world,
        r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"o"},"to":{"type":"path","path":"/o"}}]}"#,
    );
    assert_eq!(world.apply(&plan).unwrap(), Applied::RegistryMoved);
    assert_eq!(world.numbers(), [] as [u64; 0]);
    let plan = world.plan(plan.changes.clone());
    assert!(matches!(world.apply(&plan).unwrap(), Applied::Edited { .. }));
    assert!(text(&world).contains("\"/o\"") && text(&world).contains("\"/n\""));
}

#[test]
fn what_another_program_writes_in_between_is_kept() {
    let world = World::new();
    let plan = world.plan(vec![set("n", "path:/n"), Change::addition(world.package("a"), None)]);
    another_sets(
        &world,
        r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"o"},"to":{"type":"path","path":"/o"}}]}"#,
    );
    assert!(matches!(world.apply(&plan).unwrap(), Applied::Edited { switched: Some(_), .. }));
    assert!(text(&world).contains("\"/o\"") && text(&world).contains("\"/n\""));
}

#[test]
fn a_registry_that_cannot_be_written_after_the_switch_is_half_of_the_answer() {
    let world = World::new();
    let plan = world.plan(vec![set("n", "path:/n"), Change::addition(world.package("a"), None)]);
    another_sets(&world, DAMAGED);
    let Applied::HalfDone { from: None, to: 1, problem } = world.apply(&plan).unwrap() else { panic!() };
    assert!(problem.contains("line 1, column "), "{problem}");
    assert_eq!((text(&world).as_str(), world.elements()), (DAMAGED, vec!["a".to_owned()]));
}

#[test]
fn a_damaged_registry_stops_the_plan_before_anything_is_done() {
    let world = World::new();
    write(&world, DAMAGED);
    let plan = world.plan(vec![set("n", "path:/n"), Change::addition(world.package("a"), None)]);
    assert_eq!(plan.state(), PlanState::Impossible);
    assert!(plan.left[0].message.contains("line 1, column "), "{:?}", plan.left);
    world.apply(&plan).unwrap_err();
    assert_eq!((text(&world).as_str(), world.numbers().len()), (DAMAGED, 0));
}

#[test]
fn a_plan_writes_what_the_verbs_write() {
    let (one, other) = (World::new(), World::new());
    let target = "github:NixOS/nixpkgs/nixos-25.05";
    let changes = vec![
        set("n", target),
        set("m", "path:/m"),
        Change::RegistryPin { from: reference("n"), to: None },
        Change::RegistryRemove { from: reference("m") },
        Change::RegistryPin { from: reference("k"), to: Some(reference("n")) },
    ];
    let edits: Vec<RegistryEdit> = changes.iter().filter_map(Change::registry_edit).collect();
    let plan = one.plan(changes);
    assert!(matches!(one.apply(&plan).unwrap(), Applied::Edited { .. }));
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    for edit in &edits {
        edit_registry(&other.context, None, edit, Carry::Out, &watch).unwrap();
    }
    assert_eq!(text(&one), text(&other));
    assert!(text(&one).contains("narHash"));
}
