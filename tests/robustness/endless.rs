//! Files and pipes without an end, and others that cannot be what their name says: refused in
//! words that name them, or done without, before they fill the memory.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::arena::{Arena, Ran, ran};
use crate::support::each_nix;

/// What a file is that firn should not read.
const KINDS: [&str; 3] = ["huge", "pipe", "folder"];

/// What firn notes for itself, in its state folder.
const OWN_FILES: [&str; 3] = ["journal.jsonl", "holds.json", "generation-notes.json"];

fn make(kind: &str, path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    match kind {
        // Sparse, and larger than whatever is read whole.
        "huge" => File::create(path).unwrap().set_len(1 << 32).unwrap(),
        "pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        }
        _ => std::fs::create_dir(path).unwrap(),
    }
}

fn reading_zeros(arena: &Arena, words: &[&str]) -> Ran {
    let mut command = arena.command(words);
    command.stdin(Stdio::from(File::open("/dev/zero").unwrap()));
    ran(command)
}

#[test]
fn input_without_an_end_is_refused() {
    let arena = Arena::playground();
    let before = arena.names();
    for (words, name) in [
        (&["apply", "-"][..], "standard input"),
        (&["apply", "/dev/zero"], "'/dev/zero'"),
        (&["add", "--stdin"], "standard input"),
        (&["add", "--file", "-"], "standard input"),
    ] {
        let said = reading_zeros(&arena, words).expect(1);
        assert_eq!(said.err, format!("error: cannot read {name}: it has more than 64 MiB\n"), "{words:?}");
    }
    assert_eq!(arena.names(), before);
    each_nix("an argument without an end is refused", |nix| {
        let arena = Arena::nix(nix);
        let said = reading_zeros(&arena, &["--arg-from-stdin", "x", "add", "--expr", "{ x }: x"]).expect(1);
        assert_eq!(said.err, "error: cannot read standard input: it has more than 64 MiB\n");
    });
}

#[test]
fn an_expression_that_is_no_word_is_refused_with_another_way() {
    each_nix("an expression that is no word", |nix| {
        let arena = Arena::nix(nix);
        let file = nix.root().join("work/long.nix");
        std::fs::write(&file, " ".repeat(200_000)).unwrap();
        for (words, way) in [
            (&["add", "--file", "-"][..], "--file FILE"),
            (&["--arg-from-stdin", "x", "add", "--expr", "{ x }: x"], "--arg-from-file NAME FILE"),
        ] {
            let mut command = arena.command(words);
            command.stdin(Stdio::from(File::open(&file).unwrap()));
            let said = ran(command).expect(1).err;
            assert!(said.contains("standard input has 195 KiB"), "{said}");
            assert!(said.contains(&format!("hint: put it into a file, and type {way}")), "{said}");
        }
    });
}

#[test]
fn notes_of_its_own_that_cannot_be_read_cost_only_themselves() {
    for (kind, name) in KINDS.iter().flat_map(|kind| OWN_FILES.map(|name| (kind, name))) {
        let arena = Arena::playground();
        let file = arena.root().join("playground/state").join(name);
        let _ = std::fs::remove_file(&file);
        make(kind, &file);
        arena.firn(&["list"]).expect(0);
        arena.firn(&["history"]).expect(0);
        let doctor = arena.firn(&["doctor"]).out;
        assert!(name != "journal.jsonl" || doctor.contains(name), "{kind}: {doctor}");
        arena.firn(&["priority", arena.element, "9"]).expect(0);
        let frame = ran(arena.command(&["--keys", "3 j 1 j", "--frame", "120x36"])).expect(0).out;
        assert!(frame.contains("Installed"), "{kind} {name}: {frame}");
    }
}

#[test]
fn a_registry_that_cannot_be_read_is_told_and_not_written() {
    for kind in KINDS {
        let arena = Arena::playground();
        let file = arena.root().join("playground/config/nix/registry.json");
        std::fs::remove_file(&file).unwrap();
        make(kind, &file);
        let listed = arena.firn(&["registry", "list"]);
        assert!(listed.err.contains("config/nix/registry.json"), "{kind}: {listed:?}");
        assert!(!listed.out.contains("user ") && listed.out.contains("global"), "{kind}: {listed:?}");
        let added = arena.firn(&["registry", "add", "x", "path:/x"]).expect(1);
        assert!(added.err.contains("registry.json") && added.err.contains("was not written"), "{added:?}");
        let keys = arena.command(&["--keys", "2 j j k", "--frame", "120x36"]);
        let frame = ran(keys).expect(0).out;
        assert!(frame.contains("Registry"), "{frame}");
    }
}

#[test]
fn what_firn_knows_of_programs_is_asked_again() {
    each_nix("what firn knows of programs is asked again", |nix| {
        for kind in KINDS {
            let arena = Arena::nix(nix);
            let cache = nix.home().join(".cache/firn");
            let _ = std::fs::remove_dir_all(&cache);
            make(kind, &cache.join("nix.json"));
            arena.firn(&["remove", "one"]).expect(0);
            assert_eq!(arena.elements(), ["two"], "{kind}");
            arena.firn(&["rollback"]).expect(0);
            std::fs::remove_dir_all(nix.root().join("profiles")).unwrap();
            std::fs::create_dir(nix.root().join("profiles")).unwrap();
        }
    });
}
