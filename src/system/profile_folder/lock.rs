//! The lock of a profile, taken and released exactly as Nix does.
//!
//! The lock is `flock` on `P.lock`. Whoever releases it deletes the file first and then
//! writes one byte to it: who was waiting on the deleted file sees that it is not empty
//! and opens `P.lock` again. A non-empty `P.lock` left on disk would make every Nix
//! command spin for ever, so the byte is only written once the name is gone.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::ProfileError;

/// The profile's lock, held until dropped (NIX.md: unlink, write one byte, close).
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct ProfileLock {
    file: File,
    path: PathBuf,
}

/// What one attempt to lock came to.
enum Attempt {
    Taken(ProfileLock),
    /// Somebody else holds it.
    Held,
    /// It was released, and its file deleted, between opening and locking.
    Stale,
}

impl ProfileLock {
    /// Waits until nobody else holds the lock.
    pub(super) fn wait(profile: &Path) -> Result<Self, ProfileError> {
        loop {
            if let Attempt::Taken(lock) = attempt(profile, FlockOperation::LockExclusive)? {
                return Ok(lock);
            }
        }
    }

    /// A handle with which another process holds the lock too, until it ends.
    pub(in crate::system) fn share(&self) -> std::io::Result<File> {
        self.file.try_clone()
    }

    /// Takes the lock, or tells by `None` that somebody else holds it.
    pub(super) fn take(profile: &Path) -> Result<Option<Self>, ProfileError> {
        loop {
            match attempt(profile, FlockOperation::NonBlockingLockExclusive)? {
                Attempt::Taken(lock) => return Ok(Some(lock)),
                Attempt::Held => return Ok(None),
                Attempt::Stale => {}
            }
        }
    }
}

/// Opens and locks once.
fn attempt(profile: &Path, operation: FlockOperation) -> Result<Attempt, ProfileError> {
    let mut name = profile.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let path = profile.with_file_name(name);
    let failed = || ProfileError::at(&path);
    // std opens close-on-exec: a child must not keep the lock.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).map_err(failed())?;
    match flock(&file, operation) {
        Ok(()) => {}
        Err(Errno::INTR) => return Ok(Attempt::Stale),
        Err(Errno::WOULDBLOCK) => return Ok(Attempt::Held),
        Err(error) => return Err(failed()(error.into())),
    }
    let status = file.metadata().map_err(failed())?;
    if status.len() == 0 {
        return Ok(Attempt::Taken(ProfileLock { file, path }));
    }
    // A lock file that has contents and still its name was left by a fault. Nix would try for ever;
    // holding its lock, it can be deleted as a release would have done.
    let named = path.symlink_metadata();
    if named.is_ok_and(|named| (named.dev(), named.ino()) == (status.dev(), status.ino())) {
        std::fs::remove_file(&path).map_err(failed())?;
    }
    Ok(Attempt::Stale)
}

impl Drop for ProfileLock {
    fn drop(&mut self) {
        if std::fs::remove_file(&self.path).is_ok() {
            // If this fails, those who wait lock a deleted file: as harmless as two locks can be,
            // and nothing a drop could tell.
            let _ = self.file.write_all(b"d");
        }
    }
}
