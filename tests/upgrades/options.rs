//! Every option of `nix profile upgrade` reaches the nix calls it applies to: told by a `nix` that
//! writes down its words.

use std::os::unix::fs::PermissionsExt as _;

use crate::flakes::{FIRN, Fate, add, expect, flake};
use crate::support::{PrivateNix, each_nix, write};

/// The options of the manual page that go to nix, as typed, and the calls that get them.
/// Those that decide what firn prints, picks or works on are firn's own; see the next table.
const TO_NIX: &[(&[&str], &[&str])] = &[
    // To flakes these mean nothing, and 'nix eval' refuses them.
    (&["--arg", "name", "1"], &["flake metadata"]),
    (&["--arg-from-file", "name", "file"], &["flake metadata"]),
    (&["--argstr", "name", "text"], &["flake metadata"]),
    // It needs the terminal, which only a command in front gets: tests/terminal.
    (&["--debugger"], &[]),
    (&["--eval-store", "auto"], BOTH),
    (&["--impure"], BOTH),
    (&["--include", "n=."], BOTH),
    (&["-I", "n=."], BOTH),
    (&["--override-flake", "flake:x", "path:/nowhere"], BOTH),
    (&["--commit-lock-file"], BOTH),
    (&["--inputs-from", "."], BOTH),
    (&["--no-registries"], BOTH),
    (&["--no-update-lock-file"], BOTH),
    (&["--no-write-lock-file"], BOTH),
    (&["--output-lock-file", "lock.json"], BOTH),
    (&["--override-input", "a", "path:/nowhere"], BOTH),
    (&["--recreate-lock-file"], BOTH),
    (&["--reference-lock-file", "flake.lock"], BOTH),
    (&["--update-input", "a"], BOTH),
    (&["--offline"], ALL),
    (&["--option", "cores", "1"], ALL),
    (&["--refresh"], &["flake metadata", "copy", "build"]),
    (&["--repair"], BOTH),
    // The closing note: every setting of nix.conf is an option.
    (&["--max-jobs", "3"], ALL),
    (&["--no-use-registries"], ALL),
    (&["--accept-flake-config"], ALL),
    (&["--extra-substituters", "file:///nowhere"], ALL),
];

/// What evaluates.
const BOTH: &[&str] = &["flake metadata", "eval"];

/// What reaches into the store as well.
const ALL: &[&str] = &["flake metadata", "eval", "copy", "build"];

/// Options that are firn's own: they reach no nix, and are no mistake.
const OWN: &[&[&str]] = &[
    &["--all"],
    &["--regex", ".*one.*"],
    &["one", "--debug"],
    &["one", "--log-format", "raw"],
    &["one", "--print-build-logs"],
    &["one", "-L"],
    &["one", "--quiet"],
    &["one", "--verbose"],
    &["one", "-v"],
    &["one", "--expr", "{ }"],
    &["one", "--file", "x"],
    &["one", "-f", "x"],
];

/// Stands where nix is expected: writes its words down and answers from files.
const RECORDER: &str = r#"#!/bin/sh
here=${0%/*}
printf '%s\037' "$@" >> "$here/words"; printf '\036' >> "$here/words"
for word in "$@"; do case "$word" in
  --version|__dump-cli|show) exec "$here/real/nix" "$@" ;;
esac; done
case "$1 $2" in
  'flake metadata') exec cat "$here/metadata" ;;
  'eval '*) exec cat "$here/answers" ;;
  'path-info '*) exec "$here/real/nix" "$@" ;;
  *) exec "$here/real/nix" "$1" --version ;;
esac
"#;

struct Recorder<'a> {
    nix: &'a PrivateNix,
    bin: std::path::PathBuf,
    profile: std::path::PathBuf,
}

impl<'a> Recorder<'a> {
    fn new(nix: &'a PrivateNix) -> Self {
        let folder = nix.root().join("work/flake");
        let profile = nix.profile("profile");
        flake(&folder, 1, &[("one".to_owned(), Fate::Newer)]);
        let reference = format!("path:{}", folder.display());
        add(nix, &profile, &[format!("{reference}#one")]);
        let bin = nix.root().join("work/bin");
        write(&bin, "nix", RECORDER);
        std::fs::set_permissions(bin.join("nix"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(nix.bin(), bin.join("real")).unwrap();
        write(&bin, "metadata", nix.run("nix", &["flake", "metadata", "--json", &reference]));
        let path = nix.add_package("one-2", |root| write(root, "bin/one", "2"));
        write(&bin, "answers", format!(r#"[{{"index":0,"path":"{path}"}}]"#));
        Self { nix, bin, profile }
    }

    /// The words of each call of nix, after a run with these options.
    fn calls(&self, options: &[&str]) -> Vec<Vec<String>> {
        write(&self.bin, "words", "");
        // What was evaluated before is not evaluated again.
        let _ = std::fs::remove_dir_all(self.nix.home().join(".cache/firn/evaluations"));
        let mut command = self.nix.command(FIRN);
        command.env("FIRN_NIX_BIN", &self.bin).arg("upgrade").args(options);
        let output = command.arg("--profile").arg(&self.profile).output().unwrap();
        let words = std::fs::read_to_string(self.bin.join("words")).unwrap();
        assert_ne!(output.status.code(), Some(2), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
        words
            .split_terminator('\u{1e}')
            .map(|line| line.split_terminator('\u{1f}').map(str::to_owned).collect())
            .collect()
    }
}

fn call<'a>(calls: &'a [Vec<String>], name: &str) -> &'a [String] {
    let begins = |call: &&Vec<String>| call.join(" ").starts_with(name);
    calls.iter().find(begins).unwrap_or_else(|| panic!("no '{name}' among {calls:?}"))
}

#[test]
fn every_option_reaches_the_calls_it_applies_to() {
    each_nix("every option reaches the calls it applies to", |nix| {
        let recorder = Recorder::new(nix);
        write(nix.root(), "work/file", "text");
        for (option, names) in TO_NIX {
            let calls = recorder.calls(&[&["one"], *option].concat());
            for name in *names {
                let words = call(&calls, name);
                assert!(words.windows(option.len()).any(|part| part == *option), "{option:?} in {words:?}");
            }
            for name in ["copy", "build"].into_iter().filter(|name| !names.contains(name)) {
                let reached = calls
                    .iter()
                    .filter(|words| words[0] == name)
                    .any(|words| words.contains(&option[0].to_owned()));
                assert!(!reached, "{option:?} reached {name}");
            }
        }
        for option in OWN {
            let calls = recorder.calls(option);
            let words = call(&calls, "eval");
            // nix itself always logs in one form.
            let own = option.iter().filter(|word| !matches!(**word, "one" | "--log-format"));
            for word in own {
                assert!(!words.contains(&(*word).to_owned()), "{option:?} reached nix");
            }
        }
    });
}

#[test]
fn lock_files_are_written_only_when_asked_and_nothing_is_asked_of_the_terminal() {
    each_nix("lock files are written only when asked", |nix| {
        let recorder = Recorder::new(nix);
        for (options, is_kept) in
            [(&["one"][..], true), (&["one", "--commit-lock-file"], false), (&["one", "--offline"], true)]
        {
            let calls = recorder.calls(options);
            for name in BOTH {
                let words = call(&calls, name);
                assert_eq!(words.iter().any(|word| word == "--no-write-lock-file"), is_kept, "{words:?}");
                assert!(words.iter().any(|word| word == "internal-json"));
            }
            let fetches_anew = call(&calls, "flake metadata").iter().any(|word| word == "--refresh");
            assert_eq!(fetches_anew, !options.contains(&"--offline"));
        }
        let mut command = nix.command(FIRN);
        command.env("FIRN_NIX_BIN", &recorder.bin).args(["upgrade", "--all", "--arg-from-stdin", "name"]);
        let output = command.arg("--profile").arg(&recorder.profile).output().unwrap();
        let _ = expect(&output, output.status.code().unwrap());
        let words = std::fs::read_to_string(recorder.bin.join("words")).unwrap();
        assert!(words.contains("--argstr\u{1f}name\u{1f}"), "{words}");
    });
}
