//! How long firn takes beside Nix on a profile of 1,000 packages: the ratios DESIGN.md promises for
//! `list` and `collisions`.
//!
//! `FIRN_TEST_NIX=… cargo bench --bench beside_nix [ROUNDS]`
//!
//! Real Nix and the firn of the same build run in turn in a private store, and the least of all
//! rounds counts: on a busy machine everything else is the machine. `FIRN_TEST_KEEP=1` leaves the
//! store behind, for strace and perf.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that fails may panic"
)]

mod generated_profile;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use firn::core::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use firn::core::store_path::{StoreDir, StorePath};
use support::{PrivateNix, each_nix, link};

/// Without a number on the command line.
const ROUNDS: usize = 10;

/// The same packages twice: as if they came from nixpkgs, and without sources, of which there is
/// least to read and print.
const PROFILES: [&str; 2] = ["with-sources", "without-sources"];

fn main() {
    // `cargo test` runs benches too, and says so by leaving this word out.
    let mut words = std::env::args().skip(1).peekable();
    if !words.any(|word| word == "--bench") {
        return;
    }
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    each_nix("beside nix", |nix| compare(nix, rounds));
}

fn compare(nix: &PrivateNix, rounds: usize) {
    let names = make_profiles(nix);
    let mut pairs = [
        Pair::new("list", PROFILES[0], 0.25),
        Pair::new("list --json", PROFILES[0], 0.25),
        Pair::new("list", PROFILES[1], 0.25),
        Pair::new("list --json", PROFILES[1], 0.25),
        Pair::new("collisions", PROFILES[0], 0.05),
    ];
    for name in names.iter().take(rounds) {
        for pair in &mut pairs {
            pair.run(nix, name);
        }
        stand_on_first(nix);
    }
    pairs.iter().for_each(Pair::print);
}

/// A verb of firn and what it is next to.
struct Pair {
    verb: &'static str,
    profile: &'static str,
    promised: f64,
    nix: Duration,
    firn: Duration,
}

impl Pair {
    fn new(verb: &'static str, profile: &'static str, promised: f64) -> Self {
        Self { verb, profile, promised, nix: Duration::MAX, firn: Duration::MAX }
    }

    /// Nix tells of one collision when it changes something, so `collisions` is next to a removal.
    fn run(&mut self, nix: &PrivateNix, element: &str) {
        let profile = nix.profile(self.profile);
        let options = ["--profile", profile.to_str().unwrap()];
        let verb: Vec<&str> = self.verb.split(' ').collect();
        let by_nix = if self.verb == "collisions" { vec!["remove", element] } else { verb.clone() };
        self.nix = self.nix.min(took(nix, "nix", &[&["profile"], &by_nix[..], &options].concat()));
        self.firn = self.firn.min(took(nix, env!("CARGO_BIN_EXE_firn"), &[&verb[..], &options].concat()));
    }

    fn print(&self) {
        let Self { verb, profile, promised, nix, firn } = self;
        let ratio = firn.as_secs_f64() / nix.as_secs_f64();
        println!("{verb:12} {profile:15} nix {nix:9.1?}  firn {firn:9.1?}  {ratio:.3}, promised {promised}");
    }
}

fn took(nix: &PrivateNix, program: &str, words: &[&str]) -> Duration {
    let start = Instant::now();
    nix.run(program, words);
    start.elapsed()
}

/// Puts the generated packages and the profiles of them into the store; gives the names of the elements.
fn make_profiles(nix: &PrivateNix) -> Vec<String> {
    let store_dir = StoreDir::new(nix.store_dir().to_str().unwrap());
    let mut manifest = ProfileManifest::default();
    let mut objects = Vec::new();
    for package in generated_profile::packages() {
        let path = nix.new_path(&package.name);
        for file in &package.files {
            support::write(Path::new(&path), file, "");
        }
        let (name, _) = package.name.split_once('-').unwrap();
        let element = ProfileElement {
            active: true,
            priority: package.priority,
            store_paths: vec![StorePath::parse(&store_dir, &path).unwrap()],
            source: Some(source(name)),
        };
        manifest.elements.insert(name.to_owned(), element);
        objects.push((path, Vec::new()));
    }
    let references: Vec<String> = objects.iter().map(|(path, _)| path.clone()).collect();
    for profile in PROFILES {
        let generation = nix.new_path("profile");
        support::write(Path::new(&generation), "manifest.json", manifest.to_json());
        link(nix.root(), format!("profiles/{profile}-1-link"), &generation);
        objects.push((generation, references.clone()));
        manifest.elements.values_mut().for_each(|element| element.source = None);
    }
    nix.register(&objects);
    stand_on_first(nix);
    manifest.elements.into_keys().collect()
}

fn source(name: &str) -> ElementSource {
    let revision = "0123456789abcdef0123456789abcdef01234567";
    let hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D";
    ElementSource {
        original_url: "flake:nixpkgs".to_owned(),
        url: format!("github:NixOS/nixpkgs/{revision}?narHash={hash}"),
        attr_path: format!("legacyPackages.x86_64-linux.{name}"),
        outputs: ExtendedOutputsSpec::Default,
    }
}

/// Makes the first generation of each profile the only one, and live.
fn stand_on_first(nix: &PrivateNix) {
    for profile in PROFILES {
        for name in [profile.to_owned(), format!("{profile}-2-link")] {
            let _ = std::fs::remove_file(nix.profile(&name));
        }
        link(nix.root(), format!("profiles/{profile}"), format!("{profile}-1-link"));
    }
}
