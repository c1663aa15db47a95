//! The mouse: clicks focus and select, the wheel scrolls what is under it.
//!
//! Nothing here stages or applies: a double click does what Enter does in a list or a
//! tree, and Enter changes nothing there. A screen on top hides what lies below it.

use super::cursor::Move;
use super::words::say;
use super::{collisions, command_log as log, history, keys, panes, ranges, registry, search, trace};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, LayoutKind, Shape};
use crate::tui::model::{ListCursor, Model, Overlay, Pane, PreviewTab};
use crate::tui::overlays::command_log;
use crate::tui::overlays::help::rows_shown;
use crate::tui::overlays::picker;
use crate::tui::overlays::profiles;
use crate::tui::pointer::{Deed, Pointer, Target};
use crate::tui::view::{max_scroll, target_at};

/// Rows that one step of the wheel scrolls.
const STEP: usize = 3;

/// Answers what the mouse did.
pub(super) fn moved(model: &mut Model, pointer: Pointer) -> Vec<Effect> {
    if !model.settings.mouse || Shape::of(model).kind() == LayoutKind::TooSmall {
        return Vec::new();
    }
    let Some(target) = target_at(model, (pointer.column, pointer.row)) else { return Vec::new() };
    // An error stays until a key answers it.
    model.toast = model.toast.take().filter(|toast| toast.error);
    match pointer.deed {
        Deed::Click => click(model, target),
        Deed::DoubleClick => double_click(model, target),
        Deed::WheelDown => wheel(model, target, true),
        Deed::WheelUp => wheel(model, target, false),
    }
}

/// Takes the mouse or leaves it to the terminal, for this run.
pub(super) fn switch(model: &mut Model) -> Vec<Effect> {
    model.settings.mouse = !model.settings.mouse;
    let key = model.keymap.name(Scope::Installed, Action::Mouse);
    if model.settings.mouse {
        say(model, "Clicks focus and select, the wheel scrolls; with shift most terminals select text.");
    } else {
        say(model, format!("The mouse is the terminal's now, to select text. {key} takes it back."));
    }
    vec![Effect::TakeMouse(model.settings.mouse)]
}

fn click(model: &mut Model, target: Target) -> Vec<Effect> {
    match (model.overlays.last_mut(), target) {
        (None, _) => click_on_main(model, target),
        (Some(Overlay::Collisions(_)), Target::Group(group)) => return collisions::point_at(model, group),
        (Some(Overlay::Collisions(screen)), Target::Way(way)) => screen.way = way,
        (Some(Overlay::Trace(_)), Target::Item(name)) => trace::choose(model, name),
        (Some(_), Target::Item(item)) => {
            if let Some((cursor, ..)) = list_on_top(model) {
                cursor.selected = item;
            }
            log::follow_if_at_end(model);
        }
        _ => {}
    }
    Vec::new()
}

/// The list of the screen on top, with how many lines it has and shows.
fn list_on_top(model: &mut Model) -> Option<(&mut ListCursor, usize, usize)> {
    let (size, lines) = (model.size, model.log.len());
    match model.overlays.last_mut()? {
        Overlay::Help(screen) => Some((&mut screen.cursor, screen.rows.len(), rows_shown(size))),
        Overlay::Palette(screen) => Some((&mut screen.cursor, screen.rows.len(), rows_shown(size))),
        Overlay::Picker(screen) => {
            let rows = screen.len();
            Some((&mut screen.cursor, rows, picker::rows_shown(size)))
        }
        Overlay::Profiles(screen) => {
            let rows = screen.found.as_ref().map_or(0, Vec::len);
            Some((&mut screen.cursor, rows, profiles::rows_shown(size)))
        }
        Overlay::Copy(menu) => Some((&mut menu.cursor, menu.rows.len(), menu.rows.len())),
        Overlay::Log(screen) => Some((&mut screen.cursor, lines, command_log::rows_shown(size))),
        _ => None,
    }
}

fn click_on_main(model: &mut Model, target: Target) {
    // As Enter: what was typed stays, the keys go to the list again.
    model.installed.filtering = false;
    model.registry.filtering = false;
    model.history.filter.typing = false;
    search::end(model);
    match target {
        Target::Pane(pane) | Target::PaneTab(pane) => focus(model, pane),
        Target::Row(pane, row) => {
            focus(model, pane);
            select(model, pane, row);
        }
        Target::Text => {
            panes::focus(model, Pane::Preview);
            if model.preview.tab == PreviewTab::Tree && has_column(model) {
                model.preview.tab = PreviewTab::Info;
            }
        }
        Target::PreviewTab(tab) => {
            model.preview.tab = tab;
            model.preview.scroll = 0;
        }
        _ => {}
    }
}

/// With the details in a column of their own the preview's pane is the tree.
fn focus(model: &mut Model, pane: Pane) {
    let wide = has_column(model);
    panes::focus(model, pane);
    if pane == Pane::Preview && wide {
        model.preview.tab = PreviewTab::Tree;
    }
}

fn has_column(model: &Model) -> bool {
    layout::areas(&Shape::of(model)).beside.is_some()
}

fn select(model: &mut Model, pane: Pane, row: usize) {
    match pane {
        Pane::Installed => model.installed.cursor.selected = row,
        Pane::Registry => registry::go_to(model, row),
        Pane::History => history::go_to(model, row),
        Pane::Preview => return model.preview.cursor.selected = row,
    }
    ranges::moved(model);
}

fn double_click(model: &mut Model, target: Target) -> Vec<Effect> {
    let effects = click(model, target);
    let action = match target {
        Target::Row(Pane::Preview, _) => Action::ToggleFold,
        Target::Row(..) => Action::Details,
        _ => return effects,
    };
    if model.overlays.is_empty() { keys::run(model, action, None) } else { effects }
}

fn wheel(model: &mut Model, target: Target, down: bool) -> Vec<Effect> {
    let step = if down { Move::Down(STEP) } else { Move::Up(STEP) };
    let limit = max_scroll(model);
    let (groups, size) = (model.groups.len(), model.size);
    match (model.overlays.last_mut(), target) {
        (None, _) => wheel_on_main(model, target, step),
        (Some(Overlay::Collisions(screen)), Target::Groups | Target::Group(_)) => {
            let mut group = screen.group;
            roll(&mut group, groups, layout::collision_rows(size), step);
            let effects = collisions::point_at(model, group.selected);
            if let Some(Overlay::Collisions(screen)) = model.overlays.last_mut() {
                screen.group.offset = group.offset;
            }
            return effects;
        }
        (Some(_), Target::Items | Target::Item(_)) => {
            if let Some((cursor, rows, height)) = list_on_top(model) {
                roll(cursor, rows, height, step);
            }
            if down {
                log::go_to_end_if_shown(model);
            }
            log::follow_if_at_end(model);
        }
        (Some(Overlay::Review(screen)), Target::Scrolled) => screen.scroll = step.from(screen.scroll, limit),
        (Some(Overlay::Rollback(sheet)), Target::Scrolled) => sheet.scroll = step.from(sheet.scroll, limit),
        (Some(Overlay::Delete(sheet)), Target::Scrolled) => {
            sheet.scroll = step.from(sheet.scroll.min(limit), limit);
        }
        (Some(Overlay::Notice(screen)), Target::Scrolled) => screen.scroll = step.from(screen.scroll, limit),
        (Some(Overlay::Trace(screen)), Target::Scrolled) => screen.scroll = step.from(screen.scroll, limit),
        _ => {}
    }
    Vec::new()
}

fn wheel_on_main(model: &mut Model, target: Target, step: Move) {
    let limit = max_scroll(model);
    let rows = |pane| layout::areas(&Shape::of(model)).rows(pane);
    match target {
        Target::Text => model.preview.scroll = step.from(model.preview.scroll.min(limit), limit),
        Target::Pane(Pane::Installed) | Target::Row(Pane::Installed, _) => {
            let height = rows(Pane::Installed);
            roll(&mut model.installed.cursor, model.installed.rows.len(), height, step);
        }
        Target::Pane(Pane::Registry) | Target::Row(Pane::Registry, _) => {
            let (height, count) = (rows(Pane::Registry), model.registry.rows.len());
            let mut cursor = model.registry.cursor;
            roll(&mut cursor, count, height, step);
            registry::go_to(model, cursor.selected);
            model.registry.cursor.offset = cursor.offset;
        }
        Target::Pane(Pane::History) | Target::Row(Pane::History, _) => {
            let (height, count) = (rows(Pane::History), model.history_rows().len());
            let mut cursor = model.history.cursor;
            roll(&mut cursor, count, height, step);
            history::go_to(model, cursor.selected);
            model.history.cursor.offset = cursor.offset;
        }
        Target::Pane(Pane::Preview) | Target::Row(Pane::Preview, _) => {
            let height = rows(Pane::Preview);
            roll(&mut model.preview.cursor, model.preview.lines.len(), height, step);
            return;
        }
        _ => return,
    }
    ranges::moved(model);
}

/// Moves the window of a list; the cursor stays in it.
fn roll(cursor: &mut ListCursor, rows: usize, height: usize, step: Move) {
    cursor.offset = step.from(cursor.offset, rows.saturating_sub(height));
    cursor.selected = cursor.selected.clamp(cursor.offset, cursor.offset + height.max(1) - 1);
}
