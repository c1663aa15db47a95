//! Makes another generation live, under the profile's lock. Deletes nothing.

use super::Context;

/// From where to where a rollback went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The live generation before.
    pub from: u64,
    /// The live generation now.
    pub to: u64,
}

/// Goes back to the highest number below the current one, or to exactly `to`.
/// With `dry_run` only tells.
pub fn roll_back(context: &Context, to: Option<u64>, dry_run: bool) -> anyhow::Result<RolledBack> {
    let _ = (context, to, dry_run);
    todo!()
}
