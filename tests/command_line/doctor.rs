//! doctor: each thing that can be wrong, with what mends it.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::sandbox::{Ran, Sandbox, run};

/// The kinds of problems that a run found.
fn problems(ran: &Ran) -> Vec<String> {
    let list = ran.json();
    let found = list.as_array().unwrap().iter();
    found.map(|finding| finding["problem"].as_str().unwrap().to_owned()).collect()
}

/// What mends the first problem of a kind.
fn mend(ran: &Ran, problem: &str) -> String {
    let list = ran.json();
    let found = list.as_array().unwrap().iter().find(|finding| finding["problem"] == problem);
    found.unwrap_or_else(|| panic!("no {problem}: {}", ran.out))["mend"].as_str().unwrap().to_owned()
}

/// A profile with nothing wrong.
fn healthy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.firn("remove --all").expect(0);
    sandbox.firn("add nixpkgs#jq nixpkgs#fd").expect(0);
    sandbox
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    for profile in ["nowhere", "no/folder/either"] {
        let path = sandbox.path(profile).display().to_string();
        let ran = sandbox.words(&["doctor", "--profile", &path]).expect(1);
        assert!(ran.out.contains("there is no profile at"), "{}{}", ran.out, ran.err);
        let json = sandbox.words(&["doctor", "--json", "--profile", &path]).expect(1).json();
        assert_eq!(json[0]["problem"], "no-profile");
    }
}

#[test]
fn a_healthy_profile_has_no_findings() {
    let sandbox = healthy();
    let ran = sandbox.firn("doctor").expect(0);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("nothing is wrong"), "{}", ran.err);
    assert_eq!(sandbox.firn("doctor --json").expect(0).json(), json!([]));
}

#[test]
fn what_stands_beside_the_profile_is_told_with_a_command_that_mends_it() {
    let sandbox = healthy();
    let beside = |name: &str| sandbox.profile().with_file_name(name);
    std::fs::write(beside("profile.lock"), "d").unwrap();
    symlink("/nowhere", beside("profile-40-link.tmp-12-3")).unwrap();
    symlink("/nowhere", beside(".firn-profile")).unwrap();
    symlink("/nowhere/at all", beside("profile-41-link")).unwrap();
    let ran = sandbox.firn("doctor --json").expect(1);
    assert_eq!(problems(&ran), ["stale-lock", "leftover", "leftover", "dangling-generation"]);
    let text = sandbox.firn("doctor").expect(1);
    assert_eq!(text.lines().len(), 8, "{}", text.out);
    assert!(text.err.contains("4 problems"), "{}", text.err);
    for finding in ran.json().as_array().unwrap() {
        let command = finding["mend"].as_str().unwrap();
        let status = std::process::Command::new("/bin/sh").args(["-c", command]).status().unwrap();
        assert!(status.success(), "{command}");
    }
    sandbox.firn("doctor").expect(0);
}

#[test]
fn links_that_lead_nowhere_are_mended_by_a_rollback() {
    let sandbox = healthy();
    let live = sandbox.generation();
    for target in ["profile-99-link", "/nowhere"] {
        std::fs::remove_file(sandbox.profile()).unwrap();
        symlink(target, sandbox.profile()).unwrap();
        let ran = sandbox.firn("doctor --json").expect(1);
        assert_eq!(problems(&ran), ["link-chain"]);
        let command = mend(&ran, "link-chain");
        sandbox.firn(command.strip_prefix("firn --demo=playground ").unwrap()).expect(0);
        assert_eq!(sandbox.generation(), live);
    }
    std::fs::remove_file(sandbox.profile()).unwrap();
    symlink(sandbox.profile().with_file_name(&live), sandbox.profile()).unwrap();
    let ran = sandbox.firn("doctor --json").expect(1);
    assert!(ran.out.contains("absolute"), "{}", ran.out);
    sandbox.firn(mend(&ran, "link-chain").strip_prefix("firn --demo=playground ").unwrap()).expect(0);
    sandbox.firn("doctor").expect(0);
    std::fs::remove_file(sandbox.profile()).unwrap();
    assert_eq!(
        problems(&sandbox.firn("doctor --json").expect(1)),
        ["link-chain"],
        "its generations are there"
    );
}

#[test]
fn elements_that_are_doubled_hidden_or_gone_are_told() {
    let sandbox = healthy();
    sandbox.firn("add nixpkgs#jq --priority 7").expect(0);
    let ran = sandbox.firn("doctor --json").expect(1);
    assert_eq!(problems(&ran), ["twice"]);
    assert_eq!(mend(&ran, "twice"), "firn --demo=playground remove jq-1");
    sandbox.firn("remove jq-1").expect(0);
    let path = sandbox.firn("list --json").json()["elements"]["fd"]["storePaths"][0].clone();
    let gone = json!({"active": true, "priority": 5, "storePaths": [format!("{}x", path.as_str().unwrap())]});
    let elements = json!({"elements": {"gone": gone}, "version": 3});
    sandbox.profile_of("other", &elements);
    let ran = sandbox.firn("--profile other doctor --json").expect(1);
    assert_eq!(problems(&ran), ["missing-path"]);
    assert!(mend(&ran, "missing-path").contains("remove gone"), "{}", ran.out);
}

#[test]
fn a_wholly_hidden_element_can_be_made_to_win() {
    let sandbox = Sandbox::new();
    sandbox.firn("remove --all").expect(0);
    sandbox.firn("add nixpkgs#fltk --priority 3").expect(0);
    sandbox.firn("add nixpkgs#fltk --priority 9").expect(0);
    let ran = sandbox.firn("doctor --json").expect(1);
    assert_eq!(problems(&ran), ["twice"], "the same files seen through one of them");
    let store = std::fs::canonicalize(sandbox.path("playground/store")).unwrap();
    let element = |name: &str, priority: i32| {
        let path = store.join(format!("{}-{name}", name.repeat(32)));
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::write(path.join("bin/tool"), name).unwrap();
        json!({"active": true, "priority": priority, "storePaths": [path]})
    };
    let elements = json!({"elements": {"b": element("b", 2), "c": element("c", 5)}, "version": 3});
    sandbox.profile_of("hidden", &elements);
    let ran = sandbox.firn("--profile hidden doctor --json").expect(1);
    assert_eq!(problems(&ran), ["wholly-hidden"]);
    assert!(mend(&ran, "wholly-hidden").contains("--profile hidden priority c 1, or firn "), "{}", ran.out);
    let tied = json!({"elements": {"b": element("b", 2), "c": element("c", 2)}, "version": 3});
    std::fs::write(sandbox.path("hidden/manifest.json"), tied.to_string()).unwrap();
    assert_eq!(problems(&sandbox.firn("--profile hidden doctor --json").expect(1)), ["collisions"]);
    std::fs::write(sandbox.path("hidden/manifest.nix"), "[ ]").unwrap();
    std::fs::write(sandbox.path("hidden/manifest.json"), r#"{"elements":{},"version":3}"#).unwrap();
    let both = || sandbox.firn("--profile hidden doctor --json").expect(1);
    assert_eq!(problems(&both()), ["both-manifests"]);
    assert!(both().out.contains("which has all that the second names"), "{}", both().out);
    let path = store.join(format!("{}-old-1.0", "d".repeat(32))).display().to_string();
    let old = r#"[ { meta = { }; name = "old-1.0"; out = { outPath = "PATH"; }; outPath = "PATH";
        outputs = [ "out" ]; system = "unknown"; type = "derivation"; } ]"#
        .replace("PATH", &path);
    std::fs::write(sandbox.path("hidden/manifest.nix"), old).unwrap();
    assert!(both().out.contains("1 package is of nix-env"), "{}", both().out);
    assert!(
        mend(&both(), "both-manifests").ends_with(&format!("--profile hidden add {path}")),
        "{}",
        both().out
    );
    std::fs::write(sandbox.path("hidden/manifest.nix"), "[ {").unwrap();
    assert!(mend(&both(), "both-manifests").contains("cat "), "{}", both().out);
    std::fs::write(sandbox.path("hidden/manifest.json"), "{").unwrap();
    let ran = sandbox.firn("--profile hidden doctor --json").expect(1);
    assert_eq!(problems(&ran), ["unreadable"]);
    assert!(ran.out.contains("manifest.json"), "{}", ran.out);
    assert!(mend(&ran, "unreadable").contains("--profile hidden rollback"), "{}", ran.out);
}

#[test]
fn two_versions_of_one_package_are_told_and_a_package_under_two_attributes_is_not() {
    let sandbox = healthy();
    let store = std::fs::canonicalize(sandbox.path("playground/store")).unwrap();
    let element = |letter: &str, version: &str| {
        let path = store.join(format!("{}-tool-{version}", letter.repeat(32)));
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::write(path.join(format!("bin/tool-{version}")), version).unwrap();
        json!({"active": true, "priority": 5, "storePaths": [path]})
    };
    let elements =
        json!({"elements": {"tool": element("b", "1.9"), "tool-1": element("c", "1.10")}, "version": 3});
    sandbox.profile_of("twice", &elements);
    let ran = sandbox.firn("--profile twice doctor --json").expect(1);
    assert_eq!(problems(&ran), ["two-versions"]);
    assert!(mend(&ran, "two-versions").ends_with("--profile twice remove tool"), "{}", ran.out);
    assert!(ran.out.contains("'tool' (1.9) and 'tool-1' (1.10)"), "{}", ran.out);
}

#[test]
fn damaged_lines_of_the_journal_can_be_dropped() {
    let sandbox = healthy();
    let journal = sandbox.path("playground/state/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, format!("{{\n{text}nonsense\n")).unwrap();
    let ran = sandbox.firn("doctor --json").expect(1);
    assert_eq!(problems(&ran), ["journal"]);
    let command = mend(&ran, "journal");
    assert!(std::process::Command::new("/bin/sh").args(["-c", &command]).status().unwrap().success());
    sandbox.firn("doctor").expect(0);
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), text);
}

#[test]
fn nix_path_and_the_links_from_home_are_looked_at() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    let profiles = home.join(".local/state/nix/profiles");
    std::fs::create_dir_all(&profiles).unwrap();
    std::fs::create_dir(sandbox.path("empty-profile")).unwrap();
    let doctor = |path: &str| {
        let mut command = sandbox.command();
        command.env("PATH", path).env("NIX_STORE_DIR", sandbox.path("store"));
        command.env("NIX_STATE_DIR", sandbox.path("var")).args(["doctor", "--json"]);
        run(command)
    };
    let ran = doctor("/nowhere").expect(1);
    assert_eq!(problems(&ran), ["nix", "not-on-path"]);
    assert!(mend(&ran, "not-on-path").starts_with("export PATH="), "{}", ran.out);
    let on_path = home.join(".nix-profile/bin");
    assert_eq!(problems(&doctor(on_path.to_str().unwrap()).expect(1)), ["nix"]);
    // Two links, two profiles.
    symlink(sandbox.path("one"), home.join(".nix-profile")).unwrap();
    symlink(sandbox.path("two"), home.join(".local/state/nix/profile")).unwrap();
    let ran = doctor(on_path.to_str().unwrap()).expect(1);
    assert_eq!(problems(&ran), ["nix", "two-profiles"]);
    assert!(mend(&ran, "two-profiles").starts_with("ln -sfn "), "{}", ran.out);
    let kinds: Vec<Value> = ran.json().as_array().unwrap().clone();
    assert!(kinds.iter().all(|finding| finding["message"].is_string() && finding["mend"].is_string()));
}

#[test]
fn a_damaged_registry_is_found() {
    let sandbox = healthy();
    let registry = sandbox.path("playground/config/nix/registry.json");
    let text = std::fs::read_to_string(&registry).unwrap();
    std::fs::write(&registry, text.replacen("\"version\"", ",\"version\"", 1)).unwrap();
    let ran = sandbox.firn("doctor --json").expect(1);
    assert_eq!(problems(&ran), ["registry"]);
    assert!(ran.out.contains("registry.json"), "{}", ran.out);
}
