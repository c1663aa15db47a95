//! `firn tree` and `firn collisions`: what the profile links, and what collides in it.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::collision_text;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use super::open;
use super::table;
use crate::core::facts::Facts;
use crate::core::plan::{Base, Plan, json};
use crate::core::transaction::Transaction;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::gather_facts::complete_plan;
use crate::ops::load_profile::{load_base, load_generation};
use crate::system::machine::Watch;

/// Prints every link of the live profile or of a generation.
pub fn links(context: &Context, invocation: &Invocation, generation: Option<u64>) -> Result<(), Failure> {
    let base = match generation {
        Some(number) => load_generation(context, number)?,
        None => live(context, invocation)?,
    };
    let known = look(context, invocation, &base)?;
    let (plan, _) = &*known;
    warn_of_problems(plan, invocation);
    if invocation.json {
        return Ok(invocation.printer.json(&json::tree(plan))?);
    }
    let rows: Vec<Vec<String>> = plan
        .tree_after
        .links()
        .iter()
        .map(|(path, link)| {
            let element = plan.element_of(&link.package).unwrap_or("(propagated)");
            let target = visible::bytes(&link.target(path));
            [visible::bytes(path), element.to_owned(), target].map(|cell| visible::text(&cell)).to_vec()
        })
        .collect();
    Ok(invocation.printer.data(&table::lines(&rows))?)
}

/// Prints every collision of the live profile; status 3 if some would keep Nix from building it.
pub fn collisions(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let base = live(context, invocation)?;
    let known = look(context, invocation, &base)?;
    let (plan, facts) = &*known;
    warn_of_problems(plan, invocation);
    if invocation.json {
        invocation.printer.json(&json::collisions(plan))?;
    } else {
        let program = invocation.place.program();
        invocation.printer.data(&collision_text::all(plan, &Transaction::default(), facts, &program))?;
    }
    match plan.collisions.blocking() {
        0 => Ok(()),
        count => Err(Failure::Collisions { count }),
    }
}

/// What is not there or cannot be read is missing from what is printed.
fn warn_of_problems(plan: &Plan, invocation: &Invocation) {
    for problem in &plan.tree_after.problems {
        invocation.printer.warn(&problem.to_string());
    }
}

/// The live profile; tells about one that counts as empty.
pub fn live(context: &Context, invocation: &Invocation) -> Result<Arc<Base>, Failure> {
    let (state, base) = load_base(context)?;
    open::tell_state(&state, context, invocation.printer);
    Ok(base)
}

/// Learns everything about a profile. What is learnt and planned is never dropped: the program ends after printing it, and taking a
/// profile of 1,000 packages apart takes as long as planning it.
pub fn look(
    context: &Context,
    invocation: &Invocation,
    base: &Arc<Base>,
) -> Result<ManuallyDrop<(Plan, Facts)>, Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let watch = Watch { progress: &interrupt, cancel: &interrupt.cancel };
    let mut facts = Facts::default();
    let plan = complete_plan(context, base, &Transaction::default(), &mut facts, &watch)?;
    interrupt.done();
    Ok(ManuallyDrop::new((plan, facts)))
}
