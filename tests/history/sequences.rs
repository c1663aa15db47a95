//! Random sequences on two profiles, one of Nix's and one of firn's: same generations, same live
//! one, same store paths after every step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use crate::random::Random;
use crate::support::{PrivateNix, each_nix, write};
use crate::{firn, package};

const STEPS: usize = 10;

/// One step: what it is called, and the words of both programs.
enum Step {
    /// `nix profile …` and `firn …` with the same words.
    Both(Vec<String>),
    /// `nix-env --delete-generations` and `firn delete-generations`.
    Delete(Vec<String>),
    /// nix's own upgrade on both, of a flake that has changed.
    Upgrade,
    /// The links of both get times in the past, so many days apart.
    Age(usize),
}

#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    path: Option<PathBuf>,
    current: Option<PathBuf>,
    generations: BTreeMap<u64, PathBuf>,
}

impl Snapshot {
    /// The names without the profile's, so that two profiles can be equal.
    fn read(profile: &Path) -> Self {
        let name = profile.file_name().unwrap().to_str().unwrap();
        let number = |found: &str| {
            found.strip_prefix(name)?.strip_prefix('-')?.strip_suffix("-link")?.parse::<u64>().ok()
        };
        let entries = std::fs::read_dir(profile.parent().unwrap()).unwrap();
        let generations = entries.flatten().filter_map(|entry| {
            let number = number(entry.file_name().to_str()?)?;
            Some((number, std::fs::read_link(entry.path()).unwrap()))
        });
        let current = std::fs::read_link(profile).ok();
        let current = current.and_then(|link| number(link.to_str()?)).map(|it| PathBuf::from(it.to_string()));
        Self { path: profile.canonicalize().ok(), current, generations: generations.collect() }
    }
}

struct Sequence<'a> {
    nix: &'a PrivateNix,
    packages: &'a [String],
    profiles: [PathBuf; 2],
    versions: usize,
}

#[test]
fn random_sequences_end_as_with_nix() {
    let count: u64 = std::env::var("FIRN_TEST_HISTORY").map_or(3, |text| text.parse().unwrap());
    let first: u64 = std::env::var("FIRN_TEST_HISTORY_FIRST").map_or(1, |text| text.parse().unwrap());
    each_nix("random sequences of history", |nix| {
        let packages: Vec<String> =
            (0..8).map(|number| package(nix, &format!("tool{number}-1.{number}"), 10 + number)).collect();
        let (mut steps, mut refused) = (0, 0);
        for seed in first..first + count {
            let profiles = ["n", "f"].map(|name| nix.profile(&format!("{name}{seed}")));
            let mut sequence = Sequence { nix, packages: &packages, profiles, versions: 0 };
            let mut random = Random::new(seed);
            for index in 0..STEPS {
                let step = sequence.choose(&mut random);
                let statuses = sequence.perform(&step);
                let told = format!("seed {seed}, step {index}, {}", step.words());
                let [of_nix, of_firn] = statuses.map(|output| {
                    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
                });
                assert_eq!(of_nix.0 == Some(0), of_firn.0 == Some(0), "{told}: {of_nix:?} {of_firn:?}");
                let [one, other] = [0, 1].map(|which: usize| Snapshot::read(&sequence.profiles[which]));
                assert_eq!(one, other, "{told}: {of_nix:?} {of_firn:?}");
                steps += 1;
                refused += usize::from(of_nix.0 != Some(0));
            }
        }
        println!("{count} sequences, {steps} steps, {refused} refused by both");
    });
}

impl Sequence<'_> {
    fn choose(&self, random: &mut Random) -> Step {
        let there = Snapshot::read(&self.profiles[0]).generations;
        let numbers: Vec<u64> = there.into_keys().collect();
        let words = |line: String| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        if numbers.len() < 3 {
            return Step::Both(words(format!("add {}", random.pick(self.packages))));
        }
        let any = random.pick(&numbers).to_string();
        let kind = random.weighted(&[
            (24, "add"),
            (8, "remove"),
            (8, "upgrade"),
            (14, "rollback"),
            (10, "rollback-to"),
            (4, "wipe"),
            (10, "older"),
            (8, "age"),
            (5, "numbers"),
            (3, "old"),
            (6, "keep"),
            (6, "days"),
        ]);
        match kind {
            "add" => Step::Both(words(format!("add {}", random.pick(self.packages)))),
            "remove" => Step::Both(words(format!("remove tool{}", random.below(8)))),
            "upgrade" => Step::Upgrade,
            "rollback" => Step::Both(words("rollback".to_owned())),
            "rollback-to" => Step::Both(words(format!("rollback --to {any}"))),
            "wipe" => Step::Both(words("wipe-history".to_owned())),
            "older" => Step::Both(words(format!("wipe-history --older-than {}d", random.between(1, 9)))),
            "age" => Step::Age(random.between(1, 4)),
            "numbers" => Step::Delete(words(format!("{any} {} 99", random.pick(&numbers)))),
            "old" => Step::Delete(words("old".to_owned())),
            "keep" => Step::Delete(words(format!("+{}", random.between(1, 4)))),
            _ => Step::Delete(words(format!("{}d", random.between(1, 9)))),
        }
    }

    /// Does it on both; nix first, then firn.
    fn perform(&mut self, step: &Step) -> [Output; 2] {
        match step {
            Step::Both(words) => {
                let mut for_nix = vec!["profile".to_owned()];
                for_nix.extend(words.iter().cloned());
                if for_nix[1] == "add" {
                    "install".clone_into(&mut for_nix[1]);
                }
                for_nix.extend(["--profile".to_owned(), self.profiles[0].display().to_string()]);
                [self.nix.output("nix", &for_nix), self.firn(words)]
            }
            Step::Delete(words) => {
                let mut for_nix = vec!["--profile".to_owned(), self.profiles[0].display().to_string()];
                for_nix.push("--delete-generations".to_owned());
                for_nix.extend(words.iter().cloned());
                let mut for_firn = vec!["delete-generations".to_owned()];
                for_firn.extend(words.iter().cloned());
                [self.nix.output("nix-env", &for_nix), self.firn(&for_firn)]
            }
            Step::Upgrade => self.upgrade(),
            Step::Age(days) => {
                self.profiles.iter().for_each(|profile| age(profile, *days));
                [self.nix.output("nix", &["--version"]), self.firn(&["--version".to_owned()])]
            }
        }
    }

    fn firn(&self, words: &[String]) -> Output {
        firn(self.nix, &self.profiles[1], &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A new version of the flake; nix adds it or upgrades it, on both profiles.
    fn upgrade(&mut self) -> [Output; 2] {
        self.versions += 1;
        let folder =
            self.nix.root().join(format!("flake-{}", self.profiles[0].file_name().unwrap().display()));
        let system = self.nix.run("nix", &["config", "show", "system"]);
        let text = format!(
            "{{ outputs = _: {{ packages.{}.grown = derivation {{ name = \"grown-{}\"; system = \"{}\"; \
             builder = \"/bin/sh\"; args = [ \"-c\" \"echo {} > $out\" ]; }}; }}; }}",
            system.trim(),
            self.versions,
            system.trim(),
            self.versions
        );
        write(&folder, "flake.nix", text);
        let flake = format!("path:{}#grown", folder.display());
        let run = |profile: &PathBuf| {
            let profile = profile.display().to_string();
            let manifest = std::fs::read_to_string(format!("{profile}/manifest.json")).unwrap_or_default();
            if manifest.contains("\"grown\"") {
                self.nix.output("nix", &["profile", "upgrade", "--profile", &profile, "grown"])
            } else {
                self.nix.output("nix", &["profile", "install", "--profile", &profile, &flake])
            }
        };
        [run(&self.profiles[0]), run(&self.profiles[1])]
    }
}

impl Step {
    fn words(&self) -> String {
        match self {
            Self::Both(words) => words.join(" "),
            Self::Delete(words) => format!("delete-generations {}", words.join(" ")),
            Self::Upgrade => "upgrade".to_owned(),
            Self::Age(days) => format!("age {days}"),
        }
    }
}

/// Sets the generations' times, the newest an hour ago, each so many days before the next.
fn age(profile: &Path, days: usize) {
    let numbers: Vec<u64> = Snapshot::read(profile).generations.into_keys().collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for (distance, number) in numbers.iter().rev().enumerate() {
        let time = now - 3600 - (distance * days * 86_400) as u64;
        let time = Timespec { tv_sec: i64::try_from(time).unwrap(), tv_nsec: 0 };
        let times = Timestamps { last_access: time, last_modification: time };
        let link = format!("{}-{number}-link", profile.display());
        utimensat(CWD, link, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
    }
}
