//! Compares the trees of two generations. Reads the packages that only they hold, nothing else;
//! what was read before is taken over, and what is read now is handed back with the answer.

use std::borrow::Cow;
use std::sync::Arc;

use crate::core::facts::Facts;
use crate::core::plan::{Base, Plan};
use crate::core::transaction::Transaction;
use crate::core::tree_comparison::TreeComparison;
use crate::system::machine::{StoreError, Watch};
use crate::system::package_reader::Depth;

use super::Context;
use super::gather_facts::gather_facts;
use super::refusal::Refusal;

/// Two trees compared, with what had to be learnt for that.
#[derive(Clone, Debug)]
pub struct ComparedTrees {
    /// From the first to the second.
    pub comparison: TreeComparison,
    /// What was read, for the next comparison.
    pub learnt: Facts,
}

/// Compares from `before` to `after`. `known` is what was read so far, `like` a plan on a profile
/// much like these: what they share is not linked again.
pub fn compare_trees(
    context: &Context,
    (before, after): (&Arc<Base>, &Arc<Base>),
    known: &Facts,
    like: Option<&Plan>,
    watch: &Watch<'_>,
) -> anyhow::Result<ComparedTrees> {
    let mut facts = Cow::Borrowed(known);
    let mut learnt = Facts::default();
    let before = linked(context, before, (&mut facts, &mut learnt), like, watch)?;
    let after = linked(context, after, (&mut facts, &mut learnt), Some(&before), watch)?;
    let comparison = TreeComparison::of(&before, &after, &facts.trees.directories);
    Ok(ComparedTrees { comparison, learnt })
}

/// Links a profile as it is, reading what is missing.
fn linked(
    context: &Context,
    base: &Arc<Base>,
    (facts, learnt): (&mut Cow<'_, Facts>, &mut Facts),
    like: Option<&Plan>,
    watch: &Watch<'_>,
) -> anyhow::Result<Plan> {
    let nothing = Transaction::default();
    let mut plan = Plan::make(base, &nothing, facts, like);
    while !plan.needs.is_empty() {
        let found = gather_facts(context, &plan.needs, Depth::Whole, watch)?;
        if watch.cancel.is_requested() {
            return Err(StoreError::Cancelled.into());
        }
        facts.to_mut().absorb(found.clone());
        learnt.absorb(found);
        let next = Plan::make(base, &nothing, facts, Some(&plan));
        if next.needs == plan.needs {
            return Err(Refusal::NeverLearnt("a package of one of the generations".to_owned()).into());
        }
        plan = next;
    }
    Ok(plan)
}
