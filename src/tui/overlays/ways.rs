//! The ways out of the collision under the cursor: what each keeps, by which means, what changes
//! hands, and below them what the tree and the plan would be after the highlighted one.
//!
//! ` ▸ 1  keep hello's files  fltk priority 5 → 6   3 files change hands: bin/hello → hello`

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::collisions::known_ways;
use crate::core::resolution::{CollisionGroup, CollisionKind, Containment, Resolution};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::CollisionsScreen;
use crate::tui::panes::element::shown_path;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_start, grouped, width, wrapped};

/// Draws the pane; `screen` knows the ways, or that they are still looked for.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, screen: &CollisionsScreen, group: Option<&CollisionGroup>) {
    let model = canvas.model;
    let title = Row::new().put("Ways to resolve", canvas.theme.title);
    let contains = group.and_then(|group| Containment::of(group, &model.facts.trees));
    let title = match contains {
        Some(found) => title.put(format!(" {} {}", theme::DOT, visible::text(&found.words())), Style::new()),
        None => title,
    };
    let Some(group) = group else {
        canvas.pane(area, &Border { title, ..Border::default() });
        return;
    };
    let known = known_ways(model, screen);
    let right = match known {
        Some(ways) if !ways.is_empty() => ways_hint(canvas, screen.way + 1, ways.len()),
        _ => Row::new(),
    };
    let inside = canvas.pane(area, &Border { title, right, ..Border::default() });
    let Some(ways) = known else {
        return canvas.row(inside, 0, &Row::text("   looking for ways out…"));
    };
    if ways.is_empty() {
        return no_way(canvas, inside, group);
    }
    let after = after_lines(canvas, group, ways.get(screen.way), screen.way, usize::from(inside.width));
    let lines = usize::from(inside.height);
    // all ways first, then as much of the consequences as fits, but always one line of them
    let kept = after.len().min(lines.saturating_sub(ways.len() + 1).max(1)).min(lines / 2);
    let gap = usize::from(kept > 0 && ways.len() + kept < lines);
    let room = lines.saturating_sub(kept + gap).max(1);
    let first = (screen.way + 1).saturating_sub(room);
    let columns = way_columns(ways, usize::from(inside.width));
    let hands = ways.iter().map(|way| width(&changing_hands(way, inside.width >= 100))).max().unwrap_or(0);
    for (line, index) in (0u16..).zip(first..ways.len().min(first + room)) {
        let row = WayRow { group, way: &ways[index], columns, hands, room: usize::from(inside.width) };
        let row = way_row(canvas, &row, index, index == screen.way);
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Way(index));
    }
    let shown = ways.len().min(first + room) - first;
    for (line, row) in after.iter().take(kept).enumerate() {
        canvas.row(inside, u16::try_from(shown + gap + line).unwrap_or(u16::MAX), row);
    }
    closing_line(canvas, inside, shown + gap + kept);
}

fn ways_hint(canvas: &Canvas<'_>, at: usize, of: usize) -> Row {
    let key = |action| canvas.model.keymap.name(Scope::Collisions, action);
    let theme = canvas.theme;
    Row::text(format!("{at} of {of}   "))
        .put(key(Action::PreviousWay), theme.key)
        .put(" previous   ", Style::new())
        .put(key(Action::NextWay), theme.key)
        .put(" next", Style::new())
}

fn no_way(canvas: &mut Canvas<'_>, inside: Rect, group: &CollisionGroup) {
    let propagated = group.elements.iter().any(|member| member.element.is_none());
    let text = if propagated {
        "No single change resolves this: a propagated package takes part, and its place follows the package that propagates it. Remove or switch off one of the elements."
    } else {
        "No single change resolves this without a new collision. Change several priorities, or remove one of the elements."
    };
    let rows: Vec<Row> = wrapped(text, usize::from(inside.width).saturating_sub(6))
        .into_iter()
        .map(|line| Row::text(format!("   {line}")))
        .collect();
    canvas.rows(inside, &rows);
}

/// Widths of the intent and the means, as long as the longest but not longer than there is room.
fn way_columns(ways: &[Resolution], room: usize) -> (usize, usize) {
    let longest = |text: fn(&Resolution) -> &String| {
        let with_means = ways.iter().filter(|way| !way.means.is_empty());
        with_means.map(|way| width(text(way))).max().unwrap_or(0)
    };
    let alone = ways.iter().filter(|way| way.means.is_empty()).map(|way| width(&way.intent)).max();
    let means = longest(|way| &way.means);
    // glyph, number and gaps take 8 cells; where nothing follows the intent has what the means leave
    let rest = if room >= 70 { 0 } else { room.saturating_sub(8 + means) };
    let intent = longest(|way| &way.intent).min(rest.max(room * 3 / 10));
    let means = means.max(alone.unwrap_or(0).saturating_sub(intent + 2));
    // where there is no room for the consequences "after N" tells them
    (intent, if room >= 70 { means.min(room * 3 / 10) } else { means })
}

/// `▸ 1  keep hello's file    fltk priority 5 → 6    1 file changes hands: bin/hello → hello`
fn way_row(canvas: &Canvas<'_>, row: &WayRow<'_>, index: usize, selected: bool) -> Row {
    let theme = canvas.theme;
    let style = if selected { theme.strong } else { Style::new() };
    let way = row.way;
    let (intent, means) = row.columns;
    let start = Row::text(" ")
        .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
        .put((index + 1).to_string(), theme.key)
        .put("  ", Style::new());
    let start = if way.means.is_empty() {
        start.cell(&way.intent, intent + means + 2, style)
    } else {
        start.cell(&way.intent, intent, style).put("  ", Style::new()).cell(&way.means, means, style)
    };
    if row.room < 70 {
        return start;
    }
    let wide = row.room >= 100;
    let hands = changing_hands(way, wide);
    let rest = what_else(row.group, way, wide);
    let start = start.put("   ", Style::new()).cell(hands, row.hands, Style::new());
    // half a number would be a wrong one
    if start.width() + 3 + width(&rest) > row.room {
        return start;
    }
    start.put("   ", Style::new()).put(rest, Style::new())
}

/// What a row of the ways is made from.
struct WayRow<'a> {
    group: &'a CollisionGroup,
    way: &'a Resolution,
    columns: (usize, usize),
    hands: usize,
    room: usize,
}

/// `3 files change hands: bin/hello → hello`
fn changing_hands(way: &Resolution, wide: bool) -> String {
    let Some((path, owner)) = way.changes_hands.first() else {
        return "no file changes hands".to_owned();
    };
    let files = counted(way.changes_hands.len(), "file");
    let verb = match way.changes_hands.len() {
        _ if !wide => "",
        1 => " changes hands",
        _ => " change hands",
    };
    let owner = owner.as_deref().unwrap_or("nobody");
    format!("{files}{verb}: {} {} {owner}", cut_start(&shown_path(path), 28), theme::ARROW)
}

/// `3 links leave the tree`, `nothing else moves`
fn what_else(group: &CollisionGroup, way: &Resolution, wide: bool) -> String {
    let verb = if way.links_leave == 1 { "leaves" } else { "leave" };
    let alone = !way.moves_others && !way.changes_hands.is_empty() && group.kind != CollisionKind::TypeClash;
    match way.links_leave {
        0 if alone && wide => "nothing else moves".to_owned(),
        0 => String::new(),
        number if wide => format!("{} {verb} the tree", counted(number, "link")),
        number => format!("{}{}", theme::REMOVED, counted(number, "link")),
    }
}

/// `after 1:` and what the tree and the plan would be then.
fn after_lines(
    canvas: &Canvas<'_>,
    group: &CollisionGroup,
    way: Option<&Resolution>,
    index: usize,
    room: usize,
) -> Vec<Row> {
    let Some(way) = way else { return Vec::new() };
    let theme = canvas.theme;
    let lead = format!("   after {}:  ", index + 1);
    let indent = " ".repeat(lead.len());
    // Commands that go are told on the same line if they can be.
    let full = if way.commands_leave.is_empty() { 70 } else { 100 };
    let left = match way.blocking_left {
        0 => Row::new().put(
            if room >= full {
                "no blocking collision left, the plan can be applied"
            } else {
                "no blocking collision left"
            },
            theme.good,
        ),
        number => Row::new()
            .put(format!("{} still left to resolve", counted(number, "blocking collision")), theme.blocking),
    };
    let first = Row::new().put(&lead, theme.strong).join(left);
    let commands = commands_leaving(way);
    // Often there is room for one line only.
    let mut rows = match commands {
        None => vec![first],
        Some(words) if first.width() + 3 + width(&words) <= room => {
            vec![first.put("   ", Style::new()).put(words, theme.shadowed)]
        }
        Some(words) => vec![first, Row::text(&indent).put(words, theme.shadowed)],
    };
    let shown = if group.paths.len() > 1 && way.changes_hands.len() > 3 { 2 } else { 3 };
    for (path, owner) in way.changes_hands.iter().take(shown) {
        let owner = owner
            .as_deref()
            .map_or_else(|| "leaves the tree".to_owned(), |owner| format!("{} {owner}", theme::ARROW));
        let path = cut_start(&shown_path(path), room / 2);
        rows.push(Row::text(&indent).put(format!("{path} {owner}"), Style::new()));
    }
    if way.changes_hands.len() > shown {
        rows.push(
            Row::text(&indent)
                .put(format!("and {} more", grouped(way.changes_hands.len() - shown)), theme.faint),
        );
    }
    if room < 100 && way.links_leave > 0 {
        let verb = if way.links_leave == 1 { "leaves" } else { "leave" };
        rows.push(
            Row::text(&indent)
                .put(format!("{} {verb} the tree", counted(way.links_leave, "link")), theme.faint),
        );
    }
    rows
}

/// `commands go: ffmpeg node and 2 more`
fn commands_leaving(way: &Resolution) -> Option<String> {
    const SHOWN: usize = 4;
    let names = way.commands_leave.iter().take(SHOWN).map(|name| visible::bytes(name));
    let names = names.collect::<Vec<_>>().join(" ");
    let more = way.commands_leave.len().saturating_sub(SHOWN);
    let end = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    (!names.is_empty()).then(|| format!("commands go: {names}{end}"))
}

fn closing_line(canvas: &mut Canvas<'_>, inside: Rect, used: usize) {
    let Ok(used) = u16::try_from(used) else { return };
    if used + 2 <= inside.height {
        let words = "priority belongs to the whole element, so every file the two share moves together; lower number wins";
        canvas.row(inside, used + 1, &Row::text("   ").put(words, canvas.theme.faint));
    }
}
