//! The faults of `nix registry` that firn must not have, each with the right behaviour.
//!
//! What Nix does wrong stands above each test. Files that cannot be read whole are in
//! [`super::registry_guards`]; pins, which need a real Nix, in `tests/registries/pins.rs`.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::sandbox::Sandbox;

const EMPTY: &str = "{\n  \"flakes\": null,\n  \"version\": 2\n}";

fn user_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("playground/config/nix/registry.json")
}

fn opened() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    sandbox
}

/// Nix says nothing, status 0.
#[test]
fn removing_what_is_not_there_is_an_error() {
    let sandbox = opened();
    let before = std::fs::read(user_file(&sandbox)).unwrap();
    // It is known to another registry, and to this one with a branch only.
    sandbox.firn("registry add mine/branch path:/x").expect(0);
    let with_branch = std::fs::read(user_file(&sandbox)).unwrap();
    for name in ["agenix", "mine", "mine/other", "flake:nowhere?dir=d"] {
        let ran = sandbox.firn(&format!("registry remove {name}")).expect(1);
        let file = user_file(&sandbox).display().to_string();
        let words = format!("{file}: there is no entry for 'flake:");
        assert!(ran.err.contains(&words) && ran.err.contains("hint: "), "{}", ran.err);
    }
    assert!(std::fs::read(user_file(&sandbox)).unwrap() == with_branch);
    sandbox.firn("registry remove mine/branch").expect(0);
    assert!(std::fs::read(user_file(&sandbox)).unwrap() == before);
    sandbox.firn("registry remove a --registry gone.json").expect(1);
    assert!(!sandbox.path("gone.json").exists());
}

/// Since 2.33 Nix reads nothing from a relative path with a slash, and writes over it.
#[test]
fn a_relative_path_is_relative_to_the_current_folder() {
    let sandbox = opened();
    for path in ["r.json", "./s.json", "sub/r.json", "./sub/../t.json", "sub/../../u.json"] {
        let mut command = sandbox.command();
        std::fs::create_dir_all(sandbox.path("at/sub")).unwrap();
        command.current_dir(sandbox.path("at"));
        let playground = format!("--demo={}", sandbox.path("playground").display());
        command.args([&playground, "registry", "add", "a", "path:/a", "--registry", path]);
        let ran = super::sandbox::run(command).expect(0);
        let file = sandbox.path("at").join(path);
        let mut again = sandbox.command();
        again.current_dir(sandbox.path("at"));
        again.args([&playground, "registry", "add", "b", "path:/b", "--registry", path]);
        super::sandbox::run(again).expect(0);
        let text: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let ids: Vec<&str> = text["flakes"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|entry| entry["from"]["id"].as_str())
            .collect();
        assert_eq!(ids, ["a", "b"], "{path}: {}", ran.err);
    }
}

/// Nix writes over the file in place: who reads it then, or a full disk, sees half of it.
#[test]
fn a_write_is_whole_or_not_at_all() {
    let sandbox = opened();
    let file = user_file(&sandbox);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let before = std::fs::read_to_string(&file).unwrap();
    let mut reader = std::fs::File::open(&file).unwrap();
    let old = file.metadata().unwrap().ino();
    sandbox.firn("registry add mine path:/mine").expect(0);
    let mut seen = String::new();
    reader.read_to_string(&mut seen).unwrap();
    assert_eq!(seen, before, "the old file was not touched");
    let status = file.metadata().unwrap();
    assert_ne!(status.ino(), old, "the new one took its place");
    assert_eq!(status.mode() & 0o777, 0o640);
    let beside = std::fs::read_dir(file.parent().unwrap()).unwrap();
    let left: Vec<_> =
        beside.map(|entry| entry.unwrap().file_name()).filter(|name| name != "registry.json").collect();
    assert!(!left.iter().any(|name| name.to_str().unwrap().contains("registry")), "{left:?}");
}

/// Nix keeps nothing.
#[test]
fn every_write_keeps_a_dated_copy() {
    let sandbox = opened();
    let file = user_file(&sandbox);
    let mut texts = Vec::new();
    for line in ["registry add m path:/1", "registry add m path:/2", "registry remove m"] {
        texts.push(std::fs::read_to_string(&file).unwrap());
        let ran = sandbox.firn(line).expect(0);
        assert!(ran.out.is_empty() && ran.err.contains("the old file is kept as "), "{}", ran.err);
    }
    let mut copies: Vec<PathBuf> = std::fs::read_dir(sandbox.path("playground/state/registry-backups"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    copies.sort_by_key(|copy| copy.metadata().unwrap().modified().unwrap());
    let kept: Vec<String> = copies.iter().map(|copy| std::fs::read_to_string(copy).unwrap()).collect();
    assert_eq!(kept, texts);
    for copy in &copies {
        let name = copy.file_name().unwrap().to_str().unwrap();
        let date = name.split('T').next().unwrap();
        assert!(date.len() == 10 && date.split('-').count() == 3, "{name}");
        assert!(name.ends_with("registry.json"), "{name}");
    }
    // What would change nothing leaves no copy.
    sandbox.firn("registry add m path:/1").expect(0);
    let count = std::fs::read_dir(copies[0].parent().unwrap()).unwrap().count();
    sandbox.firn("registry add m path:/1").expect(0);
    assert_eq!(std::fs::read_dir(copies[0].parent().unwrap()).unwrap().count(), count);
}

/// Nix follows any link, and makes what a dangling one leads to.
#[test]
fn a_link_is_followed_to_what_can_be_written() {
    let sandbox = opened();
    std::fs::create_dir(sandbox.path("dotfiles")).unwrap();
    std::fs::write(sandbox.path("dotfiles/registry.json"), EMPTY).unwrap();
    symlink("dotfiles/registry.json", sandbox.path("r.json")).unwrap();
    symlink("r.json", sandbox.path("twice.json")).unwrap();
    symlink("nowhere/registry.json", sandbox.path("lost.json")).unwrap();
    symlink("loop.json", sandbox.path("loop.json")).unwrap();
    for link in ["r.json", "twice.json"] {
        sandbox.firn(&format!("registry add {} path:/a --registry {link}", &link[..1])).expect(0);
        assert!(sandbox.path(link).symlink_metadata().unwrap().is_symlink(), "{link}");
    }
    let text = std::fs::read_to_string(sandbox.path("dotfiles/registry.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["flakes"].as_array().unwrap().len(), 2);
    for link in ["lost.json", "loop.json"] {
        let ran = sandbox.firn(&format!("registry add a path:/a --registry {link}")).expect(1);
        assert!(ran.err.contains(link), "{}", ran.err);
    }
    assert!(!sandbox.path("nowhere").exists());
}

/// Each of two entries for one name, the first of them exact, has a chain of its own.
#[test]
fn an_exact_and_a_loose_entry_show_their_own_chains_as_json() {
    let sandbox = opened();
    let files = sandbox.firn("registry list --json").expect(0).json()["files"].clone();
    for file in [&files[0], &files[1]] {
        // The user's and the system's would win.
        std::fs::write(file["path"].as_str().unwrap(), EMPTY).unwrap();
    }
    let entry = |to: Value, exact: bool| {
        let from = json!({ "type": "indirect", "id": "nixpkgs" });
        if exact {
            json!({ "from": from, "to": to, "exact": true })
        } else {
            json!({ "from": from, "to": to })
        }
    };
    let github = |repo: &str| json!({ "type": "github", "owner": "o", "repo": repo });
    let text =
        json!({ "version": 2, "flakes": [entry(github("exact"), true), entry(github("loose"), false)] });
    let global = sandbox.path("playground/cache/nix/flake-registry.json");
    std::fs::write(&global, serde_json::to_string_pretty(&text).unwrap()).unwrap();
    let answers = sandbox.firn("registry resolve nixpkgs nixpkgs/some-branch --json").expect(0).json();
    for (number, index, result) in [(0, 0, "github:o/exact"), (1, 1, "github:o/loose/some-branch")] {
        let answer = &answers[number];
        assert_eq!(answer["result"]["url"], result);
        assert_eq!(answer["hops"].as_array().unwrap().len(), 1);
        let hop = &answer["hops"][0];
        assert_eq!(hop["after"], result);
        assert_eq!(hop["entry"]["index"], index);
        assert_eq!(hop["entry"]["exact"], index == 0);
        assert_eq!(hop["entry"]["layer"], "global");
        assert_eq!(hop["entry"]["file"], global.to_str().unwrap());
        assert_eq!(hop["entry"]["line"], if index == 0 { 3 } else { 15 });
    }
    let listed = sandbox.firn("registry list --json").expect(0).json();
    let of = |exact: bool| {
        let entries = listed["entries"].as_array().unwrap();
        entries
            .iter()
            .find(|entry| entry["from"]["url"] == "flake:nixpkgs" && entry["exact"] == exact)
            .unwrap()
    };
    assert_eq!((&of(true)["standing"], &of(false)["standing"]), (&json!("winning"), &json!("partly")));
    assert_eq!(of(false)["by"], json!({ "layer": "global", "index": 0 }));
}
