//! The source form: where an element comes from and how it moves, what it could follow instead, and
//! who would move along. What is typed is told anew on every key.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::add;
use crate::core::change::short_reference;
use crate::core::flake_ref::FlakeRef;
use crate::core::installable::Installable;
use crate::core::manifest::ProfileElement;
use crate::core::registry::Reach;
use crate::core::registry::trace::TraceEnd;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{Follower, Model, SourceForm, SourceOffer, SourcePlace};
use crate::tui::panes::info::sheet::Sheet;
use crate::tui::panes::{bars, upgrade};
use crate::tui::theme;
use crate::tui::update::source_problem;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::cut_middle;

const WIDTH: u16 = 90;
const HEIGHT: u16 = 28;
/// Cells before the words of a way.
const LABEL: usize = 9;

fn area(size: (u16, u16)) -> Rect {
    layout::popup(size, WIDTH, HEIGHT)
}

/// Lines above the ways: how it moves now.
fn head(size: (u16, u16)) -> u16 {
    if size.1 < 24 { 3 } else { 5 }
}

/// The lines for the ways and the elements.
fn list_height(size: (u16, u16)) -> u16 {
    let area = area(size);
    let hints = u16::from(area.height == size.1);
    layout::inner(area).height.saturating_sub(head(size) + hints)
}

/// How many rows the cursor moves among that are shown at once; at least 1. Titles and what is told
/// of the typed reference take the others.
pub fn rows_shown(size: (u16, u16), _form: &SourceForm) -> usize {
    usize::from(list_height(size).saturating_sub(5)).max(1)
}

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, form: &SourceForm) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = area(model.size);
    canvas.clear(area);
    let title = Row::new().put(format!("Source of {}", form.element), theme.title);
    let many = form.along.iter().filter(|follower| follower.along).count();
    let corner =
        if form.along.len() > 1 { format!("{many} of {} move", form.along.len()) } else { String::new() };
    let border = Border { title, corner: Row::text(corner), focused: true, ..Border::default() };
    let inside = canvas.pane(area, &border);
    let (above, below) = layout::split_rows(inside, head(model.size));
    canvas.rows(above, &now(model, form, usize::from(above.width)));
    let below = Rect { height: list_height(model.size), ..below };
    let (rows, cursor) = list(canvas, form, usize::from(below.width));
    let first = cursor.saturating_sub(usize::from(below.height).saturating_sub(3));
    canvas.rows(below, rows.iter().skip(first));
    if let Ok(line) = u16::try_from(cursor - first) {
        canvas.cursor(below, line);
    }
    bars::popup_hints(canvas, area);
}

fn element<'a>(model: &'a Model, form: &SourceForm) -> Option<&'a ProfileElement> {
    model.plan.as_ref()?.base.manifest.elements.get(&form.element)
}

/// Where it comes from and how it moves.
fn now(model: &Model, form: &SourceForm, width: usize) -> Vec<Row> {
    let mut sheet = Sheet::new(&model.theme, width);
    let planned =
        model.plan.as_ref().and_then(|plan| plan.elements.iter().find(|row| row.name == form.element));
    if let Some(planned) = planned {
        for (title, words) in
            upgrade::moves(model, planned).into_iter().filter(|(title, _)| !title.is_empty())
        {
            sheet.fact(title, &words);
        }
    }
    if let Some(source) = element(model, form).and_then(|element| element.source.as_ref()) {
        sheet.fact("locked", &source.url);
    }
    if let Some((_, message)) = model.upgrades.failure(&form.element) {
        sheet.styled("failed", message.lines().next().unwrap_or_default(), sheet.theme.error);
    }
    let mut rows = sheet.finish();
    rows.truncate(usize::from(head(model.size)).saturating_sub(1));
    rows
}

/// The ways, what is typed, the elements; and the line of the cursor.
fn list(canvas: &Canvas<'_>, form: &SourceForm, width: usize) -> (Vec<Row>, usize) {
    let (model, theme) = (canvas.model, canvas.theme);
    let mut rows = Vec::new();
    let mut cursor = 0;
    let selected = form.cursor.selected;
    let pointer = |index: usize| if index == selected { theme::CURSOR } else { " " };
    let lead = |index: usize| Row::text(" ").put(pointer(index), theme.focus).put(" ", Style::new());
    let has_source = element(model, form).is_some_and(|element| element.source.is_some());
    let label = if has_source { "follow" } else { "is from" };
    rows.push(lead(0).cell(label, LABEL, theme.strong).join(typed(canvas, form, width)));
    rows.push(Row::text("   ").cell("", LABEL, theme.faint).join(meaning(model, form, has_source, width)));
    for (index, offer) in form.offers.iter().enumerate() {
        if index + 1 == selected {
            cursor = rows.len();
        }
        rows.push(lead(index + 1).join(offered(canvas, form, offer, width)));
    }
    rows.push(Row::new());
    rows.push(Row::text("   ").put(heading(model, form), theme.faint));
    for (index, follower) in form.along.iter().enumerate() {
        let place = 1 + form.offers.len() + index;
        if place == selected {
            cursor = rows.len();
        }
        rows.push(lead(place).join(along(canvas, form, follower)));
    }
    (rows, cursor)
}

fn typed(canvas: &Canvas<'_>, form: &SourceForm, width: usize) -> Row {
    let room = width.saturating_sub(LABEL + 5);
    if form.place() == SourcePlace::Typed {
        return add::field(canvas, &form.to, room);
    }
    Row::text("  ").put(form.to.value(), canvas.theme.faint)
}

/// What the typed reference means, or what is wrong with it.
fn meaning(model: &Model, form: &SourceForm, has_source: bool, width: usize) -> Row {
    let theme = &model.theme;
    let (text, room) = (form.to.value().trim(), width.saturating_sub(LABEL + 4));
    if text.is_empty() {
        let words = if has_source {
            "a flake reference, such as github:NixOS/nixpkgs/nixos-25.05"
        } else {
            "a flake and its package, such as nixpkgs#hello"
        };
        return Row::new().put(words, theme.faint);
    }
    let many = form.along.iter().filter(|follower| follower.along).count();
    if let Some(problem) = source_problem(text, many, has_source) {
        return Row::new().put(cut_middle(&problem, room), theme.error);
    }
    let installable = Installable::flake(text);
    let reference = installable.parts().ok().and_then(|parts| FlakeRef::parse(parts.reference).ok());
    let Some(reference) = reference else { return Row::new() };
    if reference.is_locked(true) {
        return Row::new().put("a locked reference: it never means anything newer", theme.locked);
    }
    if !reference.is_indirect() {
        return Row::new().put("moves with what is there", theme.faint);
    }
    let Some(registries) = model.registry.registries() else { return Row::new() };
    let trace = registries.trace(&reference, Reach::All);
    let words = match &trace.end {
        TraceEnd::Direct(_) => trace.hops.last().map_or_else(String::new, |hop| {
            format!("means {} by the {} registry", short_reference(&hop.after), hop.entry.layer.name())
        }),
        TraceEnd::Unknown(_) => {
            return Row::new().put(format!("no registry knows {}", short_reference(&reference)), theme.error);
        }
        TraceEnd::Circle(_) => return Row::new().put("leads round in a circle", theme.error),
        TraceEnd::Unfit { problem, .. } => {
            return Row::new().put(cut_middle(&problem.to_string(), room), theme.error);
        }
    };
    Row::new().put(cut_middle(&words, room), theme.good)
}

fn offered(canvas: &Canvas<'_>, form: &SourceForm, offer: &SourceOffer, width: usize) -> Row {
    let theme = canvas.theme;
    let own = form.along.iter().find(|follower| follower.name == form.element);
    let target = |change: Option<&crate::core::change::Change>| match change {
        Some(crate::core::change::Change::Retarget { to, .. }) => to.clone(),
        _ => String::new(),
    };
    let (label, words) = match offer {
        SourceOffer::Pin => {
            ("pin", format!("to today's {}", target(own.and_then(|own| own.pin.as_ref().ok()))))
        }
        SourceOffer::Unpin => (
            "unpin",
            format!("follow {} again, as before", target(own.and_then(|own| own.unpin.as_ref().ok()))),
        ),
        SourceOffer::NoSource => ("none", "no source: upgrades leave it as it is".to_owned()),
    };
    Row::new()
        .cell(label, LABEL, theme.strong)
        .put("  ", Style::new())
        .put(cut_middle(&words, width.saturating_sub(LABEL + 6)), Style::new())
}

fn heading(model: &Model, form: &SourceForm) -> String {
    if form.along.len() < 2 {
        return "moves alone: nothing else follows the same reference".to_owned();
    }
    let key = |action| model.keymap.name(Scope::Source, action);
    let (mark, all) = (key(Action::Mark), key(Action::MarkAll));
    format!("{} elements follow the same reference; {mark} moves one along, {all} all", form.along.len())
}

fn along(canvas: &Canvas<'_>, form: &SourceForm, follower: &Follower) -> Row {
    let theme = canvas.theme;
    let mark = if follower.along { theme::MARKED } else { " " };
    let pins = matches!(form.place(), SourcePlace::Offer(SourceOffer::Pin));
    let lets_go = matches!(form.place(), SourcePlace::Offer(SourceOffer::Unpin));
    let reason = match (&follower.pin, &follower.unpin) {
        (Err(reason), _) if pins => *reason,
        (_, Err(reason)) if lets_go => *reason,
        _ => "",
    };
    let held = if follower.held { "held, moves along only if marked" } else { "" };
    Row::new()
        .put("[", theme.faint)
        .put(mark, theme.marked)
        .put("] ", theme.faint)
        .cell(&follower.name, 24, if follower.along { theme.strong } else { Style::new() })
        .put(if reason.is_empty() { held } else { reason }, theme.faint)
}
