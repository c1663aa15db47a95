//! Finds out what applying a plan would cost, before anything is downloaded.

use crate::core::plan::Plan;
use crate::core::plan::cost::{Cost, Fetched, Obtainable};
use crate::core::store_path::StorePath;
use crate::system::machine::{StoreError, Watch};

use super::Context;

/// Asks the store, which may ask binary caches. What cannot be told is unknown, not an error; the
/// only errors are those that end everything (no nix, cancelled).
pub fn measure_cost(context: &Context, plan: &Plan, watch: &Watch<'_>) -> Result<Cost, StoreError> {
    let closure = |paths: &[StorePath]| unless_unknown(context.store.closure_size(paths, watch));
    let closure_before = closure(&plan.base.manifest.references())?.flatten();
    if plan.realise.is_empty() {
        let is_known = plan.needs.is_empty();
        let closure_after = if is_known { closure(&plan.after.references())?.flatten() } else { None };
        return Ok(Cost { closure_before, closure_after, ..Cost::at_hand(plan) });
    }
    let Some(obtainable) = unless_unknown(context.store.obtainable(&plan.realise, watch))? else {
        return Ok(Cost { closure_before, ..Cost::default() });
    };
    let closure_after = match to_come(&plan.after.references(), &obtainable) {
        Some((bytes, here)) => closure(&here)?.flatten().map(|size| size + bytes),
        None => None,
    };
    Ok(Cost { closure_before, closure_after, ..Cost::of(obtainable) })
}

/// Bytes of the closure that would be fetched, and the paths here that lead to the rest of it; `None`
/// if something has to be built or nobody tells.
fn to_come(roots: &[StorePath], obtainable: &Obtainable) -> Option<(u64, Vec<StorePath>)> {
    if !obtainable.build.is_empty() {
        return None;
    }
    let is_fetched = |path: &StorePath| obtainable.fetch.iter().any(|fetched| fetched.path == *path);
    let sizes =
        obtainable.fetch.iter().map(|Fetched { sizes, .. }| sizes.as_ref()).collect::<Option<Vec<_>>>()?;
    let referenced = sizes.iter().flat_map(|sizes| &sizes.references).chain(roots);
    let mut here: Vec<StorePath> = referenced.filter(|path| !is_fetched(path)).cloned().collect();
    here.sort_unstable();
    here.dedup();
    Some((sizes.iter().map(|sizes| sizes.unpacked).sum(), here))
}

/// Whatever the store cannot tell is unknown.
fn unless_unknown<T>(answer: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match answer {
        Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => Err(error),
        answer => Ok(answer.ok()),
    }
}
