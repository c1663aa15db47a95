//! The collisions screen: every group, its claimants, the ways out, and what the
//! highlighted way would do.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{claimants, toast, ways};
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
use crate::tui::view::words::{grouped, width};

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
    ways::draw(canvas, areas.ways, screen, group);
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
    meaning: Meaning,
}

/// How much room what it means has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    None,
    Short,
    Long,
}

impl Columns {
    fn new(room: usize, groups: &[CollisionGroup]) -> Self {
        let longest = groups.iter().map(|group| width(&sides(group))).max().unwrap_or(0);
        let kind = if room >= 68 { 11 } else { 8 };
        // cursor and glyph take 5 cells, the number of files 6, gaps 4
        let rest = room.saturating_sub(kind + 15);
        let winners = groups.iter().map(|group| width(&winner(group)) + 2).max().unwrap_or(0);
        let (meaning, least) = match room {
            ..68 => (Meaning::None, 0),
            68..96 => (Meaning::Short, 17),
            _ => (Meaning::Long, 30),
        };
        // the winner stands first among the elements too: its column goes before any of them is cut
        let winner = winners.clamp(12, 26);
        let winner = if rest >= 70 && longest + winner + least <= rest { winner } else { 0 };
        let elements = longest.clamp(12, rest.saturating_sub(winner + least).max(12));
        Self { kind, elements, winner, meaning }
    }

    fn heading(&self, canvas: &Canvas<'_>) -> Row {
        let style = canvas.theme.faint;
        let row = Row::text("     ").cell("kind", self.kind, style).right("files", 6, style).put("  ", style);
        let row = row.cell("elements", self.elements + 2, style);
        let row = if self.winner > 0 { row.cell("winner now", self.winner, style) } else { row };
        if self.meaning == Meaning::None { row } else { row.put("what it means", style) }
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
        if self.meaning == Meaning::None {
            return row;
        }
        row.put(what_it_means(group, self.meaning == Meaning::Long), Style::new())
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
