use super::*;
use crate::core::facts::Needs;
use crate::tui::model::{JobKind, ProfileLoad};

#[test]
fn the_first_load_asks_for_the_packages() {
    let mut bench = Bench::starting(world());
    bench.keys("d");
    assert_eq!(bench.toast(), "Still reading the profile.");
    bench.load(42);
    assert_eq!(bench.state(), PlanState::Unknown);
    assert!(matches!(&bench.effects[..], [Effect::LearnFacts(needs)] if needs.tree.packages.len() == 4));
    assert_eq!(bench.model.job.as_ref().map(|job| job.kind), Some(JobKind::Learn));
    bench.learn();
    assert_eq!((bench.state(), bench.model.job.is_none()), (PlanState::Nothing, true));
    assert_eq!(bench.model.history.cursor.selected, 0, "on the live generation");
}

#[test]
fn the_store_s_title_is_hostile_text_too() {
    let mut bench = Bench::starting(world());
    bench.tell(Msg::StoreNamed(Ok("nix 2\x1b[2J".to_owned())));
    assert_eq!(bench.model.store_title, "nix 2\\x1b[2J");
}

#[test]
fn nothing_is_planned_on_what_cannot_be_read_but_one_can_go_back() {
    let mut bench = Bench::on(world());
    bench.keys("d");
    let mut damaged = bench.profile(42);
    damaged.damaged = Some("manifest.json: it is not valid JSON".to_owned());
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(damaged))));
    assert!(bench.model.plan.is_none() && bench.model.groups.is_empty());
    bench.ordered();
    for key in ["d", "w", "c", "i", "z"] {
        bench.keys(key);
        assert!(bench.toast().starts_with("What is live cannot be read"), "{key}: {}", bench.toast());
        assert!(bench.ordered().is_empty() && bench.overlay().is_none());
    }
    bench.keys("3 j r y");
    assert_eq!(bench.ordered(), [Effect::RollBack(41)]);
    bench.tell(Msg::RolledBack(Ok(crate::ops::roll_back::RolledBack { from: Some(42), to: 41 })));
    bench.load(41);
    assert_eq!(bench.staged(), ["remove hello"], "what was staged is still there");
    assert!(bench.model.plan.is_some());
}

#[test]
fn without_nix_a_plan_can_be_looked_at_and_r_asks_again() {
    use crate::system::machine::StoreError;
    let mut bench = Bench::on(world());
    let missing = StoreError::NoProgram { program: "nix".to_owned(), reason: "nothing there".to_owned() };
    bench.tell(Msg::StoreNamed(Err(missing)));
    bench.keys("d w y");
    assert!(bench.toast().starts_with("Nix makes generations"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
    bench.keys("n R");
    assert!(bench.ordered().contains(&Effect::NameStore));
    bench.tell(Msg::StoreNamed(Ok("nix 2.34.8".to_owned())));
    assert!(bench.model.store_trouble.is_none());
}

#[test]
fn a_folder_that_is_not_writable_is_read_only() {
    let mut bench = Bench::on(world());
    let mut closed = bench.profile(42);
    closed.writable = false;
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(closed))));
    bench.keys("d w y");
    assert!(bench.toast().starts_with("Read-only: you are not allowed"), "{}", bench.toast());
    bench.keys("n 3 j j r");
    assert!(bench.toast().starts_with("Read-only: you are not allowed"), "{}", bench.toast());
    assert_eq!(bench.staged(), ["remove hello"], "it can still be staged and looked at");
}

#[test]
fn what_could_not_be_learnt_is_not_asked_for_ever() {
    let mut bench = Bench::starting(world());
    bench.load(42);
    bench.ordered();
    bench.tell(Msg::FactsLearnt(Err("nix was not found".to_owned())));
    assert_eq!(bench.toast(), "nix was not found (R tries again)");
    assert!(bench.ordered().is_empty() && bench.model.job.is_none());
    bench.keys("R");
    assert_eq!(
        bench.ordered(),
        [Effect::LearnFacts(Needs::default()), Effect::LoadProfile, Effect::LoadRegistries]
    );
    bench.load(42);
    assert!(matches!(&bench.effects[..], [Effect::LearnFacts(needs)] if !needs.is_empty()));
    assert!(bench.toast().starts_with("Read again: generation 42, 4 elements"), "{}", bench.toast());
}

#[test]
fn facts_that_never_come_are_told() {
    let mut bench = Bench::starting(world());
    bench.load(42);
    bench.ordered();
    bench.tell(Msg::FactsLearnt(Ok(Box::default())));
    assert!(bench.toast().starts_with("The plan cannot be completed"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
}

#[test]
fn reading_packages_can_be_stopped() {
    let mut bench = Bench::starting(world());
    bench.load(42);
    bench.ordered();
    bench.keys("<ctrl-c>");
    assert_eq!((bench.ordered(), bench.model.quit), (vec![Effect::Cancel], false));
    bench.tell(Msg::FactsLearnt(Err("cancelled".to_owned())));
    assert!(bench.toast().starts_with("Stopped. R asks again"), "{}", bench.toast());
    bench.keys("<ctrl-c>");
    assert!(bench.model.quit, "without a job as q");
}

#[test]
fn a_profile_that_cannot_be_read_is_never_planned_on() {
    let mut bench = Bench::on(world());
    bench.keys("d");
    bench.tell(Msg::ProfileLoaded(Err("manifest.json: it is not valid JSON".to_owned())));
    assert!(matches!(bench.model.profile, ProfileLoad::Failed(_)) && bench.model.plan.is_none());
    for key in ["d", "p", "w", "c", "-", "i", "t", "z"] {
        bench.keys(key);
        assert_eq!(bench.toast(), "The profile could not be read. R reads it again.", "{key}");
    }
    bench.keys("j k G 3 j 0 j . <enter> h 1 f s / x <esc> ? <esc> a <space>");
    bench.load(42);
    assert_eq!(bench.staged(), ["remove hello"], "the plan was kept");
}

#[test]
fn our_own_switch_is_not_another_program_s() {
    let mut bench = Bench::on(world());
    bench.keys("d w y");
    bench.ordered();
    bench.tell(Msg::ProfileMoved);
    assert!(bench.ordered().is_empty());
}

#[test]
fn a_move_without_a_plan_is_told_too() {
    let mut bench = Bench::on(world());
    bench.tell(Msg::ProfileMoved);
    bench.load(41);
    assert_eq!(bench.toast(), "Another program changed the profile: generation 41 is live now.");
}

#[test]
fn the_history_is_read_behind_the_first_frame_and_only_once() {
    use crate::ops::load_profile::{NOT_READ_YET, ReadManifests};
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(42);
    profile.generations[0].manifest = Err(NOT_READ_YET.to_owned());
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile.clone()))));
    let asked = |bench: &Bench| {
        bench
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::LoadHistory(generations) if generations.len() == 1))
    };
    assert!(asked(&bench));
    bench.effects.clear();
    let read = ReadManifests::from([("/nix/store/40".to_owned(), Ok(Arc::default()))]);
    bench.tell(Msg::HistoryLoaded(Ok(read)));
    assert!(bench.model.loaded().unwrap().not_read().is_empty());
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    assert!(!asked(&bench), "what lies in the store does not change");
}
