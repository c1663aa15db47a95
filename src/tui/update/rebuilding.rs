//! The live generation is damaged: it can be made anew from what it refers to, as a new generation.
//! First it is found out what that would hold; then a question, whose `y` makes it.

use super::planning;
use super::rollback::last_readable;
use super::words::{complain, say};
use crate::ops::apply_plan::Replace;
use crate::ops::rebuild_generation::Rebuild;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model, Overlay, Question};

/// Why there is nothing to rebuild.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let loaded = model.loaded()?;
    if loaded.damaged.is_none() {
        return Some("The live generation can be read; there is nothing to make anew.".to_owned());
    }
    if loaded.current.is_none() {
        return Some("Which generation is live is not known.".to_owned());
    }
    let trouble = model.store_trouble.as_ref();
    trouble.map(|trouble| format!("Nix makes generations, and it cannot be asked: {trouble}."))
}

/// Finds out what a new generation would hold.
pub(super) fn start(model: &mut Model) -> Vec<Effect> {
    let Some(loaded) = model.loaded().cloned() else { return Vec::new() };
    model.job = Some(Job::new(JobKind::Rebuild, model.now));
    vec![Effect::PlanRebuild(Box::new(loaded))]
}

/// It was found out, or could not be.
pub(super) fn planned(model: &mut Model, answer: Result<Box<Rebuild>, String>) {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    planning::end_job(model, JobKind::Rebuild);
    match answer {
        Ok(found) => {
            model.history.rebuild = Some(found);
            model.overlays.push(Overlay::Question(Question::Rebuild));
        }
        Err(_) if cancelled => say(model, "Stopped."),
        Err(text) => {
            let back = model.keymap.name(Scope::Installed, Action::GoBack);
            let way = model.loaded().and_then(last_readable);
            let way = way.map(|number| format!("; {back} goes back to {number}")).unwrap_or_default();
            complain(model, &format!("{text}{way}"));
        }
    }
}

/// Makes it; the damaged generation stays in the list.
pub(super) fn make(model: &mut Model) -> Vec<Effect> {
    let Some(found) = model.history.rebuild.take() else { return Vec::new() };
    model.job = Some(Job::new(JobKind::Apply, model.now));
    vec![Effect::Apply { plan: found.plan, replace: Replace::Anything }]
}
