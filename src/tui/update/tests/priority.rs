use super::*;
use crate::tui::model::PriorityField;

fn field(bench: &Bench) -> &PriorityField {
    match bench.overlay() {
        Some(Overlay::Priority(field)) => field,
        other => panic!("no field but {other:?}"),
    }
}

#[test]
fn the_number_is_tried_on_every_key() {
    let mut bench = Bench::on(world());
    bench.keys("j p");
    assert_eq!(
        (field(&bench).value, &field(&bench).outcome[..]),
        (6, &["hidden by jujutsu (1 file)".to_owned()][..])
    );
    bench.keys("<down>");
    assert_eq!(field(&bench).outcome, ["ties with jujutsu (1 file), which blocks the plan"]);
    assert!(field(&bench).blocks);
    bench.keys("<down>");
    assert_eq!(field(&bench).outcome, ["wins over jujutsu (1 file)"]);
    assert!(bench.staged().is_empty(), "nothing is staged by trying");
    bench.keys("<enter>");
    assert_eq!(bench.staged(), ["jj 4"]);
}

#[test]
fn digits_replace_a_minus_turns_and_bounds_hold() {
    let mut bench = Bench::on(world());
    bench.keys("p 1 2");
    assert_eq!(field(&bench).value, 12);
    bench.keys("-");
    assert_eq!((field(&bench).value, field(&bench).text.as_str()), (-12, "-12"));
    bench.keys("<backspace> <backspace> <enter>");
    assert_eq!(field(&bench).text, "-", "there is no number to accept");
    bench.keys("<backspace> 99999999999");
    assert!(bench.toast().starts_with("Priorities go from"), "{}", bench.toast());
    assert_eq!(field(&bench).outcome, ["Priorities go from -2147483648 to 2147483647."]);
    bench.keys("<enter>");
    assert!(bench.staged().is_empty() && bench.overlay().is_some(), "the field stays open");
    assert!(bench.toast().starts_with("Priorities go from"), "{}", bench.toast());
    bench.keys("y x");
    assert!(bench.toast().starts_with("Type a number"), "{}", bench.toast());
    bench.keys("<esc>");
    assert!(bench.overlay().is_none() && bench.staged().is_empty());
}

#[test]
fn several_elements_get_one_number_in_one_step() {
    let mut bench = Bench::on(world());
    bench.keys("<space> j j <space> p 9 <enter>");
    assert_eq!(bench.staged(), ["hello 9", "tmux 9"]);
    bench.keys("z");
    assert!(bench.staged().is_empty());
}

#[test]
fn a_staged_addition_takes_the_number_before_it_is_resolved() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter> p 7 <enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk 7"]);
    bench.learn();
    assert_eq!(bench.state(), PlanState::Ready);
}
