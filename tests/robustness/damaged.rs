//! Damaged and hostile profiles: every verb says which file is wrong and what to do next, none
//! writes anything, and the interface opens with words of its own.
//!
//! The words of all of them are in `snapshots/`; what must hold for each is checked here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::arena::{Arena, ran};

/// What can be wrong with the playground's profile.
struct Damage {
    name: &'static str,
    /// Does it; gets the folder of the profile and that of the store.
    make: fn(&Path, &Path),
    /// What every verb that cannot work on it must say.
    words: &'static [&'static str],
    /// What the interface must show.
    frame: &'static [&'static str],
}

/// A manifest with one element of which a part is replaced.
fn manifest_with(part: &str, by: &str) -> String {
    let element = r#"{"active":true,"priority":5,"storePaths":[]}"#.replace(part, by);
    format!(r#"{{"elements":{{"tool":{element}}},"version":3}}"#)
}

/// Makes a profile with this manifest live, as generation 90.
fn live_manifest(profiles: &Path, store: &Path, text: &[u8]) {
    let path = store.join(format!("{}-profile", "a".repeat(32)));
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("manifest.json"), text).unwrap();
    live_link(profiles, &path);
}

/// Makes a profile of nix-env with this manifest live.
fn live_environment(profiles: &Path, store: &Path, text: &[u8]) {
    let path = store.join(format!("{}-user-environment", "a".repeat(32)));
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("manifest.nix"), text).unwrap();
    live_link(profiles, &path);
}

/// A package of nix-env, of which a part is replaced.
fn package_with(store: &Path, part: &str, by: &str) -> Vec<u8> {
    let path = format!("{}/{}-tool-1", store.display(), "b".repeat(32));
    let package = format!(
        "[ {{ meta = {{ priority = \"7\"; }}; name = \"tool-1\"; out = {{ outPath = \"{path}\"; }}; outPath = \
         \"{path}\"; outputs = [ \"out\" ]; system = \"unknown\"; type = \"derivation\"; }} ]"
    );
    assert!(package.contains(part));
    package.replacen(part, by, 1).into_bytes()
}

fn live_link(profiles: &Path, target: &Path) {
    symlink(target, profiles.join("profile-90-link")).unwrap();
    std::fs::remove_file(profiles.join("profile")).unwrap();
    symlink("profile-90-link", profiles.join("profile")).unwrap();
}

const MANIFEST: &[&str] = &["profile/manifest.json: ", "rollback"];

const ENVIRONMENT: &[&str] = &["profile/manifest.nix: line ", ", column ", "rollback"];

const DAMAGES: &[Damage] = &[
    Damage {
        name: "empty",
        make: |profiles, store| live_manifest(profiles, store, b""),
        words: MANIFEST,
        frame: &["manifest.json", "not valid JSON"],
    },
    Damage {
        name: "truncated",
        make: |profiles, store| live_manifest(profiles, store, &manifest_with("", "").as_bytes()[..40]),
        words: MANIFEST,
        frame: &["manifest.json", "not valid JSON"],
    },
    Damage {
        name: "binary",
        make: |profiles, store| live_manifest(profiles, store, b"\x7fELF\x02\x01\x01\0\xff\xfe\x1b[2J"),
        words: MANIFEST,
        frame: &["manifest.json", "not valid JSON"],
    },
    Damage {
        name: "200,000 deep",
        make: |profiles, store| live_manifest(profiles, store, &[b'['; 200_000]),
        words: MANIFEST,
        frame: &["manifest.json", "recursion limit"],
    },
    Damage {
        name: "newer version",
        make: |profiles, store| live_manifest(profiles, store, br#"{"elements":{},"version":4}"#),
        words: &["profile/manifest.json: ", "version 4", "newer firn"],
        frame: &["version 4"],
    },
    Damage {
        name: "no version",
        make: |profiles, store| live_manifest(profiles, store, br#"{"elements":{}}"#),
        words: MANIFEST,
        frame: &["no version"],
    },
    Damage {
        name: "a priority of the wrong type",
        make: |profiles, store| live_manifest(profiles, store, manifest_with("5", "\"high\"").as_bytes()),
        words: &["profile/manifest.json: ", "element 'tool'", "'priority'", "rollback"],
        frame: &["element 'tool'"],
    },
    Damage {
        name: "elements of the wrong type",
        make: |profiles, store| live_manifest(profiles, store, br#"{"elements":"all","version":3}"#),
        words: &["profile/manifest.json: ", "'elements'", "rollback"],
        frame: &["'elements'"],
    },
    Damage {
        name: "a store path that leads out of the store",
        make: |profiles, store| {
            let path = format!("[\"{}/../../etc\"]", store.display());
            live_manifest(profiles, store, manifest_with("[]", &path).as_bytes());
        },
        words: &["profile/manifest.json: ", "element 'tool'", "etc", "rollback"],
        frame: &["element 'tool'"],
    },
    Damage {
        name: "a store path that is another folder's",
        make: |profiles, store| live_manifest(profiles, store, manifest_with("[]", "[\"/etc\"]").as_bytes()),
        words: &["profile/manifest.json: ", "element 'tool'", "'/etc'", "rollback"],
        frame: &["element 'tool'"],
    },
    Damage {
        name: "a manifest that is a folder",
        make: |profiles, store| {
            let path = store.join(format!("{}-profile", "a".repeat(32)));
            std::fs::create_dir_all(path.join("manifest.json")).unwrap();
            live_link(profiles, &path);
        },
        words: &["profile/manifest.json: ", "not a regular file", "rollback"],
        frame: &["not a regular file"],
    },
    Damage {
        name: "a dangling link",
        make: |profiles, store| live_link(profiles, &store.join("gone")),
        words: &["profiles/profile' leads to nothing", "rollback"],
        frame: &["does not exist any more"],
    },
    Damage {
        name: "a folder without a manifest",
        make: |profiles, store| {
            let path = store.join(format!("{}-env", "a".repeat(32)));
            std::fs::create_dir(&path).unwrap();
            live_link(profiles, &path);
        },
        words: &["profiles/profile' has no manifest", "rollback"],
        frame: &["without a manifest"],
    },
    Damage {
        name: "a link to itself",
        make: |profiles, _| {
            std::fs::remove_file(profiles.join("profile")).unwrap();
            symlink("profile", profiles.join("profile")).unwrap();
        },
        words: &["profiles/profile", "rollback"],
        frame: &["profile"],
    },
    Damage {
        name: "a live generation outside of the store",
        make: |profiles, _| {
            let outside = profiles.with_file_name("outside");
            std::fs::create_dir(&outside).unwrap();
            std::fs::write(outside.join("manifest.json"), r#"{"elements":{},"version":3}"#).unwrap();
            live_link(profiles, &outside);
        },
        words: &["profiles/profile' leads to '", "not in the store", "rollback"],
        frame: &["not in the store"],
    },
    Damage {
        name: "nix-env: empty",
        make: |profiles, store| live_environment(profiles, store, b""),
        words: ENVIRONMENT,
        frame: &["manifest.nix", "line 1, column 1", "ends in the middle"],
    },
    Damage {
        name: "nix-env: binary",
        make: |profiles, store| live_environment(profiles, store, b"[ \x7fELF\x02\x01\x01\0\xff\xfe\x1b[2J"),
        words: ENVIRONMENT,
        frame: &["manifest.nix", "not valid UTF-8"],
    },
    Damage {
        name: "nix-env: 10,000 deep",
        make: |profiles, store| live_environment(profiles, store, "[ ".repeat(10_000).as_bytes()),
        words: ENVIRONMENT,
        frame: &["manifest.nix", "nested more than 100 deep"],
    },
    Damage {
        name: "nix-env: a function",
        make: |profiles, store| {
            live_environment(profiles, store, &package_with(store, "\"7\"", "x: builtins.exec [ \"rm\" ]"));
        },
        words: ENVIRONMENT,
        frame: &["manifest.nix", "'x' would have to be evaluated"],
    },
    Damage {
        name: "nix-env: a priority that is no number",
        make: |profiles, store| {
            live_environment(profiles, store, &package_with(store, "\"7\"", "\"high\x1b[2J\""));
        },
        words: ENVIRONMENT,
        frame: &["package 'tool-1'", "priority"],
    },
    Damage {
        name: "nix-env: a store path that leads out of the store",
        make: |profiles, store| {
            let (own, other) = (format!("{}/b", store.display()), format!("{}/../../etc/b", store.display()));
            live_environment(profiles, store, &package_with(store, &own, &other));
        },
        words: ENVIRONMENT,
        frame: &["package 'tool-1'", "etc"],
    },
    Damage {
        name: "nix-env: a manifest that is a folder",
        make: |profiles, store| {
            let path = store.join(format!("{}-user-environment", "a".repeat(32)));
            std::fs::create_dir_all(path.join("manifest.nix")).unwrap();
            live_link(profiles, &path);
        },
        words: &["profile/manifest.nix: ", "not a regular file", "rollback"],
        frame: &["not a regular file"],
    },
    Damage {
        name: "nix-env: a manifest that was collected",
        make: |profiles, store| {
            let path = store.join(format!("{}-user-environment", "a".repeat(32)));
            std::fs::create_dir(&path).unwrap();
            symlink(store.join("gone"), path.join("manifest.nix")).unwrap();
            live_link(profiles, &path);
        },
        words: &["profiles/profile", "rollback"],
        frame: &["profile"],
    },
];

/// Verbs that read or change what the profile holds.
const VERBS: &[&[&str]] = &[
    &["remove", "tool"],
    &["add", "nixpkgs#fd"],
    &["priority", "tool", "7"],
    &["enable", "tool"],
    &["apply", "changes.json"],
];

/// Verbs that change nothing, as they are typed here.
const LOOKING: &[&str] = &[
    "list",
    "collisions",
    "tree",
    "history",
    "remove --dry-run tool",
    "wipe-history --dry-run",
    "rollback --dry-run",
];

#[test]
fn a_damaged_profile_is_named_with_advice_and_left_alone() {
    let (mut told, mut problems) = (String::new(), Vec::new());
    for damage in DAMAGES {
        let arena = Arena::playground();
        let changes = r#"{"version":1,"changes":[{"change":"remove","element":"tool"}]}"#;
        std::fs::write(arena.root().join("changes.json"), changes).unwrap();
        let playground = arena.root().join("playground").canonicalize().unwrap();
        (damage.make)(&playground.join("profiles"), &playground.join("store"));
        let before = contents(&playground);
        let mut found = check_verbs(&arena, damage);
        found.extend(check_interface(&arena, damage));
        found.extend(changed(&before, &playground).map(|path| format!("written: {path}")));
        problems.extend(found.iter().map(|problem| format!("{}: {problem}", damage.name)));
        let _ = writeln!(told, "# {}\n\n{}", damage.name, words_of(&arena, &playground));
        let written = changed(&before, &playground).count();
        assert_eq!(written, 0, "{}: a verb that only looks", damage.name);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("damaged", told);
    });
}

/// Every verb that would change something fails with the words.
fn check_verbs(arena: &Arena, damage: &Damage) -> Vec<String> {
    let mut problems = Vec::new();
    for verb in VERBS {
        let said = arena.firn(verb);
        if said.status != 1 || !said.out.is_empty() {
            problems.push(format!("{verb:?}: status {}, {}", said.status, said.out));
        }
        let missing = damage.words.iter().filter(|words| !said.err.contains(**words));
        problems.extend(missing.map(|words| format!("{verb:?}: no '{words}' in\n{}", said.err)));
    }
    problems
}

/// The interface opens with the words, and no key makes it fail.
fn check_interface(arena: &Arena, damage: &Damage) -> Vec<String> {
    let mut problems = Vec::new();
    for size in ["80x24", "120x36"] {
        let frame = |keys: &str| ran(arena.command(&["--keys", keys, "--frame", size])).expect(0).out;
        let start = frame("");
        let flat = start.replace(['│', '┃'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let missing = damage.frame.iter().filter(|words| !flat.contains(**words));
        problems.extend(missing.map(|words| format!("no '{words}' in\n{start}")));
        frame("j d w y <esc> 3 j <esc> 0 j ] c ? <esc> u U R q");
    }
    problems
}

/// What verbs say that only look.
fn words_of(arena: &Arena, playground: &Path) -> String {
    let mut told = String::new();
    for verb in LOOKING {
        let said = arena.firn(&verb.split(' ').collect::<Vec<_>>());
        let lines: Vec<String> =
            said.err.lines().map(|line| line.replace(playground.to_str().unwrap(), "…")).collect();
        let out = said.out.lines().count();
        let _ = writeln!(told, "firn {verb}: status {}, {out} lines\n  {}", said.status, lines.join("\n  "));
    }
    told
}

/// What is not as it was below a folder.
pub fn changed<'a>(
    before: &'a BTreeMap<String, String>,
    folder: &Path,
) -> impl Iterator<Item = String> + use<'a> {
    let after = contents(folder);
    let gone: Vec<String> = before.keys().filter(|path| !after.contains_key(*path)).cloned().collect();
    let new = after.into_iter().filter(|(path, what)| before.get(path) != Some(what)).map(|(path, _)| path);
    new.chain(gone)
}

/// Every file below a folder: a link's target, a file's text.
pub fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let what = if path.is_symlink() {
                format!("→ {}", std::fs::read_link(&path).unwrap().display())
            } else if path.is_dir() {
                waiting.push(path.clone());
                "folder".to_owned()
            } else {
                String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()
            };
            found.insert(path.display().to_string(), what);
        }
    }
    found
}
