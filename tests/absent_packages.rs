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
