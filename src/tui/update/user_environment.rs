//! What only profiles of nix-env have: the flag `keep`, files that packages are upgraded from, and that
//! they can be converted.
//!
//! All are staged like any change, so that Review shows what comes of it and a rollback undoes it.

use super::words::{names, say, say_staged};
use super::{installed, planning, text_field, upgrading};
use crate::core::change::Change;
use crate::core::{installable, visible};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Asks, Model};

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

/// Why nothing can be upgraded from a file.
pub(super) fn cannot_upgrade_from(model: &Model) -> Option<String> {
    let plan = model.plan.as_ref()?;
    if plan.after.environment.is_none() {
        let source = model.keymap.name(Scope::Installed, Action::Source);
        return Some(format!("Only packages of nix-env are looked for in files; {source} names a flake."));
    }
    movable(model).is_empty().then(|| "There is no package under the cursor that could move.".to_owned())
}

/// The targets that another version may come for.
fn movable(model: &Model) -> Vec<String> {
    let Some(plan) = &model.plan else { return Vec::new() };
    let mut targets = installed::targets(model);
    targets.retain(|name| {
        let is_there = plan.base.manifest.elements.contains_key(name);
        is_there && plan.after.package(name).is_some_and(|package| !package.keep())
    });
    targets
}

/// Asks which file the targets are upgraded from.
pub(super) fn ask_for_source(model: &mut Model) -> Vec<Effect> {
    let elements = movable(model);
    open_source(model, elements)
}

/// Asks which file these are upgraded from; offers what is remembered of the first that has one.
pub(super) fn open_source(model: &mut Model, elements: Vec<String>) -> Vec<Effect> {
    let base = model.plan.as_ref().map(|plan| &plan.base.manifest.elements);
    let remembered = base.and_then(|base| {
        elements.iter().find_map(|name| model.facts.files.of(name, base.get(name)?)?.file.clone())
    });
    text_field::open(model, Asks::UpgradeSource(elements), remembered.unwrap_or_default())
}

/// Takes what was typed, and asks it.
pub(super) fn upgrade_from(model: &mut Model, elements: &[String], file: &str) -> Vec<Effect> {
    if file.is_empty() {
        say(model, "Type a file, a folder, <nixpkgs>, or a flake as flake:nixpkgs.");
        return Vec::new();
    }
    if installable::path_of_file(file).is_some_and(|path| !path.starts_with('/')) {
        let shown = visible::text(file);
        say(model, format!("'{shown}': a path is written whole, from / on; a flake as flake:{shown}."));
        return Vec::new();
    }
    model.overlays.pop();
    upgrading::from_file(model, elements, file)
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
