//! `firn wipe-history` and `firn delete-generations`.
//!
//! Data are the numbers. What is lost with them, and what a garbage collection would free, is
//! told beside, by a dry run, before anything is gone.

use serde_json::json;

use super::failure::Failure;
use super::generations::tell;
use super::interrupt::Interrupt;
use super::meant::{Invocation, WhichGenerations};
use crate::core::byte_size;
use crate::core::generation::{Deletion, GenerationError};
use crate::core::visible;
use crate::ops::Context;
use crate::ops::delete_generations::{
    Named, check_live, delete_anyway, delete_generations, find_deletes, losses,
};
use crate::ops::load_profile::{load_history, load_shown};
use crate::ops::measure_generations::GenerationSpace;
use crate::system::machine::{Cancel, NoProgress, Watch};
use crate::system::profile_folder::ProfileFolder;

/// So many packages are named.
const NAMES: usize = 8;

/// Deletes generations that are not live.
pub fn run(context: &Context, invocation: &Invocation, which: &WhichGenerations) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let deletion = deletion(context, invocation, which)?;
    let dry_run = invocation.changing.dry_run;
    let force = invocation.changing.force;
    let named = if force { Named::Deleted } else { Named::Refused };
    let kept = find_deletes(context, &deletion, named)?.kept;
    let numbers = if force {
        delete_anyway(context, &deletion, dry_run)?
    } else {
        if let (true, Err(problem)) = (dry_run, check_live(context, &deletion)) {
            invocation.printer.warn(&format!("{problem}; this needs --force"));
        }
        delete_generations(context, &deletion, dry_run)?
    };
    interrupt.done();
    if !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(u64::to_string).collect();
        invocation.printer.note(&format!("kept, as you wanted: {}", kept.join(", ")));
    }
    if dry_run {
        tell_losses(context, invocation, &numbers);
    }
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

/// Numbers that do not exist are warned about and left out, as names that match nothing are.
fn deletion(
    context: &Context,
    invocation: &Invocation,
    which: &WhichGenerations,
) -> Result<Deletion, Failure> {
    Ok(match which {
        WhichGenerations::Old => Deletion::AllOld,
        WhichGenerations::NotLiveFor(seconds) => {
            Deletion::OlderThan(context.clock.now().saturating_sub(*seconds))
        }
        WhichGenerations::KeepLast(count) => Deletion::KeepLast(*count),
        WhichGenerations::Numbers(numbers) => {
            let generations = ProfileFolder::new(&context.profile)
                .and_then(|folder| folder.generations())
                .map_err(anyhow::Error::from)?;
            let exists = |number: &u64| generations.iter().any(|generation| generation.number == *number);
            let (numbers, missing): (Vec<u64>, Vec<u64>) = numbers.iter().partition(|number| exists(number));
            for number in missing {
                invocation.printer.warn(&GenerationError::Missing(number).to_string());
            }
            Deletion::Numbers(numbers)
        }
    })
}

/// What only these generations have, and the bytes. Not knowing them is no reason to fail.
fn tell_losses(context: &Context, invocation: &Invocation, numbers: &[u64]) {
    if numbers.is_empty() {
        return;
    }
    if let Ok(mut profile) = load_shown(context)
        && let Ok(read) = load_history(context, &profile.not_read())
    {
        profile.take_manifests(&read);
        let lost = losses(&profile, numbers);
        let names: Vec<String> =
            lost.iter().take(NAMES).map(|it| format!("{} {}", it.element, it.version)).collect();
        let more = match lost.len().saturating_sub(NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !names.is_empty() {
            invocation.printer.note(&visible::text(&format!("nowhere else: {}{more}", names.join(", "))));
        }
    }
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let freed = GenerationSpace::learn(context, &watch).and_then(|space| space.freed(numbers));
    if let Ok(freed) = freed {
        let (paths, size) = (freed.paths.len(), byte_size::text(freed.bytes));
        let noun = if paths == 1 { "store path" } else { "store paths" };
        invocation.printer.note(&format!("a garbage collection then frees {size} ({paths} {noun})"));
    }
}
