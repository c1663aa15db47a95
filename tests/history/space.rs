//! The bytes that deleting generations frees, as told before, are those that `nix store gc` frees.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{PrivateNix, each_nix, write};
use crate::{firn, firn_ok, nix_add, package};

/// What firn says would be freed, and how many paths.
fn told(nix: &PrivateNix, profile: &Path, words: &[&str]) -> (String, usize) {
    let output = firn(nix, profile, words);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line =
        text.lines().find(|line| line.contains("garbage collection")).unwrap_or_else(|| panic!("{text}"));
    let (_, rest) = line.split_once("frees ").unwrap();
    let (size, paths) = rest.split_once(" (").unwrap();
    (size.to_owned(), paths.split(' ').next().unwrap().parse().unwrap())
}

/// What the collection frees: bytes of everything that was in the store and is gone.
fn collect(nix: &PrivateNix) -> (u64, usize, String) {
    let paths = |nix: &PrivateNix| -> BTreeSet<std::path::PathBuf> {
        let entries = std::fs::read_dir(nix.store_dir()).unwrap().flatten();
        entries.filter(|entry| entry.file_name() != ".links").map(|entry| entry.path()).collect()
    };
    let sizes: Vec<_> = paths(nix).into_iter().map(|path| (bytes(&path), path)).collect();
    let text = nix.run("nix", &["store", "gc"]);
    let left = paths(nix);
    let gone: Vec<u64> =
        sizes.into_iter().filter(|(_, path)| !left.contains(path)).map(|(size, _)| size).collect();
    (gone.iter().sum(), gone.len(), text)
}

fn bytes(path: &Path) -> u64 {
    let found = path.symlink_metadata().unwrap();
    if !found.is_dir() {
        return found.len();
    }
    std::fs::read_dir(path).unwrap().flatten().map(|entry| bytes(&entry.path())).sum()
}

/// Says before, deletes, collects, and compares.
fn check(nix: &PrivateNix, profile: &Path, numbers: &[&str]) {
    let mut words = vec!["delete-generations"];
    words.extend(numbers);
    let mut dry = words.clone();
    dry.push("--dry-run");
    let (size, paths) = told(nix, profile, &dry);
    firn_ok(nix, profile, &words);
    let (freed, gone, text) = collect(nix);
    assert_eq!((paths, size), (gone, firn::core::byte_size::text(freed)), "{numbers:?}: {text}");
    assert!(text.contains(&format!("{gone} store paths deleted")), "{text}");
}

#[test]
fn what_is_freed_is_known_before() {
    each_nix("bytes that deletions free", |nix| {
        let profile = nix.profile("p");
        let library = package(nix, "library-1.0", 300_000);
        let shared = nix.add_object("shared-1.0", std::slice::from_ref(&library), |root| {
            write(root, "bin/shared", format!("{library}\n"));
            std::os::unix::fs::symlink(&library, root.join("library")).unwrap();
        });
        let alone = package(nix, "alone-1.0", 200_000);
        let held = package(nix, "held-1.0", 100_000);
        let needed = package(nix, "needed-1.0", 3_000);
        for path in [&shared, &alone, &held] {
            nix_add(nix, &profile, path);
        }
        // 4: without alone and held, with what is shared; 5: without what is shared
        nix.run("nix", &["profile", "remove", "--profile", profile.to_str().unwrap(), "alone", "held"]);
        nix_add(nix, &profile, &needed);
        nix.run("nix", &["profile", "remove", "--profile", profile.to_str().unwrap(), "shared"]);
        let root = nix.root().join("result");
        nix.run("nix-store", &["--add-root", root.to_str().unwrap(), "--realise", &held]);
        collect(nix);
        // shared: 1 shares everything with 2 and is alone with its own tree
        check(nix, &profile, &["1"]);
        // unshared: alone goes with 2 and 3, what they share with 4 stays
        check(nix, &profile, &["2", "3"]);
        assert!(Path::new(&held).exists(), "another root holds it");
        assert!(Path::new(&shared).exists(), "generation 4 has it");
        check(nix, &profile, &["4", "5"]);
        assert!(!Path::new(&library).exists() && Path::new(&needed).exists());
        // held by another root until that goes
        nix_add(nix, &profile, &held);
        nix.run("nix", &["profile", "remove", "--profile", profile.to_str().unwrap(), "held"]);
        check(nix, &profile, &["7"]);
        assert!(Path::new(&held).exists());
    });
}
