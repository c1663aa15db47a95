use super::*;
use crate::tui::model::{Pane, ShowFilter};

#[test]
fn the_cursor_stays_on_its_element() {
    let mut bench = Bench::on(world());
    bench.keys("j j");
    assert_eq!(bench.rows(), ["hello", "jj", ">jujutsu", "tmux"]);
    bench.keys("S");
    assert_eq!(bench.rows(), ["tmux", ">jujutsu", "jj", "hello"]);
    bench.keys("S s");
    assert_eq!(bench.rows(), ["hello", ">jujutsu", "tmux", "jj"], "by priority, then name");
    bench.keys("G g");
    assert_eq!(bench.rows()[0], ">hello");
}

#[test]
fn marks_are_by_name_and_survive_filters() {
    let mut bench = Bench::on(world());
    bench.keys("<space> / tm <enter> a d");
    assert_eq!(bench.rows(), [">tmux"]);
    assert_eq!(bench.staged(), ["remove hello", "remove tmux"]);
    bench.keys("a");
    assert_eq!(bench.model.installed.marks.len(), 1, "all shown were marked, so they are cleared");
    bench.keys("<esc>");
    assert_eq!(bench.rows().len(), 4, "esc clears the filter first");
    bench.keys("<esc>");
    assert!(bench.model.installed.marks.is_empty(), "then the marks");
    bench.keys("<esc> <esc> <esc>");
    assert!(!bench.model.quit, "and never quits");
    assert!(bench.toast().contains("Press q to quit"), "{}", bench.toast());
}

#[test]
fn the_filter_takes_letters_and_keeps_what_fits() {
    let mut bench = Bench::on(world());
    bench.keys("/ jj");
    assert_eq!(bench.rows()[0], ">jj", "{:?}", bench.rows());
    assert!(bench.model.installed.filtering && bench.staged().is_empty());
    bench.keys("<esc>");
    assert!(!bench.model.installed.filtering && bench.rows().len() == 4);
    bench.keys("/ zzz <enter> d");
    assert_eq!(bench.toast(), "No element matches the filter; esc clears it.");
}

#[test]
fn rows_that_are_shown_can_be_chosen() {
    let mut bench = Bench::on(world());
    bench.keys("d f f");
    assert_eq!((bench.model.installed.show, bench.rows()), (ShowFilter::Staged, vec![">hello".to_owned()]));
    bench.keys("f");
    assert_eq!(bench.rows(), ["jj", "jujutsu"].map(|name| if name == "jj" { ">jj" } else { name }));
    bench.keys("f f");
    assert_eq!(bench.rows().len(), 4);
}

#[test]
fn the_window_follows_the_cursor_at_every_size() {
    let mut bench = Bench::on(world());
    bench.keys("G");
    for size in [(120, 36), (80, 24), (50, 12), (20, 5), (1, 1), (200, 60)] {
        bench.tell(Msg::Resized(size.0, size.1));
        let cursor = bench.model.installed.cursor;
        assert!(cursor.offset <= cursor.selected && cursor.selected == 3, "{size:?} {cursor:?}");
    }
}

#[test]
fn panes_take_turns() {
    let mut bench = Bench::on(world());
    let mut seen = Vec::new();
    for _ in 0..4 {
        bench.keys("<tab>");
        seen.push(bench.model.focus);
    }
    assert_eq!(seen, [Pane::Registry, Pane::History, Pane::Preview, Pane::Installed]);
    bench.keys("<shift-tab>");
    assert_eq!(bench.model.focus, Pane::Preview);
    bench.keys("3");
    assert_eq!((bench.model.focus, bench.model.list), (Pane::History, Pane::History));
    bench.keys("l h");
    assert_eq!(bench.model.focus, Pane::History, "h leads back to the list it came from");
}

#[test]
fn the_history_cursor_stays_on_its_generation_when_a_planned_one_appears() {
    let mut bench = Bench::on(world());
    bench.keys("3 j 1 d 3");
    let rows = bench.model.history_rows();
    let selected = rows[bench.model.history.cursor.selected];
    assert_eq!(selected, crate::tui::model::HistoryRow::Generation(1), "41");
    bench.keys("1 z 3");
    assert_eq!(bench.model.history.cursor.selected, 1);
}

#[test]
fn two_generations_are_compared() {
    let mut bench = Bench::on(world());
    bench.keys("3 =");
    assert!(bench.toast().contains("42 is the live generation"), "{}", bench.toast());
    bench.keys("j =");
    assert_eq!(bench.model.history.compared, Some((41, 42)));
    bench.keys("j");
    assert_eq!(bench.model.history.compared, None, "moving on ends it");
    bench.keys("g j <space> <space> =");
    assert_eq!(bench.model.history.compared, Some((40, 41)));
}

fn marked(bench: &Bench) -> Vec<&str> {
    bench.model.installed.marks.iter().map(String::as_str).collect()
}

#[test]
fn v_marks_what_the_cursor_passes() {
    let mut bench = Bench::on(world());
    bench.keys("j v j j");
    assert_eq!(marked(&bench), ["jj", "jujutsu", "tmux"]);
    bench.keys("k k k");
    assert_eq!(marked(&bench), ["hello", "jj"], "it shrinks and turns around");
    bench.keys("v j j");
    assert_eq!((marked(&bench), bench.rows()[2].as_str()), (vec!["hello", "jj"], ">jujutsu"));
    bench.keys("v G <esc>");
    assert_eq!(marked(&bench), ["hello", "jj"], "esc takes only the open range back");
    bench.keys("<esc>");
    assert!(marked(&bench).is_empty());
}

#[test]
fn shift_with_an_arrow_marks_until_another_move() {
    let mut bench = Bench::on(world());
    bench.keys("<shift-down> <shift-down> <shift-up>");
    assert_eq!(marked(&bench), ["hello", "jj"]);
    bench.keys("j j");
    assert_eq!(marked(&bench), ["hello", "jj"]);
    bench.keys("<shift-up>");
    assert_eq!(marked(&bench), ["hello", "jj", "jujutsu", "tmux"]);
    bench.keys("d");
    assert_eq!(bench.staged().len(), 4);
    bench.keys("<esc> <esc> 3 <shift-down>");
    assert_eq!(bench.model.history.marks.iter().copied().collect::<Vec<_>>(), [41, 42]);
}

#[test]
fn an_error_stays_until_the_next_key() {
    let mut bench = Bench::on(world());
    bench.tell(Msg::HistoryLoaded(Err("cannot read 40".to_owned())));
    bench.tell(Msg::ProfileMoved);
    bench.load(41);
    assert_eq!(bench.toast(), "cannot read 40");
    assert!(bench.model.log.last_text().unwrap().starts_with("Another program changed"));
    bench.keys("j");
    assert_eq!(bench.toast(), "");
}

#[test]
fn revisions_are_sorted_oldest_first_and_counted() {
    let world = World::new()
        .installed("bat-0.24.0", 5, &["bin/bat"])
        .installed("jq-1.7.1", 5, &["bin/jq"])
        .installed("tmux-3.5", 5, &["bin/tmux"])
        .installed("zed-0.1", 5, &["bin/zed"])
        .of_nixpkgs("bat")
        .of_nixpkgs("jq")
        .of_nixpkgs("zed");
    let mut bench = Bench::on(world);
    let mut base = (*bench.world.base).clone();
    let dated = |name: &str, base: &mut crate::core::plan::Base, url: &str| {
        base.manifest.elements.get_mut(name).unwrap().source.as_mut().unwrap().url = url.to_owned();
    };
    dated("bat", &mut base, "path:/new?lastModified=200");
    dated("zed", &mut base, "path:/old?lastModified=100");
    bench.world.base = Arc::new(base);
    bench.load(42);
    bench.learn();
    bench.keys("s s s");
    assert_eq!(
        bench.rows(),
        [">zed", "bat", "jq", "tmux"]
            .map(|row| row.replace('>', ""))
            .map(|row| { if row == "bat" { format!(">{row}") } else { row } })
    );
    assert!(
        bench.toast().starts_with("By revision, oldest first: 3 revisions; the oldest is"),
        "{}",
        bench.toast()
    );
    assert!(bench.toast().ends_with("with 1 element."), "{}", bench.toast());
}
