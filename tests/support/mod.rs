//! Shared by the tests: a private Nix store per test, with packages of any shape.
//!
//! Real Nix is looked for in the folders that `FIRN_TEST_NIX` names (separated by
//! colons; `tests/fetch-real-nix` prints such a line), else in that of the `nix` on PATH.
//! [`each_nix`] runs a test with every one of them and says loudly when there is none.
//! Nothing outside the temporary folder is read or written: HOME, the store, Nix's state
//! and its configuration all lie in it, and no substituter or registry is configured.
//! With `FIRN_TEST_KEEP` set, the folders stay for a look at a failure.
//!
//! ```ignore
//! each_nix("adds a package", |nix| {
//!     let hello = nix.add_package("hello-1", |root| write(root, "bin/hello", "hi"));
//!     nix.run("nix", &["profile", "add", "--profile", nix.profile_text(), &hello]);
//! });
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use firn::core::evaluation::Question;
use firn::core::installable::Installable;
use firn::core::manifest::ProfileElement;
use firn::core::plan::ToRealise;
use firn::system::machine::{Store, StoreError, Watch};

pub mod daemon;
pub mod loopback;

/// The folders of the Nix programs to test with; empty if there is no Nix.
pub fn nix_bin_folders() -> Vec<PathBuf> {
    if let Some(folders) = std::env::var_os("FIRN_TEST_NIX").filter(|value| !value.is_empty()) {
        let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
        for folder in &folders {
            assert!(folder.join("nix").exists(), "FIRN_TEST_NIX: there is no nix in {}", folder.display());
        }
        return folders;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(|folder| folder.join("nix").exists()).into_iter().collect()
}

/// Runs a test with a fresh private store of every Nix there is.
pub fn each_nix(title: &str, mut test: impl FnMut(&PrivateNix)) {
    let folders = nix_bin_folders();
    if folders.is_empty() {
        say_skipped(title, "there is no Nix (set FIRN_TEST_NIX, see tests/fetch-real-nix)");
    }
    for folder in folders {
        let nix = PrivateNix::new(&folder);
        println!("{title}: {}", folder.display());
        test(&nix);
    }
}

/// Says that a test is skipped, past the test harness, which swallows what a passing test prints.
pub fn say_skipped(title: &str, reason: &str) {
    let _ = std::io::stderr().write_all(format!("\n*** SKIPPED, {reason}: {title}\n").as_bytes());
}

/// A store, state, configuration and HOME of its own, in a temporary folder.
pub struct PrivateNix {
    folder: tempfile::TempDir,
    root: PathBuf,
    bin: PathBuf,
    next_hash: Cell<u64>,
}

/// The characters of hashes in store paths.
const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

impl PrivateNix {
    /// An empty store for the Nix whose programs lie in `bin`.
    pub fn new(bin: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("firn-test-")
            .disable_cleanup(std::env::var_os("FIRN_TEST_KEEP").is_some())
            .tempdir()
            .unwrap();
        // Nix refuses a store folder behind a link.
        let root = folder.path().canonicalize().unwrap();
        for name in ["home", "store", "state", "log", "conf", "tmp", "profiles", "work"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        // Two first starts of nix at the same time both want to make it, and one of them fails.
        link(&root, "state/gcroots/profiles", root.join("state/profiles"));
        std::fs::write(
            root.join("conf/nix.conf"),
            "experimental-features = nix-command flakes\n\
             sandbox = false\n\
             build-users-group =\n\
             substituters =\n\
             flake-registry =\n\
             use-registries = true\n",
        )
        .unwrap();
        Self { folder, root, bin: bin.to_owned(), next_hash: Cell::new(1) }
    }

    /// The folder everything lies in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the Nix programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The store folder.
    pub fn store_dir(&self) -> PathBuf {
        self.root.join("store")
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// A path for a profile of this name; nothing is there yet.
    pub fn profile(&self, name: &str) -> PathBuf {
        self.root.join("profiles").join(name)
    }

    /// The whole environment of commands; nothing of the machine's own is in it.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let mut path = self.bin.clone().into_os_string();
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let folder = |name: &str| self.root.join(name).into_os_string();
        let mut environment: Vec<(OsString, OsString)> = [
            ("PATH", path),
            ("HOME", folder("home")),
            ("TMPDIR", folder("tmp")),
            ("NIX_STORE_DIR", folder("store")),
            ("NIX_STATE_DIR", folder("state")),
            ("NIX_LOG_DIR", folder("log")),
            ("NIX_CONF_DIR", folder("conf")),
            ("FIRN_STATE_DIR", folder("home/firn-state")),
            ("FIRN_DATA_DIR", folder("home/firn-data")),
            // No system or user configuration of git; commits need a name.
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_AUTHOR_NAME", "test".into()),
            ("GIT_AUTHOR_EMAIL", "test@example.org".into()),
            ("GIT_COMMITTER_NAME", "test".into()),
            ("GIT_COMMITTER_EMAIL", "test@example.org".into()),
            ("LC_ALL", "C".into()),
            ("NO_COLOR", "1".into()),
        ]
        .map(|(name, value)| (OsString::from(name), value))
        .into();
        // The coverage tools of a test run, if any, find their files through it.
        environment
            .extend(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE".into(), file)));
        environment
    }

    /// A command in the sealed environment, in the folder `work`, without input. A name without a
    /// slash is one of the Nix programs.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let program = program.as_ref();
        let path = if Path::new(program).components().count() > 1 {
            PathBuf::from(program)
        } else {
            self.bin.join(program)
        };
        let mut command = Command::new(path);
        command.env_clear().envs(self.environment());
        command.current_dir(self.root.join("work")).stdin(Stdio::null());
        command
    }

    /// Runs a program and gives what came of it, also when it fails.
    pub fn output<A: AsRef<OsStr>>(&self, program: &str, arguments: &[A]) -> Output {
        self.command(program).args(arguments).output().unwrap()
    }

    /// Runs a program that must succeed; gives its standard output.
    pub fn run<A: AsRef<OsStr> + std::fmt::Debug>(&self, program: &str, arguments: &[A]) -> String {
        let output = self.output(program, arguments);
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// A store path for a package of this name that nothing else has; nothing is there yet.
    pub fn new_path(&self, name: &str) -> String {
        let number = self.next_hash.get();
        self.next_hash.set(number + 1);
        // Spread over all characters, so that paths do not sort by age.
        let mut bits = number;
        let hash: String = (0..32)
            .map(|_| {
                bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(NIX32[usize::try_from(bits >> 59).unwrap()])
            })
            .collect();
        format!("{}/{hash}-{name}", self.store_dir().display())
    }

    /// Puts a package into the store: `fill` gets the path, where nothing is yet, and makes a folder,
    /// a file or a link there. Gives the store path.
    pub fn add_object(&self, name: &str, references: &[String], fill: impl FnOnce(&Path)) -> String {
        let path = self.new_path(name);
        fill(Path::new(&path));
        self.register(&[(path.clone(), references.to_vec())]);
        path
    }

    /// Puts a folder into the store; `fill` gets the empty folder. Gives the store path.
    pub fn add_package(&self, name: &str, fill: impl FnOnce(&Path)) -> String {
        self.add_object(name, &[], |path| {
            std::fs::create_dir(path).unwrap();
            fill(path);
        })
    }

    /// Tells Nix that store paths made by hand are valid, with their references (each of these valid
    /// or in the same list; a cycle would break the garbage collector, but packages may *name* each
    /// other freely in their files). One process for all of them.
    pub fn register(&self, objects: &[(String, Vec<String>)]) {
        let mut text = String::new();
        for (path, references) in objects {
            // Path, no deriver, count and references, a line each.
            write!(text, "{path}\n\n{}\n", references.len()).unwrap();
            for reference in references {
                writeln!(text, "{reference}").unwrap();
            }
        }
        let mut command = self.command("nix-store");
        command.args(["--register-validity", "--reregister"]).stdin(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The references of a valid store path, sorted.
    pub fn references(&self, path: &str) -> Vec<String> {
        let text = self.run("nix-store", &["--query", "--references", path]);
        let mut references: Vec<String> = text.lines().map(str::to_owned).collect();
        references.sort();
        references
    }

    /// Where a path leads when all links are followed, as text.
    pub fn real_path(path: &Path) -> String {
        path.canonicalize().unwrap().into_os_string().into_string().unwrap()
    }
}

impl Drop for PrivateNix {
    fn drop(&mut self) {
        // Deleting what lies in a folder needs it.
        make_writable(&self.store_dir());
    }
}

/// Gives back the write permission that stores take off folders.
pub fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755));
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Writes a file below a folder, with the folders on the way.
pub fn write(root: &Path, path: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, contents).unwrap();
}

/// Writes an executable shell script below a folder.
pub fn script(root: &Path, path: impl AsRef<Path>, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = root.join(path);
    write(root, &path, format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes a symlink below a folder, with the folders on the way.
pub fn link(root: &Path, path: impl AsRef<Path>, target: impl AsRef<Path>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// Makes an empty folder below a folder, with the folders on the way.
pub fn folder(root: &Path, path: impl AsRef<Path>) {
    std::fs::create_dir_all(root.join(path)).unwrap();
}

/// Evaluates and realises a package of a flake; the element that adding it makes. The outer error is for
/// when nothing can be asked at all.
pub fn obtain(
    store: &dyn Store,
    installable: &Installable,
    watch: &Watch<'_>,
) -> Result<Result<ProfileElement, StoreError>, StoreError> {
    let (question, outputs) = installable.as_package().unwrap();
    let question = Question { registry: installable.registry.clone(), ..question };
    let answer = store.evaluate(&[question], &|_, _| {}, watch)?.remove(0);
    let refused = |message: String| StoreError::Evaluation { installable: installable.text.clone(), message };
    let evaluated = match answer {
        Ok(evaluated) => evaluated,
        Err(failure) => return Ok(Err(refused(failure.message.to_string()))),
    };
    let chosen = match evaluated.chosen(&outputs) {
        Ok(chosen) => chosen,
        Err(error) => return Ok(Err(refused(error.to_string()))),
    };
    let (element, drv_path) = (installable.text.clone(), evaluated.drv_path.clone());
    let realised = store.realise(&[ToRealise { element, drv_path, outputs: chosen }], watch)?.remove(0);
    Ok(realised.map(|()| evaluated.element(&outputs).unwrap()))
}
