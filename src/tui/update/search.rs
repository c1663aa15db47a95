//! Searching the tree: `/` asks for a text, `n` and `N` jump from place to place.
//!
//! Each letter jumps to the first place from where one was; Esc goes back there, with the
//! folders folded as they were. All links are searched, also those in folders that are folded;
//! a place that is found is unfolded. A text with a slash is looked for in whole paths, one
//! without in the last part. Small letters find capitals, capitals find themselves.

use super::{preview, tree_lines, words};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, PreviewTab, SearchOrigin};

/// Which place is meant, seen from a line.
#[derive(Clone, Copy)]
enum Toward {
    /// That line or the first behind it.
    Here,
    /// The first behind it.
    Next,
    /// The last before it.
    Previous,
}

/// Asks for a text.
pub(super) fn begin(model: &mut Model) {
    let path = path_here(model);
    let pane = &mut model.preview;
    let origin = SearchOrigin {
        path,
        tab: pane.tab,
        cursor: pane.cursor,
        unfolded: pane.unfolded.clone(),
        folded: pane.folded.clone(),
        show_unchanged: pane.show_unchanged,
    };
    pane.search_from = Some(origin);
    pane.tab = PreviewTab::Tree;
    pane.searching = true;
    pane.search.reset();
}

/// Keys while the text is typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Accept {
        seek(model);
        end(model);
    }
    Vec::new()
}

/// The text was typed, and the place stays.
pub(super) fn end(model: &mut Model) {
    model.preview.searching = false;
    model.preview.search_from = None;
}

/// Leaves the search, while it is typed to where one was before it.
pub(super) fn clear(model: &mut Model) {
    if let Some(origin) = model.preview.search_from.take() {
        fold_as_in(model, &origin);
        show(model, &origin);
        model.preview.tab = origin.tab;
    }
    model.preview.searching = false;
    model.preview.search.reset();
}

/// Another letter: jumps to the first place from where one was.
pub(super) fn seek(model: &mut Model) {
    let Some(origin) = model.preview.search_from.clone() else { return };
    fold_as_in(model, &origin);
    let text_is_empty = model.preview.search.value().is_empty();
    if text_is_empty || !go_toward(model, &origin.path, Toward::Here) {
        show(model, &origin);
    }
}

fn fold_as_in(model: &mut Model, origin: &SearchOrigin) {
    model.preview.unfolded.clone_from(&origin.unfolded);
    model.preview.folded.clone_from(&origin.folded);
    model.preview.show_unchanged = origin.show_unchanged;
}

fn show(model: &mut Model, origin: &SearchOrigin) {
    tree_lines::make(model);
    let last = model.preview.lines.len().saturating_sub(1);
    model.preview.cursor = origin.cursor;
    model.preview.cursor.selected = origin.cursor.selected.min(last);
}

/// Jumps to the next or previous place.
pub(super) fn jump(model: &mut Model, action: Action) -> Vec<Effect> {
    let toward = if action == Action::SearchNext { Toward::Next } else { Toward::Previous };
    go_toward(model, &path_here(model), toward);
    Vec::new()
}

fn path_here(model: &Model) -> Vec<u8> {
    preview::under_cursor(model).map(|line| line.path.clone()).unwrap_or_default()
}

/// Tells whether there is such a place.
fn go_toward(model: &mut Model, here: &[u8], toward: Toward) -> bool {
    let text = model.preview.search.value().to_owned();
    let places = places(model, &text);
    let order = |path: &[u8]| parts(path).cmp(parts(here));
    let next = match toward {
        Toward::Here => places.iter().position(|path| order(path).is_ge()),
        Toward::Next => places.iter().position(|path| order(path).is_gt()),
        Toward::Previous => places.iter().rposition(|path| order(path).is_lt()),
    };
    let around = if matches!(toward, Toward::Previous) { places.len().saturating_sub(1) } else { 0 };
    let position = next.unwrap_or(around);
    let Some(place) = places.get(position) else {
        words::say(model, format!("No path of the tree contains '{}'.", visible::text(&text)));
        return false;
    };
    let wrapped = if next.is_none() { ", around the end" } else { "" };
    words::say(model, format!("{} of {}{wrapped}", position + 1, places.len()));
    go(model, place);
    true
}

fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
}

fn places(model: &Model, text: &str) -> Vec<Vec<u8>> {
    let Some(plan) = model.plan.as_deref() else { return Vec::new() };
    let exact = text.chars().any(char::is_uppercase);
    let wanted = text.as_bytes();
    let found = |path: &[u8]| {
        let last = if text.contains('/') { path } else { parts(path).last().unwrap_or(path) };
        let folded =
            |window: &[u8]| if exact { window == wanted } else { window.eq_ignore_ascii_case(wanted) };
        last.windows(wanted.len().max(1)).any(folded)
    };
    let mut places = plan.tree_after.paths_where(found);
    let leave = model.preview.difference.removed.iter().map(|(path, _)| path);
    places.extend(leave.filter(|path| found(path)).cloned());
    places.sort_by(|one, two| parts(one).cmp(parts(two)));
    places.dedup();
    places
}

/// Unfolds the way to a path and puts the cursor on it.
fn go(model: &mut Model, path: &[u8]) {
    model.preview.tab = PreviewTab::Tree;
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    for end in ends {
        preview::set_open(model, path[..end].to_vec(), true);
    }
    tree_lines::make(model);
    let position = |model: &Model| model.preview.lines.iter().position(|line| line.path == path);
    if position(model).is_none() {
        model.preview.show_unchanged = true;
        tree_lines::make(model);
    }
    if let Some(position) = position(model) {
        model.preview.cursor.selected = position;
    }
}
