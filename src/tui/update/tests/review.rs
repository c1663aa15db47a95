use super::*;
use crate::core::store_path::StorePath;
use crate::ops::apply_plan::{Applied, Replace};
use crate::system::machine::{Fetching, ProgressEvent, Step};
use crate::tui::model::Reload;

fn ready() -> Bench {
    let mut bench = Bench::on(world());
    bench.keys("d w");
    bench
}

fn switched(bench: &Bench) -> Applied {
    let path =
        StorePath::parse(&bench.world.base.store_dir, "/nix/store/00000000000000000000000000000000-profile");
    Applied::Switched { from: Some(42), to: 43, path: path.unwrap() }
}

#[test]
fn only_y_applies_and_only_in_the_review() {
    let mut bench = ready();
    bench.keys("w <enter> <space> a w");
    assert!(bench.ordered().is_empty());
    assert!(matches!(bench.overlay(), Some(Overlay::Review(_))));
    bench.keys("y");
    let plan = bench.model.plan.clone().unwrap();
    assert_eq!(bench.ordered(), [Effect::Apply { plan, replace: Replace::Profiles }]);
    bench.keys("y");
    assert!(bench.ordered().is_empty(), "not twice");
    let mut bench = Bench::on(world());
    bench.keys("d y");
    assert!(bench.ordered().is_empty());
}

#[test]
fn without_anything_staged_there_is_nothing_to_review() {
    let mut bench = Bench::on(world());
    bench.keys("w");
    assert!(bench.toast().starts_with("Nothing is staged"), "{}", bench.toast());
    assert!(bench.overlay().is_none());
}

#[test]
fn a_blocked_plan_is_not_applied_and_the_way_out_is_named() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter> w y");
    assert!(bench.toast().starts_with("Still checking"), "{}", bench.toast());
    bench.learn().keys("y");
    assert_eq!(bench.toast(), "Blocked: 1 file collides. Press n, then c to resolve.");
    assert!(bench.ordered().is_empty());
}

#[test]
fn a_review_that_waited_for_facts_can_be_answered() {
    let mut bench = Bench::on(World::new().offered("fltk-1.3.11", 5, &["bin/fluid"]));
    bench.keys("i nixpkgs#fltk <enter> w").learn().keys("y");
    assert!(matches!(&bench.ordered()[..], [Effect::Apply { .. }]), "{}", bench.toast());
}

#[test]
fn a_plan_that_moved_needs_another_look() {
    let mut bench = ready();
    bench.tell(Msg::ProfileMoved);
    assert_eq!(bench.ordered(), [Effect::LoadProfile]);
    bench.load(41);
    assert!(
        bench.toast().starts_with("Another program changed the profile: generation 41"),
        "{}",
        bench.toast()
    );
    assert_eq!(bench.staged(), ["remove hello"], "the plan stands on top");
    bench.ordered();
    bench.keys("y");
    assert_eq!(bench.toast(), "The plan has changed since you opened this. Press n, then w to look again.");
    assert!(bench.ordered().is_empty());
    bench.keys("n w y");
    assert!(matches!(&bench.ordered()[..], [Effect::Apply { .. }]));
}

#[test]
fn what_was_applied_is_not_staged_any_more() {
    let mut bench = ready();
    bench.keys("y");
    bench.ordered();
    let applied = switched(&bench);
    bench.tell(Msg::PlanApplied(Ok(applied)));
    assert!(bench.staged().is_empty() && bench.overlay().is_none());
    assert_eq!(bench.ordered(), [Effect::LoadProfile]);
    bench.keys("r d -");
    assert!(bench.overlay().is_none() && bench.staged().is_empty(), "nothing is decided on the old profile");
    bench.load(42);
    assert_eq!(bench.toast(), "Generation 43 is live. Press - then y to go back to 42.");
    assert!(bench.model.job.is_none());
    bench.keys("z");
    assert!(bench.toast().starts_with("Nothing staged to undo"), "{}", bench.toast());
}

#[test]
fn a_failure_keeps_plan_and_review() {
    let mut bench = ready();
    bench.keys("y");
    bench.tell(Msg::PlanApplied(Err("'nix build' failed (1): disk full\nmore".to_owned())));
    let toast = bench.model.toast.clone().unwrap();
    assert_eq!((toast.text.as_str(), toast.error), ("'nix build' failed (1): disk full", true));
    assert_eq!(bench.staged(), ["remove hello"]);
    assert!(matches!(bench.overlay(), Some(Overlay::Review(_))) && bench.model.job.is_none());
    assert_eq!(bench.model.log.last_text(), Some("more"));
}

#[test]
fn another_program_in_between_means_reading_and_planning_again() {
    let mut bench = ready();
    bench.keys("y");
    bench.ordered();
    bench.tell(Msg::PlanApplied(Ok(Applied::Moved)));
    assert_eq!((bench.ordered(), &bench.model.reload), (vec![Effect::LoadProfile], &Some(Reload::Moved)));
    assert!(bench.overlay().is_none(), "the review must be opened again");
    bench.load(41);
    assert!(bench.toast().contains("w reviews it again, X drops it"), "{}", bench.toast());
    assert_eq!(bench.staged(), ["remove hello"]);
}

#[test]
fn ctrl_c_stops_until_the_switch() {
    let mut bench = ready();
    bench.keys("y");
    bench.ordered();
    bench.keys("<ctrl-c>");
    assert_eq!((bench.ordered(), bench.model.quit), (vec![Effect::Cancel], false));
    bench.keys("<ctrl-c>");
    assert!(bench.ordered().is_empty() && bench.toast().contains("already"), "{}", bench.toast());
    bench.tell(Msg::PlanApplied(Err("cancelled".to_owned())));
    assert_eq!(bench.toast(), "Cancelled. Nothing has changed; the plan is kept.");
    bench.keys("y");
    bench.ordered();
    bench.tell(Msg::Progressed(ProgressEvent::Step(Step::Switch)));
    bench.keys("<ctrl-c>");
    assert!(bench.ordered().is_empty() && bench.toast().contains("cannot be stopped"), "{}", bench.toast());
}

#[test]
fn what_stands_at_a_broken_link_is_replaced_only_by_this_y() {
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(42);
    profile.state = ProfileState::Dangling;
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.learn().keys("d w y");
    assert!(matches!(&bench.ordered()[..], [Effect::Apply { replace: Replace::Anything, .. }]));
}

#[test]
fn a_plan_is_saved_and_its_path_told() {
    let mut bench = ready();
    bench.keys("s");
    let text = bench.model.transaction.to_json();
    assert_eq!(bench.ordered(), [Effect::SavePlan(text)]);
    bench.tell(Msg::PlanSaved(Ok(Arc::from(std::path::Path::new("/s/plans/1.json")))));
    assert_eq!(bench.toast(), "Saved. 'firn apply /s/plans/1.json' applies it.");
    (bench.model.commands.profile, bench.model.commands.is_default) = ("/p/work".to_owned(), false);
    bench.tell(Msg::PlanSaved(Ok(Arc::from(std::path::Path::new("/s/plans/1.json")))));
    assert_eq!(bench.toast(), "Saved. 'firn --profile /p/work apply /s/plans/1.json' applies it.");
}

#[test]
fn progress_is_kept_and_logs_are_made_visible() {
    let mut bench = ready();
    bench.keys("y");
    bench.tell(Msg::Progressed(ProgressEvent::Step(Step::Realise)));
    let fetching = Fetching { bytes: 1, of_bytes: 2, ..Fetching::default() };
    bench.tell(Msg::Progressed(ProgressEvent::Fetching(fetching.clone())));
    bench.tell(Msg::Progressed(ProgressEvent::Log("evil \x1b[2J".to_owned())));
    let job = bench.model.job.clone().unwrap();
    assert_eq!((job.step, job.fetching), (Some(Step::Realise), Some((fetching, bench.model.now))));
    assert_eq!(bench.model.log.last_text(), Some("evil \\x1b[2J"));
    for _ in 0..3_000 {
        bench.tell(Msg::Progressed(ProgressEvent::Log("line".to_owned())));
    }
    assert_eq!(bench.model.log.len(), 2_000);
}

/// A profile with certificates, which other things rest on.
fn with_certificates() -> Bench {
    Bench::on(World::new().installed("nss-cacert-3.1", 5, &["etc/ssl/certs/ca-bundle.crt"]).installed(
        "tmux-3.5",
        5,
        &["bin/tmux"],
    ))
}

#[test]
fn what_other_things_rest_on_goes_only_if_its_name_is_typed() {
    let mut bench = with_certificates();
    bench.keys("d w y");
    assert!(matches!(bench.overlay(), Some(Overlay::TypeName(_))));
    bench.keys("<enter> y <enter>");
    assert!(bench.toast().contains("type nss-cacert"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
    bench.keys("<backspace> nss-cacert <enter>");
    assert!(matches!(&bench.ordered()[..], [Effect::Apply { .. }]), "{}", bench.toast());
    assert!(matches!(bench.overlay(), Some(Overlay::Review(_))));
}

#[test]
fn a_name_typed_for_a_plan_that_has_changed_applies_nothing() {
    let mut bench = with_certificates();
    bench.keys("d w y nss-cacert");
    bench.tell(Msg::ProfileMoved);
    bench.load(41);
    bench.ordered();
    bench.keys("<enter>");
    assert!(bench.toast().starts_with("The plan has changed"), "{}", bench.toast());
    bench.keys("<esc> n G d d");
    assert!(bench.ordered().is_empty());
}

#[test]
fn going_back_to_a_generation_without_certificates_asks_though_nobody_wants_to_be_asked() {
    let mut bench = with_certificates();
    bench.model.settings.confirm_rollback = false;
    bench.keys("-");
    assert!(matches!(bench.overlay(), Some(Overlay::Rollback(_))));
    let lost = super::super::lost_by_going_back(&bench.model, 40);
    assert_eq!(lost.iter().map(|lost| lost.element.as_str()).collect::<Vec<_>>(), ["nss-cacert"]);
    bench.keys("y <enter>");
    assert!(bench.toast().starts_with("That is not what goes: type nss-cacert"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
    bench.keys("nss-cacert <enter>");
    assert_eq!(bench.ordered(), [Effect::RollBack(40)]);
}
