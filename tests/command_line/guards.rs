//! What firn does not do: anything that changes under `--read-only`, taking away what other
//! things rest on, deleting the way out of a damaged profile.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::sandbox::{Sandbox, elements};

/// Everything below a folder: the text of files, the target of links.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            let what = if kind.is_symlink() {
                std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else if kind.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                std::fs::read(&path).unwrap()
            };
            found.insert(path.display().to_string(), what);
        }
    }
    found
}

#[test]
fn read_only_refuses_every_change_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let changes = r#"{"version":1,"changes":[{"change":"remove","element":"bat"}]}"#;
    std::fs::write(sandbox.path("plan.json"), changes).unwrap();
    let before = contents(&sandbox.path("."));
    for line in [
        "add nixpkgs#fd",
        "install nixpkgs#fd",
        "add nixpkgs#hello",
        "remove hello",
        "remove nothing",
        "remove --all --force",
        "priority jj 3",
        "enable podman",
        "disable hello",
        "apply plan.json",
        "apply missing.json",
        "rollback",
        "rollback --to 3",
        "wipe-history",
        "wipe-history --force",
        "wipe-history --older-than 9999d",
        "undo",
        "delete-generations 1",
        "delete-generations 99",
        "delete-generations old --force",
        "registry add mine path:/x",
        "registry remove mine",
        "registry pin nixpkgs",
    ] {
        for line in [format!("--read-only {line}"), format!("{line} --read-only")] {
            let ran = sandbox.firn(&line).expect(1);
            assert!(ran.err.contains("read-only") && ran.err.contains("hint: "), "{line}: {}", ran.err);
            assert_eq!(ran.out, "", "{line}");
        }
    }
    assert!(contents(&sandbox.path(".")) == before, "something was written");
    // What is tried may have to be fetched into the store; the profile stays.
    for line in [
        "remove hello --dry-run",
        "rollback --dry-run",
        "wipe-history --dry-run",
        "undo --dry-run",
        "delete-generations +1 --dry-run",
        "diff 1 2",
        "diff-closures",
        "add nixpkgs#fd --dry-run",
        "registry add mine path:/x --dry-run",
        "history",
    ] {
        sandbox.firn(&format!("--read-only {line}")).expect(0);
    }
    assert_eq!(sandbox.generation(), "profile-8-link");
}

#[test]
fn read_only_refuses_every_changing_key_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = contents(&sandbox.path("playground/profiles"));
    for keys in ["d w y", "t w y", "p 9 <enter> w y", "r", "-", "3 j r", "i nixpkgs#fd <enter> w y"] {
        let frame = sandbox.words(&["--read-only", "--keys", keys, "--frame", "120x36"]).expect(0).out;
        let told = frame.contains("Read-only") || frame.contains("firn has not switched");
        assert!(told && frame.contains("read-only"), "{keys}\n{frame}");
        assert_eq!(contents(&sandbox.path("playground/profiles")), before, "{keys}");
    }
}

/// A profile outside of the playground's folder with certificates in it.
fn with_certificates() -> Sandbox {
    let sandbox = Sandbox::new();
    let path = sandbox.firn("list --json").json()["elements"]["hello"]["storePaths"][0].clone();
    let store = Path::new(path.as_str().unwrap()).parent().unwrap().to_owned();
    let package = store.join(format!("{}-nss-cacert-3.1", "c".repeat(32)));
    std::fs::create_dir_all(package.join("etc/ssl/certs")).unwrap();
    std::fs::write(package.join("etc/ssl/certs/ca-bundle.crt"), "trust").unwrap();
    let element = |path: &Value| json!({"active": true, "priority": 5, "storePaths": [path]});
    let certs = element(&json!(package.to_str().unwrap()));
    let manifest = json!({"version": 3, "elements": {"certs": certs, "hello": element(&path)}});
    sandbox.profile_of("own", &manifest);
    sandbox
}

#[test]
fn certificates_are_taken_away_only_by_force() {
    let sandbox = with_certificates();
    let own = |line: &str| sandbox.firn(&format!("--profile own {line}"));
    for (line, deed) in [("remove certs", "removing"), ("disable certs", "switching off")] {
        let ran = own(line).expect(1);
        let words = format!("{deed} 'certs' takes away the certificates");
        assert!(ran.err.contains(&words) && ran.err.contains("--force"), "{line}: {}", ran.err);
        let ran = own(&format!("{line} --dry-run")).expect(0);
        assert!(ran.err.contains("needs --force"), "{line}: {}", ran.err);
    }
    assert!(!own("remove hello --dry-run").expect(0).err.contains("--force"));
    own("remove certs --force").expect(0);
    assert_eq!(elements(&own("list --json").json()), ["hello"]);
}

#[test]
fn a_file_of_changes_takes_certificates_away_only_by_force() {
    let sandbox = with_certificates();
    let own = |line: &str| sandbox.firn(&format!("--profile own {line}"));
    let file = |name: &str, changes: Value| {
        let text = json!({ "version": 1, "changes": changes }).to_string();
        std::fs::write(sandbox.path(name), text).unwrap();
    };
    let link = || std::fs::read_link(sandbox.path("own")).unwrap();
    let before = link();
    for (name, change, deed) in [
        ("remove", json!({ "change": "remove", "element": "certs" }), "removing"),
        ("off", json!({ "change": "active", "element": "certs", "to": false }), "switching off"),
    ] {
        let name = format!("{name}.json");
        // The other change of the file waits with it: one plan, one generation.
        file(&name, json!([{ "change": "priority", "element": "hello", "to": 9 }, change]));
        let ran = own(&format!("apply {name}")).expect(1);
        let words = format!("{deed} 'certs' takes away the certificates");
        assert!(ran.err.contains(&words) && ran.err.contains("--force"), "{}", ran.err);
        assert_eq!((ran.out.as_str(), link()), ("", before.clone()), "{name}");
        let ran = own(&format!("apply {name} --dry-run")).expect(0);
        assert!(ran.err.contains("needs --force"), "{}", ran.err);
        let ran = own(&format!("apply {name} --json")).expect(1);
        assert!(ran.err.contains("--force"), "{}", ran.err);
        assert_eq!(link(), before, "{name}");
    }
    own("apply remove.json --force").expect(0);
    let after = own("list --json").json();
    assert_eq!(elements(&after), ["hello"]);
    assert_eq!(after["elements"]["hello"]["priority"], 9);
    // What is not there cannot be taken away.
    own("apply remove.json").expect(0);
}

#[test]
fn going_back_to_a_generation_without_certificates_warns() {
    let sandbox = with_certificates();
    let own = |line: &str| sandbox.firn(&format!("--profile own {line}"));
    own("remove certs --force").expect(0);
    assert_eq!(own("rollback").expect(0).err.matches("warning").count(), 0);
    let ran = own("rollback --to 2").expect(0);
    assert!(ran.err.contains("warning: generation 2 is without 'certs'"), "{}", ran.err);
    assert!(ran.err.contains("rollback --to 1"), "{}", ran.err);
}

#[test]
fn the_way_out_of_a_damaged_profile_is_deleted_only_by_force() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let store = std::fs::canonicalize(sandbox.path("playground/store")).unwrap();
    let broken = store.join(format!("{}-profile", "a".repeat(32)));
    std::fs::create_dir(&broken).unwrap();
    std::fs::write(broken.join("manifest.json"), "{").unwrap();
    let profiles = sandbox.path("playground/profiles");
    std::os::unix::fs::symlink(&broken, profiles.join("profile-9-link")).unwrap();
    std::fs::remove_file(sandbox.profile()).unwrap();
    std::os::unix::fs::symlink("profile-9-link", sandbox.profile()).unwrap();
    let before = contents(&profiles);
    for line in ["wipe-history", "wipe-history --older-than 1d", "wipe-history --json"] {
        let ran = sandbox.firn(line).expect(1);
        for words in ["live generation 9 is damaged", "manifest.json", "generations 1, 2", "--force"] {
            assert!(ran.err.contains(words), "{line}: no {words} in {}", ran.err);
        }
    }
    let ran = sandbox.firn("wipe-history --dry-run").expect(0);
    assert!(ran.err.contains("needs --force"), "{}", ran.err);
    assert_eq!(contents(&profiles), before);
    sandbox.firn("rollback --to 8").expect(0);
    sandbox.firn("rollback --to 9").expect(0);
    sandbox.firn("wipe-history --force").expect(0);
    assert_eq!(sandbox.generation(), "profile-9-link");
    assert_eq!(
        std::fs::read_dir(&profiles)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("profile-") && name.ends_with("-link"))
            .count(),
        1
    );
}
