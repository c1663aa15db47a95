//! Deletes generations, under the profile's lock, never the live one.

use crate::core::generation::Deletion;

use super::Context;

/// Deletes; tells the numbers in ascending order. With `dry_run` only tells.
pub fn delete_generations(context: &Context, deletion: &Deletion, dry_run: bool) -> anyhow::Result<Vec<u64>> {
    let _ = (context, deletion, dry_run);
    todo!()
}
