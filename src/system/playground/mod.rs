//! The playground: a store of our own on disk, no Nix needed.
//!
//! Same layout, same rules, real symlinks; packages are scripts that run. In its folder:
//!
//! | | |
//! |---|---|
//! | `store/` | packages and profiles under true store paths |
//! | `profiles/` | `profile` and `nix-env`, one of either kind, and their generation links |
//! | `path-info/` | size and references of each store path |
//! | `config/nix/registry.json` | the user's flake registry |
//! | `etc/nix/registry.json` | the system's |
//! | `cache/nix/flake-registry.json` | the global one, as fetched |
//! | `gcroots/` | links to generations of profiles elsewhere |
//! | `state/` | firn's journal and saved plans |
//! | `.firn-playground` | the stamp: this folder is ours |
//!
//! `firn demo` opens it with the world of `assets/playground/world.toml`; tests start
//! from an empty one and add packages of their own.

mod catalogue;
mod environment;
mod garbage;
mod listing;
mod object_folder;
mod pace;
mod package_file;
mod past;
mod recipe;
mod registry_files;
mod stamp;
mod unpack;
mod upgrades;
mod world;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use self::catalogue::{Catalogue, EVALUATES_NOTHING};
use self::object_folder::ObjectFolder;
use self::pace::{Deed, Pace, Telling};
pub use self::package_file::{FileContent, PackageFile, PackageFileError};
use self::registry_files::RegistryFiles;
use self::stamp::{Stamp, Stamped};
use self::world::World;
use super::machine::{
    Answer, Candidates, Clock, Collected, Freshness, Heard, Listed, ListingProgress, ListingTold,
    ProfileObject, ProgressEvent, Step, Store, StoreError, SystemClock, Watch,
};
use super::profile_folder::{ProfileError, ProfileFolder, ProfileLock};
use super::registry_file::RegistryPlaces;
use crate::core::evaluation::Question;
use crate::core::file_tree::FileTrees;
use crate::core::flake_ref::FlakeRef;
use crate::core::installable::{Installable, InstallableScope, ResolvedInstallable};
use crate::core::manifest::ElementSource;
use crate::core::package_list::PackageSource;
use crate::core::plan::ToRealise;
use crate::core::plan::cost::Obtainable;
use crate::core::registry::{Layer, Registries, Registry};
use crate::core::store_graph::{PathInfo, Root};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::toml_depth;
use crate::core::user_environment::object::EnvironmentObjects;
use crate::core::user_environment::offered::{OfferedPackage, PackageQuestion, UpgradeQuestion};

/// Tells whether a text reads as a world; of its own world the playground knows.
pub fn check_world(text: &str) -> Result<(), StoreError> {
    match toml_depth::too_deep(text) {
        Some(line) => Err(world_error(format!("line {line} nests too deep"))),
        None => World::parse(text).map(drop).map_err(world_error),
    }
}

fn world_error(error: impl std::fmt::Display) -> StoreError {
    StoreError::File { path: "assets/playground/world.toml".into(), reason: error.to_string() }
}

/// The name of the profile that nix-env made.
const NIX_ENV: &str = "nix-env";

/// A store in a folder that firn fills itself.
pub struct PlaygroundStore {
    objects: ObjectFolder,
    profile: PathBuf,
    registries: RegistryFiles,
    world: World,
    pace: Pace,
    /// What was made for a plan that is perhaps still to be applied.
    held: Mutex<HashSet<StorePath>>,
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

    /// The same, taking as long for downloads and builds as they take elsewhere: for somebody who looks
    /// on.
    #[must_use]
    pub fn lifelike(self) -> Self {
        Self { pace: Pace::Lifelike, ..self }
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
        let world = World::read().map_err(world_error)?;
        let profile = folder.join("profiles").join("profile");
        let registries = RegistryFiles::below(&folder);
        let stamp = match Stamp::take(&folder, fresh)? {
            Stamped::Whole(stamp) => stamp,
            Stamped::Empty(stamp) => {
                objects.create()?;
                let profiles = folder.join("profiles");
                fs::create_dir_all(&profiles).map_err(|error| StoreError::file(&profiles, &error))?;
                if let Beginning::World { now } = beginning {
                    past::make(&world, &objects, &profile, now)?;
                    past::make_environments(&world, &objects, &profile.with_file_name(NIX_ENV), now)?;
                    past::write_journal(&world, &profile, &folder.join("state"), now)?;
                    registries.write()?;
                }
                stamp.complete()?
            }
        };
        Ok(Self {
            objects,
            profile,
            registries,
            world,
            pace: Pace::AtOnce,
            held: Mutex::default(),
            _stamp: stamp,
        })
    }
}

impl PlaygroundStore {
    fn catalogue<'a>(&'a self, made: &'a dyn Fn(&StorePath)) -> Catalogue<'a> {
        Catalogue { world: &self.world, objects: &self.objects, registries: self.registries.read(), made }
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
        check_cancel(watch)?;
        let answer = |installable: &Installable| match installable.scope {
            InstallableScope::Flake => Ok(ResolvedInstallable::OfFlake),
            _ => Err(StoreError::Unsupported(EVALUATES_NOTHING.to_owned())),
        };
        Ok(installables.iter().map(answer).collect())
    }

    fn evaluate(
        &self,
        questions: &[Question],
        heard: &Heard<'_>,
        watch: &Watch<'_>,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut catalogue = self.catalogue(&|_| {});
        let on_disk = catalogue.registries.layer(Layer::User).clone();
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            self.pace.spend(Deed::Evaluating, watch)?;
            let edited = question.registry.as_deref().map(|text| Registry::parse(text.as_bytes()));
            *catalogue.registries.layer_mut(Layer::User) = edited.unwrap_or_else(|| on_disk.clone());
            let answer = catalogue.evaluate(question)?;
            heard(question, &answer);
            answers.push(answer);
        }
        Ok(answers)
    }

    fn list_packages(
        &self,
        source: &PackageSource,
        _freshness: Freshness,
        told: &ListingTold<'_>,
        watch: &Watch<'_>,
    ) -> Result<Listed, StoreError> {
        told(ListingProgress::default());
        check_cancel(watch)?;
        let mut catalogue = self.catalogue(&|_| {});
        if let Some(edited) = source.registry.as_deref() {
            *catalogue.registries.layer_mut(Layer::User) = Registry::parse(edited.as_bytes());
        }
        catalogue.list(source)
    }

    fn listings(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<FileTrees, StoreError> {
        let catalogue = self.catalogue(&|_| {});
        let mut trees = FileTrees::default();
        for path in paths {
            self.pace.spend(Deed::Listing, watch)?;
            trees.absorb(catalogue.listing(path)?);
        }
        Ok(trees)
    }

    fn obtainable(&self, wanted: &[ToRealise], watch: &Watch<'_>) -> Result<Obtainable, StoreError> {
        check_cancel(watch)?;
        self.catalogue(&|_| {}).obtainable(wanted)
    }

    fn realise(
        &self,
        wanted: &[ToRealise],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        watch.progress.report(ProgressEvent::Step(Step::Realise));
        let made = |path: &StorePath| {
            watch.progress.report(ProgressEvent::Log(format!("copying path '{path}' from the playground")));
        };
        let catalogue = self.catalogue(&made);
        let mut telling = Telling::of(&catalogue.obtainable(wanted)?, self.pace, watch);
        let mut answers = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            check_cancel(watch)?;
            let answer = catalogue.realise(wanted, &mut telling);
            if let Err(StoreError::Cancelled) = answer {
                return Err(StoreError::Cancelled);
            }
            if answer.is_ok() {
                let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
                held.extend(wanted.paths().cloned());
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError> {
        self.pace.spend(Deed::Linking, watch)?;
        let mut archive = Vec::with_capacity(usize::try_from(profile.nar.size).unwrap_or_default());
        let at_profile = |error: std::io::Error| StoreError::file(Path::new(profile.path.as_str()), &error);
        (profile.write_nar)(&mut archive).map_err(at_profile)?;
        self.objects.add_as(profile.path, &archive, profile.references)
    }

    fn build_environment(&self, objects: &EnvironmentObjects, watch: &Watch<'_>) -> Result<(), StoreError> {
        self.pace.spend(Deed::Linking, watch)?;
        environment::build(&self.objects, objects)
    }

    fn offered_packages(
        &self,
        questions: &[PackageQuestion],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<Vec<OfferedPackage>, StoreError>>, StoreError> {
        check_cancel(watch)?;
        let catalogue = self.catalogue(&|_| {});
        Ok(questions.iter().map(|question| catalogue.offered(question)).collect())
    }

    fn candidates(
        &self,
        questions: &[UpgradeQuestion],
        watch: &Watch<'_>,
    ) -> Result<Vec<Candidates>, StoreError> {
        check_cancel(watch)?;
        let catalogue = self.catalogue(&|_| {});
        Ok(questions.iter().map(|question| catalogue.candidates(question)).collect())
    }

    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        _watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        if !self.objects.is_valid(path) {
            return Err(StoreError::Vanished(path.to_string()));
        }
        let folder = ProfileFolder::new(profile).map_err(profile_error)?;
        let number = folder.switch_to(Path::new(path.as_str()), lock).map_err(profile_error)?;
        self.make_root(&folder, number)
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

    fn closure(&self, paths: &[StorePath], _watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        self.objects.closure(paths)
    }

    fn path_infos(&self, paths: &[StorePath], _watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        self.objects.path_infos(paths)
    }

    fn roots(&self, _watch: &Watch<'_>) -> Result<Vec<Root>, StoreError> {
        self.find_roots()
    }

    fn collect_garbage(&self, watch: &Watch<'_>) -> Result<Collected, StoreError> {
        self.collect(watch)
    }

    fn registry_places(&self) -> RegistryPlaces {
        self.registries.places()
    }

    fn fetch_global_registry(&self, _: Freshness, _: &Watch<'_>) -> Result<(), StoreError> {
        Err(StoreError::Unsupported("the playground has no network".to_owned()))
    }

    fn lock_reference(
        &self,
        _from: &FlakeRef,
        target: &FlakeRef,
        watch: &Watch<'_>,
    ) -> Result<FlakeRef, StoreError> {
        check_cancel(watch)?;
        let registries = Registries::default();
        let catalogue = Catalogue { world: &self.world, objects: &self.objects, registries, made: &|_| {} };
        catalogue.lock(target).map_err(StoreError::Unsupported)
    }

    fn homepage(&self, source: &ElementSource, _watch: &Watch<'_>) -> Result<Option<String>, StoreError> {
        Ok(self.world.package_of(source).map(|package| package.homepage.clone()))
    }

    fn system(&self) -> String {
        self.world.system.clone()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::ExtendedOutputsSpec;
    use crate::system::machine::{Cancel, NoProgress};
    use std::io::ErrorKind;
    use std::process::Command;

    #[test]
    fn every_package_can_be_added_and_its_programs_run() {
        let folder = tempfile::tempdir().unwrap();
        let store = PlaygroundStore::empty(folder.path()).unwrap();
        let from_nixpkgs = |attribute: &&String| {
            let package = &store.world.packages[*attribute];
            package.flake.is_none()
                && !package.by_path
                && package.fails.is_empty()
                && package.breaks.is_empty()
        };
        let attributes: Vec<&String> = store.world.packages.keys().filter(from_nixpkgs).collect();
        assert!(attributes.len() >= 20);
        let questions: Vec<Question> =
            attributes.iter().map(|attribute| Question::as_typed("nixpkgs", attribute.as_str())).collect();
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let answers = store.evaluate(&questions, &|_, _| {}, &watch).unwrap();
        for (attribute, answer) in attributes.iter().zip(answers) {
            let evaluated = answer.unwrap();
            let outputs = evaluated.chosen(&ExtendedOutputsSpec::All).unwrap();
            let paths: Vec<StorePath> = outputs.iter().map(|(_, path)| path.clone()).collect();
            let wanted =
                ToRealise { element: (*attribute).clone(), drv_path: evaluated.drv_path.clone(), outputs };
            store.realise(&[wanted], &watch).unwrap().remove(0).unwrap();
            let programs = &store.world.packages[*attribute].programs;
            for program in programs.keys() {
                let places = paths.iter().map(|path| Path::new(path.as_str()).join("bin").join(program));
                let place = places.into_iter().find(|place| place.exists()).unwrap();
                let syntax = Command::new("sh").arg("-n").arg(&place).status().unwrap();
                assert!(syntax.success(), "{}", place.display());
                let output = loop {
                    match Command::new(&place).arg("--version").output() {
                        // Another test's child still has the script open for writing.
                        Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {}
                        output => break output.unwrap(),
                    }
                };
                assert!(output.status.success() && !output.stdout.is_empty(), "{}", place.display());
            }
        }
    }

    #[test]
    fn evaluation_errors_cost_only_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let store = PlaygroundStore::empty(folder.path()).unwrap();
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let questions = ["zed", "fd", "nosuch"].map(|attribute| Question::as_typed("nixpkgs", attribute));
        let answers = store.evaluate(&questions, &|_, _| {}, &watch).unwrap();
        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, false]);
    }
}
