use super::*;
use crate::core::facts::Needs;

#[test]
fn an_addition_is_asked_for_once_and_takes_the_cursor() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk"]);
    assert_eq!(bench.rows()[0], ">fltk");
    assert_eq!(bench.state(), PlanState::Unknown);
    let learning = |effect: &Effect| matches!(effect, Effect::LearnFacts(needs) if !needs.is_empty());
    assert_eq!(bench.effects.iter().filter(|effect| learning(effect)).count(), 1);
    bench.keys("j k J");
    assert_eq!(bench.effects.iter().filter(|effect| learning(effect)).count(), 1, "asked again");
    bench.learn();
    assert_eq!(bench.state(), PlanState::Blocked);
    assert_eq!(bench.toast(), "1 file collides: c shows ways out.");
    assert!(bench.model.job.is_none());
}

#[test]
fn what_nobody_wants_any_more_is_not_learnt() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter>");
    bench.ordered();
    bench.keys("z");
    assert_eq!(bench.ordered(), [Effect::LearnFacts(Needs::default())]);
    assert!(bench.model.job.is_none());
    bench.keys("Z");
    assert!(
        matches!(&bench.ordered()[..], [Effect::LearnFacts(needs)] if !needs.is_empty()),
        "it is asked for anew"
    );
}

#[test]
fn several_words_are_one_step_and_the_same_twice_is_said() {
    let mut bench = Bench::on(world());
    bench.tell(Msg::Key(Key::parse("i").unwrap().to_event()));
    bench.tell(Msg::Pasted("nixpkgs#fltk\nnixpkgs#bat\n".to_owned()));
    bench.keys("<enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk", "add nixpkgs#bat"]);
    bench.keys("i nixpkgs#bat <enter>");
    assert_eq!(bench.toast(), "nixpkgs#bat is staged already.");
    bench.keys("<esc> z");
    assert!(bench.staged().is_empty());
}

#[test]
fn what_cannot_be_added_is_told_and_blocks_only_applying() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#nope <enter>").learn();
    assert!(bench.toast().starts_with("nixpkgs#nope cannot be added (z takes it back)"), "{}", bench.toast());
    assert_eq!(bench.state(), PlanState::Impossible);
    bench.keys("w y");
    assert!(bench.toast().starts_with("nixpkgs#nope cannot be added"), "{}", bench.toast());
    bench.keys("<esc> z");
    assert_eq!(bench.state(), PlanState::Nothing);
}

#[test]
fn an_empty_line_says_what_to_type_and_esc_leaves() {
    let mut bench = Bench::on(world());
    bench.keys("i <enter>");
    assert!(bench.toast().starts_with("Type what to add"), "{}", bench.toast());
    bench.keys("y q ? <esc>");
    assert!(bench.overlay().is_none() && bench.staged().is_empty() && !bench.model.quit);
}

#[test]
fn an_empty_profile_can_be_added_to() {
    let mut bench = Bench::on(World::new().offered("fltk-1.3.11", 5, &["bin/fluid"]));
    bench.keys("d");
    assert_eq!(bench.toast(), "This profile is empty; i adds something.");
    bench.keys("i nixpkgs#fltk <enter>").learn();
    assert_eq!(bench.state(), PlanState::Ready);
}
