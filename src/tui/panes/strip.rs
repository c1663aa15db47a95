//! The result strip of five lines at 80x24: the most important part of the preview
//! below the list, because there is no room for both.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::difference::{Lines, Subject, subject};
use super::element::{collision_sign, member_title, next_generation};
use super::history::selected;
use super::{details, element, info};
use crate::core::link_tree::LinkDifference;
use crate::core::package::package_name;
use crate::core::resolution::CollisionGroup;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Pane};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{cut_start, grouped};

/// Draws the strip.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let about = subject(model);
    let staged = model.transaction.touches_profile();
    let is_entry = model.list == Pane::Registry;
    // The live generation differs from nothing; the row of the plan shows what the plan does.
    let is_live = model.list == Pane::History && about == Subject::Plan && selected(model).is_some();
    let is_brief = is_entry || is_live;
    let (title, right) = match about {
        _ if is_brief => ("Details", String::new()),
        Subject::Generations(from, to) => ("Difference", format!("{from} (now) {} {to}", theme::ARROW)),
        Subject::Plan if staged => ("Result", totals(model)),
        Subject::Plan => ("Details", String::new()),
    };
    let title = Row::new().put(format!("[0] {title}"), canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, right: Row::text(right), ..Border::default() });
    canvas.target(area, Target::Pane(Pane::Preview));
    let (width, height) = (usize::from(inside.width), usize::from(inside.height));
    let rows = match about {
        _ if is_brief => info::brief(model, width),
        Subject::Generations(..) => difference_lines(canvas, width, height),
        Subject::Plan if staged => result_lines(canvas, width, height),
        Subject::Plan => details::lines(canvas, width, height),
    };
    canvas.rows(inside, &rows);
}

fn totals(model: &Model) -> String {
    let total = model.preview.total;
    let next = next_generation(model).map(|next| format!("gen {next}"));
    let counts =
        [(total.added, theme::ADDED), (total.changed, theme::CHANGED), (total.removed, theme::REMOVED)];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, glyph)| format!("{glyph}{}", grouped(*count)));
    let counts = counts.collect::<Vec<_>>().join(" ");
    let parts = next.into_iter().chain((!counts.is_empty()).then_some(counts));
    parts.collect::<Vec<_>>().join(&format!(" {} ", theme::DOT))
}

fn difference_lines(canvas: &Canvas<'_>, width: usize, height: usize) -> Vec<Row> {
    let lines = Lines::new(canvas.model, width);
    let total = lines.len();
    // the heading repeats the title; two lines of it are dropped
    let shown = total.saturating_sub(2).min(height);
    let mut rows: Vec<Row> = (2..2 + shown).map(|index| lines.line(canvas, index, width)).collect();
    if total.saturating_sub(2) > height {
        rows.pop();
        rows.push(more(canvas, total - 2 - rows.len()));
    }
    if rows.is_empty() {
        rows.push(lines.line(canvas, 0, width));
    }
    rows
}

/// Collisions first, then what comes, changes and goes, as far as there is room.
fn result_lines(canvas: &Canvas<'_>, width: usize, height: usize) -> Vec<Row> {
    let model = canvas.model;
    let links = &model.preview.difference;
    let blocking: Vec<&CollisionGroup> =
        model.groups.iter().filter(|group| group.kind.is_blocking()).collect();
    let mut rows: Vec<Row> =
        blocking.iter().take(height).map(|group| collision_line(canvas, group, width)).collect();
    let total = blocking.len() + links.added.len() + links.changed.len() + links.removed.len();
    let room = height.saturating_sub(rows.len());
    let plain = total - blocking.len();
    let fitting = if plain > room { room.saturating_sub(1) } else { plain };
    rows.extend((0..fitting).filter_map(|index| link_line(canvas, links, index, width)));
    if plain > fitting && rows.len() < height {
        rows.push(more(canvas, total - rows.len()));
    }
    if rows.is_empty() {
        rows.push(Row::text(" ").put("no link changes", canvas.theme.faint));
    }
    rows
}

fn more(canvas: &Canvas<'_>, count: usize) -> Row {
    let key = canvas.model.keymap.name(Scope::Main, Action::FocusPreview);
    Row::text(" ")
        .put(format!("{} {} more", theme::CUT, grouped(count)), canvas.theme.faint)
        .put("      ", Style::new())
        .put(key, canvas.theme.key)
        .put(" shows all of it", canvas.theme.faint)
}

fn collision_line(canvas: &Canvas<'_>, group: &CollisionGroup, width: usize) -> Row {
    let sign = collision_sign(group.kind, canvas.theme);
    let path = group.paths.first().map(|path| visible::bytes(path)).unwrap_or_default();
    let more =
        if group.paths.len() > 1 { format!(" and {} more", group.paths.len() - 1) } else { String::new() };
    let sides: Vec<String> = group.elements.iter().map(member_title).collect();
    let key = canvas.model.keymap.name(Scope::Installed, Action::Collisions);
    let words = format!("{}, {key} resolves", sign.word);
    let sides = sides.join(&format!(" {} ", theme::AGAINST));
    let row = Row::text(" ").put(sign.glyph, sign.style).put(" ", Style::new());
    let room = width.saturating_sub(words.len() + 5);
    let row = row.put(cut_start(&path, width / 3), sign.style).put(format!("{more}   {sides}"), Style::new());
    row.exactly(room).put("  ", Style::new()).put(words, sign.style)
}

fn link_line(canvas: &Canvas<'_>, links: &LinkDifference, index: usize, width: usize) -> Option<Row> {
    let theme = canvas.theme;
    let (added, changed) = (links.added.len(), links.changed.len());
    let (glyph, style, path, words) = if let Some((path, link)) = links.added.get(index) {
        (theme::ADDED, theme.added, path, package_name(&link.package))
    } else if let Some((path, old, new)) = links.changed.get(index.wrapping_sub(added)) {
        let words = format!("{} {} {}", package_name(&old.package), theme::ARROW, package_name(&new.package));
        (theme::CHANGED, theme.changed, path, words)
    } else {
        let (path, link) = links.removed.get(index.wrapping_sub(added + changed))?;
        (theme::REMOVED, theme.removed, path, package_name(&link.package))
    };
    let room = (width / 2).saturating_sub(4);
    let path = cut_start(&element::shown_path(path), room);
    Some(
        Row::text(" ")
            .put(glyph, style)
            .put(" ", Style::new())
            .cell(path, room, style)
            .put(" ", Style::new())
            .put(words, Style::new()),
    )
}
