//! What firn needs from a machine, as traits: a store, a clock, a place to report
//! progress, and a way to be told to stop.
//!
//! Two stores implement [`Store`]: the real Nix and the playground. One contract
//! test suite (`tests/store_contract.rs`) runs against both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::core::contained_outputs::DerivationOutputs;
use crate::core::evaluation::{Evaluated, EvaluationFailure, Question};
use crate::core::file_tree::FileTrees;
use crate::core::flake_ref::FlakeRef;
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::manifest::ElementSource;
use crate::core::nix_options::NixOptions;
use crate::core::package_list::{PackageList, PackageSource};
use crate::core::plan::ToRealise;
use crate::core::plan::cost::Obtainable;
use crate::core::store_graph::{KeepRules, PathInfo, Root};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::Derivations;
use crate::core::user_environment::object::EnvironmentObjects;
use crate::core::user_environment::offered::{
    Candidate, NoCandidates, OfferedPackage, PackageQuestion, UpgradeQuestion,
};

pub use super::progress::{Building, Fetching, NoProgress, Progress, ProgressEvent, Step};

use super::nix::{Front, FrontProgram};
use super::profile_folder::ProfileLock;
use super::profile_search::ProfilePlaces;
use super::registry_file::RegistryPlaces;

/// Which packages of a name there are.
pub type Candidates = Result<Vec<Candidate>, NoCandidates>;

/// A store and the commands that change a profile in it.
pub trait Store: Send + Sync {
    /// The store folder.
    fn store_dir(&self) -> &StoreDir;

    /// The profile to open when none is named; follows `~/.nix-profile` as Nix does.
    fn default_profile(&self) -> Result<PathBuf, StoreError>;

    /// Whether nix works on this profile if none is named.
    fn is_default_profile(&self, profile: &Path) -> bool {
        self.default_profile().is_ok_and(|default| default == profile)
    }

    /// Evaluates and realises installables, each on its own: one that fails costs only itself.
    /// The answer has one entry per installable, in order.
    fn resolve(
        &self,
        installables: &[Installable],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError>;

    /// Finds out what packages of flakes are today: each flake is locked once, and all that is asked of
    /// one is evaluated together. A question that fails costs only itself. The answer has one entry
    /// per question, in order; each is told to `heard` as soon as it is known. The error is for
    /// when nothing can be asked at all.
    fn evaluate(
        &self,
        questions: &[Question],
        _heard: &Heard<'_>,
        _watch: &Watch<'_>,
    ) -> Result<Vec<Answer>, StoreError> {
        let words = "this store evaluates nothing";
        Ok(questions.iter().map(|_| Err(EvaluationFailure::of_words(words))).collect())
    }

    /// Lists all packages of a flake, as it is locked now; what was listed before is not asked for again.
    /// Evaluates, and builds nothing.
    fn list_packages(
        &self,
        source: &PackageSource,
        _freshness: Freshness,
        _told: &ListingTold<'_>,
        _watch: &Watch<'_>,
    ) -> Result<Listed, StoreError> {
        Err(StoreError::Unsupported(format!("this store cannot list the packages of '{}'", source.reference)))
    }

    /// Profiles beside the user's own whose programs are on PATH too: the system's. They need not be
    /// there.
    fn system_profiles(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The contents of paths that are not here, as far as binary caches list them, by
    /// [`Basis::Listing`](crate::core::file_tree::Basis). Those that nobody lists are left out.
    fn listings(&self, _paths: &[StorePath], _watch: &Watch<'_>) -> Result<FileTrees, StoreError> {
        Ok(FileTrees::default())
    }

    /// How what is not here would come here, and what that costs; nothing is fetched or built.
    fn obtainable(&self, _wanted: &[ToRealise], _watch: &Watch<'_>) -> Result<Obtainable, StoreError> {
        Err(StoreError::Unsupported("this store cannot tell what would be downloaded".to_owned()))
    }

    /// Fetches or builds, and keeps what it brought from being collected until the store is dropped.
    /// What fails costs only itself: the answer has one entry for each, in order, with the end of
    /// the log in words.
    fn realise(
        &self,
        wanted: &[ToRealise],
        _watch: &Watch<'_>,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let failed = |wanted: &ToRealise| StoreError::Vanished(wanted.key().to_owned());
        Ok(wanted.iter().map(|wanted| Err(failed(wanted))).collect())
    }

    /// Puts a finished profile into the store with its references recorded, and tells whether its
    /// path is the expected one. `write_nar` writes the profile's NAR; it may be called again.
    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError>;

    /// Puts the manifest of a user environment and its derivation into the store and builds it, as
    /// nix-env does; what the manifest refers to must be there.
    fn build_environment(&self, _objects: &EnvironmentObjects, _watch: &Watch<'_>) -> Result<(), StoreError> {
        Err(StoreError::Unsupported("this store cannot build user environments of nix-env".to_owned()))
    }

    /// Finds out what nix-env would record of packages; nothing is built. A question that fails costs
    /// only itself: the answer has one entry per question, in order.
    fn offered_packages(
        &self,
        questions: &[PackageQuestion],
        _watch: &Watch<'_>,
    ) -> Result<Vec<Result<Vec<OfferedPackage>, StoreError>>, StoreError> {
        let words = "this store has no packages for profiles of nix-env";
        Ok(questions.iter().map(|_| Err(StoreError::Unsupported(words.to_owned()))).collect())
    }

    /// Finds out which packages of a name a file holds, for the upgrades of nix-env; nothing is built. A
    /// question that fails costs only itself: the answer has one entry per question, in order.
    fn candidates(
        &self,
        questions: &[UpgradeQuestion],
        _watch: &Watch<'_>,
    ) -> Result<Vec<Candidates>, StoreError> {
        let words = Arc::from("this store has no packages for profiles of nix-env");
        Ok(vec![Err(NoCandidates::Fails(words)); questions.len()])
    }

    /// Whether nix-env records derivations in manifests that it writes.
    fn environment_derivations(&self) -> Derivations {
        Derivations::Dropped
    }

    /// Makes a generation of `profile` that points to `path`, with its GC root, and points the
    /// profile to it; the newest generation is reused if it has the same path. `lock` is the
    /// profile's, held by the caller. [`StoreError::Vanished`] means: import again.
    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError>;

    /// NAR sizes in bytes of single paths; unknown ones are left out.
    fn nar_sizes(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Vec<(StorePath, u64)>, StoreError>;

    /// The size in bytes of the closure of `paths`, each path counted once; `None` if it cannot be told.
    fn closure_size(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<Option<u64>, StoreError>;

    /// What is recorded of everything that `paths` refer to, themselves too. Those that are not valid
    /// are left out.
    fn closure(&self, _paths: &[StorePath], _watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        Err(StoreError::Unsupported("this store cannot tell what paths refer to".to_owned()))
    }

    /// What is recorded of `paths` alone. Those that are not valid are left out.
    fn path_infos(&self, _paths: &[StorePath], _watch: &Watch<'_>) -> Result<Vec<PathInfo>, StoreError> {
        Err(StoreError::Unsupported("this store cannot tell what paths refer to".to_owned()))
    }

    /// All outputs of derivations. Those that are not in the store are left out.
    fn derivation_outputs(
        &self,
        _derivations: &[StorePath],
        _watch: &Watch<'_>,
    ) -> Result<Vec<(StorePath, DerivationOutputs)>, StoreError> {
        Ok(Vec::new())
    }

    /// Everything that keeps store paths from being collected, programs that run among it.
    fn roots(&self, _watch: &Watch<'_>) -> Result<Vec<Root>, StoreError> {
        Err(StoreError::Unsupported("this store cannot tell its roots".to_owned()))
    }

    /// What needed paths keep beside their references.
    fn keep_rules(&self) -> KeepRules {
        KeepRules::default()
    }

    /// Deletes what nothing needs, and tells of each path. Takes long, and can be cancelled between
    /// two paths.
    fn collect_garbage(&self, _watch: &Watch<'_>) -> Result<Collected, StoreError> {
        Err(StoreError::Unsupported("this store cannot collect garbage".to_owned()))
    }

    /// The text of `nix profile diff-closures`, as this store's nix prints it; `None` for a store
    /// without nix.
    fn closure_differences(&self, _profile: &Path, _watch: &Watch<'_>) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// Where the registries are that names like `nixpkgs` are looked up in; nowhere, for a store
    /// without flakes.
    fn registry_places(&self) -> RegistryPlaces {
        RegistryPlaces::default()
    }

    /// The links that lead a user to the default profile; `None` where there are none.
    fn profile_links(&self) -> Option<ProfileLinks> {
        None
    }

    /// Where profiles can be.
    fn profile_places(&self) -> ProfilePlaces {
        let folder = self.default_profile().ok().and_then(|profile| profile.parent().map(Path::to_owned));
        ProfilePlaces { links: Vec::new(), folders: folder.into_iter().collect() }
    }

    /// Downloads the global registry, if it is one that is downloaded.
    fn fetch_global_registry(&self, _freshness: Freshness, _watch: &Watch<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Fetches what a reference means now and locks it; `target` is direct. `from` is for the words of
    /// errors only.
    fn lock_reference(
        &self,
        from: &FlakeRef,
        _target: &FlakeRef,
        _watch: &Watch<'_>,
    ) -> Result<FlakeRef, StoreError> {
        Err(StoreError::Unsupported(format!("this store cannot find out the revision of '{from}'")))
    }

    /// The web page of an element's project, as the locked package tells (`meta.homepage`); `None` if
    /// it tells of none. May evaluate, and fetch for that.
    fn homepage(&self, source: &ElementSource, _watch: &Watch<'_>) -> Result<Option<String>, StoreError> {
        let (url, attribute) = (&source.url, &source.attr_path);
        Err(StoreError::Unsupported(format!(
            "this store cannot find out the homepage of '{url}#{attribute}'"
        )))
    }

    /// The platform whose packages a name without one means: `x86_64-linux`.
    fn system(&self) -> String {
        own_system()
    }

    /// Whether nix's debugger is to open where evaluation fails (`--debugger`).
    fn debugs(&self) -> bool {
        false
    }

    /// Starts a command about a question that gets the terminal; the caller has given that back, and
    /// waits for its end.
    fn in_front(&self, _question: &Question, _front: Front) -> Result<FrontProgram, StoreError> {
        Err(StoreError::Unsupported("this store has no nix that could be given the terminal".to_owned()))
    }

    /// The same store with other options for the rest of the run beside those it was opened with; what
    /// it keeps from being collected stays kept.
    fn with_options(&self, _options: &NixOptions) -> Result<Arc<dyn Store>, StoreError> {
        Err(StoreError::Unsupported("this store has no nix that options could be for".to_owned()))
    }

    /// What this store is, for titles: "nix 2.34.8", "playground".
    fn title(&self) -> String;

    /// Whether the store can be asked anything at all; of the real Nix, whether its programs are
    /// there and say which version they are. May start a program.
    fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nix's name of the platform that this program was made for.
pub fn own_system() -> String {
    let kind = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    format!("{}-{kind}", std::env::consts::ARCH)
}

/// What is known of one question.
pub type Answer = Result<Arc<Evaluated>, EvaluationFailure>;

/// Is told each answer as soon as it is known.
pub type Heard<'a> = dyn Fn(&Question, &Answer) + Sync + 'a;

/// The packages of a flake, and what it was locked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The reference as Nix records it.
    pub original_url: String,
    /// The reference locked to what was listed.
    pub url: String,
    /// The platform whose packages they are.
    pub system: String,
    /// What a file is as a whole; `None` for a flake.
    pub whole: Option<WholeFile>,
    /// The packages.
    pub list: PackageList,
}

/// What a file of expressions is as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WholeFile {
    /// One package, by its name; an environment is one too.
    Package(String),
    /// A list of so many packages.
    List(usize),
    /// A set of packages.
    Set,
}

/// How far a listing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingProgress {
    /// How many attributes were looked at.
    pub done: usize,
    /// How many there are, as far as that is known; 0 while the flake is locked.
    pub of: usize,
    /// How many packages were found.
    pub packages: usize,
}

/// Is told how far a listing is.
pub type ListingTold<'a> = dyn Fn(ListingProgress) + Sync + 'a;

/// What a garbage collection did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// How many store paths it deleted.
    pub paths: u64,
    /// How much that freed, in the store's words: "2.9 MiB".
    pub freed: String,
}

/// The two places where a user's link to the default profile can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileLinks {
    /// The one that Nix follows, by its settings.
    pub used: PathBuf,
    /// The one it would follow with the other setting of `use-xdg-base-directories`.
    pub other: PathBuf,
}

/// When something is downloaded that was downloaded before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// If it is older than Nix takes for fresh.
    AsNix,
    /// In any case.
    Anew,
}

/// A finished profile on its way into the store.
pub struct ProfileObject<'a> {
    /// The path it must get.
    pub path: &'a StorePath,
    /// Its references, sorted.
    pub references: &'a [StorePath],
    /// Hash and size of its NAR.
    pub nar: crate::core::nar::NarHash,
    /// Writes the NAR.
    pub write_nar: &'a dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>,
}

/// What can go wrong in a store; words for the user are made at the edge.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A program is not there.
    #[error("'{program}' cannot be run: {reason}")]
    NoProgram {
        /// Its name or path.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// A command ended with an error.
    #[error("'{command}' failed ({status}): {message}")]
    Command {
        /// The whole command line.
        command: String,
        /// The status in words.
        status: String,
        /// The end of its standard error, the error part if there is one.
        message: String,
    },
    /// A command printed something that does not parse.
    #[error("'{command}' printed something firn cannot read: {reason}")]
    Output {
        /// The whole command line.
        command: String,
        /// What was wrong with it.
        reason: String,
    },
    /// An installable does not evaluate, or is not there.
    #[error("'{installable}' does not evaluate: {message}")]
    Evaluation {
        /// As typed.
        installable: String,
        /// The evaluator's words.
        message: String,
    },
    /// A package could not be built or fetched.
    #[error("{message}{}", log_end(.derivation, .log))]
    Build {
        /// The derivation that failed, perhaps of something the package needs; or the path.
        derivation: String,
        /// Nix's words.
        message: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// A file or folder cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The Nix at hand cannot be worked with.
    #[error("{found} is too old: it could not read the profiles that firn makes")]
    TooOld {
        /// Its name and version, "nix 2.8.0".
        found: String,
    },
    /// The store's files are not where its paths say.
    #[error("{0}")]
    StoreElsewhere(String),
    /// A store path that should be valid is not (any more).
    #[error("'{0}' is not in the store any more")]
    Vanished(String),
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Something this store does not offer.
    #[error("{0}")]
    Unsupported(String),
}

/// The end of a log, and how to see all of it.
fn log_end(derivation: &str, log: &[String]) -> String {
    if log.is_empty() {
        return String::new();
    }
    let lines = log.join("\n    ");
    if derivation.starts_with('/') {
        format!("\n    {lines}\n  'nix log {derivation}' shows the whole log")
    } else {
        format!("\n    {lines}")
    }
}

impl StoreError {
    /// A file error with its path.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), reason: error.to_string() }
    }
}

/// Seconds since 1970, replaced in tests.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> i64;
}

/// The machine's own clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
    }
}

/// What a long deed reports to and is stopped by.
pub struct Watch<'a> {
    /// Where progress goes.
    pub progress: &'a dyn Progress,
    /// Set from another thread to stop.
    pub cancel: &'a Cancel,
}

/// A flag another thread sets to stop a deed.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the deed to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked to.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
