//! A profile on disk: the link, its generations, its lock, and the atomic switch.

use std::path::{Path, PathBuf};

use crate::core::generation::Generation;
use crate::core::manifest::ManifestError;

/// A profile by the path of its link (`…/profiles/profile`).
#[derive(Clone, Debug)]
pub struct ProfileFolder {
    /// The path of the link, absolute, not followed.
    pub link: PathBuf,
}

/// What stands at a profile's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileState {
    /// Nothing: an empty profile to be.
    Missing,
    /// The link leads to nothing.
    Dangling,
    /// A folder without a manifest: neither `nix profile` nor `nix-env` made it.
    WithoutManifest,
    /// Made by `nix-env`: it has a `manifest.nix`.
    NixEnvironment,
    /// A `manifest.json` is there.
    Present,
}

/// Why a profile cannot be used. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The manifest is broken.
    #[error("{}: {source}", path.display())]
    Manifest {
        /// The manifest's path.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
}

/// The profile's lock, held until dropped (NIX.md: unlink, write one byte, close).
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct ProfileLock {
    file: std::fs::File,
    path: PathBuf,
}

impl ProfileFolder {
    /// Opens the profile at a link; relative paths are relative to the current folder.
    pub fn new(link: &Path) -> Result<Self, ProfileError> {
        let _ = link;
        todo!()
    }

    /// What stands at the link.
    pub fn state(&self) -> Result<ProfileState, ProfileError> {
        todo!()
    }

    /// The store path text the profile leads to (all links followed), if it leads anywhere.
    pub fn target(&self) -> Result<Option<String>, ProfileError> {
        todo!()
    }

    /// The bytes of `manifest.json` of the profile, or of generation `number`.
    pub fn manifest_text(&self, number: Option<u64>) -> Result<Vec<u8>, ProfileError> {
        let _ = number;
        todo!()
    }

    /// All generations, lowest number first.
    pub fn generations(&self) -> Result<Vec<Generation>, ProfileError> {
        todo!()
    }

    /// The number `P` points to; `None` if it points elsewhere.
    pub fn current(&self) -> Result<Option<u64>, ProfileError> {
        todo!()
    }

    /// Waits for the lock and takes it.
    pub fn lock(&self) -> Result<ProfileLock, ProfileError> {
        todo!()
    }

    /// Points the profile to an existing generation, atomically, with a relative link as Nix does.
    pub fn point_to(&self, number: u64, lock: &ProfileLock) -> Result<(), ProfileError> {
        let _ = (number, lock);
        todo!()
    }

    /// Deletes generation links.
    pub fn delete(&self, numbers: &[u64], lock: &ProfileLock) -> Result<(), ProfileError> {
        let _ = (numbers, lock);
        todo!()
    }

    /// Makes the next generation link to `target` and points the profile to it; reuses the newest
    /// if it has that target. For the playground, whose store keeps no GC roots. Tells the number.
    pub fn switch_to(&self, target: &Path, lock: &ProfileLock) -> Result<u64, ProfileError> {
        let _ = (target, lock);
        todo!()
    }
}
