//! Planning again, and everything that is made from the plan: collision groups, rows,
//! tree lines, what is still to be learnt.

use std::sync::Arc;

use super::{collisions, contained, installed, outputs, priority, registry, tree_lines, words};
use crate::core::change::Change;
use crate::core::essentials;
use crate::core::facts::Needs;
use crate::core::home_manager::{self, NextSwitch};
use crate::core::plan::Plan;
use crate::core::resolution;
use crate::tui::effect::Effect;
use crate::tui::model::{HistoryRow, Job, JobKind, Model, Overlay, TreeTotal};

/// Plans the staged changes on the loaded profile; called whenever one of the three inputs (base,
/// transaction, facts) has changed, in the same `update`, so that no frame shows an old plan.
pub(super) fn replan(model: &mut Model) -> Vec<Effect> {
    let Some(loaded) = model.loaded() else { return Vec::new() };
    if loaded.damaged.is_some() {
        forget(model);
        return Vec::new();
    }
    let base = Arc::clone(&loaded.base);
    let selected = Selected::remember(model);
    let previous = model.plan.take();
    let plan = Plan::make(&base, &model.transaction, &model.facts, previous.as_deref());
    drop(previous);
    model.lost = essentials::lost_by(&plan, &model.programs);
    model.next_switch = match home_manager::next_switch(&plan, &model.facts) {
        NextSwitch::Fails(trouble) => Some(trouble),
        NextSwitch::NotUsed | NextSwitch::Unknown(_) | NextSwitch::Works => None,
    };
    model.groups = resolution::groups(&plan);
    model.revision += 1;
    let difference = plan.link_difference();
    model.preview.total = TreeTotal {
        before: plan.tree_before.root.counts.links,
        after: plan.tree_after.root.counts.links,
        added: difference.added.len(),
        changed: difference.changed.len(),
        removed: difference.removed.len(),
        blocking: plan.collisions.blocking(),
    };
    model.preview.difference = Arc::new(difference);
    model.plan = Some(Arc::new(plan));
    installed::arrange(model);
    forget_gone_marks(model);
    tree_lines::make(model);
    registry::refresh(model);
    selected.restore(model);
    words::settle(model);
    let mut effects = ask(model);
    priority::try_value(model);
    outputs::refresh(model);
    contained::refresh(model);
    effects.extend(collisions::refresh(model));
    effects
}

/// Forgets the plan and all that was made from it: nothing is planned on a guess.
pub(super) fn forget(model: &mut Model) {
    model.plan = None;
    model.lost.clear();
    model.next_switch = None;
    model.groups.clear();
    model.installed.rows.clear();
    model.preview.lines.clear();
    model.preview.difference = Arc::default();
    model.preview.total = TreeTotal::default();
    registry::refresh(model);
    model.revision += 1;
}

/// Orders what the plan needs and what is open on top, once per distinct needs; without needs stops
/// what is being learnt.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(mut needs) = model.plan.as_ref().map(|plan| plan.needs.clone()) else { return Vec::new() };
    needs.absorb(outputs::needs(model));
    needs.absorb(contained::needs(model));
    let learning = model.job.as_ref().is_some_and(|job| job.kind == JobKind::Learn);
    if needs.is_empty() {
        model.asked = None;
        if learning {
            model.job = None;
            return vec![Effect::LearnFacts(Needs::default())];
        }
        return Vec::new();
    }
    if model.asked.as_ref() == Some(&needs) {
        return Vec::new();
    }
    model.asked = Some(needs.clone());
    if model.job.is_none() {
        model.job = Some(Job::new(JobKind::Learn, model.now));
    }
    vec![Effect::LearnFacts(needs)]
}

/// A job of a kind that changes nothing has ended; if something is still being learnt, that is the
/// job again.
pub(super) fn end_job(model: &mut Model, kind: JobKind) {
    if model.job.as_ref().is_some_and(|job| job.kind == kind) {
        model.job = model.asked.is_some().then(|| Job::new(JobKind::Learn, model.now));
    }
}

fn forget_gone_marks(model: &mut Model) {
    let Some(plan) = model.plan.clone() else { return };
    let is_there = |name: &String| plan.elements.binary_search_by(|row| row.name.cmp(name)).is_ok();
    model.installed.marks.retain(is_there);
}

/// What the cursors stand on, so that they stand on it again after planning.
struct Selected {
    element: Option<(String, Option<usize>)>,
    generation: Option<HistoryRow>,
}

impl Selected {
    fn remember(model: &Model) -> Self {
        let element = installed::under_cursor(model).map(|row| (row.name.clone(), row.added_by));
        // The rows as they were shown: the old plan tells whether a planned one was on top.
        let planned = model.plan.as_ref();
        let planned = planned.is_some_and(|plan| !plan.changes.iter().all(Change::is_registry_edit));
        let generations = model.shown_generations();
        let position = model.history.cursor.selected;
        let generation = match (planned, position) {
            (true, 0) => Some(HistoryRow::Planned),
            _ => generations.get(position - usize::from(planned)).copied().map(HistoryRow::Generation),
        };
        Self { element, generation }
    }

    fn restore(self, model: &mut Model) {
        if let Some((name, added_by)) = self.element
            && !installed::point_at(model, &name)
            && let Some(name) = renamed(model, added_by)
        {
            installed::point_at(model, &name);
        }
        if let Some(row) = self.generation {
            let position = model.history_rows().iter().position(|shown| *shown == row);
            model.history.cursor.selected = position.unwrap_or(0);
        }
    }
}

/// An addition is called otherwise once it is resolved; its place among the changes stays.
fn renamed(model: &Model, added_by: Option<usize>) -> Option<String> {
    let row =
        model.plan.as_ref()?.elements.iter().find(|row| added_by.is_some() && row.added_by == added_by)?;
    Some(row.name.clone())
}

/// Whether a review that was opened for the plan before is still true; called when facts came in
/// and nothing else happened, so that waiting for facts does not close the door it waits at.
pub(super) fn keep_review(model: &mut Model, before: u64) {
    let now = model.revision;
    for overlay in &mut model.overlays {
        match overlay {
            Overlay::Review(screen) if screen.revision == before => screen.revision = now,
            _ => {}
        }
    }
}
