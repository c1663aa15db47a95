//! Temporary folders, and the sweeping of those that killed processes left behind.
//!
//! A folder `firn-cache-…`, `firn-scratch-…` or `firn-pin-…` belongs to the process that holds the lock
//! on the file `owner` inside. It gets that name only when the lock is held, so whoever
//! finds one whose lock is free knows that its owner is dead: no process number that a
//! container or a restart could give to another is looked at, and no age. The lock goes
//! when the process does, however it ends.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};

use crate::system::machine::StoreError;

/// How the names of folders begin that may be swept.
const SWEPT: [&str; 3] = [CACHE, PIN, SCRATCH];
/// A binary cache of one profile.
pub(super) const CACHE: &str = "firn-cache-";
/// A registry of one pinned entry.
pub(super) const PIN: &str = "firn-pin-";
/// A profile that keeps what was resolved.
pub(super) const SCRATCH: &str = "firn-scratch-";
/// A folder that is not locked yet.
const MAKING: &str = "firn-making-";
/// The file that is locked.
const OWNER: &str = "owner";

/// A temporary folder of this process; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    path: PathBuf,
    /// Held until the folder is gone.
    _owner: File,
}

impl ScratchFolder {
    /// Makes a folder in `parent` whose name begins with `prefix`.
    pub(super) fn make(parent: &Path, prefix: &str) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::file(parent, &error);
        let making = tempfile::Builder::new().prefix(MAKING).tempdir_in(parent).map_err(failed)?;
        let owner = File::create(making.path().join(OWNER)).map_err(failed)?;
        flock(&owner, FlockOperation::NonBlockingLockExclusive).map_err(|error| failed(error.into()))?;
        let name = making.path().file_name().unwrap_or_default().to_string_lossy();
        let path = parent.join(name.replacen(MAKING, prefix, 1));
        std::fs::rename(making.path(), &path).map_err(failed)?;
        // It has another name now.
        let _ = making.keep();
        Ok(Self { path, _owner: owner })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What cannot be deleted is swept another time.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Deletes the folders in `parent` whose owners are dead. What cannot be looked at or deleted stays:
/// it belongs to somebody else.
pub(super) fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = SWEPT.iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()));
        if is_ours && let Some(_lock) = lock_of_dead(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The lock of a folder of this user's whose owner holds it no more.
fn lock_of_dead(folder: &Path) -> Option<File> {
    let status = folder.symlink_metadata().ok()?;
    if !status.is_dir() || status.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    // Not through a link, and not waiting for the other end of a pipe.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let owner = File::from(rustix::fs::open(folder.join(OWNER), flags, Mode::empty()).ok()?);
    flock(&owner, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_goes_with_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = ScratchFolder::make(parent.path(), SCRATCH).unwrap();
        std::fs::create_dir(scratch.path().join("deep")).unwrap();
        assert!(names(parent.path())[0].starts_with(SCRATCH));
        drop(scratch);
        assert_eq!(names(parent.path()), [""; 0]);
    }

    #[test]
    fn only_what_dead_processes_left_is_swept() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        let live = ScratchFolder::make(parent.path(), CACHE).unwrap();
        // As a killed process leaves it: the file is there, the lock is not.
        std::fs::create_dir_all(path("firn-cache-dead/nar")).unwrap();
        std::fs::write(path("firn-cache-dead/owner"), "").unwrap();
        // Not known to be anybody's.
        std::fs::create_dir(path("firn-scratch-without-owner")).unwrap();
        std::fs::create_dir(path("firn-making-x")).unwrap();
        std::fs::write(path("firn-making-x/owner"), "").unwrap();
        std::fs::write(path("firn-cache-file"), "").unwrap();
        std::os::unix::fs::symlink(path("firn-making-x"), path("firn-cache-link")).unwrap();
        sweep(parent.path());
        let mut left = ["firn-cache-file", "firn-cache-link", "firn-making-x", "firn-scratch-without-owner"]
            .map(str::to_owned)
            .to_vec();
        left.push(live.path().file_name().unwrap().to_str().unwrap().to_owned());
        left.sort();
        assert_eq!(names(parent.path()), left);
        sweep(&path("nowhere"));
    }
}
