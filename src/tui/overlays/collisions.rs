//! The collisions screen: every group, its claimants, the ways out, and what the
//! highlighted way would do.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{claimants, toast};
use crate::core::resolution::{CollisionGroup, CollisionKind, Resolution};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, header_height};
use crate::tui::model::{CollisionsScreen, Model, Overlay};
use crate::tui::panes::bars;
use crate::tui::panes::element::{collision_sign, member_name, member_title, shown_path};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_start, grouped, width, wrapped};

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: &CollisionsScreen) {
    let model = canvas.model;
    let bars_of = layout::screen(model.size);
    canvas.clear(Rect::new(0, 0, model.size.0, model.size.1));
    bars::title(canvas, bars_of.title);
    let areas = layout::collisions(model.size);
    groups(canvas, areas.groups, screen);
    let group = model.groups.get(screen.group.selected);
    match (areas.claimants, group) {
        (Some(area), Some(group)) if areas.cards => claimants::cards(canvas, area, screen, group),
        (Some(area), Some(group)) => claimants::list(canvas, area, screen, group),
        (Some(area), None) => {
            canvas.pane(area, &Border::default());
        }
        (None, _) => {}
    }
    ways(canvas, areas.ways, screen, group);
    note(canvas, bars_of.note);
    bars::hints(canvas, bars_of.hints);
}

fn note(canvas: &mut Canvas<'_>, area: Rect) {
    if toast::in_plan_line(canvas.model).is_some() {
        return bars::plan(canvas, area);
    }
    let key = |action| canvas.model.keymap.name(Scope::Collisions, action);
    let end = if area.width >= 80 { "; nothing is applied here" } else { "" };
    let words =
        format!(" {} stages the way; {} takes it back{end}", key(Action::StageWay), key(Action::Undo));
    let row = Row::new().put(words, canvas.theme.faint);
    canvas.row(area, 0, &row);
}

fn groups(canvas: &mut Canvas<'_>, area: Rect, screen: &CollisionsScreen) {
    let model = canvas.model;
    let focused = matches!(model.overlays.last(), Some(Overlay::Collisions(_)));
    let title = Row::new().put("Collisions", canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, right: tally(canvas), focused, ..Border::default() });
    canvas.target(area, Target::Groups);
    if model.groups.is_empty() {
        let words = if model.plan.as_ref().is_some_and(|plan| !plan.needs.is_empty()) {
            "checking… packages are still being read"
        } else {
            "No two elements provide the same file. Nothing to resolve."
        };
        return canvas.row(inside, 0, &Row::text("   ").put(words, canvas.theme.good));
    }
    let header = header_height(inside);
    let columns = Columns::new(usize::from(inside.width), &model.groups);
    if header > 0 {
        canvas.row(inside, 0, &columns.heading(canvas));
    }
    let cursor = screen.group;
    for (line, index) in (header..inside.height).zip(cursor.offset..model.groups.len()) {
        let selected = index == cursor.selected;
        canvas.row(inside, line, &columns.row(canvas, &model.groups[index], selected));
        canvas.target_line(inside, line, Target::Group(index));
        if selected && focused {
            canvas.cursor(inside, line);
        }
    }
    latent_hint(canvas, inside, header, cursor.offset);
}

/// Explains latent ties below the list, if there is one and there is room.
fn latent_hint(canvas: &mut Canvas<'_>, inside: Rect, header: u16, offset: usize) {
    let model = canvas.model;
    let used =
        header + u16::try_from(model.groups.len() - offset.min(model.groups.len())).unwrap_or(u16::MAX);
    let latent = model.groups.iter().any(|group| group.kind == CollisionKind::Latent);
    if latent && used.saturating_add(2) <= inside.height {
        let words = "nix does not report latent ties: it only compares each file with the current winner";
        canvas.row(inside, inside.height - 1, &Row::text("   ").put(words, canvas.theme.faint));
    }
}

fn tally(canvas: &Canvas<'_>) -> Row {
    let count = |wanted: fn(CollisionKind) -> bool| {
        canvas.model.groups.iter().filter(|group| wanted(group.kind)).count()
    };
    let theme = canvas.theme;
    let blocking = count(CollisionKind::is_blocking);
    let style = if blocking > 0 { theme.blocking } else { theme.good };
    let rest = format!(
        " {dot} {} shadowed {dot} {} latent",
        count(|kind| kind == CollisionKind::Shadowed),
        count(|kind| kind == CollisionKind::Latent),
        dot = theme::DOT
    );
    Row::new().put(format!("{blocking} blocking"), style).put(rest, Style::new())
}

/// Widths of the list's columns.
struct Columns {
    kind: usize,
    elements: usize,
    winner: usize,
    meaning: bool,
}

impl Columns {
    fn new(room: usize, groups: &[CollisionGroup]) -> Self {
        let longest = groups.iter().map(|group| width(&sides(group))).max().unwrap_or(0);
        let (kind, meaning) = if room >= 68 { (11, true) } else { (8, false) };
        // cursor and glyph take 5 cells, the number of files 6, gaps 4
        let rest = room.saturating_sub(kind + 15);
        let winners = groups.iter().map(|group| width(&winner(group)) + 2).max().unwrap_or(0);
        let winner = if rest >= 70 { winners.clamp(12, 26) } else { 0 };
        let least = match (winner, meaning) {
            (0, false) => 0,
            (0, true) => 17,
            _ => 30,
        };
        let elements = longest.clamp(12, rest.saturating_sub(winner + least).max(12));
        Self { kind, elements, winner, meaning }
    }

    fn heading(&self, canvas: &Canvas<'_>) -> Row {
        let style = canvas.theme.faint;
        let row = Row::text("     ").cell("kind", self.kind, style).right("files", 6, style).put("  ", style);
        let row = row.cell("elements", self.elements + 2, style);
        let row = if self.winner > 0 { row.cell("winner now", self.winner, style) } else { row };
        if self.meaning { row.put("what it means", style) } else { row }
    }

    fn row(&self, canvas: &Canvas<'_>, group: &CollisionGroup, selected: bool) -> Row {
        let sign = collision_sign(group.kind, canvas.theme);
        let row = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, canvas.theme.focus)
            .put(sign.glyph, sign.style)
            .put(" ", Style::new())
            .cell(if self.kind < 10 { short_kind(group.kind) } else { sign.word }, self.kind, sign.style)
            .right(grouped(group.paths.len()), 6, Style::new())
            .put("  ", Style::new())
            .cell(sides(group), self.elements, Style::new())
            .put("  ", Style::new());
        let row = if self.winner > 0 { row.cell(winner(group), self.winner, Style::new()) } else { row };
        if self.meaning { row.put(what_it_means(group, self.winner > 0), Style::new()) } else { row }
    }
}

fn short_kind(kind: CollisionKind) -> &'static str {
    match kind {
        CollisionKind::Tie => "tie",
        CollisionKind::TypeClash => "clash",
        CollisionKind::Shadowed => "shadowed",
        CollisionKind::Latent => "latent",
    }
}

/// `hello (5)  ×  fltk (5)`, `jujutsu (5) > jj (6)`, `python312 (6) = python313 (6)`.
fn sides(group: &CollisionGroup) -> String {
    let titles = |winner: bool| {
        let list = group.elements.iter().filter(move |member| member.winner == winner);
        list.map(member_title).collect::<Vec<_>>()
    };
    match group.kind {
        CollisionKind::Tie | CollisionKind::TypeClash => titles(false).join(&format!(" {} ", theme::AGAINST)),
        CollisionKind::Shadowed => {
            let (mut text, mut last) = (String::new(), None);
            for member in &group.elements {
                text += match last {
                    None => "",
                    Some(priority) if priority == member.priority => " = ",
                    Some(_) => " > ",
                };
                text += &member_title(member);
                last = Some(member.priority);
            }
            text
        }
        CollisionKind::Latent => titles(false).join(" = "),
    }
}

fn winner(group: &CollisionGroup) -> String {
    let winner = group.elements.iter().find(|member| member.winner);
    match (group.kind, winner) {
        (CollisionKind::Latent, Some(winner)) => format!("hidden by {}", member_title(winner)),
        (_, Some(winner)) => member_name(winner),
        (_, None) => "none".to_owned(),
    }
}

fn what_it_means(group: &CollisionGroup, wide: bool) -> String {
    let winner = group.elements.iter().find(|member| member.winner).map(member_name).unwrap_or_default();
    let first = group.paths.first().map(|path| shown_path(path)).unwrap_or_default();
    match group.kind {
        CollisionKind::Tie if wide => "nix refuses this profile".to_owned(),
        CollisionKind::Tie => "nix refuses".to_owned(),
        CollisionKind::TypeClash if wide => "a file meets a folder; no priority helps".to_owned(),
        CollisionKind::TypeClash => "file meets folder".to_owned(),
        CollisionKind::Shadowed if !wide => format!("{winner} wins"),
        CollisionKind::Shadowed if group.paths.len() == 1 => format!("hides {first}"),
        CollisionKind::Shadowed => format!("hides {first} and {} more", group.paths.len() - 1),
        CollisionKind::Latent if wide => format!("becomes a tie if {winner} goes"),
        CollisionKind::Latent => format!("hidden by {winner}"),
    }
}

/// The ways known for a group, if they belong to the plan as it is.
pub fn known_ways<'a>(model: &Model, screen: &'a CollisionsScreen) -> Option<&'a Vec<Resolution>> {
    if screen.revision != model.revision {
        return None;
    }
    screen.ways.get(&screen.group.selected)
}

fn ways(canvas: &mut Canvas<'_>, area: Rect, screen: &CollisionsScreen, group: Option<&CollisionGroup>) {
    let model = canvas.model;
    let title = Row::new().put("Ways to resolve", canvas.theme.title);
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
        return canvas.row(inside, 0, &Row::text("   looking for ways out …"));
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
    for (line, index) in (0u16..).zip(first..ways.len().min(first + room)) {
        let row = WayRow { group, way: &ways[index], columns, room: usize::from(inside.width) };
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
    let intent = longest(|way| &way.intent).min(room * 3 / 10);
    let means = longest(|way| &way.means).max(alone.unwrap_or(0).saturating_sub(intent + 2));
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
    start.put("   ", Style::new()).put(consequence(row.group, way, row.room >= 100), Style::new())
}

/// What a row of the ways is made from.
struct WayRow<'a> {
    group: &'a CollisionGroup,
    way: &'a Resolution,
    columns: (usize, usize),
    room: usize,
}

fn consequence(group: &CollisionGroup, way: &Resolution, wide: bool) -> String {
    let mut parts = Vec::new();
    if let Some((path, owner)) = way.changes_hands.first() {
        let files = counted(way.changes_hands.len(), "file");
        let verb = if way.changes_hands.len() == 1 { "changes hands" } else { "change hands" };
        let owner = owner.as_deref().unwrap_or("nobody");
        let path = cut_start(&shown_path(path), 28);
        parts.push(if wide {
            format!("{files} {verb}: {path} {} {owner}", theme::ARROW)
        } else {
            format!("{files}: {path} {} {owner}", theme::ARROW)
        });
    } else {
        parts.push("no file changes hands".to_owned());
    }
    if way.links_leave > 0 {
        let verb = if way.links_leave == 1 { "leaves" } else { "leave" };
        parts.push(format!("{} {verb} the tree", counted(way.links_leave, "link")));
    } else if !way.moves_others
        && !way.changes_hands.is_empty()
        && wide
        && group.kind != CollisionKind::TypeClash
    {
        parts.push("nothing else moves".to_owned());
    }
    parts.join("   ")
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
    let left = match way.blocking_left {
        0 => Row::new().put(
            if room >= 70 {
                "no blocking collision left, the plan can be applied"
            } else {
                "no blocking collision left"
            },
            theme.good,
        ),
        number => Row::new()
            .put(format!("{} still left to resolve", counted(number, "blocking collision")), theme.blocking),
    };
    let mut rows = vec![Row::new().put(&lead, theme.strong).join(left)];
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
    rows
}

fn closing_line(canvas: &mut Canvas<'_>, inside: Rect, used: usize) {
    let Ok(used) = u16::try_from(used) else { return };
    if used + 2 <= inside.height {
        let words = "priority belongs to the whole element, so every file the two share moves together; lower number wins";
        canvas.row(inside, used + 1, &Row::text("   ").put(words, canvas.theme.faint));
    }
}
