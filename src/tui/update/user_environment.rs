//! What only profiles of nix-env have: the flag `keep`, and that they can be converted.
//!
//! Both are staged like any change, so that Review shows what comes of it and a rollback undoes it.

use super::words::{names, say_staged};
use super::{installed, planning};
use crate::core::change::Change;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::Model;

/// Why there is nothing to convert.
pub(super) fn cannot_convert(model: &Model) -> Option<String> {
    let words = "This is no profile of nix-env; there is nothing to convert.";
    (!is_of_nix_env(model)).then(|| words.to_owned())
}

/// Why nothing can be kept.
pub(super) fn cannot_keep(model: &Model) -> Option<String> {
    if !is_of_nix_env(model) {
        let hold = model.keymap.name(Scope::Installed, Action::Hold);
        return Some(format!("Only the packages of nix-env have the flag 'keep'; {hold} holds an element."));
    }
    let plan = model.plan.as_ref()?;
    if plan.converts() {
        return Some("The profile is to be converted, and nix profile knows no flag 'keep'.".to_owned());
    }
    installed::targets(model).is_empty().then(|| "There is no package under the cursor.".to_owned())
}

fn is_of_nix_env(model: &Model) -> bool {
    model.loaded().is_some_and(|loaded| loaded.base.manifest.environment.is_some())
}

/// Stages the conversion, or takes it back.
pub(super) fn convert(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let is_staged = model.transaction.changes().contains(&Change::Convert);
    if is_staged {
        model.transaction.unstage_change(&Change::Convert);
    } else {
        model.transaction.stage(&plan.base.manifest, &plan.added, vec![Change::Convert]);
    }
    let effects = planning::replan(model);
    let words = if is_staged {
        "Taken back: convert the profile"
    } else {
        "Staged: convert the profile. What comes of it is shown before anything is done; a retarget gives a \
         package a flake to be upgraded from"
    };
    say_staged(model, words);
    effects
}

/// Stages the flag for the targets; if all have it, takes it away.
pub(super) fn set_keep(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let targets = installed::targets(model);
    let to = !targets.iter().all(|name| plan.after.keeps(name));
    let changes = targets.iter().map(|name| Change::Keep { element: name.clone(), to }).collect();
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let effects = planning::replan(model);
    let word = if to { "Staged: keep" } else { "Staged: let go" };
    say_staged(model, &format!("{word} {}", names(&targets)));
    effects
}
