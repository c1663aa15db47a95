//! Pane 2: the registries come in, their rows, filter and marks, and which elements follow which
//! entry.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cursor::Move;
use super::{planning, ranges, trace, words};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{EntryId, Layer, LookUpError, Reach, Registries};
use crate::ops::load_registries::LoadedRegistries;
use crate::system::registry_file::FileState;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{EntryName, MarkRange, Model, Pane, RegistriesLoad, RegistryPane, RegistryRow};
use crate::tui::panes::registry::short;

/// The registries were read: the cursor stays on its entry, and the plan is made on them.
pub(super) fn loaded(model: &mut Model, answer: Result<Box<LoadedRegistries>, String>) -> Vec<Effect> {
    let selected = Selected::remember(model);
    match answer {
        Ok(loaded) => model.registry.load = RegistriesLoad::Loaded(loaded),
        Err(text) => {
            words::complain(model, &text);
            model.registry.load = RegistriesLoad::Failed(text);
        }
    }
    let pane = &mut model.registry;
    pane.standings = pane.registries().map(Registries::standings).into_iter().flatten().collect();
    keep_rows(pane);
    selected.restore(model);
    forget_gone_marks(&mut model.registry);
    follow(model);
    trace::refresh(model);
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
        model.preview.scroll = 0;
    }
}

/// The entry under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<EntryName> {
    model.registry.name_of(model.registry.selected()?)
}

/// What the cursor stands on, so that it stands on it again when the rows are others.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    row: Option<RegistryRow>,
    name: Option<EntryName>,
}

impl Selected {
    pub(super) fn remember(model: &Model) -> Self {
        Self { row: model.registry.selected(), name: under_cursor(model) }
    }

    /// Puts the cursor on the same place if the same entry is there, else on one of its name, else
    /// on the first row.
    pub(super) fn restore(&self, model: &mut Model) {
        let pane = &model.registry;
        let is_same = |row: &&RegistryRow| pane.name_of(**row) == self.name;
        let same_place = pane.rows.iter().position(|row| Some(*row) == self.row && is_same(&row));
        let by_name = || self.name.as_ref().and_then(|_| pane.rows.iter().position(|row| is_same(&row)));
        let row = same_place.or_else(by_name).unwrap_or(0);
        go_to(model, row);
    }
}

/// Puts the cursor on an entry, if it is shown.
pub(super) fn point_at(model: &mut Model, entry: EntryId) {
    let position = model.registry.rows.iter().position(|row| *row == RegistryRow::Entry(entry));
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
    let is_there =
        |(layer, from): &EntryName| registries.layer(*layer).entries.iter().any(|entry| entry.from == *from);
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
    keep_rows(&mut model.registry);
    selected.restore(model);
}

/// Keeps the rows in which every word of the filter is found, in small letters or capitals. What
/// is wrong with a file stays.
fn keep_rows(pane: &mut RegistryPane) {
    let text = pane.filter.value().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let all = rows(pane);
    let is_kept = |row: &RegistryRow| {
        let Some((id, entry)) = pane.entry(*row) else { return true };
        let exact = if entry.exact { "exact" } else { "" };
        let text = format!("{} {} {} {exact}", id.layer.name(), short(&entry.from), entry.to).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let kept: Vec<RegistryRow> = all.iter().copied().filter(is_kept).collect();
    pane.hidden = all.len() - kept.len();
    pane.rows = kept;
}

fn rows(pane: &RegistryPane) -> Vec<RegistryRow> {
    let (Some(loaded), Some(registries)) = (pane.loaded(), pane.registries()) else { return Vec::new() };
    let mut rows = Vec::new();
    for layer in Layer::ALL {
        let entries = registries.layer(layer).entries.len();
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
