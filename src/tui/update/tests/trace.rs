//! `t`: a reference, hop by hop.

use super::registry::{global, user, with_registries};
use super::*;
use crate::core::registry::trace::TraceEnd;
use crate::tui::model::{Pane, RegistryRow, TraceAnswer, TraceScreen};

fn screen(bench: &Bench) -> &TraceScreen {
    match bench.overlay() {
        Some(Overlay::Trace(screen)) => screen,
        other => panic!("no trace: {other:?}"),
    }
}

/// What is in the field, and where it leads.
fn told(bench: &Bench) -> (String, String) {
    let screen = screen(bench);
    let answer = match &screen.answer {
        TraceAnswer::Nothing => "nothing".to_owned(),
        TraceAnswer::Unreadable(_) => "unreadable".to_owned(),
        TraceAnswer::Traced(trace) => match &trace.end {
            TraceEnd::Direct(result) => format!("{} hops to {result}", trace.hops.len()),
            TraceEnd::Unknown(name) => format!("unknown {name}"),
            other => format!("{other:?}"),
        },
    };
    (screen.input.value().to_owned(), answer)
}

fn says(text: &str, answer: &str) -> (String, String) {
    (text.to_owned(), answer.to_owned())
}

#[test]
fn it_begins_with_the_entry_and_follows_what_is_typed() {
    let mut bench = with_registries();
    bench.keys("2 t");
    assert_eq!(told(&bench), says("nixpkgs", "2 hops to github:NixOS/nixpkgs/nixos-26.05"));
    bench.keys("/x");
    assert_eq!(told(&bench), says("nixpkgs/x", "2 hops to github:NixOS/nixpkgs/x"));
    bench.keys("<ctrl-u> gone");
    assert_eq!(told(&bench), says("gone", "unknown flake:gone"));
    bench.keys("<ctrl-u>");
    assert_eq!(told(&bench), says("", "nothing"));
    bench.keys("a:b:");
    assert_eq!(told(&bench).1, "unreadable");
    bench.keys("<esc>");
    assert!(bench.overlay().is_none());
}

#[test]
fn arrows_put_known_names_into_the_field_and_take_them_out_again() {
    let mut bench = with_registries();
    bench.keys("2 t <ctrl-u> st <down>");
    assert_eq!(screen(&bench).names, ["stable"]);
    assert_eq!(told(&bench), says("stable", "1 hops to github:NixOS/nixpkgs/nixos-26.05"));
    bench.keys("<down>");
    assert_eq!(told(&bench).0, "st", "after the last name comes what was typed");
    bench.keys("<up> <ctrl-u> <up>");
    assert_eq!(told(&bench).0, "stable");
}

#[test]
fn enter_goes_to_the_entry_that_decides() {
    let mut bench = with_registries();
    bench.keys("2 G t <enter>");
    assert!(bench.overlay().is_none());
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(global(1))));
    bench.keys("t <ctrl-u> github:o/r <enter>");
    assert_eq!(bench.toast(), "No entry decides about it, so there is none to go to.");
    bench.keys("<esc> 1 : trace <enter>");
    assert_eq!(told(&bench), says("", "nothing"), "hello was added by its store path");
    bench.keys("mine <enter>");
    assert_eq!(bench.model.focus, Pane::Registry);
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(user(1))));
}

#[test]
fn it_needs_the_registries() {
    let mut bench = Bench::on(world());
    bench.keys("2 t");
    assert_eq!(bench.toast(), "The registries have not been read.");
}
