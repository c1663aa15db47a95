//! Staging changes of elements, and taking steps back: all of it touches only the plan.

use super::words::{names, say_staged};
use super::{installed, planning};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::plan::{Plan, PlannedElement};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::Model;

/// Stages a removal or a switch for the targets; if all of them have it staged, takes it back.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let targets = installed::targets(model);
    let rows: Vec<&PlannedElement> =
        plan.elements.iter().filter(|row| targets.binary_search(&row.name).is_ok()).collect();
    let text = match action {
        Action::Remove => remove(model, &plan, &rows),
        _ => switch(model, &plan, &rows),
    };
    let effects = planning::replan(model);
    say_staged(model, &text);
    effects
}

/// Whether the plan takes the element away.
pub(super) fn is_removed(row: &PlannedElement) -> bool {
    row.before.is_some() && row.after.is_none() && row.added_by.is_none()
}

fn remove(model: &mut Model, plan: &Plan, rows: &[&PlannedElement]) -> String {
    let fresh: Vec<String> = rows.iter().filter(|row| !is_removed(row)).map(|row| row.name.clone()).collect();
    if fresh.is_empty() {
        let all: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        model.transaction.unstage_all(&plan.added, &all);
        return format!("Taken back: remove {}", names(&all));
    }
    // An addition that is only staged is not removed: it does not come in the first place.
    let (dropped, gone): (Vec<String>, Vec<String>) =
        fresh.iter().cloned().partition(|name| plan.added.iter().any(|addition| addition.name == *name));
    let text = match (gone.is_empty(), dropped.is_empty()) {
        (true, _) => format!("Dropped: add {}", names(&dropped)),
        (false, true) => format!("Staged: remove {}", names(&gone)),
        (false, false) => format!("Staged: remove {}, and dropped: add {}", names(&gone), names(&dropped)),
    };
    let changes = fresh.into_iter().map(|element| Change::Remove { element }).collect();
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    text
}

fn switch(model: &mut Model, plan: &Plan, rows: &[&PlannedElement]) -> String {
    let rows: Vec<&&PlannedElement> = rows.iter().filter(|row| !is_removed(row)).collect();
    let fresh: Vec<&&&PlannedElement> =
        rows.iter().filter(|row| is_active(plan, row) == was_active(row)).collect();
    let (chosen, back) = if fresh.is_empty() { (rows.iter().collect(), true) } else { (fresh, false) };
    let changes: Vec<Change> = chosen
        .iter()
        .map(|row| Change::Active { element: row.name.clone(), to: was_active(row) == back })
        .collect();
    let off: Vec<String> = switched(&changes, false);
    let on: Vec<String> = switched(&changes, true);
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let parts = [("off", off), ("on", on)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(word, list)| format!("{} {word}", names(&list)))
        .collect();
    let word = if back { "Taken back: switch" } else { "Staged: switch" };
    format!("{word} {}", parts.join(", "))
}

fn switched(changes: &[Change], wanted: bool) -> Vec<String> {
    let matching = changes.iter().filter_map(|change| match change {
        Change::Active { element, to } if *to == wanted => Some(element.clone()),
        _ => None,
    });
    matching.collect()
}

/// Whether the element is on without the plan; an addition would be.
fn was_active(row: &PlannedElement) -> bool {
    row.before.as_ref().is_none_or(|element| element.active)
}

/// Whether the element would be on; of an addition still being resolved its change tells.
fn is_active(plan: &Plan, row: &PlannedElement) -> bool {
    if let Some(element) = &row.after {
        return element.active;
    }
    let change = row.added_by.and_then(|index| plan.changes.get(index));
    !matches!(change, Some(Change::Add { active: false, .. }))
}

/// Takes a staged step back, or that back.
pub(super) fn step(model: &mut Model, action: Action) -> Vec<Effect> {
    let word = if action == Action::Undo {
        model.transaction.undo();
        "Undone"
    } else {
        model.transaction.redo();
        "Done again"
    };
    let staged = model.transaction.changes().len();
    let left = if staged == 0 {
        "nothing is staged".to_owned()
    } else {
        format!("{} staged", counted(staged, "change"))
    };
    let text = format!("{word}: {left}");
    let effects = planning::replan(model);
    say_staged(model, &text);
    effects
}
