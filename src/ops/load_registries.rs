//! Reads the registries: all layers, with the file of each.
//!
//! [`load_registries`] reads files only, for start-up; [`load_as_nix`] has the global registry
//! downloaded first where Nix would do so, for the verbs. Reading never fails: a file that is damaged or cannot be read keeps its place in the list with what
//! is wrong with it, and look-ups go on with what there is, as Nix's do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::core::facts::KnownRegistries;
use crate::core::registry::{Entry, EntryId, Layer, Reach, Registries, Registry};
use crate::system::flake_folder;
use crate::system::machine::{Freshness, StoreError, Watch};
use crate::system::registry_file::past::{self, PastRegistry};
use crate::system::registry_file::{FileState, GlobalPlace, RegistryFile, RegistryText};

use super::Context;
use super::refusal::Refusal;

/// The registries as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedRegistries {
    /// The entries of all layers.
    pub registries: Registries,
    /// The files: the user's, the system's, and the global one if there is one.
    pub files: Vec<RegistryFile>,
    /// The URL of the global registry, if it is one that Nix downloads.
    pub global_url: Option<String>,
    /// Words of an `--override-flake` that are no references, with the reason.
    pub bad_overrides: Vec<String>,
    /// Which layers names in installables are looked up in.
    pub reach: Reach,
    /// Why the user's file is not to be written, in words, if it is not.
    pub user_problem: Option<String>,
    /// The user's registry as it was before, as far as [`load_with_past`] was asked.
    pub past: Vec<PastRegistry>,
}

impl LoadedRegistries {
    /// The file that makes a layer.
    pub fn file(&self, layer: Layer) -> Option<&RegistryFile> {
        self.files.iter().find(|file| file.layer == layer)
    }

    /// The file an entry stands in; none for one of the command line.
    pub fn file_of(&self, entry: EntryId) -> Option<&RegistryFile> {
        self.file(entry.layer)
    }

    /// What a plan has to know of them.
    pub fn known(&self) -> KnownRegistries {
        let file = self.file(Layer::User).map(|file| Arc::from(file.path.to_string_lossy()));
        KnownRegistries {
            registries: self.registries.clone(),
            reach: self.reach,
            file,
            problem: self.user_problem.as_deref().map(Arc::from),
        }
    }
}

/// Why a registry's file is not to be written: it is damaged, or belongs to another.
pub(super) fn check_writable(context: &Context, file: &RegistryFile) -> anyhow::Result<()> {
    if let Some(problem) = file.problem() {
        return Err(Refusal::DamagedRegistry { file: file.path.clone(), problem }.into());
    }
    let store_dir = PathBuf::from(context.store.store_dir().to_string());
    RegistryText { path: &file.path, before: file.text.as_deref(), after: "" }.check(&store_dir)?;
    Ok(())
}

/// Reads the registries of the context's store.
pub fn load_registries(context: &Context) -> LoadedRegistries {
    let places = context.store.registry_places();
    let files = places.read();
    let (overrides, bad_overrides) = overrides(&places.overrides);
    let mut registries = Registries::default().with(Layer::CommandLine, overrides);
    for file in &files {
        *registries.layer_mut(file.layer) = file.registry.clone();
    }
    let global_url = match places.global {
        GlobalPlace::Download { url, .. } => Some(url),
        GlobalPlace::None | GlobalPlace::File(_) => None,
    };
    let reach = if places.is_used { Reach::All } else { Reach::Nothing };
    let user = files.iter().find(|file| file.layer == Layer::User);
    let user_problem = user.and_then(|file| check_writable(context, file).err());
    let user_problem = user_problem.map(|error| format!("{error:#}"));
    LoadedRegistries { registries, files, global_url, bad_overrides, reach, user_problem, past: Vec::new() }
}

/// The same, with the copies that were kept of the user's.
pub fn load_with_past(context: &Context) -> LoadedRegistries {
    let mut loaded = load_registries(context);
    if let Some(user) = loaded.file(Layer::User) {
        loaded.past = load_past(context, &user.path);
    }
    loaded
}

/// The copies that were kept of a registry, newest first.
pub(super) fn load_past(context: &Context, file: &Path) -> Vec<PastRegistry> {
    past::read(&context.folders.state.join("registry-backups"), file)
}

/// Reads one file alone, as if it were the user's own registry and there were no other.
pub fn load_registry_file(path: &Path) -> LoadedRegistries {
    let file = RegistryFile::read(Layer::User, path);
    let registries = Registries::default().with(Layer::User, file.registry.clone());
    LoadedRegistries { registries, files: vec![file], ..LoadedRegistries::default() }
}

/// Reads the registries as a nix command would see them: a global registry that was never downloaded,
/// or is older than `tarball-ttl`, is downloaded first. Nix is asked to see to that, as only its own
/// database knows the age: the link to the download is made anew whenever it is read. That it cannot
/// be downloaded is an error only if there is no older one.
pub fn load_as_nix(
    context: &Context,
    freshness: Freshness,
    watch: &Watch<'_>,
) -> anyhow::Result<LoadedRegistries> {
    let loaded = load_registries(context);
    let Some(file) = loaded.file(Layer::Global).filter(|_| loaded.global_url.is_some()) else {
        return Ok(loaded);
    };
    match context.store.fetch_global_registry(freshness, watch) {
        Ok(()) => Ok(load_registries(context)),
        Err(StoreError::Cancelled) => Err(StoreError::Cancelled.into()),
        Err(_) if freshness == Freshness::AsNix && file.state != FileState::NotFetched => Ok(loaded),
        Err(error) => Err(error).context("cannot download the global registry"),
    }
}

fn overrides(words: &[(String, String)]) -> (Registry, Vec<String>) {
    let (mut registry, mut bad) = (Registry::default(), Vec::new());
    for (from, to) in words {
        match (flake_folder::read_here(from), flake_folder::read_here(to)) {
            (Ok(from), Ok(to)) => registry.entries.push(Entry::new(from.with_dir(b""), to)),
            (Err(error), _) | (_, Err(error)) => bad.push(error.to_string()),
        }
    }
    (registry, bad)
}
