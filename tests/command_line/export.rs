//! export: a list to add again, a transaction that makes the same profile.

use serde_json::json;

use super::sandbox::{Sandbox, elements};

#[test]
fn a_transaction_makes_the_same_profile_in_an_empty_one() {
    let sandbox = Sandbox::new();
    sandbox.firn("add nixpkgs#hello --priority 9").expect(0);
    sandbox.firn("remove hello").expect(0);
    sandbox.firn("priority jq -7").expect(0);
    let ran = sandbox.firn("export --format json").expect(0);
    assert_eq!(ran.err, "");
    std::fs::write(sandbox.path("profile.json"), &ran.out).unwrap();
    let exported = ran.json();
    assert_eq!(exported["version"], 1);
    let changes = exported["changes"].as_array().unwrap();
    assert_eq!(changes.len(), elements(&sandbox.firn("list --json").json()).len());
    let podman = changes.iter().find(|change| change["installable"].as_str().unwrap().contains("podman"));
    assert_eq!(podman.unwrap()["active"], false);
    assert!(podman.unwrap()["locked"].as_str().unwrap().starts_with("github:NixOS/nixpkgs/"));
    let lonely = changes.iter().find(|change| change["name"] == "hello-1").unwrap();
    assert_eq!(lonely["priority"], 9);
    sandbox.firn("apply profile.json --profile copy").expect(0);
    assert_eq!(std::fs::canonicalize(sandbox.path("copy")).unwrap(), sandbox.target());
    // The copy says the same of itself.
    assert_eq!(sandbox.firn("export --format json --profile copy").expect(0).out, ran.out);
    assert_eq!(sandbox.firn("export --json").expect(0).out, ran.out);
    assert_eq!(sandbox.firn("export --json --no-pretty").expect(0).lines().len(), 1);
}

#[test]
fn a_list_can_be_added_again() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("export").expect(0);
    assert!(ran.out.contains("nixpkgs#hello\n"), "{}", ran.out);
    assert!(ran.err.contains("--format json") && ran.err.contains("podman"), "{}", ran.err);
    assert_eq!(sandbox.firn("export --format list").expect(0).out, ran.out);
    let names = elements(&sandbox.firn("list --json").json());
    assert_eq!(ran.lines().len(), names.len());
    // Some of it fails to evaluate by now: that is what a list is.
    let lines: Vec<&str> = ran
        .lines()
        .into_iter()
        .filter(|line| line.ends_with("#jq") || line.ends_with("#bat") || line.starts_with('/'))
        .collect();
    let added = sandbox.fed(&["add", "--stdin", "--profile", "copy"], &lines.join("\n"));
    assert!(added.status == 0, "{}", added.err);
    assert_eq!(elements(&sandbox.firn("list --profile copy --json").json()).len(), lines.len());
}

#[test]
fn what_an_export_cannot_say_is_warned_about() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let paths = |name: &str| sandbox.firn("list --json").json()["elements"][name]["storePaths"][0].clone();
    let element = json!({"active": true, "priority": 5, "storePaths": [paths("jq"), paths("bat")]});
    sandbox.profile_of("two", &json!({"elements": {"two": element}, "version": 3}));
    let ran = sandbox.firn("--profile two export").expect(0);
    assert!(ran.err.contains("'two' has 2 store paths"), "{}", ran.err);
    assert!(ran.out.contains("-jq-1.7.1") && ran.out.contains("-bat-0.24.0"), "{}", ran.out);
    let ran = sandbox.firn("--profile two export --format json").expect(0);
    assert_eq!((ran.err.as_str(), ran.json()["changes"].as_array().unwrap().len()), ("", 1), "{}", ran.out);
    assert_eq!(sandbox.firn("--profile none export").expect(0).out, "");
    assert_eq!(
        sandbox.firn("--profile none export --json").expect(0).json(),
        json!({"version": 1, "changes": []})
    );
    sandbox.firn("export --format yaml").expect(2);
}
