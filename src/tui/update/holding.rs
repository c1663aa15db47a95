//! `*` in Installed: elements that upgrades leave as they are. A note of firn's own: it counts at
//! once and is no part of the plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::words::{complain, names, say};
use super::{installed, planning};
use crate::core::change::Change;
use crate::core::visible;
use crate::ops::hold::Holding;
use crate::tui::effect::Effect;
use crate::tui::model::Model;

/// Asks which elements of the profile are held.
pub(super) fn ask(model: &Model) -> Option<Effect> {
    Some(Effect::ReadHolds(Arc::clone(&model.loaded()?.base)))
}

/// Why nothing can be held or let go.
pub(super) fn why_off(model: &Model) -> Option<String> {
    if let Some(problem) = &model.upgrades.holds_problem {
        return Some(format!("Nothing is held or let go, so that no note is lost: {problem}"));
    }
    if model.read_only {
        return model.why_read_only().map(str::to_owned);
    }
    let base = &model.plan.as_deref()?.base.manifest.elements;
    let targets = installed::targets(model);
    let first = targets.first()?;
    let is_known = targets.iter().any(|name| base.contains_key(name));
    (!is_known).then(|| format!("{} is not installed yet.", visible::text(first)))
}

/// Holds the targets back; if all of them are held, lets them go.
pub(super) fn switch(model: &Model) -> Vec<Effect> {
    let Some(plan) = model.plan.as_deref() else { return Vec::new() };
    let mut targets = installed::targets(model);
    targets.retain(|name| plan.base.manifest.elements.contains_key(name));
    let all = targets.iter().all(|name| model.upgrades.held.contains(name));
    let holding = if all { Holding::Unhold } else { Holding::Hold };
    vec![Effect::Hold { base: Arc::clone(&plan.base), names: targets, holding }]
}

/// Which elements are held is known, or cannot be.
pub(super) fn read(model: &mut Model, answer: Result<BTreeSet<String>, String>) {
    match answer {
        Ok(held) => {
            model.upgrades.held = held;
            model.upgrades.holds_problem = None;
            installed::arrange(model);
        }
        Err(words) => model.upgrades.holds_problem = Some(words),
    }
}

/// Something is held or let go, or could not be. What is held now is not upgraded by the plan either.
pub(super) fn ended(
    model: &mut Model,
    holding: Holding,
    answer: Result<(Vec<String>, BTreeSet<String>), String>,
) -> Vec<Effect> {
    let (changed, held) = match answer {
        Ok(done) => done,
        Err(words) => {
            complain(model, &words);
            return Vec::new();
        }
    };
    model.upgrades.held = held;
    installed::arrange(model);
    if holding == Holding::Unhold {
        say(model, format!("Let go, upgrades move again: {}.", names(&changed)));
        return Vec::new();
    }
    let is_held =
        |change: &Change| matches!(change, Change::Upgrade { element } if changed.contains(element));
    let unstaged = model.transaction.unstage_where(&is_held);
    say(model, format!("Held back from upgrades: {}.", names(&changed)));
    if unstaged { planning::replan(model) } else { Vec::new() }
}
