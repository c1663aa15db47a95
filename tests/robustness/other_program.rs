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
use crate::kill::end_orphans;
use crate::support::{PrivateNix, each_nix, script};

/// The nix command before which the other program acts.
const MOMENTS: [&str; 2] = ["copy", "build"];

/// Makes a `nix` that, the first time it is called for `verb`, runs `deed` before the real one.
fn eventful_nix(nix: &PrivateNix, verb: &str, deed: &str) {
    eventful_nix_if(nix, &format!("[ \"$1\" = {verb} ]"), deed);
}

/// The same, the first time that a condition holds for its words.
fn eventful_nix_if(nix: &PrivateNix, condition: &str, deed: &str) {
    let (real, mark) = (nix.bin().join("nix"), nix.root().join("event"));
    std::fs::write(&mark, "").unwrap();
    let text = format!(
        "if {condition} && [ -e {mark} ]; then rm {mark}; {deed}; fi\nexec {real} \"$@\"",
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

/// Changes that nix-env makes, and the elements that are there after firn removed `one`.
fn deeds_of_nix_env(arena: &Arena, nix: &PrivateNix) -> [(String, &'static [&'static str]); 3] {
    let nix_env = format!("{}/nix-env --profile {}", nix.bin().display(), arena.profile().display());
    [
        (format!("{nix_env} --install {} >&2", arena.extra.0), &["extra", "two"]),
        (format!("{nix_env} --uninstall two >&2"), &[]),
        (format!("{nix_env} --set-flag priority 3 two >&2"), &["two"]),
    ]
}

#[test]
fn what_nix_env_changes_meanwhile_stays() {
    for (index, moment) in MOMENTS.into_iter().flat_map(|moment| (0..3).map(move |index| (index, moment))) {
        each_nix(&format!("what nix-env changes meanwhile stays: {moment}, {index}"), |nix| {
            let arena = Arena::nix_environment(nix);
            let (deed, elements) = deeds_of_nix_env(&arena, nix)[index].clone();
            // Of the two builds, the first is that of the environment.
            eventful_nix(nix, moment, &deed);
            let removed = ran(with_events(&arena, nix, &["remove", "one"])).expect(0);
            assert!(happened(nix));
            let words = "another program changed the profile meanwhile; planning again on top of that";
            assert!(removed.err.contains(words), "{}", removed.err);
            assert_eq!(arena.elements(), elements, "{deed}");
            check_nix_env(&arena, nix, &[1, 2, 3]);
        });
    }
}

#[test]
fn nix_env_waits_while_firn_switches() {
    each_nix("nix-env waits while firn switches", |nix| {
        for (index, text) in ["--uninstall two", "--install EXTRA"].into_iter().enumerate() {
            let _ = std::fs::remove_dir_all(nix.root().join("profiles"));
            std::fs::create_dir(nix.root().join("profiles")).unwrap();
            let arena = Arena::nix_environment(nix);
            let words = text.replace("EXTRA", &arena.extra.0);
            let log = nix.root().join("log-of-nix-env");
            let (nix_env, profile) = (nix.bin().join("nix-env"), arena.profile());
            let deed = format!(
                "{} --profile {} {words} < /dev/null > {} 2>&1 &",
                nix_env.display(),
                profile.display(),
                log.display()
            );
            // firn holds the lock then, and has checked the profile.
            eventful_nix_if(
                nix,
                "case \"$*\" in *--profile*) true;; *) false;; esac",
                &deed.replace(" &", " & true"),
            );
            ran(with_events(&arena, nix, &["remove", "one"])).expect(0);
            assert!(happened(nix));
            end_orphans(nix.root(), false);
            let elements: &[&str] = if index == 0 { &[] } else { &["extra", "two"] };
            assert_eq!(arena.elements(), elements, "{words}: {}", std::fs::read_to_string(log).unwrap());
            check_nix_env(&arena, nix, &[1, 2, 3]);
        }
    });
}

#[test]
fn the_interface_stages_on_top_of_what_nix_env_did() {
    each_nix("the interface stages on top of what nix-env did", |nix| {
        let arena = Arena::nix_environment(nix);
        let (deed, _) = deeds_of_nix_env(&arena, nix)[0].clone();
        eventful_nix(nix, "copy", &deed);
        let command = with_events(&arena, nix, &["--keys", "d w y w y", "--frame", "120x36"]);
        let frame = ran(command).expect(0).out;
        assert!(happened(nix) && frame.contains("Generation 3 is live."), "{frame}");
        assert_eq!(arena.elements(), ["extra", "two"], "both changes are there");
        check_nix_env(&arena, nix, &[1, 2, 3]);
    });
}

/// nix-env goes on with the profile, which has exactly these generations.
#[track_caller]
fn check_nix_env(arena: &Arena, nix: &PrivateNix, numbers: &[u64]) {
    assert_eq!(arena.names(), names_of(numbers));
    let profile = arena.profile();
    let nix_env =
        |words: &[&str]| nix.run("nix-env", &[&["--profile", profile.to_str().unwrap()], words].concat());
    let packages = nix_env(&["--query"]);
    let names: Vec<&str> = packages.lines().filter_map(|line| line.strip_suffix("-1.0")).collect();
    assert_eq!(names, arena.elements());
    nix_env(&["--set-flag", "keep", "true", "*"]);
    nix_env(&["--rollback"]);
}

fn names_of(numbers: &[u64]) -> Vec<String> {
    let mut names: Vec<String> = numbers.iter().map(|number| format!("p-{number}-link")).collect();
    names.insert(0, "p".to_owned());
    names
}

/// The generations are exactly these, and nothing else lies beside them.
#[track_caller]
fn assert_links(arena: &Arena, numbers: &[u64]) {
    assert_eq!(arena.names(), names_of(numbers));
    assert!(Path::new(&arena.live()).join("manifest.json").exists());
}
