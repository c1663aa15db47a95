//! What the nix at hand can do: its version, and commands that only some versions have.
//!
//! `nix __dump-cli` prints every command and option as JSON, in Nix and in Lix, so nothing
//! has to be known about who renamed what when; only where that fails does the version
//! decide. Both are asked once for each program: the answers are kept in firn's cache
//! folder under the program's real path, and hold as long as its time and size do.
//!
//! The cache is a comfort: whatever is wrong with it, nix is asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arguments::{self, AddVerb};
use super::environment::NixEnvironment;
use super::run;
use super::version::NixVersion;
use crate::system::bounded_file;
use crate::system::machine::{Cancel, NoProgress, StoreError, Watch};

/// Something that not every nix can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ability {
    /// `nix profile add`; it is called `install` elsewhere.
    ProfileAdd,
    /// `nix path-info --json-format`: where it exists, leaving it out is deprecated.
    PathInfoJsonFormat,
}

impl Ability {
    const ALL: [Self; 2] = [Self::ProfileAdd, Self::PathInfoJsonFormat];

    /// Where the dump of the command line has it.
    fn pointer(self) -> &'static str {
        match self {
            Self::ProfileAdd => "/args/commands/profile/commands/add",
            Self::PathInfoJsonFormat => "/args/commands/path-info/flags/json-format",
        }
    }

    /// The first version of Nix that has it.
    fn since(self) -> (u32, u32) {
        match self {
            Self::ProfileAdd => (2, 30),
            Self::PathInfoJsonFormat => (2, 33),
        }
    }
}

/// What one nix program can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) version: NixVersion,
    able: BTreeSet<Ability>,
}

impl Abilities {
    /// What the environment's nix can do, from the cache if it has been asked before.
    pub(super) fn learn(environment: &NixEnvironment) -> Result<Self, StoreError> {
        let Some(program) = Program::find(environment) else { return Self::ask(environment) };
        let cache = Self::cache(environment);
        let mut kept = read(&cache);
        if let Some(known) = kept.get(&program.path).and_then(|kept| kept.as_abilities(&program)) {
            return Ok(known);
        }
        let asked = Self::ask(environment)?;
        kept.retain(|path, _| path.exists());
        kept.insert(program.path.clone(), Kept::new(&program, &asked));
        // It is asked again next time.
        let _ = write(&cache, &kept);
        Ok(asked)
    }

    /// Throws the cache away.
    pub(super) fn forget(environment: &NixEnvironment) {
        // One that cannot be deleted could not be written either.
        let _ = std::fs::remove_file(Self::cache(environment));
    }

    fn cache(environment: &NixEnvironment) -> PathBuf {
        environment.own_cache_folder().join("nix.json")
    }

    fn ask(environment: &NixEnvironment) -> Result<Self, StoreError> {
        let ask = |words: &[std::ffi::OsString]| {
            run::run(environment, words, &Watch { progress: &NoProgress, cancel: &Cancel::default() })
        };
        let output = ask(&arguments::version())?;
        let text = String::from_utf8_lossy(&output);
        let version = NixVersion::parse(&text).ok_or_else(|| StoreError::Output {
            command: "nix --version".to_owned(),
            reason: format!("'{}' names no version", text.trim()),
        })?;
        let dump = ask(&arguments::dump_command_line()).ok();
        let dump = dump.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        let has = |ability: &Ability| match &dump {
            Some(dump) => dump.pointer(ability.pointer()).is_some(),
            None => version.is_nix_since(ability.since()),
        };
        let able = Ability::ALL.into_iter().filter(has).collect();
        Ok(Self { version, able })
    }

    /// What adding is called.
    pub(super) fn add_verb(&self) -> AddVerb {
        if self.able.contains(&Ability::ProfileAdd) { AddVerb::Add } else { AddVerb::Install }
    }

    /// The format to ask `nix path-info --json` for, where it wants to be told.
    pub(super) fn path_info_format(&self) -> Option<&'static str> {
        self.able.contains(&Ability::PathInfoJsonFormat).then_some("1")
    }

    /// Refuses a Nix that could not read the profiles that firn makes.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.version.reads_named_elements() {
            return Ok(());
        }
        Err(StoreError::TooOld { found: self.version.title() })
    }
}

/// A program on disk as it is now.
struct Program {
    /// Links followed: updating Nix changes what the link on PATH leads to.
    path: PathBuf,
    modified: (i64, i64),
    size: u64,
}

impl Program {
    fn find(environment: &NixEnvironment) -> Option<Self> {
        let path = environment.nix_on_disk()?.canonicalize().ok()?;
        let status = path.metadata().ok()?;
        Some(Self { path, modified: (status.mtime(), status.mtime_nsec()), size: status.size() })
    }
}

/// What is kept of a program's answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    modified: (i64, i64),
    size: u64,
    /// As `nix --version` says it.
    version: String,
    able: BTreeSet<Ability>,
}

impl Kept {
    fn new(program: &Program, abilities: &Abilities) -> Self {
        let version = abilities.version.as_printed();
        Self { modified: program.modified, size: program.size, version, able: abilities.able.clone() }
    }

    fn as_abilities(&self, program: &Program) -> Option<Abilities> {
        let is_same = self.modified == program.modified && self.size == program.size;
        let version = NixVersion::parse(&self.version).filter(|_| is_same)?;
        Some(Abilities { version, able: self.able.clone() })
    }
}

/// Some programs take a few kilobytes; a larger file is asked for anew.
const LARGEST: u64 = 4 << 20;

/// By the real path of the program.
type KeptPrograms = BTreeMap<PathBuf, Kept>;

fn read(cache: &Path) -> KeptPrograms {
    let text = bounded_file::read(cache, LARGEST).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Writes the cache at once, so that another firn never reads half of it.
fn write(cache: &Path, kept: &KeptPrograms) -> std::io::Result<()> {
    let folder = cache.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, kept)?;
    file.persist(cache)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A `nix` that writes down every call, answers `--version` with `version` and dumps `dump`.
    struct FakeNix {
        folder: tempfile::TempDir,
        environment: NixEnvironment,
    }

    impl FakeNix {
        fn new(version: &str, dump: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let cache = folder.path().join("cache").into_os_string();
            let bin = folder.path().join("bin").into_os_string();
            std::fs::create_dir(&bin).unwrap();
            let environment = NixEnvironment::new([
                ("FIRN_NIX_BIN".into(), bin),
                ("FIRN_CACHE_DIR".into(), cache),
                ("PATH".into(), "/usr/bin:/bin".into()),
            ]);
            let fake = Self { folder, environment };
            fake.becomes(version, dump);
            fake
        }

        fn becomes(&self, version: &str, dump: &str) {
            let script = format!(
                "#!/bin/sh\necho \"$1\" >> {}/calls\n\
                 case $1 in --version) echo '{version}' ;; __dump-cli) {dump} ;; *) exit 1 ;; esac\n",
                self.folder.path().display()
            );
            let program = self.folder.path().join("bin/nix");
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }

        fn learn(&self) -> Abilities {
            Abilities::learn(&self.environment).unwrap()
        }

        fn calls(&self) -> usize {
            std::fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default().lines().count()
        }
    }

    const NEW: &str = r#"echo '{"args":{"commands":{"profile":{"commands":{"add":{}}},
        "path-info":{"flags":{"json-format":{}}}}}}'"#;
    const LIX: &str = r#"echo '{"args":{"commands":{"profile":{"commands":{"install":{}}},
        "path-info":{"flags":{"json":{}}}}}}'"#;
    const NONE: &str = "exit 1";

    #[test]
    fn the_dump_decides_and_without_one_the_version() {
        for (version, dump, verb, format) in [
            ("nix (Nix) 2.34.8", NEW, AddVerb::Add, Some("1")),
            ("nix (Lix, like Nix) 2.93.0", LIX, AddVerb::Install, None),
            ("nix (Lix, like Nix) 9.1.0", NEW, AddVerb::Add, Some("1")),
            ("nix (Lix, like Nix) 2.93.0", NONE, AddVerb::Install, None),
            ("nix (Nix) 2.34.8", NONE, AddVerb::Add, Some("1")),
            ("nix (Nix) 2.26.3", "echo {", AddVerb::Install, None),
        ] {
            let found = FakeNix::new(version, dump).learn();
            assert_eq!((found.add_verb(), found.path_info_format()), (verb, format), "{version}");
        }
    }

    #[test]
    fn a_program_is_asked_once_until_it_changes() {
        let nix = FakeNix::new("nix (Nix) 2.34.8", NEW);
        assert_eq!(nix.learn(), nix.learn());
        assert_eq!(nix.calls(), 2, "its version, and its commands");
        nix.becomes("nix (Lix, like Nix) 2.93.0", LIX);
        assert_eq!(nix.learn().version.title(), "lix 2.93.0");
        assert_eq!(nix.calls(), 4);
        std::fs::write(nix.folder.path().join("cache/nix.json"), "{\"/x\":7").unwrap();
        assert_eq!(nix.learn().add_verb(), AddVerb::Install);
        assert_eq!(nix.calls(), 6, "a damaged cache is none");
        nix.learn();
        assert_eq!(nix.calls(), 6);
    }

    #[test]
    fn what_cannot_be_kept_is_asked_again() {
        let nix = FakeNix::new("nix (Nix) 2.34.8", NEW);
        std::fs::write(nix.folder.path().join("cache"), "a file").unwrap();
        assert_eq!(nix.learn().add_verb(), AddVerb::Add);
        assert_eq!(nix.learn().add_verb(), AddVerb::Add);
        assert_eq!(nix.calls(), 4);
    }

    #[test]
    fn a_nix_that_is_too_old_is_named() {
        let old = FakeNix::new("nix (Nix) 2.8.0", NONE).learn().check();
        assert!(matches!(old, Err(StoreError::TooOld { found }) if found == "nix 2.8.0"));
        assert!(FakeNix::new("nix (Lix, like Nix) 2.90.0", LIX).learn().check().is_ok());
    }
}
