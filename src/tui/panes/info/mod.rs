//! The Info tab: everything about the row under the cursor of the list that had the focus
//! last: an element, an entry of a registry, or a generation.
//!
//! Nothing is left out and nothing is guessed: what is not known says so.

use ratatui::layout::Rect;

use super::preview::{beside_tab, shown_tab};
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Model, Pane, PreviewTab};
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;

mod decides;
mod element;
mod entry;
mod followers;
mod generation;
pub(in crate::tui) mod sheet;
mod staged_entry;

pub(in crate::tui) use element::last_modified;

/// The lines of the tab.
pub fn lines(model: &Model, width: usize) -> Vec<Row> {
    match model.list {
        Pane::Registry => entry::lines(model, width),
        Pane::History => generation::lines(model, width),
        Pane::Installed | Pane::Preview => element::lines(model, width),
    }
}

/// The most important of it for the strip, where the list leaves no more room.
pub fn brief(model: &Model, width: usize) -> Vec<Row> {
    match model.list {
        Pane::History => generation::brief(model, width),
        _ => entry::brief(model, width),
    }
}

/// What stands on the border: whom the tab is about.
pub fn about(model: &Model) -> String {
    match model.list {
        Pane::Registry => entry::about(model),
        Pane::History => generation::about(model),
        Pane::Installed | Pane::Preview => element::about(model),
    }
}

/// Whether the tab is on the screen and about an element.
pub fn is_shown(model: &Model) -> bool {
    if model.list != Pane::Installed {
        return false;
    }
    let areas = layout::areas(&Shape::of(model));
    let beside = areas.beside.is_some() && beside_tab(model) == PreviewTab::Info;
    let alone = areas.beside.is_none() && shown_tab(model) == PreviewTab::Info;
    beside || (alone && areas.preview.is_some())
}

/// Draws the lines from the scroll position on.
pub fn draw(canvas: &mut Canvas<'_>, inside: Rect) {
    let lines = lines(canvas.model, usize::from(inside.width));
    let last = lines.len().saturating_sub(usize::from(inside.height));
    let first = canvas.model.preview.scroll.min(last);
    canvas.rows(inside, &lines[first..]);
}
