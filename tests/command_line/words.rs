//! The words of the command line: usage, help, options anywhere, statuses.

use super::sandbox::{Sandbox, run};

#[test]
fn wrong_usage_is_status_2_and_names_what_is_wrong() {
    let sandbox = Sandbox::new();
    for (line, words) in [
        ("remove", "No packages specified."),
        ("remove --all hello", "--all cannot be used with package names or regular expressions."),
        ("nonsense", "nonsense"),
        ("list --nonsense", "--nonsense"),
        ("add x --priority 5x", "invalid unit specifier 'X'"),
        ("add x --priority 3000000000", "does not fit"),
        ("priority hello", "<PRIORITY>"),
        ("wipe-history --older-than 30", "30d"),
        ("list --arg x", "'--arg' needs a value"),
        ("list --log-format nonsense", "nonsense"),
        ("rollback --to x", "'x' is not an integer"),
        ("add --file - --stdin", "standard input can be read only once"),
        ("apply - --arg-from-stdin x", "standard input can be read only once"),
        ("--frame 12 --keys q", "120x36"),
    ] {
        let ran = sandbox.firn(line).expect(2);
        assert!(ran.err.contains(words), "{line}: {}", ran.err);
        assert_eq!(ran.out, "", "{line}");
    }
    assert!(!sandbox.path("playground").exists(), "nothing is opened before the words make sense");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let sandbox = Sandbox::new();
    for line in ["--help", "-h", "help", "add --help", "--version", "help remove"] {
        let ran = sandbox.firn(line).expect(0);
        assert!(!ran.out.is_empty() && ran.err.is_empty(), "{line}");
    }
    let version = sandbox.firn("--version").out;
    for line in ["-V", "list --version", "--version list", "add x -V --json"] {
        assert_eq!(sandbox.firn(line).expect(0).out, version, "{line}");
    }
    assert!(sandbox.firn("add --help").out.contains("firn add nixpkgs#ripgrep"));
}

#[test]
fn options_stand_before_or_after_the_command_and_nix_s_are_taken() {
    let sandbox = Sandbox::new();
    let plain = sandbox.firn("list --json").expect(0).out;
    for line in [
        "--json list",
        "--impure --json list --arg x 5",
        "list --max-jobs 4 --json --no-use-registries",
        "list -I nixpkgs=. --option cores 2 --json --offline -L -vv --quiet --quiet",
        "list --no-net --log-format raw-with-logs --json",
        "--accept-flake-config list --json --extra-substituters file:///x --log-format bar",
    ] {
        assert_eq!(sandbox.firn(line).expect(0).out, plain, "{line}");
    }
}

#[test]
fn without_a_home_firn_says_what_it_wants() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    command.env("PATH", "").args(["add", "nixpkgs#hello"]);
    let ran = run(command).expect(1);
    assert!(ran.err.contains("'nix'") && ran.err.contains("firn demo"), "{}", ran.err);
}

#[test]
fn a_folder_with_other_files_is_no_playground() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("mine")).unwrap();
    std::fs::write(sandbox.path("mine/letter"), "dear").unwrap();
    let mut command = sandbox.command();
    command.args(["--demo", "mine", "list"]);
    let ran = run(command).expect(1);
    assert!(ran.err.contains("mine"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(sandbox.path("mine")).unwrap().count(), 1);
}

#[test]
fn ascii_has_no_other_characters() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("--ascii add nixpkgs#fltk --dry-run").expect(3);
    assert!(ran.err.is_ascii() && ran.err.contains(" -> "), "{}", ran.err);
}

#[test]
fn without_a_terminal_the_interface_says_so_and_a_frame_is_printed() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("").expect(1);
    assert!(ran.err.contains("needs a terminal") && ran.err.contains("playground list'"), "{}", ran.err);
    assert!(!sandbox.path("playground").exists());
    let ran = sandbox.words(&["--frame", "80x24", "--keys", "j j"]).expect(0);
    assert_eq!(ran.lines().len(), 24, "{}", ran.out);
    assert!(ran.out.contains("hello"), "{}", ran.out);
    sandbox.words(&["list", "--frame", "80x24", "--keys", "j"]).expect(2);
}

#[test]
fn a_file_is_no_profile() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("file"), "text").unwrap();
    for verb in ["history", "list", "tree", "doctor", "wipe-history", "add nixpkgs#jq --force"] {
        let ran = sandbox.firn(&format!("--profile file {verb}")).expect(1);
        assert!(ran.err.contains("/file' is a file, not a profile"), "{verb}: {}", ran.err);
    }
    assert_eq!(std::fs::read_to_string(sandbox.path("file")).unwrap(), "text");
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    let ran = sandbox.firn("--profile folder history").expect(0);
    assert!(ran.err.contains("has no manifest"), "{}", ran.err);
}

#[test]
fn options_of_nix_mean_nothing_to_the_playground_and_that_is_said() {
    let sandbox = Sandbox::new();
    let ran = sandbox.firn("--override-flake nixpkgs github:o/r list").expect(0);
    assert!(
        ran.err.contains("'--override-flake' and other options of nix mean nothing there"),
        "{}",
        ran.err
    );
    assert_eq!(sandbox.firn("list").expect(0).err, "");
}

#[test]
fn a_file_of_changes_has_its_priorities_in_the_file() {
    let sandbox = Sandbox::new();
    let file = r#"{"version":1,"changes":[{"change":"add","installable":"nixpkgs#fltk"}]}"#;
    let ran = sandbox.fed(&["apply", "-"], file).expect(3);
    assert!(ran.err.contains("\"priority\":6 in the change that adds it"), "{}", ran.err);
    assert!(!ran.err.contains("--priority"), "{}", ran.err);
}
