//! What only profiles of nix-env have: the flag `keep`, files that packages are upgraded from, and that
//! they can be converted.
//!
//! All are staged like any change, so that Review shows what comes of it and a rollback undoes it.

use super::words::{log, names, say, say_staged};
use super::{installed, planning, text_field, upgrading};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::{conversion, installable, visible};
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

/// Asks which flake's packages are proposed as sources; a conversion that is staged is taken back.
pub(super) fn convert(model: &mut Model) -> Vec<Effect> {
    if !model.transaction.changes().contains(&Change::Convert) {
        return text_field::open(model, Asks::ConvertFrom, conversion::USUAL_FLAKE.to_owned());
    }
    let is_part = |change: &Change| matches!(change, Change::Convert | Change::Attach { .. });
    model.transaction.unstage_where(&is_part);
    model.upgrades.proposed.clear();
    let effects = planning::replan(model);
    say_staged(model, "Taken back: convert the profile");
    effects
}

/// Stages the conversion, with a source proposed for each package.
pub(super) fn convert_from(model: &mut Model, flake: &str) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let Some(environment) = &plan.base.manifest.environment else { return Vec::new() };
    if flake.starts_with(['.', '~']) || flake.contains('#') {
        say(model, "Type a flake without a package, as nixpkgs; a path is written whole, from / on.");
        return Vec::new();
    }
    let mut changes = conversion::proposed(environment, flake);
    // What is removed anyway needs no source.
    changes.retain(|change| {
        let is_there = |element: &str| plan.after.elements.contains_key(element);
        !flake.is_empty() && change.element().is_none_or(is_there) || *change == Change::Convert
    });
    let elements: Vec<String> = changes.iter().filter_map(Change::element).map(str::to_owned).collect();
    model.overlays.pop();
    model.upgrades.proposed = elements.iter().cloned().collect();
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let effects = planning::replan(model);
    if elements.is_empty() {
        say_staged(model, "Staged: convert the profile, without sources");
    } else {
        let shown = visible::text(flake);
        say(model, format!("Staged: convert the profile. Asking what {shown} has of these names…"));
    }
    effects
}

/// Drops the proposals that do not hold, once all have been answered, and tells which are left.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone().filter(|_| !model.upgrades.proposed.is_empty()) else {
        return Vec::new();
    };
    let needs = &plan.needs;
    if needs.asks_packages() || needs.registries || !needs.locks.is_empty() {
        return Vec::new();
    }
    let proposed: Vec<String> = std::mem::take(&mut model.upgrades.proposed).into_iter().collect();
    if let Some((flake, reason)) = conversion::unreadable(&plan, &model.facts, &proposed) {
        return without_flake(model, &flake, &reason);
    }
    let misses = conversion::misses(&plan, &model.facts, &proposed);
    for miss in &misses {
        log(model, &miss.reason);
    }
    let is_missed = |element: &str| misses.iter().any(|miss| miss.element == element);
    let is_void = |change: &Change| matches!(change, Change::Attach { element, .. } if is_missed(element));
    let before = model.revision;
    let mut effects = Vec::new();
    if !misses.is_empty() {
        model.transaction.withdraw(&is_void);
        effects = planning::replan(model);
        planning::keep_review(model, before);
    }
    let found = proposed.len() - misses.len();
    let without: Vec<String> = misses.into_iter().map(|miss| miss.element).collect();
    let rest = match without.as_slice() {
        [] => String::new(),
        without => format!("; none for {}", names(without)),
    };
    let source = model.keymap.name(Scope::Installed, Action::Source);
    say_staged(
        model,
        &format!("Staged: convert, {} proposed{rest}; {source} changes one", counted(found, "source")),
    );
    effects
}

/// Takes a conversion back whose flake cannot be asked at all.
fn without_flake(model: &mut Model, flake: &str, reason: &str) -> Vec<Effect> {
    log(model, reason);
    model.transaction.withdraw(&|change| matches!(change, Change::Convert | Change::Attach { .. }));
    let before = model.revision;
    let effects = planning::replan(model);
    planning::keep_review(model, before);
    let first = visible::text(reason.lines().next().unwrap_or_default());
    let flake = visible::text(flake);
    say(
        model,
        format!(
            "Not converted: {flake} cannot be fetched or read: {first}. No flake at all converts without sources."
        ),
    );
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
