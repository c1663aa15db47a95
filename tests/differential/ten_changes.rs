//! A transaction of ten mixed changes is one generation, and Nix works on with it: for the owner
//! of the store, and for untrusted users through a daemon.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::arena::Snapshot;
use crate::support::daemon::{Daemon, User};
use crate::support::{PrivateNix, each_nix, write};
use crate::{edit, references, support};

/// The store paths the test works with.
struct Packages {
    /// In the profile from the start: `one` to `eight`.
    installed: Vec<String>,
    /// Added by the transaction.
    added: Vec<String>,
    /// Added by Nix afterwards.
    later: String,
    /// Needed by the first added one, but in no profile by itself.
    library: String,
    /// Needed by nothing.
    garbage: String,
}

impl Packages {
    fn make(nix: &PrivateNix) -> Self {
        let package = |name: &str, references: &[String]| {
            nix.add_object(&format!("{name}-1.0"), references, |root| {
                write(root, format!("bin/{name}"), name);
                write(root, format!("share/doc/{name}/README"), name);
            })
        };
        let library = package("library", &[]);
        let added = vec![
            package("nine", std::slice::from_ref(&library)),
            package("ten", &[]),
            package("eleven", &[]),
        ];
        let names = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
        let installed = names.map(|name| package(name, &[])).into();
        Self { installed, added, later: package("later", &[]), library, garbage: package("garbage", &[]) }
    }
}

/// Who does it, and how they reach the store.
struct Person<'a> {
    nix: &'a PrivateNix,
    user: User,
    /// `NIX_REMOTE`: empty where the store's owner works on it without a daemon.
    remote: String,
    firn: PathBuf,
}

impl Person<'_> {
    fn run(&self, program: &Path, arguments: &[&str]) -> String {
        let mut command = self.nix.command(program);
        command.args(arguments).env("NIX_REMOTE", &self.remote);
        let output = self.user.runs(&mut command).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {}\n{said}", program.display(), output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    fn firn(&self, arguments: &[&str]) -> String {
        let profile = self.nix.profile("p");
        self.run(&self.firn, &[&["--profile", profile.to_str().unwrap()], arguments].concat())
    }

    fn nix_profile(&self, verb: &str, arguments: &[&str]) -> String {
        let profile = self.nix.profile("p");
        let words = ["profile", verb, "--profile", profile.to_str().unwrap()];
        self.run(Path::new("nix"), &[&words, arguments].concat())
    }
}

fn transaction(packages: &Packages) -> String {
    let mut changes = vec![
        json!({"change": "remove", "element": "one"}),
        json!({"change": "remove", "element": "two"}),
        json!({"change": "priority", "element": "three", "to": 9}),
        json!({"change": "priority", "element": "four", "to": -2}),
        json!({"change": "active", "element": "five", "to": false}),
        json!({"change": "active", "element": "six", "to": false}),
        json!({"change": "active", "element": "seven", "to": true}),
    ];
    changes.extend(
        packages
            .added
            .iter()
            .zip([5, 5, 1001])
            .map(|(path, priority)| json!({"change": "add", "installable": path, "priority": priority})),
    );
    json!({"version": 1, "changes": changes}).to_string()
}

#[test]
fn ten_mixed_changes_are_one_generation() {
    each_nix("a transaction of ten mixed changes", |nix| {
        let firn = PathBuf::from(env!("CARGO_BIN_EXE_firn"));
        apply_ten(&Person { nix, user: User::Tester, remote: String::new(), firn });
    });
}

#[test]
fn an_untrusted_user_makes_the_ten_changes_through_the_daemon() {
    each_nix("a transaction of ten mixed changes by untrusted users", |first| {
        let users = User::all(first);
        if !users.contains(&User::Nobody) {
            support::say_skipped("ten mixed changes as a second user", "it needs root, and a Nix for others");
        }
        for user in users {
            let nix = &PrivateNix::new(first.bin());
            user.moves_in(nix);
            let firn = user.program(nix, Path::new(env!("CARGO_BIN_EXE_firn")));
            let daemon = Daemon::start(nix, "");
            // Once as the word for "where the daemon usually listens", once as an address.
            let socket = nix.root().join("state/daemon-socket/socket");
            let address = format!("unix://{}", socket.display());
            let remote = if user == User::Tester { "daemon".to_owned() } else { address };
            println!("as {user:?} through {remote}");
            apply_ten(&Person { nix, user, remote, firn });
            drop(daemon);
        }
    });
}

fn apply_ten(person: &Person<'_>) {
    let nix = person.nix;
    let packages = Packages::make(nix);
    let profile = nix.profile("p");
    let installed: Vec<&str> = packages.installed.iter().map(String::as_str).collect();
    person.nix_profile("install", &installed);
    person.firn(&["disable", "seven"]);
    let before = Snapshot::read(&profile);
    assert_eq!(before.current, Some(2));
    write(nix.root(), "work/ten.json", transaction(&packages));
    person.firn(&["apply", "ten.json", "--dry-run"]);
    assert_eq!(Snapshot::read(&profile), before, "a dry run changed the profile");
    person.firn(&["apply", "ten.json"]);
    let after = Snapshot::read(&profile);
    assert_eq!(after.current, Some(3));
    assert_eq!(after.generations.len(), before.generations.len() + 1);
    check_elements(person, &packages);
    collect_garbage(person, &packages, after.path.as_deref().unwrap());
    nix_works_on(person, &packages, &after);
}

fn check_elements(person: &Person<'_>, packages: &Packages) {
    let nix = person.nix;
    let profile = nix.profile("p");
    let manifest = edit::manifest(&profile);
    let elements = manifest["elements"].as_object().unwrap();
    let summary: Vec<String> = elements
        .iter()
        .map(|(name, element)| format!("{name} {} {}", element["active"], element["priority"]))
        .collect();
    let expected = [
        "eight true 5",
        "eleven true 1001",
        "five false 5",
        "four true -2",
        "nine true 5",
        "seven true 5",
        "six false 5",
        "ten true 5",
        "three true 9",
    ];
    assert_eq!(summary, expected);
    let path = profile.canonicalize().unwrap();
    assert_eq!(references::problem(nix, &path), None);
    let paths = references::element_paths(&manifest.to_string());
    assert!(packages.added.iter().all(|added| paths.contains(added)));
    let listed = person.nix_profile("list", &["--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["elements"].as_object().unwrap().len(), expected.len());
    let plain = person.nix_profile("list", &[]);
    assert!(elements.keys().all(|name| plain.contains(name)), "{plain}");
}

/// A collection takes what nothing needs, and nothing else.
fn collect_garbage(person: &Person<'_>, packages: &Packages, profile: &Path) {
    person.run(Path::new("nix"), &["store", "gc"]);
    assert!(!Path::new(&packages.garbage).exists(), "the collection did nothing");
    let live = packages.installed.iter().chain(&packages.added).chain([&packages.library]);
    for path in live {
        assert!(Path::new(path).exists(), "{path} was live");
    }
    let targets = crate::tree::read(profile);
    for (path, target) in targets.iter().filter(|(path, _)| *path != "manifest.json") {
        assert!(Path::new(target).exists(), "{path} dangles");
    }
    let verified = person.nix.output("nix-store", &["--verify", "--check-contents"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Nix adds, removes and rolls back on what firn made.
fn nix_works_on(person: &Person<'_>, packages: &Packages, made: &Snapshot) {
    let nix = person.nix;
    let profile = nix.profile("p");
    let later = nix.add_package("later-2.0", |root| write(root, "bin/later", "later"));
    assert!(!Path::new(&packages.later).exists(), "nothing held it at the collection");
    person.nix_profile("install", &[&later]);
    assert!(profile.join("bin/later").exists() && profile.join("bin/nine").exists());
    person.nix_profile("remove", &["nine"]);
    assert!(!profile.join("bin/nine").exists() && profile.join("bin/ten").exists());
    person.nix_profile("rollback", &["--to", "3"]);
    let back = Snapshot::read(&profile);
    assert_eq!((back.path, back.current), (made.path.clone(), Some(3)));
    person.nix_profile("rollback", &[]);
    assert_eq!(Snapshot::read(&profile).current, Some(2));
}
