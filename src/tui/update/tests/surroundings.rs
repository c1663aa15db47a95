//! Help, quitting, and keys that mean nothing.

use super::*;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{HelpScreen, Question};
use crate::tui::update::why_off;

fn help(bench: &Bench) -> &HelpScreen {
    match bench.overlay() {
        Some(Overlay::Help(screen)) => screen,
        other => panic!("no help but {other:?}"),
    }
}

#[test]
fn help_is_for_here_filters_and_runs() {
    let mut bench = Bench::on(world());
    bench.keys("?");
    assert_eq!(help(&bench).scope, Scope::Installed);
    assert!(help(&bench).rows.iter().any(|row| row.action == Action::Remove && row.off.is_none()));
    assert!(help(&bench).rows.iter().any(|row| row.action == Action::Undo && row.off.is_some()));
    bench.keys("remove");
    assert_eq!(help(&bench).rows[0].action, Action::Remove);
    bench.keys("<enter>");
    assert_eq!(bench.staged(), ["remove hello"]);
    bench.keys("? q y <esc>");
    assert!(bench.overlay().is_none() && !bench.model.quit);
    bench.keys("c ?");
    assert_eq!(help(&bench).scope, Scope::Collisions);
    bench.keys("<esc>");
    assert!(matches!(bench.overlay(), Some(Overlay::Collisions(_))), "esc peels one layer");
}

#[test]
fn help_never_says_yes_without_the_reason_being_asked() {
    let mut bench = Bench::on(world());
    bench.keys("i nixpkgs#fltk <enter> w ? apply");
    let row = help(&bench).rows.iter().position(|row| row.action == Action::Yes);
    assert!(help(&bench).rows[row.unwrap()].off.is_some());
}

#[test]
fn quitting_asks_only_if_something_would_be_lost() {
    let mut bench = Bench::on(world());
    bench.keys("q");
    assert!(bench.model.quit);
    let mut bench = Bench::on(world());
    bench.keys("d q");
    assert!(matches!(bench.overlay(), Some(Overlay::Question(Question::QuitWithPlan))));
    bench.keys("q");
    assert!(!bench.model.quit && bench.overlay().is_none(), "the key that asks does not answer");
    bench.keys("q s");
    assert!(matches!(&bench.ordered()[..], [Effect::SavePlan(_)]));
    bench.keys("y");
    assert!(bench.model.quit);
}

#[test]
fn quitting_while_applying_stops_it() {
    let mut bench = Bench::on(world());
    bench.keys("d w y <esc> q");
    assert!(matches!(bench.overlay(), Some(Overlay::Question(Question::QuitWithJob))));
    bench.ordered();
    bench.keys("y");
    assert_eq!((bench.ordered(), bench.model.quit), (vec![Effect::Cancel], true));
}

#[test]
fn keys_of_the_list_are_named_in_the_preview() {
    let mut bench = Bench::on(world());
    bench.keys("<enter> e");
    assert_eq!(bench.toast(), "e works in Installed, not in the preview: 1 goes back there.");
    bench.keys("Q");
    assert_eq!(bench.toast(), "Q does nothing here. Press ? to see what does.");
    bench.keys("3 0 R");
    assert!(!bench.toast().contains("works in Installed"), "{}", bench.toast());
}

#[test]
fn keys_that_mean_nothing_name_the_help() {
    let mut bench = Bench::on(world());
    bench.keys("Q");
    assert_eq!(bench.toast(), "Q does nothing here. Press ? to see what does.");
    bench.keys("d w <enter>");
    assert_eq!(bench.toast(), "enter does nothing here on purpose; only y says yes.");
    bench.tell(Msg::Pasted("y".to_owned()));
    assert!(bench.toast().starts_with("Nothing asks for text"), "{}", bench.toast());
    assert!(bench.ordered().is_empty(), "a pasted y is no key press");
}

#[test]
fn the_terminal_is_handed_over_by_effects() {
    let mut bench = Bench::on(world());
    bench.keys("<ctrl-z> <ctrl-l> / <ctrl-z>");
    assert_eq!(bench.ordered(), [Effect::Suspend, Effect::Redraw, Effect::Suspend]);
}

#[test]
fn every_key_in_every_place_does_something_or_says_why() {
    let keymap = Keymap::embedded().unwrap();
    let openings = [
        "", "@", "@ /", "Y", "d w Y", "2", "2 l", "3", "0", "/", "0 /", "c", "d w", "-", "p", "i", "?",
        "d X", "d q",
    ];
    for opening in openings {
        let mut bench = Bench::on(world());
        bench.keys(opening);
        let scope = bench.model.scope();
        for (binding, keys) in keymap.here(scope) {
            for key in keys {
                let mut bench = Bench::on(world());
                bench.keys(opening).find_ways();
                bench.ordered();
                let before = format!("{:?}", bench.model);
                bench.tell(Msg::Key(key.to_event()));
                let silent = format!("{:?}", bench.model) == before && bench.effects.is_empty();
                let at_an_end = matches!(
                    binding.action,
                    Action::ChooseWay
                        | Action::Up
                        | Action::Top
                        | Action::Bottom
                        | Action::PageUp
                        | Action::HalfPageUp
                        | Action::Down
                        | Action::PageDown
                        | Action::HalfPageDown
                        | Action::ScrollUp
                        | Action::ScrollDown
                        | Action::ScrollLeft
                        | Action::FocusInstalled
                        | Action::FocusRegistry
                        | Action::FocusHistory
                        | Action::FocusPreview
                );
                assert!(!silent || at_an_end, "{scope:?}: {key} ({:?}) does nothing", binding.action);
            }
        }
    }
}

#[test]
fn reasons_name_only_keys_that_exist() {
    let bench = Bench::starting(world());
    for (binding, _) in bench.model.keymap.here(Scope::Installed) {
        let reason = why_off(&bench.model, Scope::Installed, binding.action).unwrap_or_default();
        assert!(!reason.contains("  ") && !reason.starts_with(' '), "{:?}: {reason}", binding.action);
    }
}

#[test]
fn nothing_is_done_that_nobody_sees() {
    let mut bench = Bench::on(world());
    bench.keys("d w");
    bench.tell(Msg::Resized(49, 12));
    bench.keys("y <esc> z q");
    assert_eq!((bench.staged(), bench.model.quit), (vec!["remove hello".to_owned()], false));
    assert!(bench.ordered().is_empty());
    bench.tell(Msg::Resized(120, 36));
    assert!(matches!(bench.overlay(), Some(Overlay::Review(_))));
    bench.keys("n z");
    bench.tell(Msg::Resized(10, 3));
    bench.keys("q");
    assert!(bench.model.quit);
}
