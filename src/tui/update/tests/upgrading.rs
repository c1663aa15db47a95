//! Checking for upgrades, and holding elements back from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::core::evaluation::{EvaluationFailure, FailureKind, Question};
use crate::core::facts::Needs;
use crate::core::plan::LeftReason;
use crate::ops::hold::Holding;
use crate::tui::model::{Found, ShowFilter};

fn question(name: &str) -> Question {
    Question::exactly("flake:nixpkgs", format!("legacyPackages.x.{name}"))
}

fn failure(message: &str) -> EvaluationFailure {
    EvaluationFailure { kind: FailureKind::Evaluation, message: message.into() }
}

/// bat has an upgrade that is here, jq nothing newer, zed does not evaluate, tmux came from no flake.
fn moving() -> World {
    let mut world = World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("jq-1.7.1", 5, &["bin/jq"])
        .installed("tmux-3.5", 5, &["bin/tmux"])
        .installed("zed-0.1", 5, &["bin/zed"])
        .of_nixpkgs("bat")
        .of_nixpkgs("jq")
        .of_nixpkgs("zed")
        .newer("bat", "bat-0.25.0", Some(&["bin/bat"]))
        .newer("jq", "jq-1.7.1", Some(&["bin/jq"]));
    world.facts.evaluations.insert(question("zed"), Err(failure("attribute 'zed' \u{1b}[31mthrew")));
    world
}

fn asked(bench: &Bench) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::LearnFacts(needs) => {
            needs.evaluations.iter().map(|question| question.attribute.clone()).collect()
        }
        _ => Vec::new(),
    };
    bench.effects.iter().flat_map(of).collect()
}

#[test]
fn what_does_not_move_is_unstaged_by_itself_and_counted() {
    let mut bench = Bench::on(moving());
    bench.keys("U");
    assert_eq!(bench.staged(), ["upgrade bat", "upgrade jq", "upgrade zed"]);
    assert_eq!(bench.state(), PlanState::Unknown);
    assert_eq!(asked(&bench).len(), 3);
    bench.learn();
    assert_eq!(bench.staged(), ["upgrade bat"]);
    assert_eq!(bench.toast(), "1 upgrade, 1 has nothing newer, 1 failed (zed).");
    assert_eq!(bench.state(), PlanState::Ready);
    let found = &bench.model.upgrades.found;
    assert_eq!((found.get("bat"), found.get("jq")), (Some(&Found::Newer), Some(&Found::Same)));
    let (reason, message) = bench.model.upgrades.failure("zed").unwrap();
    assert_eq!(reason, LeftReason::EvaluationFailed);
    assert!(message.contains("threw"));
    assert!(
        bench.model.log.last_text().is_some_and(|line| line.contains("threw") && !line.contains('\u{1b}'))
    );
    bench.keys("z");
    assert!(bench.staged().is_empty());
    bench.keys("Z");
    assert_eq!(bench.staged(), ["upgrade bat"], "what was withdrawn does not come back");
}

#[test]
fn one_row_tells_what_it_found() {
    let mut bench = Bench::on(moving());
    bench.keys("u").learn();
    assert_eq!(bench.toast(), "Staged: bat 0.24.0 → 0.25.0.");
    bench.keys("j u").learn();
    assert_eq!((bench.toast(), bench.staged()), ("jq has nothing newer.", vec!["upgrade bat".to_owned()]));
    bench.keys("G u").learn();
    assert!(bench.toast().starts_with("'zed' does not evaluate") && !bench.toast().contains('\u{1b}'));
    bench.keys("g u");
    assert_eq!((bench.staged(), bench.toast()), (Vec::<String>::new(), "Taken back: upgrade bat."));
}

#[test]
fn a_second_check_asks_again() {
    let mut bench = Bench::on(moving());
    bench.keys("j u").learn().keys("u");
    assert_eq!(asked(&bench), ["legacyPackages.x.jq"]);
}

#[test]
fn answers_show_before_all_are_there_and_stay_when_the_rest_is_stopped() {
    let mut bench = Bench::on(moving());
    bench.keys("U");
    let answer = bench.world.facts.evaluations[&question("bat")].clone();
    bench.tell(Msg::Evaluated(Box::new((question("bat"), answer))));
    assert_eq!((bench.staged().len(), bench.state()), (3, PlanState::Unknown));
    bench.keys("<ctrl-c>");
    assert!(bench.ordered().contains(&Effect::Cancel));
    bench.tell(Msg::FactsLearnt(Err("cancelled".to_owned())));
    assert_eq!(bench.staged(), ["upgrade bat"]);
    assert!(bench.model.upgrades.checking.is_empty());
    assert_eq!(bench.model.job.as_ref().map(|job| job.kind), None);
}

#[test]
fn a_check_that_cannot_be_made_leaves_nothing_checking() {
    let mut bench = Bench::on(moving());
    bench.keys("U");
    bench.tell(Msg::FactsLearnt(Err("'nix' cannot be run".to_owned())));
    assert!(bench.staged().is_empty() && bench.model.upgrades.checking.is_empty());
    assert!(bench.toast().contains("cannot be run"));
}

#[test]
fn taking_a_check_back_stops_asking() {
    let mut bench = Bench::on(moving());
    bench.keys("u u");
    assert!(bench.staged().is_empty() && bench.model.upgrades.checking.is_empty());
    assert!(bench.ordered().contains(&Effect::LearnFacts(Needs::default())));
}

#[test]
fn what_cannot_move_says_why() {
    let mut bench = Bench::on(moving());
    bench.keys("j j u");
    assert!(bench.toast().contains("tmux came from no flake"), "{}", bench.toast());
    bench.tell(Msg::HoldsRead(Ok(BTreeSet::from(["bat".to_owned()]))));
    bench.keys("g u");
    assert_eq!(bench.toast(), "bat is held; * lets it go.");
    bench.keys("U");
    assert_eq!(bench.staged(), ["upgrade jq", "upgrade zed"]);
}

#[test]
fn holding_takes_a_staged_upgrade_back() {
    let mut bench = Bench::on(moving());
    bench.keys("u").learn().ordered();
    bench.keys("*");
    let base = Arc::clone(&bench.world.base);
    let names = vec!["bat".to_owned()];
    let order = Effect::Hold { base, names: names.clone(), holding: Holding::Hold };
    assert_eq!(bench.ordered(), [order]);
    bench.tell(Msg::Held(Holding::Hold, Ok((names, BTreeSet::from(["bat".to_owned()])))));
    assert!(bench.staged().is_empty());
    assert_eq!(bench.toast(), "Held back from upgrades: bat.");
}

#[test]
fn outdated_and_held_are_shown_alone() {
    let mut bench = Bench::on(moving());
    bench.keys("U").learn().keys("f");
    assert_eq!((bench.model.installed.show, bench.rows()), (ShowFilter::Outdated, vec![">bat".to_owned()]));
    bench.tell(Msg::HoldsRead(Ok(BTreeSet::from(["jq".to_owned()]))));
    bench.keys("f f f");
    assert_eq!((bench.model.installed.show, bench.rows()), (ShowFilter::Held, vec![">jq".to_owned()]));
}
