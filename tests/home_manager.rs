//! home-manager against real Nix: what firn foresees of the next `home-manager switch` is what happens.
//!
//! A switch is done as home-manager's activation does it: every store path called
//! `home-manager-path` is removed with `nix profile`, then the new one is installed by its path.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::{PrivateNix, each_nix, write};

const PROGRAM: &str = env!("CARGO_BIN_EXE_firn");

fn profile(nix: &PrivateNix) -> String {
    nix.profile("p").to_str().unwrap().to_owned()
}

fn firn(nix: &PrivateNix, words: &str) -> Output {
    let mut arguments = vec!["--profile".to_owned(), profile(nix)];
    arguments.extend(words.split_whitespace().map(str::to_owned));
    nix.output(PROGRAM, &arguments)
}

/// Does it, and gives what was said.
fn does(nix: &PrivateNix, words: &str) -> String {
    let output = firn(nix, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words}: {said}");
    said
}

/// The command that doctor gives against a switch that fails, if it says that one does.
fn foreseen(nix: &PrivateNix) -> Option<String> {
    let output = firn(nix, "doctor --json");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = found.as_array().unwrap().iter().find(|found| found["problem"] == "next-switch")?;
    Some(found["mend"].as_str().unwrap().to_owned())
}

fn add(nix: &PrivateNix, name: &str, files: &[&str]) -> String {
    nix.add_package(name, |root| files.iter().for_each(|file| write(root, file, name)))
}

/// What home-manager does in a switch to a package with the same files; whether it works.
fn switch(nix: &PrivateNix, old: &str) -> bool {
    let new = nix.add_package("home-manager-path", |root| copy(old, root));
    let nix_profile = |words: &[&str]| {
        let profile = profile(nix);
        let all = [&["profile", words[0], "--profile", &profile], &words[1..]].concat();
        nix.output("nix", &all).status.success()
    };
    let removed = nix_profile(&["remove", old]);
    nix_profile(&["install", &new]) && removed
}

fn copy(old: &str, root: &std::path::Path) {
    for file in ["bin/vi", "bin/hello", "share/x/y"] {
        let text = std::fs::read(format!("{old}/{file}")).unwrap();
        write(root, file, [&text[..], b" again"].concat());
    }
}

#[test]
fn the_next_switch_does_what_was_foreseen() {
    each_nix("the next switch of home-manager", |nix| {
        for (changes, fails) in [
            ("priority jq 4", false),
            ("add {weak}", false),
            ("priority home-manager-path 4; add {hello}", true),
            ("disable home-manager-path --force; add {hello}", true),
            ("disable home-manager-path --force; add {hello} --priority 7", false),
            ("add {weak} --priority 6; add {weaker} --priority 6", true),
            ("remove home-manager-path --force; add {hello}", false),
            ("disable home-manager-path --force; add {clash} --priority 4", true),
        ] {
            let _ = std::fs::remove_dir_all(nix.profile("p").parent().unwrap());
            std::fs::create_dir(nix.profile("p").parent().unwrap()).unwrap();
            let home = add(nix, "home-manager-path", &["bin/vi", "bin/hello", "share/x/y"]);
            let jq = add(nix, "jq-1.7", &["bin/jq"]);
            does(nix, &format!("add {home} {jq}"));
            assert_eq!(foreseen(nix), None);
            let mut said = String::new();
            for change in changes.split("; ") {
                let filled = change
                    .replace("{hello}", &add(nix, "hello-2.12", &["bin/hello", "bin/vi"]))
                    .replace("{weak}", &format!("{} --priority 6", add(nix, "weak-1", &["bin/hello"])))
                    .replace("{weaker}", &add(nix, "weaker-1", &["bin/hello"]))
                    .replace("{clash}", &add(nix, "clash-1", &["share/x"]));
                said = does(nix, &filled.replace("--priority 6 --priority 6", "--priority 6"));
            }
            let is_gone = !changes.contains("remove");
            let mend = foreseen(nix);
            assert_eq!(mend.is_some(), fails, "{changes}: {said}");
            assert_eq!(said.contains("the next 'home-manager switch' fails"), fails, "{changes}: {said}");
            if let Some(mend) = mend {
                let words = mend.split_once("/p ").unwrap().1;
                does(nix, words);
                assert_eq!(foreseen(nix), None, "{changes}: {mend}");
                firn(nix, "rollback");
                assert_eq!(foreseen(nix).as_deref(), Some(mend.as_str()));
            }
            if is_gone {
                assert_eq!(switch(nix, &home), !fails, "{changes}");
            }
        }
    });
}

#[test]
fn in_a_profile_of_nix_env_a_switch_is_one_step() {
    each_nix("the next switch of home-manager with nix-env", |nix| {
        let install = |path: &str| {
            nix.output("nix-env", &["--profile", &profile(nix), "--install", path]).status.success()
        };
        let home = add(nix, "home-manager-path", &["bin/vi", "bin/hello", "share/x/y"]);
        let hello = add(nix, "hello-2.12", &["bin/hello"]);
        assert!(install(&home));
        does(nix, "priority home-manager-path 4");
        assert_eq!(foreseen(nix), None);
        assert!(install(&hello));
        let mend = foreseen(nix).expect("both are at priority 5 again");
        let new = nix.add_package("home-manager-path", |root| copy(&home, root));
        assert!(!install(&new));
        does(nix, mend.split_once("/p ").unwrap().1);
        assert_eq!(foreseen(nix), None);
        assert!(install(&new));
    });
}

#[test]
fn a_package_that_nix_env_keeps_makes_a_switch_fail() {
    each_nix("home-manager's package with nix-env's flag keep", |nix| {
        let install = |path: &str| {
            nix.output("nix-env", &["--profile", &profile(nix), "--install", path]).status.success()
        };
        let apply = |changes: &str| {
            let text = format!("{{\"version\":1,\"changes\":[{changes}]}}");
            write(nix.root(), "work/changes.json", text);
            does(nix, "apply changes.json")
        };
        let keep = r#"{"change":"keep","element":"home-manager-path","to":true}"#;
        let home = add(nix, "home-manager-path", &["bin/vi", "bin/hello", "share/x/y"]);
        assert!(install(&home));
        let said = apply(keep);
        assert!(said.contains("the next 'home-manager switch' fails"), "{said}");
        let mend = foreseen(nix).expect("it is kept");
        let new = nix.add_package("home-manager-path", |root| copy(&home, root));
        assert!(!install(&new), "both have the same files");
        let path = std::env::join_paths([Path::new(PROGRAM).parent().unwrap(), nix.bin(), Path::new("/bin")])
            .unwrap();
        let mended = nix.command("/bin/sh").args(["-c", &mend]).env("PATH", path).status().unwrap();
        assert!(mended.success(), "{mend}");
        assert_eq!(foreseen(nix), None);
        assert!(install(&new));
        // At another priority it is no obstacle, and stays.
        let said = apply(&format!(r#"{keep},{{"change":"priority","element":"home-manager-path","to":4}}"#));
        assert!(said.contains("hides what is new") && foreseen(nix).is_none(), "{said}");
        assert!(install(&home));
        let listed = nix.run("nix-env", &["--profile", &profile(nix), "--query"]);
        assert_eq!(listed.lines().count(), 2, "{listed}");
    });
}

#[test]
fn what_a_switch_takes_back_is_told() {
    each_nix("what a switch takes back", |nix| {
        let home = add(nix, "home-manager-path", &["bin/vi"]);
        does(nix, &format!("add {home}"));
        let said = does(nix, "priority home-manager-path 3");
        assert!(said.contains("gives 'home-manager-path' priority 5 again"), "{said}");
        let said = does(nix, "disable home-manager-path --force");
        assert!(said.contains("switches 'home-manager-path' on again"), "{said}");
        let listed = firn(nix, "list").stdout;
        let listed = String::from_utf8_lossy(&listed);
        assert!(listed.contains("home-manager  /"), "{listed}");
        let doctor = firn(nix, "doctor");
        let said = String::from_utf8_lossy(&doctor.stderr);
        assert!(said.contains("home-manager writes into this profile"), "{said}");
    });
}
