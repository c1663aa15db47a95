use super::*;
use crate::core::resolution::CollisionKind;
use crate::tui::model::CollisionsScreen;

fn screen(bench: &Bench) -> &CollisionsScreen {
    match bench.overlay() {
        Some(Overlay::Collisions(screen)) => screen,
        other => panic!("no collisions but {other:?}"),
    }
}

fn blocked() -> Bench {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter>").learn();
    bench
}

#[test]
fn without_collisions_the_key_says_so() {
    let mut bench = Bench::on(World::new().installed("hello-2.12.3", 5, &["bin/hello"]));
    bench.keys("c");
    assert_eq!((bench.toast(), bench.overlay().is_none()), ("Nothing collides.", true));
}

#[test]
fn ways_are_asked_for_once_per_group_and_plan() {
    let mut bench = blocked();
    bench.keys("c");
    let plan = bench.model.plan.clone().unwrap();
    let order = |index: usize, bench: &Bench| Effect::FindWays {
        revision: bench.model.revision,
        index,
        group: bench.model.groups[index].clone(),
        plan: Arc::clone(&plan),
        transaction: bench.model.transaction.clone(),
        facts: Arc::clone(&bench.model.facts),
    };
    assert_eq!(bench.effects, [order(0, &bench)]);
    bench.keys("<enter>");
    assert_eq!(bench.toast(), "Still looking for ways out.");
    bench.find_ways().keys(". ,");
    assert!(bench.effects.is_empty());
    bench.keys("j");
    assert_eq!(bench.effects, [order(1, &bench)]);
    bench.keys("k");
    assert_eq!(bench.effects.len(), 1, "those of the first are known");
}

#[test]
fn answers_for_an_older_plan_are_dropped() {
    let mut bench = blocked();
    bench.keys("c");
    let Some(Effect::FindWays { revision, group, plan, transaction, facts, .. }) = bench.ordered().pop()
    else {
        panic!("nothing was asked");
    };
    bench.keys("z Z").learn();
    let ways = resolution::ways(&plan, &transaction, &facts, &group);
    bench.tell(Msg::WaysFound { revision, group: 0, ways });
    assert!(screen(&bench).ways.is_empty());
}

#[test]
fn enter_stages_the_way_and_goes_on() {
    let mut bench = blocked();
    bench.keys("c").find_ways();
    assert_eq!(bench.model.groups[0].kind, CollisionKind::Tie);
    bench.keys("<enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk 6"]);
    assert_eq!(bench.state(), PlanState::Ready);
    assert!(bench.toast().contains("nothing blocks the plan: w reviews it"), "{}", bench.toast());
    let names: Vec<_> = bench.model.groups[screen(&bench).group.selected].elements.iter().collect();
    assert_eq!(names[0].element.as_deref(), Some("jujutsu"), "the next group, not the one just made");
    bench.keys("z");
    assert_eq!(bench.state(), PlanState::Blocked);
}

#[test]
fn a_digit_highlights_and_does_not_stage() {
    let mut bench = blocked();
    bench.keys("c 1");
    assert_eq!(bench.toast(), "Still looking for ways out.");
    bench.find_ways().keys("2");
    assert_eq!((screen(&bench).way, bench.staged().len()), (1, 1));
    bench.keys("9");
    assert_eq!(bench.toast(), "There is no way 9.");
    bench.keys(", ,");
    let ways = screen(&bench).ways[&0].len();
    assert_eq!(screen(&bench).way, ways - 1, "around the end");
}

#[test]
fn the_key_opens_on_what_is_under_the_cursor() {
    let mut bench = Bench::on(world());
    bench.keys("j c");
    let shown = &bench.model.groups[screen(&bench).group.selected];
    assert!(shown.elements.iter().any(|member| member.element.as_deref() == Some("jj")));
    let mut bench = blocked();
    bench.keys("g j j c");
    assert_eq!(screen(&bench).group.selected, 0, "what blocks comes first");
    bench.keys("<esc> 0 / jj <enter> c");
    let shown = &bench.model.groups[screen(&bench).group.selected];
    assert_eq!(shown.paths, [b"bin/jj".to_vec()], "in the tree the line counts");
}

#[test]
fn files_and_claimants_say_when_there_are_no_more() {
    let mut bench = blocked();
    bench.keys("c n");
    assert_eq!(bench.toast(), "This collision is about one file.");
    bench.keys("l");
    assert_eq!(bench.toast(), "There are no more claimants.");
    bench.keys("h");
    assert_eq!(bench.toast(), "This is the first claimant.");
}

#[test]
fn undo_shows_the_collision_whose_way_was_taken_back() {
    let mut bench = blocked();
    bench.keys("c").find_ways();
    let tie = bench.model.groups[0].clone();
    let at_cursor = |bench: &Bench| bench.model.groups[screen(bench).group.selected].clone();
    bench.keys("<enter>");
    assert_ne!(at_cursor(&bench).kind, CollisionKind::Tie);
    bench.keys("G z");
    assert_eq!(at_cursor(&bench).elements, tie.elements);
    bench.find_ways();
    assert!(!super::super::collisions::ways(&bench.model).unwrap().is_empty(), "its ways were asked for");
}
