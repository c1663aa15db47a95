//! Registries that firn must not write: what is said about each, and that nothing changes.
//!
//! Nix writes what it could read of such a file and loses the rest, or follows a link into its
//! own store. Each row of the table is the user's own registry.

use std::os::unix::fs::{PermissionsExt, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::sandbox::{Ran, Sandbox, run};

const GOOD: &str = r#"{"from":{"type":"indirect","id":"a"},"to":{"type":"path","path":"/a"}}"#;

const EDITS: [&str; 4] =
    ["registry add b path:/b", "registry remove a", "registry pin a", "registry pin b path:/b"];

fn user_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("playground/config/nix/registry.json")
}

/// Everything that a write would change.
fn state(file: &Path) -> (Vec<u8>, SystemTime, PathBuf, usize) {
    let target = std::fs::read_link(file).unwrap_or_default();
    let modified = file.symlink_metadata().unwrap().modified().unwrap();
    let beside = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
    (std::fs::read(file).unwrap(), modified, target, beside)
}

fn backups(sandbox: &Sandbox) -> usize {
    std::fs::read_dir(sandbox.path("playground/state/registry-backups")).map_or(0, Iterator::count)
}

/// A playground whose user has this registry.
fn with_registry(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    std::fs::write(user_file(&sandbox), text).unwrap();
    sandbox
}

#[track_caller]
fn says(ran: &Ran, sandbox: &Sandbox, words: &str) {
    let file = user_file(sandbox).canonicalize().unwrap();
    let (shown, real) = (user_file(sandbox), file);
    let names = ran.err.contains(shown.to_str().unwrap()) || ran.err.contains(real.to_str().unwrap());
    assert!(names && ran.err.contains(words), "{words}: {}", ran.err);
}

/// The interface opens and shows the registries.
#[track_caller]
fn interface_opens(sandbox: &Sandbox) {
    let ran = sandbox.firn("--keys 2 --frame 120x36").expect(0);
    assert!(ran.out.contains("Registry"), "{}", ran.out);
}

/// No change is made, whatever it is; the rest of the registries still counts.
fn is_left_alone(title: &str, text: &str, words: &str) {
    let sandbox = with_registry(text);
    let before = state(&user_file(&sandbox));
    for line in EDITS {
        says(&sandbox.firn(line).expect(1), &sandbox, words);
    }
    says(&sandbox.firn("registry list").expect(0), &sandbox, words);
    let ran = sandbox.firn("registry resolve agenix/x").expect(0);
    assert_eq!(ran.out, "github:ryantm/agenix/x\n");
    says(&ran, &sandbox, words);
    interface_opens(&sandbox);
    assert!(state(&user_file(&sandbox)) == before, "{title}");
    assert_eq!(backups(&sandbox), 0, "{title}");
}

#[test]
fn a_registry_with_a_trailing_comma_is_left_alone() {
    let text = format!("{{\n  \"version\": 2,\n  \"flakes\": [\n    {GOOD},\n  ]\n}}\n");
    is_left_alone("trailing comma", &text, "line 5, column 3: it is not JSON: trailing comma");
}

#[test]
fn a_registry_of_another_version_is_left_alone() {
    let text = format!("{{\n\"flakes\":[{GOOD}],\n\"version\":3}}");
    is_left_alone("version", &text, "line 3: it is of version 3; only version 2 is known");
}

#[test]
fn a_registry_of_fifty_megabytes_is_left_alone() {
    let text = format!("{{\"version\":2,\"flakes\":[{GOOD}]}}{}", " ".repeat(50_000_000));
    is_left_alone("50 MB", &text, "it has more than 32 MiB");
}

#[test]
fn a_registry_with_an_unknown_type_is_left_alone() {
    let bad = GOOD.replace("\"path\",", "\"cvs\",").replace("\"a\"", "\"b\"");
    let text = format!("{{\"version\":2,\"flakes\":[\n{GOOD},\n{bad},\n{GOOD}]}}");
    let words = "line 3: entry 2: '{\"path\":\"/a\",\"type\":\"cvs\"}' is not a flake reference: its attribute \
                 'type' is not one that firn knows";
    is_left_alone("type", &text, words);
}

/// After the first bad entry Nix forgets the others.
#[test]
fn entries_after_a_bad_one_are_not_lost() {
    for bad in
        ["1", "{}", r#"{"from":{"type":"indirect","id":"b","dir":"d"},"to":{"type":"path","path":"/b"}}"#]
    {
        let text = format!("{{\"version\":2,\"flakes\":[\n{bad},\n{GOOD}]}}");
        is_left_alone(bad, &text, "line 2: entry 1: ");
    }
}

/// Nothing is wrong with the file, and entries can be taken away to break the circle.
#[test]
fn a_cycle_names_its_entries_and_can_be_mended() {
    let entry = |from: &str, to: &str| {
        let name = |id: &str| format!(r#"{{"type":"indirect","id":"{id}"}}"#);
        format!(r#"{{"from":{},"to":{}}}"#, name(from), name(to))
    };
    let entries = [entry("in", "p"), entry("p", "q"), entry("q", "p")].join(",\n");
    let sandbox = with_registry(&format!("{{\"version\":2,\"flakes\":[\n{entries}]}}"));
    let before = state(&user_file(&sandbox));
    let ran = sandbox.firn("registry resolve in").expect(1);
    says(&ran, &sandbox, "the registries send 'flake:in' round in a circle");
    let file = user_file(&sandbox).display().to_string();
    let circle =
        |from: &str, to: &str, line: usize| format!("flake:{from} → flake:{to} ({file} line {line})");
    for hop in [circle("p", "q", 3), circle("q", "p", 4)] {
        assert!(ran.err.contains(&hop), "{hop}: {}", ran.err);
    }
    assert!(!ran.err.contains("flake:in → "), "{}", ran.err);
    let answer = &sandbox.firn("registry resolve in --json").expect(1).json()[0];
    assert_eq!(answer["hops"][0]["entry"]["line"], 2);
    assert!(answer["error"].as_str().unwrap().contains("round in a circle") && answer["result"].is_null());
    sandbox.firn("registry pin in").expect(1);
    sandbox.firn("registry list").expect(0);
    interface_opens(&sandbox);
    assert!(state(&user_file(&sandbox)) == before);
    sandbox.firn("registry remove q").expect(0);
    let ran = sandbox.firn("registry resolve in").expect(1);
    assert!(
        ran.err.contains("no registry knows 'flake:q'") && ran.err.contains(&circle("p", "q", 13)),
        "{}",
        ran.err
    );
}

#[test]
fn a_link_into_the_store_is_left_alone() {
    let sandbox = with_registry("");
    let store = sandbox.path("playground/store").canonicalize().unwrap();
    for (name, manager) in [("home-manager-files", "Home Manager"), ("registry.json", "another program")] {
        let target = store.join(format!("{}-{name}", "b".repeat(32)));
        std::fs::write(&target, format!("{{\"version\":2,\"flakes\":[{GOOD}]}}")).unwrap();
        std::fs::remove_file(user_file(&sandbox)).unwrap();
        std::os::unix::fs::symlink(&target, user_file(&sandbox)).unwrap();
        let before = state(&user_file(&sandbox));
        for line in EDITS {
            let ran = sandbox.firn(line).expect(1);
            says(&ran, &sandbox, &format!("is managed by {manager}: it is a link to {}", target.display()));
            assert!(ran.err.contains("hint: "), "{}", ran.err);
        }
        assert_eq!(sandbox.firn("registry resolve a").expect(0).out, "path:/a\n");
        sandbox.firn("registry list").expect(0);
        interface_opens(&sandbox);
        assert!(state(&user_file(&sandbox)) == before);
        assert_eq!(backups(&sandbox), 0);
    }
}

/// A user that nothing belongs to.
const NOBODY: u32 = 65534;

fn give_away(path: &Path) {
    lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.symlink_metadata().unwrap().is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

/// Runs as somebody whom permissions bind.
fn bound(sandbox: &Sandbox, line: &str) -> Ran {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("firn"));
    command.env_clear().current_dir(sandbox.path("")).env("HOME", sandbox.path("home")).env("TZ", "UTC");
    command.env("PATH", sandbox.path("bin")).arg("--demo=playground").args(line.split(' '));
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    run(assert_cmd::Command::from_std(command))
}

#[test]
fn a_registry_without_write_permission_is_left_alone() {
    let sandbox = with_registry(&format!("{{\"version\":2,\"flakes\":[{GOOD}]}}"));
    let file = user_file(&sandbox);
    let folder = file.parent().unwrap();
    if rustix::process::geteuid().is_root() {
        give_away(&sandbox.path(""));
        lchown(&file, Some(0), Some(0)).unwrap();
        lchown(folder, Some(0), Some(0)).unwrap();
    }
    for (file_mode, folder_mode) in [(0o444, 0o755), (0o444, 0o555), (0o644, 0o555)] {
        if file_mode == 0o644 && rustix::process::geteuid().is_root() {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
        } else {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(file_mode)).unwrap();
        }
        std::fs::set_permissions(folder, PermissionsExt::from_mode(folder_mode)).unwrap();
        let before = state(&file);
        for line in EDITS {
            let ran = bound(&sandbox, line).expect(1);
            assert!(ran.err.contains("Permission denied"), "{line}: {}", ran.err);
            assert!(ran.err.contains(folder.to_str().unwrap()), "{line}: {}", ran.err);
        }
        assert_eq!(bound(&sandbox, "registry resolve a").expect(0).out, "path:/a\n");
        bound(&sandbox, "registry list").expect(0);
        bound(&sandbox, "--keys 2 --frame 120x36").expect(0);
        assert!(state(&file) == before);
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
}
