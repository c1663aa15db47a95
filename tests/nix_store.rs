//! What the Nix store does beyond the contract: agreeing with `nix profile`, other ways
//! to name things, other users.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::Path;
use std::sync::Mutex;

use firn::core::installable::{Installable, InstallableScope, ResolvedInstallable};
use firn::core::manifest::{ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use firn::core::nar::{NarHasher, NarWriter, source_path};
use firn::core::store_path::StorePath;
use firn::system::machine::{
    Cancel, NoProgress, ProfileObject, Progress, ProgressEvent, Store, StoreError, Watch,
};
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::profile_folder::{ProfileFolder, ProfileState};

use support::{PrivateNix, each_nix, write};

fn store_with(nix: &PrivateNix, options: &[&str]) -> NixStore {
    let options = options.iter().map(|&word| word.to_owned()).collect();
    NixStore::in_environment(NixEnvironment::new(nix.environment()), options).unwrap()
}

fn watched<T>(test: impl FnOnce(&Watch<'_>) -> T) -> T {
    test(&Watch { progress: &NoProgress, cancel: &Cancel::default() })
}

/// A flake whose packages build offline, one of them with two outputs and a priority.
fn write_flake(nix: &PrivateNix, version: &str) -> String {
    let flake = format!(
        r#"{{
            outputs = {{ self }}: let
                make = name: more: derivation ({{
                    inherit name;
                    system = "x86_64-linux";
                    builder = "/bin/sh";
                    args = [ "-c" "for o in $out $doc; do echo $name > $o; done" ];
                }} // more);
            in {{
                packages.x86_64-linux.default = make "plain-{version}" {{ }};
                packages.x86_64-linux.page = make "page-{version}" {{ }}
                    // {{ meta.homepage = [ "https://a.example/?x=1" "https://b.example/" ]; }};
                packages.x86_64-linux.two = make "two-{version}" {{ outputs = [ "out" "doc" ]; }}
                    // {{ meta = {{ priority = -3; outputsToInstall = [ "out" "doc" ]; }}; }};
            }};
        }}"#
    );
    write(nix.root(), "work/flake/flake.nix", flake);
    format!("path:{}", nix.root().join("work/flake").display())
}

fn write_profile(package: &str, manifest: &str, sink: impl std::io::Write) -> std::io::Result<()> {
    let mut nar = NarWriter::new(sink)?;
    nar.begin_directory()?;
    for name in ["bin", "manifest.json"] {
        nar.begin_entry(name.as_bytes())?;
        match name {
            "bin" => nar.symlink(format!("{package}/bin").as_bytes())?,
            _ => nar.file(manifest.as_bytes(), false)?,
        }
        nar.end_entry()?;
    }
    nar.end_directory()
}

fn element_of(answer: Result<ResolvedInstallable, StoreError>) -> ProfileElement {
    match answer.unwrap() {
        ResolvedInstallable::Element(element) => element,
        ResolvedInstallable::OfFlake => panic!("it was not resolved"),
    }
}

/// Imports and switches to the profile that holds one package with a folder `bin`.
fn apply(store: &NixStore, profile: &Path, package: &str) -> Result<StorePath, StoreError> {
    let path = StorePath::parse(store.store_dir(), package).unwrap();
    let element = ProfileElement { active: true, priority: 5, store_paths: vec![path], source: None };
    let mut manifest = ProfileManifest::default();
    manifest.add(&element.base_name(), element);
    let (references, text) = (manifest.references(), manifest.to_json());
    let mut hasher = NarHasher::default();
    write_profile(package, &text, &mut hasher).unwrap();
    let nar = hasher.finish();
    let path = source_path(store.store_dir(), "profile", &nar, &references).unwrap();
    let write_nar = |sink: &mut dyn std::io::Write| write_profile(package, &text, sink);
    let object = ProfileObject { path: &path, references: &references, nar, write_nar: &write_nar };
    watched(|watch| store.import_profile(&object, watch))?;
    let lock = ProfileFolder::new(profile).unwrap().lock().unwrap();
    watched(|watch| store.switch_profile(profile, &path, &lock, watch))?;
    Ok(path)
}

#[test]
fn a_profile_is_the_one_nix_makes_and_survives_a_collection() {
    each_nix("a profile is the one nix makes", |nix| {
        let package = nix.add_package("tool-1.0", |root| write(root, "bin/tool", "1"));
        let other = nix.add_package("other-1.0", |root| write(root, "bin/other", "1"));
        let theirs = nix.profile("theirs");
        nix.run("nix", &["profile", "install", "--profile", theirs.to_str().unwrap(), &package]);
        let ours = nix.profile("ours");
        let path = apply(&store_with(nix, &[]), &ours, &package).unwrap();
        assert_eq!(PrivateNix::real_path(&theirs), path.as_str());
        assert_eq!(nix.references(path.as_str()), std::slice::from_ref(&package));
        // Only our generation keeps it now.
        for name in ["theirs", "theirs-1-link"] {
            std::fs::remove_file(nix.profile(name)).unwrap();
        }
        nix.run("nix", &["store", "gc"]);
        assert!(ours.join("bin/tool").exists() && !Path::new(&other).exists());
        nix.run("nix-store", &["--verify", "--check-contents"]);
        let listed = nix.run("nix", &["profile", "list", "--json", "--profile", ours.to_str().unwrap()]);
        assert!(listed.contains("tool-1.0"), "{listed}");
    });
}

#[test]
fn flakes_resolve_to_what_nix_would_write() {
    each_nix("flakes resolve to what nix would write", |nix| {
        let flake = write_flake(nix, "1.0");
        let profile = nix.profile("p");
        let two = format!("{flake}#two");
        nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), &two, &flake]);
        let text = std::fs::read(profile.join("manifest.json")).unwrap();
        let store = store_with(nix, &[]);
        let theirs = ProfileManifest::parse(&text, store.store_dir()).unwrap();
        let asked = [two.clone(), flake, format!("{two}^doc"), format!("{two}^*")];
        let answers = watched(|watch| store.resolve(&asked.map(Installable::flake), watch)).unwrap();
        let elements: Vec<_> = answers.into_iter().map(element_of).collect();
        for element in &elements[..2] {
            assert_eq!(theirs.elements.get(&element.base_name()), Some(element));
        }
        assert_eq!((elements[0].priority, elements[0].store_paths.len()), (-3, 2));
        let outputs = |index: usize| elements[index].source.clone().unwrap().outputs;
        assert_eq!(outputs(2), ExtendedOutputsSpec::Names(vec!["doc".to_owned()]));
        assert_eq!(outputs(3), ExtendedOutputsSpec::All);
        assert!(!nix.root().join("work/flake/flake.lock").exists());
    });
}

#[test]
fn what_was_resolved_is_kept_until_the_store_is_dropped() {
    each_nix("what was resolved is kept", |nix| {
        let flake = write_flake(nix, "1.0");
        let store = store_with(nix, &[]);
        let answers = watched(|watch| store.resolve(&[Installable::flake(flake)], watch)).unwrap();
        let path = element_of(answers[0].clone()).store_paths[0].clone();
        nix.run("nix", &["store", "gc"]);
        assert!(Path::new(path.as_str()).exists());
        drop(store);
        nix.run("nix", &["store", "gc"]);
        assert!(!Path::new(path.as_str()).exists());
        let left = std::fs::read_dir(nix.root().join("tmp")).unwrap().map(|entry| entry.unwrap().file_name());
        let ours: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("firn-")).collect();
        assert!(ours.is_empty(), "{ours:?}");
    });
}

#[test]
fn files_and_expressions_resolve_without_a_source() {
    each_nix("files and expressions resolve", |nix| {
        let make = r#"name: derivation { inherit name; system = builtins.currentSystem;
            builder = "/bin/sh"; args = [ "-c" "echo x > $out" ]; }"#;
        let file = nix.root().join("work/file.nix");
        write(nix.root(), "work/file.nix", format!("let make = {make}; in {{ a = make \"a-1\"; }}"));
        let file = InstallableScope::File(file.to_str().unwrap().to_owned());
        let expression = InstallableScope::Expression(format!("{{ v }}: ({make}) \"b-${{v}}\""));
        let asked = [
            Installable { text: "a".to_owned(), scope: file.clone(), registry: None },
            Installable { text: "missing".to_owned(), scope: file, registry: None },
            Installable { text: String::new(), scope: expression, registry: None },
        ];
        let store = store_with(nix, &["--argstr", "v", "2", "--impure"]);
        let answers = watched(|watch| store.resolve(&asked, watch)).unwrap();
        let element = |index: usize| element_of(answers[index].clone());
        assert_eq!(element(0).store_paths[0].name(), "a-1");
        assert_eq!(element(2).store_paths[0].name(), "b-2");
        assert!(element(0).source.is_none() && element(2).source.is_none());
        assert!(matches!(answers[1], Err(StoreError::Evaluation { .. })), "{:?}", answers[1]);
    });
}

#[test]
fn failures_say_what_nix_said() {
    each_nix("failures say what nix said", |nix| {
        let store = store_with(nix, &[]);
        let flake = r#"{ outputs = _: { packages.x86_64-linux.default = derivation {
            name = "fails"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "exit 3" ]; }; }; }"#;
        write(nix.root(), "work/fails/flake.nix", flake);
        let asked = [
            "--help".to_owned(),
            "nosuch#x".to_owned(),
            format!("path:{}", nix.root().join("work/fails").display()),
        ];
        let answers = watched(|watch| store.resolve(&asked.map(Installable::flake), watch)).unwrap();
        let words: Vec<String> =
            answers.iter().map(|answer| answer.as_ref().unwrap_err().to_string()).collect();
        assert!(words[0].starts_with("'--help' does not evaluate"), "{}", words[0]);
        assert!(words[1].contains("cannot find flake 'flake:nosuch'"), "{}", words[1]);
        assert!(words[2].contains("profile") && words[2].contains("exit code 3"), "{}", words[2]);
        assert!(matches!(answers[2], Err(StoreError::Command { .. })));
        let title = store.title();
        assert!(title.starts_with("nix 2."), "{title}");
    });
}

#[test]
fn cancelling_ends_a_build() {
    /// Cancels as soon as the builder says something, and keeps the builder's process id.
    #[derive(Default)]
    struct CancelWhenBuilding(Cancel, Mutex<String>);
    impl Progress for CancelWhenBuilding {
        fn report(&self, event: ProgressEvent) {
            if let ProgressEvent::Log(line) = event
                && let Some((_, process)) = line.split_once("> process ")
            {
                process.clone_into(&mut self.1.lock().unwrap());
                self.0.request();
            }
        }
    }
    each_nix("cancelling ends a build", |nix| {
        let flake = r#"{ outputs = _: { packages.x86_64-linux.default = derivation {
            name = "endless"; system = "x86_64-linux"; builder = "/bin/sh";
            args = [ "-c" "echo process $$; while :; do :; done" ]; }; }; }"#;
        write(nix.root(), "work/endless/flake.nix", flake);
        let asked = [Installable::flake(format!("path:{}", nix.root().join("work/endless").display()))];
        let progress = CancelWhenBuilding::default();
        let watch = Watch { progress: &progress, cancel: &progress.0 };
        let answer = store_with(nix, &[]).resolve(&asked, &watch);
        assert!(matches!(answer, Err(StoreError::Cancelled)), "{answer:?}");
        let process = progress.1.into_inner().unwrap();
        assert!(!process.is_empty() && !Path::new("/proc").join(process).exists());
    });
}

#[test]
fn the_default_profile_is_nix_s() {
    each_nix("the default profile is nix's", |nix| {
        let store = store_with(nix, &[]);
        let ours = store.default_profile().unwrap();
        let user_link = nix.home().join(".nix-profile");
        assert!(user_link.symlink_metadata().is_err(), "opening makes no link");
        let package = nix.add_package("tool-1.0", |root| write(root, "bin/tool", "1"));
        apply(&store, &ours, &package).unwrap();
        assert!(user_link.join("bin/tool").exists(), "switching does");
        std::fs::remove_file(&user_link).unwrap();
        nix.run("nix", &["profile", "list"]);
        assert_eq!(std::fs::read_link(&user_link).unwrap(), ours);
        assert_eq!(store.default_profile().unwrap(), ours);
        // Somebody else's link counts as it is.
        std::fs::remove_file(&user_link).unwrap();
        std::os::unix::fs::symlink("elsewhere/p", &user_link).unwrap();
        assert_eq!(store.default_profile().unwrap(), nix.home().join("elsewhere/p"));
        let xdg = store_with(nix, &["--use-xdg-base-directories"]);
        assert_eq!(xdg.default_profile().unwrap(), ours);
    });
}

#[test]
fn a_rollback_waits_for_our_lock() {
    each_nix("a rollback waits for our lock", |nix| {
        let profile = nix.profile("p");
        for name in ["a-1", "b-1"] {
            let package = nix.add_package(name, |root| write(root, "bin/x", name));
            apply(&store_with(nix, &[]), &profile, &package).unwrap();
        }
        let folder = ProfileFolder::new(&profile).unwrap();
        let lock = folder.lock().unwrap();
        let mut rollback = nix.command("nix");
        rollback.args(["profile", "rollback", "--profile"]).arg(&profile);
        let mut rollback = rollback.stderr(std::process::Stdio::null()).spawn().unwrap();
        // It opens the lock file before it waits.
        let waits = |pid: u32| {
            let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
            files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|path| path.ends_with("p.lock"))
        };
        while cfg!(target_os = "linux") && !waits(rollback.id()) {
            assert!(rollback.try_wait().unwrap().is_none(), "it did not wait");
            std::thread::yield_now();
        }
        assert_eq!(folder.current().unwrap(), Some(2));
        drop(lock);
        assert!(rollback.wait().unwrap().success());
        assert_eq!(folder.current().unwrap(), Some(1));
        assert_eq!(folder.state().unwrap(), ProfileState::Present);
        assert!(!nix.profile("p.lock").exists());
    });
}

#[test]
fn homepages_are_those_of_the_locked_packages() {
    each_nix("homepages", |nix| {
        let store = store_with(nix, &["--offline"]);
        let flake = write_flake(nix, "1");
        let installables = ["default", "page"].map(|name| Installable::flake(format!("{flake}#{name}")));
        let resolved = watched(|watch| store.resolve(&installables, watch)).unwrap();
        let sources: Vec<_> =
            resolved.into_iter().map(|resolved| element_of(resolved).source.unwrap()).collect();
        let page = |position: usize| watched(|watch| store.homepage(&sources[position], watch));
        assert_eq!(page(0).unwrap(), None);
        assert_eq!(page(1).unwrap().as_deref(), Some("https://a.example/?x=1"));
        let mut gone = sources[1].clone();
        gone.attr_path.push('x');
        let error = watched(|watch| store.homepage(&gone, watch)).unwrap_err();
        assert!(error.to_string().contains("does not provide attribute"), "{error}");
    });
}
