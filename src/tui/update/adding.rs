//! `i`: a line of text names what to add, a store path or an installable, several with blanks between.

use std::sync::Arc;

use tui_input::Input;

use super::words::{names, say, say_staged};
use super::{installed, planning};
use crate::core::change::Change;
use crate::core::installable::Installable;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};

/// Opens the field.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Add(Input::default()));
    Vec::new()
}

/// Stages what was typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let (Action::Accept, Some(Overlay::Add(input))) = (action, model.overlays.last()) else {
        return Vec::new();
    };
    let typed: Vec<String> = input.value().split_whitespace().map(str::to_owned).collect();
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    if typed.is_empty() {
        say(model, "Type what to add: a store path, or an installable such as nixpkgs#hello.");
        return Vec::new();
    }
    let staged =
        |text: &str| plan.changes.iter().any(|change| change.installable() == Some(Installable::flake(text)));
    let (again, fresh): (Vec<String>, Vec<String>) = typed.into_iter().partition(|text| staged(text));
    if fresh.is_empty() {
        say(model, format!("{} is staged already.", names(&again)));
        return Vec::new();
    }
    let changes: Vec<Change> = fresh.iter().map(|text| Change::addition(text.clone(), None)).collect();
    let asked = changes.iter().filter_map(Change::installable).collect::<Vec<_>>();
    // An addition takes what there is today, and what failed before may work now.
    Arc::make_mut(&mut model.facts).forget_answers(&asked);
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    model.overlays.pop();
    let effects = planning::replan(model);
    show_added(model);
    say_staged(model, &format!("Staged: add {}", names(&fresh)));
    effects
}

/// Puts the cursor on the newest addition.
fn show_added(model: &mut Model) {
    let newest = model.plan.as_ref().and_then(|plan| {
        plan.added.iter().max_by_key(|addition| addition.change).map(|addition| addition.name.clone())
    });
    if let Some(name) = newest {
        installed::point_at(model, &name);
    }
}
