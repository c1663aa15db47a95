//! The playground from outside: what `firn demo` opens, and the store that tests use.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, Weak};

use firn::core::evaluation::Question;
use firn::core::file_tree::FileTrees;
use firn::core::installable::Installable;
use firn::core::link_tree::{Claimant, LinkTree};
use firn::core::manifest::ProfileManifest;
use firn::core::nar::{NarHasher, source_path};
use firn::core::store_path::StorePath;
use firn::core::user_environment::object::EnvironmentObjects;
use firn::core::user_environment::{Derivations, UserEnvironment};
use firn::system::journal::{Deed, Journal};
use firn::system::machine::{Cancel, NoProgress, ProfileObject, Store, StoreError, Watch};
use firn::system::package_reader;
use firn::system::playground::{PackageFile, PlaygroundStore};
use firn::system::profile_folder::ProfileFolder;

use support::obtain;

const NOW: i64 = 1_750_000_000;
const DAY: i64 = 86_400;

/// A playground with the world in it, for one test to change.
fn demo() -> (tempfile::TempDir, PlaygroundStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = PlaygroundStore::open_at(&folder.path().join("demo"), false, NOW).unwrap();
    (folder, store)
}

/// A playground that tests share while they run side by side: its hundreds of files are what
/// these tests would spend their time on. They may add packages to it, and nothing else.
fn shared_demo() -> Arc<(tempfile::TempDir, PlaygroundStore)> {
    static SHARED: Mutex<Weak<(tempfile::TempDir, PlaygroundStore)>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    let kept = shared.upgrade().unwrap_or_else(|| Arc::new(demo()));
    *shared = Arc::downgrade(&kept);
    kept
}

#[test]
fn elements_have_the_homepage_of_their_package() {
    let shared = shared_demo();
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let manifest = manifest_of(&shared.1, None);
    let page = |name: &str| {
        let source = manifest.elements[name].source.as_ref().unwrap();
        shared.1.homepage(source, &watch).unwrap().unwrap()
    };
    assert_eq!(page("bat"), "https://github.com/sharkdp/bat");
    assert_eq!(page("mytool"), "https://github.com/ada/mytool", "a flake of its own");
    let sources = manifest.elements.values().filter_map(|element| element.source.as_ref());
    for source in sources {
        let page = shared.1.homepage(source, &watch).unwrap().unwrap();
        assert!(page.starts_with("https://"), "{page}");
    }
}

fn profile_of(store: &PlaygroundStore) -> PathBuf {
    store.default_profile().unwrap()
}

fn manifest_of(store: &PlaygroundStore, number: Option<u64>) -> ProfileManifest {
    let folder = ProfileFolder::new(&profile_of(store)).unwrap();
    ProfileManifest::parse(&folder.manifest_text(number).unwrap(), store.store_dir()).unwrap()
}

fn tree_of(store: &PlaygroundStore, manifest: &ProfileManifest) -> LinkTree {
    let active = manifest.elements.values().filter(|element| element.active);
    let packages: Vec<(StorePath, i32)> = active
        .flat_map(|element| element.store_paths.iter().map(|path| (path.clone(), element.priority)))
        .collect();
    let mut trees = FileTrees::default();
    loop {
        let tree = LinkTree::build(&packages, &trees, None);
        if tree.needs.packages.is_empty() && tree.needs.directories.is_empty() {
            return tree;
        }
        trees.absorb(package_reader::read(&tree.needs, package_reader::Depth::Meeting, store.store_dir()));
    }
}

fn resolve(store: &PlaygroundStore, text: &str) -> Result<firn::core::manifest::ProfileElement, StoreError> {
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    obtain(store, &Installable::flake(text), &watch)?
}

/// The live profile with one more element.
fn with_added(store: &PlaygroundStore, text: &str) -> ProfileManifest {
    let mut manifest = manifest_of(store, None);
    let element = resolve(store, text).unwrap();
    manifest.add(&element.base_name(), element);
    manifest
}

fn names(claimants: &[Claimant]) -> BTreeSet<String> {
    let name = |claimant: &Claimant| {
        str::from_utf8(&claimant.package).unwrap().rsplit_once('/').unwrap().1[33..].to_owned()
    };
    claimants.iter().map(name).collect()
}

fn texts<'a>(paths: impl Iterator<Item = &'a [u8]>) -> Vec<&'a str> {
    paths.map(|path| str::from_utf8(path).unwrap()).collect()
}

/// What a program of the live profile prints.
fn run(store: &PlaygroundStore, program: &str, arguments: &[&str]) -> String {
    let path = profile_of(store).join("bin").join(program);
    let output = loop {
        match Command::new(&path).args(arguments).output() {
            // Another test's child still has the script open for writing, until its own exec.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {}
            output => break output.unwrap_or_else(|error| panic!("{program}: {error}")),
        }
    };
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_folder_gives_the_same_store_paths() {
    let (folder, store) = demo();
    let targets = |store: &PlaygroundStore| -> Vec<String> {
        let generations = ProfileFolder::new(&profile_of(store)).unwrap().generations().unwrap();
        generations.into_iter().map(|generation| generation.target).collect()
    };
    let first = targets(&store);
    let inode = fs::symlink_metadata(profile_of(&store)).unwrap().ino();
    drop(store);

    let again = PlaygroundStore::open(&folder.path().join("demo"), false).unwrap();
    assert_eq!(fs::symlink_metadata(profile_of(&again)).unwrap().ino(), inode);
    drop(again);
    let fresh = PlaygroundStore::open(&folder.path().join("demo"), true).unwrap();
    assert_eq!(targets(&fresh), first);
}

#[test]
fn generations_lie_in_the_past_and_differ() {
    let shared = shared_demo();
    let store = &shared.1;
    let folder = ProfileFolder::new(&profile_of(store)).unwrap();
    let generations = folder.generations().unwrap();
    assert_eq!(
        generations.iter().map(|generation| generation.number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8]
    );
    assert_eq!(folder.current().unwrap(), Some(8));
    assert_eq!(fs::read_link(&folder.link).unwrap(), Path::new("profile-8-link"));
    let days: Vec<i64> = generations.iter().map(|generation| (NOW - generation.time) / DAY).collect();
    assert_eq!(days, [203, 190, 118, 97, 44, 12, 12, 0]);

    let manifests: Vec<ProfileManifest> = (1..=8).map(|number| manifest_of(store, Some(number))).collect();
    let element = |number: usize, name: &str| manifests[number - 1].elements.get(name);
    assert_eq!(element(2, "jj").unwrap().priority, 5);
    assert_eq!(element(4, "jj").unwrap().priority, 6);
    assert!(element(3, "jujutsu").is_none() && element(4, "jujutsu").is_some());
    assert_eq!(element(2, "bat").unwrap().versions(), "0.22.1");
    assert_eq!(element(3, "bat").unwrap().versions(), "0.23.0");
    assert_eq!(element(5, "bat").unwrap().versions(), "0.24.0");
    assert!(element(4, "fd").is_some() && element(5, "fd").is_none());
    // The sixth took too much away, and the seventh was made on the fifth.
    assert!(element(5, "vim").is_some() && element(6, "vim").is_none() && element(7, "vim").is_some());
    assert!(element(7, "podman").unwrap().active && !element(8, "podman").unwrap().active);
    assert!(element(8, "todo").unwrap().source.is_none());
    assert_eq!(element(8, "git").unwrap().store_paths.len(), 2);
    assert_eq!(element(8, "curl").unwrap().store_paths.len(), 2);
    assert_eq!(manifests[7].elements.len(), 25);
    // A name that another operation would not give could not be found by it.
    for (name, element) in manifests.iter().flat_map(|manifest| &manifest.elements) {
        assert_eq!(*name, element.base_name());
    }
}

#[test]
fn the_journal_knows_what_firn_made_and_the_way_back() {
    let (folder, store) = demo();
    let profile = profile_of(&store);
    let deeds = Journal::new(&folder.path().join("demo/state")).read(&profile).unwrap();
    let moves: Vec<_> = deeds.iter().map(|entry| (entry.deed, entry.from, entry.to)).collect();
    let apply = |from, to| (Deed::Apply, Some(from), Some(to));
    assert_eq!(
        moves,
        [apply(3, 4), apply(4, 5), apply(5, 6), (Deed::Switch, Some(6), Some(5)), apply(5, 7), apply(7, 8)]
    );
    assert!(deeds.is_sorted_by_key(|entry| entry.time));
}

#[test]
fn three_registries_lie_where_those_of_a_home_would() {
    let (_folder, store) = demo();
    let files = store.registry_places().read();
    assert_eq!(files.iter().map(|file| file.layer.name()).collect::<Vec<_>>(), ["user", "system", "global"]);
    for file in &files {
        assert!(file.registry.entries.iter().any(|entry| entry.from.id() == Some("nixpkgs")));
    }
    assert!(files[0].path.ends_with("demo/config/nix/registry.json"));
    // What they say is what counts.
    fs::write(&files[0].path, r#"{"flakes":[],"version":2}"#).unwrap();
    assert!(resolve(&store, "nixpkgs/stable#jq").is_err());
    // The system leads nixpkgs to an older revision.
    assert_eq!(resolve(&store, "nixpkgs#ripgrep").unwrap().versions(), "14.1.0");
}

#[test]
fn every_program_of_the_profile_runs() {
    let shared = shared_demo();
    let (folder, store) = &*shared;
    let mut count = 0;
    for entry in fs::read_dir(profile_of(store).join("bin")).unwrap() {
        let program = entry.unwrap().file_name().into_string().unwrap();
        assert_ne!(run(store, &program, &["--version"]), "", "{program}");
        count += 1;
    }
    assert!(count > 15, "{count}");

    assert_eq!(run(store, "hello", &[]), "Hello, world!\n");
    assert_eq!(run(store, "jj", &["--version"]), "jj 0.29.0\n");
    assert_eq!(run(store, "python3", &["--version"]), "Python 3.10.16 [PyPy 7.3.19]\n");
    assert_eq!(run(store, "python3.12", &["-c", "print(6*7)"]), "42\n");
    let notes = folder.path().join("notes");
    fs::write(&notes, "snow\nrain\n").unwrap();
    let notes = notes.to_str().unwrap();
    assert!(run(store, "rg", &["snow", notes]).ends_with("1:snow\n"));
    assert!(run(store, "bat", &[notes]).contains("2\train"));
    // Brought along by bat.
    assert_eq!(run(store, "less", &[notes]), "snow\nrain\n");
    // Switched off.
    assert!(!profile_of(store).join("bin/podman").exists());
}

#[test]
fn every_link_of_the_profile_leads_somewhere() {
    let shared = shared_demo();
    let store = &shared.1;
    let tree = tree_of(store, &manifest_of(store, None));
    let links = tree.links();
    assert!(links.len() > 60, "{}", links.len());
    for (path, _) in links {
        let path = profile_of(store).join(str::from_utf8(&path).unwrap());
        assert!(path.symlink_metadata().unwrap().is_symlink() && path.exists(), "{}", path.display());
    }
    assert!(profile_of(store).join("share/man/man1/rg.1").is_file());
    assert!(profile_of(store).join("share/doc/git/git-log.txt").is_file());
    assert!(profile_of(store).join("share/applications/neovim.desktop").is_file());
}

#[test]
fn the_profile_has_hidden_files_and_a_latent_tie_and_nothing_blocks() {
    let shared = shared_demo();
    let store = &shared.1;
    let collisions = tree_of(store, &manifest_of(store, None)).collisions();
    assert_eq!(collisions.blocking(), 0);

    let hidden = |name: &str| {
        let of = collisions.shadowed.iter().filter(|shadowed| names(&shadowed.losers).contains(name));
        texts(of.map(|shadowed| &*shadowed.path))
    };
    let of_jj = [
        "bin/jj",
        "share/bash-completion/completions/jj",
        "share/fish/vendor_completions.d/jj.fish",
        "share/man/man1/jj.1",
        "share/zsh/site-functions/_jj",
    ];
    assert_eq!(hidden("jj-1.9.2"), of_jj);

    let latent = texts(collisions.latent.iter().map(|latent| &*latent.path));
    assert_eq!(latent, ["bin/python", "bin/python3", "share/man/man1/python3.1"]);
    for latent in &collisions.latent {
        assert_eq!(names(&latent.claimants), ["python3-3.12.10", "python3-3.13.3"].map(String::from).into());
        assert_eq!(names(std::slice::from_ref(&latent.winner)), ["pypy3.10-7.3.19".to_owned()].into());
    }
}

#[test]
fn adding_fltk_gives_three_ties_with_hello() {
    let shared = shared_demo();
    let store = &shared.1;
    let collisions = tree_of(store, &with_added(store, "nixpkgs#fltk")).collisions();
    let ties = texts(collisions.ties.iter().map(|tie| &*tie.path));
    assert_eq!(ties, ["bin/hello", "share/bash-completion/completions/hello", "share/man/man1/hello.1"]);
    for tie in &collisions.ties {
        assert_eq!(tie.priority, 5);
        assert_eq!(names(&tie.claimants), ["fltk-1.3.11-bin", "hello-2.12.3"].map(String::from).into());
    }
    assert!(collisions.type_clashes.is_empty());
}

#[test]
fn adding_cmatrix_puts_a_file_where_others_have_a_folder() {
    let shared = shared_demo();
    let store = &shared.1;
    let collisions = tree_of(store, &with_added(store, "nixpkgs#cmatrix")).collisions();
    assert_eq!(texts(collisions.type_clashes.iter().map(|clash| &*clash.path)), ["share/applications"]);
    assert!(collisions.ties.is_empty());
}

#[test]
fn what_collides_with_nothing_can_be_added() {
    let shared = shared_demo();
    let store = &shared.1;
    for name in ["htop", "fzf", "tree", "busybox", "less", "direnv"] {
        let tree = tree_of(store, &with_added(store, &format!("nixpkgs#{name}")));
        assert_eq!(tree.collisions().blocking(), 0, "{name}");
    }
}

/// The profile that nix-env made.
fn nix_env_of(store: &PlaygroundStore) -> PathBuf {
    profile_of(store).with_file_name("nix-env")
}

fn environment_of(store: &PlaygroundStore, number: Option<u64>) -> UserEnvironment {
    let text = ProfileFolder::new(&nix_env_of(store)).unwrap().environment_text(number).unwrap().unwrap();
    UserEnvironment::parse(&text, store.store_dir(), Derivations::Dropped).unwrap()
}

#[test]
fn a_second_profile_is_one_that_nix_env_made() {
    let shared = shared_demo();
    let store = &shared.1;
    let folder = ProfileFolder::new(&nix_env_of(store)).unwrap();
    assert_eq!(folder.current().unwrap(), Some(3));
    assert!(folder.target().unwrap().unwrap().ends_with("-user-environment"));
    let environment = environment_of(store, None);
    let names: Vec<&str> = environment.packages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["python3-3.13.3", "git", "fltk", "tree", "jq", "busybox", "python3-3.12.7", "curl", "hello"]
    );
    let package = |name: &str| environment.package(name).unwrap();
    assert!(package("python3-3.12.7").keep() && !package("git").keep());
    assert!(!package("fltk").active() && package("hello").active());
    assert_eq!((package("jq").priority(), package("busybox").priority()), (4, 15));
    assert_eq!(package("curl").outputs.keys().collect::<Vec<_>>(), ["bin", "man"]);
    // Each is the path that nix-env's derivation gets, with the manifest that is its text.
    for number in 1..=3 {
        let objects =
            EnvironmentObjects::of(&environment_of(store, Some(number)), store.store_dir()).unwrap();
        let target = folder.generation(number).unwrap().unwrap().target;
        assert_eq!(target, objects.path.as_str(), "{number}");
        let manifest = fs::read_link(Path::new(&target).join("manifest.nix")).unwrap();
        assert_eq!(manifest.to_str(), Some(objects.manifest.path.as_str()));
    }
    let tree = tree_of(store, &ProfileManifest::of_environment(environment));
    for (path, link) in tree.links() {
        let path = nix_env_of(store).join(str::from_utf8(&path).unwrap());
        let name = path.file_name().unwrap().to_str().unwrap().as_bytes();
        assert_eq!(fs::read_link(&path).unwrap().to_str().unwrap().as_bytes(), &link.target(name)[..]);
    }
    let collisions = tree.collisions();
    assert!(collisions.blocking() == 0 && collisions.shadowed.len() > 1, "{collisions:?}");
}

/// The program on the profile that nix-env made; its status, and what it said.
fn firn(folder: &Path, words: &[&str]) -> (i32, String) {
    let demo = folder.join("demo");
    let output = Command::new(env!("CARGO_BIN_EXE_firn"))
        .env_clear()
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .arg(format!("--demo={}", demo.display()))
        .args(words)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn packages_of_nix_env_change_convert_and_go_back_without_nix() {
    let (folder, store) = demo();
    let on = |words: &str| {
        let profile = nix_env_of(&store);
        let words: Vec<&str> = words.split(' ').collect();
        firn(folder.path(), &[&["--profile", profile.to_str().unwrap()], words.as_slice()].concat())
    };
    let does = |words: &str| {
        let (status, said) = on(words);
        assert_eq!(status, 0, "{words}: {said}");
        said
    };
    let (status, said) = on("enable fltk");
    // Which of two that tie stands first is decided by their store paths, and so by the folder.
    let ties = ["fltk (5) × hello (5)", "hello (5) × fltk (5)"].iter().any(|tie| said.contains(tie));
    assert!(status == 3 && ties, "{said}");
    does("add nixpkgs#fd nixpkgs#ripgrep --priority 3");
    does("outputs git *");
    does("outputs curl bin,dev");
    let changes = r#"{"version":1,"changes":[{"change":"priority","element":"fltk","to":6},
        {"change":"active","element":"fltk","to":true},{"change":"remove","element":"tree"},
        {"change":"keep","element":"jq","to":true},{"change":"priority","element":"hello","to":4}]}"#;
    let file = folder.path().join("changes.json");
    fs::write(&file, changes).unwrap();
    does(&format!("apply {}", file.display()));
    let environment = environment_of(&store, None);
    let package = |name: &str| environment.package(name).unwrap();
    assert!(package("jq").keep() && package("fltk").active() && environment.package("tree").is_none());
    assert_eq!((package("fd").priority(), package("git").outputs.len()), (3, 2));
    assert_eq!(package("curl").outputs.keys().collect::<Vec<_>>(), ["bin", "dev"]);
    let run = |program: &str| Command::new(nix_env_of(&store).join("bin").join(program)).output().unwrap();
    assert_eq!(run("hello").stdout, b"Hello, world!\n");
    assert!(run("curl-config").status.success() && run("fluid").status.success());
    let before = ProfileFolder::new(&nix_env_of(&store)).unwrap().target().unwrap();
    // Nothing of it is garbage.
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    store.collect_garbage(&watch).unwrap();
    assert!(nix_env_of(&store).join("bin/rg").exists());

    fs::write(&file, r#"{"version":1,"changes":[{"change":"convert"}]}"#).unwrap();
    does(&format!("apply {}", file.display()));
    assert!(nix_env_of(&store).join("manifest.json").exists());
    assert!(does("history").lines().next().unwrap().contains("converted to nix profile"));
    does("rollback");
    assert_eq!(ProfileFolder::new(&nix_env_of(&store)).unwrap().target().unwrap(), before);

    fs::write(&file, on("export --format json").1).unwrap();
    let copy = folder.path().join("copy");
    let words = ["--profile", copy.to_str().unwrap(), "apply", file.to_str().unwrap()];
    let (status, said) = firn(folder.path(), &words);
    assert_eq!(status, 0, "{said}");
    assert_eq!(ProfileFolder::new(&copy).unwrap().target().unwrap(), before);
}

#[test]
fn the_profiles_show_the_one_of_nix_env() {
    let (folder, _store) = demo();
    let frame = |keys: &str| firn(folder.path(), &["--keys", keys, "--frame", "120x36"]).1;
    let listed = frame("P");
    assert!(listed.contains("/profiles/nix-env") && listed.contains("nix-env      "), "{listed}");
    let opened = frame("P j <enter>");
    assert!(opened.contains("profiles/nix-env") && opened.contains("python3-3.12.7"), "{opened}");
    assert!(opened.contains("9 elements") && opened.contains("gen 3"), "{opened}");
    let staged = frame("P j <enter> / f l t k <enter> t");
    assert!(staged.contains("3 files collide"), "{staged}");
}

/// What a test wants to be done with a finished profile.
fn import(
    store: &PlaygroundStore,
    manifest: &ProfileManifest,
    wanted: Option<&StorePath>,
) -> Result<StorePath, StoreError> {
    let tree = tree_of(store, manifest);
    let text = manifest.to_json();
    let nar = tree.write_nar(&text, NarHasher::default()).unwrap().finish();
    let references = manifest.references();
    let path = source_path(store.store_dir(), "profile", &nar, &references).unwrap();
    let write_nar = |sink: &mut dyn std::io::Write| tree.write_nar(&text, sink).map(|_| ());
    let path = wanted.cloned().unwrap_or(path);
    let object = ProfileObject { path: &path, references: &references, nar, write_nar: &write_nar };
    store.import_profile(&object, &Watch { progress: &NoProgress, cancel: &Cancel::default() })?;
    Ok(path)
}

#[test]
fn imports_a_profile_and_switches_to_it() {
    let (_folder, store) = demo();
    let path = import(&store, &with_added(&store, "nixpkgs#htop"), None).unwrap();
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let profile = ProfileFolder::new(&profile_of(&store)).unwrap();
    let lock = profile.lock().unwrap();
    store.switch_profile(&profile.link, &path, &lock, &watch).unwrap();
    store.switch_profile(&profile.link, &path, &lock, &watch).unwrap();
    assert_eq!(profile.current().unwrap(), Some(9));
    assert_eq!(profile.target().unwrap().as_deref(), Some(path.as_str()));
    assert_eq!(run(&store, "htop", &["--version"]), "htop 3.4.1\n");

    let gone = StorePath::parse(store.store_dir(), &path.as_str().replace("-profile", "-gone")).unwrap();
    let vanished = store.switch_profile(&profile.link, &gone, &lock, &watch);
    assert!(matches!(vanished, Err(StoreError::Vanished(_))));
    assert_eq!(profile.current().unwrap(), Some(9));
}

#[test]
fn a_profile_that_is_not_what_it_says_is_refused() {
    let (_folder, store) = demo();
    let manifest = with_added(&store, "nixpkgs#htop");
    let name = "0123456789abcdfghijklmnpqrsvwxyz-profile";
    let wrong = StorePath::parse(store.store_dir(), &format!("{}/{name}", store.store_dir())).unwrap();
    assert!(import(&store, &manifest, Some(&wrong)).is_err());
    assert!(!Path::new(wrong.as_str()).exists());

    let htop = &manifest.elements["htop"].store_paths[0];
    let object_path = import(&store, &manifest, None).unwrap();
    fs::remove_dir_all(htop.as_str()).unwrap();
    let nar = NarHasher::default().finish();
    let references = manifest.references();
    let object = ProfileObject { path: &object_path, references: &references, nar, write_nar: &|_| Ok(()) };
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    assert!(matches!(store.import_profile(&object, &watch), Err(StoreError::Vanished(_))));
}

#[test]
fn sizes_are_those_of_the_archives() {
    let shared = shared_demo();
    let store = &shared.1;
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let manifest = manifest_of(store, None);
    let target = ProfileFolder::new(&profile_of(store)).unwrap().target().unwrap().unwrap();
    let profile = StorePath::parse(store.store_dir(), &target).unwrap();
    let sizes = store.nar_sizes(&manifest.references(), &watch).unwrap();
    assert_eq!(sizes.len(), manifest.references().len());
    let elements: u64 = sizes.iter().map(|(_, size)| size).sum();
    let [profile_size] = &store.nar_sizes(std::slice::from_ref(&profile), &watch).unwrap()[..] else {
        panic!("the profile has a size");
    };
    // Beyond its elements and itself, the profile's closure holds what bat refers to.
    let closure = store.closure_size(&[profile], &watch).unwrap().unwrap();
    assert!(closure > elements + profile_size.1);
}

#[test]
fn an_empty_playground_holds_what_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let store = PlaygroundStore::empty(folder.path()).unwrap();
    assert!(!profile_of(&store).exists());
    let files = [PackageFile::program("bin/a", "#!/bin/sh\necho a\n"), PackageFile::link("bin/b", "a")];
    let path = store.add_package("a-1", &files).unwrap();
    assert_eq!(store.add_package("a-1", &files).unwrap(), path);
    assert_eq!(fs::read_link(Path::new(path.as_str()).join("bin/b")).unwrap(), Path::new("a"));
    drop(store);

    let again = PlaygroundStore::open(folder.path(), false).unwrap();
    assert!(!profile_of(&again).exists() && Path::new(path.as_str()).exists());
}

#[test]
fn a_cancelled_deed_ends() {
    let shared = shared_demo();
    let store = &shared.1;
    let cancel = Cancel::default();
    cancel.request();
    let watch = Watch { progress: &NoProgress, cancel: &cancel };
    let cancelled = store.evaluate(&[Question::as_typed("nixpkgs", "fzf")], &|_, _| {}, &watch);
    assert!(matches!(cancelled, Err(StoreError::Cancelled)));
}

#[test]
fn packages_of_nix_env_are_upgraded_by_their_names() {
    let (folder, store) = demo();
    let profile = nix_env_of(&store);
    let on =
        |words: &[&str]| firn(folder.path(), &[&["--profile", profile.to_str().unwrap()], words].concat());
    let before = environment_of(&store, None);
    let (status, said) = on(&["upgrade", "--all"]);
    assert_eq!(status, 0, "{said}");
    let after = environment_of(&store, None);
    let moved = before
        .packages
        .iter()
        .filter(|(name, package)| after.package(name).is_some_and(|now| now.version() != package.version()));
    assert!(moved.count() > 0, "{said}");
    let again = on(&["upgrade", "--all"]);
    assert!(again.0 == 0 && !again.1.contains("is live"), "{}", again.1);
    let frame = on(&["--keys", "U", "--frame", "120x36"]).1;
    assert!(frame.contains("nothing newer") && !frame.contains("failed"), "{frame}");
}
