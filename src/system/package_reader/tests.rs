use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::*;
use crate::core::file_tree::{Entry, EntryKind};

/// A store in a temporary folder.
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

    fn file(&self, path: &str, contents: &str) {
        let path = self.store.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.store.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    fn bytes(&self, path: &str) -> PathBytes {
        self.store.join(path).as_os_str().as_bytes().into()
    }

    fn read(&self, packages: &[&str], directories: &[&str]) -> FileTrees {
        let needs = TreeNeeds {
            packages: packages.iter().map(|path| self.bytes(path)).collect(),
            directories: directories.iter().map(|path| self.bytes(path)).collect(),
        };
        read(&needs, Depth::Whole, &StoreDir::new(self.store.to_str().unwrap()))
    }

    fn entry(&self, trees: &FileTrees, path: &str) -> Entry {
        let (folder, name) = path.rsplit_once('/').unwrap();
        let folder = &trees.directories[&self.bytes(folder)];
        folder.entries.iter().find(|entry| &*entry.name == name.as_bytes()).unwrap().clone()
    }

    fn directory(&self, path: &str) -> EntryKind {
        EntryKind::Directory(self.bytes(path))
    }
}

#[test]
fn a_package_is_read_whole_without_dot_entries() {
    let world = World::new();
    world.file("p/share/man/man1/p.1", "");
    world.file("p/bin/p", "");
    world.file("p/bin/a", "");
    world.file("p/.hidden/x", "");
    world.file("p/bin/.p-wrapped", "");
    let trees = world.read(&["p"], &[]);
    let mut folders: Vec<_> = trees.directories.keys().cloned().collect();
    folders.sort();
    let wanted = ["p", "p/bin", "p/share", "p/share/man", "p/share/man/man1"];
    assert_eq!(folders, wanted.map(|path| world.bytes(path)));
    let names: Vec<_> =
        trees.directories[&world.bytes("p/bin")].entries.iter().map(|entry| entry.name.to_vec()).collect();
    assert_eq!(names, [b"a", b"p"]);
    let package = &trees.packages[&world.bytes("p")];
    let root = Root::Directory { real_path: world.bytes("p"), links_followed: 0 };
    assert_eq!((&package.root, package.basis), (&root, Basis::Exact));
    assert_eq!(package.propagated, Propagated::Paths(Vec::new()));
}

#[test]
fn entries_are_what_their_links_lead_to() {
    let world = World::new();
    world.file("p/lib/z.so.1.2", "");
    world.link("p/lib/z.so.1", "z.so.1.2");
    world.link("p/lib/z.so", "z.so.1");
    world.link("p/lib64", "lib");
    world.link("p/again", "lib64/../lib64");
    world.link("p/gone", "nothing");
    world.link("p/below", "lib/z.so/x");
    world.link("p/loop", "loop");
    world.link("p/up", "..");
    world.link("p/self", ".");
    let trees = world.read(&["p"], &[]);
    let entry = |path: &str| {
        let entry = world.entry(&trees, path);
        (entry.kind, entry.links_followed)
    };
    assert_eq!(entry("p/lib/z.so.1.2"), (EntryKind::File, 0));
    assert_eq!(entry("p/lib/z.so.1"), (EntryKind::File, 1));
    assert_eq!(entry("p/lib/z.so"), (EntryKind::File, 2));
    assert_eq!(entry("p/lib64"), (world.directory("p/lib"), 1));
    assert_eq!(entry("p/again"), (world.directory("p/lib"), 3));
    assert_eq!(entry("p/gone").0, EntryKind::Dangling);
    assert_eq!(entry("p/below").0, EntryKind::Dangling);
    assert!(matches!(entry("p/loop").0, EntryKind::Unreadable(_)));
    assert_eq!(entry("p/self"), (world.directory("p"), 1));
    assert_eq!(entry("p/up"), (EntryKind::Directory(world.store.as_os_str().as_bytes().into()), 1));
}

#[test]
fn links_out_of_the_package_are_told_apart_and_not_entered() {
    let world = World::new();
    world.file("q/share/doc/x", "");
    world.link("p/root", "/");
    world.link("p/other", world.store.join("q/share").to_str().unwrap());
    let trees = world.read(&["p"], &[]);
    assert_eq!(trees.directories.len(), 1);
    assert_eq!(world.entry(&trees, "p/root").kind, EntryKind::Directory(PathBytes::from(&b"/"[..])));
    assert_eq!(world.entry(&trees, "p/other").kind, world.directory("q/share"));
}

#[test]
fn a_folder_tells_which_other_packages_its_links_lead_into() {
    let world = World::new();
    world.file("a/bin/a", "");
    world.file("a/lib/liba", "");
    world.file("b/bin/b", "");
    world.link("env/bin/a", &world.store.join("a/bin/a").to_string_lossy());
    world.link("env/bin/b", "../../b/bin/b");
    world.link("env/bin/own", "a");
    world.link("env/bin/nothing", "../../b/bin/nothing");
    world.link("env/lib", &world.store.join("a/lib").to_string_lossy());
    let trees = world.read(&["env"], &[]);
    let leads_into = |folder: &str| {
        let found = trees.directories[&world.bytes(folder)].leads_into.iter();
        found.map(|name| String::from_utf8(name.to_vec()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(leads_into("env/bin"), ["a", "b"]);
    assert_eq!(leads_into("env"), ["a"]);
}

#[test]
fn links_into_one_folder_are_followed_alike() {
    let world = World::new();
    world.file("q/lib/a", "");
    world.file("q/lib/d/x", "");
    world.link("q/lib64", "lib");
    world.link("q/lib/b", "a");
    world.link("q/lib/far", "../../q/lib64/d");
    let into = |path: &str| world.store.join(path).to_str().unwrap().to_owned();
    for (name, target) in [("1", "q/lib64/a"), ("2", "q/lib64/b"), ("3", "q/lib64/d"), ("4", "q/lib64/none")]
    {
        world.link(&format!("p/{name}"), &into(target));
        world.link(&format!("p/{name}-again"), &into(target));
    }
    world.link("p/5", &into("q/lib64/.."));
    world.link("p/6", &into("q/lib64/a/b"));
    world.link("p/7", "../q/lib64/far");
    world.link("p/8", &into("q/lib64/"));
    let trees = world.read(&["p"], &[]);
    let entry = |name: &str| {
        let entry = world.entry(&trees, &format!("p/{name}"));
        (entry.kind, entry.links_followed)
    };
    for again in ["", "-again"] {
        assert_eq!(entry(&format!("1{again}")), (EntryKind::File, 2));
        assert_eq!(entry(&format!("2{again}")), (EntryKind::File, 3));
        assert_eq!(entry(&format!("3{again}")), (world.directory("q/lib/d"), 2));
        assert_eq!(entry(&format!("4{again}")).0, EntryKind::Dangling);
    }
    assert_eq!(entry("5"), (world.directory("q"), 2));
    assert_eq!(entry("6").0, EntryKind::Dangling);
    assert_eq!(entry("7"), (world.directory("q/lib/d"), 4));
    assert_eq!(entry("8"), (world.directory("q/lib"), 2));
}

#[test]
fn deep_packages_are_read_to_the_bottom() {
    let world = World::new();
    let deep = format!("p{}", "/d".repeat(100));
    world.file(&format!("{deep}/x"), "");
    let trees = world.read(&["p"], &[]);
    assert_eq!(trees.directories.len(), 101);
    assert_eq!(world.entry(&trees, &format!("{deep}/x")).kind, EntryKind::File);
}

#[test]
fn folders_asked_for_are_read_whole_only_inside_the_store() {
    let world = World::new();
    world.file("q/share/doc/x", "");
    world.file("../outside/a/b", "");
    let inside = world.read(&[], &["q/share"]);
    assert!(inside.directories.contains_key(&world.bytes("q/share/doc")));
    let outside = world.store.parent().unwrap().join("outside");
    let needs = TreeNeeds {
        packages: vec![outside.as_os_str().as_bytes().into()],
        directories: vec![world.store.as_os_str().as_bytes().into()],
    };
    let trees = read(&needs, Depth::Whole, &StoreDir::new(world.store.to_str().unwrap()));
    // The package's root and the store folder itself, and nothing below either.
    assert_eq!(trees.directories.len(), 2);
    assert!(trees.directories.values().all(|directory| directory.entries.len() == 1));
}

#[test]
fn roots_are_told_apart() {
    let world = World::new();
    world.file("file", "");
    world.file("real/bin/x", "");
    world.link("one", "real");
    world.link("two", "one");
    world.link("to-file", "file");
    world.link("dangling", "nothing");
    world.link("loop", "loop");
    let trees =
        world.read(&["file", "two", "to-file", "dangling", "loop", "missing", "file/below"], &["no-folder"]);
    let root = |path: &str| trees.packages[&world.bytes(path)].root.clone();
    assert_eq!(root("file"), Root::File);
    assert_eq!(root("to-file"), Root::File);
    assert_eq!(root("file/below"), Root::File);
    assert_eq!(root("two"), Root::Directory { real_path: world.bytes("real"), links_followed: 2 });
    assert_eq!(root("dangling"), Root::Missing);
    assert_eq!(root("missing"), Root::Missing);
    assert!(matches!(root("loop"), Root::Unreadable(_)));
    assert!(trees.directories.contains_key(&world.bytes("real/bin")));
    assert!(trees.directories[&world.bytes("no-folder")].unreadable.is_some());
    let relative = TreeNeeds { packages: vec![PathBytes::from(&b"tmp"[..])], directories: Vec::new() };
    let trees = read(&relative, Depth::Whole, &StoreDir::new("/nix/store"));
    assert_eq!(trees.packages[&b"tmp"[..]].root, Root::Missing);
}

#[test]
fn propagated_lists_are_split_on_blanks_and_line_feeds_only() {
    let world = World::new();
    let list = "nix-support/propagated-user-env-packages";
    world.file(&format!("p/{list}"), "/a  /b\t/c\n/d\r\n\n");
    world.file("q/nix-support", "");
    world.link(&format!("r/{list}"), "/");
    let trees = world.read(&["p", "q", "r"], &[]);
    let propagated = |path: &str| trees.packages[&world.bytes(path)].propagated.clone();
    let words = ["/a", "/b\t/c", "/d\r"].map(|word| PathBytes::from(word.as_bytes()));
    assert_eq!(propagated("p"), Propagated::Paths(words.to_vec()));
    assert_eq!(propagated("q"), Propagated::Paths(Vec::new()));
    assert!(matches!(propagated("r"), Propagated::Unreadable(_)));
}

#[test]
fn names_are_bytes() {
    let world = World::new();
    let name = OsStr::from_bytes(b"caf\xe9");
    std::fs::create_dir_all(world.store.join("p").join(name)).unwrap();
    let trees = world.read(&["p"], &[]);
    let entry = &trees.directories[&world.bytes("p")].entries[0];
    assert_eq!(&*entry.name, b"caf\xe9");
    assert_eq!(entry.kind, EntryKind::Directory(links::join(&world.bytes("p"), b"caf\xe9")));
}

#[test]
fn a_store_behind_a_link_has_real_paths() {
    let world = World::new();
    world.file("p/bin/x", "");
    let link = world.store.with_file_name("link");
    symlink(&world.store, &link).unwrap();
    let path: PathBytes = link.join("p").as_os_str().as_bytes().into();
    let needs = TreeNeeds { packages: vec![path.clone()], directories: Vec::new() };
    let trees = read(&needs, Depth::Whole, &StoreDir::new(link.to_str().unwrap()));
    let root = Root::Directory { real_path: world.bytes("p"), links_followed: 1 };
    assert_eq!(trees.packages[&path].root, root);
    assert!(trees.directories.contains_key(&world.bytes("p/bin")));
}

#[test]
fn many_packages_are_read_by_many_threads() {
    let world = World::new();
    let names: Vec<String> = (0..200).map(|index| format!("p{index}")).collect();
    for name in &names {
        world.file(&format!("{name}/a/b/c/d"), "");
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let trees = world.read(&names, &[]);
    assert_eq!((trees.packages.len(), trees.directories.len()), (200, 800));
}

/// `FIRN_MEASURE=FOLDER cargo test --release -- --ignored --nocapture measure_reading` reads every
/// package of a store and prints what it took.
#[test]
#[ignore = "a measurement"]
fn measure_reading() {
    let Some(store) = std::env::var_os("FIRN_MEASURE").map(PathBuf::from) else { return };
    let packages = std::fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path());
    let packages = packages.filter(|path| path.is_dir() && !path.ends_with(".links"));
    let needs = TreeNeeds {
        packages: packages.map(|path| path.as_os_str().as_bytes().into()).collect(),
        directories: Vec::new(),
    };
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let trees = read(&needs, Depth::Whole, &StoreDir::new(store.to_str().unwrap()));
        let entries: usize = trees.directories.values().map(|directory| directory.entries.len()).sum();
        println!("{} folders, {entries} entries: {:?}", trees.directories.len(), start.elapsed());
    }
}

#[test]
fn read_as_far_as_packages_meet() {
    let world = World::new();
    for package in ["p", "q"] {
        world.file(&format!("{package}/share/man/man1/{package}.1"), "");
        world.file(&format!("{package}/share/{package}/deep/file"), "");
    }
    // A link back up makes the meetings endless, the folders not.
    world.link("p/share/man/again", "../../share");
    world.link("q/share/man/again", "../../share");
    let needs = TreeNeeds { packages: vec![world.bytes("p"), world.bytes("q")], directories: Vec::new() };
    let trees = read(&needs, Depth::Meeting, &StoreDir::new(world.store.to_str().unwrap()));
    let mut read: Vec<_> = trees.directories.keys().cloned().collect();
    read.sort();
    let expected = ["p", "p/share", "p/share/man", "p/share/man/man1"];
    let expected = expected.map(|path| world.bytes(path));
    assert_eq!(read[..4], expected);
    assert_eq!(read.len(), 8);
}

#[test]
fn a_link_that_goes_up_from_a_file_leads_nowhere() {
    let world = World::new();
    world.file("p/y/file", "");
    world.link("p/y/z/turn", "../file/../file");
    world.link("p/y/z/fine", "../../y/file");
    let trees = world.read(&["p"], &[]);
    assert_eq!(world.entry(&trees, "p/y/z/turn").kind, EntryKind::Dangling);
    assert_eq!(world.entry(&trees, "p/y/z/fine").kind, EntryKind::File);
}

#[test]
fn packages_meet_along_links_too() {
    let world = World::new();
    world.file("p/share/man/p.1", "");
    world.link("q/share", "../other");
    world.file("other/man/q.1", "");
    // Two ways in circles that take turns.
    world.link("p/a/b", "../../p");
    world.link("q/a", "sub");
    world.link("q/sub/b/a", "../../sub");
    let needs = TreeNeeds { packages: vec![world.bytes("p"), world.bytes("q")], directories: Vec::new() };
    let trees = read(&needs, Depth::Meeting, &StoreDir::new(world.store.to_str().unwrap()));
    for path in ["p/share", "p/share/man", "other", "other/man", "p/a", "q/sub"] {
        assert!(trees.directories.contains_key(&world.bytes(path)), "{path}");
    }
}
