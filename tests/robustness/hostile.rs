//! Names that try to move the cursor, to turn the line round, to vanish or to take all the room:
//! shown harmlessly and in their columns by every verb and on every screen.

use std::path::Path;

use firn::core::visible;
use serde_json::json;

use crate::arena::{Arena, ran};

/// File and element names; a file's name has at most 255 bytes.
const NAMES: [&str; 8] = [
    "\u{1b}[2J\u{1b}[31mred\u{7}",
    "right\u{202e}left",
    "zero\u{200b}width\u{feff}",
    "combi\u{301}\u{302}ned",
    "字が広い名前",
    "line\nbreak\ttab",
    "../../escape",
    "\u{9b}31mc1",
];

/// A profile whose elements and files have those names, and one of 4,000 characters.
fn hostile() -> Arena<'static> {
    let arena = Arena::playground();
    let playground = arena.root().join("playground").canonicalize().unwrap();
    let store = playground.join("store");
    let package = store.join(format!("{}-evil-1.0", "b".repeat(32)));
    std::fs::create_dir_all(package.join("bin")).unwrap();
    for name in NAMES.iter().filter(|name| !name.contains('/')) {
        std::fs::write(package.join("bin").join(name), "").unwrap();
    }
    std::fs::write(package.join("bin").join("n".repeat(255)), "").unwrap();
    let element = |name: &str| {
        let source = format!("path:/x?dir={}", "d".repeat(name.len() % 7 + 1));
        json!({"active": true, "priority": 5, "storePaths": [package], "url": source, "originalUrl": source,
            "attrPath": name, "outputs": null})
    };
    let long = "long".repeat(1000);
    let names = NAMES.iter().copied().chain([long.as_str()]);
    let elements: serde_json::Map<_, _> = names.map(|name| (name.to_owned(), element(name))).collect();
    let path = store.join(format!("{}-profile", "a".repeat(32)));
    std::fs::create_dir(&path).unwrap();
    let manifest = json!({"elements": elements, "version": 3});
    std::fs::write(path.join("manifest.json"), manifest.to_string()).unwrap();
    live_link(&playground.join("profiles"), &path);
    arena
}

fn live_link(profiles: &Path, target: &Path) {
    std::os::unix::fs::symlink(target, profiles.join("profile-90-link")).unwrap();
    std::fs::remove_file(profiles.join("profile")).unwrap();
    std::os::unix::fs::symlink("profile-90-link", profiles.join("profile")).unwrap();
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    for line in text.lines() {
        assert_eq!(visible::text(line), line, "{what}");
    }
}

#[test]
fn verbs_show_hostile_names_harmlessly() {
    let arena = hostile();
    for verb in [
        "list",
        "list --json",
        "tree",
        "tree --json",
        "collisions",
        "history",
        "history --json",
        "remove --dry-run ../../escape",
        "remove nosuch\u{1b}[2J",
        "which \u{1b}[2J",
    ] {
        let said = arena.firn(&verb.split(' ').collect::<Vec<_>>());
        assert_harmless(verb, &said.out);
        assert_harmless(verb, &said.err);
    }
    let listed = arena.firn(&["list", "--json"]).expect(0).json();
    let elements = listed["elements"].as_object().unwrap();
    assert!(NAMES.iter().all(|name| elements.contains_key(*name)), "JSON keeps the very names");
}

#[test]
fn one_long_name_does_not_move_the_others() {
    let list = hostile().firn(&["list"]).expect(0).out;
    let widths: Vec<usize> = list.lines().map(|line| line.chars().count()).collect();
    assert_eq!(widths.len(), NAMES.len() + 1, "{list}");
    assert!(widths.iter().filter(|width| **width > 300).count() <= 1, "{widths:?}");
}

#[test]
fn screens_show_hostile_names_harmlessly() {
    let arena = hostile();
    for size in ["60x20", "80x24", "120x36", "200x60"] {
        for keys in ["", "G", "c", "0", "0 j j", "j d w", "3", "p", "] ]", "j j d d <esc> w", "Y"] {
            let frame = ran(arena.command(&["--keys", keys, "--frame", size])).expect(0).out;
            assert_harmless(&format!("{size} {keys}"), &frame);
        }
    }
}
