//! The chooser of profiles: who made each, whether its programs are on PATH, whether it can be
//! changed, when it changed last; below, the links that lead to the one under the cursor.

use std::path::Path;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::profile_kind::ProfileKind;
use crate::ops::find_profiles::FoundProfile;
use crate::tui::layout;
use crate::tui::model::{Model, ProfilesScreen};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{age, counted, cut_start, cut_store_path, wrapped};

/// Lines below the list: a rule, then what is told of the row.
const BELOW: u16 = 8;
const KIND: usize = 13;
const ON_PATH: usize = 8;
const ACCESS: usize = 10;
const CHANGED: usize = 12;

/// How many profiles are listed at once; at least 1.
pub fn rows_shown(size: (u16, u16)) -> usize {
    usize::from(parts(area(size)).0.height.saturating_sub(1)).max(1)
}

fn area(size: (u16, u16)) -> Rect {
    layout::popup(size, 104, 26)
}

/// The list with its column titles, and what stands below.
fn parts(area: Rect) -> (Rect, Rect) {
    let inside = layout::inner(area);
    let below = BELOW.min(inside.height / 2);
    layout::split_rows(inside, inside.height.saturating_sub(below))
}

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &ProfilesScreen) {
    let model = canvas.model;
    let area = area(model.size);
    canvas.clear(area);
    let count = screen.found.as_ref().map_or(0, Vec::len);
    let at = (screen.cursor.selected + 1).min(count);
    let border = Border {
        title: Row::new().put("Profiles", canvas.theme.title),
        right: Row::text(if count > 0 { counted(count, "profile") } else { String::new() }),
        corner: Row::text(if count > 0 { format!("{at} of {count}") } else { String::new() }),
        focused: true,
        ..Border::default()
    };
    canvas.pane(area, &border);
    canvas.target(area, Target::Items);
    let (list, below) = parts(area);
    let Some(found) = &screen.found else {
        return canvas.row(list, 1, &Row::text("   looking for profiles …"));
    };
    let columns = Columns::of(usize::from(list.width));
    canvas.row(list, 0, &heading(canvas, columns));
    for (line, index) in (1..list.height).zip(screen.cursor.offset..found.len()) {
        let selected = index == screen.cursor.selected;
        canvas.row(list, line, &row(canvas, &found[index], (columns, selected)));
        canvas.target_line(list, line, Target::Item(index));
        if selected {
            canvas.cursor(list, line);
        }
    }
    if found.is_empty() {
        canvas.row(list, 1, &Row::text("   no profile was found"));
    }
    if let Some(chosen) = screen.selected() {
        let rule = theme::RULE.repeat(usize::from(below.width).saturating_sub(2));
        canvas.row(below, 0, &Row::text(" ").put(rule, canvas.theme.border));
        let told = told(canvas, chosen, usize::from(below.width));
        canvas.rows(layout::split_rows(below, 1).1, &told);
    }
    bars::popup_hints(canvas, area);
}

/// Widths; 0 is a column there is no room for.
#[derive(Clone, Copy)]
struct Columns {
    path: usize,
    on_path: usize,
    access: usize,
    changed: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let (on_path, access, changed) = match width {
            84.. => (ON_PATH, ACCESS, CHANGED),
            66.. => (ON_PATH, ACCESS, 0),
            _ => (ON_PATH, 0, 0),
        };
        Self { path: width.saturating_sub(5 + KIND + on_path + access + changed), on_path, access, changed }
    }
}

fn heading(canvas: &Canvas<'_>, columns: Columns) -> Row {
    let style = canvas.theme.faint;
    Row::text("    ")
        .cell("profile", columns.path, style)
        .put(" ", style)
        .cell("made by", KIND, style)
        .cell("on PATH", columns.on_path, style)
        .cell("links", columns.access, style)
        .cell("changed", columns.changed, style)
}

fn row(canvas: &Canvas<'_>, found: &FoundProfile, (columns, selected): (Columns, bool)) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let path = cut_start(&shown(model, &found.link), columns.path);
    let on_path = if found.on_path.is_some() { "yes" } else { "no" };
    let access = if found.writable { "writable" } else { "read-only" };
    let changed = found.changed.map(|time| age(time, model.now, &model.time_zone)).unwrap_or_default();
    Row::text(" ")
        .cell(if selected { theme::CURSOR } else { "" }, 1, theme.focus)
        .cell(if found.is_open { theme::LIVE } else { "" }, 2, theme.live)
        .cell(path, columns.path, Style::new())
        .put(" ", Style::new())
        .cell(found.kind.words(), KIND, Style::new())
        .cell(on_path, columns.on_path, if found.on_path.is_some() { theme.good } else { theme.faint })
        .cell(access, columns.access, if found.writable { Style::new() } else { theme.changed })
        .cell(changed, columns.changed, theme.faint)
}

/// The chain of links, and what opening it means.
fn told(canvas: &Canvas<'_>, found: &FoundProfile, width: usize) -> Vec<Row> {
    let (model, theme) = (canvas.model, canvas.theme);
    let room = width.saturating_sub(4);
    let mut rows = Vec::new();
    let links: Vec<String> = found.names.iter().map(|name| shown(model, name)).collect();
    for (index, place) in links.iter().enumerate() {
        let lead = if index == 0 { "also" } else { "" };
        rows.push(Row::text("  ").cell(lead, 6, theme.faint).put(cut_start(place, room - 6), Style::new()));
    }
    rows.truncate(2);
    for (index, place) in found.chain.iter().enumerate() {
        let place = shown(model, place);
        let place = if index + 1 == found.chain.len() {
            cut_store_path(&place, room.saturating_sub(6))
        } else {
            cut_start(&place, room.saturating_sub(6))
        };
        let lead = if index == 0 { "link" } else { theme::ARROW };
        rows.push(Row::text("  ").cell(lead, 6, theme.faint).put(place, Style::new()));
    }
    rows.truncate(5);
    let about = wrapped(&about(found), room);
    rows.extend(about.into_iter().take(2).map(|line| Row::text("  ").put(line, theme.faint)));
    rows
}

fn about(found: &FoundProfile) -> String {
    let generations = match (found.generations, found.current) {
        (0, _) => "no generations".to_owned(),
        (count, Some(current)) => format!("{}, {current} is live", counted(count, "generation")),
        (count, None) => format!("{}, none of them live", counted(count, "generation")),
    };
    let nix = if found.is_default { ", the one nix works on if none is named" } else { "" };
    let open = match found.kind {
        ProfileKind::HomeManager | ProfileKind::System => {
            "; its history is shown, switching is left to its own tool"
        }
        ProfileKind::NixEnv => "; nix-env made it, and goes on working on what firn makes of it",
        _ => "",
    };
    format!("{generations}{nix}{open}")
}

/// A place with the home folder as `~`.
fn shown(model: &Model, place: &Path) -> String {
    let short = model.home.as_deref().and_then(|home| place.strip_prefix(home).ok());
    let text = short.map_or_else(|| place.display().to_string(), |rest| format!("~/{}", rest.display()));
    crate::core::visible::text(&text)
}
