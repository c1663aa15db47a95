use super::*;
use crate::core::manifest::ProfileManifest;
use crate::core::user_environment::{Derivations, EnvironmentPackage, UserEnvironment};
use crate::tui::panes::upgrade;

#[test]
fn a_key_stages_and_the_same_frame_has_the_plan() {
    let mut bench = Bench::on(world());
    let revision = bench.model.revision;
    bench.keys("d");
    assert_eq!(bench.staged(), ["remove hello"]);
    assert_eq!(bench.state(), PlanState::Ready);
    assert_eq!(bench.model.preview.total.removed, bench.model.preview.difference.removed.len());
    assert!(bench.model.preview.total.removed > 0 && bench.model.revision > revision);
    assert!(bench.effects.is_empty(), "nothing to learn: {:?}", bench.effects);
    assert!(bench.toast().contains("remove hello"), "{}", bench.toast());
}

#[test]
fn if_any_is_not_staged_all_are_else_none() {
    let mut bench = Bench::on(world());
    bench.keys("d <space> <space> d");
    assert_eq!(bench.staged(), ["remove hello", "remove jj"]);
    bench.keys("d");
    assert!(bench.staged().is_empty());
    bench.keys("z");
    assert_eq!(bench.staged(), ["remove hello", "remove jj"], "one stroke is one step");
}

#[test]
fn switching_goes_by_each_element_and_back_together() {
    let mut bench = Bench::on(world());
    bench.keys("t");
    assert_eq!(bench.staged(), ["hello off"]);
    bench.keys("<space> <space> t");
    assert_eq!(bench.staged(), ["hello off", "jj off"]);
    bench.keys("t");
    assert!(bench.staged().is_empty());
    assert!(bench.toast().starts_with("Taken back"), "{}", bench.toast());
}

#[test]
fn what_is_staged_for_removal_takes_no_other_change() {
    let mut bench = Bench::on(world());
    bench.keys("d t");
    assert_eq!(bench.toast(), "It is staged for removal; d takes that back.");
    bench.keys("p");
    assert!(bench.overlay().is_none());
    assert_eq!(bench.staged(), ["remove hello"]);
}

#[test]
fn undo_and_redo_touch_only_the_plan_and_say_when_there_is_nothing() {
    let mut bench = Bench::on(world());
    bench.keys("z");
    assert_eq!(bench.toast(), "Nothing staged to undo. Press - to go back to generation 40.");
    bench.keys("d j d z");
    assert_eq!(bench.staged(), ["remove hello"]);
    bench.keys("Z");
    assert_eq!(bench.staged(), ["remove hello", "remove jj"]);
    bench.keys("Z");
    assert!(bench.toast().starts_with("Nothing was undone"), "{}", bench.toast());
    assert!(bench.effects.is_empty());
}

#[test]
fn dropping_the_plan_asks_and_can_be_undone() {
    let mut bench = Bench::on(world());
    bench.keys("X");
    assert!(bench.toast().starts_with("Nothing is staged"), "{}", bench.toast());
    bench.keys("d X X");
    assert_eq!(bench.staged(), ["remove hello"], "the key that asks does not answer");
    bench.keys("n X <enter>");
    assert_eq!(bench.staged(), ["remove hello"], "enter does not answer");
    bench.keys("y");
    assert!(bench.staged().is_empty() && bench.overlay().is_none());
    bench.keys("z");
    assert_eq!(bench.staged(), ["remove hello"]);
}

#[test]
fn nothing_is_staged_while_a_plan_is_applied() {
    let mut bench = Bench::on(world());
    bench.keys("d w y <esc> j d z");
    assert_eq!(bench.staged(), ["remove hello"]);
    assert!(bench.toast().contains("being applied"), "{}", bench.toast());
}

#[test]
fn a_read_only_profile_can_be_planned_on_and_not_changed() {
    let mut bench = Bench::on(world());
    bench.model.read_only = true;
    bench.keys("d w y");
    assert_eq!(bench.staged(), ["remove hello"]);
    assert!(bench.toast().starts_with("Read-only"), "{}", bench.toast());
    bench.keys("<esc> -");
    assert!(bench.toast().starts_with("Read-only"), "{}", bench.toast());
    assert!(bench.ordered().is_empty() && bench.overlay().is_none());
}

pub(super) fn of_nix_env() -> Bench {
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(42);
    profile.state = ProfileState::NixEnvironment;
    let mut base = (*profile.base).clone();
    let packages = base.manifest.elements.values().map(|element| {
        let mut package = EnvironmentPackage::of_store_path(&element.store_paths[0]);
        package.set_flag("priority", &element.priority.to_string());
        package
    });
    let environment = UserEnvironment::of_packages(packages.collect(), Derivations::Dropped);
    base.manifest = ProfileManifest::of_environment(environment);
    profile.base = Arc::new(base);
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.learn();
    bench
}

#[test]
fn a_profile_of_nix_env_is_changed_like_any_other() {
    let mut bench = of_nix_env();
    bench.keys("d");
    assert_eq!(bench.staged(), ["remove hello"]);
    assert!(
        bench.model.plan.as_ref().unwrap().result().unwrap().unwrap().as_str().ends_with("-user-environment")
    );
    bench.model.commands.is_default = true;
    let commands = bench.model.commands.of_changes(bench.model.transaction.changes()).unwrap();
    assert_eq!(commands, ["nix-env --uninstall hello"]);
}

#[test]
fn keep_and_the_conversion_are_staged_and_taken_back() {
    let mut bench = of_nix_env();
    let act = |bench: &mut Bench, words: &str| {
        let key = |letter: char| if letter == ' ' { "<space>".to_owned() } else { letter.to_string() };
        let typed: Vec<String> = words.chars().map(key).collect();
        bench.keys(&format!(": {} <enter>", typed.join(" ")));
    };
    act(&mut bench, "keep packages of nix-env");
    assert_eq!(bench.staged(), ["hello kept"]);
    act(&mut bench, "keep packages of nix-env");
    assert!(bench.staged().is_empty(), "{:?}", bench.staged());
    act(&mut bench, "convert a profile");
    bench.keys("<ctrl-u> <enter>");
    assert_eq!(bench.staged(), ["convert"]);
    assert!(bench.model.plan.as_ref().unwrap().converts());
    let plan = bench.model.plan.clone().unwrap();
    let moves = upgrade::moves(&bench.model, &plan.elements[0]);
    assert!(moves[0].1.contains("no flake to ask"), "nobody looks for its name any more: {moves:?}");
    assert!(bench.model.plan.as_ref().unwrap().result().unwrap().unwrap().as_str().ends_with("-profile"));
    act(&mut bench, "keep packages of nix-env");
    assert!(bench.toast().contains("knows no flag"), "{}", bench.toast());
    bench.keys("<esc>");
    act(&mut bench, "convert a profile");
    assert!(bench.staged().is_empty());
}
