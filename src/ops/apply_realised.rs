//! Applies a plan whose packages are not all here: fetches and builds first, plans again on what came
//! of it, and applies that. What could not be built or fetched stays as it was.

use std::sync::Arc;

use crate::core::facts::Facts;
use crate::core::plan::{Base, PlanState};
use crate::core::transaction::Transaction;
use crate::system::machine::Watch;

use super::Context;
use super::apply_plan::{Applied, Replace, apply_plan_onto};
use super::realise::realised_plan;

/// What is staged, on what, and what that may replace.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The profile it was planned on.
    pub base: Arc<Base>,
    /// The changes.
    pub transaction: Transaction,
    /// What the user has agreed to.
    pub replace: Replace,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was applied.
    Applied(Applied),
    /// Now that everything is here the plan is in another state, and nothing was applied: it collides,
    /// or nothing is left of it.
    Changed(PlanState),
}

/// Realises, plans again and applies. `facts` take up what was learnt, also if that ends in an error.
pub fn apply_realised(
    context: &Context,
    staged: &Staged,
    facts: &mut Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<Outcome> {
    let plan = realised_plan(context, &staged.base, &staged.transaction, facts, watch)?;
    match plan.state() {
        PlanState::Ready => Ok(Outcome::Applied(apply_plan_onto(context, &plan, staged.replace, watch)?)),
        state => Ok(Outcome::Changed(state)),
    }
}
