//! Pane 0: moving in the tree, the difference and the details, folding.

use super::cursor::Move;
use super::{panes, tree_lines};
use crate::tui::action::Action;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Model, Pane, PreviewTab, TreeLine, TreeLineKind};
use crate::tui::panes::preview::shown_tab;
use crate::tui::view::max_scroll;

/// Moves and folds.
pub(super) fn act(model: &mut Model, action: Action) {
    let areas = layout::areas(&Shape::of(model));
    if shown_tab(model) != PreviewTab::Tree {
        if let Some(step) = Move::of(action, areas.text_rows()) {
            model.preview.scroll = step.from(model.preview.scroll, max_scroll(model));
        } else if action == Action::Fold {
            panes::focus(model, model.list);
        }
        return;
    }
    if let Some(step) = Move::of(action, areas.rows(Pane::Preview)) {
        let last = model.preview.lines.len().saturating_sub(1);
        model.preview.cursor.selected = step.from(model.preview.cursor.selected, last);
        return;
    }
    match action {
        Action::ShowUnchanged => show_unchanged(model),
        Action::ToggleFold => toggle(model),
        Action::Unfold => unfold(model),
        Action::Fold => fold(model),
        _ => {}
    }
}

/// The line under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<&TreeLine> {
    model.preview.lines.get(model.preview.cursor.selected)
}

fn show_unchanged(model: &mut Model) {
    model.preview.show_unchanged = !model.preview.show_unchanged;
    tree_lines::make(model);
}

fn toggle(model: &mut Model) {
    match under_cursor(model).map(|line| &line.kind) {
        Some(TreeLineKind::Folder { open: true, .. }) => fold(model),
        Some(TreeLineKind::Folder { open: false, .. }) => unfold(model),
        Some(TreeLineKind::Unchanged(_)) => show_unchanged(model),
        _ => {}
    }
}

fn unfold(model: &mut Model) {
    let Some(line) = under_cursor(model) else { return };
    match line.kind {
        TreeLineKind::Folder { open: false, .. } => {
            let path = line.path.clone();
            set_open(model, path, true);
            tree_lines::make(model);
        }
        TreeLineKind::Folder { open: true, .. } => model.preview.cursor.selected += 1,
        TreeLineKind::Unchanged(_) => show_unchanged(model),
        TreeLineKind::Link { .. } => {}
    }
}

/// Folds; on what cannot be folded goes to the parent, from the top back to the list.
fn fold(model: &mut Model) {
    let Some(line) = under_cursor(model) else { return panes::focus(model, model.list) };
    if let TreeLineKind::Folder { open: true, .. } = line.kind {
        let path = line.path.clone();
        set_open(model, path, false);
        return tree_lines::make(model);
    }
    let depth = line.depth;
    let above = &model.preview.lines[..model.preview.cursor.selected];
    match above.iter().rposition(|line| line.depth < depth) {
        Some(parent) => model.preview.cursor.selected = parent,
        None => panes::focus(model, model.list),
    }
}

/// Remembers what the user wants of a folder.
pub(super) fn set_open(model: &mut Model, path: Vec<u8>, open: bool) {
    let pane = &mut model.preview;
    let (wanted, other) =
        if open { (&mut pane.unfolded, &mut pane.folded) } else { (&mut pane.folded, &mut pane.unfolded) };
    other.remove(&path);
    wanted.insert(path);
}
