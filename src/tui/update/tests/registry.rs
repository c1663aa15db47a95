//! Pane 2.

use super::*;
use crate::core::registry::{EntryId, Layer, Registries, Registry, Standing};
use crate::ops::load_registries::LoadedRegistries;
use crate::tui::model::{JobKind, Pane, PreviewTab, RegistryRow};

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

fn with_global_url() -> Bench {
    let mut bench = with_registries();
    let loaded = LoadedRegistries {
        global_url: Some("https://h/registry.json".to_owned()),
        ..registries(&[], &[("nixpkgs", "github:NixOS/nixpkgs")])
    };
    bench.tell(Msg::RegistriesLoaded(Ok(Box::new(loaded))));
    bench.effects.clear();
    bench
}

#[test]
fn the_global_registry_is_fetched_on_demand_and_read_again() {
    let mut bench = with_global_url();
    bench.keys("2 F");
    assert_eq!(bench.ordered(), [Effect::FetchRegistry]);
    assert_eq!(bench.model.job.as_ref().map(|job| job.kind), Some(JobKind::FetchRegistry));
    bench.keys("F");
    assert!(bench.toast().starts_with("It is being fetched;"), "{}", bench.toast());
    bench.tell(Msg::RegistryFetched(Ok(())));
    assert_eq!(bench.ordered(), [Effect::LoadRegistries]);
    assert_eq!((bench.toast(), bench.model.job.is_none()), ("The global registry was fetched.", true));
    bench.keys("F");
    bench.tell(Msg::RegistryFetched(Err("no network\nlong words".to_owned())));
    assert_eq!(bench.toast(), "no network.");
    assert!(bench.model.toast.as_ref().is_some_and(|toast| toast.error));
    bench.keys("F <ctrl-c>");
    assert!(bench.ordered().contains(&Effect::Cancel));
    bench.tell(Msg::RegistryFetched(Err("cancelled".to_owned())));
    assert_eq!(bench.toast(), "Stopped; the global registry is as it was.");
}

#[test]
fn where_nothing_is_fetched_it_says_why() {
    let mut bench = with_registries();
    bench.keys("2 F");
    assert_eq!(
        bench.toast(),
        "There is no global registry here (flake-registry), so nothing can be fetched."
    );
}
