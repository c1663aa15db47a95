//! What every store promises, checked on both: the real Nix and the playground.
//!
//! A [`Fixture`] is a fresh store and what a test has to do behind its back; each promise
//! is one function over it. The suites at the end run every promise on every store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use firn::core::flake_ref::FlakeRef;
use firn::core::installable::Installable;
use firn::core::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use firn::core::nar::{NarHash, NarHasher, NarWriter, source_path};
use firn::core::registry::Registry;
use firn::core::store_graph::StoreGraph;
use firn::core::store_path::StorePath;
use firn::system::machine::{
    Cancel, NoProgress, ProfileObject, Progress, ProgressEvent, Step, Store, StoreError, Watch,
};
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::playground::{PackageFile, PlaygroundStore};
use firn::system::profile_folder::ProfileFolder;

use support::{PrivateNix, each_nix, obtain, write};

/// A fresh store, and what a test does behind its back.
trait Fixture {
    fn store(&self) -> &dyn Store;
    /// Puts a package with one file into the store.
    fn add_package(&self, name: &str, file: &str, contents: &str) -> StorePath;
    /// Takes a store path away, as a garbage collection does.
    fn collect(&self, path: &StorePath);
    /// Whether the store counts a path as its own.
    fn is_valid(&self, path: &StorePath) -> bool;
    /// What the store has recorded as a path's references, sorted.
    fn references(&self, path: &StorePath) -> Vec<String>;
    /// An installable that is not a store path, and the name of the package it gives.
    fn installable(&self) -> (Installable, &'static str);
    /// An installable that does not evaluate.
    fn broken_installable(&self) -> Installable;
    /// A path for a profile, in a folder that exists.
    fn profile(&self) -> PathBuf;
}

/// A profile that links one file of each package.
struct Profile {
    path: StorePath,
    references: Vec<StorePath>,
    nar: NarHash,
    manifest: String,
    packages: Vec<StorePath>,
}

impl Profile {
    fn new(fixture: &dyn Fixture, packages: &[&StorePath]) -> Self {
        let mut manifest = ProfileManifest::default();
        for path in packages {
            let store_paths = vec![(*path).clone()];
            let element =
                ProfileElement { active: true, priority: DEFAULT_PRIORITY, store_paths, source: None };
            manifest.add(path.name(), element);
        }
        let mut packages: Vec<StorePath> = packages.iter().copied().cloned().collect();
        packages.sort_by(|a, b| a.name().cmp(b.name()));
        let (references, manifest) = (manifest.references(), manifest.to_json());
        let mut hasher = NarHasher::default();
        write_profile(&packages, &manifest, &mut hasher).unwrap();
        let nar = hasher.finish();
        let path = source_path(fixture.store().store_dir(), "profile", &nar, &references).unwrap();
        Self { path, references, nar, manifest, packages }
    }

    fn import(&self, store: &dyn Store, watch: &Watch<'_>) -> Result<(), StoreError> {
        let write_nar = |sink: &mut dyn std::io::Write| write_profile(&self.packages, &self.manifest, sink);
        let object = ProfileObject {
            path: &self.path,
            references: &self.references,
            nar: self.nar,
            write_nar: &write_nar,
        };
        store.import_profile(&object, watch)
    }
}

/// Writes `{links…, manifest.json}`, the links in a folder whose name is not UTF-8.
fn write_profile(packages: &[StorePath], manifest: &str, sink: impl std::io::Write) -> std::io::Result<()> {
    let mut nar = NarWriter::new(sink)?;
    nar.begin_directory()?;
    nar.begin_entry(b"caf\xe9")?;
    nar.begin_directory()?;
    for package in packages {
        nar.begin_entry(package.name().as_bytes())?;
        nar.symlink(package.as_str().as_bytes())?;
        nar.end_entry()?;
    }
    nar.end_directory()?;
    nar.end_entry()?;
    nar.begin_entry(b"manifest.json")?;
    nar.file(manifest.as_bytes(), false)?;
    nar.end_entry()?;
    nar.end_directory()
}

/// Calls `test` with a watch that tells nobody and is never cancelled.
fn watched<T>(test: impl FnOnce(&Watch<'_>) -> T) -> T {
    test(&Watch { progress: &NoProgress, cancel: &Cancel::default() })
}

fn switch(fixture: &dyn Fixture, path: &StorePath) -> Result<u64, StoreError> {
    let folder = ProfileFolder::new(&fixture.profile()).unwrap();
    let lock = folder.lock().unwrap();
    watched(|watch| fixture.store().switch_profile(&fixture.profile(), path, &lock, watch))?;
    Ok(folder.current().unwrap().unwrap())
}

fn obtains_packages_of_flakes(fixture: &dyn Fixture) {
    let (good, name) = fixture.installable();
    let broken = fixture.broken_installable();
    let error = watched(|watch| obtain(fixture.store(), &broken, watch)).unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Evaluation { .. }), "{error}");
    let element = watched(|watch| obtain(fixture.store(), &good, watch)).unwrap().unwrap();
    assert_eq!(element.store_paths[0].name(), name);
    assert!(element.source.is_some() && fixture.is_valid(&element.store_paths[0]));
}

fn looks_names_up_by_the_registry_that_is_given(fixture: &dyn Fixture) {
    let (installable, name) = fixture.installable();
    let (reference, attribute) = installable.text.split_once('#').unwrap();
    let to = match FlakeRef::parse(reference).unwrap() {
        name if name.is_indirect() => FlakeRef::parse("github:NixOS/nixpkgs").unwrap(),
        direct => direct,
    };
    let from = FlakeRef::parse("somename").unwrap();
    let edited = Registry::default().adding(&from, to).unwrap().to_text().unwrap();
    let by_name = Installable::flake(format!("somename#{attribute}"));
    let edited = by_name.clone().under(edited.into());
    let element = watched(|watch| obtain(fixture.store(), &edited, watch)).unwrap().unwrap();
    assert_eq!(element.store_paths[0].name(), name);
    assert_eq!(element.source.as_ref().unwrap().original_url, "flake:somename");
    let unknown = watched(|watch| obtain(fixture.store(), &by_name, watch)).unwrap();
    assert!(unknown.is_err(), "the registry on disk does not know it");
}

fn locks_references(fixture: &dyn Fixture) {
    let (installable, _) = fixture.installable();
    let reference = installable.text.split('#').next().unwrap();
    let target = match FlakeRef::parse(reference).unwrap() {
        name if name.is_indirect() => FlakeRef::parse("github:NixOS/nixpkgs").unwrap(),
        direct => direct,
    };
    let lock = |target: &FlakeRef| watched(|watch| fixture.store().lock_reference(target, target, watch));
    let locked = lock(&target).unwrap();
    // Some versions tell only the time of a folder.
    assert!(locked != target && !locked.is_indirect(), "{locked}");
    assert_eq!(lock(&locked).unwrap(), locked, "what is locked stays as it is");
    assert!(lock(&FlakeRef::parse("path:/nowhere/at/all").unwrap()).is_err());
}

fn imports_a_profile_with_its_references(fixture: &dyn Fixture) {
    let packages = ["b-1", "a-1"].map(|name| fixture.add_package(name, "x", name));
    let profile = Profile::new(fixture, &[&packages[0], &packages[1]]);
    // Once more does no harm.
    for _ in 0..2 {
        watched(|watch| profile.import(fixture.store(), watch)).unwrap();
    }
    let mut references = packages.map(|path| path.to_string());
    references.sort();
    assert_eq!(fixture.references(&profile.path), references);
    let root = Path::new(profile.path.as_str());
    assert_eq!(std::fs::read_to_string(root.join("manifest.json")).unwrap(), profile.manifest);
    let folder = root.join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    assert_eq!(std::fs::read_to_string(folder.join("a-1/x")).unwrap(), "a-1");
}

fn refuses_a_profile_of_packages_that_are_gone(fixture: &dyn Fixture) {
    let packages = ["kept-1", "gone-1"].map(|name| fixture.add_package(name, "x", name));
    let profile = Profile::new(fixture, &[&packages[0], &packages[1]]);
    fixture.collect(&packages[1]);
    let error = watched(|watch| profile.import(fixture.store(), watch)).unwrap_err();
    assert!(matches!(&error, StoreError::Vanished(path) if path == packages[1].as_str()), "{error}");
    assert!(!fixture.is_valid(&profile.path));
}

fn refuses_contents_that_are_not_what_was_said(fixture: &dyn Fixture) {
    let package = fixture.add_package("tool-1.0", "bin/tool", "1");
    let mut profile = Profile::new(fixture, &[&package]);
    profile.manifest.push(' ');
    assert!(watched(|watch| profile.import(fixture.store(), watch)).is_err());
    assert!(!fixture.is_valid(&profile.path));
}

fn makes_generations_as_nix_numbers_them(fixture: &dyn Fixture) {
    let packages = ["a-1", "b-1"].map(|name| fixture.add_package(name, "x", name));
    let [first, second] = [&packages[0], &packages[1]].map(|path| Profile::new(fixture, &[path]));
    for profile in [&first, &second] {
        watched(|watch| profile.import(fixture.store(), watch)).unwrap();
    }
    assert_eq!(switch(fixture, &first.path).unwrap(), 1);
    assert_eq!(switch(fixture, &second.path).unwrap(), 2);
    assert_eq!(switch(fixture, &second.path).unwrap(), 2, "the newest is reused");
    assert_eq!(switch(fixture, &first.path).unwrap(), 3, "an older one is not");
    let folder = ProfileFolder::new(&fixture.profile()).unwrap();
    let lock = folder.lock().unwrap();
    folder.point_to(2, &lock).unwrap();
    drop(lock);
    assert_eq!(switch(fixture, &first.path).unwrap(), 3, "also when it is not the live one");
    let generations = folder.generations().unwrap();
    let targets: Vec<&str> = generations.iter().map(|found| found.target.as_str()).collect();
    assert_eq!(targets, [first.path.as_str(), second.path.as_str(), first.path.as_str()]);
    let link = std::fs::read_link(fixture.profile()).unwrap();
    assert_eq!(link, Path::new("profile-3-link"), "relative, as Nix makes it");
    assert_eq!(folder.target().unwrap().as_deref(), Some(first.path.as_str()));
}

fn says_when_a_profile_is_gone_before_the_switch(fixture: &dyn Fixture) {
    let package = fixture.add_package("a-1", "x", "");
    let [kept, gone] = [&[][..], &[&package]].map(|packages| Profile::new(fixture, packages));
    for profile in [&kept, &gone] {
        watched(|watch| profile.import(fixture.store(), watch)).unwrap();
    }
    switch(fixture, &kept.path).unwrap();
    fixture.collect(&gone.path);
    let error = switch(fixture, &gone.path).unwrap_err();
    assert!(matches!(&error, StoreError::Vanished(path) if path == gone.path.as_str()), "{error}");
    let folder = ProfileFolder::new(&fixture.profile()).unwrap();
    assert_eq!(folder.current().unwrap(), Some(1));
    assert_eq!(folder.generations().unwrap().len(), 1);
    watched(|watch| gone.import(fixture.store(), watch)).unwrap();
    assert_eq!(switch(fixture, &gone.path).unwrap(), 2);
}

fn tells_sizes(fixture: &dyn Fixture) {
    let packages = ["a-1", "b-1"].map(|name| fixture.add_package(name, "x", &name.repeat(1000)));
    let [a, b] = &packages;
    let unknown = StorePath::parse(fixture.store().store_dir(), &a.as_str().replace("-a-1", "-c-1")).unwrap();
    let ask = |paths: &[StorePath]| watched(|watch| fixture.store().nar_sizes(paths, watch)).unwrap();
    let mut sizes = ask(&[b.clone(), unknown.clone(), a.clone()]);
    sizes.sort();
    let mut wanted = vec![a.clone(), b.clone()];
    wanted.sort();
    assert_eq!(sizes.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), wanted);
    assert!(sizes.iter().all(|(_, size)| (3000..6000).contains(size)), "{sizes:?}");
    assert_eq!(ask(&[]), []);
    assert_eq!(ask(std::slice::from_ref(&unknown)), []);

    let closure = |paths: &[StorePath]| watched(|watch| fixture.store().closure_size(paths, watch)).unwrap();
    let profile = Profile::new(fixture, &[a, b]);
    watched(|watch| profile.import(fixture.store(), watch)).unwrap();
    let all = profile.nar.size + sizes.iter().map(|(_, size)| size).sum::<u64>();
    assert_eq!(closure(&[profile.path.clone(), a.clone()]), Some(all), "each path counts once");
    assert_eq!(closure(&[]), Some(0));
    assert_eq!(closure(&[unknown]), None);
}

fn collects_what_no_root_needs(fixture: &dyn Fixture) {
    let store = fixture.store();
    let [a, b, c] = ["a-1", "b-1", "c-1"].map(|name| fixture.add_package(name, "bin/x", name));
    let make = |packages: &[&StorePath]| {
        let profile = Profile::new(fixture, packages);
        watched(|watch| profile.import(store, watch)).unwrap();
        (switch(fixture, &profile.path).unwrap(), profile.path)
    };
    let (first, old) = make(&[&a, &b]);
    let (_, new) = make(&[&b]);
    let roots = watched(|watch| store.roots(watch)).unwrap();
    assert!(roots.iter().any(|root| root.path == old) && roots.iter().any(|root| root.path == new));
    let paths: Vec<StorePath> = roots.iter().map(|root| root.path.clone()).collect();
    let graph = StoreGraph::new(watched(|watch| store.closure(&paths, watch)).unwrap());
    let references: BTreeSet<&StorePath> = graph.get(&old).unwrap().references.iter().collect();
    assert_eq!(references, [&a, &b].into_iter().collect());
    let single = watched(|watch| store.path_infos(std::slice::from_ref(&old), watch)).unwrap();
    assert_eq!(single.len(), 1);
    assert_eq!(Some(&single[0]), graph.get(&old));
    let folder = ProfileFolder::new(&fixture.profile()).unwrap();
    let link = folder.generation_link(first).unwrap();
    let kept: Vec<StorePath> =
        roots.into_iter().filter(|root| Path::new(&root.link) != link).map(|root| root.path).collect();
    let freed = graph.freed(std::slice::from_ref(&old), &kept, store.keep_rules());
    assert_eq!(freed.iter().collect::<BTreeSet<_>>(), [&a, &old].into_iter().collect());
    folder.delete(&[first], &folder.lock().unwrap()).unwrap();
    // and c, which nothing ever needed
    let collected = watched(|watch| store.collect_garbage(watch)).unwrap();
    assert_eq!(collected.paths, 3);
    for (path, is_there) in [(&a, false), (&old, false), (&c, false), (&b, true), (&new, true)] {
        assert_eq!(fixture.is_valid(path), is_there, "{path}");
        assert_eq!(Path::new(path.as_str()).exists(), is_there, "{path}");
    }
}

fn stops_when_it_is_told_to(fixture: &dyn Fixture) {
    let package = fixture.add_package("a-1", "x", "");
    let profile = Profile::new(fixture, &[&package]);
    let cancel = Cancel::default();
    cancel.request();
    let watch = Watch { progress: &NoProgress, cancel: &cancel };
    let imported = profile.import(fixture.store(), &watch);
    assert!(matches!(imported, Err(StoreError::Cancelled)), "{imported:?}");
    assert!(!fixture.is_valid(&profile.path));
    let (installable, _) = fixture.installable();
    let resolved = obtain(fixture.store(), &installable, &watch);
    assert!(matches!(resolved, Err(StoreError::Cancelled)), "{resolved:?}");
}

fn reports_what_it_does(fixture: &dyn Fixture) {
    #[derive(Default)]
    struct Heard(Mutex<Vec<ProgressEvent>>);
    impl Progress for Heard {
        fn report(&self, event: ProgressEvent) {
            self.0.lock().unwrap().push(event);
        }
    }
    let heard = Heard::default();
    let (installable, _) = fixture.installable();
    let watch = Watch { progress: &heard, cancel: &Cancel::default() };
    obtain(fixture.store(), &installable, &watch).unwrap().unwrap();
    let events = heard.0.into_inner().unwrap();
    let steps: Vec<_> = events.iter().filter(|event| matches!(event, ProgressEvent::Step(_))).collect();
    // The steps that use cases go through are theirs to report.
    assert_eq!(steps, [&ProgressEvent::Step(Step::Realise)]);
    assert!(events.iter().any(|event| matches!(event, ProgressEvent::Log(_))));
    assert!(!fixture.store().title().is_empty());
}

/// A promise with its name.
type Promise = (&'static str, fn(&dyn Fixture));

const PROMISES: &[Promise] = &[
    ("obtains packages of flakes", obtains_packages_of_flakes),
    ("looks names up by the registry that is given", looks_names_up_by_the_registry_that_is_given),
    ("locks references", locks_references),
    ("imports a profile with its references", imports_a_profile_with_its_references),
    ("refuses a profile of packages that are gone", refuses_a_profile_of_packages_that_are_gone),
    ("refuses contents that are not what was said", refuses_contents_that_are_not_what_was_said),
    ("makes generations as nix numbers them", makes_generations_as_nix_numbers_them),
    ("says when a profile is gone before the switch", says_when_a_profile_is_gone_before_the_switch),
    ("tells sizes", tells_sizes),
    ("collects what no root needs", collects_what_no_root_needs),
    ("stops when it is told to", stops_when_it_is_told_to),
    ("reports what it does", reports_what_it_does),
];

#[test]
fn the_real_nix_keeps_its_promises() {
    for (title, promise) in PROMISES {
        each_nix(title, |nix| promise(&NixFixture::new(nix)));
    }
}

#[test]
fn the_playground_keeps_its_promises() {
    for (title, promise) in PROMISES {
        println!("playground: {title}");
        promise(&PlaygroundFixture::new());
    }
}

struct NixFixture<'a> {
    nix: &'a PrivateNix,
    store: NixStore,
}

impl<'a> NixFixture<'a> {
    fn new(nix: &'a PrivateNix) -> Self {
        let store = NixStore::in_environment(NixEnvironment::new(nix.environment()), Vec::new()).unwrap();
        let flake = r#"{
            outputs = { self }: let
                make = name: text: derivation {
                    inherit name text;
                    system = "x86_64-linux";
                    builder = "/bin/sh";
                    args = [ "-c" "echo building $name; echo $text > $out" ];
                };
            in {
                packages.x86_64-linux.good = make "good-2.0" "good";
                packages.x86_64-linux.broken = throw "it is broken";
            };
        }"#;
        write(nix.root(), "work/flake/flake.nix", flake);
        Self { nix, store }
    }

    fn flake(&self, attribute: &str) -> Installable {
        let folder = self.nix.root().join("work/flake");
        let system = "packages.x86_64-linux";
        Installable::flake(format!("path:{}#{system}.{attribute}", folder.display()))
    }
}

impl Fixture for NixFixture<'_> {
    fn store(&self) -> &dyn Store {
        &self.store
    }

    fn add_package(&self, name: &str, file: &str, contents: &str) -> StorePath {
        let path = self.nix.add_package(name, |root| write(root, file, contents));
        StorePath::parse(self.store.store_dir(), &path).unwrap()
    }

    fn collect(&self, path: &StorePath) {
        self.nix.run("nix-store", &["--delete", path.as_str()]);
    }

    fn is_valid(&self, path: &StorePath) -> bool {
        self.nix.output("nix-store", &["--check-validity", path.as_str()]).status.success()
    }

    fn references(&self, path: &StorePath) -> Vec<String> {
        self.nix.references(path.as_str())
    }

    fn installable(&self) -> (Installable, &'static str) {
        (self.flake("good"), "good-2.0")
    }

    fn broken_installable(&self) -> Installable {
        self.flake("broken")
    }

    fn profile(&self) -> PathBuf {
        self.nix.profile("profile")
    }
}

struct PlaygroundFixture {
    folder: tempfile::TempDir,
    store: PlaygroundStore,
}

impl PlaygroundFixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = PlaygroundStore::empty(folder.path()).unwrap();
        Self { folder, store }
    }

    fn path_info(&self, path: &StorePath) -> PathBuf {
        self.folder.path().join(format!("path-info/{}.json", path.base_name()))
    }
}

impl Fixture for PlaygroundFixture {
    fn store(&self) -> &dyn Store {
        &self.store
    }

    fn add_package(&self, name: &str, file: &str, contents: &str) -> StorePath {
        self.store.add_package(name, &[PackageFile::text(file, contents)]).unwrap()
    }

    fn collect(&self, path: &StorePath) {
        std::fs::remove_file(self.path_info(path)).unwrap();
        support::make_writable(path.as_str().as_ref());
        std::fs::remove_dir_all(path.as_str()).unwrap();
    }

    fn is_valid(&self, path: &StorePath) -> bool {
        !watched(|watch| self.store.nar_sizes(std::slice::from_ref(path), watch)).unwrap().is_empty()
    }

    fn references(&self, path: &StorePath) -> Vec<String> {
        let text = std::fs::read(self.path_info(path)).unwrap();
        let info: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let references = info["references"].as_array().unwrap().iter();
        let full =
            |base: &serde_json::Value| format!("{}/{}", self.store.store_dir(), base.as_str().unwrap());
        references.map(full).collect()
    }

    fn installable(&self) -> (Installable, &'static str) {
        (Installable::flake("nixpkgs#ripgrep"), "ripgrep-14.1.1")
    }

    fn broken_installable(&self) -> Installable {
        Installable::flake("nixpkgs#nosuch")
    }

    fn profile(&self) -> PathBuf {
        self.store.default_profile().unwrap()
    }
}
