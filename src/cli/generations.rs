//! `firn rollback` and `firn wipe-history`.

use serde_json::json;

use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use crate::core::essentials::lost_between;
use crate::core::generation::Deletion;
use crate::ops::Context;
use crate::ops::delete_generations::{check_live, delete_anyway, delete_generations};
use crate::ops::load_profile::load_generation;
use crate::ops::roll_back::{RolledBack, roll_back as switch_back};
use crate::system::running_programs;

/// Makes another generation live.
pub fn roll_back(context: &Context, invocation: &Invocation, to: Option<u64>) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let dry_run = invocation.changing.dry_run;
    let moved = switch_back(context, to, dry_run)?;
    interrupt.done();
    warn_of_lost(context, invocation, moved);
    let from = moved.from.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
    let words = if dry_run { "would switch" } else { "switched" };
    let sentence = format!("{words} from generation {from} to {}", moved.to);
    if invocation.json {
        return Ok(invocation.printer.json(&json!({ "from": moved.from, "to": moved.to }))?);
    }
    tell(invocation, &[sentence])
}

/// Going back is instant and taken back the same way, so what it takes away is no reason to refuse.
fn warn_of_lost(context: &Context, invocation: &Invocation, moved: RolledBack) {
    let Some(from) = moved.from else { return };
    let (Ok(before), Ok(after)) = (load_generation(context, from), load_generation(context, moved.to)) else {
        return;
    };
    for lost in lost_between(&before.manifest, &after.manifest, &running_programs::find()) {
        let back = format!("'firn rollback --to {from}' brings it back");
        invocation.printer.warn(&format!("generation {} is without '{}'; {back}", moved.to, lost.element));
    }
}

/// Deletes generations that are not live.
pub fn wipe_history(context: &Context, invocation: &Invocation, age: Option<i64>) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let dry_run = invocation.changing.dry_run;
    let deletion = match age {
        Some(seconds) => Deletion::OlderThan(context.clock.now().saturating_sub(seconds)),
        None => Deletion::AllOld,
    };
    let numbers = if invocation.changing.force {
        delete_anyway(context, &deletion, dry_run)?
    } else {
        if let (true, Err(problem)) = (dry_run, check_live(context, &deletion)) {
            invocation.printer.warn(&format!("{problem}; this needs --force"));
        }
        delete_generations(context, &deletion, dry_run)?
    };
    interrupt.done();
    if invocation.json {
        return Ok(invocation.printer.json(&json!({ "deleted": numbers }))?);
    }
    let words = if dry_run { "would delete generation" } else { "deleted generation" };
    let lines: Vec<String> = numbers.iter().map(|number| format!("{words} {number}")).collect();
    if lines.is_empty() {
        invocation.printer.note("no generation to delete");
    }
    tell(invocation, &lines)
}

/// What would be done is what was asked for: data. What was done is a note.
fn tell(invocation: &Invocation, lines: &[String]) -> Result<(), Failure> {
    if invocation.changing.dry_run {
        return Ok(invocation.printer.data(lines)?);
    }
    for line in lines {
        invocation.printer.note(line);
    }
    Ok(())
}
