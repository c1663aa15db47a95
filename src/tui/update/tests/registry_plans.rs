//! Plans that edit the user's registry: what the interface does with the answers.

use std::path::PathBuf;

use super::*;
use crate::core::change::Change;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{Entry, Layer, Registries, Registry};
use crate::ops::apply_plan::Applied;
use crate::ops::load_registries::LoadedRegistries;
use crate::ops::write_registry::WrittenRegistry;
use crate::system::file_stamp::FileStamp;
use crate::system::registry_file::{FileState, RegistryFile};

fn reference(text: &str) -> FlakeRef {
    FlakeRef::parse(text).unwrap()
}

/// A user's registry with these entries, as read.
fn loaded(entries: &[(&str, &str)]) -> Box<LoadedRegistries> {
    let entries = entries.iter().map(|(from, to)| Entry::new(reference(from), reference(to)));
    let registry = Registry { entries: entries.collect(), fault: None };
    let file = RegistryFile {
        layer: Layer::User,
        path: PathBuf::from("/home/ada/registry.json"),
        state: FileState::Present { modified: None },
        registry: registry.clone(),
        stamp: FileStamp::default(),
        text: None,
    };
    let registries = Registries::default().with(Layer::User, registry);
    Box::new(LoadedRegistries { registries, files: vec![file], ..LoadedRegistries::default() })
}

/// `n` is set to another path, and perhaps tmux removed.
fn editing(removes: bool) -> Bench {
    let mut bench = Bench::on(world());
    bench.tell(Msg::RegistriesLoaded(Ok(loaded(&[("n", "path:/1")]))));
    if removes {
        bench.keys("G d");
    }
    let user = bench.model.facts.registries.clone().unwrap().registries.layer(Layer::User).clone();
    let edit = Change::RegistryAdd { from: reference("n"), to: reference("path:/2") };
    bench.model.transaction.stage_registry(&user, vec![edit]);
    bench.tell(Msg::FactsLearnt(Ok(Box::default())));
    bench.ordered();
    bench
}

fn written() -> WrittenRegistry {
    let path = |text: &str| PathBuf::from(text);
    WrittenRegistry { file: path("/home/ada/registry.json"), backup: Some(path("/b")) }
}

#[test]
fn an_edit_alone_is_applied_and_read_again() {
    let mut bench = editing(false);
    assert_eq!(
        (bench.state(), bench.staged()),
        (PlanState::Ready, vec!["registry add flake:n path:/2".to_owned()])
    );
    assert!(bench.model.history_rows().len() == 3, "no generation is planned");
    bench.keys("w y");
    assert!(matches!(&bench.ordered()[..], [Effect::Apply { .. }]), "{}", bench.toast());
    bench.tell(Msg::PlanApplied(Ok(Applied::Edited { switched: None, written: written() })));
    assert_eq!(bench.ordered(), [Effect::LoadProfile, Effect::LoadRegistries]);
    bench.load(42);
    bench.tell(Msg::RegistriesLoaded(Ok(loaded(&[("n", "path:/2")]))));
    assert_eq!(bench.toast(), "The registry is changed; the old file is kept.");
    assert_eq!((bench.state(), bench.overlay().is_none()), (PlanState::Nothing, true));
}

#[test]
fn behind_a_switch_the_way_back_is_told_to_leave_the_registry() {
    let mut bench = editing(true);
    bench.keys("w y");
    let switched = Some((Some(42), 43));
    bench.tell(Msg::PlanApplied(Ok(Applied::Edited { switched, written: written() })));
    bench.load(43);
    let toast = bench.toast();
    assert!(toast.starts_with("Generation 43 is live and the registry changed"), "{toast}");
    assert!(toast.ends_with("goes back to 42, but for the registry."), "{toast}");
}

#[test]
fn what_could_not_be_written_stays_staged() {
    let mut bench = editing(true);
    bench.keys("w y");
    let problem = "no space left".to_owned();
    bench.tell(Msg::PlanApplied(Ok(Applied::HalfDone { from: Some(42), to: 43, problem })));
    bench.load(43);
    assert_eq!(bench.staged(), ["registry add flake:n path:/2"]);
    let toast = bench.toast();
    assert_eq!(toast, "Generation 43 is live, but the registry could not be written: no space left");
    assert!(bench.model.job.is_none() && bench.overlay().is_none());
}

#[test]
fn a_registry_that_moved_needs_another_look() {
    let mut bench = editing(true);
    bench.keys("w y");
    bench.ordered();
    bench.tell(Msg::PlanApplied(Ok(Applied::RegistryMoved)));
    assert_eq!(bench.ordered(), [Effect::LoadRegistries]);
    assert!(bench.toast().starts_with("Another program changed your registry"), "{}", bench.toast());
    bench.tell(Msg::RegistriesLoaded(Ok(loaded(&[("n", "path:/1"), ("m", "path:/m")]))));
    let plan = bench.model.plan.clone().unwrap();
    assert_eq!(plan.registry.as_ref().unwrap().user_after().entries.len(), 2);
    assert_eq!((bench.staged().len(), bench.overlay().is_none()), (2, true));
}

#[test]
fn what_is_staged_in_the_registry_is_undone_and_copied_like_the_rest() {
    let mut bench = editing(true);
    bench.model.commands.store = "nix 2.34.8".to_owned();
    let commands = bench.model.commands.of_changes(bench.model.transaction.changes()).unwrap();
    assert_eq!(commands, ["nix registry add n path:/2", "nix profile remove tmux"]);
    bench.keys("z");
    assert_eq!(
        (bench.staged(), bench.model.plan.as_ref().unwrap().edits_registry()),
        (vec!["remove tmux".to_owned()], false)
    );
    bench.keys("Z");
    assert!(bench.model.plan.as_ref().unwrap().edits_registry());
}
