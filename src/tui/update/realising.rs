//! `F`, and `y` on a plan whose packages are not all here: what fetching and building led to.

use std::sync::Arc;

use super::words::{complain, names, say, status};
use super::{answers, collisions, installed, planning, upgrading};
use crate::core::counting::{colliding, counted};
use crate::core::facts::Facts;
use crate::core::plan::{LeftReason, Plan, PlanState, ToRealise};
use crate::ops::apply_plan::Replace;
use crate::ops::apply_realised::{Outcome, Staged};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model, Overlay, Reload};

/// The order to apply a plan: at once if all of it is here.
pub(super) fn applying(model: &Model, plan: &Arc<Plan>, replace: Replace) -> Effect {
    if plan.realise.is_empty() {
        return Effect::Apply { plan: Arc::clone(plan), replace };
    }
    let (base, transaction) = (Arc::clone(&plan.base), model.transaction.clone());
    let staged = Staged { base, transaction, replace };
    Effect::RealiseAndApply { staged: Box::new(staged), facts: Arc::clone(&model.facts) }
}

/// Why nothing can be fetched or built now.
pub(super) fn why_off(model: &Model, scope: Scope) -> Option<String> {
    let plan = model.plan.as_deref()?;
    if plan.changes.is_empty() {
        let upgrade = model.keymap.name(Scope::Installed, Action::Upgrade);
        return Some(format!("Nothing is staged that could be fetched; {upgrade} asks for an upgrade."));
    }
    if !plan.needs.is_empty() {
        return Some("Still checking; what has to be fetched is not known yet.".to_owned());
    }
    if plan.realise.is_empty() {
        return Some("Everything the plan needs is in the store already.".to_owned());
    }
    if wanted(model, plan, scope).is_empty() {
        let (fetch, review) = (
            model.keymap.name(Scope::Review, Action::Realise),
            model.keymap.name(Scope::Installed, Action::Review),
        );
        return Some(format!("There is nothing to fetch for it; {review}, then {fetch} fetches everything."));
    }
    None
}

/// In Review all that is not here, in Installed that of the targets.
fn wanted(model: &Model, plan: &Plan, scope: Scope) -> Vec<ToRealise> {
    let targets = installed::targets(model);
    let is_meant = |wanted: &&ToRealise| scope == Scope::Review || targets.contains(&wanted.element);
    plan.realise.iter().filter(is_meant).cloned().collect()
}

/// Fetches or builds now.
pub(super) fn start(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let realise = wanted(model, &plan, model.scope());
    model.job = Some(Job::new(JobKind::Realise, model.now));
    let mut part = (*plan).clone();
    part.realise = realise;
    vec![Effect::Realise(Arc::new(part))]
}

/// It was fetched and built, as far as that went.
pub(super) fn ended(model: &mut Model, answer: Result<Box<Facts>, String>) -> Vec<Effect> {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    planning::end_job(model, JobKind::Realise);
    let facts = match answer {
        Ok(facts) => *facts,
        Err(_) if cancelled => {
            say(model, "Stopped. What was fetched until then is in the store, the plan is kept.");
            return Vec::new();
        }
        Err(text) => {
            complain(model, &text);
            return Vec::new();
        }
    };
    let waited = model.plan.as_ref().map_or(0, |plan| plan.realise.len());
    let mut effects = learn(model, facts);
    let failed = failures(model);
    let left = model.plan.as_ref().map_or(0, |plan| plan.realise.len());
    let came = waited.saturating_sub(left + failed.len());
    effects.extend(withdraw(model, &failed));
    if failed.is_empty() {
        let status = status(model).unwrap_or_default();
        let (verb, them) = if came == 1 { ("is", "it") } else { ("are", "them") };
        say(
            model,
            format!(
                "{} {verb} in the store now, and what is shown of {them} is exact.{status}",
                counted(came, "element")
            ),
        );
    } else {
        complain(model, &failure_words(model, &failed));
    }
    effects
}

/// A plan was realised and applied, or did not get that far.
pub(super) fn applied(model: &mut Model, facts: Facts, then: Result<Outcome, String>) -> Vec<Effect> {
    let mut effects = learn(model, facts);
    let failed = failures(model);
    match then {
        Ok(Outcome::Applied(applied)) => {
            effects.extend(answers::plan_applied(model, Ok(applied)));
            if let (Some(Reload::Changed(words)), false) = (&mut model.reload, failed.is_empty()) {
                let of: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
                *words = format!("{words} Could not be built or fetched: {}.", names(&of));
            }
        }
        Ok(Outcome::Changed(state)) => {
            model.job = None;
            effects.extend(withdraw(model, &failed));
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Review(_)));
            effects.extend(not_applied(model, state, &failed));
        }
        Err(text) => effects.extend(answers::plan_applied(model, Err(text))),
    }
    effects
}

fn not_applied(model: &mut Model, state: PlanState, failed: &[(String, String)]) -> Vec<Effect> {
    if state == PlanState::Blocked {
        let blocking = model.plan.as_ref().map_or(0, |plan| plan.collisions.blocking());
        let words = colliding(blocking);
        complain(model, &format!("Now that everything is here: {words}. Nothing was applied."));
        return if model.groups.is_empty() { Vec::new() } else { collisions::open(model) };
    }
    if failed.is_empty() {
        say(model, "Nothing was applied: now that everything is here, the plan is another one.");
    } else {
        let words = failure_words(model, failed);
        complain(model, &format!("Nothing was applied. {words}"));
    }
    Vec::new()
}

/// Plans with what was learnt; a review that is open stays so.
fn learn(model: &mut Model, facts: Facts) -> Vec<Effect> {
    let before = model.revision;
    Arc::make_mut(&mut model.facts).absorb(facts);
    let effects = planning::replan(model);
    planning::keep_review(model, before);
    effects
}

/// What could not be built or fetched, with the words for it; its rows say so from now on.
fn failures(model: &mut Model) -> Vec<(String, String)> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let mut failed = Vec::new();
    for left in &plan.left {
        match left.reason {
            reason if reason.is_failed_build() => {
                model.upgrades.found.insert(left.element.clone(), upgrading::failed(left));
            }
            // An addition stays staged, and says why it cannot be made.
            LeftReason::Refused => {}
            _ => continue,
        }
        failed.push((left.element.clone(), left.message.clone()));
    }
    failed
}

fn withdraw(model: &mut Model, failed: &[(String, String)]) -> Vec<Effect> {
    let names: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
    upgrading::withdraw_all(model, &names)
}

/// The first line says what; the whole text goes to the log.
fn failure_words(model: &Model, failed: &[(String, String)]) -> String {
    let (details, log) = (
        model.keymap.name(Scope::Installed, Action::Details),
        model.keymap.name(Scope::Installed, Action::Log),
    );
    let of: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
    let all: Vec<String> = failed.iter().map(|(_, message)| message.clone()).collect();
    let which = names(&of);
    let text = all.join("\n");
    format!(
        "{which} could not be built or fetched: {details} on the row tells why, {log} shows the log.\n{text}"
    )
}
