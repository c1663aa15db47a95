//! What applying would cost: asked when Review is open and everything else is known, for the very
//! plan that is shown.

use std::sync::Arc;

use crate::core::plan::cost::Cost;
use crate::tui::effect::Effect;
use crate::tui::model::{AskedCost, Model, Overlay};

/// Asks for the cost of the plan under review, once per plan.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    let is_reviewed = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Review(_)));
    let plan = model.plan.as_ref().filter(|plan| plan.needs.is_empty() && plan.makes_generation())?;
    let changes = model.job.as_ref().is_some_and(|job| job.kind.changes_profile());
    if !is_reviewed || changes || model.store_trouble.is_some() {
        return None;
    }
    let revision = model.revision;
    if model.upgrades.cost.as_ref().is_some_and(|asked| asked.revision == revision) {
        return None;
    }
    model.upgrades.cost = Some(AskedCost { revision, answer: None });
    Some(Effect::MeasureCost { revision, plan: Arc::clone(plan) })
}

/// It is known, or cannot be; another plan's is dropped.
pub(super) fn take(model: &mut Model, revision: u64, answer: Result<Cost, String>) {
    if let Ok(cost) = &answer {
        Arc::make_mut(&mut model.facts).builds.extend(cost.build.iter().cloned());
    }
    if let Some(asked) = model.upgrades.cost.as_mut().filter(|asked| asked.revision == revision) {
        asked.answer = Some(answer);
    }
}
