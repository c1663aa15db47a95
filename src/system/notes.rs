//! The notes about generations, one small file in the state folder.
//!
//! Keyed by the profile's link and the generation's store path, so that a note stays with what
//! it is about when numbers are used again. Read up to a limit, written whole and then renamed.
//! A file that does not parse is never written over: it may hold labels that somebody wants.
//!
//! ```json
//! {"version":1,"profiles":{"/home/me/…/profile":{"/nix/store/…-profile":{"label":"before 26.05","kept":true}}}}
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::bounded_file;
use crate::core::generation_note::GenerationNote;

/// A larger file is not one of ours.
const LARGEST: u64 = 8 << 20;

/// The version this program writes.
const VERSION: u32 = 1;

/// The notes of one profile, by store path.
pub type ProfileNotes = BTreeMap<String, GenerationNote>;

/// The file of notes.
#[derive(Clone, Debug)]
pub struct Notes {
    path: PathBuf,
}

/// Why notes cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The system's words.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The file does not hold notes.
    #[error("{}: these are no notes that firn can read ({reason})", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    #[serde(default)]
    profiles: BTreeMap<String, ProfileNotes>,
}

impl Notes {
    /// The notes in a state folder.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("generation-notes.json") }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The notes about one profile's generations.
    pub fn read(&self, profile: &Path) -> Result<ProfileNotes, NotesError> {
        Ok(self.document()?.profiles.remove(&*profile.to_string_lossy()).unwrap_or_default())
    }

    /// Replaces the note about one generation; an empty one is taken out.
    pub fn write(&self, profile: &Path, target: &str, note: &GenerationNote) -> Result<(), NotesError> {
        let _lock = self.lock()?;
        let mut document = self.document()?;
        let key = profile.to_string_lossy().into_owned();
        let notes = document.profiles.entry(key.clone()).or_default();
        if note.is_empty() {
            notes.remove(target);
        } else {
            notes.insert(target.to_owned(), note.clone());
        }
        if notes.is_empty() {
            document.profiles.remove(&key);
        }
        self.save(&document)
    }

    fn document(&self) -> Result<Document, NotesError> {
        let text = match bounded_file::read(&self.path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.is_nothing() => {
                return Ok(Document { version: VERSION, profiles: BTreeMap::new() });
            }
            Err(error) => return Err(self.damaged(error.to_string())),
        };
        let document: Document =
            serde_json::from_slice(&text).map_err(|error| self.damaged(error.to_string()))?;
        if document.version != VERSION {
            return Err(self.damaged(format!("version {}", document.version)));
        }
        Ok(document)
    }

    /// Two programs that note something at once must not lose a note of each other. The lock is a
    /// file beside, as the notes themselves are replaced.
    fn lock(&self) -> Result<std::fs::File, NotesError> {
        let folder = self.folder();
        std::fs::create_dir_all(folder).map_err(|source| self.failed(source))?;
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path.with_extension("lock"))
            .map_err(|source| self.failed(source))?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|source| self.failed(source.into()))?;
        Ok(lock)
    }

    fn save(&self, document: &Document) -> Result<(), NotesError> {
        let written: io::Result<()> = (|| {
            let mut temporary =
                tempfile::Builder::new().prefix(".generation-notes-").tempfile_in(self.folder())?;
            serde_json::to_writer_pretty(&mut temporary, document)?;
            temporary.write_all(b"\n")?;
            temporary.as_file().sync_all()?;
            temporary.persist(&self.path)?;
            Ok(())
        })();
        written.map_err(|source| self.failed(source))
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn failed(&self, source: io::Error) -> NotesError {
        NotesError::File { path: self.path.clone(), source }
    }

    fn damaged(&self, reason: String) -> NotesError {
        NotesError::Damaged { path: self.path.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(label: &str, kept: bool) -> GenerationNote {
        GenerationNote { label: Some(label.to_owned()), kept }
    }

    #[test]
    fn notes_stay_with_profile_and_store_path() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::new(&folder.path().join("state"));
        assert_eq!(notes.read(Path::new("/p")).unwrap(), ProfileNotes::new());
        notes.write(Path::new("/p"), "/s/a", &note("before", false)).unwrap();
        notes.write(Path::new("/q"), "/s/a", &note("other", true)).unwrap();
        notes.write(Path::new("/p"), "/s/b", &GenerationNote { label: None, kept: true }).unwrap();
        let read = notes.read(Path::new("/p")).unwrap();
        assert_eq!(read["/s/a"], note("before", false));
        assert_eq!((read.len(), read["/s/b"].kept), (2, true));
        notes.write(Path::new("/q"), "/s/a", &GenerationNote::default()).unwrap();
        assert!(notes.read(Path::new("/q")).unwrap().is_empty());
        assert!(!std::fs::read_to_string(notes.path()).unwrap().contains("/q"));
    }

    #[test]
    fn a_damaged_file_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::new(folder.path());
        for text in ["{\"version\":1,\"profiles\":{\"/p\"", "[]", "{\"version\":2,\"profiles\":{}}"] {
            std::fs::write(notes.path(), text).unwrap();
            assert!(matches!(notes.read(Path::new("/p")), Err(NotesError::Damaged { .. })), "{text}");
            let written = notes.write(Path::new("/p"), "/s/a", &note("x", true));
            assert!(matches!(written, Err(NotesError::Damaged { .. })), "{text}");
            assert_eq!(std::fs::read_to_string(notes.path()).unwrap(), text);
        }
        std::fs::remove_file(notes.path()).unwrap();
        std::fs::create_dir(notes.path()).unwrap();
        assert!(notes.write(Path::new("/p"), "/s/a", &note("x", true)).is_err());
    }
}
