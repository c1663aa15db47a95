//! Brings into the store what a plan needs and is not there, and plans again on what came of it.
//!
//! What was planned from a listing, or on nothing, is read from disk afterwards: the profile is
//! made from what is there, and a collision that nobody could foresee blocks the new plan. What
//! could not be built or fetched is a fact like any other; its element stays as it was.

use std::sync::Arc;

use crate::core::environment_collision::EnvironmentCollision;
use crate::core::facts::Facts;
use crate::core::file_tree::PathBytes;
use crate::core::link_tree::TreeNeeds;
use crate::core::plan::{Base, Plan};
use crate::core::transaction::Transaction;
use crate::system::machine::{StoreError, Watch};
use crate::system::package_reader::{self, Depth};

use super::Context;
use super::gather_facts::complete_plan;
use super::hint;
use super::refusal::Refusal;

/// Fetches or builds everything in [`Plan::realise`]; tells what was learnt: the contents of what is
/// there now, and what failed.
pub fn realise(context: &Context, plan: &Plan, watch: &Watch<'_>) -> anyhow::Result<Facts> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let mut facts = Facts::default();
    if plan.realise.is_empty() {
        return Ok(facts);
    }
    let answers = context.store.realise(&plan.realise, watch)?;
    let mut packages: Vec<PathBytes> = Vec::new();
    for (wanted, answer) in plan.realise.iter().zip(answers) {
        match answer {
            Ok(()) => packages.extend(wanted.paths().map(|path| PathBytes::from(path.as_str().as_bytes()))),
            Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => return Err(error.into()),
            Err(error) => {
                facts.failed_builds.insert(wanted.key().to_owned(), Arc::from(words(&error)));
            }
        }
    }
    // What they propagate came along with them, and was not there either.
    let tree = plan.tree_after.packages.iter().filter(|package| package.propagated);
    packages.extend(tree.map(|package| Arc::clone(&package.path)));
    packages.sort_unstable();
    packages.dedup();
    let needs = TreeNeeds { packages, directories: Vec::new() };
    // Whole, also where nothing meets: whoever shows the plan then tells the commands in a folder that
    // one package alone brings, and no plan would ask for that folder later.
    facts.trees = package_reader::read(&needs, Depth::Whole, context.store.store_dir());
    Ok(facts)
}

/// What went wrong; of an environment whose own packages collide first which, and what to change.
fn words(error: &StoreError) -> String {
    let log = error.to_string();
    let Some(collision) = EnvironmentCollision::in_log(&log) else { return advised(error, log) };
    let ways =
        collision.ways().into_iter().map(|way| format!("      {}\n          {}\n", way.write, way.effect));
    format!(
        "{}\n    in its file, each of these can decide it:\n{}    the build's own words: {log}",
        collision.words(),
        ways.collect::<String>()
    )
}

/// The words of an error, with the advice that fits behind the first line.
fn advised(error: &StoreError, text: String) -> String {
    match (hint::for_store(error), text.split_once('\n')) {
        (None, _) => text,
        (Some(hint), None) => format!("{text}; {hint}"),
        (Some(hint), Some((first, rest))) => format!("{first}; {hint}\n{rest}"),
    }
}

/// Plans, realises and plans again until everything the plan needs is in the store and was read
/// there. The plan may still be blocked.
pub fn realised_plan(
    context: &Context,
    base: &Arc<Base>,
    transaction: &Transaction,
    facts: &mut Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<Plan> {
    let mut plan = complete_plan(context, base, transaction, facts, watch)?;
    while !plan.realise.is_empty() {
        let learnt = realise(context, &plan, watch)?;
        facts.absorb(learnt);
        let next = complete_plan(context, base, transaction, facts, watch)?;
        if next.realise == plan.realise {
            let first = next.realise.first().map(|wanted| wanted.element.clone());
            return Err(Refusal::NeverLearnt(format!("'{}'", first.unwrap_or_default())).into());
        }
        plan = next;
    }
    Ok(plan)
}
