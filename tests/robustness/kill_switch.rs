//! Killed at any instant of going back or of deleting: the profile's link is one of the two, and
//! no generation is gone that was not chosen.
//!
//! `FIRN_TEST_KILLS` says how often on each store (10). Odd rounds switch, even ones delete two
//! generations; half of the kills wait until the lock is taken.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::arena::Arena;
use crate::kill::{Numbers, kills};
use crate::support::each_nix;

/// So many generations are there in every round.
const GENERATIONS: u64 = 7;

#[test]
fn a_kill_while_switching_or_deleting_leaves_one_of_two_on_the_playground() {
    let arena = Arena::playground();
    let newest = generations(&arena.profile()).len() as u64;
    kill_often(&arena, newest);
}

#[test]
fn a_kill_while_switching_or_deleting_leaves_one_of_two_of_nix() {
    each_nix("a kill while switching or deleting", |nix| {
        let arena = Arena::nix(nix);
        for priority in 10..9 + GENERATIONS {
            arena.firn(&["priority", arena.element, &priority.to_string()]).expect(0);
        }
        kill_often(&arena, GENERATIONS);
    });
}

/// What the kills came to.
#[derive(Debug, Default)]
struct Tally {
    before: usize,
    after: usize,
    between: usize,
    too_late: usize,
}

fn kill_often(arena: &Arena, newest: u64) {
    let mut random = Numbers(0xd00d);
    let profile = arena.profile();
    let all = generations(&profile);
    assert_eq!(all.len() as u64, newest);
    let started = Instant::now();
    arena.firn(&["rollback", "--to", "1"]).expect(0);
    let usual = started.elapsed();
    let mut tally = Tally::default();
    for round in 0..kills() {
        let live = live(&profile);
        let (one, two) = chosen(round, newest, live);
        let deletes = round % 2 == 0;
        let numbers = [one.to_string(), two.to_string()];
        let words: Vec<&str> = if deletes {
            vec!["delete-generations", &numbers[0], &numbers[1], "--force"]
        } else {
            vec!["rollback", "--to", &numbers[0]]
        };
        let mut child = arena.command(&words).spawn().unwrap();
        let part = usual.mul_f64(random.fraction() * 0.8);
        wait(&profile, &mut child, round % 4 < 2, part);
        tally.too_late += usize::from(child.try_wait().unwrap().is_some());
        // It may have ended just now.
        let _ = child.kill();
        child.wait().unwrap();
        let now = self::live(&profile);
        let left = generations(&profile);
        let gone: Vec<u64> = all.keys().filter(|number| !left.contains_key(number)).copied().collect();
        if deletes {
            assert_eq!(now, live, "round {round}: a deletion moved the profile");
            assert!(
                gone.iter().all(|number| [one, two].contains(number)),
                "round {round}: {gone:?} are gone"
            );
        } else {
            assert!([live, one].contains(&now), "round {round}: neither {live} nor {one} but {now}");
            assert_eq!(gone, [0; 0], "round {round}: a switch deleted");
        }
        match (deletes, gone.len()) {
            (true, 1) => tally.between += 1,
            (true, 2) => tally.after += 1,
            (false, _) if now == one => tally.after += 1,
            _ => tally.before += 1,
        }
        assert!(
            left.iter().all(|(number, target)| all.get(number) == Some(target)),
            "round {round}: {left:?}"
        );
        for number in gone {
            symlink(&all[&number], link(&profile, number)).unwrap();
        }
        // The next one neither waits nor fails, whatever the killed one left.
        let next = if live == 1 { "2" } else { "1" };
        arena.firn(&["rollback", "--to", next]).expect(0);
        assert_eq!(self::live(&profile).to_string(), next);
    }
    println!("{}: {tally:?}", arena.title());
}

/// Two generations that are not live.
fn chosen(round: u64, newest: u64, live: u64) -> (u64, u64) {
    let others: Vec<u64> = (1..=newest).filter(|number| *number != live).collect();
    let count = others.len() as u64;
    let pick = |index: u64| others[usize::try_from(index % count).unwrap()];
    (pick(round), pick(round + 1))
}

/// Lets the child run for a part of its time, or soon after it has the lock.
fn wait(profile: &Path, child: &mut std::process::Child, from_lock: bool, time: Duration) {
    let mut lock = profile.as_os_str().to_owned();
    lock.push(".lock");
    let lock = PathBuf::from(lock);
    while from_lock && !lock.exists() && child.try_wait().unwrap().is_none() {}
    let time = if from_lock { time / 40 } else { time };
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}

fn link(profile: &Path, number: u64) -> PathBuf {
    let mut name = profile.as_os_str().to_owned();
    name.push(format!("-{number}-link"));
    PathBuf::from(name)
}

fn number(profile: &Path, name: &str) -> Option<u64> {
    let prefix = format!("{}-", profile.file_name().unwrap().to_str().unwrap());
    name.strip_prefix(&prefix)?.strip_suffix("-link")?.parse().ok()
}

fn generations(profile: &Path) -> BTreeMap<u64, PathBuf> {
    let entries = std::fs::read_dir(profile.parent().unwrap()).unwrap().flatten();
    let found = entries.filter_map(|entry| {
        let number = number(profile, entry.file_name().to_str()?)?;
        Some((number, std::fs::read_link(entry.path()).ok()?))
    });
    found.collect()
}

fn live(profile: &Path) -> u64 {
    number(profile, std::fs::read_link(profile).unwrap().to_str().unwrap()).unwrap()
}
