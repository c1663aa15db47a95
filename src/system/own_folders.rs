//! firn's own folders: configuration, state and cache, by the platform's rules.
//!
//! `FIRN_STATE_DIR` and `FIRN_DATA_DIR` override them (tests, sandboxes).

use std::path::PathBuf;

/// Where firn keeps its own files.
#[derive(Clone, Debug)]
pub struct OwnFolders {
    /// Journal, saved plans.
    pub state: PathBuf,
    /// The playground.
    pub data: PathBuf,
}

impl OwnFolders {
    /// From the environment; `None` without a home.
    pub fn from_environment() -> Option<Self> {
        todo!()
    }
}
