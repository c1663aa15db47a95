//! The rows of pane 2: the registries as they would be, what is staged, and what the filter keeps.
//!
//! An entry that goes keeps its row and its place until the plan is applied; one that comes stands
//! where it would stand in its file, and while its pin is being looked up, at the end.

use std::collections::HashMap;

use crate::core::flake_ref::FlakeRef;
use crate::core::plan::{EditOutcome, PlannedEdit, RegistryPlan};
use crate::core::registry::edit::{RegistryEdit, SettledEdit};
use crate::core::registry::{EntryId, Layer, Registries};
use crate::system::registry_file::FileState;
use crate::tui::model::{Model, RegistryPane, RegistryRow, StagedEntry, StagedKind, StagedState};
use crate::tui::panes::registry::short;

/// Makes all that follows from the registries and the plan.
pub(super) fn make(model: &mut Model) {
    let planned = model.plan.as_ref().and_then(|plan| plan.registry.clone());
    let pane = &mut model.registry;
    pane.staged = planned.as_deref().map(staged).unwrap_or_default();
    pane.planned = planned;
    pane.standings = pane.registries().map(Registries::standings).into_iter().flatten().collect();
    keep(pane);
}

/// What is staged, by the name it is staged for; the last edit of a name tells.
fn staged(plan: &RegistryPlan) -> HashMap<FlakeRef, StagedEntry> {
    plan.edits.iter().map(|edit| (edit.edit.from().with_dir(b""), staged_entry(plan, edit))).collect()
}

fn staged_entry(plan: &RegistryPlan, planned: &PlannedEdit) -> StagedEntry {
    let from = planned.edit.from().with_dir(b"");
    let was_there = plan.user_before().entries.iter().any(|entry| entry.from == from);
    let kind = match (&planned.edit, was_there) {
        (RegistryEdit::Pin { .. }, _) => StagedKind::Pinned,
        (RegistryEdit::Remove { .. }, _) => StagedKind::Removed,
        (RegistryEdit::Add { .. }, true) => StagedKind::Changed,
        (RegistryEdit::Add { .. }, false) => StagedKind::Added,
    };
    let state = match &planned.outcome {
        EditOutcome::Settled(SettledEdit::Set { .. } | SettledEdit::Remove { .. }) => StagedState::Ready,
        EditOutcome::Locking(_) => StagedState::Checking,
        EditOutcome::Refused(reason) => StagedState::Failed(first_line(reason)),
    };
    StagedEntry { kind, state, was_there }
}

/// What a command printed goes on below; it is in the log.
fn first_line(reason: &str) -> String {
    reason.lines().next().unwrap_or_default().to_owned()
}

/// Keeps the rows in which every word of the filter is found, in small letters or capitals. What
/// is wrong with a file stays.
pub(super) fn keep(pane: &mut RegistryPane) {
    let text = pane.filter.value().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let all = rows(pane);
    let is_kept = |row: &RegistryRow| {
        let Some((layer, from)) = pane.name_of(*row) else { return true };
        let entry = pane.entry(*row).map(|(_, entry)| entry);
        let exact = if entry.is_some_and(|entry| entry.exact) { "exact" } else { "" };
        let to = entry.map_or("", |entry| entry.to.as_str());
        let text = format!("{} {} {to} {exact}", layer.name(), short(&from)).to_lowercase();
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
        if let Some(plan) = pane.planned.as_deref().filter(|_| layer == Layer::User) {
            user_rows(plan, &mut rows);
        } else {
            let entries = registries.layer(layer).entries.len();
            rows.extend((0..entries).map(|index| RegistryRow::Entry(EntryId { layer, index })));
        }
        let Some(file) = loaded.file(layer) else { continue };
        if file.problem().is_some() {
            rows.push(RegistryRow::Problem(layer));
        } else if file.state == FileState::NotFetched {
            rows.push(RegistryRow::NotFetched);
        }
    }
    rows
}

/// Entries that stay or come in the order of the file as it would be, and between them, where they
/// stood, those that go.
fn user_rows(plan: &RegistryPlan, rows: &mut Vec<RegistryRow>) {
    let (before, after) = (&plan.user_before().entries, &plan.user_after().entries);
    let entry = |index| RegistryRow::Entry(EntryId { layer: Layer::User, index });
    let mut next = 0;
    for (index, old) in before.iter().enumerate() {
        if after.get(next) == Some(old) {
            rows.push(entry(next));
            next += 1;
        } else if !after.iter().any(|new| new.from == old.from) {
            rows.push(RegistryRow::Removed(EntryId { layer: Layer::User, index }));
        }
    }
    rows.extend((next..after.len()).map(entry));
    let is_in = |from: &FlakeRef| after.iter().any(|new| new.from == *from);
    let comes = plan.edits.iter().enumerate().filter(|(index, planned)| {
        let from = planned.edit.from().with_dir(b"");
        let is_last = plan.edits[index + 1..].iter().all(|other| other.edit.from().with_dir(b"") != from);
        is_last && !matches!(planned.outcome, EditOutcome::Settled(_)) && !is_in(&from)
    });
    rows.extend(comes.map(|(index, _)| RegistryRow::Coming(index)));
}
