//! Compares what lies below two generations: every package of their closures.
//!
//! Asks the store, which for the real Nix starts a program; on demand only.

use crate::core::closure_difference::{self, ClosureDifference};
use crate::core::generation::GenerationError;
use crate::core::store_path::StorePath;
use crate::system::machine::Watch;
use crate::system::profile_folder::ProfileFolder;

use super::Context;

/// Compares the closures of two generations.
pub fn compare_closures(
    context: &Context,
    (from, to): (u64, u64),
    watch: &Watch<'_>,
) -> anyhow::Result<ClosureDifference> {
    let folder = ProfileFolder::new(&context.profile)?;
    let closure = |number: u64| -> anyhow::Result<_> {
        let generation = folder.generation(number)?.ok_or(GenerationError::Missing(number))?;
        let path = StorePath::parse(context.store.store_dir(), &generation.target)?;
        Ok(context.store.closure(&[path], watch)?)
    };
    Ok(closure_difference::between(&closure(from)?, &closure(to)?))
}

/// The text of `nix profile diff-closures`: every generation against the one before it.
pub fn closure_history(context: &Context, watch: &Watch<'_>) -> anyhow::Result<String> {
    let folder = ProfileFolder::new(&context.profile)?;
    if let Some(text) = context.store.closure_differences(&folder.link, watch)? {
        return Ok(text);
    }
    let numbers: Vec<u64> = folder.generations()?.iter().map(|generation| generation.number).collect();
    let mut parts = Vec::new();
    for pair in numbers.windows(2) {
        let [before, after] = pair else { continue };
        let found = compare_closures(context, (*before, *after), watch)?;
        let lines = found.packages.iter().map(|package| format!("  {}\n", package.words()));
        parts.push(format!("Version {before} -> {after}:\n{}", lines.collect::<String>()));
    }
    Ok(parts.join("\n"))
}
