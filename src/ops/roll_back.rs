//! Makes another generation live, under the profile's lock. Deletes nothing.
//!
//! The rules are those of `nix profile rollback`. Unlike there, a profile whose link
//! is broken can still be pointed to a generation that is named.

use crate::core::generation;
use crate::system::journal::Deed;
use crate::system::machine::Cancel;
use crate::system::profile_folder::{ProfileFolder, ProfileState};

use super::Context;
use super::apply_plan::write_down;
use super::lock_profile::lock_profile;
use super::own_tool;
use super::refusal::Refusal;

/// From where to where a rollback went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The live generation before; `None` if the link led to none.
    pub from: Option<u64>,
    /// The live generation now.
    pub to: u64,
}

/// Goes back to the highest number below the current one, or to exactly `to`.
/// With `dry_run` only tells.
pub fn roll_back(context: &Context, to: Option<u64>, dry_run: bool) -> anyhow::Result<RolledBack> {
    let folder = ProfileFolder::new(&context.profile)?;
    if dry_run {
        return find_target(&folder, to);
    }
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    // Without this a missing folder would be an error about its lock, and not about the generation.
    let target = find_target(&folder, to)?;
    own_tool::check(context, &folder, Some(target.to))?;
    let lock = lock_profile(&folder, &Cancel::default())?;
    let rolled_back = find_target(&folder, to)?;
    folder.point_to(rolled_back.to, &lock)?;
    drop(lock);
    write_down(context, &folder, (Deed::Switch, rolled_back.from, Some(rolled_back.to)), None);
    Ok(rolled_back)
}

fn find_target(folder: &ProfileFolder, to: Option<u64>) -> anyhow::Result<RolledBack> {
    let generations = folder.generations()?;
    if generations.is_empty() && folder.state()? == ProfileState::Missing {
        return Err(Refusal::NoProfile(folder.link.clone()).into());
    }
    let from = folder.current()?;
    let to = generation::rollback_target(&generations, from, to)?;
    Ok(RolledBack { from, to })
}
