//! Takes back what firn last did to the profile. The rule is [`crate::core::deeds`]'s.
//!
//! A switch like any other: under the lock, nothing evaluated, nothing fetched, nothing read of
//! any manifest, so that it works when the live one is damaged.

use crate::core::deeds::{self, Deed, Move, Undo};
use crate::system::journal::Journal;
use crate::system::machine::Cancel;
use crate::system::profile_folder::ProfileFolder;

use super::Context;
use super::apply_plan::write_down;
use super::lock_profile::lock_profile;
use super::own_tool;
use super::refusal::Refusal;

/// Undoes; with `dry_run` only tells where that would lead.
pub fn undo(context: &Context, dry_run: bool) -> anyhow::Result<Undo> {
    // Also when there turns out to be nothing to undo: what is refused must not depend on that.
    if context.read_only && !dry_run {
        return Err(Refusal::ReadOnly.into());
    }
    let folder = ProfileFolder::new(&context.profile)?;
    let found = find(context, &folder)?;
    if dry_run {
        return Ok(found);
    }
    own_tool::check(context, &folder, Some(found.to))?;
    let lock = lock_profile(&folder, &Cancel::default())?;
    let undo = find(context, &folder)?;
    folder.point_to(undo.to, &lock)?;
    drop(lock);
    write_down(context, &folder, (Deed::Undo, Some(undo.from), Some(undo.to)), None);
    Ok(undo)
}

fn find(context: &Context, folder: &ProfileFolder) -> anyhow::Result<Undo> {
    let entries = Journal::new(&context.folders.state).read(&folder.link)?;
    let moves: Vec<Move> = entries.iter().map(crate::system::journal::JournalEntry::as_move).collect();
    Ok(deeds::undo_target(&moves, &folder.generations()?, folder.current()?)?)
}
