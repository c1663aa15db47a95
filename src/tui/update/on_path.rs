//! Whether a program of the tree is the one that runs: looked up when the cursor is on it, once.

use crate::ops::on_path::OnPath;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Pane, PreviewTab, TreeLineKind, TreeMark};
use crate::tui::panes::preview::shown_tab;

use super::preview;

/// Orders the look-up of the program under the cursor.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    if model.focus != Pane::Preview || shown_tab(model) != PreviewTab::Tree {
        return None;
    }
    let line = preview::under_cursor(model)?;
    // What is not there yet cannot be run.
    if line.mark == TreeMark::Added || !matches!(line.kind, TreeLineKind::Link { folder: false, .. }) {
        return None;
    }
    let name = line.path.strip_prefix(b"bin/").filter(|name| !name.contains(&b'/'))?.to_vec();
    if model.preview.on_path.contains_key(&name) || model.preview.on_path_asked.as_ref() == Some(&name) {
        return None;
    }
    model.preview.on_path_asked = Some(name.clone());
    Some(Effect::LookUpProgram(name))
}

/// A program was looked up.
pub(super) fn take(model: &mut Model, name: Vec<u8>, found: OnPath) {
    if model.preview.on_path_asked.as_ref() == Some(&name) {
        model.preview.on_path_asked = None;
    }
    model.preview.on_path.insert(name, found);
}

/// The profile is another one now.
pub(super) fn forget(model: &mut Model) {
    model.preview.on_path.clear();
    model.preview.on_path_asked = None;
}
