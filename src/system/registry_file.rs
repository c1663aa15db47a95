//! Registry files where Nix keeps them: read without starting Nix, written so that nothing is lost.
//!
//! A global registry that is a URL is downloaded by Nix into its store, with a link to it in
//! Nix's cache folder, made anew whenever Nix reads it (2.26 and 2.34 alike): that link is
//! read, so nothing is fetched here, and its time tells how old the contents may be. There is
//! no need to look into the database of Nix's fetcher.
//!
//! A file that cannot be used is not an error: the others still count, as they do for Nix.

use std::path::{Path, PathBuf};

use super::bounded_file;
use super::file_stamp::FileStamp;
use crate::core::registry::{Layer, Registry};

pub mod past;
mod write;

pub use write::{RegistryText, RegistryWriteError};

/// Where registries are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryPlaces {
    /// The user's own file.
    pub user: PathBuf,
    /// The machine's.
    pub system: PathBuf,
    /// What the setting `flake-registry` says.
    pub global: GlobalPlace,
    /// From and to of each `--override-flake`, as typed.
    pub overrides: Vec<(String, String)>,
    /// Whether names in installables are looked up at all (`use-registries`, `--no-registries`).
    pub is_used: bool,
    /// For how many seconds Nix takes a download for fresh (`tarball-ttl`).
    pub fresh_for: i64,
}

/// Where the global registry is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GlobalPlace {
    /// There is none.
    #[default]
    None,
    /// A file.
    File(PathBuf),
    /// A file that Nix downloads.
    Download {
        /// From here.
        url: String,
        /// A link to what was downloaded last, if anything was.
        kept: PathBuf,
    },
}

impl Default for RegistryPlaces {
    fn default() -> Self {
        let (user, system, global) = (PathBuf::new(), PathBuf::new(), GlobalPlace::None);
        Self { user, system, global, overrides: Vec::new(), is_used: true, fresh_for: HOUR }
    }
}

/// What stands at a registry's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// A file; whether it is damaged is told by [`Registry::fault`].
    Present {
        /// When it was written, or Nix last made sure of a download; seconds since 1970.
        modified: Option<i64>,
    },
    /// Nothing, which is as good as an empty registry.
    Missing,
    /// A download that Nix has not made yet.
    NotFetched,
    /// Something that cannot be read, with the system's words.
    Unreadable(String),
}

/// A registry's file with its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryFile {
    /// The layer it makes.
    pub layer: Layer,
    /// Its path.
    pub path: PathBuf,
    /// What stands there.
    pub state: FileState,
    /// Its entries.
    pub registry: Registry,
    /// Its text, if it could be read.
    pub text: Option<Vec<u8>>,
    /// Tells it from what stands there later.
    pub stamp: FileStamp,
}

/// As long as Nix takes a download for fresh if nothing else is said.
pub const HOUR: i64 = 60 * 60;

/// Larger files are not read: a registry has some dozens of entries.
pub(super) const LARGEST: u64 = 32 << 20;

impl RegistryPlaces {
    /// Reads the files of the user, the system and the global registry, in this order. There is no
    /// third if there is no global registry.
    pub fn read(&self) -> Vec<RegistryFile> {
        let mut files = Vec::new();
        for (layer, path) in [(Layer::User, &self.user), (Layer::System, &self.system)] {
            if !path.as_os_str().is_empty() {
                files.push(RegistryFile::read(layer, path));
            }
        }
        match &self.global {
            GlobalPlace::None => {}
            GlobalPlace::File(path) => files.push(RegistryFile::read(Layer::Global, path)),
            GlobalPlace::Download { kept, .. } => {
                let mut file = RegistryFile::read(Layer::Global, kept);
                if file.state == FileState::Missing {
                    file.state = FileState::NotFetched;
                }
                files.push(file);
            }
        }
        files
    }
}

impl RegistryFile {
    /// Reads one file.
    pub fn read(layer: Layer, path: &Path) -> Self {
        // Before it is read: what is written meanwhile is seen as a change.
        let stamp = FileStamp::of(path);
        let (state, text) = match bounded_file::read(path, LARGEST) {
            Ok(text) => (FileState::Present { modified: modified(path) }, Some(text)),
            Err(error) if error.is_nothing() => (FileState::Missing, None),
            Err(error) => (FileState::Unreadable(error.to_string()), None),
        };
        let registry = text.as_deref().map(Registry::parse).unwrap_or_default();
        Self { layer, path: path.to_owned(), state, registry, text, stamp }
    }

    /// Whether something else stands there now.
    pub fn is_stale(&self) -> bool {
        FileStamp::of(&self.path) != self.stamp
    }

    /// What is wrong with the file, in words, if anything is.
    pub fn problem(&self) -> Option<String> {
        match &self.state {
            FileState::Unreadable(reason) => Some(reason.clone()),
            _ => self.registry.fault.as_ref().map(ToString::to_string),
        }
    }
}

/// The link's own time: what it leads to may be in the store, where all times are alike.
fn modified(path: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().ok().map(|status| status.mtime())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str =
        r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"n"},"to":{"type":"path","path":"/x"}}]}"#;

    #[test]
    fn files_are_read_whatever_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("user"), ONE).unwrap();
        std::fs::create_dir(path("system")).unwrap();
        let global = GlobalPlace::Download { url: "https://h/r".to_owned(), kept: path("kept") };
        let (user, system) = (path("user"), path("system"));
        let places = RegistryPlaces { user, system, global, ..RegistryPlaces::default() };
        let files = places.read();
        assert_eq!(files.len(), 3);
        assert!(matches!(files[0].state, FileState::Present { modified: Some(_) }));
        assert_eq!(files[0].registry.entries.len(), 1);
        assert_eq!(files[1].problem().as_deref(), Some("not a regular file"));
        assert_eq!(files[2].state, FileState::NotFetched);
        std::os::unix::fs::symlink(path("user"), path("kept")).unwrap();
        assert_eq!(places.read()[2].registry.entries.len(), 1);
    }

    #[test]
    fn a_damaged_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.json");
        std::fs::write(&path, format!("{ONE},")).unwrap();
        let file = RegistryFile::read(Layer::User, &path);
        assert!(file.problem().unwrap().starts_with("line 1, column "));
        assert!(file.registry.entries.is_empty());
        let gone = RegistryFile::read(Layer::User, &folder.path().join("none"));
        assert_eq!((gone.problem(), gone.state), (None, FileState::Missing));
    }

    #[test]
    fn a_huge_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.json");
        std::fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        let file = RegistryFile::read(Layer::User, &path);
        assert_eq!(file.problem().as_deref(), Some("it has more than 32 MiB"));
    }

    #[test]
    fn nowhere_is_nothing() {
        assert_eq!(RegistryPlaces::default().read(), []);
    }
}
