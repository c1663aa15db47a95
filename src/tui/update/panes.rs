//! The three panes together: focus, tabs, zoom, scrolling the preview from afar; and
//! after every message, cursors kept inside what is shown.

use super::cursor::keep;
use super::search;
use crate::tui::action::Action;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Model, Overlay, Pane, PreviewTab};
use crate::tui::overlays::command_log;
use crate::tui::overlays::help::rows_shown;
use crate::tui::overlays::picker;
use crate::tui::overlays::profiles;
use crate::tui::panes::preview;
use crate::tui::view::max_scroll;

/// Lines that J and K scroll.
const SCROLL: usize = 3;
/// Columns that H and L scroll.
const SIDEWAYS: usize = 8;

/// Does what is the same in every pane; tells whether the action was one of these.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::NextPane => focus(model, next(model.focus)),
        Action::PreviousPane => focus(model, next(next(next(model.focus)))),
        Action::FocusInstalled => focus(model, Pane::Installed),
        Action::FocusRegistry => focus(model, Pane::Registry),
        Action::FocusHistory => focus(model, Pane::History),
        Action::FocusPreview => focus(model, Pane::Preview),
        Action::NextTab | Action::PreviousTab => turn(model, action == Action::NextTab),
        Action::Zoom => model.zoomed = !model.zoomed,
        Action::ZoomOut => model.zoomed = false,
        Action::ScrollDown | Action::ScrollUp => scroll(model, action),
        Action::ScrollLeft => model.preview.sideways = model.preview.sideways.saturating_sub(SIDEWAYS),
        Action::ScrollRight => model.preview.sideways += SIDEWAYS,
        Action::Details => {
            let of_generations = model.focus == Pane::History;
            model.preview.tab = if of_generations { PreviewTab::Diff } else { PreviewTab::Info };
            model.preview.scroll = 0;
            focus(model, Pane::Preview);
        }
        Action::Filter if model.focus == Pane::Preview => {
            search::begin(model);
        }
        _ => return false,
    }
    true
}

/// Gives a pane the focus; the preview is about the list that had it last.
pub(super) fn focus(model: &mut Model, pane: Pane) {
    model.focus = pane;
    if pane == Pane::Preview || pane == model.list {
        return;
    }
    model.list = pane;
    model.preview.scroll = 0;
    // What a generation changes is told element by element; the tree is that of the plan.
    model.preview.tab = match pane {
        Pane::History => PreviewTab::Diff,
        Pane::Registry => PreviewTab::Info,
        Pane::Installed | Pane::Preview => PreviewTab::Tree,
    };
}

fn next(pane: Pane) -> Pane {
    match pane {
        Pane::Installed => Pane::Registry,
        Pane::Registry => Pane::History,
        Pane::History => Pane::Preview,
        Pane::Preview => Pane::Installed,
    }
}

/// Shows the next or previous tab, around the ends.
fn turn(model: &mut Model, forward: bool) {
    let tabs = preview::tabs_here(model);
    let shown = preview::shown_tab(model);
    // What the tabs do not offer is the tree, with the last of them beside it.
    let at = tabs.iter().position(|tab| *tab == shown).unwrap_or(tabs.len() - 1);
    let next = if forward { at + 1 } else { at + tabs.len() - 1 } % tabs.len();
    model.preview.scroll = 0;
    model.preview.tab = tabs[next];
}

fn scroll(model: &mut Model, action: Action) {
    let down = action == Action::ScrollDown;
    match preview::shown_tab(model) {
        PreviewTab::Diff | PreviewTab::Info => {
            let limit = max_scroll(model);
            let scroll = &mut model.preview.scroll;
            *scroll = if down { (*scroll + SCROLL).min(limit) } else { scroll.saturating_sub(SCROLL) };
        }
        PreviewTab::Tree => {
            let height = layout::areas(&Shape::of(model)).rows(Pane::Preview);
            let last = model.preview.lines.len().saturating_sub(height);
            let cursor = &mut model.preview.cursor;
            cursor.offset =
                if down { (cursor.offset + SCROLL).min(last) } else { cursor.offset.saturating_sub(SCROLL) };
            cursor.selected = cursor.selected.clamp(cursor.offset, cursor.offset + height.max(1) - 1);
        }
    }
}

/// The terminal has another size: what was scrolled to the end on a small one stays within reach.
pub(super) fn resized(model: &mut Model, size: (u16, u16)) {
    model.size = size;
    let limit = max_scroll(model);
    let scroll = match model.overlays.last_mut() {
        Some(Overlay::Review(screen)) => &mut screen.scroll,
        Some(Overlay::Rollback(sheet)) => &mut sheet.scroll,
        Some(Overlay::Delete(sheet)) => &mut sheet.scroll,
        Some(Overlay::Notice(screen)) => &mut screen.scroll,
        Some(Overlay::Trace(screen)) => &mut screen.scroll,
        _ => &mut model.preview.scroll,
    };
    *scroll = (*scroll).min(limit);
}

/// Keeps every cursor inside its list and every window around its cursor.
pub(super) fn settle(model: &mut Model) {
    let areas = layout::areas(&Shape::of(model));
    let generations = model.history_rows().len();
    let groups = model.groups.len();
    for (pane, cursor, rows) in [
        (Pane::Installed, &mut model.installed.cursor, model.installed.rows.len()),
        (Pane::Registry, &mut model.registry.cursor, model.registry.rows.len()),
        (Pane::History, &mut model.history.cursor, generations),
        (Pane::Preview, &mut model.preview.cursor, model.preview.lines.len()),
    ] {
        if areas.pane(pane).is_some_and(|area| area.height > 1) {
            keep(cursor, rows, areas.rows(pane));
        } else {
            // of a list that is not on screen the window stays where it was, for when it is again
            cursor.selected = cursor.selected.min(rows.saturating_sub(1));
        }
    }
    let (size, lines) = (model.size, model.log.len());
    match model.overlays.last_mut() {
        Some(Overlay::Collisions(screen)) => keep(&mut screen.group, groups, layout::collision_rows(size)),
        Some(Overlay::Log(screen)) => {
            if screen.follows {
                screen.cursor.selected = lines.saturating_sub(1);
            }
            keep(&mut screen.cursor, lines, command_log::rows_shown(size));
        }
        Some(Overlay::Palette(screen)) => {
            let rows = screen.rows.len();
            keep(&mut screen.cursor, rows, rows_shown(size));
        }
        Some(Overlay::Profiles(screen)) => {
            let rows = screen.found.as_ref().map_or(0, Vec::len);
            keep(&mut screen.cursor, rows, profiles::rows_shown(size));
        }
        Some(Overlay::Picker(screen)) => {
            let rows = screen.len();
            keep(&mut screen.cursor, rows, picker::rows_shown(size));
        }
        Some(Overlay::Copy(menu)) => keep(&mut menu.cursor, menu.rows.len(), menu.rows.len()),
        Some(Overlay::Help(screen)) => {
            let rows = screen.rows.len();
            keep(&mut screen.cursor, rows, rows_shown(size));
        }
        _ => {}
    }
}
