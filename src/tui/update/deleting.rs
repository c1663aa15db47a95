//! `d` in History: the sheet that asks before generations are deleted, answered with their count.
//!
//! Not part of the plan: it happens at once and cannot be undone. The live generation and
//! kept ones never go. The space is freed by a garbage collection, which is a step of its own.

use std::collections::BTreeSet;

use tui_input::Input;

use super::cursor::Move;
use super::notes::is_kept;
use super::words::{complain, say};
use super::{history, space};
use crate::core::counting::counted;
use crate::core::deletion_loss::{OnlyThere, only_there};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{DeleteSheet, Freed, Job, JobKind, Model, Overlay, Reload, Spared};
use crate::tui::view::max_scroll;

/// Why no generation at all can be deleted.
pub(super) fn none_can_go(model: &Model) -> Option<String> {
    let loaded = model.loaded()?;
    if loaded.damaged.is_some() {
        let back = model.keymap.name(Scope::History, Action::RollBack);
        return Some(format!(
            "What is live cannot be read, and the others are the way out. {back} goes back to one first."
        ));
    }
    if loaded.generations.is_empty() {
        return Some("This profile has no generations yet.".to_owned());
    }
    let not_known = "Which generation is live is not known, so none is deleted.";
    loaded.current.is_none().then(|| not_known.to_owned())
}

/// Why the sheet would not open, in words.
pub(super) fn why_off(model: &Model) -> Option<String> {
    if let Some(reason) = none_can_go(model) {
        return Some(reason);
    }
    let live = model.loaded()?.current;
    match history::marked_or_under_cursor(model).as_slice() {
        [] => {
            let drop = model.keymap.name(Scope::History, Action::DropPlan);
            Some(format!("This generation is not made yet. {drop} drops the plan."))
        }
        [only] if Some(*only) == live => {
            Some(format!("{only} is live and stays. Mark others, or move to one."))
        }
        [only] if is_kept(model, *only) => {
            let keep = model.keymap.name(Scope::History, Action::Keep);
            Some(format!("{only} is kept. {keep} lets it go."))
        }
        _ => None,
    }
}

/// Opens the sheet for the marked rows, else this one.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let numbers = history::marked_or_under_cursor(model);
    open_for(model, numbers)
}

/// Opens the sheet for these generations.
pub(super) fn open_for(model: &mut Model, asked: Vec<u64>) -> Vec<Effect> {
    let Some(live) = model.loaded().map(|loaded| loaded.current) else { return Vec::new() };
    let mut spared = Vec::new();
    let mut numbers = Vec::new();
    for number in asked.into_iter().collect::<BTreeSet<u64>>() {
        if live == Some(number) {
            spared.push((number, Spared::Live));
        } else if is_kept(model, number) {
            spared.push((number, Spared::Kept));
        } else {
            numbers.push(number);
        }
    }
    if numbers.is_empty() {
        say(model, "Nothing to delete: what was chosen is live or kept.");
        return Vec::new();
    }
    let (lost, unread) = lost_with(model, &numbers);
    let sets = vec![numbers.clone()];
    let (typed, frees) = (Input::default(), Freed::Checking);
    let sheet = DeleteSheet { numbers, spared, live, lost, unread, frees, typed, scroll: 0 };
    model.overlays.push(Overlay::Delete(sheet));
    space::order(model, sets)
}

/// What only these generations hold, and those of them that cannot be read.
fn lost_with(model: &Model, numbers: &[u64]) -> (Vec<OnlyThere>, Vec<u64>) {
    let (mut going, mut staying, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for found in model.loaded().into_iter().flat_map(|loaded| &loaded.generations) {
        let number = found.generation.number;
        match (numbers.contains(&number), &found.manifest) {
            (true, Ok(manifest)) => going.push((number, &**manifest)),
            (false, Ok(manifest)) => staying.push(&**manifest),
            (true, Err(_)) => unread.push(number),
            (false, Err(_)) => {}
        }
    }
    (only_there(&going, &staying), unread)
}

/// Scrolls, or deletes if the count was typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let limit = max_scroll(model);
    let Some(Overlay::Delete(sheet)) = model.overlays.last_mut() else { return Vec::new() };
    if let Some(step) = Move::of(action, 5) {
        sheet.scroll = step.from(sheet.scroll.min(limit), limit);
        return Vec::new();
    }
    if action != Action::Accept {
        return Vec::new();
    }
    let wanted = sheet.numbers.len();
    if sheet.typed.value().trim() != wanted.to_string() {
        let close = model.keymap.name(Scope::Delete, Action::Close);
        let text = format!("To delete {}, type {wanted}; {close} goes back.", counted(wanted, "generation"));
        say(model, text);
        return Vec::new();
    }
    let numbers = sheet.numbers.clone();
    model.job = Some(Job::new(JobKind::Delete, model.now));
    vec![Effect::DeleteGenerations(numbers)]
}

/// The sheet speaks of a profile that is not like that any more.
pub(super) fn old_sheet(model: &Model) -> Option<String> {
    let Some(Overlay::Delete(sheet)) = model.overlays.last() else { return None };
    let loaded = model.loaded()?;
    let is_there = |number: &u64| loaded.generations.iter().any(|found| found.generation.number == *number);
    let is_true = loaded.current == sheet.live && sheet.numbers.iter().all(is_there);
    let close = model.keymap.name(Scope::Delete, Action::Close);
    (!is_true).then(|| format!("The profile has changed since you opened this. Press {close}."))
}

/// Deleting ended.
pub(super) fn ended(model: &mut Model, answer: Result<Vec<u64>, String>) -> Vec<Effect> {
    match answer {
        Ok(numbers) => {
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Delete(_)));
            go_beside(model, &numbers);
            model.history.marks.clear();
            model.history.range = None;
            let palette = model.keymap.name(Scope::History, Action::Palette);
            let what = match numbers.as_slice() {
                [one] => format!("Deleted generation {one}."),
                many => format!("Deleted {} generations.", many.len()),
            };
            let done = format!(
                "{what} The space is free once garbage is collected; the palette ({palette}) does it."
            );
            model.reload = Some(Reload::Fewer(done));
            vec![Effect::LoadProfile]
        }
        Err(text) => {
            model.job = None;
            complain(model, &text);
            Vec::new()
        }
    }
}

/// Puts the cursor on a generation that is still there: the next older one, else the next newer.
fn go_beside(model: &mut Model, gone: &[u64]) {
    let Some(at) = history::generation_under_cursor(model).filter(|at| gone.contains(at)) else { return };
    let Some(loaded) = model.loaded() else { return };
    let mut left = loaded.generations.iter().map(|found| found.generation.number);
    let left: Vec<u64> = left.by_ref().filter(|number| !gone.contains(number)).collect();
    let older = left.iter().rev().find(|number| **number < at);
    let beside = older.or_else(|| left.iter().find(|number| **number > at)).copied();
    history::point_at(model, beside);
}
