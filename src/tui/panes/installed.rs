//! Pane 1: the elements, with what is staged for each.
//!
//! ` ▸!+ fltk          ∅ → 1.3.11             5 n9f2`: mark and cursor, state, staged,
//! name, version before and after, priority, source.

use std::collections::HashMap;

use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use super::element::{self, counts, origin, staged_sign, state_sign, versions};
use super::{states, upgrade};
use crate::core::manifest::ElementSource;
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution::CollisionKind;
use crate::tui::action::Action;
use crate::tui::configuration::Column;
use crate::tui::keymap::Scope;
use crate::tui::layout::header_height;
use crate::tui::model::{Model, Pane, ShowFilter, SortKey};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::has_focus;
use crate::tui::view::row::Row;
use crate::tui::view::words;

/// Widths of the columns at one width of the pane; 0 is a column that was dropped or is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    name: usize,
    version: usize,
    old_version: bool,
    priority: usize,
    source: usize,
}

impl Columns {
    /// Glyphs take 5 cells, columns stand one apart. Whatever their order, the source goes first
    /// when there is no room, then the old version, then the priority.
    fn new(width: usize, names: usize, wanted: &[Column]) -> Self {
        let source = match width {
            _ if !wanted.contains(&Column::Source) => 0,
            66.. => 22,
            56.. => 14,
            44.. => 5,
            _ => 0,
        };
        let priority = if width >= 30 && wanted.contains(&Column::Priority) { 6 } else { 0 };
        let rest = width.saturating_sub(5 + source + priority);
        if !wanted.contains(&Column::Version) {
            return Self { name: rest.min(names.max(8)), version: 0, old_version: false, priority, source };
        }
        // a name that fills its column runs into the version: where there is room they stand two apart
        let names = names + usize::from(rest >= names + 21);
        let name = names.clamp(8, (rest * 55 / 100).max(8)).min(rest);
        let version = rest.saturating_sub(name + 1).min(40);
        Self { name, version, old_version: version >= 17, priority, source }
    }
}

const TITLE: &str = "[1] Installed";

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let focused = has_focus(model, Pane::Installed);
    let border = Border {
        title: Row::new().put(TITLE, canvas.theme.title),
        right: model
            .plan
            .as_ref()
            .map_or_else(Row::new, |plan| summary(model, plan, usize::from(area.width))),
        below: filter_line(canvas, &model.installed.filter, model.installed.filtering),
        corner: position(model),
        focused,
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Pane(Pane::Installed));
    match &model.plan {
        Some(plan) if !model.installed.rows.is_empty() => list(canvas, inside, plan, focused),
        _ => explain(canvas, inside),
    }
}

/// Elements, order and what is shown; where there is no room for all the order goes first, then the counts.
fn summary(model: &Model, plan: &Plan, width: usize) -> Row {
    let (elements, added, removed) = counts(plan);
    let text = words::grouped(elements);
    let count = |count: usize, sign: &str| if count > 0 { format!(" {sign}{count}") } else { String::new() };
    let (added, removed) = (count(added, theme::ADDED), count(removed, theme::REMOVED));
    let sort = match model.installed.sort {
        SortKey::Name => "name",
        SortKey::Priority => "priority",
        SortKey::Source => "source",
        SortKey::Revision => "revision",
    };
    let reversed = if model.installed.reversed { " reversed" } else { "" };
    let show = match model.installed.show {
        ShowFilter::All => "",
        ShowFilter::Outdated => " · only outdated",
        ShowFilter::Held => " · only held",
        ShowFilter::Staged => " · only staged",
        ShowFilter::Colliding => " · only colliding",
    };
    let counts = format!("{text}{added}{removed}");
    let sort = format!(" · sort {sort}{reversed}");
    let shown = show.trim_start_matches(" · ");
    let room = width.saturating_sub(TITLE.len() + 7);
    let told = [format!("{counts}{sort}{show}"), format!("{counts}{show}"), shown.to_owned()];
    told.into_iter().find(|told| words::width(told) <= room).map_or_else(Row::new, Row::text)
}

/// What a list is filtered by, while it is.
pub(super) fn filter_line(canvas: &Canvas<'_>, filter: &Input, typing: bool) -> Row {
    if !typing && filter.value().is_empty() {
        return Row::new();
    }
    let caret = if typing { theme::CARET } else { "" };
    Row::new().put(" /", canvas.theme.key).put(filter.value(), canvas.theme.strong).put(caret, Style::new())
}

fn position(model: &Model) -> Row {
    let pane = &model.installed;
    let all = model.plan.as_ref().map_or(0, |plan| plan.elements.len());
    if all == 0 {
        return Row::new();
    }
    let marked = match pane.marks.len() {
        0 => String::new(),
        number if pane.range.is_some() => format!("range of marks: {number} {} ", theme::DOT),
        number => format!("{} marked {} ", words::grouped(number), theme::DOT),
    };
    let hidden = match all - pane.rows.len().min(all) {
        0 => String::new(),
        number => format!(" ({} hidden)", words::grouped(number)),
    };
    let at = if pane.rows.is_empty() { 0 } else { pane.cursor.selected + 1 };
    Row::text(format!("{marked}{} of {}{hidden}", words::grouped(at), words::grouped(pane.rows.len())))
}

fn list(canvas: &mut Canvas<'_>, inside: Rect, plan: &Plan, focused: bool) {
    let model = canvas.model;
    let rows = &model.installed.rows;
    let names =
        rows.iter().filter_map(|row| plan.elements.get(*row)).map(|row| words::width(&row.name)).max();
    let columns = Columns::new(usize::from(inside.width), names.unwrap_or(8), &model.settings.columns);
    let header = header_height(inside);
    if header > 0 {
        canvas.row(inside, 0, &heading(canvas, columns));
    }
    let states = element::collision_states(&model.groups);
    let cursor = model.installed.cursor;
    for (line, index) in (header..inside.height).zip(cursor.offset..rows.len()) {
        let Some(planned) = plan.elements.get(rows[index]) else { continue };
        let selected = index == cursor.selected;
        let row = element_row(canvas, planned, &states, columns, selected);
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Row(Pane::Installed, index));
        if selected && focused {
            canvas.cursor(inside, line);
        }
    }
}

fn heading(canvas: &Canvas<'_>, columns: Columns) -> Row {
    let style = canvas.theme.faint;
    let row = Row::text("     ").cell("name", columns.name, style);
    canvas.model.settings.columns.iter().fold(row, |row, column| match column {
        Column::Version if columns.version > 0 => row.put(" ", style).cell("version", columns.version, style),
        Column::Priority => row.right("prio", columns.priority, style),
        Column::Source if columns.source >= 14 => row.put(" ", style).cell("from", columns.source - 1, style),
        Column::Source if columns.source > 0 => row.put(" ", style).cell("src", columns.source - 1, style),
        Column::Version | Column::Source => row,
    })
}

fn element_row(
    canvas: &Canvas<'_>,
    planned: &PlannedElement,
    states: &HashMap<&str, CollisionKind>,
    columns: Columns,
    selected: bool,
) -> Row {
    let theme = canvas.theme;
    let marked = canvas.model.installed.marks.contains(&planned.name);
    let upgrades = &canvas.model.upgrades;
    let staged = upgrade::checking_sign(upgrades, planned, theme).or_else(|| staged_sign(planned, theme));
    let collides = states.get(planned.name.as_str()).copied();
    let state = state_sign(planned, collides, theme);
    let state =
        if collides.is_some() { state } else { upgrade::state_sign(upgrades, planned, theme).or(state) };
    let mut row = Row::new().cell(if marked { theme::MARKED } else { "" }, 1, theme.marked).cell(
        if selected { theme::CURSOR } else { "" },
        1,
        theme.focus,
    );
    for sign in [state, staged] {
        row = row.cell(sign.map_or("", |sign| sign.glyph), 1, sign.map_or(Style::new(), |sign| sign.style));
    }
    let faint = planned.after.is_none() || planned.after.as_ref().is_some_and(|after| !after.active);
    let name_style = match staged {
        Some(sign) => sign.style,
        None if faint => theme.off,
        None => Style::new(),
    };
    row = row.put(" ", Style::new()).cell(&planned.name, columns.name, name_style);
    canvas.model.settings.columns.iter().fold(row, |row, column| match column {
        Column::Version if columns.version > 0 => {
            row.put(" ", Style::new()).join(version_cell(canvas, planned, columns))
        }
        Column::Priority => row.join(priority_cell(canvas, planned, columns)),
        Column::Source if columns.source > 0 => row.join(source_cell(canvas, planned, columns)),
        Column::Version | Column::Source => row,
    })
}

fn source_cell(canvas: &Canvas<'_>, planned: &PlannedElement, columns: Columns) -> Row {
    let element = planned.after.as_ref().or(planned.before.as_ref());
    let from = match element {
        Some(_) if planned.package().is_some() => "nix-env".to_owned(),
        element => element.map(origin).unwrap_or_default(),
    };
    let from = if columns.source < 14 { short_origin(&from) } else { from };
    Row::text(" ").cell(from, columns.source - 1, canvas.theme.faint)
}

fn version_cell(canvas: &Canvas<'_>, planned: &PlannedElement, columns: Columns) -> Row {
    let theme = canvas.theme;
    if planned.refused.is_some() {
        return Row::new().cell("cannot be added", columns.version, theme.error);
    }
    if planned.before.is_none() && planned.after.is_none() {
        return Row::new().cell("checking…", columns.version, theme.faint);
    }
    if let Some((words, style)) = upgrade::version_words(canvas.model, planned, columns.version) {
        return Row::new().cell(words, columns.version, style);
    }
    let (old, new) = versions(planned.before.as_ref(), planned.after.as_ref());
    let row = match new {
        None => Row::text(old),
        Some(new) if columns.old_version => Row::text(format!("{old} {} {new}", theme::ARROW)),
        Some(new) => Row::text(format!("{} {new}", theme::ARROW)),
    };
    let words = planned.after.as_ref().map_or(&[][..], |after| {
        if upgrade::is_new_build(planned) {
            return &[" (new build)", " (new)"];
        }
        if planned.only_chooses_outputs() {
            return &[" (other outputs)", " (outputs)"];
        }
        let locked = after.source.as_ref().is_some_and(ElementSource::is_locked);
        match (after.active, locked) {
            (false, _) => &[" (switched off)", " (off)"],
            (true, true) => &[" (locked ref)", " (locked)"],
            (true, false) => &[],
        }
    });
    let row = match words.iter().find(|word| row.width() + word.len() < columns.version) {
        Some(word) => row.put(word, theme.faint),
        None => row,
    };
    row.exactly(columns.version)
}

/// `5`, or `5→6` while another priority is staged.
fn priority_cell(canvas: &Canvas<'_>, planned: &PlannedElement, columns: Columns) -> Row {
    let before = planned.before.as_ref().map(|element| element.priority);
    let after = planned.after.as_ref().map(|element| element.priority);
    match (before, after) {
        (Some(before), Some(after)) if before != after => Row::new().right(
            format!("{before}{}{after}", theme::ARROW),
            columns.priority,
            canvas.theme.adjusted,
        ),
        (None, None) => Row::new().right("", columns.priority, Style::new()),
        (before, after) => {
            let number = after.or(before).unwrap_or_default();
            Row::new().right(number.to_string(), columns.priority, Style::new())
        }
    }
}

/// `nixpkgs@9f2c` as `n9f2`: enough to see which elements follow the same revision.
fn short_origin(origin: &str) -> String {
    match origin.split_once('@') {
        Some((name, revision)) => name.chars().take(1).chain(revision.chars().take(3)).collect(),
        None if origin == "store path" => "path".to_owned(),
        None => origin.to_owned(),
    }
}

/// Says why there are no rows, and what to do next.
fn explain(canvas: &mut Canvas<'_>, inside: Rect) {
    let (heading, text) = reason(canvas.model);
    let room = usize::from(inside.width).saturating_sub(4);
    let mut rows = vec![Row::new(), Row::text("  ").put(heading, canvas.theme.strong), Row::new()];
    for paragraph in text {
        rows.extend(
            words::wrapped(&paragraph, room).into_iter().map(|line| Row::text("  ").put(line, Style::new())),
        );
        rows.push(Row::new());
    }
    canvas.rows(inside, &rows);
}

fn reason(model: &Model) -> (String, Vec<String>) {
    if model.plan.as_ref().is_none_or(|plan| plan.elements.is_empty()) {
        return states::reason(model);
    }
    let filter = model.installed.filter.value();
    if !filter.is_empty() {
        let clear = model.keymap.name(Scope::Filter, Action::Close);
        return (format!("Nothing matches '{filter}'"), vec![format!("{clear} clears the filter.")]);
    }
    let all = format!("{} shows the others.", model.keymap.name(Scope::Installed, Action::Show));
    match model.installed.show {
        ShowFilter::Outdated => {
            let check = model.keymap.name(Scope::Installed, Action::UpgradeAll);
            let words = format!("{check} asks all flakes what they have today. {all}");
            ("Nothing newer is known".to_owned(), vec![words])
        }
        ShowFilter::Held => {
            let hold = model.keymap.name(Scope::Installed, Action::Hold);
            let words = format!("{hold} holds an element back from upgrades. {all}");
            ("Nothing is held".to_owned(), vec![words])
        }
        ShowFilter::Staged => ("Nothing is staged".to_owned(), vec![all]),
        ShowFilter::Colliding => ("Nothing collides".to_owned(), vec![all]),
        ShowFilter::All => (String::new(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_drop_source_then_old_version_then_priority() {
        let all = Column::NAMES.map(|(_, column)| column);
        let columns = |width, names| Columns::new(width, names, &all);
        let wide = columns(78, 12);
        assert!(wide.source >= 14 && wide.old_version && wide.priority > 0);
        let stack = columns(48, 12);
        assert!(stack.source == 5 && stack.old_version && stack.priority > 0);
        let narrow = columns(40, 14);
        assert!(narrow.source == 0 && !narrow.old_version && narrow.priority > 0);
        let tiny = columns(24, 14);
        assert!(tiny.priority == 0 && tiny.name >= 8);
    }

    #[test]
    fn columns_fit_whichever_are_wanted() {
        let all = Column::NAMES.map(|(_, column)| column);
        for width in 0..200 {
            for wanted in [&all[..], &all[1..], &all[..1], &[]] {
                let columns = Columns::new(width, 60, wanted);
                let gap = usize::from(columns.version > 0);
                let used = 5 + columns.name + gap + columns.version + columns.priority + columns.source;
                assert!(width < 14 || used <= width, "{width} {wanted:?}");
            }
        }
    }
}
