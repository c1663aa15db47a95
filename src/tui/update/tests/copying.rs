//! The copy menu: what it offers where, and that everything in it is quoted.

use super::*;
use crate::tui::model::{CopyMenu, JobKind};

fn menu(bench: &Bench) -> &CopyMenu {
    match bench.overlay() {
        Some(Overlay::Copy(menu)) => menu,
        other => panic!("no copy menu but {other:?}"),
    }
}

fn offers(bench: &Bench) -> Vec<String> {
    let shown = |text: &Result<String, String>| match text {
        Ok(text) => text.clone(),
        Err(reason) => format!("({reason})"),
    };
    menu(bench).rows.iter().map(|row| format!("{}: {}", row.label, shown(&row.text))).collect()
}

#[test]
fn a_row_offers_its_name_paths_and_commands() {
    let mut bench = Bench::on(world());
    bench.keys("j Y");
    let offers = offers(&bench);
    assert_eq!(offers[0], "name: jj");
    assert!(
        offers[1].starts_with("store path: /nix/store/") && offers[1].ends_with("-jj-1.9.2"),
        "{offers:?}"
    );
    assert_eq!(offers.last().unwrap(), "nix remove: nix profile remove jj");
    bench.keys("<enter>");
    assert_eq!(bench.toast(), "To the clipboard: jj");
    assert!(bench.overlay().is_none());
    assert_eq!(bench.ordered(), [Effect::Copy("jj".to_owned())]);
    bench.keys("Y 9");
    assert_eq!(bench.toast(), "The menu has no such line.");
    bench.keys("2");
    assert!(bench.toast().starts_with("To the clipboard: /nix/store/"), "{}", bench.toast());
}

#[test]
fn marked_rows_are_copied_together() {
    let mut bench = Bench::on(world());
    bench.keys("a Y");
    assert_eq!(offers(&bench)[0], "names: hello\njj\njujutsu\ntmux");
    assert_eq!(offers(&bench).last().unwrap(), "nix remove: nix profile remove hello jj jujutsu tmux");
    bench.keys("1");
    assert_eq!(bench.toast(), "To the clipboard: hello and 3 more lines");
}

#[test]
fn the_review_offers_equal_commands_or_says_why_there_are_none() {
    let mut bench = Bench::on(world());
    bench.keys("d G d i nixpkgs#fltk <enter>").learn().keys("w Y");
    let commands = "nix commands: nix profile remove hello tmux &&\nnix profile add 'nixpkgs#fltk'";
    assert_eq!(offers(&bench)[0], commands);
    assert!(offers(&bench)[1].starts_with("firn command: printf %s '{\"changes\""), "{:?}", offers(&bench));
    bench.keys("<esc> <esc> g j j p 9 <enter> w Y");
    assert_eq!(offers(&bench)[0], "nix commands: (nix cannot change the priority of 'jj' after adding it)");
    bench.ordered();
    bench.keys("<enter>");
    assert!(bench.toast().starts_with("Not copied: nix cannot"), "{}", bench.toast());
    assert!(bench.ordered().is_empty());
}

#[test]
fn enter_held_down_copies_and_changes_nothing() {
    let mut bench = Bench::on(world());
    bench.keys("d w Y");
    bench.ordered();
    bench.keys("<enter> <enter> <enter> <enter>");
    assert!(matches!(bench.ordered()[..], [Effect::Copy(_)]));
    assert!(!bench.model.job.as_ref().is_some_and(|job| job.kind == JobKind::Apply));
}

#[test]
fn generations_and_lines_of_the_tree_have_their_own_menus() {
    let mut bench = Bench::on(world());
    bench.keys("3 j Y");
    assert_eq!(
        offers(&bench),
        ["number: 41", "store path: /nix/store/41", "nix rollback: nix profile rollback --to 41"]
    );
    "/p".clone_into(&mut bench.model.commands.profile);
    bench.keys("<esc> 1 0 . l j Y");
    assert_eq!(offers(&bench)[..2], ["path: bin/jj", "full path: /p/bin/jj"]);
    assert!(offers(&bench)[2].starts_with("leads to: "), "{:?}", offers(&bench));
    assert_eq!(offers(&bench)[3], "element: jujutsu");
}

#[test]
fn what_is_too_long_is_not_sent() {
    let mut bench = Bench::on(world());
    let effects = crate::tui::update::copying::copy(&mut bench.model, "x".repeat(80_000));
    assert!(effects.is_empty());
    assert_eq!(bench.toast(), "Not copied: 78 KiB are more than terminals take.");
}

#[test]
fn nothing_hidden_is_copied() {
    let mut bench = Bench::on(World::new().installed("hello-2.12.3", 5, &["bin/hello"]));
    let mut base = (*bench.world.base).clone();
    let element = base.manifest.elements.remove("hello").unwrap();
    base.manifest.elements.insert("a\nrm -rf ~\u{1b}".to_owned(), element);
    bench.world.base = Arc::new(base);
    bench.load(42);
    bench.keys("Y");
    assert_eq!(offers(&bench)[0], "name: a\\x0arm -rf ~\\x1b");
    assert_eq!(offers(&bench).last().unwrap(), r"nix remove: nix profile remove $'a\012rm -rf ~\033'");
}
