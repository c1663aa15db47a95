//! Reads a profile: its elements, its generations and which one is live. Reads files only.

use std::sync::Arc;

use crate::core::generation::Generation;
use crate::core::plan::Base;
use crate::system::profile_folder::ProfileState;

use super::Context;

/// A profile as it stands on disk.
#[derive(Clone, Debug)]
pub struct LoadedProfile {
    /// Store path and manifest: what plans are made on.
    pub base: Arc<Base>,
    /// What stands at the link.
    pub state: ProfileState,
    /// Lowest number first.
    pub generations: Vec<LoadedGeneration>,
    /// The live generation.
    pub current: Option<u64>,
    /// The generation that was live before the current one, as far as the journal knows.
    pub last_live: Option<u64>,
}

/// A generation with what its manifest says.
#[derive(Clone, Debug)]
pub struct LoadedGeneration {
    /// Number, target, time.
    pub generation: Generation,
    /// Its manifest, or why it cannot be read.
    pub manifest: Result<crate::core::manifest::ProfileManifest, String>,
    /// The generation it was made on, if the journal knows.
    pub made_on: Option<u64>,
}

/// Reads the profile of the context.
pub fn load_profile(context: &Context) -> anyhow::Result<LoadedProfile> {
    let _ = context;
    todo!()
}
