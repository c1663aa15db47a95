//! Learns what a plan needs: reads packages, resolves installables.

use crate::core::facts::{Facts, Needs};
use crate::system::machine::Watch;

use super::Context;

/// Learns everything in `needs`; what cannot be learnt is a fact too. An error means that nothing
/// could be asked at all (no nix, cancelled).
pub fn gather_facts(context: &Context, needs: &Needs, watch: &Watch<'_>) -> anyhow::Result<Facts> {
    let _ = (context, needs, watch);
    todo!()
}

/// Plans, learns, and plans again until nothing is missing. For the command line.
pub fn complete_plan(
    context: &Context,
    base: &std::sync::Arc<crate::core::plan::Base>,
    transaction: &crate::core::transaction::Transaction,
    facts: &mut Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<crate::core::plan::Plan> {
    let _ = (context, base, transaction, facts, watch);
    todo!()
}
