//! Pane 2: the registries come in, their rows, filter and marks, and which elements follow which
//! entry.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cursor::Move;
use super::{planning, ranges, registry_rows, trace, words};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{EntryId, Layer, LookUpError, Reach, Registries};
use crate::ops::load_registries::LoadedRegistries;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{EntryName, MarkRange, Model, Pane, RegistriesLoad, RegistryPane, RegistryRow};

/// The registries were read: the cursor stays on its entry, and the plan is made on them.
pub(super) fn loaded(model: &mut Model, answer: Result<Box<LoadedRegistries>, String>) -> Vec<Effect> {
    match answer {
        Ok(loaded) => model.registry.load = RegistriesLoad::Loaded(loaded),
        Err(text) => {
            words::complain(model, &text);
            model.registry.load = RegistriesLoad::Failed(text);
        }
    }
    refresh(model);
    plan_on(model)
}

/// The registries or the plan are others: makes again what follows from them.
pub(super) fn refresh(model: &mut Model) {
    let selected = Selected::remember(model);
    registry_rows::make(model);
    selected.restore(model);
    forget_gone_marks(&mut model.registry);
    follow(model);
    trace::refresh(model);
}

/// Plans again if the registries are not those the plan was made on.
fn plan_on(model: &mut Model) -> Vec<Effect> {
    let Some(known) = model.registry.loaded().map(LoadedRegistries::known) else { return Vec::new() };
    if model.facts.registries.as_deref() == Some(&known) {
        return Vec::new();
    }
    Arc::make_mut(&mut model.facts).take_registries(Arc::new(known));
    planning::replan(model)
}

/// Moves and marks.
pub(super) fn act(model: &mut Model, action: Action) {
    let height = layout::areas(&Shape::of(model)).rows(Pane::Registry);
    if let Some(step) = Move::of(action, height) {
        go(model, step);
        return ranges::moved(model);
    }
    match action {
        Action::Mark => {
            ranges::end(model);
            mark(&mut model.registry);
            go(model, Move::Down(1));
        }
        Action::MarkAll => {
            ranges::end(model);
            mark_all(&mut model.registry);
        }
        Action::Filter => model.registry.filtering = true,
        _ => {}
    }
}

/// Moves and nothing else.
pub(super) fn walk(model: &mut Model, action: Action) {
    if let Some(step) = Move::of(action, 1) {
        go(model, step);
    }
}

fn go(model: &mut Model, step: Move) {
    let last = model.registry.rows.len().saturating_sub(1);
    go_to(model, step.from(model.registry.cursor.selected, last));
}

/// Puts the cursor on a row; what the preview tells about it begins at the top.
pub(super) fn go_to(model: &mut Model, row: usize) {
    if row != model.registry.cursor.selected {
        model.registry.cursor.selected = row;
        if model.list == Pane::Registry {
            model.preview.scroll = 0;
        }
    }
}

/// The entry under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<EntryName> {
    model.registry.name_of(model.registry.selected()?)
}

/// What the cursor stands on, so that it stands on it again when the rows are others.
#[derive(Clone, Debug)]
struct Selected {
    row: Option<RegistryRow>,
    name: Option<EntryName>,
    position: usize,
}

impl Selected {
    fn remember(model: &Model) -> Self {
        let (row, position) = (model.registry.selected(), model.registry.cursor.selected);
        Self { row, name: under_cursor(model), position }
    }

    /// Puts the cursor on the same row if the same entry is there, else on one of its name, else
    /// where it was. Tells whether the entry was found.
    fn restore(&self, model: &mut Model) -> bool {
        let pane = &model.registry;
        let is_same = |row: &&RegistryRow| pane.name_of(**row) == self.name;
        let same_place = pane.rows.iter().position(|row| Some(*row) == self.row && is_same(&row));
        let by_name = || self.name.as_ref().and_then(|_| pane.rows.iter().position(|row| is_same(&row)));
        let row = same_place.or_else(by_name);
        let last = pane.rows.len().saturating_sub(1);
        go_to(model, row.unwrap_or(self.position.min(last)));
        row.is_some()
    }
}

/// Puts the cursor on an entry, if it is shown.
pub(super) fn point_at(model: &mut Model, entry: EntryId) {
    let position = model.registry.rows.iter().position(|row| *row == RegistryRow::Entry(entry));
    if let Some(position) = position {
        go_to(model, position);
    }
}

/// Puts the cursor on the entry of a name, if one is shown.
pub(super) fn point_at_name(model: &mut Model, name: &EntryName) {
    let pane = &model.registry;
    let position = pane.rows.iter().position(|row| pane.name_of(*row).as_ref() == Some(name));
    if let Some(position) = position {
        go_to(model, position);
    }
}

fn mark(pane: &mut RegistryPane) {
    let Some(name) = pane.selected().and_then(|row| pane.name_of(row)) else { return };
    if !pane.marks.remove(&name) {
        pane.marks.insert(name);
    }
}

fn mark_all(pane: &mut RegistryPane) {
    let shown: Vec<EntryName> = pane.rows.iter().filter_map(|row| pane.name_of(*row)).collect();
    let all = shown.iter().all(|name| pane.marks.contains(name));
    for name in shown {
        if all {
            pane.marks.remove(&name);
        } else {
            pane.marks.insert(name);
        }
    }
}

/// What a range marks now.
pub(super) fn range_marks(model: &Model, range: &MarkRange<EntryName>) -> Option<BTreeSet<EntryName>> {
    let pane = &model.registry;
    let shown: Vec<EntryName> = pane.rows.iter().filter_map(|row| pane.name_of(*row)).collect();
    // Rows that are about a file stand between entries and cannot be marked.
    let above = pane.rows.iter().take(pane.cursor.selected + 1).filter(|row| pane.name_of(**row).is_some());
    range.marks(&shown, above.count().saturating_sub(1))
}

fn forget_gone_marks(pane: &mut RegistryPane) {
    let Some(registries) = pane.registries() else { return };
    let is_there = |(layer, from): &EntryName| {
        let is_staged = *layer == Layer::User && pane.staged.contains_key(from);
        is_staged || registries.layer(*layer).entries.iter().any(|entry| entry.from == *from)
    };
    let marks = pane.marks.iter().filter(|name| is_there(name)).cloned().collect();
    pane.marks = marks;
}

/// Keys while the filter is typed.
pub(super) fn filter(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Accept {
        model.registry.filtering = false;
    } else {
        act(model, action);
    }
    Vec::new()
}

/// Shows all again: tells whether they were not shown.
pub(super) fn clear_filter(model: &mut Model) -> bool {
    let pane = &mut model.registry;
    let was_there = pane.filtering || !pane.filter.value().is_empty();
    pane.filtering = false;
    pane.filter.reset();
    arrange(model);
    was_there
}

/// Makes the shown rows again; the cursor stays on its entry, or goes to the first that is shown.
pub(super) fn arrange(model: &mut Model) {
    let selected = Selected::remember(model);
    registry_rows::keep(&mut model.registry);
    if !selected.restore(model) {
        go_to(model, 0);
    }
}

/// Finds out again which entries the elements of the plan follow: those that a look-up of the
/// element's own reference passes. Only names are looked up when a flake is evaluated.
fn follow(model: &mut Model) {
    let known = (model.registry.loaded(), model.registry.registries(), model.plan.as_deref());
    let (Some(loaded), Some(registries), Some(plan)) = known else {
        model.registry.followers.clear();
        return;
    };
    let reach = loaded.reach;
    let mut ways: HashMap<&str, Vec<EntryId>> = HashMap::new();
    let mut followers: HashMap<EntryId, Vec<String>> = HashMap::new();
    for (name, element) in &plan.after.elements {
        let Some(source) = &element.source else { continue };
        let way = ways.entry(&source.original_url).or_insert_with_key(|url| way(registries, reach, url));
        for entry in way {
            followers.entry(*entry).or_default().push(name.clone());
        }
    }
    model.registry.followers = followers;
}

/// The entries that decide what a reference means, each once.
fn way(registries: &Registries, reach: Reach, url: &str) -> Vec<EntryId> {
    let Some(reference) = FlakeRef::parse(url).ok().filter(FlakeRef::is_indirect) else { return Vec::new() };
    let found = registries.look_up(&reference, reach);
    let hops = match &found {
        Ok(found) => found.hops.as_slice(),
        Err(error) => LookUpError::hops(error),
    };
    let mut entries: Vec<EntryId> = hops.iter().map(|hop| hop.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}
