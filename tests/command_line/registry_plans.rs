//! `firn apply` with edits of the user's registry.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::sandbox::{Ran, Sandbox};

fn user_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("playground/config/nix/registry.json")
}

fn text(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(user_file(sandbox)).unwrap()
}

fn apply(sandbox: &Sandbox, changes: &Value, words: &str) -> Ran {
    let file = json!({ "version": 1, "changes": changes }).to_string();
    let words: Vec<&str> = ["apply", "-"].into_iter().chain(words.split_whitespace()).collect();
    sandbox.fed(&words, &file)
}

fn generations(sandbox: &Sandbox) -> usize {
    sandbox.firn("history").expect(0).lines().len()
}

fn manifest(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&std::fs::read(sandbox.profile().join("manifest.json")).unwrap()).unwrap()
}

fn stable() -> Value {
    json!({ "change": "registry-add", "from": "nixpkgs", "to": "github:NixOS/nixpkgs/nixos-25.05" })
}

#[test]
fn edits_alone_make_no_generation() {
    let (sandbox, verbs) = (Sandbox::new(), Sandbox::new());
    let before = generations(&sandbox);
    let old = text(&sandbox);
    let changes = json!([
        stable(),
        { "change": "registry-pin", "from": "mytool" },
        { "change": "registry-add", "from": "x", "to": "path:/x" },
        { "change": "registry-remove", "from": "x" },
    ]);
    let plan = apply(&sandbox, &changes, "--dry-run --json").expect(0).json();
    assert_eq!(plan["result"], plan["base"]);
    assert_eq!(plan["changes"], changes);
    assert_eq!(plan["elements"]["before"], plan["elements"]["after"]);
    assert_eq!(plan["registry"]["file"], user_file(&sandbox).canonicalize().unwrap().to_str().unwrap());
    let told = apply(&sandbox, &changes, "--dry-run").expect(0);
    assert!(told.out.starts_with("registry, which no rollback brings back: "), "{}", told.out);
    assert!(told.lines()[1].starts_with("+ nixpkgs: github:NixOS/nixpkgs/nixos-unstable (user) → "));
    assert_eq!(text(&sandbox), old, "a dry run writes nothing");
    let done = apply(&sandbox, &changes, "").expect(0);
    assert!(done.err.contains("the old file is kept as "), "{}", done.err);
    assert_eq!(generations(&sandbox), before);
    verbs.firn("registry add nixpkgs github:NixOS/nixpkgs/nixos-25.05").expect(0);
    verbs.firn("registry pin mytool").expect(0);
    assert_eq!(text(&sandbox), text(&verbs));
    let written: Value = serde_json::from_str(&text(&sandbox)).unwrap();
    assert_eq!(written, plan["registry"]["after"]);
    let again = apply(&sandbox, &json!([stable()]), "").expect(0);
    assert!(again.err.contains("+ nixpkgs"), "adding moves the entry to the end, as in Nix: {}", again.err);
    let again = apply(&sandbox, &json!([stable()]), "").expect(0);
    assert!(again.err.contains("nothing to do"), "{}", again.err);
}

#[test]
fn additions_resolve_as_if_the_registry_had_been_edited_first() {
    let (sandbox, verbs) = (Sandbox::new(), Sandbox::new());
    let changes = json!([
        { "change": "remove", "element": "ripgrep" },
        { "change": "add", "installable": "nixpkgs#ripgrep" },
        stable(),
    ]);
    apply(&sandbox, &changes, "").expect(0);
    verbs.firn("registry add nixpkgs github:NixOS/nixpkgs/nixos-25.05").expect(0);
    verbs.firn("remove ripgrep").expect(0);
    verbs.firn("add nixpkgs#ripgrep").expect(0);
    let element = |sandbox: &Sandbox| {
        let mut element = manifest(sandbox)["elements"]["ripgrep"].take();
        // The two playgrounds have stores of their own.
        element["storePaths"] = Value::Null;
        element
    };
    assert_eq!(element(&sandbox), element(&verbs));
    assert_eq!(element(&sandbox)["originalUrl"], "flake:nixpkgs");
    assert!(sandbox.firn("list").expect(0).out.contains("ripgrep     14.1.0"));
    assert_eq!(text(&sandbox), text(&verbs));
}

#[test]
fn a_dry_run_names_the_entries_that_decide() {
    let sandbox = Sandbox::new();
    let told =
        sandbox.firn("add nixpkgs#fltk nixpkgs#tree github:ada/mytool --priority 6 --dry-run").expect(0);
    let names: Vec<&str> = told.out.lines().filter(|line| line.starts_with("names ")).collect();
    assert_eq!(names, ["names   nixpkgs → github:NixOS/nixpkgs/nixos-unstable (user registry)"]);
    let changes = json!([stable(), { "change": "add", "installable": "nixpkgs#tree", "priority": 6 }]);
    let told = apply(&sandbox, &changes, "--dry-run").expect(0);
    assert!(told.out.contains("names   nixpkgs → github:NixOS/nixpkgs/nixos-25.05 (user registry)"));
}

#[test]
fn a_pin_holds_for_the_additions_of_its_plan() {
    let sandbox = Sandbox::new();
    let changes = json!([
        { "change": "registry-pin", "from": "nixpkgs", "to": "github:NixOS/nixpkgs/nixos-25.05" },
        { "change": "remove", "element": "ripgrep" },
        { "change": "add", "installable": "nixpkgs#ripgrep" },
    ]);
    let done = apply(&sandbox, &changes, "").expect(0);
    assert!(done.err.contains("* nixpkgs: ") && done.err.contains("is live"), "{}", done.err);
    let url = manifest(&sandbox)["elements"]["ripgrep"]["url"].clone();
    let to = serde_json::from_str::<Value>(&text(&sandbox)).unwrap()["flakes"][2]["to"].clone();
    assert!(url.as_str().unwrap().contains(to["rev"].as_str().unwrap()), "{url} {to}");
}

#[test]
fn what_is_wrong_is_said_and_nothing_done() {
    let sandbox = Sandbox::new();
    let (before, old) = (generations(&sandbox), text(&sandbox));
    let remove = json!({ "change": "remove", "element": "bat" });
    let bad = apply(&sandbox, &json!([remove, { "change": "registry-add", "from": "a", "to": "./b" }]), "");
    let bad = bad.expect(1).err;
    assert!(bad.contains("standard input") && bad.contains("change 2 (registry-add), 'to': './b'"), "{bad}");
    for (change, words) in [
        (json!({ "change": "registry-remove", "from": "nosuch" }), "there is no entry for 'flake:nosuch'"),
        (json!({ "change": "registry-pin", "from": "nosuch" }), "no registry knows 'flake:nosuch'"),
        (json!({ "change": "registry-pin", "from": "agenix" }), "no network"),
    ] {
        let ran = apply(&sandbox, &json!([remove, change]), "").expect(1);
        assert!(
            ran.err.contains("cannot change the registry for '") && ran.err.contains(words),
            "{}",
            ran.err
        );
    }
    std::fs::write(user_file(&sandbox), "{ \"version\": 2, \"flakes\": [], }").unwrap();
    let ran = apply(&sandbox, &json!([remove, stable()]), "").expect(1);
    assert!(ran.err.contains("line 1, column ") && ran.err.contains("registry.json"), "{}", ran.err);
    apply(&sandbox, &json!([stable()]), "--dry-run").expect(1);
    std::fs::write(user_file(&sandbox), &old).unwrap();
    assert_eq!((generations(&sandbox), text(&sandbox)), (before, old));
    let ran = sandbox
        .fed(&["--read-only", "apply", "-"], &json!({ "version": 1, "changes": [stable()] }).to_string());
    assert!(ran.expect(1).err.contains("read-only"));
}

/// A link into the store belongs to whoever made it.
#[test]
fn a_registry_that_another_program_makes_is_not_written() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let made = sandbox.path("playground/store/00000000000000000000000000000000-home-manager-files");
    std::fs::rename(user_file(&sandbox), &made).unwrap();
    std::os::unix::fs::symlink(&made, user_file(&sandbox)).unwrap();
    let ran = apply(&sandbox, &json!([stable()]), "").expect(1);
    assert!(ran.err.contains("is managed by Home Manager"), "{}", ran.err);
}
