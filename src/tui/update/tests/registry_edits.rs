//! Pane 2: staging edits of the user's registry.

use std::path::PathBuf;

use super::registry::{global, user};
use super::*;
use crate::core::change::Change;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{Entry, Layer, Registries, Registry};
use crate::ops::load_registries::LoadedRegistries;
use crate::system::file_stamp::FileStamp;
use crate::system::registry_file::past::PastRegistry;
use crate::system::registry_file::{FileState, RegistryFile};
use crate::tui::model::{EntryField, EntryForm, RegistryRow, StagedKind, StagedState};

const OLD: &str = "github:NixOS/nixpkgs/3b1aa072222222222222222222222222222222bb";
const NEW: &str = "github:NixOS/nixpkgs/9f2c1de2222222222222222222222222222222bb";

fn reference(text: &str) -> FlakeRef {
    FlakeRef::parse(text).unwrap()
}

fn registry(entries: &[(&str, &str)]) -> Registry {
    let entry = |(from, to): &(&str, &str)| Entry::new(reference(from), reference(to));
    Registry { entries: entries.iter().map(entry).collect(), fault: None }
}

fn file(layer: Layer, registry: &Registry) -> RegistryFile {
    let (path, state) = (PathBuf::from("/r.json"), FileState::Present { modified: Some(0) });
    RegistryFile { layer, path, state, registry: registry.clone(), text: None, stamp: FileStamp::default() }
}

fn loaded(user: &[(&str, &str)]) -> LoadedRegistries {
    let user = registry(user);
    let global = registry(&[("nixpkgs", "github:NixOS/nixpkgs"), ("agenix", "github:ryantm/agenix")]);
    let files = vec![file(Layer::User, &user), file(Layer::Global, &global)];
    let registries = Registries::default().with(Layer::User, user).with(Layer::Global, global);
    LoadedRegistries { registries, files, ..LoadedRegistries::default() }
}

fn on(loaded: LoadedRegistries) -> Bench {
    let mut bench = Bench::on(world());
    bench.tell(Msg::RegistriesLoaded(Ok(Box::new(loaded))));
    bench.effects.clear();
    bench.keys("2");
    bench
}

/// A pinned nixpkgs and a folder of one's own, before the global nixpkgs and agenix.
fn bench() -> Bench {
    on(loaded(&[("nixpkgs", OLD), ("mine", "path:/src/mine")]))
}

impl Bench {
    /// Answers what is to be locked: the global nixpkgs is at the new revision.
    fn lock(&mut self) -> &mut Self {
        let mut facts = Facts::default();
        for effect in self.ordered() {
            let Effect::LearnFacts(needs) = effect else { continue };
            for target in needs.locks {
                let locked = if target == reference("github:NixOS/nixpkgs") {
                    Ok(reference(NEW))
                } else {
                    Err("no network".into())
                };
                facts.locks.insert(target, locked);
            }
        }
        self.tell(Msg::FactsLearnt(Ok(Box::new(facts))));
        self
    }

    /// The rows in short: sign of what is staged, name, layer, target.
    fn entries(&self) -> Vec<String> {
        let pane = &self.model.registry;
        let sign = |row| match pane.staged_for(row).map(|staged| (&staged.state, staged.kind)) {
            None => "",
            Some((StagedState::Checking, _)) => "checking ",
            Some((StagedState::Failed(_), _)) => "failed ",
            Some((_, StagedKind::Added)) => "+ ",
            Some((_, StagedKind::Removed)) => "- ",
            Some((_, StagedKind::Changed)) => "~ ",
            Some((_, StagedKind::Pinned)) => "* ",
        };
        let shown = pane.rows.iter().enumerate().map(|(index, row)| {
            let cursor = if index == pane.cursor.selected { ">" } else { "" };
            let (layer, from) = pane.name_of(*row).unwrap();
            let to = pane.entry(*row).map_or("?", |(_, entry)| entry.to.as_str());
            format!("{cursor}{}{} {} {to}", sign(*row), from.id().unwrap(), layer.name())
        });
        shown.collect()
    }

    fn form(&self) -> &EntryForm {
        match self.overlay() {
            Some(Overlay::Entry(form)) => form,
            other => panic!("no form: {other:?}"),
        }
    }
}

#[test]
fn an_entry_is_typed_in_two_fields_and_stands_where_it_would_in_the_file() {
    let mut bench = bench();
    bench.keys("i new <enter>");
    assert_eq!(bench.form().field, EntryField::To, "the second field is still empty");
    bench.keys("./x <enter>");
    assert_eq!(bench.toast(), "Not staged: './x': a path is written whole, from / on.");
    bench.keys("<ctrl-u> github:o/r <tab> <tab> <enter>");
    assert_eq!(bench.toast(), "Staged: new then means github:o/r (user entry 3).");
    let rows = bench.entries();
    assert_eq!(rows[2], ">+ new user github:o/r");
    assert_eq!(rows.len(), 5);
    bench.keys("z");
    assert_eq!(bench.entries().len(), 4);
    bench.keys("Z k d");
    assert_eq!(bench.toast(), "Dropped: what was staged for new.");
    assert!(bench.model.transaction.is_empty());
}

#[test]
fn another_target_replaces_the_entry() {
    let mut bench = bench();
    bench.keys("j e <ctrl-u> path:/elsewhere <enter>");
    assert_eq!(bench.entries()[1], ">~ mine user path:/elsewhere");
    assert_eq!(bench.entries().len(), 4, "one row for before and after");
    bench.keys("d");
    assert_eq!(bench.entries()[1], ">- mine user path:/src/mine");
    assert_eq!(bench.toast(), "Staged: remove mine; no registry knows mine then.");
    bench.keys("e");
    assert_eq!(bench.toast(), "It is staged for removal; d takes that back.");
    bench.keys("d");
    assert_eq!(bench.entries()[1], ">mine user path:/src/mine");
    assert_eq!(bench.toast(), "Taken back: remove mine.");
}

#[test]
fn removing_says_what_the_name_means_then_and_keeps_the_row_in_its_place() {
    let mut bench = bench();
    bench.keys("d");
    assert_eq!(bench.entries()[0], format!(">- nixpkgs user {OLD}"));
    assert_eq!(
        bench.toast(),
        "Staged: remove nixpkgs; nixpkgs then means github:NixOS/nixpkgs (global entry 1)."
    );
    assert_eq!(bench.model.registry.rows[0], RegistryRow::Removed(user(0)));
    assert_eq!(bench.model.registry.rows[1], RegistryRow::Entry(user(0)), "mine is the first then");
}

#[test]
fn removing_a_pin_gives_back_what_it_replaced() {
    let past = |entries| PastRegistry { until: 7, registry: registry(entries) };
    let before = [past(&[("nixpkgs", NEW)]), past(&[("nixpkgs", "path:/src/nixpkgs")])];
    let mut bench = on(LoadedRegistries { past: before.into(), ..loaded(&[("nixpkgs", OLD)]) });
    bench.keys("d");
    assert_eq!(bench.entries()[0], ">~ nixpkgs user path:/src/nixpkgs");
    assert_eq!(bench.toast(), "Staged: nixpkgs → path:/src/nixpkgs again, as before the pin.");
    bench.keys("d");
    assert!(bench.model.transaction.is_empty(), "again takes it back");
    bench.keys("*");
    let to = Some(reference("path:/src/nixpkgs"));
    let pin = Change::RegistryPin { from: reference("nixpkgs"), to };
    assert_eq!(bench.model.transaction.changes(), [pin], "the pin moves along what it replaced");
}

#[test]
fn a_pin_waits_for_its_lock_and_moves_one_that_is_there() {
    let mut bench = bench();
    bench.keys("*");
    assert_eq!(bench.entries()[0], format!(">checking nixpkgs user {OLD}"));
    assert_eq!(bench.toast(), "Staged: pin nixpkgs. Checking what it would do…");
    bench.lock();
    assert_eq!(bench.entries()[1], format!(">* nixpkgs user {NEW}"), "{:?}", bench.entries());
    assert_eq!(bench.toast(), "Staged: pin nixpkgs to 9f2c1de.");
    bench.keys("*");
    assert_eq!(bench.toast(), "Taken back: pin nixpkgs.");
    assert!(bench.model.transaction.is_empty());
}

#[test]
fn a_pin_of_another_layers_entry_is_one_of_the_users() {
    let mut bench = on(loaded(&[]));
    bench.keys("*");
    assert_eq!(bench.entries()[0], ">checking nixpkgs user ?");
    assert_eq!(
        bench.toast(),
        "Staged: pin nixpkgs in your own registry, which is tried first. Checking what it would do…"
    );
    bench.lock();
    assert_eq!(bench.entries()[0], format!(">* nixpkgs user {NEW}"));
    assert_eq!(bench.model.registry.rows[0], RegistryRow::Entry(user(0)));
    bench.keys("d");
    assert_eq!(bench.model.registry.rows.len(), 2, "a pin that is only staged does not come");
    bench.keys("j *").lock();
    assert_eq!(bench.entries()[0], ">failed agenix user ?");
    assert_eq!(bench.toast(), "agenix cannot be pinned (z takes it back): no network");
    bench.keys("z *");
    assert!(!bench.ordered().is_empty(), "it is asked again");
}

#[test]
fn entries_of_other_layers_are_overridden() {
    let mut bench = bench();
    bench.keys("G e");
    assert_eq!((bench.form().from.value(), bench.form().to.value()), ("agenix", "github:ryantm/agenix"));
    bench.keys("<tab>");
    assert_eq!(bench.toast(), "What is replaced stays; only by what is asked for here.");
    bench.keys("/mine <enter>");
    assert_eq!(bench.entries()[2], ">+ agenix user github:ryantm/agenix/mine");
    bench.keys("G d");
    assert!(matches!(bench.overlay(), Some(Overlay::Question(_))));
    bench.keys("y <ctrl-u> path:/agenix <enter>");
    assert_eq!(bench.entries()[2], ">+ agenix user path:/agenix");
    assert_eq!(
        bench.model.registry.standings[&global(1)],
        crate::core::registry::Standing::Shadowed(user(2))
    );
}

#[test]
fn marked_entries_are_removed_and_pinned_together() {
    let mut bench = bench();
    bench.keys("a d");
    assert_eq!(bench.toast(), "Staged: remove mine and nixpkgs (2 marked not yours to remove).");
    assert_eq!(bench.model.transaction.changes().len(), 2);
    bench.keys("z");
    assert!(bench.model.transaction.is_empty(), "it was one step");
    bench.keys("*");
    assert_eq!(bench.model.transaction.changes().len(), 3, "nixpkgs is marked twice and pinned once");
    bench.keys("*");
    assert!(bench.model.transaction.is_empty());
    bench.keys("<esc> j j v j v d");
    assert_eq!(bench.toast(), "None of the marked entries is yours to remove; esc clears the marks.");
}

#[test]
fn what_cannot_be_edited_says_why() {
    let problem = Some("/r.json is managed by Home Manager: it is a link to /nix/store/x".to_owned());
    let mut bench = on(LoadedRegistries { user_problem: problem, ..loaded(&[("mine", "path:/m")]) });
    for key in ["i", "e", "d", "*"] {
        bench.keys(key);
        let said = bench.toast();
        assert!(said.starts_with("Your registry cannot be changed: /r.json is managed by"), "{key}: {said}");
        assert!(bench.overlay().is_none());
    }
    let mut bench = on(LoadedRegistries::default());
    bench.keys("i");
    assert_eq!(bench.toast(), "This store has no registry of your own.");
    let mut bench = on(loaded(&[]));
    bench.keys("/zzz <enter> d");
    assert_eq!(bench.toast(), "No entry matches the filter; esc clears it.");
}

#[test]
fn elements_follow_what_is_staged() {
    let mut bench = bench();
    bench.keys("1 i mine#fltk <enter>");
    bench.keys("2 j d");
    assert_eq!(bench.model.registry.followers_of(user(1)).len(), 0);
    bench.keys("z");
    assert_eq!(bench.model.registry.rows.len(), 4);
    bench.keys("X y");
    assert!(bench.model.transaction.is_empty());
}

#[test]
fn an_edit_of_an_exact_entry_says_when_it_will_have_no_say() {
    let mut registries =
        loaded(&[("nixpkgs/stable", "github:NixOS/nixpkgs/nixos-25.05"), ("nixpkgs", "github:o/r")]);
    registries.registries.layer_mut(Layer::User).entries[0].exact = true;
    registries.files[0].registry.entries[0].exact = true;
    let mut bench = on(registries);
    bench.keys("e <ctrl-u> github:me/mine <enter>");
    let words = "what is written for nixpkgs/stable has no say: the user registry's entry nixpkgs before it \
                 decides, nixpkgs/stable means github:o/r/stable";
    assert_eq!(bench.toast(), format!("Staged: {words}."));
}
