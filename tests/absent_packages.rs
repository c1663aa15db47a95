//! Packages that are not in the store: what a binary cache tells must be what is there once they
//! have been fetched.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::Path;

use firn::core::file_tree::{Basis, FileTrees, Package};
use firn::core::link_tree::TreeNeeds;
use firn::core::plan::ToRealise;
use firn::core::store_path::{StoreDir, StorePath};
use firn::system::machine::{Cancel, NoProgress, Store, Watch};
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::package_reader::{Depth, read};

use support::{PrivateNix, each_nix, write};

/// Three packages: `a`; `b`, which links into `a`; `c`, which is in no cache.
const FLAKE: &str = r#"{
    outputs = { self }: let
        make = name: script: derivation {
            inherit name;
            system = "x86_64-linux";
            builder = "/bin/sh";
            args = [ "-e" "-c" "export PATH=/usr/bin:/bin; mkdir -p $out/bin; echo ${name} > $out/bin/tool; ${script}" ];
        };
    in rec {
        packages.x86_64-linux = rec {
            a = make "a-1.0" "mkdir -p $out/lib/deep; echo x > $out/lib/deep/file; ln -s deep $out/lib/same";
            b = make "b-2.0" "ln -s ${a}/lib $out/lib; ln -s ${a}/bin/tool $out/bin/other; ln -s gone $out/bin/gone";
            c = make "c-3.0" "ln -s ${b} $out/b";
        };
    };
}"#;

/// What `nix` prints of one thing without the line feed.
fn asked(nix: &PrivateNix, words: &[&str]) -> String {
    nix.run("nix", words).trim_end().to_owned()
}

fn path(nix: &PrivateNix, text: &str) -> StorePath {
    StorePath::parse(&StoreDir::new(nix.store_dir().to_str().unwrap()), text).unwrap()
}

/// The store with `a` and `b` in a cache and nothing in the store but derivations.
fn emptied(nix: &PrivateNix) -> (NixStore, [ToRealise; 3]) {
    write(nix.root(), "work/flake/flake.nix", FLAKE);
    let flake = format!("path:{}", nix.root().join("work/flake").display());
    let cache = format!("file://{}/cache", nix.root().display());
    let b = format!("{flake}#b");
    nix.run("nix", &["copy", "--to", &format!("{cache}?write-nar-listing=true"), &b]);
    nix.run("nix", &["store", "gc"]);
    let wanted = ["a", "b", "c"].map(|name| {
        let drv_path = path(nix, &asked(nix, &["eval", "--raw", &format!("{flake}#{name}.drvPath")]));
        let out = path(nix, &asked(nix, &["eval", "--raw", &format!("{flake}#{name}.outPath")]));
        assert!(!Path::new(out.as_str()).exists());
        let outputs = vec![("out".to_owned(), out)];
        ToRealise { element: name.to_owned(), drv_path: Some(drv_path), outputs }
    });
    let options = ["--option", "substituters", &cache, "--option", "require-sigs", "false"];
    let options = options.map(str::to_owned).to_vec();
    (NixStore::in_environment(NixEnvironment::new(nix.environment()), options).unwrap(), wanted)
}

fn paths(wanted: &[ToRealise]) -> Vec<StorePath> {
    wanted.iter().flat_map(ToRealise::paths).cloned().collect()
}

fn exact(store: &NixStore, paths: &[StorePath]) -> FileTrees {
    let packages = paths.iter().map(|path| path.as_str().as_bytes().into()).collect();
    read(&TreeNeeds { packages, directories: Vec::new() }, Depth::Whole, store.store_dir())
}

#[test]
fn listings_tell_what_is_there_once_it_is_fetched() {
    each_nix("listings tell what is there once it is fetched", |nix| {
        let (store, wanted) = emptied(nix);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let listed = store.listings(&paths(&wanted), &watch).unwrap();
        let basis = |name: &ToRealise| listed.packages[name.outputs[0].1.as_str().as_bytes()].basis;
        assert_eq!(
            [0, 1, 2].map(|index| basis(&wanted[index])),
            [Basis::Listing, Basis::Listing, Basis::Unknown]
        );
        assert!(wanted.iter().flat_map(ToRealise::paths).all(|path| !Path::new(path.as_str()).exists()));
        let cache = format!("file://{}/cache", nix.root().display());
        let b = wanted[1].outputs[0].1.as_str();
        nix.run("nix", &["copy", "--no-check-sigs", "--from", &cache, b]);
        let exact = exact(&store, &paths(&wanted[..2]));
        for (path, package) in &exact.packages {
            assert_eq!(listed.packages[path], Package { basis: Basis::Listing, ..package.clone() });
        }
        for (path, directory) in exact.directories.iter() {
            assert_eq!(listed.directories[path], *directory, "{}", String::from_utf8_lossy(path));
        }
    });
}

#[test]
fn sizes_are_those_of_the_cache_and_what_it_lacks_is_built() {
    each_nix("sizes are those of the cache and what it lacks is built", |nix| {
        let (store, wanted) = emptied(nix);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let obtainable = store.obtainable(&wanted[1..], &watch).unwrap();
        let mut fetched: Vec<&StorePath> = obtainable.fetch.iter().map(|fetched| &fetched.path).collect();
        fetched.sort();
        let mut expected: Vec<&StorePath> = wanted[..2].iter().flat_map(ToRealise::paths).collect();
        expected.sort();
        assert_eq!(fetched, expected);
        assert_eq!(obtainable.build, [wanted[2].drv_path.clone().unwrap()]);
        for fetched in &obtainable.fetch {
            let sizes = fetched.sizes.as_ref().unwrap();
            let info = nix.root().join(format!("cache/{}.narinfo", fetched.path.hash_part()));
            let info = std::fs::read_to_string(info).unwrap();
            assert!(info.contains(&format!("\nFileSize: {}\n", sizes.download.unwrap())), "{info}");
            assert!(info.contains(&format!("\nNarSize: {}\n", sizes.unpacked)), "{info}");
        }
        let a = wanted[0].outputs[0].1.clone();
        let b = obtainable.fetch.iter().find(|fetched| fetched.path != a).unwrap();
        assert_eq!(b.sizes.as_ref().unwrap().references, [a]);
    });
}

/// What firn does with these words on the profile, with the cache as nix's only substituter.
fn firn(nix: &PrivateNix, words: &[&str]) -> (i32, String, String) {
    let cache = format!("file://{}/cache", nix.root().display());
    let profile = nix.profile("profile");
    let output = nix
        .command(env!("CARGO_BIN_EXE_firn"))
        .args(["--profile", profile.to_str().unwrap()])
        .args(["--option", "substituters", &cache, "--option", "require-sigs", "false"])
        .args(words)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A profile with `b` as it was, and its flake with a newer `a` and `b` that only the cache has.
fn outdated(nix: &PrivateNix) {
    write(nix.root(), "work/flake/flake.nix", FLAKE);
    let flake = format!("path:{}", nix.root().join("work/flake").display());
    let profile = nix.profile("profile");
    nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), &format!("{flake}#b")]);
    let newer = FLAKE.replace("a-1.0", "a-1.1").replace("b-2.0", "b-2.1").replace("lib/deep", "lib/deeper");
    write(nix.root(), "work/flake/flake.nix", newer.replace("ln -s deep ", "ln -s deeper "));
    let cache = format!("file://{}/cache?write-nar-listing=true", nix.root().display());
    nix.run("nix", &["copy", "--to", &cache, &format!("{flake}#b")]);
    nix.run("nix", &["store", "gc"]);
}

#[test]
fn an_upgrade_is_seen_whole_before_it_is_downloaded() {
    each_nix("an upgrade is seen whole before it is downloaded", |nix| {
        outdated(nix);
        let (status, plan, complaints) = firn(nix, &["upgrade", "--all", "--dry-run", "--json"]);
        assert_eq!(status, 0, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!(plan["basis"], "listing");
        let future = plan["result"].as_str().unwrap();
        assert!(!Path::new(future).exists());
        let newer = plan["elements"]["after"]["b"]["storePaths"][0].as_str().unwrap();
        assert!(newer.ends_with("-b-2.1") && !Path::new(newer).exists(), "{newer}");
        let fetched = plan["cost"]["fetch"].as_array().unwrap();
        let size = |path: &serde_json::Value| {
            let hash =
                Path::new(path.as_str().unwrap()).file_name().unwrap().to_str().unwrap()[..32].to_owned();
            let info = std::fs::read_to_string(nix.root().join(format!("cache/{hash}.narinfo"))).unwrap();
            let line = info.lines().find_map(|line| line.strip_prefix("FileSize: ")).unwrap().to_owned();
            line.parse::<u64>().unwrap()
        };
        assert_eq!(fetched.len(), 2);
        assert_eq!(plan["cost"]["download"], fetched.iter().map(size).sum::<u64>());
        assert_eq!(plan["cost"]["build"], serde_json::json!([]));
        let closures = (&plan["cost"]["closureBefore"], &plan["cost"]["closureAfter"]);
        assert!(closures.0.is_u64() && closures.1.is_u64(), "{closures:?}");
        let changed = &plan["links"]["changed"]["lib"]["after"]["target"];
        assert_eq!(changed, &serde_json::json!(format!("{newer}/lib")));

        let (status, _, complaints) = firn(nix, &["upgrade", "--all"]);
        assert_eq!(status, 0, "{complaints}");
        assert_eq!(PrivateNix::real_path(&nix.profile("profile")), future);
        let (_, tree, _) = firn(nix, &["tree", "--json"]);
        assert!(tree.contains(&format!("{newer}/lib")), "{tree}");
        let after: u64 =
            nix.run("nix", &["path-info", "--json", "-r", newer]).matches("narSize").count() as u64;
        assert_eq!(after, 2);
    });
}

#[test]
fn a_tie_that_an_upgrade_would_make_is_told_before_anything_is_downloaded() {
    each_nix("a tie that an upgrade would make is told before anything is downloaded", |nix| {
        outdated(nix);
        // In the way of what only the newer `b` has, through its link into `a`.
        let other = nix.add_package("other-1.0", |root| write(root, "lib/deeper/file", "other"));
        assert_eq!(firn(nix, &["add", &other]).0, 0);
        let (status, plan, complaints) = firn(nix, &["upgrade", "--all", "--dry-run", "--json"]);
        assert_eq!(status, 3, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!(plan["collisions"]["ties"][0]["path"], "lib/deeper/file", "{complaints}");
        assert_eq!(plan["result"], serde_json::Value::Null);
        let newer = plan["elements"]["after"]["b"]["storePaths"][0].as_str().unwrap();
        assert!(!Path::new(newer).exists());
        assert_eq!(firn(nix, &["upgrade", "--all"]).0, 3);
        assert!(!Path::new(newer).exists(), "nothing is fetched for a plan that is blocked");
        assert_eq!(firn(nix, &["priority", "other", "6"]).0, 0);
        let (status, _, complaints) = firn(nix, &["upgrade", "--all"]);
        assert_eq!(status, 0, "{complaints}");
        assert!(Path::new(newer).exists());
    });
}

/// The flake whose packages only the cache has.
fn only_cached(nix: &PrivateNix) -> String {
    write(nix.root(), "work/flake/flake.nix", FLAKE);
    let flake = format!("path:{}", nix.root().join("work/flake").display());
    let cache = format!("file://{}/cache?write-nar-listing=true", nix.root().display());
    nix.run("nix", &["copy", "--to", &cache, &format!("{flake}#b")]);
    nix.run("nix", &["store", "gc"]);
    flake
}

/// Whether nothing but sources, derivations and profiles is in the store.
fn has_no_package(nix: &PrivateNix) -> bool {
    let names = std::fs::read_dir(nix.store_dir()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names = names.map(|name| name.into_string().unwrap());
    names.all(|name| !["-a-1.0", "-b-2.0", "-c-3.0"].iter().any(|package| name.ends_with(package)))
}

#[test]
fn an_addition_is_seen_whole_before_it_is_downloaded() {
    each_nix("an addition is seen whole before it is downloaded", |nix| {
        let flake = only_cached(nix);
        let b = format!("{flake}#b");
        let (status, plan, complaints) = firn(nix, &["add", &b, "--dry-run", "--json"]);
        assert_eq!(status, 0, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!(plan["basis"], "listing");
        let future = plan["result"].as_str().unwrap();
        assert!(has_no_package(nix) && !Path::new(future).exists());
        assert_eq!(plan["cost"]["fetch"].as_array().unwrap().len(), 2);
        assert_eq!(plan["cost"]["build"], serde_json::json!([]));
        assert!(plan["cost"]["download"].as_u64().unwrap() > 0);
        let path = plan["elements"]["after"]["b"]["storePaths"][0].as_str().unwrap();
        assert_eq!(plan["links"]["added"]["lib"]["target"], format!("{path}/lib"));

        let (status, _, complaints) = firn(nix, &["add", &b]);
        assert_eq!(status, 0, "{complaints}");
        let ours = PrivateNix::real_path(&nix.profile("profile"));
        assert_eq!(ours, future);
        let theirs = nix.profile("theirs");
        nix.run("nix", &["profile", "install", "--profile", theirs.to_str().unwrap(), &b]);
        assert_eq!(PrivateNix::real_path(&theirs), ours);
    });
}

#[test]
fn a_store_path_that_is_not_here_is_fetched_only_to_apply() {
    each_nix("a store path that is not here is fetched only to apply", |nix| {
        let flake = only_cached(nix);
        let path = asked(nix, &["eval", "--raw", &format!("{flake}#b.outPath")]);
        let (status, plan, complaints) = firn(nix, &["add", &path, "--dry-run", "--json"]);
        assert_eq!(status, 0, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!((&plan["basis"], plan["cost"]["fetch"].as_array().unwrap().len()), (&"listing".into(), 2));
        assert!(has_no_package(nix));
        assert_eq!(firn(nix, &["add", &path]).0, 0);
        assert_eq!(PrivateNix::real_path(&nix.profile("profile")), plan["result"].as_str().unwrap());
        let hash = Path::new(&path).file_name().unwrap().to_str().unwrap()[..32].to_owned();
        let gone = path.replace(&hash, &"0".repeat(32));
        let before = PrivateNix::real_path(&nix.profile("profile"));
        let (status, _, complaints) = firn(nix, &["add", &gone]);
        assert_eq!(status, 1);
        assert!(complaints.contains(&format!("cannot add '{gone}'")), "{complaints}");
        assert_eq!(PrivateNix::real_path(&nix.profile("profile")), before);
    });
}

#[test]
fn an_addition_that_cannot_be_built_loses_nothing() {
    each_nix("an addition that cannot be built loses nothing", |nix| {
        let broken = FLAKE.replace(r#""ln -s ${b} $out/b""#, r#""echo no such luck; exit 3""#);
        write(nix.root(), "work/flake/flake.nix", broken);
        let flake = format!("path:{}", nix.root().join("work/flake").display());
        assert_eq!(firn(nix, &["add", &format!("{flake}#a")]).0, 0);
        let before = PrivateNix::real_path(&nix.profile("profile"));
        let both = [format!("{flake}#b"), format!("{flake}#c")];
        let (status, plan, complaints) = firn(nix, &["add", &both[0], &both[1], "--dry-run", "--json"]);
        assert_eq!(status, 0, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!((&plan["basis"], &plan["result"]), (&"unknown".into(), &serde_json::Value::Null));
        assert_eq!(plan["cost"]["build"].as_array().unwrap().len(), 2);
        let (status, _, complaints) = firn(nix, &["add", &both[0], &both[1]]);
        assert_eq!(status, 1);
        assert!(complaints.contains(&format!("cannot add '{}'", both[1])), "{complaints}");
        assert!(complaints.contains("no such luck"), "{complaints}");
        // What the build left in the store folder is not taken for the package.
        let (status, plan, complaints) = firn(nix, &["add", &both[1], "--dry-run", "--json"]);
        assert_eq!(status, 0, "{complaints}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        assert_eq!((&plan["basis"], &plan["result"]), (&"unknown".into(), &serde_json::Value::Null));
        let (status, _, complaints) = firn(nix, &["add", &both[1]]);
        assert_eq!(status, 1);
        assert!(complaints.contains("no such luck"), "{complaints}");
        assert_eq!(PrivateNix::real_path(&nix.profile("profile")), before);
    });
}

#[test]
fn a_link_into_the_store_is_the_path_and_a_folder_the_flake() {
    each_nix("a link into the store is the path and a folder the flake", |nix| {
        write(
            nix.root(),
            "work/flake/flake.nix",
            FLAKE.replace("rec {\n            a", "rec {\n            default = a; a"),
        );
        let work = nix.root().join("work");
        nix.run(
            "nix",
            &[
                "build",
                "--out-link",
                work.join("result").to_str().unwrap(),
                &format!("path:{}#a", work.join("flake").display()),
            ],
        );
        std::os::unix::fs::symlink("result", work.join("indirect")).unwrap();
        for (number, text) in
            ["./result", "./indirect", "./flake", "flake/", "./result/bin/tool"].iter().enumerate()
        {
            let [ours, theirs] = ["ours", "theirs"].map(|name| nix.profile(&format!("{name}-{number}")));
            let run = |program: &str, words: &[&str], profile: &Path| {
                let mut command = nix.command(program);
                command.current_dir(&work).args(words).arg(text).arg("--profile").arg(profile);
                command.output().unwrap()
            };
            let output = run(env!("CARGO_BIN_EXE_firn"), &["add"], &ours);
            let reference = run("nix", &["profile", "install"], &theirs);
            assert_eq!(
                output.status.success(),
                reference.status.success(),
                "{text}: {output:?} {reference:?}"
            );
            if *text == "./result/bin/tool" {
                // Only the last part of a path is followed.
                assert!(!output.status.success() && !ours.exists());
                continue;
            }
            assert!(output.status.success(), "{text}: {output:?}");
            assert_eq!(PrivateNix::real_path(&ours), PrivateNix::real_path(&theirs), "{text}");
        }
    });
}
