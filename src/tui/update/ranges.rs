//! `v` and shift with arrows: marks from where the range began to the cursor, in all lists.

use super::{history, installed, registry, words};
use crate::core::counting::counted;
use crate::tui::action::Action;
use crate::tui::model::{HistoryRow, MarkRange, Model, Pane, RangeBy};

/// Begins, grows or ends a range; tells whether the action was about one.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Range if is_open(model) => {
            end(model);
            let count = count(model);
            words::say(model, format!("{} marked.", counted(count, "row")));
        }
        Action::Range => begin(model, RangeBy::Moves),
        Action::RangeDown | Action::RangeUp => {
            if !is_open(model) {
                begin(model, RangeBy::Shift);
            }
            let step = if action == Action::RangeDown { Action::Down } else { Action::Up };
            match model.focus {
                Pane::History => history::walk(model, step),
                Pane::Registry => registry::walk(model, step),
                _ => installed::walk(model, step),
            }
            grow(model);
        }
        _ => return false,
    }
    true
}

fn is_open(model: &Model) -> bool {
    match model.focus {
        Pane::History => model.history.range.is_some(),
        Pane::Registry => model.registry.range.is_some(),
        _ => model.installed.range.is_some(),
    }
}

fn count(model: &Model) -> usize {
    match model.focus {
        Pane::History => model.history.marks.len(),
        Pane::Registry => model.registry.marks.len(),
        _ => model.installed.marks.len(),
    }
}

fn begin(model: &mut Model, by: RangeBy) {
    match model.focus {
        Pane::History => {
            let anchor = history::generation_under_cursor(model);
            let before = model.history.marks.clone();
            model.history.range = anchor.map(|anchor| MarkRange { anchor, before, by });
        }
        Pane::Registry => {
            let anchor = registry::under_cursor(model);
            let before = model.registry.marks.clone();
            model.registry.range = anchor.map(|anchor| MarkRange { anchor, before, by });
        }
        Pane::Installed | Pane::Preview => {
            let anchor = installed::under_cursor(model).map(|row| row.name.clone());
            let before = model.installed.marks.clone();
            model.installed.range = anchor.map(|anchor| MarkRange { anchor, before, by });
        }
    }
    grow(model);
}

/// Ends the ranges; the marks stay.
pub(super) fn end(model: &mut Model) {
    model.installed.range = None;
    model.registry.range = None;
    model.history.range = None;
}

/// Whether anything is marked, in any list.
pub(super) fn has_marks(model: &Model) -> bool {
    let (registry, history) = (&model.registry.marks, &model.history.marks);
    !model.installed.marks.is_empty() || !registry.is_empty() || !history.is_empty()
}

/// Takes all marks away.
pub(super) fn clear_marks(model: &mut Model) {
    model.installed.marks.clear();
    model.registry.marks.clear();
    model.history.marks.clear();
}

/// Takes an open range back, marks and all: tells whether there was one.
pub(super) fn take_back(model: &mut Model) -> bool {
    let (installed, history) = (model.installed.range.take(), model.history.range.take());
    let registry = model.registry.range.take();
    let found = installed.is_some() || registry.is_some() || history.is_some();
    if let Some(range) = registry {
        model.registry.marks = range.before;
    }
    if let Some(range) = installed {
        model.installed.marks = range.before;
    }
    if let Some(range) = history {
        model.history.marks = range.before;
    }
    found
}

/// The cursor was moved by itself: a range of moves grows, one of shift ends.
pub(super) fn moved(model: &mut Model) {
    let by_shift = |by: RangeBy| by == RangeBy::Shift;
    if model.installed.range.as_ref().is_some_and(|range| by_shift(range.by)) {
        model.installed.range = None;
    }
    if model.registry.range.as_ref().is_some_and(|range| by_shift(range.by)) {
        model.registry.range = None;
    }
    if model.history.range.as_ref().is_some_and(|range| by_shift(range.by)) {
        model.history.range = None;
    }
    grow(model);
}

fn grow(model: &mut Model) {
    if let (Some(range), Some(plan)) = (&model.installed.range, model.plan.as_deref()) {
        let rows = model.installed.rows.iter().filter_map(|row| plan.elements.get(*row));
        let shown: Vec<String> = rows.map(|row| row.name.clone()).collect();
        match range.marks(&shown, model.installed.cursor.selected) {
            Some(marks) => model.installed.marks = marks,
            None => model.installed.range = None,
        }
    }
    if let Some(range) = &model.registry.range {
        match registry::range_marks(model, range) {
            Some(marks) => model.registry.marks = marks,
            None => model.registry.range = None,
        }
    }
    if let Some(range) = &model.history.range {
        let number = |row: &HistoryRow| match row {
            HistoryRow::Planned => None,
            HistoryRow::Generation(index) => {
                model.loaded()?.generations.get(*index).map(|loaded| loaded.generation.number)
            }
        };
        let rows = model.history_rows();
        // the planned generation stands above all others and cannot be marked
        let above = rows.iter().take_while(|row| number(row).is_none()).count();
        let shown: Vec<u64> = rows.iter().filter_map(number).collect();
        match range.marks(&shown, model.history.cursor.selected.saturating_sub(above)) {
            Some(marks) => model.history.marks = marks,
            None => model.history.range = None,
        }
    }
}
