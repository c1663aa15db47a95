//! Answers of the evaluator, kept on disk so that the same is not evaluated twice.
//!
//! Nix names what a locked flake and all its inputs are by a fingerprint, and keeps its own
//! evaluation cache by it; but that holds single attributes and not what firn asks. So firn keeps
//! its answers under the same fingerprint, together with everything else that decides them: which
//! nix, which store folder, which platform, which options, which questions. A check for upgrades
//! that finds the flake as it was last time, or an `upgrade` after its dry run, evaluates nothing.
//!
//! Only packages are kept, nothing that failed. Nothing is kept, or taken from here, where
//! evaluation may look at the machine (`--impure`) or the user has switched Nix's own cache off. An
//! answer counts only while its derivation, or all of its outputs, are in the store.
//!
//! The files are a comfort: one that cannot be read or written costs an evaluation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::environment::NixEnvironment;
use super::import;
use super::package_json::{self, Found};
use super::settings;
use crate::core::nar::nix32;
use crate::core::store_path::StoreDir;
use crate::system::bounded_file;

/// Some thousand packages take a few megabytes.
const LARGEST: u64 = 32 << 20;

/// Of so many flakes answers are kept; the oldest go.
const FLAKES: usize = 40;

/// With these it is evaluated in any case.
const ALWAYS: [&str; 3] = ["--impure", "--repair", "--debugger"];

/// What decides answers beside the flake.
pub(super) struct Circumstances<'a> {
    pub(super) environment: &'a NixEnvironment,
    pub(super) store_dir: &'a StoreDir,
    /// The nix that evaluates.
    pub(super) version: &'a str,
    pub(super) system: &'a str,
    pub(super) options: &'a [String],
}

impl Circumstances<'_> {
    /// A name for all that decides what `function` answers about the flake of this fingerprint; `None`
    /// if nothing may be kept.
    pub(super) fn key(&self, fingerprint: &str, function: &str) -> Option<String> {
        let Circumstances { environment, store_dir, version, system, options } = self;
        let is_on = |name| settings::is_not_disabled(name, environment, options);
        let evaluates = options.iter().any(|option| ALWAYS.contains(&option.as_str()));
        if evaluates || !is_on("pure-eval") || !is_on("eval-cache") {
            return None;
        }
        let mut hasher = Sha256::new();
        let parts = [fingerprint, store_dir.as_str(), version, system, function];
        for part in parts.into_iter().chain(options.iter().map(String::as_str)) {
            hasher.update(part);
            hasher.update([0]);
        }
        Some(nix32(&hasher.finalize()))
    }
}

/// The answers about one flake.
pub(super) struct KeptAnswers {
    file: PathBuf,
    store_dir: StoreDir,
    /// By the attribute paths that were asked for.
    answers: BTreeMap<String, Value>,
}

impl KeptAnswers {
    /// What is kept about the flake of this fingerprint; `None` if nothing may be kept.
    pub(super) fn open(fingerprint: &str, circumstances: &Circumstances<'_>) -> Option<Self> {
        let name = circumstances.key(fingerprint, package_json::FUNCTION)?;
        let Circumstances { environment, store_dir, .. } = circumstances;
        let file = environment.own_cache_folder().join("evaluations").join(format!("{name}.json"));
        let answers = read(&file);
        Some(Self { file, store_dir: (*store_dir).clone(), answers })
    }

    /// The answer to a question about these attribute paths, if it still counts.
    pub(super) fn get(&self, candidates: &[String]) -> Option<Found> {
        let answer = self.answers.get(&key(candidates))?.clone();
        let found = package_json::found(answer, &self.store_dir).ok()?;
        let Found::Package(_, package) = &found else { return None };
        let is_here = package.drv_path.as_ref().is_some_and(import::exists)
            || package.outputs.values().all(|path| path.as_ref().is_some_and(import::exists));
        is_here.then_some(found)
    }

    /// Keeps answers, and lets those go that are too many.
    pub(super) fn add(&mut self, learnt: Vec<(Vec<String>, Value)>) {
        if learnt.is_empty() {
            return;
        }
        self.answers.extend(learnt.into_iter().map(|(candidates, answer)| (key(&candidates), answer)));
        // It is evaluated again next time.
        let _ = self.write();
    }

    /// Writes the file at once, so that another firn never reads half of it.
    fn write(&self) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &self.answers)?;
        file.persist(&self.file)?;
        forget_oldest(folder, FLAKES)
    }
}

fn key(candidates: &[String]) -> String {
    candidates.join("\n")
}

fn read(file: &Path) -> BTreeMap<String, Value> {
    let text = bounded_file::read(file, LARGEST).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Lets the oldest files of a folder go, if there are more.
pub(super) fn forget_oldest(folder: &Path, most: usize) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.metadata()?.modified()?, entry.path()));
    }
    files.sort_unstable();
    let too_many = files.len().saturating_sub(most);
    files.iter().take(too_many).try_for_each(|(_, file)| std::fs::remove_file(file))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    const HASH: &str = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";

    struct Bench {
        folder: tempfile::TempDir,
        store_dir: StoreDir,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store_dir = StoreDir::new(folder.path().to_str().unwrap());
            Self { folder, store_dir }
        }

        fn open(&self, fingerprint: &str, configuration: &str, options: &[&str]) -> Option<KeptAnswers> {
            let cache = self.folder.path().join("cache").into_os_string();
            let environment = NixEnvironment::new([
                ("FIRN_CACHE_DIR".into(), cache),
                ("NIX_CONF_DIR".into(), OsString::from("/nowhere")),
                ("NIX_USER_CONF_FILES".into(), OsString::new()),
                ("NIX_CONFIG".into(), configuration.into()),
            ]);
            let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
            let circumstances = Circumstances {
                environment: &environment,
                store_dir: &self.store_dir,
                version: "nix 2.34.8",
                system: "x86_64-linux",
                options: &options,
            };
            KeptAnswers::open(fingerprint, &circumstances)
        }

        fn path(&self, name: &str) -> String {
            format!("{}/{HASH}-{name}", self.store_dir)
        }

        fn answer(&self) -> Value {
            serde_json::json!({
                "index": 1, "name": "a-1", "drvPath": self.path("a-1.drv"), "install": ["out"],
                "priority": null, "outputs": [{"name": "out", "path": self.path("a-1")}],
                "about": {"description": null, "homepage": null, "licences": null, "unfree": false,
                "insecure": false, "broken": false},
            })
        }
    }

    fn asked() -> Vec<String> {
        ["packages.x.a", "a"].map(str::to_owned).to_vec()
    }

    #[test]
    fn an_answer_counts_while_its_derivation_or_its_outputs_are_there() {
        let bench = Bench::new();
        bench.open("one", "", &[]).unwrap().add(vec![(asked(), bench.answer())]);
        let get = |fingerprint: &str, options: &[&str]| {
            bench.open(fingerprint, "", options).unwrap().get(&asked()).is_some()
        };
        assert!(!get("one", &[]), "neither is there");
        for name in ["a-1.drv", "a-1"] {
            std::fs::write(bench.path(name), "").unwrap();
            assert!(get("one", &[]), "{name}");
            assert!(!get("other", &[]) && !get("one", &["--offline"]), "it was asked about something else");
            std::fs::remove_file(bench.path(name)).unwrap();
        }
        assert!(bench.open("one", "", &[]).unwrap().get(&["a".to_owned()]).is_none());
    }

    #[test]
    fn what_looks_at_the_machine_is_not_kept() {
        let bench = Bench::new();
        assert!(bench.open("one", "", &["--impure"]).is_none());
        assert!(bench.open("one", "pure-eval = false", &[]).is_none());
        assert!(bench.open("one", "", &["--no-eval-cache"]).is_none());
    }

    #[test]
    fn files_are_a_comfort_and_not_too_many() {
        let bench = Bench::new();
        std::fs::write(bench.path("a-1"), "").unwrap();
        for flake in 0..FLAKES + 5 {
            bench.open(&flake.to_string(), "", &[]).unwrap().add(vec![(asked(), bench.answer())]);
        }
        let folder = bench.folder.path().join("cache/evaluations");
        let files: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), FLAKES);
        for file in files {
            std::fs::write(file, "{\"packages").unwrap();
        }
        assert!(bench.open("7", "", &[]).unwrap().get(&asked()).is_none());
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "").unwrap();
        bench.open("7", "", &[]).unwrap().add(vec![(asked(), bench.answer())]);
    }
}
