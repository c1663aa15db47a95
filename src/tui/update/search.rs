//! Searching the tree: `/` asks for a text, `n` and `N` jump from place to place.
//!
//! All links are searched, also those in folders that are folded; a place that is found
//! is unfolded. A text with a slash is looked for in whole paths, one without in the
//! last part. Small letters find capitals, capitals find themselves.

use super::{preview, tree_lines, words};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, PreviewTab};

/// Keys while the text is typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action != Action::Accept {
        return Vec::new();
    }
    model.preview.searching = false;
    if model.preview.search.value().is_empty() {
        return Vec::new();
    }
    jump(model, Action::SearchNext)
}

/// Jumps to the next or previous place.
pub(super) fn jump(model: &mut Model, action: Action) -> Vec<Effect> {
    let text = model.preview.search.value().to_owned();
    let places = places(model, &text);
    let here = preview::under_cursor(model).map(|line| line.path.clone()).unwrap_or_default();
    let forward = action == Action::SearchNext;
    let next = if forward {
        places.iter().find(|path| parts(path).gt(parts(&here)))
    } else {
        places.iter().rev().find(|path| parts(path).lt(parts(&here)))
    };
    let around = if forward { places.first() } else { places.last() };
    let Some(place) = next.or(around).cloned() else {
        words::say(model, format!("No path of the tree contains '{}'.", visible::text(&text)));
        return Vec::new();
    };
    let position = places.iter().position(|path| *path == place).unwrap_or_default() + 1;
    let wrapped = if next.is_none() { ", around the end" } else { "" };
    words::say(model, format!("{position} of {}{wrapped}", places.len()));
    go(model, &place);
    Vec::new()
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
    let stay = plan.tree_after.links().into_iter().map(|(path, _)| path);
    let leave = model.preview.difference.removed.iter().map(|(path, _)| path.clone());
    let mut places: Vec<Vec<u8>> = stay.chain(leave).filter(|path| found(path)).collect();
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
