//! Applies a plan: writes the profile into the store, checks that nobody else moved
//! the profile, switches, and checks what became of it.

use crate::core::plan::Plan;
use crate::core::store_path::StorePath;
use crate::system::machine::Watch;

use super::Context;

/// What applying did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// There was nothing to do; no generation was made.
    Nothing,
    /// The profile was switched.
    Switched {
        /// The live generation before.
        from: Option<u64>,
        /// The live generation now.
        to: u64,
        /// The profile's store path.
        path: StorePath,
    },
    /// Another program changed the profile since the plan was made; nothing was changed.
    /// Load the profile and plan again.
    Moved,
}

/// Applies a plan in state [`crate::core::plan::PlanState::Ready`]; any other is an error.
pub fn apply_plan(context: &Context, plan: &Plan, watch: &Watch<'_>) -> anyhow::Result<Applied> {
    let _ = (context, plan, watch);
    todo!()
}
