//! Pins, made by firn and by Nix.

use std::path::Path;
use std::sync::Arc;

use firn::core::flake_ref::FlakeRef;
use firn::ops::Context;
use firn::ops::edit_registry::{Carry, EditedRegistry, RegistryEdit, edit_registry};
use firn::system::machine::{Cancel, NoProgress, SystemClock, Watch};
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::own_folders::OwnFolders;

use crate::references::is_new;
use crate::support::{self, PrivateNix};

const FROM: &str = "flake:a";

/// Use cases on this Nix.
pub fn context(nix: &PrivateNix) -> Context {
    context_with(nix, &[])
}

/// The same, with options for Nix.
pub fn context_with(nix: &PrivateNix, options: &[&str]) -> Context {
    let options = options.iter().map(|&word| word.to_owned()).collect();
    let mut environment = nix.environment();
    environment.push(("FIRN_NIX_BIN".into(), nix.bin().into()));
    let store = NixStore::in_environment(NixEnvironment::new(environment), options).unwrap();
    let folder = |name: &str| nix.root().join(name);
    let folders =
        OwnFolders { state: folder("firn-state"), data: folder("firn-data"), config: folder("firn-config") };
    let profile = nix.profile("profile");
    Context { store: Arc::new(store), profile, folders, clock: Arc::new(SystemClock), read_only: false }
}

fn pin(context: &Context, from: &str, wanted: Option<&str>) -> anyhow::Result<EditedRegistry> {
    let reference = |text: &str| FlakeRef::parse(text).unwrap();
    let edit = RegistryEdit::Pin { from: reference(from), wanted: wanted.map(reference) };
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    edit_registry(context, None, &edit, Carry::Out, &watch)
}

/// Runs git in a folder.
pub fn git_in(nix: &PrivateNix, folder: &Path, words: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.env_clear().envs(nix.environment()).current_dir(folder);
    let output = command.args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs git in the flake's folder.
fn git(nix: &PrivateNix, words: &[&str]) {
    git_in(nix, &nix.root().join("work/flake"), words);
}

/// Commits this text as the flake.
fn commit(nix: &PrivateNix, text: &str) {
    support::write(nix.root(), "work/flake/flake.nix", text);
    git(nix, &["add", "."]);
    git(nix, &["commit", "-qm", "x"]);
}

/// A flake in a repository, a registry that names it `a` and its folder `p`, and the registry's path.
fn world(nix: &PrivateNix) -> std::path::PathBuf {
    support::folder(nix.root(), "work/flake");
    git(nix, &["init", "-q", "-b", "main"]);
    commit(nix, "{ outputs = x: { }; }");
    let user = nix.home().join(".config/nix/registry.json");
    let root = nix.root().display();
    let entry = |from: &str, to: &str| format!(r#"{{"from":{{"type":"indirect","id":"{from}"}},"to":{to}}}"#);
    let entries = [
        entry("b", &format!(r#"{{"type":"path","path":"{root}/gone","dir":"d"}}"#)),
        entry("a", &format!(r#"{{"type":"git","url":"file://{root}/work/flake"}}"#)),
        entry("p", &format!(r#"{{"type":"path","path":"{root}/work/flake"}}"#)),
    ];
    let entries = entries.join(",");
    support::write(nix.root(), &user, format!(r#"{{"version":2,"flakes":[{entries}]}}"#));
    user
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_pin_is_written_as_nix_writes_it() {
    support::each_nix("pins", |nix| {
        if !is_new(nix) {
            // 2.26 takes the entry away before it looks the name up, and then does not find it.
            return;
        }
        let user = world(nix);
        let before = text(&user);
        let context = context(nix);
        let flake = format!("git+file://{}/work/flake?ref=main", nix.root().display());
        for (from, wanted) in [
            ("a", None),
            ("p", None),
            ("flake:a?dir=sub", None),
            ("c", Some("a/main")),
            ("b", Some(flake.as_str())),
        ] {
            let words: Vec<&str> = ["registry", "pin", from].into_iter().chain(wanted).collect();
            nix.run("nix", &words);
            let expected = text(&user);
            std::fs::write(&user, &before).unwrap();
            let edited = pin(&context, from, wanted).unwrap();
            assert_eq!(text(&user), expected, "{from} {wanted:?}");
            assert!(!edited.is_loose || from == "p");
            assert_eq!(text(edited.backup.as_deref().unwrap()), before);
            std::fs::write(&user, &before).unwrap();
        }
    });
}

#[test]
fn pinning_again_moves_the_pin() {
    support::each_nix("moved pins", |nix| {
        let user = world(nix);
        let context = context(nix);
        pin(&context, FROM, None).unwrap();
        let first = text(&user);
        commit(nix, "{ outputs = x: { a = 1; }; }");
        pin(&context, FROM, None).unwrap();
        let second = text(&user);
        assert_ne!(first, second);
        assert_eq!(first.matches("\"rev\"").count(), 1);
        assert_eq!(second.matches("\"rev\"").count(), 1);
    });
}

#[test]
fn what_cannot_be_fetched_changes_nothing() {
    support::each_nix("failing pins", |nix| {
        let user = world(nix);
        let before = text(&user);
        let context = context(nix);
        for from in ["flake:b", "flake:unknown"] {
            assert!(pin(&context, from, None).is_err(), "{from}");
            assert_eq!(text(&user), before);
        }
        std::fs::write(&user, "{,}").unwrap();
        let error = pin(&context, FROM, None).unwrap_err().to_string();
        assert!(error.contains("line 1, column 2: it is not JSON"), "{error}");
        assert_eq!(text(&user), "{,}");
    });
}
