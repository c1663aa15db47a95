//! `firn export` against real Nix: what `nix profile` made comes back as the same store path,
//! from flakes that have moved on since.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::Path;

use support::{PrivateNix, each_nix, write};

/// A flake in a git repository whose packages build offline; another text makes another revision.
fn commit_flake(nix: &PrivateNix, version: &str) {
    let flake = format!(
        r#"{{
            outputs = {{ self }}: let
                make = name: more: derivation ({{
                    inherit name;
                    system = "x86_64-linux";
                    builder = "/bin/sh";
                    args = [ "-c" "for o in $out $doc; do echo $name > $o; done" ];
                }} // more);
            in {{
                packages.x86_64-linux = {{
                    default = make "plain-{version}" {{ }};
                    one = make "one-{version}" {{ }};
                    off = make "off-{version}" {{ }};
                    two = make "two-{version}" {{ outputs = [ "out" "doc" ]; }}
                        // {{ meta = {{ priority = -3; outputsToInstall = [ "out" "doc" ]; }}; }};
                }};
            }};
        }}"#
    );
    write(nix.root(), "work/repository/flake.nix", flake);
    let repository = nix.root().join("work/repository");
    let git = |words: &[&str]| {
        let output =
            nix.command("/usr/bin/env").args(["git", "-C"]).arg(&repository).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    if !repository.join(".git").exists() {
        git(&["init", "-q", "-b", "main"]);
    }
    git(&["add", "flake.nix"]);
    git(&["commit", "-q", "-m", version]);
}

fn firn(nix: &PrivateNix, words: &[&str]) -> String {
    let output = nix.command(env!("CARGO_BIN_EXE_firn")).args(words).output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{words:?}\n{out}{err}");
    out
}

fn nix_profile(nix: &PrivateNix, profile: &Path, words: &[&str]) {
    let mut all = vec!["profile", words[0], "--profile", profile.to_str().unwrap()];
    all.extend(&words[1..]);
    nix.run("nix", &all);
}

#[test]
fn what_nix_made_comes_back_as_the_same_store_path() {
    each_nix("what nix made comes back as the same store path", |nix| {
        commit_flake(nix, "1.0");
        let repository = format!("git+file://{}", nix.root().join("work/repository").display());
        nix.run("nix", &["registry", "add", "mine", &repository]);
        write(
            nix.root(),
            "work/path/flake.nix",
            std::fs::read(nix.root().join("work/repository/flake.nix")).unwrap(),
        );
        let by_path = format!("path:{}", nix.root().join("work/path").display());
        let package = nix.add_package("tool-3.1", |root| write(root, "bin/tool", "tool"));
        let profile = nix.profile("profile");
        let install = |words: &[&str]| nix_profile(nix, &profile, &[&["install"], words].concat());
        install(&["mine#two", "--priority", "-4"]);
        install(&["mine#two^doc", "mine", &package]);
        install(&["mine#off", &format!("{by_path}#one^*")]);
        install(&["mine#one", "--priority", "7"]);
        nix_profile(nix, &profile, &["remove", "two"]);
        let path = profile.to_str().unwrap();
        firn(nix, &["--profile", path, "disable", "off"]);
        let made = PrivateNix::real_path(&profile);
        let exported = firn(nix, &["--profile", path, "export", "--format", "json"]);
        write(nix.root(), "work/profile.json", &exported);
        let list = firn(nix, &["--profile", path, "export"]);
        assert!(list.contains("mine#two^doc\n") && list.contains(&package), "{list}");

        commit_flake(nix, "2.0");
        let copy = nix.profile("copy");
        firn(nix, &["apply", "profile.json", "--profile", copy.to_str().unwrap()]);
        assert_eq!(PrivateNix::real_path(&copy), made, "{exported}");
        // The list follows its references, and nix takes it as it is.
        let lines: Vec<&str> = list.lines().collect();
        nix_profile(nix, &nix.profile("list"), &[&["install"], lines.as_slice()].concat());
        let names = std::fs::read_to_string(nix.profile("list").join("manifest.json")).unwrap();
        assert!(names.contains("-plain-2.0") && names.contains("-tool-3.1"), "{names}");
    });
}
