//! Killed at any instant of applying: the profile is the old or the new one, and the next run
//! neither waits nor fails.
//!
//! `FIRN_TEST_KILLS` says how often on each store (10). A third of the kills comes at any time
//! of a run, a third soon after the lock was taken, a third as soon as the new generation's link
//! stands beside it. Every other kill takes the nix commands that firn started along.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::arena::{Arena, ran};
use crate::support::each_nix;

/// How long a lock that nobody gives back is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

pub fn kills() -> u64 {
    std::env::var("FIRN_TEST_KILLS").map_or(10, |text| text.parse().unwrap())
}

#[test]
fn a_kill_leaves_the_old_or_the_new_profile_on_the_playground() {
    kill_often(&Arena::playground(), &|| {});
}

#[test]
fn a_kill_leaves_the_old_or_the_new_profile_of_nix() {
    each_nix("a kill leaves the old or the new profile", |nix| kill_often(&Arena::nix(nix), &|| {}));
}

#[test]
fn a_kill_leaves_the_old_or_the_new_profile_of_nix_env_on_the_playground() {
    kill_often(&Arena::playground_environment(), &|| {});
}

#[test]
fn a_kill_leaves_the_old_or_the_new_profile_of_nix_env() {
    each_nix("a kill leaves the old or the new profile of nix-env", |nix| {
        let arena = Arena::nix_environment(nix);
        let profile = nix.profile("p");
        let nix_env =
            |words: &[&str]| nix.run("nix-env", &[&["--profile", profile.to_str().unwrap()], words].concat());
        kill_often(&arena, &|| assert_eq!(nix_env(&["--query"]), "one-1.0\ntwo-1.0\n"));
        nix_env(&["--set-flag", "active", "false", "two"]);
        assert!(!profile.join("bin/two").exists() && profile.join("bin/one").exists());
        nix_env(&["--rollback"]);
    });
}

/// What the kills came to.
#[derive(Debug, Default)]
struct Tally {
    old: usize,
    new: usize,
    too_late: usize,
    temporary: usize,
}

/// `check` is what must hold after each kill.
fn kill_often(arena: &Arena, check: &dyn Fn()) {
    let mut random = Numbers(0x5eed);
    run(arena, 1);
    let started = Instant::now();
    run(arena, 2);
    let usual = started.elapsed();
    let mut tally = Tally::default();
    for round in 0..kills() {
        let number = 2 * round + 10;
        let (old, new) = (arena.live(), planned(arena, number));
        let mut child = change(arena, number).spawn().unwrap();
        wait(arena, &mut child, round, usual.mul_f64(random.fraction()));
        if child.try_wait().unwrap().is_some() {
            tally.too_late += 1;
        }
        // It may have ended just now.
        let _ = child.kill();
        child.wait().unwrap();
        end_orphans(arena.root(), round % 2 == 0);
        let live = arena.live();
        assert!(live == old || live == new, "round {round}: neither {old} nor {new} but {live}");
        check();
        *(if live == old { &mut tally.old } else { &mut tally.new }) += 1;
        check_next_run(arena, number + 1);
    }
    tally.temporary = std::fs::read_dir(arena.root().join("tmp")).unwrap().count();
    println!("{}: {tally:?}", arena.title());
}

/// A change that makes a profile which was never there: of one that is in the store already only
/// the links would be made.
fn change(arena: &Arena, number: u64) -> Command {
    arena.command(&["priority", arena.element, &number.to_string()])
}

/// The profile that the change would make.
fn planned(arena: &Arena, number: u64) -> String {
    let mut command = change(arena, number);
    command.args(["--dry-run", "--json"]);
    ran(command).expect(0).json()["result"].as_str().unwrap().to_owned()
}

/// The run after a kill does its work, with nothing of the killed one in its way.
fn check_next_run(arena: &Arena, number: u64) {
    let new = planned(arena, number);
    run(arena, number);
    assert_eq!(arena.live(), new, "{number}");
    let names = arena.names();
    // What a nix that is killed leaves: the link `.0_p` (it takes `.1_p` the next time), and
    // `p-9-link.tmp-…`, which counts as a generation.
    let of_nix = |name: &str| (name.starts_with('.') && name.ends_with("_p")) || name.contains("-link.tmp-");
    let profiles = ["profile", "nix-env", "p"];
    let known = |name: &String| profiles.contains(&name.as_str()) || name.ends_with("-link") || of_nix(name);
    assert!(names.iter().all(known), "{number}: {names:?}");
}

/// Runs firn to its end, which must come.
fn run(arena: &Arena, number: u64) {
    let mut child = change(arena, number).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "it waits for ever: {:?}", arena.names());
        std::thread::yield_now();
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{number}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Lets the child run for a part of its time, or until a file shows how far it is.
fn wait(arena: &Arena, child: &mut Child, round: u64, time: Duration) {
    let folder = arena.profile().parent().unwrap().to_owned();
    let names = || std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name());
    let before = names().count();
    let (reached, time): (&dyn Fn() -> bool, _) = match round % 3 {
        0 => (&|| true, time),
        1 => (&|| names().any(|name| name.as_encoded_bytes().ends_with(b".lock")), time / 10),
        _ => (&|| names().count() > before + 1, time / 500),
    };
    while !reached() && child.try_wait().unwrap().is_none() {}
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}

/// Waits until no process of this store is left; with `kill` they are killed first.
pub fn end_orphans(root: &Path, kill: bool) {
    let until = Instant::now() + PATIENCE;
    loop {
        let orphans = processes_of(root);
        if orphans.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "they do not end: {orphans:?}");
        for process in orphans.into_iter().filter(|_| kill) {
            // It may have ended just now.
            let _ = kill_process(process, Signal::KILL);
        }
        std::thread::yield_now();
    }
}

/// The processes that have the folder in their environment.
fn processes_of(root: &Path) -> Vec<Pid> {
    let needle = root.as_os_str().as_encoded_bytes();
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let ours = ids.filter(|id| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.windows(needle.len()).any(|window| window == needle)
    });
    ours.filter_map(Pid::from_raw).collect()
}

/// Numbers that look random and are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    /// From 0 to 1.1.
    pub fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX) * 1.1
    }
}
