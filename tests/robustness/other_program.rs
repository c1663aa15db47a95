//! Another program changes the profile while firn is about to: it is noticed, said, planned
//! again on top, and neither change is lost.
//!
//! The other program is the real Nix, run by a `nix` of ours right before it becomes the real
//! one: when firn imports its profile (between planning and the check), when it switches
//! (between the check and the switch).

use std::path::Path;
use std::process::Command;

use firn::system::profile_folder::ProfileFolder;

use crate::arena::{Arena, Ran, ran};
use crate::support::{PrivateNix, each_nix, script};

/// The nix command before which the other program acts.
const MOMENTS: [&str; 2] = ["copy", "build"];

/// Makes a `nix` that, the first time it is called for `verb`, runs `deed` before the real one.
fn eventful_nix(nix: &PrivateNix, verb: &str, deed: &str) {
    let (real, mark) = (nix.bin().join("nix"), nix.root().join("event"));
    std::fs::write(&mark, "").unwrap();
    let text = format!(
        "if [ \"$1\" = {verb} ] && [ -e {mark} ]; then rm {mark}; {deed}; fi\nexec {real} \"$@\"",
        mark = mark.display(),
        real = real.display(),
    );
    script(nix.root(), "eventful/nix", &text);
}

fn with_events(arena: &Arena, nix: &PrivateNix, words: &[&str]) -> Command {
    let mut command = arena.command(words);
    command.env("FIRN_NIX_BIN", nix.root().join("eventful"));
    command
}

/// Words that add the extra package with the real Nix.
fn other_adds(arena: &Arena, nix: &PrivateNix) -> String {
    let (nix, profile) = (nix.bin().join("nix"), arena.profile());
    format!("{} profile install --profile {} {} >&2", nix.display(), profile.display(), arena.extra.0)
}

fn happened(nix: &PrivateNix) -> bool {
    !nix.root().join("event").exists()
}

#[test]
fn a_verb_plans_again_on_top() {
    for moment in MOMENTS {
        each_nix(&format!("a verb plans again on top: {moment}"), |nix| {
            let arena = Arena::nix(nix);
            eventful_nix(nix, moment, &other_adds(&arena, nix));
            let removed = ran(with_events(&arena, nix, &["remove", "one"])).expect(0);
            assert!(happened(nix));
            let words = "another program changed the profile meanwhile; planning again on top of that";
            assert!(removed.err.contains(words), "{}", removed.err);
            assert_eq!(arena.elements(), ["extra", "two"], "both changes are there");
            assert_links(&arena, &[1, 2, 3]);
        });
    }
}

#[test]
fn the_interface_plans_again_on_top_and_says_so() {
    for moment in MOMENTS {
        each_nix(&format!("the interface plans again on top: {moment}"), |nix| {
            let arena = Arena::nix(nix);
            eventful_nix(nix, moment, &other_adds(&arena, nix));
            let keys = |keys: &str| -> Ran {
                ran(with_events(&arena, nix, &["--keys", keys, "--frame", "120x36"])).expect(0)
            };
            let frame = keys("d w y").out;
            assert!(happened(nix));
            assert!(
                frame.contains("Another program changed the profile: generation 2 is live now."),
                "{frame}"
            );
            assert!(frame.contains("Your plan stands on top of it"), "{frame}");
            assert!(frame.contains("extra") && frame.contains("staged 1"), "{frame}");
            assert_eq!(arena.elements(), ["extra", "one", "two"], "theirs is live, ours is not");
            std::fs::write(nix.root().join("event"), "").unwrap();
            eventful_nix(nix, moment, "true");
            let frame = keys("j d w y").out;
            assert!(frame.contains("Generation 3 is live."), "{frame}");
            assert_eq!(arena.elements(), ["extra", "two"]);
            assert_links(&arena, &[1, 2, 3]);
        });
    }
}

#[test]
fn keys_go_on_after_a_plan_was_put_on_top() {
    each_nix("keys go on after a plan was put on top", |nix| {
        let arena = Arena::nix(nix);
        eventful_nix(nix, "build", &other_adds(&arena, nix));
        let command = with_events(&arena, nix, &["--keys", "d w y w y", "--frame", "120x36"]);
        let frame = ran(command).expect(0).out;
        assert!(happened(nix) && frame.contains("Generation 3 is live."), "{frame}");
        assert_eq!(arena.elements(), ["extra", "two"], "both changes are there");
    });
}

#[test]
fn a_rollback_of_nix_in_between_is_noticed() {
    each_nix("a rollback in between is noticed", |nix| {
        let arena = Arena::nix(nix);
        arena.firn(&["add", &arena.extra.0]).expect(0);
        let (program, profile) = (nix.bin().join("nix"), arena.profile());
        let deed = format!("{} profile rollback --profile {} >&2", program.display(), profile.display());
        eventful_nix(nix, "copy", &deed);
        ran(with_events(&arena, nix, &["priority", "two", "9"])).expect(0);
        assert!(happened(nix));
        assert_eq!(arena.elements(), ["one", "two"], "the rollback counts");
    });
}

#[test]
fn a_nix_whose_firn_was_killed_keeps_the_lock_until_it_has_switched() {
    each_nix("a nix whose firn was killed keeps the lock", |nix| {
        let arena = Arena::nix(nix);
        let (said, gate) = (nix.root().join("said"), nix.root().join("gate"));
        for pipe in [&said, &gate] {
            assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        }
        let deed = format!("echo here > {}; read answer < {}", said.display(), gate.display());
        eventful_nix(nix, "build", &deed);
        let mut firn = with_events(&arena, nix, &["remove", "one"]).spawn().unwrap();
        assert_eq!(std::fs::read_to_string(&said).unwrap(), "here\n");
        firn.kill().unwrap();
        firn.wait().unwrap();
        let folder = ProfileFolder::new(&arena.profile()).unwrap();
        assert!(folder.try_lock().unwrap().is_none(), "somebody else could switch before it");
        std::fs::write(&gate, "go\n").unwrap();
        drop(folder.lock().unwrap());
        assert_eq!(arena.elements(), ["two"], "the new profile, as a whole");
        assert!(!arena.names().contains(&"p.lock".to_owned()));
    });
}

/// The generations are exactly these, and nothing else lies beside them.
#[track_caller]
fn assert_links(arena: &Arena, numbers: &[u64]) {
    let mut expected: Vec<String> = numbers.iter().map(|number| format!("p-{number}-link")).collect();
    expected.insert(0, "p".to_owned());
    assert_eq!(arena.names(), expected);
    assert!(Path::new(&arena.live()).join("manifest.json").exists());
}
