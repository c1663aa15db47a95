//! What generations keep alive, in bytes: asked of the store on a lane, by `m` or by the sheet that
//! deletes; and the garbage collection that frees it, by its own question.

use std::sync::Arc;

use super::words::{complain, say};
use super::{history, planning};
use crate::core::counting::counted;
use crate::ops::measure_generations::GenerationSpace;
use crate::system::machine::Collected;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Freed, Job, JobKind, Model, Overlay};

/// Sets of generations, with what a garbage collection frees without each of them.
pub type MeasuredSets = Vec<(Vec<u64>, u64)>;

/// Why nothing can be measured now.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let loaded = model.loaded()?;
    if loaded.generations.is_empty() {
        return Some("This profile has no generations yet.".to_owned());
    }
    let stop = model.keymap.name(Scope::Always, Action::Interrupt);
    let checks = model.history.measuring.is_some();
    checks.then(|| format!("The store is being asked already; {stop} stops it."))
}

/// `m`: asks what each of the marked generations, else each of all, keeps alive alone.
pub(super) fn measure(model: &mut Model) -> Vec<Effect> {
    let marks: Vec<u64> = model.history.marks.iter().copied().collect();
    let all = || model.loaded().into_iter().flat_map(|loaded| &loaded.generations);
    let numbers = if marks.is_empty() { all().map(|found| found.generation.number).collect() } else { marks };
    for number in &numbers {
        let target = history::target(model, *number);
        model.history.only_here.extend(target.map(|target| (target, Freed::Checking)));
    }
    order(model, numbers.into_iter().map(|number| vec![number]).collect())
}

/// Orders the measurement of these sets; what was asked before is asked no more.
pub(super) fn order(model: &mut Model, sets: Vec<Vec<u64>>) -> Vec<Effect> {
    model.history.measuring = Some(sets.clone());
    if model.job.is_none() {
        model.job = Some(Job::new(JobKind::Measure, model.now));
    }
    vec![Effect::MeasureSpace { sets, known: model.history.space.clone() }]
}

/// Sets were measured, or could not be.
pub(super) fn measured(
    model: &mut Model,
    sets: &[Vec<u64>],
    answer: Result<(MeasuredSets, Option<Arc<GenerationSpace>>), String>,
) {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    if model.history.measuring.as_deref() != Some(sets) {
        // Others are wanted by now, perhaps of another profile.
        return;
    }
    model.history.measuring = None;
    planning::end_job(model, JobKind::Measure);
    match answer {
        Ok((measured, space)) => {
            model.history.space = space;
            for (numbers, bytes) in measured {
                take(model, &numbers, &Freed::Bytes(bytes));
            }
        }
        Err(_) if cancelled => {
            for numbers in sets {
                take(model, numbers, &Freed::Unknown("stopped".into()));
            }
            say(model, "Stopped: the space is not known.");
        }
        Err(words) => {
            complain(model, &words);
            for numbers in sets {
                take(model, numbers, &Freed::Unknown(words.as_str().into()));
            }
        }
    }
}

fn take(model: &mut Model, numbers: &[u64], freed: &Freed) {
    if let [number] = numbers {
        let target = history::target(model, *number);
        let known = target.map(|target| (target, freed.clone()));
        model.history.only_here.extend(known);
    }
    for overlay in &mut model.overlays {
        if let Overlay::Delete(sheet) = overlay
            && sheet.numbers == numbers
        {
            sheet.frees = freed.clone();
        }
    }
}

/// The generations are others: what only one of them kept may be different now.
pub(super) fn generations_changed(model: &mut Model) {
    model.history.space = None;
    model.history.only_here.clear();
}

/// Begins the collection; the question was answered.
pub(super) fn collect(model: &mut Model) -> Vec<Effect> {
    model.job = Some(Job::new(JobKind::Collect, model.now));
    vec![Effect::CollectGarbage]
}

/// The collection ended.
pub(super) fn collected(model: &mut Model, answer: Result<Collected, String>) {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    model.job = None;
    model.history.space = None;
    match answer {
        Ok(Collected { paths: 0, .. }) => say(model, "There was no garbage to collect."),
        Ok(Collected { paths, freed }) => {
            let paths = counted(usize::try_from(paths).unwrap_or(usize::MAX), "store path");
            say(model, format!("Garbage collected: {freed} freed, {paths} deleted."));
        }
        Err(_) if cancelled => {
            say(model, "Stopped. What was collected by then is gone, the rest is still there.");
        }
        Err(text) => complain(model, &text),
    }
}
