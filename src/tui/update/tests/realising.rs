//! Fetching and building: by itself, and on the way to applying; what that costs.

use super::*;
use crate::core::evaluation::Question;
use crate::core::plan::LeftReason;
use crate::core::plan::cost::Cost;
use crate::ops::apply_plan::Applied;
use crate::ops::apply_realised::Outcome;
use crate::tui::model::{Found, JobKind, Reload};

/// Both have upgrades that are not here.
fn coming() -> World {
    World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("jq-1.7.1", 5, &["bin/jq"])
        .of_nixpkgs("bat")
        .of_nixpkgs("jq")
        .newer("bat", "bat-0.25.0", None)
        .newer("jq", "jq-1.8.0", None)
}

/// Everything is staged and looked up.
fn checked() -> Bench {
    let mut bench = Bench::on(coming());
    bench.keys("U").learn().ordered();
    bench
}

/// What is learnt once the new package of an element is here, with these files; without, its build
/// has failed.
fn realised(bench: &Bench, results: &[(&str, Option<&[&str]>)]) -> Facts {
    let mut facts = Facts::default();
    for (name, files) in results {
        let question = Question::exactly("flake:nixpkgs", format!("legacyPackages.x.{name}"));
        let evaluated = bench.world.facts.evaluations[&question].clone().unwrap();
        let path = evaluated.outputs["out"].clone().unwrap();
        if let Some(files) = files {
            let other = World::new().installed(path.name(), 5, files);
            facts.trees.absorb(other.facts.trees);
        } else {
            let key = evaluated.drv_path.as_ref().unwrap().as_str().to_owned();
            facts.failed_builds.insert(key, "builder failed\n    \u{1b}]0;make: *** Error 2".into());
        }
    }
    facts
}

#[test]
fn a_review_asks_what_the_plan_costs_once() {
    let mut bench = checked();
    assert_eq!((bench.staged().len(), bench.state()), (2, PlanState::Ready));
    bench.keys("w J K");
    let asked = |bench: &Bench| {
        let costs = |effect: &&Effect| matches!(effect, Effect::MeasureCost { .. });
        bench.background.iter().filter(costs).count()
    };
    assert_eq!(asked(&bench), 1);
    let revision = bench.model.revision;
    bench.tell(Msg::CostMeasured(revision - 1, Ok(Cost::default())));
    let answer = |bench: &Bench| bench.model.upgrades.cost.as_ref().unwrap().answer.is_some();
    assert!(!answer(&bench), "that of another plan");
    bench.tell(Msg::CostMeasured(revision, Ok(Cost::default())));
    assert!(answer(&bench));
    bench.keys("n w");
    assert_eq!(asked(&bench), 1);
}

#[test]
fn the_good_ones_are_applied_and_the_bad_one_says_why() {
    let mut bench = checked();
    bench.keys("w y");
    assert!(matches!(bench.ordered().as_slice(), [Effect::RealiseAndApply { .. }]));
    assert_eq!(bench.model.job.as_ref().map(|job| job.kind), Some(JobKind::Apply));
    let facts = realised(&bench, &[("bat", Some(&["bin/bat"])), ("jq", None)]);
    let path = bench.model.plan.as_ref().unwrap().realise[0].paths().next().unwrap().clone();
    let applied = Outcome::Applied(Applied::Switched { from: Some(42), to: 43, path });
    bench.tell(Msg::PlanRealised(Box::new(facts), Ok(applied)));
    let Some(Reload::Changed(words)) = &bench.model.reload else { panic!("the profile is read again") };
    assert_eq!(
        words,
        "Generation 43 is live. Press - then y to go back to 42. Could not be built or fetched: jq."
    );
    assert_eq!(bench.model.upgrades.failure("jq").unwrap().0, LeftReason::BuildFailed);
    bench.load(42);
    assert!(bench.model.upgrades.failure("jq").is_some(), "the row says so until the next check");
}

#[test]
fn if_all_fail_nothing_is_applied() {
    let mut bench = checked();
    bench.keys("w y").ordered();
    let facts = realised(&bench, &[("bat", None), ("jq", None)]);
    bench.tell(Msg::PlanRealised(Box::new(facts), Ok(Outcome::Changed(PlanState::Nothing))));
    assert!(bench.staged().is_empty() && bench.overlay().is_none() && bench.model.job.is_none());
    assert!(bench.toast().starts_with("Nothing was applied. bat and jq could not be built"));
}

#[test]
fn a_collision_that_nobody_could_foresee_is_opened() {
    let mut bench = checked();
    bench.keys("w y").ordered();
    let facts =
        realised(&bench, &[("bat", Some(&["bin/bat", "bin/less"])), ("jq", Some(&["bin/jq", "bin/less"]))]);
    bench.tell(Msg::PlanRealised(Box::new(facts), Ok(Outcome::Changed(PlanState::Blocked))));
    assert_eq!((bench.state(), bench.staged().len()), (PlanState::Blocked, 2));
    assert!(matches!(bench.overlay(), Some(Overlay::Collisions(_))));
    assert!(bench.toast().contains("Nothing was applied"));
}

#[test]
fn fetching_now_makes_it_exact_and_marks_what_fails() {
    let mut bench = checked();
    assert_eq!(bench.model.plan.as_ref().unwrap().basis(), Basis::Unknown);
    bench.keys("F");
    let [Effect::Realise(part)] = &bench.ordered()[..] else { panic!("one order") };
    assert_eq!(part.realise.iter().map(|wanted| wanted.element.as_str()).collect::<Vec<_>>(), ["bat"]);
    bench.keys("F");
    assert!(bench.toast().contains("being fetched or built"));
    let facts = realised(&bench, &[("bat", Some(&["bin/bat"]))]);
    bench.tell(Msg::Realised(Ok(Box::new(facts))));
    assert_eq!(bench.toast(), "1 element is in the store now, and what is shown of it is exact.");
    bench.keys("F");
    assert!(bench.toast().starts_with("There is nothing to fetch for it"));
    bench.keys("w F").ordered();
    let facts = realised(&bench, &[("jq", None)]);
    bench.tell(Msg::Realised(Ok(Box::new(facts))));
    assert_eq!(bench.staged(), ["upgrade bat"]);
    assert!(matches!(bench.model.upgrades.found["jq"], Found::Failed(LeftReason::BuildFailed, _)));
    assert_eq!(bench.model.plan.as_ref().unwrap().basis(), Basis::Exact);
    bench.keys("F");
    assert_eq!(bench.toast(), "Everything the plan needs is in the store already.");
}

#[test]
fn without_a_plan_there_is_nothing_to_fetch() {
    let mut bench = Bench::on(coming());
    bench.keys("F");
    assert!(bench.toast().starts_with("Nothing is staged that could be fetched; u asks"));
}
