//! A nix that fails while a plan is applied, and a store that loses what the plan rests on:
//! both are told with nix's own words, the old profile stays, and the next run works.
//!
//! The nix is one of ours, which at its moment does something else and otherwise becomes the
//! real one.

use std::path::Path;
use std::process::Command;

use crate::arena::{Arena, Ran, ran};
use crate::support::{PrivateNix, each_nix, script};

/// The nix commands of applying: writing the profile into the store, switching to it.
const MOMENTS: [&str; 2] = ["copy", "build"];

/// Makes a `nix` that runs `deed` whenever it is called for `verb`.
fn nix_that(nix: &PrivateNix, verb: &str, deed: &str) {
    let real = nix.bin().join("nix");
    let text = format!("if [ \"$1\" = {verb} ]; then {deed}; fi\nexec {} \"$@\"", real.display());
    script(nix.root(), "other/nix", &text);
}

fn with_it(arena: &Arena, nix: &PrivateNix, words: &[&str]) -> Command {
    let mut command = arena.command(words);
    command.env("FIRN_NIX_BIN", nix.root().join("other"));
    command
}

fn frame(arena: &Arena, nix: &PrivateNix, keys: &str) -> String {
    let frame = ran(with_it(arena, nix, &["--keys", keys, "--frame", "120x36"])).expect(0).out;
    // A message breaks where the line ends.
    frame.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The profile is as it was, nothing lies about, and the next run is not hindered.
#[track_caller]
fn assert_untouched(arena: &Arena, live: &str, what: &str) {
    assert_eq!(arena.live(), live, "{what}");
    assert_eq!(arena.names(), ["p", "p-1-link"], "{what}");
    // nix leaves folders of its own there.
    let names = std::fs::read_dir(arena.root().join("tmp")).unwrap().map(|entry| entry.unwrap().file_name());
    let ours: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("firn")).collect();
    assert!(ours.is_empty(), "{what}: {ours:?}");
}

#[test]
fn what_nix_says_is_told_and_the_old_profile_stays() {
    for moment in MOMENTS {
        each_nix(&format!("a nix {moment} that fails"), |nix| {
            let arena = Arena::nix(nix);
            let live = arena.live();
            for (deed, words) in [
                (
                    "echo 'error: the disk is on fire' >&2; exit 1",
                    &["the disk is on fire", "exit status: 1"][..],
                ),
                ("kill -KILL $$", &["signal: 9 (SIGKILL)"]),
                ("printf 'error: \\033[2Jcleared\\n' >&2; exit 100", &["\\x1b[2Jcleared"]),
            ] {
                nix_that(nix, moment, deed);
                let said = ran(with_it(&arena, nix, &["remove", "one"])).expect(1);
                let command = format!("nix {moment} ");
                for words in words.iter().copied().chain([command.as_str()]) {
                    assert!(said.err.contains(words), "no '{words}' in\n{}", said.err);
                }
                assert!(!said.err.contains('\u{1b}') && said.out.is_empty(), "{said:?}");
                assert_untouched(&arena, &live, deed);
            }
            nix_that(nix, moment, "echo 'error: the disk is on fire' >&2; exit 1");
            let shown = frame(&arena, nix, "d w y");
            assert!(shown.contains("the disk is on fire"), "{shown}");
            assert!(shown.contains("staged 1"), "the plan is still there:\n{shown}");
            assert_untouched(&arena, &live, "the interface");
            arena.firn(&["remove", "one"]).expect(0);
            assert_eq!(arena.elements(), ["two"]);
        });
    }
}

#[test]
fn a_nix_that_claims_to_have_switched_is_not_believed() {
    for moment in MOMENTS {
        each_nix(&format!("a nix {moment} that does nothing"), |nix| {
            let arena = Arena::nix(nix);
            let live = arena.live();
            nix_that(nix, moment, "exit 0");
            let said = ran(with_it(&arena, nix, &["remove", "one"])).expect(1);
            assert!(said.err.starts_with("error: ") && said.out.is_empty(), "{said:?}");
            assert_untouched(&arena, &live, moment);
        });
    }
}

/// The package is added, and leaves the store while that is done.
fn add_what_leaves(arena: &Arena, nix: &PrivateNix, moment: &str) -> Ran {
    let store = nix.bin().join("nix-store");
    let gone = nix.root().join("gone");
    let deed = format!(
        "if ! [ -e {gone} ]; then : > {gone}; {store} --gc --option min-free 0 >&2 || exit 7; \
         {store} --delete --ignore-liveness {extra} >&2; fi",
        gone = gone.display(),
        store = store.display(),
        extra = arena.extra.0,
    );
    nix_that(nix, moment, &deed);
    ran(with_it(arena, nix, &["add", &arena.extra.0]))
}

#[test]
fn a_package_that_leaves_the_store_meanwhile_is_named() {
    for moment in MOMENTS {
        each_nix(&format!("a package leaves the store before nix {moment}"), |nix| {
            let arena = Arena::nix(nix);
            let live = arena.live();
            let said = add_what_leaves(&arena, nix, moment).expect(1);
            assert!(nix.root().join("gone").exists() && !Path::new(&arena.extra.0).exists());
            assert!(said.err.contains(&arena.extra.0), "{}", said.err);
            assert_untouched(&arena, &live, moment);
            // What is there can be changed as before.
            arena.firn(&["remove", "one"]).expect(0);
            assert_eq!(arena.elements(), ["two"]);
        });
    }
}
