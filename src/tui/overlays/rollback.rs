//! The rollback sheet: from where to where, what is lost with it, which programs go missing, and
//! what that is equal to. The difference stands in the preview above it, or in the sheet where
//! there is no preview.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, LayoutKind, Shape};
use crate::tui::model::{Model, RollbackSheet};
use crate::tui::panes::comparison_text::programs_in_short;
use crate::tui::panes::difference::{self, Lines, between_generations};
use crate::tui::panes::{bars, history};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::update::lost_by_going_back;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, cut_start, grouped, wrapped};

/// Cells before the words.
const LABEL: usize = 9;

/// Draws the sheet.
pub fn draw(canvas: &mut Canvas<'_>, sheet: &RollbackSheet) {
    let model = canvas.model;
    let area = layout::rollback_sheet(&Shape::of(model));
    canvas.clear(area);
    let title = Row::new().put("Roll back?", canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    canvas.target(area, Target::Scrolled);
    let width = usize::from(inside.width);
    let Parts { above, below } = parts(model, sheet, inside);
    let room = inside.height.saturating_sub(rows(&above) + rows(&below));
    let (top, rest) = layout::split_rows(inside, rows(&above));
    canvas.rows(top, &above);
    let (middle, bottom) = layout::split_rows(rest, room);
    if has_own_difference(model) {
        let difference = own_difference(canvas, sheet, room, width);
        canvas.rows(middle, &difference);
    }
    canvas.rows(bottom, &below);
    bars::popup_hints(canvas, area);
}

fn rows(rows: &[Row]) -> u16 {
    u16::try_from(rows.len()).unwrap_or(u16::MAX)
}

/// What stands above the difference and below it; where there is none, above the empty rest.
struct Parts {
    above: Vec<Row>,
    below: Vec<Row>,
}

fn parts(model: &Model, sheet: &RollbackSheet, inside: Rect) -> Parts {
    let width = usize::from(inside.width);
    let mut above = ends(model, sheet, width);
    above.extend(warning(model, sheet, width));
    above.extend(programs(model, sheet));
    let mut below = vec![Row::new(), answers(model, sheet)];
    // Nix has no command for the playground; one without it would change the real profile.
    if let Ok(equal) = model.commands.rolling_back(sheet.to) {
        below.push(Row::new());
        let lines = wrapped(&equal, width.saturating_sub(LABEL + 2)).into_iter().enumerate();
        let title = |index| if index == 0 { "equals" } else { "" };
        below.extend(lines.map(|(index, line)| lead(model, title(index)).put(line, model.theme.faint)));
    }
    if covers_screen(model, inside) {
        // a popup that covers the screen has the hints on its last line
        below.push(Row::new());
    }
    let facts = facts(model, sheet);
    let used = rows(&above) + rows(&below);
    // The difference needs some lines of its own.
    let wanted = rows(&facts) + 1 + if has_own_difference(model) { 7 } else { 0 };
    if used + wanted <= inside.height {
        above.push(Row::new());
        above.extend(facts);
    }
    Parts { above, below }
}

fn covers_screen(model: &Model, inside: Rect) -> bool {
    inside.height + 2 >= model.size.1
}

fn lead(model: &Model, title: &str) -> Row {
    Row::text(" ").cell(title, LABEL, model.theme.faint)
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
    let shape = Shape::of(model);
    let sheet_inside = layout::inner(layout::rollback_sheet(&shape));
    if has_own_difference(model) {
        let Parts { above, below } = parts(model, sheet, sheet_inside);
        let room = sheet_inside.height.saturating_sub(rows(&above) + rows(&below));
        let lines = Lines::new(model, usize::from(sheet_inside.width));
        return lines.told().saturating_sub(usize::from(room.saturating_sub(1)));
    }
    let Some(text) = layout::areas(&shape).text() else { return 0 };
    let (height, _) = difference::window(model, text);
    Lines::new(model, usize::from(text.width)).len().saturating_sub(usize::from(height))
}

/// Whether no preview is in sight that could show the difference.
fn has_own_difference(model: &Model) -> bool {
    let areas = layout::areas(&Shape::of(model));
    areas.kind == LayoutKind::Tabs || (areas.preview.is_none() && areas.beside.is_none())
}

fn ends(model: &Model, sheet: &RollbackSheet, width: usize) -> Vec<Row> {
    let when = |number: u64| {
        let found = model.loaded().and_then(|loaded| history::generation(loaded, number));
        let label = found.and_then(|found| found.remarks.note.label.as_ref());
        let label = label.map(|label| format!("   \"{label}\"")).unwrap_or_default();
        let age = found.map(|found| age(found.generation.time, model.now, &model.time_zone));
        format!("{}{label}", age.unwrap_or_default())
    };
    let from = match sheet.from {
        Some(from) => format!("{from:<5}{}", when(from)),
        None => "what stands there now".to_owned(),
    };
    vec![
        lead(model, "switch").put(cut_start(&model.profile_title, width.saturating_sub(11)), Style::new()),
        lead(model, "from").put(from, Style::new()),
        lead(model, "to").put(format!("{:<5}{}", sheet.to, when(sheet.to)), model.theme.strong),
    ]
}

/// What other things rest on and the generation lacks.
fn warning(model: &Model, sheet: &RollbackSheet, width: usize) -> Vec<Row> {
    let lost = lost_by_going_back(model, sheet.to);
    let words = lost.iter().map(|lost| format!("{} {}", theme::BLOCKING, lost.words()));
    let lines = words.flat_map(|words| wrapped(&words, width.saturating_sub(2)));
    lines.map(|line| Row::text(" ").put(line, model.theme.blocking)).take(4).collect()
}

/// Which programs go missing, show or hide, in one line.
fn programs(model: &Model, sheet: &RollbackSheet) -> Option<Row> {
    let lead = lead(model, "PATH");
    match difference::comparison(model, sheet.from?, sheet.to) {
        Some(Ok(found)) => {
            let short = programs_in_short(model, found);
            let nothing = || Row::text("no program goes missing or changes hands");
            Some(lead.join(if short.is_empty() { nothing() } else { short }))
        }
        Some(Err(_)) => None,
        None => between_generations(model, sheet.from?, sheet.to)
            .is_ok()
            .then(|| lead.put("checking…", model.theme.faint)),
    }
}

/// The same lines as in the Diff tab, without its heading.
fn own_difference(canvas: &Canvas<'_>, sheet: &RollbackSheet, room: u16, width: usize) -> Vec<Row> {
    let Some(room) = usize::from(room).checked_sub(1) else { return Vec::new() };
    let lines = Lines::new(canvas.model, width);
    let first = sheet.scroll.min(lines.told().saturating_sub(room)) + lines.len() - lines.told();
    let mut shown: Vec<Row> =
        (first..lines.len()).take(room).map(|index| lines.line(canvas, index, width)).collect();
    let rest = lines.len() - first - shown.len();
    if rest > 0 {
        shown.pop();
        let words = format!("   {} {} more lines", theme::CUT, grouped(rest + 1));
        shown.push(Row::new().put(words, canvas.theme.faint));
    }
    shown.insert(0, Row::new());
    shown
}

fn answers(model: &Model, sheet: &RollbackSheet) -> Row {
    let theme = &model.theme;
    let key = |action| model.keymap.name(Scope::Rollback, action);
    if model.why_read_only().is_some() {
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
