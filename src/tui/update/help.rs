//! `?`: the keys that count here, filtered by what is typed; Enter does what a row says.

use tui_input::Input;

use super::cursor::Move;
use super::{keys, why_off, words};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{HelpRow, HelpScreen, ListCursor, Model, Overlay};
use crate::tui::overlays::help::rows_shown;

/// Opens the help for the place that has the keys; on the help closes it.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let scope = model.scope();
    if scope == Scope::Help {
        model.overlays.pop();
        return Vec::new();
    }
    let rows = rows(model, scope, "");
    let screen = HelpScreen { scope, filter: Input::default(), cursor: ListCursor::default(), rows };
    model.overlays.push(Overlay::Help(screen));
    Vec::new()
}

/// Makes the rows again after the filter has changed.
pub(super) fn arrange(model: &mut Model) {
    let Some(Overlay::Help(screen)) = model.overlays.last() else { return };
    let rows = rows(model, screen.scope, screen.filter.value());
    if let Some(Overlay::Help(screen)) = model.overlays.last_mut() {
        screen.rows = rows;
        screen.cursor = ListCursor::default();
    }
}

/// Moves, or runs the row.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = rows_shown(model.size);
    let Some(Overlay::Help(screen)) = model.overlays.last_mut() else { return Vec::new() };
    if let Some(step) = Move::of(action, height) {
        screen.cursor.selected = step.from(screen.cursor.selected, screen.rows.len().saturating_sub(1));
        return Vec::new();
    }
    let (Action::Accept, Some(row)) = (action, screen.rows.get(screen.cursor.selected)) else {
        return Vec::new();
    };
    let (action, off) = (row.action, row.off.clone());
    model.overlays.pop();
    if let (Action::Yes, Some(reason)) = (action, off) {
        words::say(model, reason);
        return Vec::new();
    }
    keys::run(model, action, None)
}

/// Why Enter on an action would do nothing. Enter never says yes: it may be held down.
pub(super) fn off_by_enter(model: &Model, scope: Scope, action: Action) -> Option<String> {
    why_off(model, scope, action).or_else(|| {
        let yes = model.keymap.name(scope, Action::Yes);
        (action == Action::Yes).then(|| format!("Only the key itself says yes; close this and press {yes}."))
    })
}

/// Every word of the filter must be part of the keys or the description.
fn rows(model: &Model, scope: Scope, filter: &str) -> Vec<HelpRow> {
    let words: Vec<String> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut bindings = model.keymap.here(scope);
    // What only this place has comes first.
    bindings.sort_by_key(|(binding, _)| {
        scope.and_around().iter().position(|place| binding.scopes.contains(place))
    });
    let rows = bindings.into_iter().map(|(binding, keys)| HelpRow {
        keys: keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        description: binding.description.clone(),
        action: binding.action,
        off: off_by_enter(model, scope, binding.action),
    });
    rows.filter(|row| {
        let text = row.description.to_lowercase();
        let is_key = |word: &str| row.keys.split(' ').any(|key| key.eq_ignore_ascii_case(word));
        words.iter().all(|word| text.contains(word.as_str()) || is_key(word))
    })
    .collect()
}
