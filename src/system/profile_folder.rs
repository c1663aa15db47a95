//! A profile on disk: the link, its generations, its lock, and the atomic switch.
//!
//! `P` is a relative symlink to `P-N-link`, which points to a store path that holds
//! `manifest.json` and the symlinks. This module reads and moves links; it makes no
//! store paths and knows no rules about which generation to choose
//! ([`crate::core::generation`] does). Whatever changes a link wants a [`ProfileLock`],
//! so that no other program that locks as Nix does can be half-way through the same.
//!
//! Temporary links are named `.firn-…`: unlike Nix's own `P-41-link.tmp-…`, one that a
//! crash leaves behind is not taken for a generation.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::bounded_file::{self, BoundedReadError, is_nothing};
use crate::core::generation::{Generation, next_number, number_of};
use crate::core::manifest::ManifestError;

mod lock;

pub use lock::ProfileLock;

/// More than this is not a manifest that somebody wants to read.
const MANIFEST_LIMIT: u64 = 256 << 20;

/// As many links as Linux follows before it calls them a loop.
const LINK_LIMIT: usize = 40;

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
    /// Made by `nix-env`: it has a `manifest.nix` and no `manifest.json`.
    NixEnvironment,
    /// A `manifest.json` is there.
    Present,
}

impl ProfileState {
    /// Whether there is a manifest that tells what the profile holds.
    pub fn has_manifest(&self) -> bool {
        matches!(self, Self::Present | Self::NixEnvironment)
    }
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
        source: io::Error,
    },
    /// The folder the profile should stand in does not exist.
    #[error("{}: the folder '{}' does not exist", link.display(), folder.display())]
    NoFolder {
        /// The profile's link.
        link: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The path cannot be the name of a profile.
    #[error("'{}' cannot be a profile: it does not end in a name", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The generation has no link.
    #[error("{}: generation {number} does not exist", link.display())]
    NoGeneration {
        /// The profile's link.
        link: PathBuf,
        /// The number.
        number: u64,
    },
    /// The live generation cannot be deleted.
    #[error("{}: generation {number} is the current one and cannot be deleted", link.display())]
    DeletesCurrent {
        /// The profile's link.
        link: PathBuf,
        /// The number.
        number: u64,
    },
    /// The manifest is too large to be one.
    #[error("{}: the file has more than {} MiB; that is not a manifest firn reads", path.display(), limit >> 20)]
    ManifestTooLarge {
        /// The manifest's path.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
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

impl ProfileError {
    /// Returns a function that adds `path` to the system's error.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}

/// A name in the profile's folder that counts as generation `number`.
struct GenerationName {
    number: u64,
    name: OsString,
}

impl ProfileFolder {
    /// Opens the profile at a link; relative paths are relative to the current folder. The link
    /// need not exist, the folder it stands in must.
    pub fn new(link: &Path) -> Result<Self, ProfileError> {
        let absolute = std::path::absolute(link).map_err(ProfileError::at(link))?;
        let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(ProfileError::NoName { path: link.to_owned() });
        };
        // Joined anew: a trailing slash would follow the link.
        let link = folder.join(name);
        match folder.metadata() {
            Ok(found) if found.is_dir() => Ok(Self { link }),
            Ok(_) => Err(ProfileError::NoFolder { folder: folder.to_owned(), link }),
            Err(error) if is_nothing(&error) => {
                Err(ProfileError::NoFolder { folder: folder.to_owned(), link })
            }
            Err(error) => Err(ProfileError::at(folder)(error)),
        }
    }

    /// What stands at the link.
    pub fn state(&self) -> Result<ProfileState, ProfileError> {
        let manifest = self.link.join("manifest.json");
        // One look in the usual case; the rest tells why there is no manifest.
        if exists(&manifest)? {
            return Ok(ProfileState::Present);
        }
        match self.link.symlink_metadata() {
            Err(error) if is_nothing(&error) => return Ok(ProfileState::Missing),
            Err(error) => return Err(ProfileError::at(&self.link)(error)),
            Ok(_) => {}
        }
        if !exists(&self.link)? {
            return Ok(ProfileState::Dangling);
        }
        if exists(&self.link.join("manifest.nix"))? {
            return Ok(ProfileState::NixEnvironment);
        }
        Ok(ProfileState::WithoutManifest)
    }

    /// The store path text the profile leads to (all links followed), if it leads anywhere.
    pub fn target(&self) -> Result<Option<String>, ProfileError> {
        // By hand, not by `canonicalize`: the last link's text is the store path as Nix wrote it,
        // also where the store folder itself is reached through a link.
        let mut path = self.link.clone();
        for _ in 0..LINK_LIMIT {
            match std::fs::read_link(&path) {
                Ok(text) => path = path.parent().unwrap_or(&path).join(text),
                Err(error) if is_nothing(&error) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    return path.into_os_string().into_string().map(Some).map_err(|path| {
                        let error = io::Error::new(io::ErrorKind::InvalidData, "the path is not UTF-8");
                        ProfileError::at(Path::new(&path))(error)
                    });
                }
                Err(error) => return Err(ProfileError::at(&path)(error)),
            }
        }
        Err(ProfileError::at(&self.link)(io::Error::other("too many levels of symbolic links")))
    }

    /// The bytes of `manifest.json` of the profile, or of generation `number`.
    pub fn manifest_text(&self, number: Option<u64>) -> Result<Vec<u8>, ProfileError> {
        let folder = match number {
            None => self.link.clone(),
            Some(number) => self.folder().join(self.name_of(number)?),
        };
        read_manifest(&folder.join("manifest.json"), MANIFEST_LIMIT)
    }

    /// The bytes of `manifest.nix` of the profile, or of generation `number`, if nix-env made it.
    pub fn environment_text(&self, number: Option<u64>) -> Result<Option<Vec<u8>>, ProfileError> {
        let folder = match number {
            None => self.link.clone(),
            Some(number) => self.folder().join(self.name_of(number)?),
        };
        let manifest = folder.join("manifest.nix");
        if exists(&folder.join("manifest.json"))? || !exists(&manifest)? {
            return Ok(None);
        }
        read_manifest(&manifest, MANIFEST_LIMIT).map(Some)
    }

    /// The bytes of a `manifest.nix` that the live profile has beside `manifest.json`, if it does.
    pub fn second_manifest_text(&self) -> Result<Option<Vec<u8>>, ProfileError> {
        let manifest = self.link.join("manifest.nix");
        if !exists(&manifest)? {
            return Ok(None);
        }
        read_manifest(&manifest, MANIFEST_LIMIT).map(Some)
    }

    /// All generations, lowest number first.
    pub fn generations(&self) -> Result<Vec<Generation>, ProfileError> {
        let mut generations: Vec<Generation> = Vec::new();
        for found in self.names()? {
            if generations.last().is_some_and(|last| last.number == found.number) {
                continue;
            }
            let path = self.folder().join(&found.name);
            let (target, status) = match (std::fs::read_link(&path), path.symlink_metadata()) {
                (Ok(target), Ok(status)) => (target, status),
                // Deleted by another program since the folder was listed.
                (Err(error), _) | (_, Err(error)) if is_nothing(&error) => continue,
                // Not a symlink: Nix counts the name and fails when it is used.
                (Err(_), Ok(status)) => (PathBuf::new(), status),
                (_, Err(error)) => return Err(ProfileError::at(&path)(error)),
            };
            generations.push(Generation {
                number: found.number,
                target: target.to_string_lossy().into_owned(),
                time: status.mtime(),
            });
        }
        Ok(generations)
    }

    /// One generation, if it is there.
    pub fn generation(&self, number: u64) -> Result<Option<Generation>, ProfileError> {
        Ok(self.generations()?.into_iter().find(|generation| generation.number == number))
    }

    /// The link of an existing generation.
    pub fn generation_link(&self, number: u64) -> Option<PathBuf> {
        self.name_of(number).ok().map(|name| self.folder().join(name))
    }

    /// The number `P` points to; `None` if it points elsewhere.
    ///
    /// An absolute link to a generation beside `P` counts; Nix does not see through it and then
    /// deletes the live generation with the old ones.
    pub fn current(&self) -> Result<Option<u64>, ProfileError> {
        let target = match std::fs::read_link(&self.link) {
            Ok(target) => target,
            Err(error) if is_nothing(&error) || error.kind() == io::ErrorKind::InvalidInput => {
                return Ok(None);
            }
            Err(error) => return Err(ProfileError::at(&self.link)(error)),
        };
        let Some(number) = target.file_name().and_then(|name| self.number_of(name)) else {
            return Ok(None);
        };
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let Some(parent) = parent else { return Ok(Some(number)) };
        let beside = self.folder().join(parent).canonicalize().ok() == self.folder().canonicalize().ok();
        Ok(beside.then_some(number))
    }

    /// Whether links can be made and replaced here, as far as permissions tell.
    pub fn is_writable(&self) -> bool {
        rustix::fs::access(self.folder(), Access::WRITE_OK | Access::EXEC_OK).is_ok()
    }

    /// Waits for the lock and takes it.
    pub fn lock(&self) -> Result<ProfileLock, ProfileError> {
        ProfileLock::wait(&self.link)
    }

    /// Takes the lock if nobody holds it.
    pub fn try_lock(&self) -> Result<Option<ProfileLock>, ProfileError> {
        ProfileLock::take(&self.link)
    }

    /// Points the profile to an existing generation, atomically, with a relative link as Nix does.
    pub fn point_to(&self, number: u64, _lock: &ProfileLock) -> Result<(), ProfileError> {
        let name = self.name_of(number)?;
        replace_symlink(Path::new(&name), &self.link)
    }

    /// Deletes generation links. A number that is gone already is not an error.
    pub fn delete(&self, numbers: &[u64], _lock: &ProfileLock) -> Result<(), ProfileError> {
        if let Some(number) = self.current()?.filter(|current| numbers.contains(current)) {
            return Err(ProfileError::DeletesCurrent { link: self.link.clone(), number });
        }
        for found in self.names()?.into_iter().filter(|found| numbers.contains(&found.number)) {
            let path = self.folder().join(found.name);
            match std::fs::remove_file(&path) {
                Err(error) if !is_nothing(&error) => return Err(ProfileError::at(&path)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the next generation link to `target` and points the profile to it; reuses the newest
    /// if it has that target. For the playground, whose store keeps no GC roots. Tells the number.
    pub fn switch_to(&self, target: &Path, lock: &ProfileLock) -> Result<u64, ProfileError> {
        let generations = self.generations()?;
        let number = match generations.last() {
            Some(newest) if Path::new(&newest.target) == target => newest.number,
            _ => {
                let number = next_number(&generations);
                // Making a symlink is atomic and, unlike a rename, never replaces another.
                let path = self.folder().join(self.link_name(number));
                symlink(target, &path).map_err(ProfileError::at(&path))?;
                number
            }
        };
        self.point_to(number, lock)?;
        Ok(number)
    }

    /// The folder the link stands in.
    fn folder(&self) -> &Path {
        self.link.parent().unwrap_or(Path::new("/"))
    }

    /// The link's own name.
    fn name(&self) -> &OsStr {
        self.link.file_name().unwrap_or_default()
    }

    /// `P-N-link`.
    fn link_name(&self, number: u64) -> OsString {
        let mut name = self.name().to_owned();
        name.push(format!("-{number}-link"));
        name
    }

    /// The number a name in the folder counts as.
    fn number_of(&self, name: &OsStr) -> Option<u64> {
        // A profile whose name is not UTF-8 has generations too: the lossy names agree.
        number_of(&self.name().to_string_lossy(), &name.to_string_lossy())
    }

    /// All names that count as generations, by number; of one number the exact name comes first.
    fn names(&self) -> Result<Vec<GenerationName>, ProfileError> {
        let failed = || ProfileError::at(self.folder());
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.folder()).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            if let Some(number) = self.number_of(&name) {
                names.push(GenerationName { number, name });
            }
        }
        // The exact name is a prefix of the others.
        names.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
        Ok(names)
    }

    /// The name of an existing generation, `P-N-link` unless only a crash's leftover has the number.
    fn name_of(&self, number: u64) -> Result<OsString, ProfileError> {
        let exact = self.link_name(number);
        let path = self.folder().join(&exact);
        match path.symlink_metadata() {
            Ok(_) => return Ok(exact),
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(ProfileError::at(&path)(error)),
        }
        let leftover = self.names()?.into_iter().find(|found| found.number == number);
        leftover
            .map(|found| found.name)
            .ok_or_else(|| ProfileError::NoGeneration { link: self.link.clone(), number })
    }
}

/// Where the new link of a profile stands until it takes the place of the old one: `.firn-profile`
/// for `profile`.
pub(super) fn temporary_link(link: &Path) -> PathBuf {
    let mut name = OsString::from(".firn-");
    name.push(link.file_name().unwrap_or_default());
    link.with_file_name(name)
}

/// Points `link` to `target`, so that there is the old or the new link at every instant. The caller
/// holds the lock: what has the temporary name is of a firn that was killed.
fn replace_symlink(target: &Path, link: &Path) -> Result<(), ProfileError> {
    let temporary = temporary_link(link);
    match std::fs::remove_file(&temporary) {
        Err(error) if !is_nothing(&error) => return Err(ProfileError::at(&temporary)(error)),
        _ => {}
    }
    symlink(target, &temporary).map_err(ProfileError::at(&temporary))?;
    std::fs::rename(&temporary, link).map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        ProfileError::at(link)(error)
    })
}

/// Reads a manifest of at most `limit` bytes.
fn read_manifest(path: &Path, limit: u64) -> Result<Vec<u8>, ProfileError> {
    bounded_file::read(path, limit).map_err(|error| match error {
        BoundedReadError::TooLarge(limit) => ProfileError::ManifestTooLarge { path: path.to_owned(), limit },
        BoundedReadError::NotRegular => {
            ProfileError::at(path)(io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))
        }
        BoundedReadError::Io(error) => ProfileError::at(path)(error),
    })
}

/// Whether a path leads to something, links followed.
fn exists(path: &Path) -> Result<bool, ProfileError> {
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if is_nothing(&error) => Ok(false),
        Err(error) => Err(ProfileError::at(path)(error)),
    }
}

#[cfg(test)]
mod tests;
