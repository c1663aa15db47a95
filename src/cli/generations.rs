//! `firn rollback` and `firn undo`.

use serde_json::json;

use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use crate::core::deeds::Deed;
use crate::core::essentials::lost_between;
use crate::ops::Context;
use crate::ops::load_profile::load_generation;
use crate::ops::roll_back::{RolledBack, roll_back as switch_back};
use crate::ops::undo::undo as take_back;
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
    let sentence = if moved.from == Some(moved.to) {
        format!("generation {} is live already", moved.to)
    } else {
        format!("{words} from generation {from} to {}", moved.to)
    };
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

/// Takes back what firn last did.
pub fn undo(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let dry_run = invocation.changing.dry_run;
    let undo = take_back(context, dry_run)?;
    interrupt.done();
    warn_of_lost(context, invocation, RolledBack { from: Some(undo.from), to: undo.to });
    if invocation.json {
        let deed = if undo.deed == Deed::Switch { "rollback" } else { "apply" };
        return Ok(invocation.printer.json(&json!({ "deed": deed, "from": undo.from, "to": undo.to }))?);
    }
    let what = match undo.deed {
        Deed::Switch => format!("the rollback to {}", undo.from),
        _ => format!("what made generation {}", undo.from),
    };
    let sentence = if dry_run {
        format!("would undo {what} and switch to generation {}", undo.to)
    } else {
        format!("undid {what}: switched to generation {}", undo.to)
    };
    tell(invocation, &[sentence])
}

/// What would be done is what was asked for: data. What was done is a note.
pub fn tell(invocation: &Invocation, lines: &[String]) -> Result<(), Failure> {
    if invocation.changing.dry_run {
        return Ok(invocation.printer.data(lines)?);
    }
    for line in lines {
        invocation.printer.note(line);
    }
    Ok(())
}
