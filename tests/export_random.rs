//! `firn export` on random profiles of real Nix, of `nix profile` and of nix-env: the transaction makes
//! the very same profile again, and the flake and the file build the same links.
//!
//! Profile `i` has seed `FIRN_TEST_SEED + i` (default 1); `FIRN_TEST_PROFILES` (default 3) profiles for
//! every Nix that is found. Those that collide are made without the elements that do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

#[path = "differential/random.rs"]
#[allow(dead_code, reason = "of a larger one")]
mod random;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use random::Random;
use serde_json::{Value, json};
use support::{PrivateNix, each_nix, write};

/// How many packages each of the two flakes has.
const PACKAGES: usize = 8;

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// A flake whose packages have files of their own and such that others have too.
fn flake(nix: &PrivateNix, name: &str, random: &mut Random) -> String {
    let mut packages = String::new();
    for index in 0..PACKAGES {
        let outputs = *random.pick(&["out", "out", "out doc", "bin out dev"]);
        let shared = *random.pick(&["bin/tool", "share/data", "lib/x", "lib"]);
        let meta = match random.below(4) {
            0 => format!("meta.priority = {};", *random.pick(&[-1, 3, 10])),
            1 => format!("meta.outputsToInstall = [ \"{}\" ];", outputs.split(' ').next_back().unwrap()),
            _ => String::new(),
        };
        writeln!(
            packages,
            "p{index} = make \"{name}{index}-{index}.0\" \"{outputs}\" \"{shared}\" // {{ {meta} }};"
        )
        .unwrap();
    }
    let text = format!(
        r#"{{
          outputs = {{ self }}: let
            make = name: outputs: shared: derivation {{
              inherit name shared;
              outputs = builtins.filter builtins.isString (builtins.split " " outputs);
              system = "x86_64-linux";
              builder = "/bin/sh";
              PATH = "/usr/bin:/bin";
              args = [ "-c" ''
                for output in ${{outputs}}; do
                  eval path=\$$output
                  mkdir -p $path/share/$output $path/bin
                  echo $name > $path/share/$output/$name
                  echo $name > $path/bin/$name-$output
                done
                mkdir -p $path/$(dirname $shared)
                test -d $path/$shared || echo $name > $path/$shared
              '' ];
            }};
          in {{ packages.x86_64-linux = {{
            {packages}
            "with space" = make "{name}-spaced" "out" "bin/spaced";
          }}; }};
        }}"#
    );
    write(nix.root(), format!("work/{name}/flake.nix"), text);
    let folder = nix.root().join("work").join(name);
    for words in [&["init", "-q", "."][..], &["add", "."], &["commit", "-qm", "x"]] {
        let mut git = nix.command("/usr/bin/git");
        assert!(git.current_dir(&folder).args(words).status().unwrap().success());
    }
    format!("git+file://{}", folder.display())
}

/// Random additions.
fn additions(random: &mut Random, flakes: &[String], paths: &[String]) -> Vec<Value> {
    let mut changes = Vec::new();
    for _ in 0..random.between(1, 7) {
        let mut change = json!({"change": "add", "priority": *random.pick(&[5, 5, 4, 6, 7, -3, 1000])});
        change["installable"] = if random.chance(25) {
            let first = random.below(paths.len());
            if random.chance(40) {
                // As a conversion leaves a package of several outputs.
                change["with"] = json!(&paths[first + 1..]);
            }
            json!(paths[first])
        } else {
            let outputs = *random.pick(&["", "", "", "^*", "^out"]);
            json!(format!("{}#p{}{outputs}", random.pick(flakes), random.below(PACKAGES)))
        };
        if random.chance(20) {
            change["active"] = json!(false);
        }
        changes.push(change);
    }
    changes
}

fn firn(nix: &PrivateNix, words: &[&str]) -> (i32, String, String) {
    let output = nix.command(env!("CARGO_BIN_EXE_firn")).args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Every path below a folder, with where its link leads.
fn links(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if name == "manifest.json" || name == "manifest.nix" {
                continue;
            }
            if let Ok(target) = std::fs::read_link(&path) {
                found.insert(name, target.to_str().unwrap().to_owned());
            } else {
                found.insert(name, "folder".to_owned());
                waiting.push(path);
            }
        }
    }
    found
}

/// Makes the profile of a seed; additions that it cannot have are left out. Tells how many it has.
fn random_profile(nix: &PrivateNix, profile: &str, changes: Vec<Value>) -> usize {
    let mut kept: Vec<Value> = Vec::new();
    for change in changes {
        let mut tried = kept.clone();
        tried.push(change);
        let text = json!({"version": 1, "changes": tried}).to_string();
        write(nix.root(), "work/random.json", text);
        if firn(nix, &["apply", "random.json", "--profile", profile, "--dry-run"]).0 == 0 {
            kept = tried;
        }
    }
    write(nix.root(), "work/random.json", json!({"version": 1, "changes": kept}).to_string());
    let (status, _, said) = firn(nix, &["apply", "random.json", "--profile", profile]);
    assert_eq!(status, 0, "{said}");
    kept.len()
}

#[test]
fn random_profiles_come_back_and_build_the_same_links() {
    let (first, count) = (number("FIRN_TEST_SEED", 1), number("FIRN_TEST_PROFILES", 3));
    each_nix("random profiles come back", |nix| {
        let (mut elements, mut joined, mut packages) = (0, 0, 0);
        let mut shared = Random::new(first);
        let flakes = [flake(nix, "one", &mut shared), flake(nix, "two", &mut shared)];
        // With everything here, what collides is known before it is tried.
        let all =
            |flake: &String| (0..PACKAGES).map(|index| format!("{flake}#p{index}^*")).collect::<Vec<_>>();
        let words = ["build".to_owned(), "--no-link".to_owned()].into_iter();
        nix.run("nix", &words.chain(flakes.iter().flat_map(all)).collect::<Vec<_>>());
        let paths: Vec<String> = (0..4)
            .map(|index| {
                nix.add_package(&format!("own{index}-1"), |root| {
                    write(root, format!("bin/own{index}"), "x");
                    write(root, ["bin/tool", "share/data", "lib/x", "share/own"][index], "x");
                })
            })
            .collect();
        for seed in first..first + count {
            let mut random = Random::new(seed);
            let profile = nix.profile(&format!("p{seed}"));
            let made =
                random_profile(nix, profile.to_str().unwrap(), additions(&mut random, &flakes, &paths));
            if made == 0 {
                continue;
            }
            elements += made;
            let manifest = std::fs::read_to_string(profile.join("manifest.json")).unwrap();
            let manifest: Value = serde_json::from_str(&manifest).unwrap();
            let is_joined = |element: &Value| {
                element["url"].is_null() && element["storePaths"].as_array().unwrap().len() > 1
            };
            joined += manifest["elements"].as_object().unwrap().values().filter(|it| is_joined(it)).count();
            round_trip(nix, &profile, &format!("seed {seed}"));
            home_manager(nix, &profile, seed);
            let profile = nix.profile(&format!("env{seed}"));
            packages += random_environment(nix, &profile, &mut random, &paths);
            round_trip(nix, &profile, &format!("seed {seed} of nix-env"));
            nix.run(
                "nix-env",
                &["--profile", nix.profile("copy").to_str().unwrap(), "--set-flag", "x", "y", "*"],
            );
        }
        println!(
            "{count} profiles from seed {first}, {elements} elements, {joined} of several paths, {packages} \
             packages of nix-env: {}",
            nix.bin().display()
        );
        assert!(elements > 0 && packages > 0);
    });
}

/// Makes a profile of nix-env: packages of a file and store paths, with flags. What collides with those
/// before it nix-env leaves out. Tells how many it has.
fn random_environment(nix: &PrivateNix, profile: &Path, random: &mut Random, paths: &[String]) -> usize {
    let flake = ["one", "two"][random.below(2)];
    let text = format!("(import ./{flake}/flake.nix).outputs {{ self = null; }}");
    write(nix.root(), "work/flake.nix", format!("({text}).packages.x86_64-linux"));
    let nix_env = |words: &[&str]| {
        let words = [&["--profile", profile.to_str().unwrap()], words].concat();
        nix.output("nix-env", &words).status.success()
    };
    assert!(nix_env(&["--install", random.pick::<String>(paths)]));
    for _ in 0..random.between(1, 5) {
        let name = format!("p{}", random.below(PACKAGES));
        nix_env(&["--file", "flake.nix", "--install", "--attr", &name]);
        let element = format!("{flake}{}", random.below(PACKAGES));
        let flags = [("priority", "3"), ("priority", "9"), ("active", "false"), ("keep", "true")];
        let (flag, value) = *random.pick(&flags);
        nix_env(&["--set-flag", flag, value, &element]);
    }
    let listed = nix.run("nix-env", &["--profile", profile.to_str().unwrap(), "--query"]);
    listed.lines().count()
}

/// Exports a profile, and makes it again in `copy`.
fn round_trip(nix: &PrivateNix, profile: &Path, told: &str) {
    write(nix.root(), "work/exported.json", export(nix, profile, "json"));
    let copy = nix.profile("copy");
    for entry in std::fs::read_dir(copy.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("copy") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let (status, _, said) = firn(nix, &["apply", "exported.json", "--profile", copy.to_str().unwrap()]);
    assert_eq!(status, 0, "{told}: {said}");
    assert_eq!(PrivateNix::real_path(&copy), PrivateNix::real_path(profile), "{told}");

    let wanted = links(&profile.canonicalize().unwrap());
    let name = format!("work/{}", told.replace(' ', "-"));
    write(nix.root(), format!("{name}/flake.nix"), export(nix, profile, "flake"));
    let folder = format!("path:{}", nix.root().join(name).display());
    let built = nix.run("nix", &["build", "--no-link", "--print-out-paths", "--no-write-lock-file", &folder]);
    assert_eq!(links(Path::new(built.trim())), wanted, "{told}, the flake");

    write(nix.root(), "work/environment.nix", export(nix, profile, "nix"));
    let built = nix.run("nix-build", &["--no-out-link", "environment.nix"]);
    assert_eq!(links(Path::new(built.trim())), wanted, "{told}, the file");
}

fn export(nix: &PrivateNix, profile: &Path, format: &str) -> String {
    let (status, out, said) =
        firn(nix, &["--profile", profile.to_str().unwrap(), "export", "--format", format]);
    assert_eq!(status, 0, "{}: {said}", profile.display());
    out
}

/// Evaluates the module as home-manager would, with a `lib` that knows `setPrio`: the packages are
/// those that are switched on and came from flakes.
fn home_manager(nix: &PrivateNix, profile: &Path, seed: u64) {
    write(nix.root(), "work/home.nix", export(nix, profile, "home-manager"));
    let expression = "map (package: [ (package.meta.priority or 5) (toString package) ]) \
         (import ./home.nix { lib.setPrio = priority: package: package // { meta.priority = priority; }; }).home.packages";
    let words = ["eval", "--impure", "--json", "--expr", expression];
    let found: Value = serde_json::from_str(&nix.run("nix", &words)).unwrap();
    let paths: Vec<&str> = found.as_array().unwrap().iter().map(|pair| pair[1].as_str().unwrap()).collect();
    let manifest = std::fs::read_to_string(profile.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    for (name, element) in manifest["elements"].as_object().unwrap() {
        let is_there = element["active"] == true && element["originalUrl"].is_string();
        let own = element["storePaths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap());
        // A package without chosen outputs stands for those that it declares itself.
        let is_whole = element["outputs"].is_array();
        if is_there && is_whole {
            assert!(own.clone().all(|path| paths.contains(&path)), "seed {seed}, {name}: {found}");
        }
        let is_named = own.clone().any(|path| paths.contains(&path));
        assert!(is_there || !is_named || paths.len() > 1, "seed {seed}, {name}: {found}");
    }
}
