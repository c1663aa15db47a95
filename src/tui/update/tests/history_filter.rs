//! The filter of History: what finds a generation, and where the cursor stays.

use super::*;

fn shown(bench: &Bench) -> Vec<u64> {
    let generations = &bench.model.loaded().unwrap().generations;
    bench.model.shown_generations().into_iter().map(|index| generations[index].generation.number).collect()
}

fn under_cursor(bench: &Bench) -> Option<u64> {
    crate::tui::update::history::generation_under_cursor(&bench.model)
}

#[test]
fn numbers_dates_and_words_find_generations() {
    let mut bench = Bench::on(world());
    bench.keys("3 /");
    for (text, wanted) in [
        ("4", &[42, 41, 40][..]),
        ("41", &[41]),
        ("2", &[]),
        ("1970", &[42, 41, 40]),
        ("1970-01-01", &[42, 41, 40]),
        ("THURS", &[42, 41, 40]),
        ("january 42", &[42]),
        ("live", &[42]),
        ("nosuch", &[]),
    ] {
        for word in text.split(' ') {
            bench.keys(&format!("{word} <space>"));
        }
        assert_eq!(shown(&bench), wanted, "{text}");
        bench.keys("<ctrl-u>");
        assert_eq!(shown(&bench), [42, 41, 40]);
    }
}

#[test]
fn the_cursor_stays_on_its_generation_and_esc_shows_all() {
    let mut bench = Bench::on(world());
    bench.keys("3 j / 41 <enter>");
    assert_eq!((shown(&bench), under_cursor(&bench)), (vec![41], Some(41)));
    assert!(!bench.model.history.filter.typing);
    bench.keys("r");
    assert!(matches!(bench.overlay(), Some(Overlay::Rollback(sheet)) if sheet.to == 41));
    bench.keys("<esc> / <ctrl-u> 40");
    assert_eq!(under_cursor(&bench), Some(40), "the newest that is shown");
    bench.keys("<esc>");
    assert_eq!((shown(&bench), under_cursor(&bench)), (vec![42, 41, 40], Some(40)));
    bench.keys("<esc>");
    assert!(bench.toast().starts_with("Nothing to close"), "{}", bench.toast());
}

#[test]
fn a_plan_and_other_generations_come_while_it_is_filtered() {
    let mut bench = Bench::on(world());
    bench.keys("3 / 40 <enter> 1 d 3");
    assert_eq!((shown(&bench), under_cursor(&bench)), (vec![40], Some(40)));
    assert_eq!(bench.model.history_rows().len(), 2, "what is planned stays in sight");
    bench.load(41);
    assert_eq!(shown(&bench), [40]);
    bench.keys("1 z 3 <esc>");
    assert_eq!(shown(&bench), [42, 41, 40]);
}
