//! Makes a damaged live generation anew from what it refers to, as a plan that is shown and applied
//! like any other.
//!
//! The store knows what the profile refers to even when its manifest cannot be read; the rule is
//! [`crate::core::rebuilt_manifest`]'s. Where the store path itself is gone there is nothing to
//! rebuild from: [`last_readable`] says where one can go back to.

use std::sync::Arc;

use crate::core::generation::GenerationError;
use crate::core::manifest::ProfileManifest;
use crate::core::plan::{Base, Plan};
use crate::core::rebuilt_manifest::{self, RebuiltManifest};
use crate::core::store_path::StorePath;
use crate::system::machine::{StoreError, Watch};

use super::Context;
use super::compare_generations::{KnownPackages, complete};
use super::load_profile::LoadedProfile;
use super::refusal::Refusal;

/// What would be made in place of the damaged generation.
#[derive(Clone, Debug)]
pub struct Rebuild {
    /// To be applied with [`super::apply_plan::Replace::Anything`].
    pub plan: Arc<Plan>,
    /// Which of its elements are known, and which are guessed.
    pub rebuilt: RebuiltManifest,
}

/// Plans it. `profile` has all manifests that can be read.
pub fn plan_rebuild(
    context: &Context,
    profile: &LoadedProfile,
    watch: &Watch<'_>,
) -> anyhow::Result<Rebuild> {
    let damaged = profile.current.ok_or(GenerationError::CurrentUnknown)?;
    let live = profile.generations.iter().find(|loaded| loaded.generation.number == damaged);
    let live = live.ok_or(GenerationError::Missing(damaged))?;
    let path = StorePath::parse(context.store.store_dir(), &live.generation.target)?;
    let infos = context.store.path_infos(std::slice::from_ref(&path), watch)?;
    let info = infos.into_iter().find(|info| info.path == path);
    let info = info.ok_or_else(|| StoreError::Vanished(path.to_string()))?;
    let others: Vec<(u64, &ProfileManifest)> = profile
        .generations
        .iter()
        .filter(|loaded| loaded.generation.target != path.as_str())
        .filter_map(|loaded| Some((loaded.generation.number, &**loaded.manifest.as_ref().ok()?)))
        .collect();
    let references: Vec<StorePath> =
        info.references.into_iter().filter(|reference| *reference != path).collect();
    let rebuilt = rebuilt_manifest::rebuild(&references, &others, damaged);
    let base = Arc::new(Base {
        store_path: Some(path.clone()),
        manifest: ProfileManifest::default(),
        store_dir: context.store.store_dir().clone(),
    });
    let plan = complete(context, &base, &rebuilt.manifest, &mut KnownPackages::default())?;
    // The store would say that it has it already, and the damage would stay.
    if plan.finished()?.is_some_and(|finished| finished.path == path) {
        return Err(Refusal::SameAsDamaged(path.to_string()).into());
    }
    Ok(Rebuild { plan: Arc::new(plan), rebuilt })
}

/// The generation to go back to when the live one cannot be read: the highest readable one below it,
/// else the lowest above. `profile` has all manifests that can be read.
pub fn last_readable(profile: &LoadedProfile) -> Option<u64> {
    let readable = profile.generations.iter().filter(|loaded| loaded.manifest.is_ok());
    let numbers: Vec<u64> = readable.map(|loaded| loaded.generation.number).collect();
    let live = profile.current.unwrap_or(u64::MAX);
    let below = numbers.iter().rev().find(|number| **number < live);
    below.or_else(|| numbers.iter().find(|number| **number > live)).copied()
}
