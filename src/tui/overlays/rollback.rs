//! The rollback sheet: from where to where, what is lost with it, which programs go missing, which
//! elements change, and what that is equal to. The difference stands in the preview above it, or in the sheet where
//! there is no preview.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::difference::ElementDifference;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, LayoutKind, Shape};
use crate::tui::model::{Model, RollbackSheet};
use crate::tui::panes::comparison_text::programs_in_short;
use crate::tui::panes::difference::{self, Lines, between_generations, difference_words};
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
    let title = if goes_back(sheet) {
        "Roll back?".to_owned()
    } else {
        format!("Switch to generation {}?", sheet.to)
    };
    let title = Row::new().put(title, canvas.theme.title);
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

/// Whether it leads to a lower number; forward there is nothing to roll back.
fn goes_back(sheet: &RollbackSheet) -> bool {
    sheet.from.is_none_or(|from| sheet.to < from)
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
    if !has_own_difference(model) {
        let left = inside.height.saturating_sub(rows(&above) + rows(&below));
        above.extend(elements(model, sheet, width, usize::from(left.min(2))));
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

/// Which elements change, with their versions, as many as fit on `most` lines.
fn elements(model: &Model, sheet: &RollbackSheet, width: usize, most: usize) -> Vec<Row> {
    let Some(Ok(found)) = sheet.from.map(|from| between_generations(model, from, sheet.to)) else {
        return Vec::new();
    };
    let lines = named(&found, width.saturating_sub(LABEL + 2), most).into_iter().enumerate();
    let title = |index| if index == 0 { "elements" } else { "" };
    lines.map(|(index, line)| lead(model, title(index)).put(line, Style::new())).collect()
}

/// `bat 0.25.0 → 0.24.0 · fd 10.3 → 10.2 and 23 more`
fn named(found: &[ElementDifference], room: usize, most: usize) -> Vec<String> {
    // No name with versions takes fewer cells than these.
    const LEAST: usize = 6;
    let told = |count: usize| {
        let words = found.iter().take(count);
        let words: Vec<String> = words.map(|it| format!("{} {}", it.name, difference_words(it))).collect();
        let end = match found.len() - count {
            0 => String::new(),
            more => format!(" and {} more", grouped(more)),
        };
        wrapped(&format!("{}{end}", words.join(&format!(" {} ", theme::DOT))), room)
    };
    let most_told = found.len().min(room * most / LEAST);
    (1..=most_told).rev().map(told).find(|lines| lines.len() <= most).unwrap_or_default()
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
        .put(if goes_back(sheet) { "  roll back          " } else { "  switch          " }, Style::new())
        .put(key(Action::No), theme.key)
        .put(format!("  {stay}"), theme.strong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::difference::DifferenceKind;
    use crate::core::manifest::ProfileElement;

    #[test]
    fn elements_are_named_as_far_as_there_is_room() {
        let element =
            |priority| ProfileElement { active: true, priority, store_paths: Vec::new(), source: None };
        let differs = |index| ElementDifference {
            name: format!("tool{index}"),
            name_before: None,
            kinds: vec![DifferenceKind::Priority],
            before: Some(element(5)),
            after: Some(element(6)),
        };
        let found: Vec<_> = (0..25).map(differs).collect();
        let words = |count: usize| named(&found[..count], 60, 2).join(" ");
        assert_eq!(words(1), "tool0 priority 5 → 6");
        assert_eq!(words(2), "tool0 priority 5 → 6 · tool1 priority 5 → 6");
        let lines = named(&found, 60, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| crate::tui::view::words::width(line) <= 60), "{lines:?}");
        assert!(words(25).ends_with(" and 21 more"), "{lines:?}");
        assert!(named(&found, 60, 0).is_empty() && named(&[], 60, 2).is_empty());
    }
}
