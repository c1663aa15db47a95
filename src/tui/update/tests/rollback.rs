use super::*;
use crate::ops::roll_back::RolledBack;

fn sheet(bench: &Bench) -> (Option<u64>, u64) {
    match bench.overlay() {
        Some(Overlay::Rollback(sheet)) => (sheet.from, sheet.to),
        other => panic!("no sheet but {other:?}"),
    }
}

#[test]
fn minus_goes_to_the_last_live_and_r_to_the_previous_number() {
    let mut bench = Bench::on(world());
    bench.keys("-");
    assert_eq!(sheet(&bench), (Some(42), 40));
    bench.keys("- <esc> r");
    assert_eq!(sheet(&bench), (Some(42), 41));
    bench.keys("r <enter>");
    assert!(bench.ordered().is_empty(), "only y says yes");
    bench.keys("y");
    assert_eq!(bench.ordered(), [Effect::RollBack(41)]);
    bench.tell(Msg::RolledBack(Ok(RolledBack { from: Some(42), to: 41 })));
    assert_eq!(bench.ordered(), [Effect::LoadProfile]);
    assert!(bench.overlay().is_none());
    bench.load(41);
    assert_eq!(bench.toast(), "Generation 41 is live. Press - then y to go back to 42.");
    assert!(bench.model.job.is_none());
}

#[test]
fn in_history_the_row_counts() {
    let mut bench = Bench::on(world());
    bench.keys("3 r");
    assert_eq!(bench.toast(), "42 is live already.");
    bench.keys("G r");
    assert_eq!(sheet(&bench), (Some(42), 40));
    bench.keys("n 1 d 3 g r");
    assert_eq!(bench.toast(), "This generation is not made yet. w reviews and makes it.");
}

#[test]
fn a_plan_stays_on_top_of_a_rollback() {
    let mut bench = Bench::on(world());
    bench.keys("d - y");
    bench.ordered();
    bench.tell(Msg::RolledBack(Ok(RolledBack { from: Some(42), to: 40 })));
    bench.load(40);
    assert!(bench.toast().contains("Your plan stands on top of it."), "{}", bench.toast());
    assert_eq!(bench.staged(), ["remove hello"]);
}

#[test]
fn a_sheet_about_an_older_state_is_not_answered() {
    let mut bench = Bench::on(world());
    bench.keys("-");
    bench.tell(Msg::ProfileMoved);
    bench.load(41);
    bench.ordered();
    bench.keys("y");
    assert_eq!(bench.toast(), "The profile has changed since you opened this. Press n.");
    assert!(bench.ordered().is_empty());
}

#[test]
fn a_failure_keeps_the_sheet() {
    let mut bench = Bench::on(world());
    bench.keys("- y");
    bench.tell(Msg::RolledBack(Err("no space".to_owned())));
    assert_eq!((bench.toast(), sheet(&bench).1), ("no space", 40));
}

#[test]
fn where_no_way_back_is_known_the_key_says_so() {
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(40);
    profile.last_live = None;
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.keys("-");
    assert!(bench.toast().contains("3 shows all generations"), "{}", bench.toast());
    bench.keys("r");
    assert!(bench.toast().starts_with("No generation older than"), "{}", bench.toast());
    assert!(bench.overlay().is_none());
}

#[test]
fn no_way_back_is_offered_to_a_generation_that_is_gone() {
    let mut bench = Bench::on(world());
    bench.keys("- y");
    bench.tell(Msg::RolledBack(Ok(RolledBack { from: Some(99), to: 40 })));
    bench.load(40);
    assert_eq!(bench.toast(), "Generation 40 is live.");
}

#[test]
fn where_nobody_wants_to_be_asked_going_back_is_one_key() {
    let mut bench = Bench::on(world());
    bench.model.settings.confirm_rollback = false;
    bench.keys("-");
    assert_eq!(bench.ordered(), [Effect::RollBack(40)]);
    assert!(bench.overlay().is_none());
    bench.tell(Msg::RolledBack(Ok(RolledBack { from: Some(42), to: 40 })));
    bench.load(40);
    assert_eq!(bench.toast(), "Generation 40 is live. Press - to go back to 42.");
    bench.ordered();
    bench.keys("3 g r");
    assert_eq!(bench.ordered(), [Effect::RollBack(42)]);
}

#[test]
fn the_previous_number_is_never_taken_unasked() {
    let mut bench = Bench::on(world());
    bench.model.settings.confirm_rollback = false;
    bench.keys("r");
    assert_eq!(sheet(&bench), (Some(42), 41));
    bench.model.read_only = true;
    bench.keys("<esc> -");
    assert!(bench.toast().starts_with("Read-only"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
}

#[test]
fn from_what_is_damaged_minus_goes_to_the_last_that_can_be_read() {
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(42);
    profile.damaged = Some("no manifest".to_owned());
    profile.last_live = Some(40);
    profile.generations[0].manifest = Err("gone".to_owned());
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.keys("-");
    assert_eq!(sheet(&bench), (Some(42), 41), "40 was live before, and cannot be read either");
}
