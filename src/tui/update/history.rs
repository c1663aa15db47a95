//! Pane 3: the generations.

use super::cursor::Move;
use super::{history_filter, ranges, words};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{HistoryRow, Model, Pane, PreviewTab};

/// Moves and marks.
pub(super) fn act(model: &mut Model, action: Action) {
    let height = layout::areas(&Shape::of(model)).rows(Pane::History);
    match Move::of(action, height) {
        Some(step) => {
            go(model, step);
            ranges::moved(model);
        }
        None if action == Action::Mark => {
            ranges::end(model);
            mark(model);
            go(model, Move::Down(1));
        }
        None if action == Action::Filter => history_filter::open(model),
        None => {}
    }
}

/// Moves and nothing else.
pub(super) fn walk(model: &mut Model, action: Action) {
    if let Some(step) = Move::of(action, 1) {
        go(model, step);
    }
}

fn mark(model: &mut Model) {
    let Some(number) = generation_under_cursor(model) else { return };
    if !model.history.marks.remove(&number) {
        model.history.marks.insert(number);
    }
}

fn go(model: &mut Model, step: Move) {
    let last = model.history_rows().len().saturating_sub(1);
    go_to(model, step.from(model.history.cursor.selected, last));
}

/// Puts the cursor on a row.
pub(super) fn go_to(model: &mut Model, selected: usize) {
    if selected != model.history.cursor.selected {
        model.history.cursor.selected = selected;
        model.history.compared = None;
        model.preview.scroll = 0;
    }
}

/// The row under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<HistoryRow> {
    model.history_rows().get(model.history.cursor.selected).copied()
}

/// The number of the generation under the cursor; `None` on the planned one.
pub(super) fn generation_under_cursor(model: &Model) -> Option<u64> {
    match under_cursor(model)? {
        HistoryRow::Planned => None,
        HistoryRow::Generation(index) => number(model, index),
    }
}

/// What a key of History is about: the marked generations, lowest first, else the one under the cursor.
pub(super) fn marked_or_under_cursor(model: &Model) -> Vec<u64> {
    if model.history.marks.is_empty() {
        return generation_under_cursor(model).into_iter().collect();
    }
    model.history.marks.iter().copied().collect()
}

/// The store path of a generation.
pub(super) fn target(model: &Model, number: u64) -> Option<String> {
    let mut generations = model.loaded()?.generations.iter();
    generations.find(|found| found.generation.number == number).map(|found| found.generation.target.clone())
}

fn number(model: &Model, index: usize) -> Option<u64> {
    model.loaded()?.generations.get(index).map(|loaded| loaded.generation.number)
}

/// Puts the cursor on a generation, if it is there.
pub(super) fn point_at(model: &mut Model, wanted: Option<u64>) {
    let is_wanted = |row: &HistoryRow| match row {
        HistoryRow::Planned => false,
        HistoryRow::Generation(index) => wanted.is_some() && number(model, *index) == wanted,
    };
    if let Some(position) = model.history_rows().iter().position(is_wanted) {
        model.history.cursor.selected = position;
    }
}

/// The two generations that `=` is about, older first, or why there are none.
pub(super) fn pair(model: &Model) -> Result<(u64, u64), String> {
    let marks: Vec<u64> = model.history.marks.iter().copied().collect();
    if let [older, newer] = marks[..] {
        return Ok((older, newer));
    }
    if !marks.is_empty() {
        return Err(format!("Two generations are compared, and {} marked.", marks.len()));
    }
    let (Some(row), Some(live)) =
        (generation_under_cursor(model), model.loaded().and_then(|loaded| loaded.current))
    else {
        return Err("Mark two generations, or put the cursor on one to compare with the live one.".to_owned());
    };
    if row == live {
        return Err(format!("{row} is the live generation; mark another one, or move to it."));
    }
    Ok((row.min(live), row.max(live)))
}

/// Shows the difference of two generations.
pub(super) fn compare(model: &mut Model) -> Vec<Effect> {
    if let Ok(pair) = pair(model) {
        model.history.compared = Some(pair);
        model.preview.tab = PreviewTab::Diff;
        model.preview.scroll = 0;
        words::say(model, format!("Comparing {} with {}.", pair.0, pair.1));
    }
    Vec::new()
}
