//! What the runtime shall do. Orders, comparable values.

use std::sync::Arc;

use crate::core::facts::Needs;
use crate::core::plan::Plan;
use crate::core::resolution::CollisionGroup;
use crate::core::transaction::Transaction;

/// One order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read the profile again.
    LoadProfile,
    /// Learn what a plan needs.
    LearnFacts(Needs),
    /// Compute the ways out of a group.
    FindWays {
        /// To come back with the answer.
        revision: u64,
        /// Index of the group.
        index: usize,
        /// The group.
        group: CollisionGroup,
        /// The plan it belongs to.
        plan: Arc<Plan>,
        /// What is staged.
        transaction: Transaction,
    },
    /// Apply the plan.
    Apply(Arc<Plan>),
    /// Make a generation live.
    RollBack(u64),
    /// Write the transaction into the state folder.
    SavePlan(String),
    /// Ask the running job to stop.
    Cancel,
    /// Give the terminal back and stop the process until it is continued.
    Suspend,
    /// Draw everything again.
    Redraw,
}
