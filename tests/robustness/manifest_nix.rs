//! A `manifest.nix` that nix-env did not write so: every reader of it refuses it with the line and the
//! column, writes nothing, and needs little memory for that.

use std::path::Path;
use std::process::Command;

use crate::arena::{Arena, Ran, ran};
use crate::damaged::{changed, contents};

/// In KiB, address space and not what is used of it, which is below 200 MiB: a manifest of 100 MB as it
/// is read, and the stacks of threads.
const MEMORY: u64 = 1 << 20;

/// How many places of the manifest are tried.
const CUTS: usize = 48;

/// Puts a manifest in the place of the live one, whose generation it keeps.
fn put(arena: &Arena, manifest: &[u8]) {
    let live = arena.live();
    let file = Path::new(&live).join("manifest.nix");
    let _ = std::fs::remove_file(&file);
    std::fs::write(file, manifest).unwrap();
}

/// firn with no more memory than it may take.
fn bounded(arena: &Arena, words: &[&str]) -> Ran {
    let firn = arena.command(words);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")]);
    shell.arg(firn.get_program()).args(firn.get_args()).current_dir(arena.root()).env_clear();
    shell.envs(firn.get_envs().filter_map(|(name, value)| Some((name, value?))));
    ran(shell)
}

fn manifest(arena: &Arena) -> Vec<u8> {
    std::fs::read(arena.profile().join("manifest.nix")).unwrap()
}

#[test]
fn a_manifest_that_ends_anywhere_is_refused_with_the_place() {
    let arena = Arena::playground_environment();
    let whole = manifest(&arena);
    let playground = arena.root().join("playground");
    let mut before = None;
    for cut in 0..CUTS {
        // Every byte comes up in one of the runs with another number of cuts.
        let at = cut * whole.len() / CUTS;
        put(&arena, &whole[..at]);
        let before = before.get_or_insert_with(|| contents(&playground));
        before.insert(
            Path::new(&arena.live()).join("manifest.nix").display().to_string(),
            String::from_utf8_lossy(&whole[..at]).into_owned(),
        );
        let words: &[&str] = [&["list"][..], &["remove", "jq"], &["tree"]][cut % 3];
        let said = arena.firn(words).expect(1);
        assert!(
            said.out.is_empty() && said.err.contains("manifest.nix: line 1, column "),
            "{at}: {}",
            said.err
        );
        assert_eq!(changed(before, &playground).collect::<Vec<_>>(), Vec::<String>::new(), "{at}");
    }
    put(&arena, &whole);
    arena.firn(&["list"]).expect(0);
}

#[test]
fn what_is_huge_or_deep_is_refused_without_filling_the_memory() {
    let arena = Arena::playground_environment();
    let whole = String::from_utf8(manifest(&arena)).unwrap();
    let with = |value: &str| whole.replacen("meta = {", &format!("meta = {{ hostile = {value};"), 1);
    let column = whole.find("meta = {").unwrap() + "meta = { hostile = ".len() + 1;
    let here = format!("line 1, column {column}:");
    let huge = "x".repeat(100 << 20);
    let deep = |open: &str, close: &str| with(&format!("{}1{}", open.repeat(10_000), close.repeat(10_000)));
    for (text, place, words) in [
        (with(&format!("\"{huge}\"")), here.as_str(), "more than 16 MiB"),
        (with(&format!("\"{huge}")), &here, "more than 16 MiB"),
        (with(&huge[..20 << 20]), &here, "would have to be evaluated"),
        (with(&format!("1; {0} = 1; {0} = 2", &huge[..20 << 20])), "line 1, column ", "is there twice"),
        (huge.clone(), "line 1, column 1:", "a list of packages"),
        (with(&format!("[ {}]", "1 ".repeat(3 << 20))), "line 1, column ", "more than 2097152 values"),
        ("\n".repeat(1 << 20), "line 1048577, column 1:", "ends in the middle"),
        (deep("[ ", " ]"), "line 1, column ", "nested more than 100 deep"),
        (deep("{ a = ", "; }"), "line 1, column ", "nested more than 100 deep"),
        (with("{ a = x: x; }"), "line 1, column ", "'x' would have to be evaluated"),
        (with("\"${builtins.storeDir}\""), "line 1, column ", "would have to be evaluated"),
        (with("import ./x"), &here, "'import' would have to be evaluated"),
    ] {
        put(&arena, text.as_bytes());
        let said = bounded(&arena, &["list"]);
        assert_eq!(said.status, 1, "{words}: {}", said.err);
        let shown: String = said.err.chars().take(300).collect();
        assert!(said.err.contains(place) && said.err.contains(words), "{words}: {shown}");
        assert!(said.err.len() < 2000 && said.out.is_empty(), "{words}: {shown}");
        let frame = bounded(&arena, &["--keys", "j d w y", "--frame", "120x36"]).expect(0).out;
        let flat = frame.replace(['│', '┃', '|'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("manifest.nix") && flat.contains(words), "{frame}");
    }
    put(&arena, b"[ \n \xc3\xa4 \xff ]");
    let said = arena.firn(&["list"]).expect(1);
    assert!(said.err.contains("line 2, column 4: this is not valid UTF-8"), "{}", said.err);
    assert_eq!(arena.names().iter().filter(|name| name.starts_with("nix-env-")).count(), 3);
}
