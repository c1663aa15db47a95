//! Pane 2.

use super::*;
use crate::core::registry::{EntryId, Layer, Registries, Registry, Standing};
use crate::ops::load_registries::LoadedRegistries;
use crate::tui::model::{Pane, PreviewTab, RegistryRow};

pub(super) fn registries(user: &[(&str, &str)], global: &[(&str, &str)]) -> LoadedRegistries {
    let registry = |entries: &[(&str, &str)]| {
        let entry = |(from, to): &(&str, &str)| {
            let [from, to] = [from, to].map(|text| crate::core::flake_ref::FlakeRef::parse(text).unwrap());
            crate::core::registry::Entry::new(from, to)
        };
        Registry { entries: entries.iter().map(entry).collect(), fault: None }
    };
    let registries =
        Registries::default().with(Layer::User, registry(user)).with(Layer::Global, registry(global));
    LoadedRegistries { registries, ..LoadedRegistries::default() }
}

pub(super) const fn user(index: usize) -> EntryId {
    EntryId { layer: Layer::User, index }
}

pub(super) const fn global(index: usize) -> EntryId {
    EntryId { layer: Layer::Global, index }
}

pub(super) fn with_registries() -> Bench {
    let mut bench = Bench::on(world());
    let loaded = registries(
        &[("nixpkgs", "flake:stable"), ("mine", "path:/src/mine")],
        &[("nixpkgs", "github:NixOS/nixpkgs"), ("stable", "github:NixOS/nixpkgs/nixos-26.05")],
    );
    bench.tell(Msg::RegistriesLoaded(Ok(Box::new(loaded))));
    bench
}

#[test]
fn rows_are_in_the_order_in_which_entries_are_tried() {
    let bench = with_registries();
    let rows = [user(0), user(1), global(0), global(1)].map(RegistryRow::Entry);
    assert_eq!(bench.model.registry.rows, rows);
    assert_eq!(bench.model.registry.standings[&global(0)], Standing::Shadowed(user(0)));
}

#[test]
fn elements_follow_every_entry_their_name_passes() {
    let mut bench = with_registries();
    let followers = |bench: &Bench, entry| bench.model.registry.followers_of(entry).len();
    assert_eq!(followers(&bench, user(0)), 0, "store paths follow nothing");
    bench.keys("i nixpkgs#fltk <enter>").learn();
    assert_eq!(followers(&bench, user(0)), 1, "what is staged counts, and goes through the user's entry");
    assert_eq!(followers(&bench, global(1)), 1, "and from there to the global one");
    assert_eq!(followers(&bench, global(0)), 0, "which is overridden");
    bench.keys("z");
    assert_eq!(followers(&bench, user(0)), 0);
}

#[test]
fn the_pane_is_reached_by_its_digit_and_enter_shows_who_follows() {
    let mut bench = with_registries();
    bench.keys("2 j");
    assert_eq!((bench.model.focus, bench.model.preview.tab), (Pane::Registry, PreviewTab::Info));
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(user(1))));
    bench.keys("<enter>");
    assert_eq!(bench.model.focus, Pane::Preview);
    bench.keys("]");
    assert_eq!(bench.toast(), "Of registry entries only Info is shown.");
    bench.keys("h");
    assert_eq!(bench.model.focus, Pane::Registry);
    bench.keys("<tab>");
    assert_eq!(bench.model.focus, Pane::History);
    bench.keys("<shift-tab> <shift-tab>");
    assert_eq!((bench.model.focus, bench.model.preview.tab), (Pane::Installed, PreviewTab::Tree));
}

#[test]
fn reading_again_keeps_the_cursor_on_its_entry() {
    let mut bench = with_registries();
    bench.keys("2 j j");
    let loaded = registries(&[("mine", "path:/src/mine")], &[("nixpkgs", "github:NixOS/nixpkgs")]);
    bench.tell(Msg::RegistriesLoaded(Ok(Box::new(loaded))));
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(global(0))));
}

#[test]
fn the_filter_keeps_what_has_every_word_in_the_order_of_precedence() {
    let mut bench = with_registries();
    bench.keys("2 j j /nixos <space> nixp");
    assert_eq!(bench.model.registry.rows, [global(0), global(1)].map(RegistryRow::Entry));
    assert_eq!(bench.model.registry.hidden, 2);
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(global(0))), "the cursor stays");
    bench.keys("<enter> <esc>");
    assert_eq!(bench.model.registry.rows.len(), 4);
    assert_eq!(bench.model.registry.selected(), Some(RegistryRow::Entry(global(0))));
    bench.keys("/nothere <enter> <space>");
    assert_eq!(bench.toast(), "No entry matches the filter; esc clears it.");
}

#[test]
fn marks_are_on_names_and_go_with_their_entries() {
    let mut bench = with_registries();
    bench.keys("2 <space> v j v");
    assert_eq!(bench.model.registry.marks.len(), 3);
    bench.keys("a");
    assert_eq!(bench.model.registry.marks.len(), 4, "the same name in two layers is two");
    let loaded = registries(&[("mine", "path:/src/mine")], &[("nixpkgs", "github:NixOS/nixpkgs")]);
    bench.tell(Msg::RegistriesLoaded(Ok(Box::new(loaded))));
    assert_eq!(bench.model.registry.marks.len(), 2);
    bench.keys("a");
    assert!(bench.model.registry.marks.is_empty());
    bench.keys("<shift-down> <esc>");
    assert!(bench.model.registry.marks.is_empty());
}
