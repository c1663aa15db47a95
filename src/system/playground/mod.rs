//! The playground: a store of our own on disk, no Nix needed.
//!
//! Same layout, same rules, real symlinks; packages are scripts that run. In its folder:
//!
//! | | |
//! |---|---|
//! | `store/` | packages and profiles under true store paths |
//! | `profiles/` | `profile` and its generation links |
//! | `path-info/` | size and references of each store path |
//! | `.firn-playground` | the stamp: this folder is ours |
//!
//! `firn demo` opens it with the world of `assets/playground/world.toml`; tests start
//! from an empty one and add packages of their own.

mod catalogue;
mod object_folder;
mod package_file;
mod past;
mod recipe;
mod stamp;
mod unpack;
mod world;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use self::catalogue::Catalogue;
use self::object_folder::ObjectFolder;
pub use self::package_file::{FileContent, PackageFile, PackageFileError};
use self::stamp::{Stamp, Stamped};
use self::world::World;
use super::machine::{Clock, ProfileObject, ProgressEvent, Step, Store, StoreError, SystemClock, Watch};
use super::profile_folder::{ProfileError, ProfileFolder, ProfileLock};
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::store_path::{StoreDir, StorePath};

/// A store in a folder that firn fills itself.
pub struct PlaygroundStore {
    objects: ObjectFolder,
    profile: PathBuf,
    world: World,
    /// Its shared lock keeps others from clearing the folder.
    _stamp: Stamp,
}

/// What a new playground holds.
#[derive(Clone, Copy)]
enum Beginning {
    /// The world, its newest generation made at this time.
    World { now: i64 },
    /// Nothing; no profile either.
    Nothing,
}

impl PlaygroundStore {
    /// Opens the playground in `folder`, making it first if it is not there; `fresh` starts over.
    /// A folder that holds other files is refused, and one that another process has open is not
    /// started over.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self, StoreError> {
        Self::open_at(folder, fresh, SystemClock.now())
    }

    /// As [`Self::open`]; a new playground's generations are made as if it were `now`.
    pub fn open_at(folder: &Path, fresh: bool, now: i64) -> Result<Self, StoreError> {
        Self::begin(folder, fresh, Beginning::World { now })
    }

    /// Opens the playground in `folder`; a new one has no profile, and no packages but those that
    /// are added. For tests.
    pub fn empty(folder: &Path) -> Result<Self, StoreError> {
        Self::begin(folder, false, Beginning::Nothing)
    }

    /// Puts a package into the store. The store paths of other packages in its files become its
    /// references.
    pub fn add_package(&self, name: &str, files: &[PackageFile]) -> Result<StorePath, StoreError> {
        let archive = package_file::nar_of(files)
            .map_err(|error| StoreError::File { path: name.into(), reason: error.to_string() })?;
        self.objects.add(name, &archive).map(|(path, _)| path)
    }

    fn begin(folder: &Path, fresh: bool, beginning: Beginning) -> Result<Self, StoreError> {
        let at_folder = |error: std::io::Error| StoreError::file(folder, &error);
        fs::create_dir_all(folder).map_err(at_folder)?;
        let folder = fs::canonicalize(folder).map_err(at_folder)?;
        let objects = ObjectFolder::new(&folder)?;
        let world = World::read().map_err(|error| StoreError::File {
            path: "assets/playground/world.toml".into(),
            reason: error.to_string(),
        })?;
        let profile = folder.join("profiles").join("profile");
        let stamp = match Stamp::take(&folder, fresh)? {
            Stamped::Whole(stamp) => stamp,
            Stamped::Empty(stamp) => {
                objects.create()?;
                let profiles = folder.join("profiles");
                fs::create_dir_all(&profiles).map_err(|error| StoreError::file(&profiles, &error))?;
                if let Beginning::World { now } = beginning {
                    past::make(&world, &objects, &profile, now)?;
                }
                stamp.complete()?
            }
        };
        Ok(Self { objects, profile, world, _stamp: stamp })
    }
}

impl Store for PlaygroundStore {
    fn store_dir(&self) -> &StoreDir {
        &self.objects.store_dir
    }

    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        Ok(self.profile.clone())
    }

    fn resolve(
        &self,
        installables: &[Installable],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError> {
        watch.progress.report(ProgressEvent::Step(Step::Evaluate));
        let realises = Cell::new(false);
        let made = |path: &StorePath| {
            if !realises.replace(true) {
                watch.progress.report(ProgressEvent::Step(Step::Realise));
            }
            watch.progress.report(ProgressEvent::Log(format!("copying path '{path}' from the playground")));
        };
        let catalogue = Catalogue { world: &self.world, objects: &self.objects, made: &made };
        let mut resolved = Vec::with_capacity(installables.len());
        for installable in installables {
            check_cancel(watch)?;
            resolved.push(catalogue.resolve(installable).map(|element| ResolvedInstallable { element }));
        }
        Ok(resolved)
    }

    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError> {
        check_cancel(watch)?;
        watch.progress.report(ProgressEvent::Step(Step::Link));
        let mut archive = Vec::with_capacity(usize::try_from(profile.nar.size).unwrap_or_default());
        let at_profile = |error: std::io::Error| StoreError::file(Path::new(profile.path.as_str()), &error);
        (profile.write_nar)(&mut archive).map_err(at_profile)?;
        self.objects.add_as(profile.path, &archive, profile.references)
    }

    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        watch.progress.report(ProgressEvent::Step(Step::Switch));
        if !self.objects.is_valid(path) {
            return Err(StoreError::Vanished(path.to_string()));
        }
        let folder = ProfileFolder::new(profile).map_err(profile_error)?;
        folder.switch_to(Path::new(path.as_str()), lock).map_err(profile_error)?;
        Ok(())
    }

    fn nar_sizes(
        &self,
        paths: &[StorePath],
        _watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, u64)>, StoreError> {
        let mut sizes = Vec::with_capacity(paths.len());
        for path in paths {
            if let Some(info) = self.objects.info(path)? {
                sizes.push((path.clone(), info.nar_size));
            }
        }
        Ok(sizes)
    }

    fn closure_size(&self, paths: &[StorePath], _watch: &Watch<'_>) -> Result<Option<u64>, StoreError> {
        self.objects.closure_size(paths)
    }

    fn title(&self) -> String {
        "playground".to_owned()
    }
}

fn check_cancel(watch: &Watch<'_>) -> Result<(), StoreError> {
    if watch.cancel.is_requested() { Err(StoreError::Cancelled) } else { Ok(()) }
}

fn profile_error(error: ProfileError) -> StoreError {
    match error {
        ProfileError::File { path, source } => StoreError::file(&path, &source),
        // The others name their file in their words.
        other => StoreError::Unsupported(other.to_string()),
    }
}
