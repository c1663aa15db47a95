//! How long firn takes beside nix-env on one of its profiles of 1,000 packages.
//!
//! `FIRN_TEST_NIX=… cargo bench --bench beside_nix_env [ROUNDS]`
//!
//! As in `beside_nix`, both run in turn in a private store, and the least of all rounds counts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that fails may panic"
)]

mod generated_profile;
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{PrivateNix, each_nix};

/// Without a number on the command line.
const ROUNDS: usize = 7;

fn main() {
    // `cargo test` runs benches too, and says so by leaving this word out.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    each_nix("beside nix-env", |nix| compare(nix, rounds));
}

/// The least that each took.
#[derive(Clone, Copy)]
struct Least {
    query: Duration,
    flag: Duration,
    list: Duration,
    collisions: Duration,
    priority: Duration,
    frame: Duration,
}

fn compare(nix: &PrivateNix, rounds: usize) {
    let names = make_profile(nix);
    let profile = nix.profile("p");
    let on_profile = ["--profile", profile.to_str().unwrap()];
    let took = |program: &str, words: &[&str]| {
        let start = Instant::now();
        nix.run(program, &[&on_profile, words].concat());
        start.elapsed()
    };
    let firn = |words: &[&str]| took(env!("CARGO_BIN_EXE_firn"), words);
    let nix_env = |words: &[&str]| took("nix-env", words);
    let most = Duration::MAX;
    let mut least =
        Least { query: most, flag: most, list: most, collisions: most, priority: most, frame: most };
    for (round, pair) in names.chunks(2).take(rounds).enumerate() {
        let (number, [one, other]) = ((round + 20).to_string(), pair) else { continue };
        least.query = least.query.min(nix_env(&["--query"]));
        least.list = least.list.min(firn(&["list"]));
        least.collisions = least.collisions.min(firn(&["collisions"]));
        least.frame = least.frame.min(firn(&["--keys", "j", "--frame", "120x36"]));
        least.flag = least.flag.min(nix_env(&["--set-flag", "priority", &number, one]));
        least.priority = least.priority.min(firn(&["priority", other, &number]));
    }
    let line = |ours: (&str, Duration), theirs: (&str, Duration), promised: f64| {
        let ratio = ours.1.as_secs_f64() / theirs.1.as_secs_f64();
        println!(
            "{:10} {:9.1?}  nix-env {:10} {:9.1?}  {ratio:.3}, promised {promised}",
            ours.0, ours.1, theirs.0, theirs.1
        );
    };
    line(("list", least.list), ("--query", least.query), 0.25);
    line(("collisions", least.collisions), ("--set-flag", least.flag), 0.05);
    line(("priority", least.priority), ("--set-flag", least.flag), 0.8);
    println!("the whole interface, until nothing is left to do: {:.1?}", least.frame);
}

/// Puts the generated packages into the store and has nix-env install them; gives their names.
fn make_profile(nix: &PrivateNix) -> Vec<String> {
    let mut objects = Vec::new();
    let mut by_priority: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    let mut names = Vec::new();
    for package in generated_profile::packages() {
        let path = nix.new_path(&package.name);
        for file in &package.files {
            support::write(Path::new(&path), file, "");
        }
        by_priority.entry(package.priority).or_default().push(path.clone());
        objects.push((path, Vec::new()));
        names.push(package.name.split_once('-').unwrap().0.to_owned());
    }
    nix.register(&objects);
    for (priority, paths) in by_priority {
        let (profile, priority) = (nix.profile("p"), priority.to_string());
        let words = ["--profile", profile.to_str().unwrap(), "--install", "--priority", &priority];
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        nix.run("nix-env", &[&words[..], &paths].concat());
    }
    names
}
