//! Who claims the files of a collision: cards side by side, or a line each where
//! there is no room for cards.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::manifest::ProfileElement;
use crate::core::package::package_name;
use crate::core::plan::PlannedElement;
use crate::core::resolution::{CollisionGroup, GroupMember};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::{claimants_shown, split_columns};
use crate::tui::model::{CollisionsScreen, Model};
use crate::tui::panes::element::{
    collision_sign, member_name, origin, reference, relations, shown_path, version,
};
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_start, cut_store_path};

/// Draws two or more cards side by side.
pub fn cards(canvas: &mut Canvas<'_>, area: Rect, screen: &CollisionsScreen, group: &CollisionGroup) {
    let shown = claimants_shown(canvas.model.size).min(group.elements.len()).max(1);
    let first = screen.claimant.min(group.elements.len().saturating_sub(shown));
    let mut rest = area;
    for (place, index) in (first..first + shown).enumerate() {
        let Some(member) = group.elements.get(index) else { break };
        let left = u16::try_from(shown - place).unwrap_or(1);
        let (card, remaining) = split_columns(rest, rest.width / left);
        rest = remaining;
        draw_card(canvas, card, screen, group, (index, member));
    }
}

fn draw_card(
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &CollisionsScreen,
    group: &CollisionGroup,
    (index, member): (usize, &GroupMember),
) {
    let title = Row::new()
        .put(format!("{}  {}", letter(index), name_and_version(canvas.model, member)), canvas.theme.title);
    let right =
        Row::text(format!("{} {} prio {}", standing(canvas.model, member), theme::DOT, member.priority));
    let hidden = group.elements.len() - claimants_shown(canvas.model.size).min(group.elements.len());
    let corner =
        if hidden > 0 { Row::text(format!("{} of {}", index + 1, group.elements.len())) } else { Row::new() };
    let inside = canvas.pane(area, &Border { title, right, corner, ..Border::default() });
    let width = usize::from(inside.width);
    let mut rows = vec![Row::text(" ").join(source(canvas, member))];
    let path = visible::text(&visible::bytes(&member.package));
    rows.push(
        Row::new().put(format!(" {}", cut_store_path(&path, width.saturating_sub(2))), canvas.theme.faint),
    );
    rows.push(Row::new());
    let relations =
        member.element.as_deref().map_or_else(Vec::new, |name| relations(&canvas.model.groups, name));
    let height = usize::from(inside.height);
    let room = height.saturating_sub(rows.len() + relations.len().min(2) + 1).max(1);
    rows.extend(files(canvas, screen, group, room, width));
    if rows.len() < height {
        rows.push(Row::new());
    }
    for (kind, words) in relations {
        let sign = collision_sign(kind, canvas.theme);
        rows.push(Row::text(" ").put(sign.glyph, sign.style).put(format!(" {words}"), Style::new()));
    }
    canvas.rows(inside, &rows);
}

/// The files they share, the one `n` went to in the middle.
fn files(
    canvas: &Canvas<'_>,
    screen: &CollisionsScreen,
    group: &CollisionGroup,
    room: usize,
    width: usize,
) -> Vec<Row> {
    let theme = canvas.theme;
    let heading = format!(" {} in conflict", counted(group.paths.len(), "file"));
    let mut rows = vec![Row::text(heading)];
    let room = room.saturating_sub(1).max(1);
    let at = screen.path.min(group.paths.len().saturating_sub(1));
    let first = at.saturating_sub(room / 2).min(group.paths.len().saturating_sub(room));
    for (index, path) in group.paths.iter().enumerate().skip(first).take(room) {
        let style = if index == at { theme.strong } else { Style::new() };
        let cursor = if index == at && group.paths.len() > 1 { theme::CURSOR } else { " " };
        let path = cut_start(&shown_path(path), width.saturating_sub(5));
        rows.push(Row::text(" ").put(cursor, theme.focus).put(" ", Style::new()).put(path, style));
    }
    rows
}

/// Draws a line for each claimant.
pub fn list(canvas: &mut Canvas<'_>, area: Rect, screen: &CollisionsScreen, group: &CollisionGroup) {
    let theme = canvas.theme;
    let at = screen.path.min(group.paths.len().saturating_sub(1));
    let path = group.paths.get(at).map(|path| shown_path(path)).unwrap_or_default();
    let title = Row::new().put(cut_start(&path, usize::from(area.width) / 2), theme.title);
    let right = if group.paths.len() > 1 {
        let key = canvas.model.keymap.name(Scope::Collisions, Action::NextFile);
        Row::text(format!("file {} of {}   ", at + 1, group.paths.len()))
            .put(key, theme.key)
            .put(" next", Style::new())
    } else {
        Row::new()
    };
    let inside = canvas.pane(area, &Border { title, right, ..Border::default() });
    let shown = claimants_shown(canvas.model.size);
    let first = screen.claimant.min(group.elements.len().saturating_sub(shown));
    let width = usize::from(inside.width);
    let mut line = 0;
    for (index, member) in group.elements.iter().enumerate().skip(first).take(shown) {
        let row = Row::text(" ")
            .put(letter(index), theme.strong)
            .put(" ", Style::new())
            .cell(name_and_version(canvas.model, member), (width * 30 / 100).max(12), Style::new())
            .put(" ", Style::new())
            .cell(standing(canvas.model, member), 13, Style::new())
            .cell(format!("prio {}", member.priority), 10, Style::new())
            .put(package_name(&member.package), theme.faint);
        canvas.row(inside, line, &row);
        line += 1;
    }
    let hidden = group.elements.len().saturating_sub(first + shown);
    if hidden > 0 {
        let key = canvas.model.keymap.name(Scope::Collisions, Action::NextClaimant);
        canvas.row(inside, line, &Row::text(format!("   and {hidden} more  ")).put(key, theme.key));
    } else if line + 1 < inside.height {
        let words = "priority belongs to the whole element; lower number wins";
        canvas.row(inside, line + 1, &Row::text(" ").put(words, theme.faint));
    }
}

/// A, B, C … by which ways and cards speak of the claimants.
fn letter(index: usize) -> String {
    let letter = u8::try_from(index).ok().filter(|index| *index < 26).map(|index| char::from(b'A' + index));
    letter.map_or_else(|| (index + 1).to_string(), |letter| letter.to_string())
}

fn planned<'a>(model: &'a Model, member: &GroupMember) -> Option<&'a PlannedElement> {
    let name = member.element.as_deref()?;
    let elements = &model.plan.as_ref()?.elements;
    let index = elements.binary_search_by(|row| row.name.as_str().cmp(name)).ok()?;
    elements.get(index)
}

fn element<'a>(model: &'a Model, member: &GroupMember) -> Option<&'a ProfileElement> {
    let planned = planned(model, member)?;
    planned.after.as_ref().or(planned.before.as_ref())
}

fn name_and_version(model: &Model, member: &GroupMember) -> String {
    match element(model, member) {
        Some(element) => format!("{} {}", member_name(member), version(element)),
        None => package_name(&member.package),
    }
}

/// Whether a claimant is installed, staged, or brought by another package.
fn standing(model: &Model, member: &GroupMember) -> &'static str {
    match planned(model, member) {
        None => "propagated",
        Some(row) if row.before.is_none() => "staged add",
        Some(row) if row.before != row.after => "staged change",
        Some(_) => "installed",
    }
}

fn source(canvas: &Canvas<'_>, member: &GroupMember) -> Row {
    match element(canvas.model, member) {
        Some(element) if element.source.is_some() => {
            Row::text(reference(element)).put(format!("   {}", origin(element)), canvas.theme.faint)
        }
        Some(element) => {
            let file = member.element.as_deref().and_then(|name| canvas.model.file_of(name, element));
            let is_of_nix_env = planned(canvas.model, member).is_some_and(|row| row.package().is_some());
            let words = match file {
                Some(file) => format!("from the file {}", visible::text(&file.words())),
                None if is_of_nix_env => "from nix-env".to_owned(),
                None => "from a store path".to_owned(),
            };
            Row::new().put(words, canvas.theme.faint)
        }
        None => Row::new().put("brought by another package, not an element", canvas.theme.faint),
    }
}
