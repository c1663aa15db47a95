//! What listings tell must be what the disk tells: packages are read both ways.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::core::link_tree::TreeNeeds;
use crate::system::package_reader::{Depth, read};

/// A store in a temporary folder, whose packages are called a to z.
struct World {
    _folder: tempfile::TempDir,
    store: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().canonicalize().unwrap().join("store");
        std::fs::create_dir(&store).unwrap();
        Self { _folder: folder, store }
    }

    fn store_dir(&self) -> StoreDir {
        StoreDir::new(self.store.to_str().unwrap())
    }

    fn package(&self, name: &str) -> StorePath {
        StorePath::from_parts(&self.store_dir(), [name.as_bytes()[0]; 20], name).unwrap()
    }

    /// Makes `a/bin/x` a file, or with a target a link; `@b` in a target is the path of package b.
    fn make(&self, path: &str, target: Option<&str>) {
        let (package, below) = path.split_once('/').unwrap_or((path, ""));
        let mut place = PathBuf::from(self.package(package).as_str());
        if !below.is_empty() {
            place.push(below);
        }
        // A random world has links on the way, which may lead out of the package.
        let root = self.package(package);
        let on_the_way = place.ancestors().skip(1).take_while(|folder| folder.starts_with(root.as_str()));
        let leads_out = on_the_way.filter_map(|folder| folder.symlink_metadata().ok()).any(|it| !it.is_dir());
        if leads_out {
            return;
        }
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        // A random world names one place twice at times; the first counts.
        if let Some(target) = target {
            let named = |name: char| format!("@{name}");
            let target = ('a'..='z').fold(target.to_owned(), |target, name| {
                target.replace(&named(name), self.package(&name.to_string()).as_str())
            });
            let _ = symlink(target, place);
        } else if place.symlink_metadata().is_err() {
            std::fs::write(place, "").unwrap();
        }
    }

    fn bytes(&self, package: &str) -> PathBytes {
        self.package(package).as_str().as_bytes().into()
    }

    fn exact(&self, packages: &[&str]) -> FileTrees {
        let packages = packages.iter().map(|name| self.bytes(name)).collect();
        read(&TreeNeeds { packages, directories: Vec::new() }, Depth::Whole, &self.store_dir())
    }

    /// Reads from listings of the packages that are named in `listed`.
    fn listed(&self, packages: &[&str], listed: &[&str]) -> (FileTrees, usize) {
        let packages: Vec<StorePath> = packages.iter().map(|name| self.package(name)).collect();
        let listed: Vec<StorePath> = listed.iter().map(|name| self.package(name)).collect();
        let mut rounds = 0;
        let mut find = |asked: &[StorePath]| {
            rounds += 1;
            let listing = |path: &StorePath| {
                let root = listed.contains(path).then(|| node(Path::new(path.as_str()))).flatten();
                root.map(|root| NarListing { root })
            };
            Ok(asked.iter().map(listing).collect())
        };
        (read_listed(&packages, &self.store_dir(), &mut find).unwrap(), rounds)
    }
}

fn node(path: &Path) -> Option<ListedNode> {
    let status = path.symlink_metadata().ok()?;
    if status.is_symlink() {
        let target = path.read_link().unwrap().to_str().unwrap().to_owned();
        return Some(ListedNode::Link { target });
    }
    if status.is_file() {
        return Some(ListedNode::File { size: status.len() });
    }
    let mut entries = BTreeMap::new();
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        entries.insert(entry.file_name().into_string().unwrap(), node(&entry.path()).unwrap());
    }
    Some(ListedNode::Directory(entries))
}

/// Folders that a package's tree can lead to; those outside the packages are read when asked for.
fn assert_equal(exact: &FileTrees, listed: &FileTrees) {
    for (path, package) in &listed.packages {
        assert_eq!(package.basis, Basis::Listing, "{}", String::from_utf8_lossy(path));
        let wanted = Package { basis: Basis::Listing, ..exact.packages[path].clone() };
        assert_eq!(*package, wanted);
    }
    for (path, directory) in exact.directories.iter() {
        let found = listed.directories.get(path).map(|found| settled(found));
        assert_eq!(found, Some(settled(directory)), "{}", String::from_utf8_lossy(path));
    }
}

/// Without the number of links before one that leads nowhere, which the disk's reader counts too high
/// behind a file.
fn settled(directory: &Directory) -> Directory {
    let mut directory = directory.clone();
    for entry in &mut directory.entries {
        if entry.kind == EntryKind::Dangling {
            entry.links_followed = 0;
        }
    }
    directory
}

#[test]
fn links_within_and_between_packages_are_followed() {
    let world = World::new();
    for (path, target) in [
        ("a/bin/a", None),
        ("a/bin/.a-wrapped", None),
        ("a/bin/again", Some("a")),
        ("a/bin/other", Some("@b/bin/b")),
        ("a/lib", Some("@b/lib")),
        ("a/sbin", Some("bin")),
        ("a/up", Some("../../..")),
        ("a/gone", Some("nowhere/at/all")),
        ("a/loop", Some("loop")),
        ("b/bin/b", None),
        ("b/lib/b.so", Some("b.so.1")),
        ("b/lib/b.so.1", None),
        ("b/lib/c", Some("@c")),
        ("c/deep/file", None),
    ] {
        world.make(path, target);
    }
    let (listed, rounds) = world.listed(&["a", "b", "c"], &["a", "b", "c"]);
    assert_equal(&world.exact(&["a", "b", "c"]), &listed);
    assert_eq!(rounds, 1);
    // The packages behind links are on disk here and need no listing.
    let (listed, rounds) = world.listed(&["a"], &["a"]);
    assert_equal(&world.exact(&["a"]), &listed);
    assert_eq!(rounds, 1);
}

#[test]
fn listings_behind_links_are_asked_for() {
    let world = World::new();
    world.make("a/lib", Some("@b/lib"));
    world.make("b/lib/c", Some("@c/x"));
    world.make("c/x/file", None);
    let exact = world.exact(&["a"]);
    let listings: HashMap<StorePath, NarListing> = ["a", "b", "c"]
        .map(|name| {
            let path = world.package(name);
            let root = node(Path::new(path.as_str())).unwrap();
            std::fs::remove_dir_all(path.as_str()).unwrap();
            (path, NarListing { root })
        })
        .into();
    let mut find = |asked: &[StorePath]| Ok(asked.iter().map(|path| listings.get(path).cloned()).collect());
    let listed = read_listed(&[world.package("a")], &world.store_dir(), &mut find).unwrap();
    assert_equal(&exact, &listed);
    let below = format!("{}/x", world.package("c"));
    assert!(listed.directories.contains_key(below.as_bytes()), "what the links lead to is read, too");
}

#[test]
fn what_nobody_tells_leaves_the_basis_unknown() {
    let world = World::new();
    world.make("a/bin/a", None);
    world.make("b/link", Some("@z/gone"));
    world.make("c/nix-support/propagated-user-env-packages", None);
    let (listed, _) = world.listed(&["a", "b", "c", "y"], &["a", "b", "c"]);
    let basis = |name: &str| listed.packages[&world.bytes(name)].basis;
    assert_eq!(
        ["a", "b", "c", "y"].map(basis),
        [Basis::Listing, Basis::Unknown, Basis::Unknown, Basis::Unknown]
    );
    assert!(listed.directories[&world.bytes("y")].entries.is_empty());
}

#[test]
fn a_store_path_can_be_a_file_or_a_link() {
    let world = World::new();
    world.make("a", None);
    world.make("b", Some("@c"));
    world.make("c/bin/c", None);
    let (listed, _) = world.listed(&["a", "b", "c"], &["a", "b", "c"]);
    assert_equal(&world.exact(&["a", "b", "c"]), &listed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_packages_are_read_alike(
        files in prop::collection::vec(("[a-d](/[x-z]){1,4}", prop::option::of("(@[a-d]|\\.\\.|[x-z])(/(\\.\\.|[x-z])){0,4}")), 1..30),
    ) {
        let world = World::new();
        for name in ["a", "b", "c", "d"] {
            world.make(&format!("{name}/y/0"), None);
        }
        for (path, target) in &files {
            world.make(path, target.as_deref());
        }
        let all = ["a", "b", "c", "d"];
        assert_equal(&world.exact(&all), &world.listed(&all, &all).0);
    }
}
