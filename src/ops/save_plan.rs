//! Saves what is staged as a file for `firn apply`.

use std::path::PathBuf;

use anyhow::Context as _;

use super::Context;
use crate::system::plan_file;

/// Writes a transaction's JSON into the state folder; tells the path.
pub fn save_plan(context: &Context, text: &str) -> anyhow::Result<PathBuf> {
    let state = &context.folders.state;
    plan_file::save(state, context.clock.now(), text)
        .with_context(|| format!("cannot save the plan in '{}'", state.join("plans").display()))
}
