//! 60 elements over 4 flakes that break in different ways, and 50 of one flake.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::flakes::{Fate, add, commit, copy, expect, firn, flake, generations, leftovers};
use crate::support::{PrivateNix, each_nix};

/// The reasons that the broken ones are left with, by name.
const BROKEN: [(&str, Fate, &str); 9] = [
    ("throws", Fate::Throws, "evaluation-failed"),
    ("aborts", Fate::Aborts, "evaluation-failed"),
    ("aborts2", Fate::Aborts, "evaluation-failed"),
    ("goes", Fate::Goes, "attribute-gone"),
    ("breaks", Fate::Breaks, "build-failed"),
    ("needs", Fate::Needs, "build-failed"),
    ("unfree", Fate::Unfree, "unfree"),
    ("impure", Fate::Impure, "needs-impure"),
    ("nothing", Fate::NoPackage, "not-a-package"),
];

struct World<'a> {
    nix: &'a PrivateNix,
    /// Flake a and c are folders, b and d repositories.
    packages: BTreeMap<&'static str, Vec<(String, Fate)>>,
}

impl<'a> World<'a> {
    fn new(nix: &'a PrivateNix) -> Self {
        let newer = |prefix: &str, count: usize| -> Vec<(String, Fate)> {
            (1..=count).map(|number| (format!("{prefix}{number}"), Fate::Newer)).collect()
        };
        let broken = BROKEN.map(|(name, fate, _)| (name.to_owned(), fate)).to_vec();
        let same = |name: &str| (name.to_owned(), Fate::Same);
        let packages = BTreeMap::from([
            ("a", [newer("a", 14), broken, vec![same("asame")]].concat()),
            ("b", [newer("b", 22), vec![same("bsame"), ("bthrows".to_owned(), Fate::Throws)]].concat()),
            ("c", newer("c", 5)),
            ("d", newer("d", 6)),
        ]);
        let world = Self { nix, packages };
        world.write(1);
        world
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.nix.root().join("work").join(name)
    }

    fn reference(&self, name: &str) -> String {
        let scheme = if matches!(name, "b" | "d") { "git+file://" } else { "path:" };
        format!("{scheme}{}", self.folder(name).display())
    }

    fn write(&self, version: u32) {
        for (name, packages) in &self.packages {
            let folder = self.folder(name);
            flake(&folder, version, packages);
            if version > 1 && *name == "c" {
                crate::support::write(&folder, "flake.nix", "{ outputs = { self }: { packages = {{ }; }");
            }
            if matches!(*name, "b" | "d") {
                commit(self.nix, &folder);
            }
        }
    }

    /// Everything of the first three flakes, locked ones of the fourth, and a store path.
    fn installables(&self) -> Vec<String> {
        let unlocked = ["a", "b", "c"].into_iter();
        let mut installables: Vec<String> = unlocked
            .flat_map(|flake| {
                let reference = self.reference(flake);
                self.packages[flake].iter().map(move |(name, _)| format!("{reference}#{name}"))
            })
            .collect();
        let words = ["flake", "metadata", "--json", &self.reference("d")];
        let metadata: Value = serde_json::from_str(&self.nix.run("nix", &words)).unwrap();
        let locked = metadata["url"].as_str().unwrap();
        installables.extend((1..=5).map(|number| format!("{locked}#d{number}")));
        installables.push(format!("{}#d6", self.reference("d")));
        installables
    }
}

fn left(plan: &Value) -> BTreeMap<String, String> {
    let left = plan["left"].as_array().unwrap().iter();
    left.map(|left| {
        let text = |key: &str| left[key].as_str().unwrap().to_owned();
        (text("element"), text("reason"))
    })
    .collect()
}

#[test]
fn every_good_upgrade_is_applied_and_every_other_one_is_named() {
    each_nix("every good upgrade is applied and every other one is named", |nix| {
        let world = World::new(nix);
        let profile = nix.profile("mine");
        let mut installables = world.installables();
        installables.push(nix.add_package("plain-1.0", |root| crate::support::script(root, "bin/plain", "")));
        add(nix, &profile, &installables);
        assert_eq!(installables.len(), 60);
        let theirs = copy(&profile, "theirs");
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 0);
        assert!(err.contains("nothing to do") && !err.contains('↑'), "{err}");
        assert_eq!(generations(&profile), 1, "nothing has changed: no generation");

        world.write(2);
        expect(&firn(nix, &profile, &["hold", "b1", "d6"]), 0);
        let before = std::fs::read_link(&profile).unwrap();
        let (dry, _) = expect(&firn(nix, &profile, &["upgrade", "--all", "--dry-run", "--json"]), 1);
        assert_eq!(std::fs::read_link(&profile).unwrap(), before);
        let dry: Value = serde_json::from_str(&dry).unwrap();
        assert_eq!((&dry["basis"], &dry["result"]), (&Value::from("unknown"), &Value::Null));
        let (json, err) = expect(&firn(nix, &profile, &["upgrade", "--all", "--json"]), 1);
        let plan: Value = serde_json::from_str(&json).unwrap();
        let mut wanted: BTreeMap<String, String> =
            BROKEN.map(|(name, _, reason)| (name.to_owned(), reason.to_owned())).into();
        wanted.extend((1..=5).map(|number| (format!("c{number}"), "flake-failed".to_owned())));
        wanted.extend((1..=5).map(|number| (format!("d{number}"), "locked".to_owned())));
        wanted.extend(["b1", "d6"].map(|name| (name.to_owned(), "held".to_owned())));
        wanted.insert("bthrows".to_owned(), "evaluation-failed".to_owned());
        wanted.insert("plain".to_owned(), "no-source".to_owned());
        assert_eq!(left(&plan), wanted);
        for name in wanted.keys() {
            assert!(err.contains(&format!("'{name}'")), "{name} is not named:\n{err}");
        }
        assert!(err.contains("breaks breaks") && err.contains("nix log"), "{err}");
        assert_eq!(generations(&profile), 2, "all in one generation");
        assert_eq!(leftovers(nix), [""; 0]);

        compare_with_nix(nix, &profile, &theirs, &wanted);
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "a1", "b2", "asame"]), 0);
        assert!(err.contains("nothing to do"), "{err}");
        assert_eq!(generations(&profile), 2);
    });
}

/// Nix upgrades the good ones to the very same store path.
fn compare_with_nix(nix: &PrivateNix, profile: &Path, theirs: &Path, left: &BTreeMap<String, String>) {
    let live: Value =
        serde_json::from_str(&std::fs::read_to_string(profile.join("manifest.json")).unwrap()).unwrap();
    let names = live["elements"].as_object().unwrap().keys().filter(|name| !left.contains_key(*name));
    let mut words = vec!["profile", "upgrade", "--refresh", "--profile", theirs.to_str().unwrap()];
    words.extend(names.map(String::as_str));
    nix.run("nix", &words);
    assert_eq!(PrivateNix::real_path(profile), PrivateNix::real_path(theirs));
}

#[test]
fn fifty_elements_of_one_flake_take_one_evaluator() {
    each_nix("fifty elements of one flake take one evaluator", |nix| {
        let folder = nix.root().join("work/fifty");
        let packages: Vec<(String, Fate)> =
            (1..=50).map(|number| (format!("p{number}"), Fate::Newer)).collect();
        flake(&folder, 1, &packages);
        let reference = format!("path:{}", folder.display());
        let installables: Vec<String> =
            packages.iter().map(|(name, _)| format!("{reference}#{name}")).collect();
        let profile = nix.profile("mine");
        add(nix, &profile, &installables);
        let theirs = copy(&profile, "theirs");
        flake(&folder, 2, &packages);
        // Neither has to build.
        let build: Vec<&str> =
            ["build", "--no-link"].into_iter().chain(installables.iter().map(String::as_str)).collect();
        nix.run("nix", &build);
        let begun = Instant::now();
        nix.run("nix", &["profile", "upgrade", "--all", "--profile", theirs.to_str().unwrap()]);
        let nixs = begun.elapsed();
        let begun = Instant::now();
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all", "-v"]), 0);
        println!("nix profile upgrade --all: {nixs:?}, firn upgrade --all: {:?}", begun.elapsed());
        assert_eq!(PrivateNix::real_path(&profile), PrivateNix::real_path(&theirs), "{err}");
    });
}

/// Stands where nix is expected and writes down what it is asked.
const LISTENER: &str = r#"here=${0%/*}; echo "$1" >> "$here/verbs"; exec "$here/real/nix" "$@""#;

#[test]
fn what_was_evaluated_is_not_evaluated_again() {
    each_nix("what was evaluated is not evaluated again", |nix| {
        let folder = nix.root().join("work/flake");
        let packages = ["a", "b"].map(|name| (name.to_owned(), Fate::Newer)).to_vec();
        flake(&folder, 1, &packages);
        commit(nix, &folder);
        let reference = format!("git+file://{}", folder.display());
        let profile = nix.profile("mine");
        add(nix, &profile, &["a", "b"].map(|name| format!("{reference}#{name}")));
        let bin = nix.root().join("work/bin");
        crate::support::script(&bin, "nix", LISTENER);
        std::os::unix::fs::symlink(nix.bin(), bin.join("real")).unwrap();
        let evaluations = |words: &[&str]| {
            crate::support::write(&bin, "verbs", "");
            let mut command = nix.command(crate::flakes::FIRN);
            command.env("FIRN_NIX_BIN", &bin).arg("upgrade").args(words);
            let (_, err) = expect(&command.arg("--profile").arg(&profile).output().unwrap(), 0);
            let verbs = std::fs::read_to_string(bin.join("verbs")).unwrap();
            (verbs.lines().filter(|verb| *verb == "eval").count(), err)
        };
        assert_eq!(evaluations(&["a"]).0, 1);
        assert_eq!(evaluations(&["a"]).0, 0);
        assert_eq!(evaluations(&["--all"]).0, 1, "b was not asked about");
        assert_eq!(evaluations(&["--all"]).0, 0);
        assert_eq!(evaluations(&["--all", "--impure"]).0, 1, "which may look at the machine");

        flake(&folder, 2, &packages);
        commit(nix, &folder);
        let theirs = copy(&profile, "theirs");
        assert_eq!(evaluations(&["--all", "--dry-run"]).0, 1, "it is another flake");
        let (count, err) = evaluations(&["--all"]);
        assert!(count == 0 && err.contains("generation 2 is live"), "{count} {err}");
        nix.run("nix", &["profile", "upgrade", "--all", "--profile", theirs.to_str().unwrap()]);
        assert_eq!(PrivateNix::real_path(&profile), PrivateNix::real_path(&theirs));

        // What is needed to build it is collected: then it is evaluated again.
        flake(&folder, 3, &packages);
        commit(nix, &folder);
        assert_eq!(evaluations(&["--all", "--dry-run"]).0, 1);
        nix.run("nix-store", &["--gc"]);
        let (count, err) = evaluations(&["--all"]);
        assert!(count == 1 && err.contains("generation 3 is live"), "{count} {err}");
    });
}
