//! The playground: a store of our own on disk, no Nix needed.
//!
//! Same layout, same rules, real symlinks; packages are scripts that run.

use std::path::{Path, PathBuf};

use super::machine::{ProfileObject, Store, StoreError, Watch};
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::store_path::{StoreDir, StorePath};

/// A store in a folder that firn fills itself.
pub struct PlaygroundStore {
    store_dir: StoreDir,
}

impl PlaygroundStore {
    /// Opens the playground in `folder`, making it first if it is not there; `fresh` starts over.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self, StoreError> {
        let _ = (folder, fresh);
        todo!()
    }
}

impl Store for PlaygroundStore {
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
