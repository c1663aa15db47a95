//! The palette: it knows every action, says why one is off, and Enter in it is harmless.

use super::*;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{PaletteScreen, Pane, ShowFilter, SortKey};

fn palette(bench: &Bench) -> &PaletteScreen {
    match bench.overlay() {
        Some(Overlay::Palette(screen)) => screen,
        other => panic!("no palette but {other:?}"),
    }
}

#[test]
fn all_actions_of_the_panes_are_there() {
    let mut bench = Bench::on(world());
    bench.keys(":");
    let rows = &palette(&bench).rows;
    let keymap = Keymap::embedded().unwrap();
    for place in [Scope::Installed, Scope::History, Scope::Preview] {
        for (binding, _) in keymap.actions(place).iter().filter(|(it, _)| it.action != Action::Palette) {
            let same = rows.iter().filter(|row| row.description == binding.description);
            assert!(same.count() >= 1, "{}", binding.description);
        }
    }
    let undo = rows.iter().find(|row| row.action == Action::Undo).unwrap();
    assert!(undo.off.as_ref().unwrap().starts_with("Nothing staged to undo"));
    bench.keys("<esc>");
    assert!(bench.overlay().is_none());
}

#[test]
fn letters_find_and_enter_runs_even_in_another_pane() {
    let mut bench = Bench::on(world());
    bench.keys("<ctrl-p> compare");
    let row = &palette(&bench).rows[0];
    assert_eq!(
        (row.action, row.place, row.hits.as_slice()),
        (Action::Compare, Scope::History, &[0, 1, 2, 3, 4, 5, 6][..])
    );
    bench.keys("<esc> 3 j 1 : compare <enter>");
    assert_eq!((bench.model.focus, bench.model.history.compared), (Pane::History, Some((41, 42))));
    bench.keys("1 : sort <space> revision <enter>");
    assert_eq!(bench.model.installed.sort, SortKey::Revision);
    bench.keys(": only <space> collides <enter>");
    assert_eq!(bench.model.installed.show, ShowFilter::Colliding);
}

#[test]
fn a_key_finds_its_action_and_what_is_off_stays_with_its_reason() {
    let mut bench = Bench::on(world());
    bench.keys(": z");
    assert_eq!(palette(&bench).rows[0].action, Action::Undo);
    bench.keys("<enter>");
    assert!(bench.toast().starts_with("Nothing staged to undo"), "{}", bench.toast());
    palette(&bench);
    bench.keys("xyzzy <enter>");
    assert!(palette(&bench).rows.is_empty());
}

#[test]
fn enter_in_lists_of_actions_never_says_yes() {
    for opening in ["d w ?", "- ?", "d X ?"] {
        let mut bench = Bench::on(world());
        bench.keys(opening);
        let count = match bench.overlay() {
            Some(Overlay::Help(screen)) => screen.rows.len(),
            other => panic!("no help but {other:?}"),
        };
        for row in 0..count {
            let mut bench = Bench::on(world());
            bench.keys(opening);
            bench.ordered();
            for _ in 0..row {
                bench.keys("<down>");
            }
            bench.keys("<enter> <enter> <enter>");
            let changes = |effect: &Effect| matches!(effect, Effect::Apply { .. } | Effect::RollBack(_));
            assert!(!bench.ordered().iter().any(changes), "{opening} {row}");
        }
    }
    let mut bench = Bench::on(world());
    bench.keys(":");
    for row in 0..palette(&bench).rows.len() {
        let mut bench = Bench::on(world());
        bench.keys("d :");
        for _ in 0..row {
            bench.keys("<down>");
        }
        bench.keys("<enter> <enter> <enter> <enter>");
        let changes = |effect: &Effect| matches!(effect, Effect::Apply { .. } | Effect::RollBack(_));
        assert!(!bench.ordered().iter().any(changes), "{row}");
    }
}

#[test]
fn an_action_of_another_pane_is_judged_as_it_would_be_there() {
    let mut bench = Bench::on(world());
    let off = |bench: &Bench, scope: Scope| {
        let rows = &palette(bench).rows;
        let row = rows.iter().find(|row| row.action == Action::RollBack && row.place == scope);
        row.unwrap().off.clone()
    };
    bench.keys("3 :");
    assert_eq!(off(&bench, Scope::History).as_deref(), Some("42 is live already."));
    assert_eq!(off(&bench, Scope::Installed), None);
    bench.keys("previous <space> number <enter>");
    assert!(matches!(bench.overlay(), Some(Overlay::Rollback(sheet)) if sheet.to == 41));
}
