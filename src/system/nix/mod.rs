//! The real Nix, through its commands.

use std::path::{Path, PathBuf};

use super::machine::{ProfileObject, Store, StoreError, Watch};
use super::profile_folder::ProfileLock;
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::store_path::{StoreDir, StorePath};

/// A store managed by Nix commands on PATH (or from the folder in `FIRN_NIX`).
pub struct NixStore {
    store_dir: StoreDir,
}

impl NixStore {
    /// Finds the store folder (`NIX_STORE_DIR`, else `/nix/store`) without starting a process.
    /// `options` are words added to every nix call they apply to.
    pub fn open(options: Vec<String>) -> Result<Self, StoreError> {
        let _ = options;
        todo!()
    }
}

impl Store for NixStore {
    fn store_dir(&self) -> &StoreDir {
        &self.store_dir
    }
    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        todo!()
    }
    fn resolve(
        &self,
        _installables: &[Installable],
        _watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError> {
        todo!()
    }
    fn import_profile(&self, _profile: &ProfileObject<'_>, _watch: &Watch<'_>) -> Result<(), StoreError> {
        todo!()
    }
    fn switch_profile(
        &self,
        _profile: &Path,
        _path: &StorePath,
        _lock: &ProfileLock,
        _watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        todo!()
    }
    fn nar_sizes(
        &self,
        _paths: &[StorePath],
        _watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, u64)>, StoreError> {
        todo!()
    }
    fn closure_size(&self, _paths: &[StorePath], _watch: &Watch<'_>) -> Result<Option<u64>, StoreError> {
        todo!()
    }
    fn title(&self) -> String {
        todo!()
    }
}
