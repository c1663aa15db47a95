//! `firn wipe-history` and `firn delete-generations`.
//!
//! Data are the numbers. A dry run tells what is lost with them, and what a garbage collection would
//! free, before anything is gone; as JSON the numbers stand alone, and that is told beside.

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
    let losses = if dry_run { told_losses(context, &numbers) } else { Vec::new() };
    if invocation.json {
        for line in &losses {
            invocation.printer.note(line);
        }
        return Ok(invocation.printer.json(&json!({ "deleted": numbers }))?);
    }
    let words = if dry_run { "would delete generation" } else { "deleted generation" };
    let mut lines: Vec<String> = numbers.iter().map(|number| format!("{words} {number}")).collect();
    if lines.is_empty() {
        invocation.printer.note("no generation to delete");
    }
    lines.extend(losses);
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
fn told_losses(context: &Context, numbers: &[u64]) -> Vec<String> {
    let mut told = Vec::new();
    if numbers.is_empty() {
        return told;
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
            told.push(visible::text(&format!("nowhere else: {}{more}", names.join(", "))));
        }
    }
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let freed = GenerationSpace::learn(context, &watch).and_then(|space| space.freed(numbers));
    if let Ok(freed) = freed {
        let (paths, size) = (freed.paths.len(), byte_size::text(freed.bytes));
        let noun = if paths == 1 { "store path" } else { "store paths" };
        told.push(format!("a garbage collection then frees {size} ({paths} {noun})"));
    }
    told
}
