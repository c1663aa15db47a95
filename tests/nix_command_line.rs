//! The program next to real Nix: the same words, the same output, the same status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::io::Write as _;
use std::process::{Output, Stdio};

use support::{PrivateNix, each_nix, script, write};

const FIRN: &str = env!("CARGO_BIN_EXE_firn");

/// A package that builds offline, named by its argument.
const EXPRESSION: &str = r#"{ name ? "plain-1.0" }: {
    tool = derivation {
        inherit name;
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" "echo $name > $out" ];
    };
}"#;

fn fed(nix: &PrivateNix, program: &str, words: &[&str], input: &str) -> Output {
    let mut command = nix.command(program);
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn expect(output: &Output, status: i32) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{err}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn expressions_and_arguments_come_from_standard_input() {
    each_nix("expressions and arguments come from standard input", |nix| {
        let [one, two] = ["one", "two"].map(|name| nix.profile(name).to_str().unwrap().to_owned());
        let from_input = ["--profile", &one, "--file", "-", "tool"];
        let words = [&["profile", "install"], from_input.as_slice()].concat();
        expect(&fed(nix, "nix", &words, EXPRESSION), 0);
        let words = ["add", "--profile", &two, "--file", "-", "tool"];
        expect(&fed(nix, FIRN, &words, EXPRESSION), 0);
        assert_eq!(PrivateNix::real_path(one.as_ref()), PrivateNix::real_path(two.as_ref()));
        write(nix.root(), "work/tool.nix", EXPRESSION);
        let words = ["--file", "./tool.nix", "tool", "--arg-from-stdin", "name"];
        let for_nix = [&["profile", "install", "--profile", &one], words.as_slice()].concat();
        expect(&fed(nix, "nix", &for_nix, "other-2.0"), 0);
        let for_firn = [&["add", "--profile", &two], words.as_slice()].concat();
        expect(&fed(nix, FIRN, &for_firn, "other-2.0"), 0);
        assert_eq!(PrivateNix::real_path(one.as_ref()), PrivateNix::real_path(two.as_ref()));
    });
}

#[test]
fn the_same_words_have_the_same_status_and_print_the_same_json() {
    each_nix("the same words have the same status and print the same json", |nix| {
        let profile = nix.profile("profile");
        let path = profile.to_str().unwrap();
        let tool = nix.add_package("tool-1.0", |root| script(root, "bin/tool", "echo tool"));
        let other = nix.add_package("other-1.0", |root| script(root, "bin/tool", "echo other"));
        expect(&fed(nix, FIRN, &["install", "--profile", path, &tool], ""), 0);
        // What nix calls wrong usage is 2, in nix 1; a collision is 3, in nix 1.
        for (words, in_nix, in_firn) in [
            (vec!["list", "--json"], 0, 0),
            (vec!["remove", "nope"], 0, 0),
            (vec!["remove", "--regex", "nope"], 0, 0),
            (vec!["remove", "7"], 1, 1),
            (vec!["remove"], 1, 2),
            (vec!["remove", "--all", "tool"], 1, 2),
            (vec!["rollback"], 1, 1),
            (vec!["rollback", "--to", "9"], 1, 1),
            (vec!["wipe-history", "--older-than", "5"], 1, 2),
            (vec!["wipe-history", "--older-than", "5d", "--dry-run"], 0, 0),
            (vec!["install", &other], 1, 3),
            (vec!["install", "/nowhere"], 1, 1),
        ] {
            let words: Vec<&str> = words.into_iter().chain(["--profile", path]).collect();
            let theirs = fed(nix, "nix", &[&["profile"], words.as_slice()].concat(), "");
            assert_eq!(theirs.status.code(), Some(in_nix), "{words:?}");
            let ours = fed(nix, FIRN, &words, "");
            expect(&ours, in_firn);
            assert_eq!(ours.stdout, theirs.stdout, "{words:?}");
        }
        let which = expect(&fed(nix, FIRN, &["which", "tool", "--json", "--profile", path], ""), 0);
        assert!(which.contains(&format!("\"target\":\"{tool}/bin/tool\"")), "{which}");
        assert_eq!(expect(&fed(nix, FIRN, &["doctor", "--json", "--profile", path], ""), 0), "[]\n");
    });
}
