//! Collects garbage: a step of its own, never part of a deletion.
//!
//! Everything in the store that no root needs goes, not only what this profile needed.

use crate::system::machine::{Collected, Watch};

use super::Context;
use super::refusal::Refusal;

/// Deletes what nothing needs.
pub fn collect_garbage(context: &Context, watch: &Watch<'_>) -> anyhow::Result<Collected> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    Ok(context.store.collect_garbage(watch)?)
}
