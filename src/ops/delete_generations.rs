//! Deletes generations, under the profile's lock, never the live one, and none that the user
//! keeps unless it is named.
//!
//! What a deletion takes is decided by [`crate::core::generation::deleted`], again
//! after the lock was taken: meanwhile the profile may have been rolled back. While the
//! live generation is damaged the others are the way out, and only deleted on demand.

use crate::core::deletion_loss::{self, OnlyThere};
use crate::core::generation::{self, Deletion};
use crate::core::manifest::ProfileManifest;
use crate::system::journal::Deed;
use crate::system::machine::Cancel;
use crate::system::notes::Notes;
use crate::system::profile_folder::{ProfileFolder, ProfileState};

use super::Context;
use super::apply_plan::write_down;
use super::load_profile::{LoadedProfile, load_base};
use super::lock_profile::lock_profile;
use super::refusal::Refusal;

/// What a deletion takes, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletes {
    /// The numbers that go, in ascending order.
    pub numbers: Vec<u64>,
    /// Those that would go, were they not kept.
    pub kept: Vec<u64>,
}

/// Whether what the user keeps is deleted when it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// It is refused.
    Refused,
    /// It goes.
    Deleted,
}

/// Deletes; tells the numbers in ascending order. With `dry_run` only tells. Refuses while the live
/// generation is damaged, and to delete what the user keeps.
pub fn delete_generations(context: &Context, deletion: &Deletion, dry_run: bool) -> anyhow::Result<Vec<u64>> {
    if !dry_run && !context.read_only {
        check_live(context, deletion)?;
    }
    delete(context, deletion, (dry_run, Named::Refused))
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
    let deletes = find(context, &folder, deletion, Named::Deleted)?.numbers;
    if deletes.is_empty() {
        return Ok(());
    }
    let live = folder.current()?.map_or("profile".to_owned(), |number| format!("generation {number}"));
    Err(Refusal::LiveIsDamaged { live, problem, deletes }.into())
}

/// Deletes, whatever the live generation is like, and what the user keeps too if it is named; tells
/// as [`delete_generations`] does.
pub fn delete_anyway(context: &Context, deletion: &Deletion, dry_run: bool) -> anyhow::Result<Vec<u64>> {
    delete(context, deletion, (dry_run, Named::Deleted))
}

/// What a deletion would take now.
pub fn find_deletes(context: &Context, deletion: &Deletion, named: Named) -> anyhow::Result<Deletes> {
    find(context, &ProfileFolder::new(&context.profile)?, deletion, named)
}

/// The packages that only these generations have; those whose manifests cannot be read are taken
/// for empty.
pub fn losses(profile: &LoadedProfile, numbers: &[u64]) -> Vec<OnlyThere> {
    let mut doomed: Vec<(u64, &ProfileManifest)> = Vec::new();
    let mut staying: Vec<&ProfileManifest> = Vec::new();
    for loaded in &profile.generations {
        let Ok(manifest) = &loaded.manifest else { continue };
        if numbers.contains(&loaded.generation.number) {
            doomed.push((loaded.generation.number, manifest));
        } else {
            staying.push(manifest);
        }
    }
    deletion_loss::only_there(&doomed, &staying)
}

fn delete(
    context: &Context,
    deletion: &Deletion,
    (dry_run, named): (bool, Named),
) -> anyhow::Result<Vec<u64>> {
    // Also when there turns out to be nothing to delete: what is refused must not depend on that.
    if context.read_only && !dry_run {
        return Err(Refusal::ReadOnly.into());
    }
    let folder = ProfileFolder::new(&context.profile)?;
    let numbers = find(context, &folder, deletion, named)?.numbers;
    if dry_run || numbers.is_empty() {
        return Ok(numbers);
    }
    let lock = lock_profile(&folder, &Cancel::default())?;
    let numbers = find(context, &folder, deletion, named)?.numbers;
    let current = folder.current()?;
    folder.delete(&numbers, &lock)?;
    drop(lock);
    write_down(context, &folder, (Deed::Delete, current, current), None);
    Ok(numbers)
}

fn find(
    context: &Context,
    folder: &ProfileFolder,
    deletion: &Deletion,
    named: Named,
) -> anyhow::Result<Deletes> {
    let generations = folder.generations()?;
    if generations.is_empty() && !matches!(deletion, Deletion::Numbers(_)) {
        return Ok(Deletes::default());
    }
    let all = generation::deleted(&generations, folder.current()?, deletion)?;
    let is_named = matches!(deletion, Deletion::Numbers(_));
    if all.is_empty() || (is_named && named == Named::Deleted) {
        return Ok(Deletes { numbers: all, kept: Vec::new() });
    }
    // Notes that cannot be read may keep any of them.
    let notes = Notes::new(&context.folders.state).read(&folder.link)?;
    let is_kept = |number: &u64| {
        let mut those = generations.iter().filter(|generation| generation.number == *number);
        those.any(|generation| notes.get(&generation.target).is_some_and(|note| note.kept))
    };
    let (kept, numbers): (Vec<u64>, Vec<u64>) = all.into_iter().partition(is_kept);
    if is_named && !kept.is_empty() {
        return Err(Refusal::Kept(kept).into());
    }
    Ok(Deletes { numbers, kept })
}
