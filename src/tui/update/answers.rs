//! What workers answer: the profile, facts, progress, the end of a job.

use std::path::Path;
use std::sync::Arc;

use super::words::{self, complain, say};
use super::{
    command_log, history, history_filter, holding, in_front, nix_options, on_path, planning, ranges,
    registry_applied, registry_edits, space, upgrading,
};
use crate::core::counting::counted;
use crate::core::facts::Facts;
use crate::core::nix_commands::Tool;
use crate::core::plan::LeftReason;
use crate::core::visible;
use crate::ops::apply_plan::Applied;
use crate::ops::load_profile::{LoadedProfile, ReadManifests};
use crate::ops::roll_back::RolledBack;
use crate::system::machine::{ProgressEvent, StoreError};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{JobKind, Model, Overlay, ProfileLoad, Reload};

/// The store told what it is, or that it cannot be asked.
pub(super) fn store_named(model: &mut Model, answer: Result<String, StoreError>) {
    match answer {
        Ok(title) => {
            model.store_title = visible::text(&title);
            model.commands.store = title;
            model.store_trouble = None;
        }
        Err(error) => {
            words::log(model, &error.to_string());
            model.store_trouble = Some(error);
        }
    }
}

/// The profile was read: plans again on it.
pub(super) fn profile_loaded(model: &mut Model, mut loaded: Box<LoadedProfile>) -> Vec<Effect> {
    let reason = model.reload.take().unwrap_or(Reload::Asked);
    let elements = loaded.base.manifest.elements.len();
    let current = loaded.current;
    // The cursor of the history goes by position; it is put right before the list changes.
    let kept = history::generation_under_cursor(model);
    if let Some(before) = model.loaded() {
        loaded.take_manifests(&before.manifests());
    }
    let not_read = loaded.not_read();
    let is_of_nix_env = loaded.base.manifest.environment.is_some();
    model.commands.tool = if is_of_nix_env { Tool::NixEnv } else { Tool::NixProfile };
    Arc::make_mut(&mut model.facts).files = Arc::clone(&loaded.files);
    model.profile = ProfileLoad::Loaded(loaded);
    history_filter::generations_came(model);
    space::generations_changed(model);
    on_path::forget(model);
    if matches!(reason, Reload::Changed(_) | Reload::Fewer(_)) {
        model.job = None;
    }
    let elements_there = model.loaded().map(|loaded| Arc::clone(&loaded.base));
    if let Some(base) = elements_there {
        model.upgrades.profile_changed(&|name| base.manifest.elements.contains_key(name));
    }
    let mut effects = planning::replan(model);
    effects.extend(holding::ask(model));
    effects.extend(nix_options::ask(model));
    if !not_read.is_empty() {
        effects.push(Effect::LoadHistory(not_read));
    }
    if matches!(reason, Reload::Start | Reload::Asked) {
        effects.push(Effect::CheckNotes);
    }
    match &reason {
        Reload::Start | Reload::Changed(_) => history::point_at(model, current),
        Reload::Asked | Reload::Moved | Reload::Fewer(_) => history::point_at(model, kept.or(current)),
    }
    let live =
        current.map_or("a generation without a number".to_owned(), |number| format!("generation {number}"));
    match reason {
        _ if model.loaded().is_some_and(|loaded| loaded.damaged.is_some()) => {
            complain(model, "What is live cannot be read; the generations in History can be gone back to.");
        }
        Reload::Start => {}
        Reload::Changed(text) | Reload::Fewer(text) => say(model, text),
        Reload::Asked => say(model, format!("Read again: {live}, {}.", counted(elements, "element"))),
        Reload::Moved => say(model, moved_words(model, &live)),
    }
    effects
}

/// The manifests of the history came in: its lines can say what changed.
pub(super) fn history_loaded(model: &mut Model, read: Result<ReadManifests, String>) -> Vec<Effect> {
    match (read, &mut model.profile) {
        (Ok(read), ProfileLoad::Loaded(loaded)) => loaded.take_manifests(&read),
        (Ok(_), _) => {}
        (Err(words), _) => complain(model, &words),
    }
    history_filter::generations_came(model);
    Vec::new()
}

fn moved_words(model: &Model, live: &str) -> String {
    let moved = format!("Another program changed the profile: {live} is live now.");
    if model.transaction.is_empty() {
        return moved;
    }
    let review = model.keymap.name(Scope::Installed, Action::Review);
    let drop = model.keymap.name(Scope::Installed, Action::DropPlan);
    format!("{moved} Your plan stands on top of it: {review} reviews it again, {drop} drops it.")
}

/// The profile could not be read: nothing is planned on a guess.
pub(super) fn profile_failed(model: &mut Model, text: String) -> Vec<Effect> {
    if let Some(Reload::Changed(done) | Reload::Fewer(done)) = model.reload.take() {
        model.job = None;
        words::log(model, &done);
    }
    planning::forget(model);
    complain(model, &text);
    model.profile = ProfileLoad::Failed(text);
    Vec::new()
}

/// Another program changed the profile: reads it again.
pub(super) fn profile_moved(model: &mut Model) -> Vec<Effect> {
    if model.job.as_ref().is_some_and(|job| job.kind.changes_profile()) {
        // Our own job; it tells when it is done.
        return Vec::new();
    }
    model.reload = Some(Reload::Moved);
    vec![Effect::LoadProfile]
}

/// Facts were learnt, or could not be.
pub(super) fn facts_learnt(model: &mut Model, answer: Result<Box<Facts>, String>) -> Vec<Effect> {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    if model.job.as_ref().is_some_and(|job| job.kind == JobKind::Learn) {
        model.job = None;
    }
    let reload = model.keymap.name(Scope::Installed, Action::Reload);
    match answer {
        Ok(facts) => {
            let mut effects = absorb(model, *facts);
            let asks = |effect: &Effect| matches!(effect, Effect::LearnFacts(needs) if !needs.is_empty());
            if cancelled && effects.iter().any(asks) {
                // The answer came all the same; what it leads to is not wanted any more.
                effects.retain(|effect| !asks(effect));
                model.job = None;
                effects.extend(learning_stopped(model));
            }
            effects
        }
        Err(_) if cancelled => learning_stopped(model),
        Err(text) => {
            complain(model, &format!("{text} ({reload} tries again)"));
            upgrading::stopped(model).unwrap_or_default()
        }
    }
}

/// Nothing more is asked: upgrades that nobody knows of are unstaged.
fn learning_stopped(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = upgrading::stopped(model) {
        return effects;
    }
    let reload = model.keymap.name(Scope::Installed, Action::Reload);
    say(model, format!("Stopped. {reload} asks again; until then the plan is not complete."));
    Vec::new()
}

/// Plans with what was learnt; says what it brought to light.
fn absorb(model: &mut Model, facts: Facts) -> Vec<Effect> {
    let (revision, blocked) = (model.revision, blocking(model));
    let pins = registry_edits::waiting(model);
    let known = refusals(model);
    Arc::make_mut(&mut model.facts).absorb(facts);
    let effects = planning::replan(model);
    planning::keep_review(model, revision);
    let asked_in_vain = model.plan.as_ref().is_some_and(|plan| Some(&plan.needs) == model.asked.as_ref());
    let told = registry_edits::tell_locked(model, &pins);
    let refused = refusals(model).into_iter().find(|refusal| !known.contains(refusal));
    if refused.is_some() {
        in_front::additions_failed(model);
    }
    if let Some((installable, reason)) = refused {
        tell_refused(model, &installable, &reason);
    } else if told {
        return effects;
    } else if asked_in_vain && effects.is_empty() {
        let reload = model.keymap.name(Scope::Installed, Action::Reload);
        let text = "The plan cannot be completed: something could not be learnt.";
        complain(model, &format!("{text} {reload} tries again."));
    } else if blocking(model) > blocked {
        let status = words::status(model).unwrap_or_default();
        say(model, status.trim_start());
    }
    effects
}

/// Additions that cannot be made, each with the reason.
fn refusals(model: &Model) -> Vec<(String, String)> {
    let left = model.plan.iter().flat_map(|plan| &plan.left);
    let refused = left.filter(|left| left.reason == LeftReason::Refused);
    refused.map(|left| (left.element.clone(), left.message.clone())).collect()
}

/// An evaluation's last line says what was wrong; the rest is in the log.
fn tell_refused(model: &mut Model, installable: &str, reason: &str) {
    let says = |line: &&str| !line.trim().is_empty() && !line.starts_with("said by '");
    let last = reason.lines().rev().find(says).unwrap_or_default();
    // What a command printed is in the log already; the advice behind it is ours.
    let cause = last.split("; ").next().unwrap_or_default().trim();
    let is_logged = model.log.lines_from(0).any(|line| command_log::text_of(&line).contains(cause));
    if !is_logged {
        words::log(model, reason);
    }
    let undo = model.keymap.name(Scope::Installed, Action::Undo);
    let allows = nix_options::offer(model, installable).unwrap_or_default();
    complain(
        model,
        &format!("{installable} cannot be added ({undo} takes it back): {}{allows}", last.trim()),
    );
}

fn blocking(model: &Model) -> usize {
    model.plan.as_ref().map_or(0, |plan| plan.collisions.blocking())
}

/// A job or the learning tells how far it is.
pub(super) fn progressed(model: &mut Model, event: ProgressEvent) {
    match event {
        // Commands are reported by their numbers.
        ProgressEvent::Started(_) | ProgressEvent::Ended { .. } => {}
        ProgressEvent::SettingsIgnored { flake, settings } => nix_options::wanted(model, flake, settings),
        ProgressEvent::Log(text) => {
            if let Some(job) = &mut model.job {
                job.heard(&text);
            }
            words::log(model, &text);
        }
        ProgressEvent::Step(step) => {
            if let Some(job) = &mut model.job {
                job.step = Some(step);
            }
        }
        ProgressEvent::Fetching(fetching) => {
            if let Some(job) = &mut model.job {
                job.fetches(&fetching, model.now);
            }
        }
        ProgressEvent::Building(building) => {
            if let Some(job) = &mut model.job {
                job.builds(&building);
            }
        }
    }
}

/// Applying ended.
pub(super) fn plan_applied(model: &mut Model, answer: Result<Applied, String>) -> Vec<Effect> {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    let reads_again =
        |applied: &Applied| matches!(applied, Applied::Switched { .. } | Applied::Edited { .. });
    if !answer.as_ref().is_ok_and(reads_again) {
        model.job = None;
    }
    let back = model.keys_back();
    match answer {
        Ok(Applied::Switched { from, to, .. }) => {
            let undo = from.map(|from| format!(" Press {back} to go back to {from}."));
            forget_plan(model, format!("Generation {to} is live.{}", undo.unwrap_or_default()))
        }
        Ok(Applied::Nothing) => {
            forget_plan(model, "Nothing to do: the profile is like that already.".to_owned())
        }
        Ok(Applied::Moved) => {
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Review(_)));
            model.reload = Some(Reload::Moved);
            vec![Effect::LoadProfile]
        }
        Ok(Applied::Edited { switched, written }) => registry_applied::edited(model, switched, &written),
        Ok(Applied::HalfDone { to, problem, .. }) => registry_applied::half_done(model, to, &problem),
        Ok(Applied::RegistryMoved) => registry_applied::moved(model),
        Err(text) if cancelled => {
            words::log(model, &text);
            say(model, "Cancelled. Nothing has changed; the plan is kept.");
            Vec::new()
        }
        Err(text) => {
            complain(model, &text);
            Vec::new()
        }
    }
}

/// Drops the plan, which is done, and reads the profile again.
pub(super) fn forget_plan(model: &mut Model, done: String) -> Vec<Effect> {
    model.transaction = crate::core::transaction::Transaction::default();
    model.installed.marks.clear();
    ranges::end(model);
    model.overlays.clear();
    model.reload = Some(Reload::Changed(done));
    vec![Effect::LoadProfile]
}

/// Rolling back ended.
pub(super) fn rolled_back(model: &mut Model, answer: Result<RolledBack, String>) -> Vec<Effect> {
    match answer {
        Ok(RolledBack { from, to }) => {
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Rollback(_)));
            let back = model.keys_back();
            // The link may have led to a generation that is gone: there is no way back to that.
            let exists = |number: &u64| {
                let mut known = model.loaded().into_iter().flat_map(|loaded| &loaded.generations);
                known.any(|found| found.generation.number == *number)
            };
            let undo = from.filter(exists).map(|from| format!(" Press {back} to go back to {from}."));
            let staged = if model.transaction.is_empty() { "" } else { " Your plan stands on top of it." };
            let done = format!("Generation {to} is live.{staged}{}", undo.unwrap_or_default());
            model.reload = Some(Reload::Changed(done));
            vec![Effect::LoadProfile]
        }
        Err(text) => {
            model.job = None;
            complain(model, &text);
            Vec::new()
        }
    }
}

/// A plan was saved.
pub(super) fn plan_saved(model: &mut Model, answer: Result<Arc<Path>, String>) {
    match answer {
        Ok(path) => {
            let apply = model.commands.firn(&["apply", &path.to_string_lossy()]);
            say(model, format!("Saved. '{apply}' applies it."));
        }
        Err(text) => complain(model, &text),
    }
}
