//! Deletes generations, under the profile's lock, never the live one.
//!
//! What a deletion takes is decided by [`crate::core::generation::deleted`], again
//! after the lock was taken: meanwhile the profile may have been rolled back. While the
//! live generation is damaged the others are the way out, and only deleted on demand.

use crate::core::generation::{self, Deletion};
use crate::system::journal::Deed;
use crate::system::machine::Cancel;
use crate::system::profile_folder::{ProfileFolder, ProfileState};

use super::Context;
use super::apply_plan::write_down;
use super::load_profile::load_base;
use super::lock_profile::lock_profile;
use super::refusal::Refusal;

/// Deletes; tells the numbers in ascending order. With `dry_run` only tells. Refuses while the live
/// generation is damaged.
pub fn delete_generations(context: &Context, deletion: &Deletion, dry_run: bool) -> anyhow::Result<Vec<u64>> {
    if !dry_run && !context.read_only {
        check_live(context, deletion)?;
    }
    delete_anyway(context, deletion, dry_run)
}

/// Fails if the live generation is damaged and something would be deleted.
pub fn check_live(context: &Context, deletion: &Deletion) -> anyhow::Result<()> {
    let problem = match load_base(context) {
        Ok((ProfileState::Dangling, _)) => "it leads to nothing".to_owned(),
        Ok((ProfileState::WithoutManifest, _)) => "it has no manifest".to_owned(),
        Ok(_) => return Ok(()),
        Err(error) => error.to_string(),
    };
    let folder = ProfileFolder::new(&context.profile)?;
    let deletes = find_numbers(&folder, deletion)?;
    if deletes.is_empty() {
        return Ok(());
    }
    let live = folder.current()?.map_or("profile".to_owned(), |number| format!("generation {number}"));
    Err(Refusal::LiveIsDamaged { live, problem, deletes }.into())
}

/// Deletes, whatever the live generation is like; tells as [`delete_generations`] does.
pub fn delete_anyway(context: &Context, deletion: &Deletion, dry_run: bool) -> anyhow::Result<Vec<u64>> {
    // Also when there turns out to be nothing to delete: what is refused must not depend on that.
    if context.read_only && !dry_run {
        return Err(Refusal::ReadOnly.into());
    }
    let folder = ProfileFolder::new(&context.profile)?;
    let numbers = find_numbers(&folder, deletion)?;
    if dry_run || numbers.is_empty() {
        return Ok(numbers);
    }
    let lock = lock_profile(&folder, &Cancel::default())?;
    let numbers = find_numbers(&folder, deletion)?;
    let current = folder.current()?;
    folder.delete(&numbers, &lock)?;
    drop(lock);
    write_down(context, &folder, (Deed::Delete, current, current), None);
    Ok(numbers)
}

fn find_numbers(folder: &ProfileFolder, deletion: &Deletion) -> anyhow::Result<Vec<u64>> {
    let generations = folder.generations()?;
    if generations.is_empty() && !matches!(deletion, Deletion::Numbers(_)) {
        return Ok(Vec::new());
    }
    Ok(generation::deleted(&generations, folder.current()?, deletion)?)
}
