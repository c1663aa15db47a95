//! The pictures of the README: frames of the playground as SVG, made by the program itself.
//!
//! `screenshots/make` makes them anew, and a PNG of each with `tests/pictures-png`; with
//! `TZ=UTC FIRN_SCREENSHOTS=check` one that is stale fails. Without the variable nothing is
//! done: the playground has to lie at one place (its store paths depend on it), which ordinary
//! test runs side by side could fight for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code, also outside of test functions"
)]

mod svg;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use firn::ops::Context;
use firn::system::machine::{Clock, Store as _};
use firn::system::own_folders::OwnFolders;
use firn::system::playground::PlaygroundStore;
use firn::tui::{Options, run_frame};
use sha2::{Digest as _, Sha256};

/// 2026-05-28 20:26:40 UTC, whenever the pictures are made.
const NOW: i64 = 1_780_000_000;
const PLACE: &str = "/tmp/firn-demo";

/// Name, size and the keys that lead to the picture.
const PICTURES: [(&str, (u16, u16), &str); 5] = [
    ("main", (120, 36), "/ tmux <enter> d <esc> i nixpkgs#fltk <enter> k j"),
    ("collisions", (120, 36), "i nixpkgs#fltk <enter> c"),
    ("review", (120, 36), REVIEW),
    ("history", (120, 36), "3 j j j j r"),
    ("small", (80, 24), "/ tmux <enter> d <esc> i nixpkgs#fltk <enter> k j"),
];
/// An addition with its tie resolved, a removal, a priority, and one switched on.
const REVIEW: &str = "i nixpkgs#fltk <enter> c <enter> <esc> / tmux <enter> d <esc> \
                      / podman <enter> t <esc> / python313 <enter> p 7 <enter> <esc> w";

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> i64 {
        NOW
    }
}

#[test]
fn pictures_show_the_program_as_it_is() {
    let Ok(mode) = std::env::var("FIRN_SCREENSHOTS") else {
        eprintln!("skipped: set FIRN_SCREENSHOTS to check or write");
        return;
    };
    assert_eq!(std::env::var("TZ").as_deref(), Ok("UTC"), "the pictures show times: set TZ=UTC");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    for (name, size, keys) in PICTURES {
        let store = Arc::new(PlaygroundStore::open_at(Path::new(PLACE), true, NOW).unwrap());
        let context = Context {
            profile: store.default_profile().unwrap(),
            store,
            folders: OwnFolders {
                state: PathBuf::from(PLACE).join("state"),
                data: PathBuf::from(PLACE),
                config: PathBuf::from(PLACE).join("config"),
            },
            clock: Arc::new(StoppedClock),
            read_only: false,
        };
        let buffer = run_frame(context, Options::default(), keys, size).unwrap();
        let picture = svg::picture(&buffer);
        let file = folder.join(format!("{name}.svg"));
        if mode == "write" {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, picture).unwrap();
        } else {
            let there = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(there == picture, "{} is stale: run screenshots/make", file.display());
            let png = file.with_extension("png");
            let bytes = std::fs::read(&png).unwrap_or_default();
            let source = format!("{:x}", Sha256::digest(&picture));
            let is_of_it = bytes.windows(source.len()).any(|window| window == source.as_bytes());
            assert!(is_of_it, "{} is stale: run screenshots/make", png.display());
        }
    }
}
