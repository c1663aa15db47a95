//! The real Nix, through its commands.
//!
//! Nothing here reads Nix's database or links its libraries: every question and every
//! change is one nix command (`arguments` builds its words, `run` runs it, `json` and
//! `progress` read what it prints), so a daemon, another store folder and future versions
//! work as they do for the user. Opening a store starts no process; the version is asked
//! when it first matters.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::machine::{
    Answer, Cancel, Candidates, Collected, Freshness, Heard, Listed, ListingTold, ProfileLinks,
    ProfileObject, Store, StoreError, Watch, own_system,
};
use super::profile_folder::ProfileLock;
use super::profile_search::ProfilePlaces;
use super::progress::LogOnly;
use super::registry_file::RegistryPlaces;
use crate::core::contained_outputs::DerivationOutputs;
use crate::core::evaluation::Question;
use crate::core::file_tree::FileTrees;
use crate::core::flake_ref::FlakeRef;
use crate::core::installable::{Installable, InstallableScope, ResolvedInstallable, Sought};
use crate::core::manifest::ElementSource;
use crate::core::nix_options::NixOptions;
use crate::core::package_list::PackageSource;
use crate::core::plan::ToRealise;
use crate::core::plan::cost::Obtainable;
use crate::core::store_graph::{KeepRules, PathInfo, Root};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::Derivations;
use crate::core::user_environment::object::EnvironmentObjects;
use crate::core::user_environment::offered::{OfferedPackage, PackageQuestion, UpgradeQuestion};

mod abilities;
mod absent;
mod accepted_settings;
mod arguments;
mod candidates;
mod default_expression;
mod derivations;
mod edited_registry;
mod environment;
mod evaluate;
mod garbage;
mod homepage;
mod ignored_settings;
mod import;
mod in_front;
mod json;
mod kept_answers;
mod kept_listings;
mod list_packages;
mod locked;
mod offered;
mod package_json;
mod progress;
mod realise;
mod registry;
mod resolve;
mod run;
mod scratch;
mod settings;
mod store_place;
mod version;

pub use environment::{DefaultProfile, NixEnvironment};
pub use in_front::{Front, FrontProgram};

use abilities::Abilities;
use accepted_settings::AcceptedSettings;
use arguments::Reach;
use store_place::StorePlace;

/// A store managed by the Nix commands on PATH (or in the folder `FIRN_NIX_BIN`).
pub struct NixStore {
    environment: NixEnvironment,
    store_dir: StoreDir,
    place: StorePlace,
    /// Words added to every nix call they apply to.
    options: Vec<String>,
    /// Whether nix's debugger is to open where evaluation fails.
    debugs: bool,
    /// The environment and the words that it was opened with.
    opened_with: (NixEnvironment, Vec<String>),
    /// Asked for when they first matter.
    abilities: Arc<Mutex<Option<Abilities>>>,
    /// What flakes set for what they made.
    accepted: Arc<AcceptedSettings>,
    /// Keep what was resolved from being collected until the store is dropped.
    scratches: Arc<Mutex<Vec<scratch::ScratchFolder>>>,
}

impl NixStore {
    /// Finds the store folder (`NIX_STORE_DIR`, else `/nix/store`) without starting a process.
    /// `options` are words added to every nix call they apply to.
    pub fn open(options: Vec<String>) -> Result<Self, StoreError> {
        Self::in_environment(NixEnvironment::of_process(), options)
    }

    /// Opens the store of an environment that need not be this process's.
    pub fn in_environment(environment: NixEnvironment, options: Vec<String>) -> Result<Self, StoreError> {
        let place = StorePlace::find(&environment, &options);
        let folder = place.written.clone();
        let text = folder.to_str().filter(|text| text.starts_with('/'));
        let store_dir = text.map(StoreDir::new).ok_or_else(|| StoreError::File {
            path: folder.clone(),
            reason: "a store folder has to be an absolute path in UTF-8".to_owned(),
        })?;
        let opened_with = (environment.clone(), options.clone());
        // Nix's debugger needs the terminal, which only a command in front gets.
        let mut options = options;
        let before = options.len();
        options.retain(|option| option != "--debugger");
        let debugs = options.len() < before;
        Ok(Self {
            opened_with,
            debugs,
            environment,
            store_dir,
            place,
            options,
            abilities: Arc::default(),
            accepted: Arc::default(),
            scratches: Arc::default(),
        })
    }

    /// The environment Nix works in.
    pub fn environment(&self) -> &NixEnvironment {
        &self.environment
    }

    fn abilities(&self) -> Result<Abilities, StoreError> {
        let mut known = self.abilities.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(abilities) = &*known {
            return Ok(abilities.clone());
        }
        Ok(known.insert(Abilities::learn(&self.environment)?).clone())
    }

    /// What nix can do, if it can work on a profile here at all.
    fn usable(&self) -> Result<Abilities, StoreError> {
        let abilities = self.abilities()?;
        abilities.check()?;
        self.place.check()?;
        Ok(abilities)
    }

    /// Forgets what nix can do if the error says that it cannot: behind a wrapper, another nix can
    /// stand where nothing has changed.
    fn doubt_abilities(&self, error: &StoreError) -> bool {
        let StoreError::Evaluation { message, .. } = error else { return false };
        let is_unknown = message.contains("is not a recognised command");
        if is_unknown {
            Abilities::forget(&self.environment);
            *self.abilities.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        is_unknown
    }

    fn run(&self, arguments: &[std::ffi::OsString], watch: &Watch<'_>) -> Result<Vec<u8>, StoreError> {
        run::run(&self.environment, arguments, watch)
    }

    fn resolve_one(
        &self,
        installable: &Installable,
        watch: &Watch<'_>,
    ) -> Result<ResolvedInstallable, StoreError> {
        let is_file = installable.sought(&self.store_dir) == Ok(Sought::Unknown)
            && installable.scope == InstallableScope::Flake;
        if is_file && !resolve::leads_into_store(&installable.text, &self.store_dir) {
            return Ok(ResolvedInstallable::OfFlake);
        }
        let add = || {
            let abilities = self.usable()?;
            let context = (abilities.add_verb(), &self.store_dir, self.options.as_slice());
            resolve::add_to_scratch(&self.environment, context, installable, watch)
        };
        let (resolved, scratch) = match add() {
            Err(error) if self.doubt_abilities(&error) => add()?,
            answer => answer?,
        };
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        Ok(resolved)
    }

    /// Asks for sizes; paths that are not valid are left out, or an error with [`Reach::Closure`].
    fn path_info(
        &self,
        paths: &[StorePath],
        reach: Reach,
        watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, u64)>, StoreError> {
        let format = self.abilities()?.path_info_format();
        let output = self.run(&arguments::path_info(paths, reach, format, &self.options), watch)?;
        json::nar_sizes(&output, &self.store_dir)
            .map_err(|reason| StoreError::Output { command: "nix path-info --json".to_owned(), reason })
    }

    fn asking<'a>(&'a self, options: &'a [String]) -> absent::Asking<'a> {
        absent::Asking { environment: &self.environment, store_dir: &self.store_dir, options }
    }

    /// The options of a command that fetches these: those of the run, and what their flakes set if that
    /// is accepted. Nix takes the latter last.
    fn options_for<'a>(&self, paths: impl IntoIterator<Item = &'a StorePath>) -> Vec<String> {
        [self.options.clone(), self.accepted.of(paths)].concat()
    }

    /// Makes `~/.nix-profile` if nothing is there, as every `nix profile` command does; without it
    /// what a new user adds would not be on PATH.
    fn link_default_profile(&self, profile: &Path) {
        let default = self.environment.default_profile(&self.options);
        if profile == default.made && default.user_link.symlink_metadata().is_err() {
            // Nix goes on without it, too.
            let _ = std::os::unix::fs::symlink(&default.made, &default.user_link);
        }
    }
}

impl Store for NixStore {
    fn store_dir(&self) -> &StoreDir {
        &self.store_dir
    }

    fn is_default_profile(&self, profile: &Path) -> bool {
        profile_behind(&self.environment.default_profile(&self.options)) == profile
    }

    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        let default = self.environment.default_profile(&self.options);
        // Nix makes the folder whatever it is asked; a profile can only be opened in a folder. If it
        // cannot be made, opening the profile says so.
        let _ = default.made.parent().map(std::fs::create_dir_all);
        Ok(profile_behind(&default))
    }

    fn resolve(
        &self,
        installables: &[Installable],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError> {
        let mut answers = Vec::with_capacity(installables.len());
        for installable in installables {
            match self.resolve_one(installable, watch) {
                // These would fail all the others as well.
                Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => return Err(error),
                answer => answers.push(answer),
            }
        }
        Ok(answers)
    }

    fn system(&self) -> String {
        settings::value("system", &self.environment, &self.options).unwrap_or_else(own_system)
    }

    fn evaluate(
        &self,
        questions: &[Question],
        heard: &Heard<'_>,
        watch: &Watch<'_>,
    ) -> Result<Vec<Answer>, StoreError> {
        self.evaluate_questions(questions, heard, watch)
    }

    fn list_packages(
        &self,
        source: &PackageSource,
        freshness: Freshness,
        told: &ListingTold<'_>,
        watch: &Watch<'_>,
    ) -> Result<Listed, StoreError> {
        self.list_packages_of(source, freshness, told, watch)
    }

    fn system_profiles(&self) -> Vec<PathBuf> {
        vec![PathBuf::from("/run/current-system/sw"), self.environment.state_dir().join("profiles/default")]
    }

    fn realise(
        &self,
        wanted: &[ToRealise],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        self.realise_all(wanted, watch)
    }

    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError> {
        self.usable()?;
        import::import(&self.environment, (&self.store_dir, &self.options), profile, watch)
    }

    fn build_environment(&self, objects: &EnvironmentObjects, watch: &Watch<'_>) -> Result<(), StoreError> {
        self.usable()?;
        let place = (&self.store_dir, self.options.as_slice());
        import::import_texts(&self.environment, place, &[&objects.manifest, &objects.derivation], watch)?;
        let arguments = arguments::build_environment(&objects.derivation.path, &self.options);
        match self.run(&arguments, watch) {
            Err(error) if is_gone(&objects.derivation.path, &error) => {
                Err(StoreError::Vanished(objects.derivation.path.as_str().to_owned()))
            }
            built => built.map(drop),
        }
    }

    fn offered_packages(
        &self,
        questions: &[PackageQuestion],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<Vec<OfferedPackage>, StoreError>>, StoreError> {
        self.usable()?;
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            match offered::answer(self, question, watch) {
                Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => return Err(error),
                answer => answers.push(answer),
            }
        }
        Ok(answers)
    }

    fn candidates(
        &self,
        questions: &[UpgradeQuestion],
        watch: &Watch<'_>,
    ) -> Result<Vec<Candidates>, StoreError> {
        self.usable()?;
        candidates::answers(self, questions, watch)
    }

    fn environment_derivations(&self) -> Derivations {
        // The setting has an older name, too.
        let is_on = |name| settings::is_enabled(name, &self.environment, &self.options);
        let is_kept = is_on("keep-env-derivations") || is_on("env-keep-derivations");
        if is_kept { Derivations::Kept } else { Derivations::Dropped }
    }

    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        // Not to be cancelled: half-way through, nobody could tell which generation is live.
        let (told, never) = (LogOnly(watch.progress), Cancel::default());
        let watch = Watch { progress: &told, cancel: &never };
        // The child holds the lock as well: should firn be killed, it still switches, and nobody else
        // may do so before it has. The lock file is empty, so it is as good an input as none.
        let lock = lock.share().map_err(|error| StoreError::file(profile, &error))?;
        let arguments = arguments::switch_profile(profile, path, &self.options);
        match run::run_on(&self.environment, &arguments, lock.into(), &watch) {
            Ok(_) => {
                self.link_default_profile(profile);
                Ok(())
            }
            Err(error) if is_gone(path, &error) => Err(StoreError::Vanished(path.as_str().to_owned())),
            Err(error) => Err(error),
        }
    }

    fn nar_sizes(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Vec<(StorePath, u64)>, StoreError> {
        let present: Vec<StorePath> = paths.iter().filter(|path| import::exists(path)).cloned().collect();
        if present.is_empty() {
            return Ok(Vec::new());
        }
        self.path_info(&present, Reach::Single, watch)
    }

    fn closure_size(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Option<u64>, StoreError> {
        if paths.is_empty() {
            return Ok(Some(0));
        }
        if !paths.iter().all(import::exists) {
            return Ok(None);
        }
        match self.path_info(paths, Reach::Closure, watch) {
            Ok(sizes) => Ok(Some(sizes.iter().map(|(_, size)| size).sum())),
            Err(StoreError::Command { message, .. }) if message.contains("is not valid") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn closure(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        garbage::infos(self, paths, Reach::Closure, watch)
    }

    fn path_infos(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        garbage::infos(self, paths, Reach::Single, watch)
    }

    fn derivation_outputs(
        &self,
        derivations: &[StorePath],
        watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, DerivationOutputs)>, StoreError> {
        self.outputs_of(derivations, watch)
    }

    fn roots(&self, watch: &Watch<'_>) -> Result<Vec<Root>, StoreError> {
        garbage::roots(self, watch)
    }

    fn keep_rules(&self) -> KeepRules {
        garbage::keep_rules(self)
    }

    fn collect_garbage(&self, watch: &Watch<'_>) -> Result<Collected, StoreError> {
        garbage::collect(self, watch)
    }

    fn closure_differences(&self, profile: &Path, watch: &Watch<'_>) -> Result<Option<String>, StoreError> {
        garbage::closure_differences(self, profile, watch).map(Some)
    }

    fn listings(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<FileTrees, StoreError> {
        self.asking(&self.options_for(paths)).listings(paths, watch)
    }

    fn obtainable(&self, wanted: &[ToRealise], watch: &Watch<'_>) -> Result<Obtainable, StoreError> {
        let options = self.options_for(wanted.iter().flat_map(ToRealise::objects));
        self.asking(&options).obtainable(wanted, watch)
    }

    fn registry_places(&self) -> RegistryPlaces {
        self.environment.registry_places(&self.options)
    }

    fn profile_links(&self) -> Option<ProfileLinks> {
        Some(self.environment.profile_links(&self.options))
    }

    fn profile_places(&self) -> ProfilePlaces {
        self.environment.profile_places(&self.options)
    }

    fn lock_reference(
        &self,
        from: &FlakeRef,
        target: &FlakeRef,
        watch: &Watch<'_>,
    ) -> Result<FlakeRef, StoreError> {
        registry::lock(&self.environment, &self.options, (from, target), watch)
    }

    fn fetch_global_registry(&self, freshness: Freshness, watch: &Watch<'_>) -> Result<(), StoreError> {
        self.run(&arguments::registry_list(freshness, &self.options), watch).map(drop)
    }

    fn homepage(&self, source: &ElementSource, watch: &Watch<'_>) -> Result<Option<String>, StoreError> {
        self.evaluate_homepage(source, watch)
    }

    fn debugs(&self) -> bool {
        self.debugs
    }

    fn in_front(&self, question: &Question, front: Front) -> Result<FrontProgram, StoreError> {
        self.start_in_front(question, front)
    }

    fn with_options(&self, options: &NixOptions) -> Result<Arc<dyn Store>, StoreError> {
        let (environment, words) = self.opened_with.clone();
        let opened_with = (environment.clone(), words.clone());
        let environment = options
            .variables()
            .fold(environment, |environment, (name, value)| environment.with(name, value.as_ref()));
        let words = [&words, options.words()].concat();
        let store = Self::in_environment(environment, words)?;
        let (abilities, scratches) = (Arc::clone(&self.abilities), Arc::clone(&self.scratches));
        let accepted = Arc::clone(&self.accepted);
        Ok(Arc::new(Self { opened_with, abilities, accepted, scratches, ..store }))
    }

    fn title(&self) -> String {
        self.abilities().map_or_else(|_| "nix".to_owned(), |abilities| abilities.version.title())
    }

    fn check(&self) -> Result<(), StoreError> {
        self.usable().map(drop)
    }
}

/// The profile that the user's link leads to, one level as Nix follows it.
fn profile_behind(default: &DefaultProfile) -> PathBuf {
    match std::fs::read_link(&default.user_link) {
        Ok(target) => default.user_link.parent().unwrap_or(&default.user_link).join(target),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => default.made.clone(),
        Err(_) => default.user_link.clone(),
    }
}

/// Whether switching failed because a garbage collection took the path. Versions word it
/// differently; that nothing is there says it in all of them.
fn is_gone(path: &StorePath, error: &StoreError) -> bool {
    let StoreError::Command { message, .. } = error else { return false };
    let says_so = message.contains(path.as_str())
        && ["no substituter", "don't know how to build", "is not valid"]
            .iter()
            .any(|words| message.contains(words));
    says_so || !import::exists(path)
}
