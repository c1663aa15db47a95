//! registry list, add, remove, pin, resolve.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::sandbox::{Ran, Sandbox};

fn user_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("playground/config/nix/registry.json")
}

/// Writes a file of the sandbox and gives its name again.
fn write(sandbox: &Sandbox, name: &str, text: &str) -> String {
    std::fs::create_dir_all(sandbox.path(name).parent().unwrap()).unwrap();
    std::fs::write(sandbox.path(name), text).unwrap();
    name.to_owned()
}

fn ids(registry: &Value) -> Vec<&str> {
    let flakes = registry["flakes"].as_array().map(Vec::as_slice).unwrap_or_default();
    flakes.iter().filter_map(|entry| entry["from"]["id"].as_str()).collect()
}

fn edit(sandbox: &Sandbox, file: &str, words: &str) -> Ran {
    sandbox.firn(&format!("registry --registry {file} {words}"))
}

#[test]
fn the_list_begins_as_nix_s_does_and_says_who_wins() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("registry list").expect(0);
    let words: Vec<Vec<&str>> = ran.lines().iter().map(|line| line.split_whitespace().collect()).collect();
    let of =
        |layer: &str| words.iter().find(|words| words[0] == layer && words[1] == "flake:nixpkgs").unwrap();
    assert_eq!(of("user")[3..], ["wins"]);
    assert_eq!(of("global")[3..], ["shadowed", "by", "user"]);
    let listed = sandbox.firn("registry list --json").expect(0).json();
    let entries = listed["entries"].as_array().unwrap();
    assert_eq!(entries.len(), words.len());
    let global =
        entries.iter().find(|entry| entry["layer"] == "global" && entry["from"]["url"] == "flake:nixpkgs");
    assert_eq!(global.unwrap()["standing"], "shadowed");
    assert_eq!(global.unwrap()["by"]["layer"], "user");
    assert_eq!(listed["files"].as_array().unwrap().len(), 3);
}

#[test]
fn resolve_prints_a_line_each_and_every_hop_as_json() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("registry resolve nixpkgs nixpkgs/some-branch path:/x").expect(0);
    assert_eq!(ran.lines().len(), 3);
    assert_eq!(ran.lines()[1], "github:NixOS/nixpkgs/some-branch");
    assert_eq!(ran.lines()[2], "path:/x");
    sandbox.firn("registry add hop nixpkgs/x").expect(0);
    let ran = sandbox.firn("registry resolve hop unknown --json").expect(1);
    let answers = ran.json();
    let chain: Vec<&str> =
        answers[0]["hops"].as_array().unwrap().iter().map(|hop| hop["after"].as_str().unwrap()).collect();
    assert_eq!(chain, ["flake:nixpkgs/x", "github:NixOS/nixpkgs/x"]);
    assert_eq!(answers[0]["hops"][0]["entry"]["layer"], "user");
    assert_eq!(answers[0]["hops"][0]["entry"]["file"], user_file(&sandbox).to_str().unwrap());
    assert!(answers[1]["result"].is_null());
    assert!(ran.err.contains("no registry knows 'flake:unknown'"), "{}", ran.err);
}

#[test]
fn an_exact_entry_and_a_loose_one_are_told_apart() {
    let sandbox = Sandbox::new();
    let entry = |to: &str, exact: bool| json!({ "from": { "type": "indirect", "id": "two" }, "to": { "type": "github", "owner": "o", "repo": to }, "exact": exact });
    let text = json!({ "version": 2, "flakes": [entry("exact", true), entry("loose", false)] }).to_string();
    sandbox.firn("list").expect(0);
    write(&sandbox, "playground/cache/nix/flake-registry.json", &text);
    let ran = sandbox.firn("registry resolve two two/some-branch").expect(0);
    assert_eq!(ran.lines(), ["github:o/exact", "github:o/loose/some-branch"]);
    let listed = sandbox.firn("registry list").expect(0).out;
    let ends = |end: &str| listed.lines().any(|line| line.contains(" flake:two ") && line.ends_with(end));
    assert!(ends(" wins, exact") && ends(" wins with a branch or commit"), "{listed}");
}

#[test]
fn an_edit_keeps_the_old_file_and_can_be_tried_first() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = std::fs::read_to_string(user_file(&sandbox)).unwrap();
    let ran = sandbox.firn("registry add mine path:/mine?dir=d --dry-run").expect(0);
    assert!(ran.out.starts_with("would set flake:mine → path:/mine?dir=d in "), "{}", ran.out);
    assert_eq!(std::fs::read_to_string(user_file(&sandbox)).unwrap(), before);
    let told = sandbox.firn("registry add mine path:/mine?dir=d --json").expect(0).json();
    assert!(!ids(&told["before"]).contains(&"mine") && ids(&told["after"]).contains(&"mine"));
    let after: Value = serde_json::from_slice(&std::fs::read(user_file(&sandbox)).unwrap()).unwrap();
    assert_eq!(after, told["after"]);
    let backups: Vec<PathBuf> = std::fs::read_dir(sandbox.path("playground/state/registry-backups"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(backups.len(), 1);
    assert_eq!(std::fs::read_to_string(&backups[0]).unwrap(), before);
    sandbox.firn("registry remove mine").expect(0);
    let ran = sandbox.firn("registry remove mine").expect(1);
    assert!(
        ran.err.contains("there is no entry for 'flake:mine'") && ran.err.contains("hint: "),
        "{}",
        ran.err
    );
    let ran = sandbox.firn("--read-only registry add mine path:/x").expect(1);
    assert!(ran.err.contains("read-only"), "{}", ran.err);
}

/// Nix drops the other entries of a relative path with a slash.
#[test]
fn a_relative_registry_is_relative_to_the_folder_and_keeps_its_entries() {
    let sandbox = Sandbox::new();
    edit(&sandbox, "sub/r.json", "add a path:/a").expect(0);
    edit(&sandbox, "sub/r.json", "add b path:/b").expect(0);
    let text = std::fs::read_to_string(sandbox.path("sub/r.json")).unwrap();
    assert_eq!(ids(&serde_json::from_str(&text).unwrap()), ["a", "b"]);
    edit(&sandbox, "sub/r.json", "remove a").expect(0);
    edit(&sandbox, "sub/r.json", "remove b").expect(0);
    let text = std::fs::read_to_string(sandbox.path("sub/r.json")).unwrap();
    assert_eq!(text, "{\n  \"flakes\": null,\n  \"version\": 2\n}");
}

/// Nix would write what it could read and lose the rest.
#[test]
fn a_file_that_cannot_be_read_whole_is_not_written() {
    let sandbox = Sandbox::new();
    let good = r#"{"from":{"type":"indirect","id":"a"},"to":{"type":"path","path":"/a"}}"#;
    let huge = " ".repeat((32 << 20) + 1);
    for (text, words) in [
        (
            format!("{{\"version\":2,\n\"flakes\":[{good},]}}"),
            "line 2, column 82: it is not JSON: trailing comma",
        ),
        (r#"{"version":1,"flakes":[]}"#.to_owned(), "line 1: it is of version 1; only version 2 is known"),
        (
            format!("{{\"version\":2,\"flakes\":[\n{good},\n{}]}}", good.replace("path", "cvs")),
            "line 3: entry 2: ",
        ),
        (huge, "it has more than 32 MiB"),
    ] {
        let file = write(&sandbox, "r.json", &text);
        for verb in ["add b path:/b", "remove a"] {
            let ran = edit(&sandbox, &file, verb).expect(1);
            assert!(ran.err.contains("r.json: ") && ran.err.contains(words), "{}", ran.err);
            assert!(std::fs::read_to_string(sandbox.path(&file)).unwrap() == text);
        }
    }
}

#[test]
fn a_link_into_the_store_says_who_manages_it() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let store = std::fs::canonicalize(sandbox.path("playground/store")).unwrap();
    let target = store.join(format!("{}-home-manager-files", "a".repeat(32)));
    std::fs::write(&target, r#"{"version":2,"flakes":[]}"#).unwrap();
    std::os::unix::fs::symlink(&target, sandbox.path("r.json")).unwrap();
    let ran = edit(&sandbox, "r.json", "add a path:/a").expect(1);
    assert!(ran.err.contains("is managed by Home Manager") && ran.err.contains("hint: "), "{}", ran.err);
    assert!(sandbox.path("r.json").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn a_damaged_registry_is_warned_about_and_the_rest_counts() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    std::fs::write(user_file(&sandbox), "{").unwrap();
    let ran = sandbox.firn("registry resolve agenix/x").expect(0);
    assert_eq!(ran.out, "github:ryantm/agenix/x\n");
    assert!(ran.err.contains("warning: ") && ran.err.contains("line 1, column 1"), "{}", ran.err);
}

#[test]
fn a_cycle_is_told() {
    let sandbox = Sandbox::new();
    sandbox.firn("registry add p q").expect(0);
    sandbox.firn("registry add q p").expect(0);
    let ran = sandbox.firn("registry resolve p").expect(1);
    assert!(ran.err.contains("round in a circle"), "{}", ran.err);
}

#[test]
fn wrong_words_are_wrong_usage() {
    let sandbox = Sandbox::new();
    for line in
        ["registry", "registry add a", "registry remove", "registry list a", "registry pin", "registry x"]
    {
        sandbox.firn(line).expect(2);
    }
    let ran = sandbox.firn("registry add ./x path:/y").expect(1);
    assert!(ran.err.contains("a folder is written with its whole path"), "{}", ran.err);
}

#[test]
fn a_file_that_is_named_is_listed_alone() {
    let sandbox = Sandbox::new();
    edit(&sandbox, "r.json", "add mine path:/mine").expect(0);
    let ran = edit(&sandbox, "r.json", "list").expect(0);
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    assert_eq!(words, ["user", "flake:mine", "path:/mine", "wins"]);
    let listed = edit(&sandbox, "r.json", "list --json").expect(0).json();
    assert_eq!(listed["files"].as_array().unwrap().len(), 1);
    let ran = edit(&sandbox, "nowhere.json", "list").expect(1);
    assert!(ran.err.contains("nowhere.json: there is no such file"), "{}", ran.err);
    write(&sandbox, "bad.json", r#"{"version":2,"flakes":[7]}"#);
    let ran = edit(&sandbox, "bad.json", "list").expect(0);
    assert!(ran.err.contains("warning: "), "{}", ran.err);
    let ran = edit(&sandbox, "r.json", "resolve mine").expect(2);
    assert!(ran.err.contains("--registry is for list, add, remove and pin"), "{}", ran.err);
}

/// What is written is what Nix writes; that it has no say is told, with what mends it.
#[test]
fn an_exact_entry_that_loses_its_say_is_warned_about() {
    let sandbox = Sandbox::new();
    let exact = json!({ "from": { "type": "indirect", "id": "two", "ref": "stable" }, "exact": true,
        "to": { "type": "github", "owner": "o", "repo": "exact" } });
    let loose = json!({ "from": { "type": "indirect", "id": "two" },
        "to": { "type": "github", "owner": "o", "repo": "loose" } });
    sandbox.firn("list").expect(0);
    write(
        &sandbox,
        "playground/config/nix/registry.json",
        &json!({ "version": 2, "flakes": [exact, loose] }).to_string(),
    );
    let ran = sandbox.firn("registry add two/stable github:o/new").expect(0);
    let words = "what is written for two/stable has no say: the user registry's entry two before it decides, \
                 two/stable means github:o/loose/stable; '";
    assert!(ran.err.contains(words), "{}", ran.err);
    assert!(ran.err.contains(" registry add two github:o/loose' puts that one behind it"), "{}", ran.err);
    let ran = sandbox.firn("registry add two github:o/loose").expect(0);
    assert!(!ran.err.contains("has no say"), "{}", ran.err);
    assert_eq!(sandbox.firn("registry resolve two/stable").expect(0).lines(), ["github:o/new"]);
}

/// As in Nix, the entry that a pin replaced does not come back by itself.
#[test]
fn removing_a_pin_tells_what_it_had_replaced() {
    let sandbox = Sandbox::new();
    let pinned = format!("github:o/r/{}", "a".repeat(40));
    sandbox.firn("registry add mine github:o/r/main").expect(0);
    sandbox.firn(&format!("registry add mine {pinned}")).expect(0);
    let ran = sandbox.firn("registry remove mine").expect(0);
    assert!(ran.err.contains("mine now leads nowhere"), "{}", ran.err);
    assert!(ran.err.contains(" registry add mine github:o/r/main' brings that back"), "{}", ran.err);
    sandbox.firn("registry add nixpkgs path:/mine").expect(0);
    let ran = sandbox.firn("registry remove nixpkgs").expect(0);
    assert!(ran.err.contains("nixpkgs now means github:NixOS/nixpkgs"), "{}", ran.err);
    assert!(!ran.err.contains("brings that back"), "{}", ran.err);
}
