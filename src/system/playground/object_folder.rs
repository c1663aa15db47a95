//! The playground's store on disk: objects, and what is known about each.
//!
//! `store/<base name>` holds an object, `path-info/<base name>.json` its NAR's size and
//! its references. An object is valid if both are there. The second is written first
//! and the object itself is unpacked next to its place and renamed, so a process that
//! dies leaves either a valid object or none, and two that write the same one agree.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::unpack::{UnpackError, unpack};
use crate::core::nar::{NarHash, NarWriter, source_path, text_path};
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::bounded_file;
use crate::system::machine::StoreError;

/// How the names of objects begin that are not whole yet.
pub(super) const UNPACKING: &str = ".unpacking-";
/// The same for what is known about them.
pub(super) const WRITING: &str = ".writing-";

/// What is known about an object takes some bytes for each reference.
const LARGEST_INFO: u64 = 64 << 20;

/// The folders `store` and `path-info` of a playground.
pub(super) struct ObjectFolder {
    pub(super) store_dir: StoreDir,
    path_info: PathBuf,
}

/// What is known about a valid object.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PathInfo {
    /// The length of its NAR in bytes.
    pub(super) nar_size: u64,
    /// Base names, sorted.
    pub(super) references: Vec<String>,
}

impl ObjectFolder {
    /// The objects of the playground in `folder`, an absolute path without links in it.
    pub(super) fn new(folder: &Path) -> Result<Self, StoreError> {
        let store = folder.join("store");
        let Some(text) = store.to_str() else {
            let reason = "store paths are UTF-8, and this is not".to_owned();
            return Err(StoreError::File { path: store, reason });
        };
        Ok(Self { store_dir: StoreDir::new(text), path_info: folder.join("path-info") })
    }

    /// Makes the folders.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        for folder in [Path::new(self.store_dir.as_str()), &self.path_info] {
            fs::create_dir_all(folder).map_err(|error| StoreError::file(folder, &error))?;
        }
        Ok(())
    }

    /// Adds an object by its NAR, with the references found in it. Tells whether it is new.
    pub(super) fn add(&self, name: &str, archive: &[u8]) -> Result<(StorePath, bool), StoreError> {
        let references = self.references_in(archive);
        let path = self.path_of(name, archive, &references)?;
        let is_new = !self.is_valid(&path);
        if is_new {
            self.write(&path, archive, &references)?;
        }
        Ok((path, is_new))
    }

    /// The path an object would get, where also the paths in `future` count as valid.
    pub(super) fn path_if_added(
        &self,
        name: &str,
        archive: &[u8],
        future: &BTreeSet<StorePath>,
    ) -> Result<StorePath, StoreError> {
        let is_known = |path: &StorePath| future.contains(path) || self.is_valid(path);
        self.path_of(name, archive, &self.known_in(archive, &is_known))
    }

    /// What an archive refers to, of what is here or in `future`.
    pub(super) fn references_of(&self, archive: &[u8], future: &BTreeSet<StorePath>) -> Vec<StorePath> {
        self.known_in(archive, &|path| future.contains(path) || self.is_valid(path))
    }

    /// Adds an object that must get the path `expected`.
    pub(super) fn add_as(
        &self,
        expected: &StorePath,
        archive: &[u8],
        references: &[StorePath],
    ) -> Result<(), StoreError> {
        self.check_references(references)?;
        let path = self.path_of(expected.name(), archive, references)?;
        if path != *expected {
            let reason = format!("its contents belong to '{path}'");
            return Err(StoreError::File { path: expected.as_str().into(), reason });
        }
        if self.is_valid(&path) { Ok(()) } else { self.write(&path, archive, references) }
    }

    /// Adds a text, which must belong to the path.
    pub(super) fn add_text(
        &self,
        expected: &StorePath,
        text: &str,
        references: &[StorePath],
    ) -> Result<(), StoreError> {
        self.check_references(references)?;
        let failed = |reason: String| StoreError::File { path: expected.as_str().into(), reason };
        let path = text_path(&self.store_dir, expected.name(), text.as_bytes(), references);
        if path.map_err(|error| failed(error.to_string()))? != *expected {
            return Err(failed("its text belongs to another path".to_owned()));
        }
        if self.is_valid(expected) {
            return Ok(());
        }
        let mut archive = Vec::new();
        let written = NarWriter::new(&mut archive).and_then(|mut nar| nar.file(text.as_bytes(), false));
        written.map_err(|error| failed(error.to_string()))?;
        self.write(expected, &archive, references)
    }

    /// Adds what a derivation built, under the path that follows from the derivation.
    pub(super) fn add_built(&self, path: &StorePath, archive: &[u8]) -> Result<(), StoreError> {
        if self.is_valid(path) { Ok(()) } else { self.write(path, archive, &self.references_in(archive)) }
    }

    /// Whether an object is there, whole.
    pub(super) fn is_valid(&self, path: &StorePath) -> bool {
        Path::new(path.as_str()).symlink_metadata().is_ok() && self.info_file(path).exists()
    }

    /// What is known about an object; `None` if it is not valid.
    pub(super) fn info(&self, path: &StorePath) -> Result<Option<PathInfo>, StoreError> {
        if !self.is_valid(path) {
            return Ok(None);
        }
        let file = self.info_file(path);
        let text = bounded_file::read(&file, LARGEST_INFO)
            .map_err(|error| StoreError::file(&file, &error.into()))?;
        match serde_json::from_slice(&text) {
            Ok(info) => Ok(Some(info)),
            Err(error) => Err(StoreError::File { path: file, reason: error.to_string() }),
        }
    }

    /// The size of the closure in bytes; `None` if one of its paths is not valid.
    pub(super) fn closure_size(&self, paths: &[StorePath]) -> Result<Option<u64>, StoreError> {
        let mut waiting = paths.to_vec();
        let mut seen: HashSet<StorePath> = waiting.iter().cloned().collect();
        let mut size = 0;
        while let Some(path) = waiting.pop() {
            let Some(info) = self.info(&path)? else { return Ok(None) };
            size += info.nar_size;
            for base_name in info.references {
                let Ok(reference) =
                    StorePath::parse(&self.store_dir, &format!("{}/{base_name}", self.store_dir))
                else {
                    return Ok(None);
                };
                if seen.insert(reference.clone()) {
                    waiting.push(reference);
                }
            }
        }
        Ok(Some(size))
    }

    fn check_references(&self, references: &[StorePath]) -> Result<(), StoreError> {
        match references.iter().find(|reference| !self.is_valid(reference)) {
            Some(missing) => Err(StoreError::Vanished(missing.to_string())),
            None => Ok(()),
        }
    }

    fn write(&self, path: &StorePath, archive: &[u8], references: &[StorePath]) -> Result<(), StoreError> {
        let mut references: Vec<String> = references.iter().map(|path| path.base_name().to_owned()).collect();
        references.sort_unstable();
        references.dedup();
        let info = PathInfo { nar_size: archive.len() as u64, references };
        self.write_info(&self.info_file(path), &info)?;

        let store = Path::new(self.store_dir.as_str());
        let place = tempfile::Builder::new()
            .prefix(UNPACKING)
            .tempdir_in(store)
            .map_err(|error| StoreError::file(store, &error))?;
        let unpacked = place.path().join(path.base_name());
        unpack(archive, &unpacked).map_err(|error| unpack_error(path, error))?;
        match fs::rename(&unpacked, path.as_str()) {
            // Another process was faster with the same object.
            Err(_) if self.is_valid(path) => Ok(()),
            renamed => renamed.map_err(|error| StoreError::file(Path::new(path.as_str()), &error)),
        }
    }

    fn write_info(&self, file: &Path, info: &PathInfo) -> Result<(), StoreError> {
        let written: io::Result<()> = (|| {
            let temporary = tempfile::Builder::new().prefix(WRITING).tempfile_in(&self.path_info)?;
            serde_json::to_writer(&temporary, info)?;
            temporary.persist(file)?;
            Ok(())
        })();
        written.map_err(|error| StoreError::file(file, &error))
    }

    pub(super) fn info_file(&self, path: &StorePath) -> PathBuf {
        self.path_info.join(format!("{}.json", path.base_name()))
    }

    fn path_of(&self, name: &str, archive: &[u8], references: &[StorePath]) -> Result<StorePath, StoreError> {
        source_path(&self.store_dir, name, &hash_of(archive), references)
            .map_err(|error| StoreError::File { path: name.into(), reason: error.to_string() })
    }

    /// The valid objects whose full paths stand somewhere in the archive, as Nix finds them.
    fn references_in(&self, archive: &[u8]) -> Vec<StorePath> {
        self.known_in(archive, &|path| self.is_valid(path))
    }

    fn known_in(&self, archive: &[u8], is_known: &dyn Fn(&StorePath) -> bool) -> Vec<StorePath> {
        let prefix = format!("{}/", self.store_dir);
        let mut found = Vec::new();
        let mut rest = archive;
        while let Some(start) = rest.windows(prefix.len()).position(|window| window == prefix.as_bytes()) {
            rest = &rest[start..];
            let name_length = rest[prefix.len()..].iter().take_while(|&&byte| is_name_byte(byte)).count();
            let (path, after) = rest.split_at(prefix.len() + name_length);
            rest = after;
            let path =
                str::from_utf8(path).ok().and_then(|path| StorePath::parse(&self.store_dir, path).ok());
            found.extend(path.filter(is_known));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte)
}

/// Hash and size of an archive in memory.
pub(super) fn hash_of(archive: &[u8]) -> NarHash {
    NarHash { sha256: Sha256::digest(archive).into(), size: archive.len() as u64 }
}

fn unpack_error(path: &StorePath, error: UnpackError) -> StoreError {
    match error {
        UnpackError::File { path, source } => StoreError::file(&path, &source),
        malformed @ UnpackError::Malformed { .. } => {
            StoreError::File { path: path.as_str().into(), reason: malformed.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::playground::package_file::{PackageFile, nar_of};

    fn archive(text: &str) -> Vec<u8> {
        nar_of(&[PackageFile::text("a", text)]).unwrap()
    }

    fn objects(folder: &Path) -> ObjectFolder {
        let objects = ObjectFolder::new(folder).unwrap();
        objects.create().unwrap();
        objects
    }

    #[test]
    fn references_are_the_valid_paths_in_the_contents() {
        let folder = tempfile::tempdir().unwrap();
        let objects = objects(folder.path());
        let (one, _) = objects.add("one-1", &archive("1")).unwrap();
        let gone = one.as_str().replace("one-1", "other-2");
        let (two, _) = objects.add("two-1", &archive(&format!("{one}/a:{one} {gone}"))).unwrap();
        let info = objects.info(&two).unwrap().unwrap();
        assert_eq!(info.references, [one.base_name()]);
        assert_eq!(objects.info(&one).unwrap().unwrap().references, Vec::<String>::new());
    }

    #[test]
    fn a_closure_counts_each_path_once() {
        let folder = tempfile::tempdir().unwrap();
        let objects = objects(folder.path());
        let (one, _) = objects.add("one-1", &archive("1")).unwrap();
        let (two, _) = objects.add("two-1", &archive(one.as_str())).unwrap();
        let (three, _) = objects.add("three-1", &archive(&format!("{one} {two}"))).unwrap();
        let sizes = [&one, &two, &three].map(|path| objects.info(path).unwrap().unwrap().nar_size);
        assert_eq!(objects.closure_size(&[three.clone(), one.clone()]).unwrap(), Some(sizes.iter().sum()));
        fs::remove_dir_all(one.as_str()).unwrap();
        assert_eq!(objects.closure_size(&[three]).unwrap(), None);
    }

    #[test]
    fn adding_again_changes_nothing_and_repairs_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let objects = objects(folder.path());
        let (path, is_new) = objects.add("one-1", &archive("1")).unwrap();
        assert!(is_new);
        assert_eq!(objects.add("one-1", &archive("1")).unwrap(), (path.clone(), false));
        fs::remove_dir_all(path.as_str()).unwrap();
        assert_eq!(objects.add("one-1", &archive("1")).unwrap(), (path, true));
    }

    #[test]
    fn an_object_must_have_its_path_and_its_references() {
        let folder = tempfile::tempdir().unwrap();
        let objects = objects(folder.path());
        let (one, _) = objects.add("one-1", &archive("1")).unwrap();
        let wrong = objects.add_as(&one, &archive("2"), &[]).unwrap_err();
        assert!(wrong.to_string().contains("its contents belong to"));

        let expected = objects.path_of("two-1", &archive("2"), std::slice::from_ref(&one)).unwrap();
        objects.add_as(&expected, &archive("2"), std::slice::from_ref(&one)).unwrap();
        fs::remove_dir_all(one.as_str()).unwrap();
        let vanished = objects.add_as(&expected, &archive("2"), &[one]);
        assert!(matches!(vanished, Err(StoreError::Vanished(_))));
    }
}
