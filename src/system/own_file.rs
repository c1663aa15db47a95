//! A small JSON file of firn's own in the state folder, `{"version":1,…}`.
//!
//! It is replaced whole, under a lock of its own, so two programs that note something at once lose
//! nothing. One that cannot be read is not written: it may hold what somebody wants.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bounded_file;

/// An entry takes some hundred bytes.
const LARGEST: u64 = 16 << 20;

/// A file by its folder and name.
#[derive(Clone, Debug)]
pub struct OwnFile {
    folder: PathBuf,
    name: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Document<T> {
    version: u64,
    #[serde(flatten)]
    content: T,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

impl OwnFile {
    /// The file `<state>/<name>.json`.
    pub fn new(state: &Path, name: &'static str) -> Self {
        Self { folder: state.to_owned(), name }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    /// What it holds; nothing if it is not there.
    pub fn read<T: DeserializeOwned + Default>(&self) -> io::Result<T> {
        let bytes = match bounded_file::read(&self.path(), LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.is_nothing() => return Ok(T::default()),
            Err(error) => return Err(io::Error::other(error.to_string())),
        };
        let VersionOnly { version } = serde_json::from_slice(&bytes)?;
        if version != 1 {
            let words = format!("it has version {version}; this firn reads version 1");
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        Ok(serde_json::from_slice::<Document<T>>(&bytes)?.content)
    }

    /// Changes what it holds; tells whether there was anything to change.
    pub fn change<T>(&self, change: impl FnOnce(&mut T)) -> io::Result<bool>
    where
        T: Serialize + DeserializeOwned + Default + Clone + PartialEq,
    {
        std::fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join(format!("{}.lock", self.name)))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let before: T = self.read()?;
        let mut content = before.clone();
        change(&mut content);
        if content == before {
            return Ok(false);
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, &Document { version: 1, content })?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.path()).map_err(|error| error.error)?;
        Ok(true)
    }
}
