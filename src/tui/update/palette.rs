//! `:`: every action of the key table by name, those of the other panes too, with its keys and
//! why it would do nothing now. Enter does what a row says; what is off stays on screen.

use tui_input::Input;

use super::cursor::Move;
use super::{help, keys, panes, words};
use crate::core::search_ranking::Query;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Binding, Scope};
use crate::tui::model::{ListCursor, Model, Overlay, PaletteRow, PaletteScreen, Pane};
use crate::tui::overlays::help::rows_shown;

/// A row found by its key comes before any found by its words.
const KEY_SCORE: i64 = i64::MAX;
/// As if the words were longer by so many letters.
const ELSEWHERE: i64 = 100;

/// Opens the palette for the place that has the keys.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let scope = model.scope();
    let rows = rows(model, scope, "");
    let screen = PaletteScreen { scope, filter: Input::default(), cursor: ListCursor::default(), rows };
    model.overlays.push(Overlay::Palette(screen));
    Vec::new()
}

/// Makes the rows again after the filter has changed.
pub(super) fn arrange(model: &mut Model) {
    let Some(Overlay::Palette(screen)) = model.overlays.last() else { return };
    let rows = rows(model, screen.scope, screen.filter.value());
    if let Some(Overlay::Palette(screen)) = model.overlays.last_mut() {
        screen.rows = rows;
        screen.cursor = ListCursor::default();
    }
}

/// Moves, or runs the row.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = rows_shown(model.size);
    let Some(Overlay::Palette(screen)) = model.overlays.last_mut() else { return Vec::new() };
    if let Some(step) = Move::of(action, height) {
        screen.cursor.selected = step.from(screen.cursor.selected, screen.rows.len().saturating_sub(1));
        return Vec::new();
    }
    let (Action::Accept, Some(row)) = (action, screen.rows.get(screen.cursor.selected).cloned()) else {
        return Vec::new();
    };
    if let Some(reason) = row.off {
        words::say(model, reason);
        return Vec::new();
    }
    model.overlays.pop();
    if let Some(pane) = pane(row.place).filter(|_| model.overlays.is_empty()) {
        panes::focus(model, pane);
    }
    keys::run(model, row.action, None)
}

/// The pane whose keys count in a place.
fn pane(place: Scope) -> Option<Pane> {
    match place {
        Scope::Installed => Some(Pane::Installed),
        Scope::Registry => Some(Pane::Registry),
        Scope::History => Some(Pane::History),
        Scope::Preview => Some(Pane::Preview),
        _ => None,
    }
}

/// The actions for here first, then those of the other panes; with a filter the best ones first.
fn rows(model: &Model, scope: Scope, filter: &str) -> Vec<PaletteRow> {
    let mut seen: Vec<*const Binding> = Vec::new();
    let mut found: Vec<(i64, PaletteRow)> = Vec::new();
    let query = Query::new(filter);
    for place in places(scope) {
        for (binding, keys) in model.keymap.actions(place) {
            if seen.contains(&std::ptr::from_ref(binding)) || !is_offered(binding.action) {
                continue;
            }
            seen.push(binding);
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let Some((rank, hits)) = matched(&query, filter, &keys, &binding.description) else { continue };
            // Among like ones those of this place come first.
            let rank = if place == scope { rank } else { rank.saturating_sub(ELSEWHERE) };
            let row = PaletteRow {
                keys: keys.join(" "),
                description: binding.description.clone(),
                hits,
                action: binding.action,
                place,
                off: help::off_by_enter(model, place, binding.action),
            };
            found.push((rank, row));
        }
    }
    if found.iter().any(|(_, row)| has_words(filter, row)) {
        // Letters found far apart are what is meant only if nothing else is found.
        found.retain(|(rank, row)| *rank >= KEY_SCORE - ELSEWHERE || has_words(filter, row));
    }
    // Nobody looks for `j` here; the first rows are for what is not at one's fingertips.
    found.sort_by_key(|(rank, row)| (std::cmp::Reverse(*rank), moves(row.action), row.off.is_some()));
    found.into_iter().map(|(_, row)| row).collect()
}

fn matched(query: &Query, filter: &str, keys: &[String], description: &str) -> Option<(i64, Vec<usize>)> {
    if keys.iter().any(|key| key == filter.trim()) {
        return Some((KEY_SCORE, Vec::new()));
    }
    query.find(description)
}

fn has_words(filter: &str, row: &PaletteRow) -> bool {
    let text = row.description.to_lowercase();
    filter.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}

fn moves(action: Action) -> bool {
    let scrolls = [Action::ScrollDown, Action::ScrollUp, Action::ScrollLeft, Action::ScrollRight];
    Move::of(action, 1).is_some() || scrolls.contains(&action)
}

/// The place itself, and on the main screen the panes beside it.
fn places(scope: Scope) -> Vec<Scope> {
    let panes = [Scope::Installed, Scope::Registry, Scope::History, Scope::Preview];
    let others = panes.into_iter().filter(|pane| panes.contains(&scope) && *pane != scope);
    std::iter::once(scope).chain(others).collect()
}

/// Not the palette itself, nor what needs the digit that was pressed.
fn is_offered(action: Action) -> bool {
    !matches!(action, Action::Palette | Action::ChooseWay | Action::Choose)
}
