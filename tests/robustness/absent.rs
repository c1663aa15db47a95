//! What is not there at all: a profile, or a nix. Each verb says so, names the file or the
//! program and what to do next, and writes nothing; the interface opens.
//!
//! The rows belong to those of [`super::damaged`], but what a verb may do differs: a profile that is
//! missing is an empty one, and reading one needs no nix.

use std::fmt::Write as _;
use std::path::Path;

use crate::arena::{Arena, ran};
use crate::damaged::{changed, contents};
use crate::support::{PrivateNix, say_skipped};

/// What is typed; the status; what must be said.
type Row = (&'static str, i32, &'static [&'static str]);

/// What a verb says that needs nix.
const NO_NIX: &[&str] = &["nix", "cannot be run", "install Nix", "FIRN_NIX_BIN"];

/// Runs the rows; nothing below the folders may change. Gives what each said, without the
/// folder's name.
fn run_rows(arena: &Arena, rows: &[Row]) -> String {
    let root = arena.root().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("work")).unwrap();
    let plan = r#"{"version":1,"changes":[{"change":"remove","element":"tool"}]}"#;
    for folder in [root.join("plan.json"), root.join("work/plan.json")] {
        std::fs::write(folder, plan).unwrap();
    }
    // The folder's name is in it.
    let hash = regex::Regex::new("[0-9a-z]{32}-profile").unwrap();
    let before = contents(&root);
    let mut told = String::new();
    for (line, status, words) in rows {
        let said = arena.firn(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(said.status, *status, "{line}: {said:?}");
        for words in *words {
            assert!(said.err.contains(words), "{line}: no '{words}' in\n{}", said.err);
        }
        let written: Vec<String> = changed(&before, &root).filter(|path| !is_own(path)).collect();
        assert!(written.is_empty(), "{line}: {written:?}");
        let err = hash.replace_all(&said.err, "…-profile");
        let lines: Vec<String> = err.lines().map(|line| line.replace(root.to_str().unwrap(), "…")).collect();
        let _ = writeln!(told, "firn {line}: status {status}\n  {}", lines.join("\n  "));
    }
    told
}

/// What firn keeps for itself, or nix does, when it is asked something.
fn is_own(path: &str) -> bool {
    ["/.cache", "/firn-state", "/firn-data", "/tmp/", "/state/", "/log"].iter().any(|own| path.contains(own))
}

fn check_frames(arena: &Arena, words: &[&str]) {
    for size in ["80x24", "120x36"] {
        let frame = |keys: &str| ran(arena.command(&["--keys", keys, "--frame", size])).expect(0).out;
        let start = frame("");
        let flat = start.replace(['│', '┃'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        for words in words {
            assert!(flat.contains(words), "no '{words}' in\n{start}");
        }
        frame("j d w y <esc> 3 j <esc> 0 j ] c ? <esc> u U R q");
    }
}

#[test]
fn no_profile_is_an_empty_one() {
    let arena = Arena::playground();
    let profiles = arena.profile().parent().unwrap().to_owned();
    std::fs::remove_dir_all(&profiles).unwrap();
    std::fs::create_dir(&profiles).unwrap();
    let told = run_rows(
        &arena,
        &[
            ("list", 0, &[]),
            ("collisions", 0, &[]),
            ("tree", 0, &[]),
            ("history", 0, &[]),
            ("doctor", 0, &[]),
            ("export --format json", 0, &[]),
            ("which bat", 1, &["bat"]),
            ("remove tool", 0, &["no packages in the profile"]),
            ("remove --all", 0, &[]),
            ("priority tool 7", 0, &["no packages in the profile"]),
            ("enable tool", 0, &["no packages in the profile"]),
            ("apply plan.json", 0, &["no element 'tool'"]),
            ("rollback", 1, &["profiles/profile"]),
            ("rollback --to 3", 1, &["no profile at '", "profiles/profile'"]),
            ("wipe-history", 0, &[]),
        ],
    );
    check_frames(&arena, &["No profile yet", "i adds something"]);
    arena.firn(&["add", &arena.extra.0]).expect(0);
    assert_eq!(arena.elements(), [arena.extra.1.as_str()]);
    assert_eq!(arena.names(), ["profile", "profile-1-link"]);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("no_profile", told);
    });
}

#[test]
fn without_nix_a_profile_is_shown_and_not_changed() {
    let everywhere = ["/usr/bin/nix", "/usr/local/bin/nix", "/bin/nix"];
    if everywhere.iter().any(|nix| Path::new(nix).exists()) {
        return say_skipped("without nix a profile is shown", "there is a nix where every program finds it");
    }
    // A store that a nix has left behind, made by hand.
    let folder = tempfile::tempdir().unwrap();
    let nix = PrivateNix::new(&folder.path().join("no-nix-here"));
    let store = nix.store_dir();
    let path = store.join(format!("{}-profile", "a".repeat(32)));
    let tool = store.join(format!("{}-tool-1.0", "b".repeat(32)));
    std::fs::create_dir_all(tool.join("bin")).unwrap();
    std::fs::write(tool.join("bin/tool"), "1").unwrap();
    std::fs::create_dir(&path).unwrap();
    std::os::unix::fs::symlink(tool.join("bin"), path.join("bin")).unwrap();
    let manifest = serde_json::json!({ "version": 3, "elements": {
        "tool": { "active": true, "priority": 5, "storePaths": [tool] }
    }});
    std::fs::write(path.join("manifest.json"), manifest.to_string()).unwrap();
    std::os::unix::fs::symlink(&path, nix.profile("p-1-link")).unwrap();
    std::os::unix::fs::symlink("p-1-link", nix.profile("p")).unwrap();
    let arena = Arena::of_nix(&nix);
    let told = run_rows(
        &arena,
        &[
            ("list", 0, &[]),
            ("collisions", 0, &[]),
            ("tree", 0, &[]),
            ("history", 0, &[]),
            ("export --format json", 0, &[]),
            ("which tool", 0, &[]),
            ("remove tool --dry-run", 0, &[]),
            ("remove tool", 1, NO_NIX),
            ("priority tool 7", 1, NO_NIX),
            ("disable tool", 1, NO_NIX),
            ("apply plan.json", 1, NO_NIX),
            ("add nixpkgs#hello", 1, NO_NIX),
            ("registry pin nixpkgs", 1, &["nixpkgs"]),
        ],
    );
    check_frames(&arena, &["tool", "no nix"]);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("no_nix", told);
    });
}
