//! Pane 3: the generations, newest first, the planned one on top.
//!
//! `✓▸●★42   today 09:14   41   ↑ 3  "before 26.05"   18 MiB`: mark, cursor, live, kept, number,
//! when, the generation it was made on (from firn's journal, `?` if it was made without firn),
//! what changed with the label behind, what only it keeps alive. A narrow pane has gen, when and
//! changes.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::element::next_generation;
use super::installed::filter_line;
use crate::core::difference::{self, ElementDifference};
use crate::core::generation_fault::GenerationFault;
use crate::core::plan::PlanState;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::header_height;
use crate::tui::model::{Freed, HistoryRow, Model, Pane, ProfileLoad};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::has_focus;
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, grouped, size, wrapped};

const NUMBER: usize = 6;
const WHEN: usize = 13;
const FROM: usize = 6;
const ONLY_HERE: usize = 10;

/// Widths of the columns at one width of the pane; 0 is a column there is no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    from: usize,
    /// What changed, with the label behind it.
    changes: usize,
    only_here: usize,
}

impl Columns {
    /// Glyphs take four cells.
    fn of(width: u16) -> Self {
        let (from, only_here) = match width {
            58.. => (FROM, ONLY_HERE),
            44.. => (FROM, 0),
            _ => (0, 0),
        };
        let changes = usize::from(width).saturating_sub(4 + NUMBER + WHEN + from + only_here);
        Self { from, changes, only_here }
    }
}

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let focused = has_focus(model, Pane::History);
    let rows = model.history_rows();
    let count = model.loaded().map_or(0, |loaded| loaded.generations.len());
    let border = Border {
        title: Row::new().put("[3] History", canvas.theme.title),
        right: Row::text(if count > 0 { counted(count, "generation") } else { String::new() }),
        below: filter_line(canvas, &model.history.filter.text, model.history.filter.typing),
        corner: position(model, rows.len()),
        focused,
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Pane(Pane::History));
    if rows.is_empty() {
        return explain(canvas, inside);
    }
    let header = header_height(inside);
    if header > 0 {
        canvas.row(inside, 0, &heading(canvas, inside.width));
    }
    let cursor = model.history.cursor;
    for (line, index) in (header..inside.height).zip(cursor.offset..rows.len()) {
        let selected = index == cursor.selected;
        let row = generation_row(canvas, rows[index], (selected, inside.width));
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Row(Pane::History, index));
        if selected && focused {
            canvas.cursor(inside, line);
        }
    }
    legend(canvas, inside, usize::from(header) + rows.len().saturating_sub(cursor.offset));
}

/// What the columns mean, if there is room to spare.
fn legend(canvas: &mut Canvas<'_>, inside: Rect, used: usize) {
    let model = canvas.model;
    let columns = Columns::of(inside.width);
    let key = |action| model.keymap.name(Scope::History, action);
    let (keep, delete) = (key(Action::Keep), key(Action::Delete));
    let mut lines = vec![format!(
        "{} live   {} kept ({keep})   {} marked   {delete} deletes",
        theme::LIVE,
        theme::KEPT,
        theme::MARKED
    )];
    match inside.width {
        60.. => lines.push("from: the generation it was made on; ? made without firn".to_owned()),
        _ if columns.from > 0 => lines.push("from: made on this; ? without firn".to_owned()),
        _ => {}
    }
    if columns.only_here > 0 {
        let measure = key(Action::MeasureHistory);
        lines.push(format!("only here: kept alive by nothing else; {measure} finds out"));
    }
    if used + lines.len() + 1 >= usize::from(inside.height) {
        return;
    }
    let style = canvas.theme.faint;
    let first = inside.height - u16::try_from(lines.len()).unwrap_or(inside.height);
    for (line, words) in (first..).zip(lines) {
        canvas.row(inside, line, &Row::text("    ").put(words, style));
    }
}

fn position(model: &Model, rows: usize) -> Row {
    if rows == 0 {
        return Row::new();
    }
    let marked = match model.history.marks.len() {
        0 => String::new(),
        number => format!("{number} marked {} ", theme::DOT),
    };
    let all = model.loaded().map_or(0, |loaded| loaded.generations.len());
    let hidden = match model.history.filter.kept.as_ref().map_or(0, |kept| all.saturating_sub(kept.len())) {
        0 => String::new(),
        number => format!(" ({} hidden)", grouped(number)),
    };
    Row::text(format!("{marked}{} of {rows}{hidden}", model.history.cursor.selected + 1))
}

fn heading(canvas: &Canvas<'_>, width: u16) -> Row {
    let style = canvas.theme.faint;
    let columns = Columns::of(width);
    let row = Row::text("    ").cell("gen", NUMBER, style).cell("when", WHEN, style).cell(
        "from",
        columns.from,
        style,
    );
    row.cell("changes", columns.changes, style).right("only here", columns.only_here, style)
}

fn generation_row(canvas: &Canvas<'_>, row: HistoryRow, (selected, width): (bool, u16)) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let cursor = if selected { theme::CURSOR } else { "" };
    let columns = Columns::of(width);
    let Some(loaded) = model.loaded() else { return Row::new() };
    let found = match row {
        HistoryRow::Planned => {
            let number = next_generation(model).map(|number| number.to_string()).unwrap_or_default();
            return Row::text(" ")
                .cell(cursor, 1, theme.focus)
                .put("  ", Style::new())
                .cell(number, NUMBER, theme.faint)
                .cell("planned", WHEN, theme.faint)
                .cell(
                    loaded.current.map(|number| number.to_string()).unwrap_or_default(),
                    columns.from,
                    theme.faint,
                )
                .put(planned_words(model), Style::new());
        }
        HistoryRow::Generation(index) => loaded.generations.get(index),
    };
    let Some(found) = found else { return Row::new() };
    let number = found.generation.number;
    let live = loaded.current == Some(number);
    let marked = model.history.marks.contains(&number);
    let note = &found.remarks.note;
    let from = match (found.made_on, found.probably_on) {
        (Some(number), _) => number.to_string(),
        (None, Some(number)) => format!("{number}?"),
        (None, None) => "?".to_owned(),
    };
    let row = Row::new()
        .cell(if marked { theme::MARKED } else { "" }, 1, theme.marked)
        .cell(cursor, 1, theme.focus)
        .cell(if live { theme::LIVE } else { "" }, 1, theme.live)
        .cell(if note.kept { theme::KEPT } else { "" }, 1, theme.kept)
        .cell(number.to_string(), NUMBER, if live { theme.live } else { Style::new() })
        .cell(age(found.generation.time, model.now, &model.time_zone), WHEN, Style::new())
        .cell(from, columns.from, theme.faint);
    let label = note.label.as_ref().map(|label| format!("\"{label}\""));
    let label = Row::new().put(label.unwrap_or_default(), theme.strong);
    let (words, style) = match changes(loaded, found) {
        Ok(words) => (words, Style::new()),
        Err(reason) => (format!("cannot be read: {reason}"), theme.error),
    };
    let gap = if label.is_empty() { "" } else { "  " };
    let odd = found.remarks.faults.iter().any(GenerationFault::is_damage);
    let sign = if odd { format!("{} ", theme::BLOCKING) } else { String::new() };
    let told = Row::new()
        .put(sign, theme.changed)
        .put(words, style)
        .put(gap, Style::new())
        .join(label)
        .join(faults(canvas, found));
    if columns.only_here == 0 {
        return row.join(told);
    }
    let row = row.join(told.exactly(columns.changes));
    let (space, style) = match model.history.only_here.get(&found.generation.target) {
        Some(Freed::Bytes(bytes)) => (size(*bytes), Style::new()),
        Some(Freed::Checking) => ("checking…".to_owned(), theme.faint),
        Some(Freed::Unknown(_)) => ("not known".to_owned(), theme.changed),
        None => ("?".to_owned(), theme.faint),
    };
    row.right(space, columns.only_here, style)
}

/// What is odd about its link, behind all else: `older than 37`, `… 32 to 35 are gone`.
fn faults(canvas: &Canvas<'_>, found: &LoadedGeneration) -> Row {
    found.remarks.faults.iter().fold(Row::new(), |row, fault| {
        let words = match fault {
            GenerationFault::TimeGoesBack { before } => format!("  older than {before}"),
            GenerationFault::Gap { first, last } if first == last => {
                format!("  {} {first} is gone", theme::CUT)
            }
            GenerationFault::Gap { first, last } => format!("  {} {first} to {last} are gone", theme::CUT),
            GenerationFault::NotALink | GenerationFault::OutsideStore(_) => {
                format!("  {}", fault.words())
            }
        };
        let style = if fault.is_damage() { canvas.theme.changed } else { canvas.theme.faint };
        row.put(words, style)
    })
}

fn planned_words(model: &Model) -> String {
    let Some(plan) = &model.plan else { return String::new() };
    let changes = difference::summary_between(&plan.base.manifest, &plan.after);
    match plan.state() {
        PlanState::Unknown => "checking…".to_owned(),
        PlanState::Blocked => format!("blocked: {changes}"),
        PlanState::Impossible => format!("impossible: {changes}"),
        PlanState::Nothing | PlanState::Ready => changes,
    }
}

/// What a generation changed: against the one it was made on, else against the one before it.
pub fn changes(loaded: &LoadedProfile, found: &LoadedGeneration) -> Result<String, String> {
    let manifest = found.manifest.as_ref().map_err(Clone::clone)?;
    let Some(before) = loaded.base_of(found) else {
        return Ok(counted(manifest.elements.len(), "element"));
    };
    match &before.manifest {
        Ok(before) => Ok(difference::summary_between(before, manifest)),
        Err(_) => Ok(counted(manifest.elements.len(), "element")),
    }
}

/// The same, element by element; nothing of what cannot be read.
pub fn differences(loaded: &LoadedProfile, found: &LoadedGeneration) -> Vec<ElementDifference> {
    let before = loaded.base_of(found).map(|before| &before.manifest);
    match (before, &found.manifest) {
        (Some(Ok(before)), Ok(manifest)) => difference::between(before, manifest),
        _ => Vec::new(),
    }
}

/// A generation by its number.
pub fn generation(loaded: &LoadedProfile, number: u64) -> Option<&LoadedGeneration> {
    loaded.generations.iter().find(|found| found.generation.number == number)
}

/// The generation under the cursor, if the cursor is on one.
pub fn selected(model: &Model) -> Option<&LoadedGeneration> {
    match model.history_rows().get(model.history.cursor.selected)? {
        HistoryRow::Planned => None,
        HistoryRow::Generation(index) => model.loaded()?.generations.get(*index),
    }
}

fn explain(canvas: &mut Canvas<'_>, inside: Rect) {
    let room = usize::from(inside.width).saturating_sub(4);
    let filtered = canvas.model.history.filter.kept.is_some();
    let close = canvas.model.keymap.name(Scope::Filter, Action::Close);
    let no_match = format!("No generation matches the filter; {close} clears it.");
    let text = match canvas.model.profile {
        ProfileLoad::Loaded(_) if filtered => &no_match,
        ProfileLoad::Loading => "reading…",
        ProfileLoad::Failed(_) => "The generations could not be listed.",
        ProfileLoad::Loaded(_) => {
            "No generations yet. Each applied plan makes one, and any of them can be made live again."
        }
    };
    let rows: Vec<Row> =
        wrapped(text, room).into_iter().map(|line| Row::text("  ").put(line, canvas.theme.faint)).collect();
    let below = Rect {
        y: inside.y + u16::from(inside.height > 2),
        height: inside.height.saturating_sub(1),
        ..inside
    };
    canvas.rows(below, &rows);
}
