//! The playground's garbage: what its roots need stays, the rest can be collected.
//!
//! Roots are the links of `profiles/`, the generations of profiles elsewhere (each has a link in
//! `gcroots/`, as Nix makes one in `gcroots/auto`), and what this process has resolved and may
//! yet add.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use sha2::{Digest as _, Sha256};

use super::object_folder::{ObjectFolder, UNPACKING};
use super::{PlaygroundStore, check_cancel};
use crate::core::byte_size;
use crate::core::store_graph::{KeepRules, PathInfo, Root, StoreGraph};
use crate::core::store_path::StorePath;
use crate::system::disk_space;
use crate::system::machine::{Collected, ProgressEvent, Step, StoreError, Watch};
use crate::system::profile_folder::ProfileFolder;

impl PlaygroundStore {
    /// Keeps a generation of a profile that is not in `profiles/` from being collected.
    pub(super) fn make_root(&self, profile: &ProfileFolder, number: u64) -> Result<(), StoreError> {
        let Some(link) = profile.generation_link(number) else { return Ok(()) };
        if link.parent() == self.profile.parent() {
            return Ok(());
        }
        let folder = self.roots_folder();
        let digest = Sha256::digest(link.as_os_str().as_encoded_bytes());
        let words: Vec<String> = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let name = words.concat();
        let root = folder.join(name);
        fs::create_dir_all(&folder).map_err(|error| StoreError::file(&folder, &error))?;
        match symlink(&link, &root) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(StoreError::file(&root, &error))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn find_roots(&self) -> Result<Vec<Root>, StoreError> {
        let mut links: Vec<PathBuf> = entries(self.profile.parent().unwrap_or(Path::new("/")))?;
        for root in entries(&self.roots_folder())? {
            links.extend(fs::read_link(root));
        }
        let mut roots = Vec::new();
        for link in links {
            let target =
                fs::read_link(&link).ok().and_then(|target| target.into_os_string().into_string().ok());
            let path = target.and_then(|target| StorePath::parse(&self.objects.store_dir, &target).ok());
            roots.extend(path.map(|path| Root { link: link.to_string_lossy().into_owned(), path }));
        }
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        roots.extend(held.iter().map(|path| Root { link: "{firn}".to_owned(), path: path.clone() }));
        Ok(roots)
    }

    pub(super) fn collect(&self, watch: &Watch<'_>) -> Result<Collected, StoreError> {
        watch.progress.report(ProgressEvent::Step(Step::Collect));
        let roots: Vec<StorePath> = self.find_roots()?.into_iter().map(|root| root.path).collect();
        let graph = StoreGraph::new(self.objects.closure(&roots)?);
        let needed = graph.needed_by(&roots, KeepRules::default());
        let garbage: Vec<StorePath> =
            self.objects.valid_paths()?.into_iter().filter(|path| !needed.contains(path)).collect();
        let mut collected = 0;
        let mut bytes = 0;
        for path in garbage {
            check_cancel(watch)?;
            watch.progress.report(ProgressEvent::Log(format!("deleting '{path}'")));
            let freed = disk_space::freed_by_deleting(std::slice::from_ref(&path))
                .map_err(|error| StoreError::Unsupported(error.to_string()))?;
            self.objects.delete(&path)?;
            collected += 1;
            bytes += freed;
        }
        Ok(Collected { paths: collected, freed: byte_size::text(bytes) })
    }

    fn roots_folder(&self) -> PathBuf {
        self.profile.parent().and_then(Path::parent).unwrap_or(Path::new("/")).join("gcroots")
    }
}

impl ObjectFolder {
    /// What is known of everything that the paths refer to; those that are not valid are left out.
    pub(super) fn closure(&self, paths: &[StorePath]) -> Result<Vec<PathInfo>, StoreError> {
        let mut waiting = paths.to_vec();
        let mut seen: HashSet<StorePath> = waiting.iter().cloned().collect();
        let mut infos = Vec::new();
        while let Some(path) = waiting.pop() {
            for info in self.path_infos(&[path])? {
                waiting.extend(info.references.iter().filter(|path| seen.insert((*path).clone())).cloned());
                infos.push(info);
            }
        }
        Ok(infos)
    }

    /// What is known of the paths alone; those that are not valid are left out.
    pub(super) fn path_infos(&self, paths: &[StorePath]) -> Result<Vec<PathInfo>, StoreError> {
        let mut infos = Vec::with_capacity(paths.len());
        for path in paths {
            let Some(info) = self.info(path)? else { continue };
            let full = |base_name: &String| {
                StorePath::parse(&self.store_dir, &format!("{}/{base_name}", self.store_dir)).ok()
            };
            let references = info.references.iter().filter_map(full).collect();
            infos.push(PathInfo { path: path.clone(), nar_size: info.nar_size, references, deriver: None });
        }
        Ok(infos)
    }

    /// Every valid object, sorted.
    pub(super) fn valid_paths(&self) -> Result<Vec<StorePath>, StoreError> {
        let paths = entries(Path::new(self.store_dir.as_str()))?;
        let parse = |path: PathBuf| StorePath::parse(&self.store_dir, path.to_str()?).ok();
        let mut paths: Vec<StorePath> = paths.into_iter().filter_map(parse).collect();
        paths.retain(|path| self.is_valid(path));
        paths.sort_unstable();
        Ok(paths)
    }

    /// Deletes an object: it ceases to be valid first, so that a kill leaves either all of it or none.
    pub(super) fn delete(&self, path: &StorePath) -> Result<(), StoreError> {
        let place = Path::new(path.as_str());
        let failed = |error: io::Error| StoreError::file(place, &error);
        let store = Path::new(self.store_dir.as_str());
        // Objects are read-only, and what moves out of its folder must be writable itself.
        let folder = tempfile::Builder::new().prefix(UNPACKING).tempdir_in(store).map_err(failed)?;
        disk_space::make_writable(place).map_err(failed)?;
        fs::rename(place, folder.path().join(path.base_name())).map_err(failed)?;
        let info = self.info_file(path);
        fs::remove_file(&info).map_err(|error| StoreError::file(&info, &error))
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error: &io::Error| StoreError::file(folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&error)),
    };
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| failed(&error))).collect()
}
