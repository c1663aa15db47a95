//! add, remove, priority, enable, disable, apply.

use std::collections::BTreeSet;

use firn::system::profile_folder::ProfileFolder;
use serde_json::json;

use super::sandbox::{Sandbox, elements, link_text};

#[test]
fn a_dry_run_tells_all_ties_with_both_claimants_and_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = sandbox.generation();
    let ran = sandbox.firn("add nixpkgs#fltk --dry-run --json").expect(3);
    let plan = ran.json();
    let ties = plan["collisions"]["ties"].as_array().unwrap();
    assert_eq!(ties.len(), 3);
    for tie in ties {
        let claimants = tie["claimants"].as_array().unwrap();
        let names: BTreeSet<_> =
            claimants.iter().map(|claimant| claimant["element"].as_str().unwrap()).collect();
        assert_eq!(names, BTreeSet::from(["fltk", "hello"]));
        assert!(
            claimants.iter().all(|claimant| claimant["storePath"].is_string() && claimant["priority"] == 5)
        );
    }
    assert!(plan["result"].is_null());
    assert_eq!(plan["base"], sandbox.target().to_str().unwrap());
    assert_eq!(plan["version"], 1);
    for key in ["links", "left", "cost", "basis", "changes", "elements"] {
        assert!(plan.get(key).is_some(), "{key}");
    }
    for words in ["bin/hello", "keep hello's files", "--priority 6", "firn --demo=playground disable hello"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    assert_eq!(sandbox.generation(), before);
}

#[test]
fn a_plan_tells_the_path_that_applying_makes() {
    let sandbox = Sandbox::new();
    let planned = sandbox.firn("add nixpkgs#fltk --priority 6 --dry-run --json").expect(0).json();
    let ran = sandbox.firn("add nixpkgs#fltk --priority 6").expect(0);
    assert_eq!(ran.out, "", "standard output carries data only");
    assert!(ran.err.contains("+ fltk 1.3.11"), "{}", ran.err);
    assert_eq!(planned["result"], sandbox.target().to_str().unwrap());
    let link = &planned["links"]["added"]["bin/fluid"];
    assert_eq!(link["element"], "fltk");
    assert_eq!(link["target"].as_str().unwrap(), link_text(&sandbox.profile().join("bin/fluid")));
}

#[test]
fn json_applies_and_prints_the_plan() {
    let sandbox = Sandbox::new();
    let plan = sandbox.firn("--json disable hello").expect(0).json();
    assert_eq!(plan["changes"], json!([{"change": "active", "element": "hello", "to": false}]));
    assert_eq!(plan["result"], sandbox.target().to_str().unwrap());
    let again = sandbox.firn("--json disable hello").expect(0).json();
    assert_eq!(again["result"], again["base"]);
    assert_eq!(again["changes"], json!([]));
}

#[test]
fn adding_the_same_again_is_a_warning_and_another_priority_another_element() {
    let sandbox = Sandbox::new();
    let before = sandbox.firn("list --json").expect(0).out;
    let ran = sandbox.firn("add nixpkgs#hello").expect(0);
    assert!(ran.err.contains("warning: 'hello' is already added"), "{}", ran.err);
    assert_eq!(sandbox.firn("list --json").out, before);
    let ran = sandbox.firn("add nixpkgs#hello --priority -1k").expect(0);
    assert!(
        ran.err.contains("'hello-1'") && ran.err.contains("playground priority hello -1024"),
        "{}",
        ran.err
    );
    let list = sandbox.firn("list --json").json();
    assert_eq!(list["elements"]["hello-1"]["priority"], -1024);
}

#[test]
fn installables_come_from_standard_input_too() {
    let sandbox = Sandbox::new();
    let plan =
        sandbox.fed(&["add", "--stdin", "--dry-run", "--json"], "nixpkgs#fd\n  nixpkgs#less\n").expect(0);
    let after = elements(&json!({"elements": plan.json()["elements"]["after"]}));
    assert!(after.contains(&"fd".to_owned()) && after.contains(&"less".to_owned()), "{after:?}");
}

#[test]
fn what_cannot_be_added_is_an_error_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let before = sandbox.firn("list --json").expect(0).out;
    let ran = sandbox.firn("add nixpkgs#fd nixpkgs#nothing").expect(1);
    assert!(ran.err.contains("nixpkgs#nothing"), "{}", ran.err);
    assert_eq!(sandbox.firn("list --json").out, before);
    let plan = sandbox.firn("add nixpkgs#nothing --dry-run --json").expect(1).json();
    assert_eq!(plan["left"][0]["reason"], "refused");
}

#[test]
fn a_slip_of_the_finger_is_answered_with_the_nearest_name() {
    let sandbox = Sandbox::new();
    let before = sandbox.firn("list --json").out;
    for verb in
        ["priority helo 4", "disable helo", "enable helo", "outputs helo out", "retarget helo nixpkgs"]
            .into_iter()
            .chain(["hold helo", "unhold helo", "remove helo", "upgrade helo"])
    {
        let ran = sandbox.firn(verb).expect(0);
        let warning =
            "warning: Package name 'helo' does not match any packages in the profile. Did you mean 'hello'?";
        assert!(ran.err.contains(warning), "{verb}: {}", ran.err);
    }
    assert_eq!(sandbox.firn("list --json").out, before);
}

#[test]
fn removing_warns_about_what_matches_nothing() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("remove nope hello").expect(0);
    let warning = "warning: Package name 'nope' does not match any packages in the profile.";
    assert!(ran.err.contains(warning), "{}", ran.err);
    assert!(!elements(&sandbox.firn("list --json").json()).contains(&"hello".to_owned()));
    let generation = sandbox.generation();
    let ran = sandbox.words(&["remove", "--regex", "nope.*"]).expect(0);
    assert!(ran.err.contains("warning: Regex 'nope.*' does not match any packages"), "{}", ran.err);
    assert!(ran.err.contains("No packages to remove."), "{}", ran.err);
    assert_eq!(sandbox.generation(), generation);
}

#[test]
fn elements_are_picked_by_pattern_path_and_all() {
    let sandbox = Sandbox::new();
    sandbox.words(&["remove", "--regex", ".*#.*PYTHON3.*"]).expect(0);
    let list = sandbox.firn("list --json").json();
    assert!(!elements(&list).iter().any(|name| name.starts_with("python3")), "{list}");
    let path = list["elements"]["jq"]["storePaths"][0].as_str().unwrap().to_owned();
    sandbox.words(&["remove", &path]).expect(0);
    assert!(!elements(&sandbox.firn("list --json").json()).contains(&"jq".to_owned()));
    sandbox.firn("remove --all").expect(0);
    assert_eq!(sandbox.firn("list --json").out, "{\"elements\":{},\"version\":3}\n");
    let ran = sandbox.firn("remove hello").expect(0);
    assert!(ran.err.contains("There are no packages in the profile."), "{}", ran.err);
}

#[test]
fn numbers_are_no_elements() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("remove 3").expect(1);
    assert!(ran.err.contains("'3'") && ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn a_priority_decides_who_wins() {
    let sandbox = Sandbox::new();
    sandbox.firn("priority jj 4").expect(0);
    assert!(link_text(&sandbox.profile().join("bin/jj")).contains("-jj-1.9.2/"));
    sandbox.firn("priority jj 5").expect(3);
    sandbox.firn("priority jj -3").expect(0);
    assert_eq!(sandbox.firn("list --json").json()["elements"]["jj"]["priority"], -3);
}

#[test]
fn disabled_elements_stay_installed() {
    let sandbox = Sandbox::new();
    sandbox.firn("disable hello jq").expect(0);
    assert!(!sandbox.profile().join("bin/hello").exists());
    sandbox.firn("enable hello").expect(0);
    assert!(sandbox.profile().join("bin/hello").exists());
    let list = sandbox.firn("list --json").json();
    assert_eq!(list["elements"]["jq"]["active"], false);
}

#[test]
fn a_file_of_changes_is_one_generation() {
    let sandbox = Sandbox::new();
    let before = sandbox.firn("history --json").expect(0).json().as_array().unwrap().len();
    let changes = json!({"version": 1, "changes": [
        {"change": "remove", "element": "tmux"},
        {"change": "priority", "element": "jj", "to": 7},
        {"change": "active", "element": "podman", "to": true},
        {"change": "add", "installable": "nixpkgs#fltk", "priority": 5},
        {"change": "priority", "element": "fltk", "to": 6},
        {"change": "priority", "element": "absent", "to": 1},
    ]});
    std::fs::write(sandbox.path("plan.json"), changes.to_string()).unwrap();
    let plan = sandbox.firn("apply plan.json --dry-run --json").expect(0).json();
    assert_eq!(plan["left"][0]["reason"], "no-such-element");
    let ran = sandbox.fed(&["apply", "-"], &changes.to_string()).expect(0);
    assert!(ran.err.contains("'absent'"), "{}", ran.err);
    let history = sandbox.firn("history --json").json();
    let generations = history.as_array().unwrap();
    assert_eq!(generations.len(), before + 1);
    let last = generations.last().unwrap();
    assert_eq!(last["madeOn"], generations[before - 1]["number"]);
    let listed = sandbox.firn("list --json").json();
    assert_eq!(listed["elements"]["fltk"]["priority"], 6);
    assert!(listed["elements"].get("tmux").is_none());
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let sandbox = Sandbox::new();
    for (text, words) in [("{", "standard input"), (r#"{"version":2,"changes":[]}"#, "version 2")] {
        let ran = sandbox.fed(&["apply", "-"], text).expect(1);
        assert!(ran.err.contains(words) && ran.err.contains("hint: "), "{}", ran.err);
    }
    let ran = sandbox.firn("apply missing.json").expect(1);
    assert!(ran.err.contains("missing.json"), "{}", ran.err);
    let ran = sandbox.firn("apply /dev/zero").expect(1);
    assert!(ran.err.contains("/dev/zero") && ran.err.contains("more than 64 MiB"), "{}", ran.err);
}

#[test]
fn an_out_link_leads_to_the_finished_profile_and_the_profile_stays() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = sandbox.generation();
    sandbox.firn("remove hello --dry-run --out-link look").expect(0);
    assert_eq!(sandbox.generation(), before);
    assert!(sandbox.path("look/bin/bat").exists() && !sandbox.path("look/bin/hello").exists());
    assert!(sandbox.profile().join("bin/hello").exists());
}

#[test]
fn an_out_link_never_takes_the_place_of_the_profile() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let before = (sandbox.generation(), sandbox.target());
    let profile = sandbox.profile();
    let generation = profile.with_file_name(sandbox.generation());
    for link in [&profile, &generation, &sandbox.path("no/such")] {
        let link = link.to_str().unwrap();
        for dry_run in ["--dry-run", "--no-pretty"] {
            sandbox.words(&["remove", "hello", "--out-link", link, dry_run]).expect(1);
            assert_eq!((sandbox.generation(), sandbox.target()), before, "{link} {dry_run}");
        }
    }
}

#[test]
fn a_dangling_profile_wants_the_user_s_word() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    std::fs::remove_file(sandbox.profile()).unwrap();
    std::os::unix::fs::symlink("profile-99-link", sandbox.profile()).unwrap();
    let ran = sandbox.firn("list").expect(0);
    assert!(ran.err.contains("leads to nothing"), "{}", ran.err);
    let ran = sandbox.firn("add nixpkgs#fd").expect(1);
    assert!(ran.err.contains("--force"), "{}", ran.err);
    sandbox.firn("add nixpkgs#fd --force").expect(0);
    assert_eq!(elements(&sandbox.firn("list --json").json()), ["fd"]);
}

#[test]
fn a_profile_of_nix_env_is_read_without_an_evaluator_and_never_converted() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let store = std::fs::canonicalize(sandbox.path("playground/store")).unwrap();
    let path = store.join(format!("{}-user-environment", "a".repeat(32)));
    let package = store.join(format!("{}-gtk+-3.24", "b".repeat(32)));
    std::fs::create_dir_all(path.join("bin")).unwrap();
    std::fs::create_dir_all(package.join("bin")).unwrap();
    let (out, manifest) = (package.display(), path.join("manifest.nix"));
    let text = format!(
        "[ {{ meta = {{ priority = \"7\"; }}; name = \"gtk+-3.24\"; out = {{ outPath = \"{out}\"; }}; \
         outPath = \"{out}\"; outputs = [ \"out\" ]; type = \"derivation\"; }} ]"
    );
    std::fs::write(&manifest, &text).unwrap();
    std::os::unix::fs::symlink(&path, sandbox.path("env-1-link")).unwrap();
    std::os::unix::fs::symlink("env-1-link", sandbox.path("env")).unwrap();
    let listed = sandbox.firn("--profile env list").expect(0);
    assert!(listed.out.starts_with("gtk+  3.24     7  on  "), "{}", listed.out);
    let json = sandbox.firn("--profile env list --json").json();
    assert_eq!(json["elements"]["gtk+"]["package"]["name"], "gtk+-3.24");
    assert_eq!(json["version"], serde_json::Value::Null, "nobody may take it for a manifest.json");
    // Its name with the version means it, too. What the playground cannot build it says.
    let planned = sandbox.firn("--profile env remove gtk+-3.24 --dry-run --json").expect(0).json();
    assert!(planned["result"].as_str().unwrap().ends_with("-user-environment"), "{planned}");
    let ran = sandbox.firn("--profile env priority gtk+ 3").expect(1);
    assert!(ran.err.contains("is not in the store any more"), "{}", ran.err);
    for (text, position) in [
        ("[ (x: x) ]".to_owned(), "line 1, column 3"),
        (text.replace("\"7\"", "import ./x"), "line 1, column 25"),
        (text[..90].to_owned(), "line 1, column "),
        ("[ ".repeat(10_000), "line 1, column 203"),
    ] {
        std::fs::write(&manifest, text).unwrap();
        for line in ["list", "tree", "add nixpkgs#fd", "remove gtk+", "add nixpkgs#fd --force", "collisions"]
        {
            let ran = sandbox.firn(&format!("--profile env {line}")).expect(1);
            assert!(ran.err.contains("manifest.nix") && ran.err.contains(position), "{line}: {}", ran.err);
            assert!(ran.out.is_empty(), "{line}: {}", ran.out);
        }
    }
    assert_eq!(link_text(&sandbox.path("env")), "env-1-link");
}

#[test]
fn an_interrupt_is_130_and_the_profile_is_as_it_was() {
    let sandbox = Sandbox::new();
    let before = sandbox.firn("list --json").expect(0).out;
    let plan = sandbox.firn("remove hello --dry-run --json").expect(0).json();
    // Somebody else holds the profile's lock, so firn gets no further than to wait for it.
    let folder = ProfileFolder::new(&sandbox.profile()).unwrap();
    let lock = folder.lock().unwrap();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("firn"));
    child.env_clear().current_dir(sandbox.path("."));
    let mut child = child.args(["--demo=playground", "remove", "hello"]).spawn().unwrap();
    while !std::path::Path::new(plan["result"].as_str().unwrap()).join("manifest.json").exists() {
        assert!(child.try_wait().unwrap().is_none(), "firn ended early");
        std::thread::yield_now();
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(lock);
    assert_eq!(sandbox.firn("list --json").out, before);
}

#[test]
fn adding_what_is_there_makes_a_generation_only_after_a_rollback_as_in_nix() {
    let sandbox = Sandbox::new();
    let again = "add nixpkgs#hello";
    assert!(sandbox.firn(again).expect(0).err.contains("'hello' is already added"));
    assert_eq!(sandbox.generation(), "profile-8-link");
    sandbox.firn("rollback").expect(0);
    let older = sandbox.target();
    sandbox.firn(again).expect(0);
    assert_eq!((sandbox.generation().as_str(), sandbox.target()), ("profile-9-link", older));
}

#[test]
fn a_package_that_left_the_store_is_named_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.firn("list").expect(0);
    let manifest = std::fs::read(sandbox.target().join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let package = manifest["elements"]["bat"]["storePaths"][0].as_str().unwrap();
    std::fs::rename(package, sandbox.path("away")).unwrap();
    let before = sandbox.generation();

    let ran = sandbox.firn("priority jq 4").expect(1);
    for words in [package, "does not exist", "remove bat' takes the element out", "nothing was changed"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    assert_eq!(sandbox.generation(), before);
    assert!(sandbox.firn("collisions").expect(0).err.contains(package));
    sandbox.firn("remove bat").expect(0);
    assert_ne!(sandbox.generation(), before);
}

#[test]
fn what_cannot_be_added_is_named_once() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("add nixpkgs#nope").expect(1);
    assert!(ran.err.starts_with("error: cannot add 'nixpkgs#nope': flake "), "{}", ran.err);
    assert_eq!(ran.err.matches("nixpkgs#nope").count(), 1, "{}", ran.err);
}
