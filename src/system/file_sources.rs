//! Which files elements were added from: a file of firn's own in the state folder.
//!
//! It is replaced whole, under a lock of its own, so that two programs that add at once lose nothing.
//! One that cannot be read tells nothing and is not written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::bounded_file;
use crate::core::file_source::{RememberedFile, RememberedFiles};

/// A state of an element takes some hundred bytes.
const LARGEST: u64 = 64 << 20;

/// The file.
#[derive(Clone, Debug)]
pub struct FileSources {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u64,
    /// By the profile's link.
    profiles: BTreeMap<PathBuf, Vec<RememberedFile>>,
}

impl FileSources {
    /// What is remembered in a state folder.
    pub fn new(state: &Path) -> Self {
        Self { folder: state.to_owned() }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join("files.json")
    }

    /// What is remembered of a profile; nothing if the file is not there.
    pub fn read(&self, profile: &Path) -> io::Result<RememberedFiles> {
        let mut content = self.content()?;
        Ok(RememberedFiles::new(content.profiles.remove(profile).unwrap_or_default()))
    }

    /// Changes what is remembered of a profile.
    pub fn change(&self, profile: &Path, change: impl FnOnce(&mut RememberedFiles)) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join("files.lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let mut content = self.content()?;
        let of_profile = content.profiles.entry(profile.to_owned()).or_default();
        let mut files = RememberedFiles::new(std::mem::take(of_profile));
        let before = files.clone();
        change(&mut files);
        if files == before {
            return Ok(());
        }
        *of_profile = files.all().to_vec();
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, &content)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.path()).map_err(|error| error.error)?;
        Ok(())
    }

    fn content(&self) -> io::Result<Content> {
        let bytes = match bounded_file::read(&self.path(), LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.is_nothing() => {
                return Ok(Content { version: 1, profiles: BTreeMap::new() });
            }
            Err(error) => return Err(io::Error::other(error.to_string())),
        };
        let content: Content = serde_json::from_slice(&bytes)?;
        if content.version != 1 {
            let words = format!("it has version {}; this firn reads version 1", content.version);
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::file_source::FileSource;
    use crate::core::installable::{Installable, InstallableScope};
    use crate::core::store_path::{StoreDir, StorePath};

    fn source() -> FileSource {
        let scope = InstallableScope::File("/h/env.nix".to_owned());
        FileSource::of(&Installable { text: "a^dev".to_owned(), scope, registry: None }).unwrap()
    }

    #[test]
    fn what_is_remembered_is_read_again_profile_by_profile() {
        let folder = tempfile::tempdir().unwrap();
        let sources = FileSources::new(&folder.path().join("state"));
        let path = format!("/s/{}-env", "a".repeat(32));
        let paths = [StorePath::parse(&StoreDir::new("/s"), &path).unwrap()];
        assert!(sources.read(Path::new("/p")).unwrap().all().is_empty());
        sources.change(Path::new("/p"), |files| files.remember("env", &paths, source())).unwrap();
        let found = sources.read(Path::new("/p")).unwrap();
        assert_eq!((found.all().len(), &found.all()[0].source), (1, &source()));
        assert!(sources.read(Path::new("/q")).unwrap().all().is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let sources = FileSources::new(folder.path());
        for text in
            ["{", r#"{"version":2,"profiles":{}}"#, r#"{"version":1,"profiles":{"/p":[{"element":7}]}}"#]
        {
            std::fs::write(sources.path(), text).unwrap();
            assert!(sources.read(Path::new("/p")).is_err());
            assert!(sources.change(Path::new("/p"), |files| files.remember("env", &[], source())).is_err());
            assert_eq!(std::fs::read_to_string(sources.path()).unwrap(), text);
        }
    }
}
