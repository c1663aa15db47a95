//! The rollback sheet: from where to where, and what that is equal to. The difference
//! stands in the preview above it, or in the sheet where there is no preview.

use ratatui::style::Style;

use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, LayoutKind, Shape};
use crate::tui::model::{Model, RollbackSheet};
use crate::tui::panes::difference::{between_generations, element_line};
use crate::tui::panes::{bars, history};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::update::lost_by_going_back;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, cut_end, cut_start};

/// Draws the sheet.
pub fn draw(canvas: &mut Canvas<'_>, sheet: &RollbackSheet) {
    let model = canvas.model;
    let area = layout::rollback_sheet(&Shape::of(model));
    canvas.clear(area);
    let title = Row::new().put("Roll back?", canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    canvas.target(area, Target::Scrolled);
    let mut rows = ends(canvas, sheet, usize::from(inside.width));
    rows.extend(warning(canvas, sheet, usize::from(inside.width)));
    rows.push(Row::new());
    let facts = facts(model, sheet);
    if has_own_difference(model) {
        let room = usize::from(inside.height).saturating_sub(rows.len() + 4);
        let difference = own_difference(canvas, sheet, room, usize::from(inside.width));
        // one line is left for the hints of a popup that covers the screen
        if difference.len() + facts.len() + 2 <= room {
            rows.extend(facts);
            rows.push(Row::new());
        }
        rows.extend(difference);
    } else {
        rows.extend(facts);
    }
    rows.push(Row::new());
    rows.push(answers(canvas, sheet));
    rows.push(Row::new());
    let equal = format!("nix profile rollback --to {}", sheet.to);
    rows.push(Row::text(" ").cell("equals", 9, canvas.theme.faint).put(equal, canvas.theme.faint));
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}

/// What switching means, for this profile and for the plan.
fn facts(model: &Model, sheet: &RollbackSheet) -> Vec<Row> {
    let is_there = sheet.from.is_none_or(|from| between_generations(model, from, sheet.to).is_ok());
    let mut rows = vec![Row::text(if is_there {
        " instant: nothing is fetched, built or deleted"
    } else {
        " nothing is deleted"
    })];
    if let Some(from) = sheet.from {
        let key = model.keymap.name(Scope::Installed, Action::GoBack);
        rows.push(Row::text(format!(" {from} stays in the list, {key} then jumps back to it")));
    }
    if !model.transaction.changes().is_empty() {
        rows.push(Row::text(" what is staged stays staged, on top of it"));
    }
    rows
}

/// How far the difference can be scrolled.
pub fn max_scroll(model: &Model, sheet: &RollbackSheet) -> usize {
    let count = sheet
        .from
        .and_then(|from| between_generations(model, from, sheet.to).ok())
        .map_or(0, |found| found.len());
    if has_own_difference(model) {
        let height = usize::from(layout::inner(layout::rollback_sheet(&Shape::of(model))).height);
        return count.saturating_sub(height.saturating_sub(8));
    }
    count
}

/// Whether no preview is in sight that could show the difference.
fn has_own_difference(model: &Model) -> bool {
    let kind = Shape { zoomed: false, ..Shape::of(model) }.kind();
    matches!(kind, LayoutKind::Tabs | LayoutKind::ListOnly | LayoutKind::TooSmall)
}

fn ends(canvas: &Canvas<'_>, sheet: &RollbackSheet, width: usize) -> Vec<Row> {
    let (model, theme) = (canvas.model, canvas.theme);
    let when = |number: u64| {
        let found = model.loaded().and_then(|loaded| history::generation(loaded, number));
        found.map(|found| age(found.generation.time, model.now, &model.time_zone)).unwrap_or_default()
    };
    let from = match sheet.from {
        Some(from) => format!("{from:<5}{}", when(from)),
        None => "what stands there now".to_owned(),
    };
    let lead = |title: &str| Row::text(" ").cell(title, 9, theme.faint);
    vec![
        lead("switch").put(cut_start(&model.profile_title, width.saturating_sub(11)), Style::new()),
        lead("from").put(from, Style::new()),
        lead("to").put(format!("{:<5}{}", sheet.to, when(sheet.to)), theme.strong),
    ]
}

/// What other things rest on and the generation lacks, on one line.
fn warning(canvas: &Canvas<'_>, sheet: &RollbackSheet, width: usize) -> Option<Row> {
    let names = lost_by_going_back(canvas.model, sheet.to);
    let words = format!(" {} {} is without {}", theme::BLOCKING, sheet.to, names.join(", "));
    (!names.is_empty()).then(|| Row::new().put(cut_end(&words, width), canvas.theme.blocking))
}

fn own_difference(canvas: &Canvas<'_>, sheet: &RollbackSheet, room: usize, width: usize) -> Vec<Row> {
    let Some(from) = sheet.from else { return Vec::new() };
    match between_generations(canvas.model, from, sheet.to) {
        Err(reason) => vec![Row::text(" ").put(reason, canvas.theme.error)],
        Ok(found) if found.is_empty() => vec![Row::text(" both hold the same elements")],
        Ok(found) => {
            let first = sheet.scroll.min(found.len().saturating_sub(room));
            let fits = found.len() <= room;
            let shown = if fits { room } else { room.saturating_sub(1) };
            let mut rows: Vec<Row> =
                found.iter().skip(first).take(shown).map(|one| element_line(canvas, one, width)).collect();
            if !fits {
                let rest = found.len() - first.min(found.len()) - rows.len();
                rows.push(
                    Row::new().put(
                        format!("   {} {} below", theme::CUT, counted(rest, "change")),
                        canvas.theme.faint,
                    ),
                );
            }
            rows
        }
    }
}

fn answers(canvas: &Canvas<'_>, sheet: &RollbackSheet) -> Row {
    let theme = canvas.theme;
    let key = |action| canvas.model.keymap.name(Scope::Rollback, action);
    if canvas.model.why_read_only().is_some() {
        return Row::text("   ")
            .put("read-only: nothing can be changed      ", theme.changed)
            .put(key(Action::No), theme.key)
            .put("  back", Style::new());
    }
    let stay = sheet.from.map_or_else(|| "stay".to_owned(), |from| format!("stay on {from}"));
    Row::text("          ")
        .put(key(Action::Yes), theme.key)
        .put("  roll back          ", Style::new())
        .put(key(Action::No), theme.key)
        .put(format!("  {stay}"), theme.strong)
}
