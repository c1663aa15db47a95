//! The real Nix, through its commands.
//!
//! Nothing here reads Nix's database or links its libraries: every question and every
//! change is one nix command (`arguments` builds its words, `run` runs it, `json` and
//! `progress` read what it prints), so a daemon, another store folder and future versions
//! work as they do for the user. Opening a store starts no process; the version is asked
//! when it first matters.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::machine::{Cancel, NoProgress, ProfileObject, Store, StoreError, Watch};
use super::profile_folder::ProfileLock;
use super::registry_file::RegistryPlaces;
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::store_path::{StoreDir, StorePath};

mod arguments;
mod environment;
mod import;
mod json;
mod progress;
mod resolve;
mod run;
mod settings;
mod version;

pub use environment::{DefaultProfile, NixEnvironment};

use arguments::Reach;
use version::NixVersion;

/// A store managed by the Nix commands on PATH (or in the folder `FIRN_NIX_BIN`).
pub struct NixStore {
    environment: NixEnvironment,
    store_dir: StoreDir,
    /// Words added to every nix call they apply to.
    options: Vec<String>,
    version: OnceLock<NixVersion>,
    /// Keep what was resolved from being collected until the store is dropped.
    scratches: Mutex<Vec<resolve::Scratch>>,
}

impl NixStore {
    /// Finds the store folder (`NIX_STORE_DIR`, else `/nix/store`) without starting a process.
    /// `options` are words added to every nix call they apply to.
    pub fn open(options: Vec<String>) -> Result<Self, StoreError> {
        Self::in_environment(NixEnvironment::of_process(), options)
    }

    /// Opens the store of an environment that need not be this process's.
    pub fn in_environment(environment: NixEnvironment, options: Vec<String>) -> Result<Self, StoreError> {
        let folder = environment.store_dir();
        let text = folder.to_str().filter(|text| text.starts_with('/'));
        let store_dir = text.map(StoreDir::new).ok_or_else(|| StoreError::File {
            path: folder.clone(),
            reason: "a store folder has to be an absolute path in UTF-8".to_owned(),
        })?;
        Ok(Self { environment, store_dir, options, version: OnceLock::new(), scratches: Mutex::default() })
    }

    /// The environment Nix works in.
    pub fn environment(&self) -> &NixEnvironment {
        &self.environment
    }

    fn version(&self) -> Result<&NixVersion, StoreError> {
        if let Some(version) = self.version.get() {
            return Ok(version);
        }
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let output = self.run(&arguments::version(), &watch)?;
        let text = String::from_utf8_lossy(&output);
        let version = NixVersion::parse(&text).ok_or_else(|| StoreError::Output {
            command: "nix --version".to_owned(),
            reason: format!("'{}' names no version", text.trim()),
        })?;
        Ok(self.version.get_or_init(|| version))
    }

    fn run(&self, arguments: &[std::ffi::OsString], watch: &Watch<'_>) -> Result<Vec<u8>, StoreError> {
        run::run(&self.environment, arguments, watch)
    }

    fn resolve_one(
        &self,
        installable: &Installable,
        watch: &Watch<'_>,
    ) -> Result<ResolvedInstallable, StoreError> {
        if let Some(present) = resolve::present_path(installable, &self.store_dir) {
            return Ok(present);
        }
        let verb = self.version()?.add_verb();
        let context = (verb, &self.store_dir, self.options.as_slice());
        let (resolved, scratch) = resolve::add_to_scratch(&self.environment, context, installable, watch)?;
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
        let ask = |format| self.run(&arguments::path_info(paths, reach, format, &self.options), watch);
        let output = match ask(None) {
            // Newer versions want to be told which JSON; older ones do not know the option.
            Err(StoreError::Command { message, .. }) if message.contains("--json-format") => ask(Some("1"))?,
            answer => answer?,
        };
        json::nar_sizes(&output, &self.store_dir)
            .map_err(|reason| StoreError::Output { command: "nix path-info --json".to_owned(), reason })
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

    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        let default = self.environment.default_profile(&self.options);
        // Nix makes the folder whatever it is asked; a profile can only be opened in a folder. If it
        // cannot be made, opening the profile says so.
        let _ = default.made.parent().map(std::fs::create_dir_all);
        Ok(match std::fs::read_link(&default.user_link) {
            Ok(target) => default.user_link.parent().unwrap_or(&default.user_link).join(target),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => default.made,
            Err(_) => default.user_link,
        })
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

    fn import_profile(&self, profile: &ProfileObject<'_>, watch: &Watch<'_>) -> Result<(), StoreError> {
        import::import(&self.environment, (&self.store_dir, &self.options), profile, watch)
    }

    fn switch_profile(
        &self,
        profile: &Path,
        path: &StorePath,
        lock: &ProfileLock,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        // Not to be cancelled: half-way through, nobody could tell which generation is live.
        let watch = Watch { progress: watch.progress, cancel: &Cancel::default() };
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

    fn registry_places(&self) -> RegistryPlaces {
        self.environment.registry_places(&self.options)
    }

    fn title(&self) -> String {
        self.version().map_or_else(|_| "nix".to_owned(), NixVersion::title)
    }

    fn check(&self) -> Result<(), StoreError> {
        self.version().map(|_| ())
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
