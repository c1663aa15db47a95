//! Pane 2: the registries come in, their rows, and which elements follow which entry.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::Move;
use super::{planning, words};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{EntryId, Layer, LookUpError};
use crate::ops::load_registries::LoadedRegistries;
use crate::system::registry_file::FileState;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Model, Pane, RegistriesLoad, RegistryPane, RegistryRow};

/// The registries were read: the cursor stays on its entry, and the plan is made on them.
pub(super) fn loaded(model: &mut Model, answer: Result<Box<LoadedRegistries>, String>) -> Vec<Effect> {
    let selected = model.registry.selected();
    match answer {
        Ok(loaded) => model.registry.load = RegistriesLoad::Loaded(loaded),
        Err(text) => {
            words::complain(model, &text);
            model.registry.load = RegistriesLoad::Failed(text);
        }
    }
    let pane = &mut model.registry;
    pane.rows = rows(pane);
    pane.standings =
        pane.loaded().map(|loaded| loaded.registries.standings()).into_iter().flatten().collect();
    let position = pane.rows.iter().position(|row| Some(*row) == selected);
    pane.cursor.selected = position.unwrap_or(0);
    follow(model);
    plan_on(model)
}

/// Plans again if the registries are not those the plan was made on.
fn plan_on(model: &mut Model) -> Vec<Effect> {
    let Some(known) = model.registry.loaded().map(LoadedRegistries::known) else { return Vec::new() };
    if model.facts.registries.as_deref() == Some(&known) {
        return Vec::new();
    }
    Arc::make_mut(&mut model.facts).registries = Some(Arc::new(known));
    planning::replan(model)
}

/// Moves.
pub(super) fn act(model: &mut Model, action: Action) {
    let height = layout::areas(&Shape::of(model)).rows(Pane::Registry);
    let Some(step) = Move::of(action, height) else { return };
    let last = model.registry.rows.len().saturating_sub(1);
    go_to(model, step.from(model.registry.cursor.selected, last));
}

/// Puts the cursor on a row; what the preview tells about it begins at the top.
pub(super) fn go_to(model: &mut Model, row: usize) {
    if row != model.registry.cursor.selected {
        model.registry.cursor.selected = row;
        model.preview.scroll = 0;
    }
}

fn rows(pane: &RegistryPane) -> Vec<RegistryRow> {
    let Some(loaded) = pane.loaded() else { return Vec::new() };
    let mut rows = Vec::new();
    for layer in Layer::ALL {
        let entries = loaded.registries.layer(layer).entries.len();
        rows.extend((0..entries).map(|index| RegistryRow::Entry(EntryId { layer, index })));
        let Some(file) = loaded.file(layer) else { continue };
        if file.problem().is_some() {
            rows.push(RegistryRow::Problem(layer));
        } else if file.state == FileState::NotFetched {
            rows.push(RegistryRow::NotFetched);
        }
    }
    rows
}

/// Finds out again which entries the elements of the plan follow: those that a look-up of the
/// element's own reference passes. Only names are looked up when a flake is evaluated.
pub(super) fn follow(model: &mut Model) {
    let (Some(loaded), Some(plan)) = (model.registry.loaded(), model.plan.as_deref()) else {
        model.registry.followers.clear();
        return;
    };
    let mut ways: HashMap<&str, Vec<EntryId>> = HashMap::new();
    let mut followers: HashMap<EntryId, Vec<String>> = HashMap::new();
    for (name, element) in &plan.after.elements {
        let Some(source) = &element.source else { continue };
        let way = ways.entry(&source.original_url).or_insert_with_key(|url| way(loaded, url));
        for entry in way {
            followers.entry(*entry).or_default().push(name.clone());
        }
    }
    model.registry.followers = followers;
}

/// The entries that decide what a reference means, each once.
fn way(loaded: &LoadedRegistries, url: &str) -> Vec<EntryId> {
    let Some(reference) = FlakeRef::parse(url).ok().filter(FlakeRef::is_indirect) else { return Vec::new() };
    let found = loaded.registries.look_up(&reference, loaded.reach);
    let hops = match &found {
        Ok(found) => found.hops.as_slice(),
        Err(error) => LookUpError::hops(error),
    };
    let mut entries: Vec<EntryId> = hops.iter().map(|hop| hop.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}
