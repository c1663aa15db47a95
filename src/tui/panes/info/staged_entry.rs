//! What is staged for an entry of the user's registry, and what its name means then.

use ratatui::style::Style;

use super::sheet::Sheet;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::trace::TraceEnd;
use crate::core::registry::{Entry, EntryId, Layer, Reach};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, RegistryRow, StagedKind, StagedState};
use crate::tui::panes::registry::{short, staged_sign};
use crate::tui::theme;
use crate::tui::view::row::Row;

/// A line about an entry that stays, comes or leads elsewhere.
pub(super) fn fact(model: &Model, sheet: &mut Sheet<'_>, (id, entry): (EntryId, &Entry)) {
    let Some(staged) = model.registry.staged_for(RegistryRow::Entry(id)) else { return };
    let (glyph, style) = staged_sign(staged, sheet.theme);
    let before = before(model, &entry.from);
    let was = before.map(|before| format!(", was {}", short(&before.to))).unwrap_or_default();
    let words = match (&staged.state, staged.kind) {
        (StagedState::Failed(reason), _) => format!("cannot be done: {reason}"),
        (StagedState::Checking, _) => "its revision today is being looked up…".to_owned(),
        (_, StagedKind::Added) => "a new entry".to_owned(),
        (_, StagedKind::Pinned) => format!("pinned{was}"),
        (_, StagedKind::Changed | StagedKind::Removed) => format!("leads elsewhere{was}"),
    };
    sheet.styled("staged", &format!("{glyph} {words}"), style);
}

/// The entry for a name as the user's registry holds it now.
fn before<'a>(model: &'a Model, from: &FlakeRef) -> Option<&'a Entry> {
    let plan = model.registry.planned.as_deref()?;
    plan.user_before().entries.iter().find(|entry| entry.from == *from)
}

/// All about a row that is an entry no more, or not yet.
pub(super) fn of_row(model: &Model, sheet: &mut Sheet<'_>, row: RegistryRow) {
    let pane = &model.registry;
    let (Some((_, from)), Some(staged)) = (pane.name_of(row), pane.staged_for(row)) else { return };
    sheet.line(Row::text(" ").put(short(&from), sheet.theme.strong));
    sheet.gap();
    let (glyph, style) = staged_sign(staged, sheet.theme);
    match (&staged.state, row) {
        (StagedState::Failed(reason), _) => {
            sheet.styled("staged", &format!("{glyph} cannot be done: {reason}"), style);
        }
        (_, RegistryRow::Removed(_)) => {
            sheet.styled("staged", &format!("{glyph} goes when the plan is applied"), style);
        }
        _ => sheet.styled("staged", &format!("{glyph} its revision today is being looked up…"), style),
    }
    if let Some((_, entry)) = pane.entry(row) {
        sheet.fact("from", entry.from.as_str());
        sheet.fact("to", entry.to.as_str());
    }
    if let Some(file) = pane.loaded().and_then(|loaded| loaded.file(Layer::User)) {
        sheet.fact("file", &file.path.display().to_string());
    }
    if matches!(row, RegistryRow::Removed(_)) {
        afterwards(model, sheet, &from);
    }
    let undo = model.keymap.name(Scope::Registry, Action::Undo);
    sheet.gap();
    sheet.text(
        &format!("Nothing is written before the plan is applied; {undo} takes the step back."),
        sheet.theme.faint,
    );
}

/// What the name means without the entry.
fn afterwards(model: &Model, sheet: &mut Sheet<'_>, from: &FlakeRef) {
    let Some(registries) = model.registry.registries() else { return };
    let trace = registries.trace(from, Reach::All);
    sheet.heading(&format!("what {} means then", short(from)));
    for hop in &trace.hops {
        let words = format!("{} {} {}", short(&hop.before), theme::ARROW, short(&hop.after));
        let place = format!("   {} entry {}", hop.entry.layer.name(), hop.entry.index + 1);
        sheet.line(Row::text("   ").put(words, Style::new()).put(place, sheet.theme.faint));
    }
    match &trace.end {
        TraceEnd::Direct(_) if trace.hops.is_empty() => {
            sheet.text("  what it says: no entry replaces it", sheet.theme.faint);
        }
        TraceEnd::Direct(_) => {}
        TraceEnd::Unknown(unknown) => {
            sheet.text(&format!("  nothing: no registry knows {}", short(unknown)), sheet.theme.error);
        }
        TraceEnd::Circle(_) => sheet.text("  nothing: it goes round in a circle", sheet.theme.error),
        TraceEnd::Unfit { problem, .. } => sheet.text(&format!("  nothing: {problem}"), sheet.theme.error),
    }
}
