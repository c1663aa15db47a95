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
    bench.tell(Msg::StoreNamed("nix 2\x1b[2J".to_owned()));
    assert_eq!(bench.model.store_title, "nix 2\\x1b[2J");
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
    assert_eq!(bench.ordered(), [Effect::LearnFacts(Needs::default()), Effect::LoadProfile]);
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
