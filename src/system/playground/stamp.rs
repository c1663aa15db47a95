//! The playground's stamp: says that a folder is ours, and keeps others out while it is filled.
//!
//! The file `.firn-playground` is empty while the playground is being made and says so
//! when it is whole, so a folder that a dying process left half made is made again. It
//! is also the lock: shared while a playground is open, exclusive while it is made or
//! made afresh. A folder that holds files but no stamp is never touched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::object_folder::{UNPACKING, WRITING};
use crate::system::machine::StoreError;

const NAME: &str = ".firn-playground";
/// What a whole playground's stamp says; the number goes up with the layout.
const WHOLE: &str = "firn playground 1\n";
/// The folders that are ours below the playground's.
const FOLDERS: [&str; 7] = ["profiles", "store", "path-info", "state", "config", "etc", "cache"];
/// Where objects are written before they are whole, and how their names begin there.
const UNFINISHED: [(&str, &str); 2] = [("store", UNPACKING), ("path-info", WRITING)];

/// An open stamp; its lock goes when it is dropped.
#[derive(Debug)]
pub(super) struct Stamp {
    file: File,
    folder: PathBuf,
}

/// A stamp, and what has to be done with its folder.
#[derive(Debug)]
pub(super) enum Stamped {
    /// The playground is whole; the lock is shared.
    Whole(Stamp),
    /// Nothing is there yet; the lock is exclusive. [`Stamp::complete`] is owed.
    Empty(Stamp),
}

impl Stamp {
    /// Takes the stamp of a folder that exists, making it if the folder is empty. A playground that
    /// is not whole is cleared; with `fresh` a whole one too.
    pub(super) fn take(folder: &Path, fresh: bool) -> Result<Stamped, StoreError> {
        let mut stamp = Self::open(folder)?;
        let keep = if fresh { stamp.lock_fresh()? } else { stamp.lock_whole()? };
        if keep {
            return Ok(Stamped::Whole(stamp));
        }
        stamp.clear()?;
        Ok(Stamped::Empty(stamp))
    }

    /// Locks a playground to start over; false, for it is not kept.
    fn lock_fresh(&mut self) -> Result<bool, StoreError> {
        match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(self.refused("another firn has this playground open")),
            locked => locked.map_err(|error| self.failed(&error.into()))?,
        }
        // Whether whole or not, it must be ours.
        self.is_whole()?;
        Ok(false)
    }

    /// Locks a playground to use it, or to make it if it is not whole. Tells whether it is.
    fn lock_whole(&mut self) -> Result<bool, StoreError> {
        if flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_ok() && self.is_whole()? {
            self.sweep();
        }
        self.lock(FlockOperation::LockShared)?;
        if self.is_whole()? {
            return Ok(true);
        }
        self.lock(FlockOperation::LockExclusive)?;
        // Another process may have made it between the two locks.
        if !self.is_whole()? {
            return Ok(false);
        }
        self.lock(FlockOperation::LockShared)?;
        Ok(true)
    }

    /// Says that the playground is whole, and lets others in.
    pub(super) fn complete(mut self) -> Result<Self, StoreError> {
        let written = self.file.rewind().and_then(|()| self.file.write_all(WHOLE.as_bytes()));
        written.map_err(|error| self.failed(&error))?;
        self.lock(FlockOperation::LockShared)?;
        Ok(self)
    }

    fn open(folder: &Path) -> Result<Self, StoreError> {
        let at_folder = |error: io::Error| StoreError::file(folder, &error);
        let names = fs::read_dir(folder).map_err(at_folder)?;
        let names: Vec<_> = names
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()
            .map_err(at_folder)?;
        if !names.is_empty() && !names.iter().any(|name| name == NAME) {
            let reason = "this folder holds other files and is no playground; name an empty or a new one";
            return Err(StoreError::File { path: folder.to_owned(), reason: reason.to_owned() });
        }
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // A link would make another file the stamp.
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(&path).map_err(|error| StoreError::file(&path, &error))?;
        Ok(Self { file, folder: folder.to_owned() })
    }

    /// False while it is being made; an error if the stamp is not one.
    fn is_whole(&mut self) -> Result<bool, StoreError> {
        let mut text = Vec::new();
        let most = WHOLE.len() as u64 + 1;
        let read = self.file.rewind().and_then(|()| (&self.file).take(most).read_to_end(&mut text));
        read.map_err(|error| self.failed(&error))?;
        if text == WHOLE.as_bytes() {
            return Ok(true);
        }
        // A prefix: the process that wrote the rest died meanwhile.
        if WHOLE.as_bytes().starts_with(&text) {
            return Ok(false);
        }
        Err(self.refused("another version of firn made this playground; name another folder"))
    }

    /// Deletes what is ours in the folder, after the stamp has stopped to call it whole.
    fn clear(&self) -> Result<(), StoreError> {
        self.file.set_len(0).map_err(|error| self.failed(&error))?;
        for name in FOLDERS {
            let folder = self.folder.join(name);
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::file(&folder, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes what a killed process was writing; nobody else has the playground open. It is in
    /// nobody's way, so that it cannot be deleted is no error.
    fn sweep(&self) {
        for (name, prefix) in UNFINISHED {
            let entries = fs::read_dir(self.folder.join(name)).into_iter().flatten().flatten();
            let unfinished =
                entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()));
            for path in unfinished.map(|entry| entry.path()) {
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
        }
    }

    fn lock(&self, operation: FlockOperation) -> Result<(), StoreError> {
        flock(&self.file, operation).map_err(|error| self.failed(&error.into()))
    }

    fn failed(&self, error: &io::Error) -> StoreError {
        StoreError::file(&self.folder.join(NAME), error)
    }

    fn refused(&self, reason: &str) -> StoreError {
        StoreError::File { path: self.folder.clone(), reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(folder: &Path, fresh: bool) -> Stamp {
        match Stamp::take(folder, fresh).unwrap() {
            Stamped::Empty(stamp) => stamp,
            Stamped::Whole(_) => panic!("it is whole"),
        }
    }

    fn refusal(folder: &Path, fresh: bool) -> String {
        Stamp::take(folder, fresh).unwrap_err().to_string()
    }

    #[test]
    fn a_folder_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        drop(empty(folder.path(), false).complete().unwrap());
        assert!(matches!(Stamp::take(folder.path(), false).unwrap(), Stamped::Whole(_)));
    }

    #[test]
    fn a_half_made_one_is_cleared_and_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let unfinished = empty(folder.path(), false);
        fs::create_dir_all(folder.path().join("store/half")).unwrap();
        drop(unfinished);
        let _again = empty(folder.path(), false);
        assert!(!folder.path().join("store").exists());
    }

    #[test]
    fn what_a_killed_process_was_writing_is_swept_when_nobody_else_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let open = empty(folder.path(), false).complete().unwrap();
        let unfinished =
            [folder.path().join("store/.unpacking-x"), folder.path().join("path-info/.writing-x")];
        for path in &unfinished {
            fs::create_dir_all(path.join("half")).unwrap();
        }
        drop(Stamp::take(folder.path(), false).unwrap());
        assert!(unfinished.iter().all(|path| path.exists()), "somebody else may be writing it");
        drop(open);
        drop(Stamp::take(folder.path(), false).unwrap());
        assert!(!unfinished.iter().any(|path| path.exists()));
    }

    #[test]
    fn fresh_clears_our_folders_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        drop(empty(folder.path(), false).complete().unwrap());
        fs::create_dir_all(folder.path().join("profiles/x")).unwrap();
        fs::write(folder.path().join("letter"), "mine").unwrap();
        let _again = empty(folder.path(), true);
        assert!(!folder.path().join("profiles").exists());
        assert_eq!(fs::read(folder.path().join("letter")).unwrap(), b"mine");
    }

    #[test]
    fn a_folder_of_someone_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("store")).unwrap();
        for fresh in [false, true] {
            assert!(refusal(folder.path(), fresh).contains("is no playground"));
        }
        fs::write(folder.path().join(NAME), "firn playground 2\n").unwrap();
        for fresh in [false, true] {
            assert!(refusal(folder.path(), fresh).contains("another version"));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn one_that_is_open_is_not_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let _open = empty(folder.path(), false).complete().unwrap();
        assert!(refusal(folder.path(), true).contains("another firn"));
        assert!(matches!(Stamp::take(folder.path(), false).unwrap(), Stamped::Whole(_)));
    }
}
