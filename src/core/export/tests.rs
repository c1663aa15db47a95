use std::sync::Arc;

use super::*;
use crate::core::evaluation::{Evaluated, MetaFlags};
use crate::core::facts::Facts;
use crate::core::installable::Installable;
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
use crate::core::plan::{Base, Plan};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::transaction::Transaction;
use crate::core::user_environment::{Derivations, EnvironmentPackage, UserEnvironment};

const SYSTEM: &str = "x86_64-linux";
const LOCKED: &str = "github:o/r/9f2c1de4a8b360f7519ec2d38a6407bf51d90c6e";

fn path(name: &str) -> StorePath {
    let text = format!("/nix/store/{}-{name}", "a".repeat(32));
    StorePath::parse(&StoreDir::new("/nix/store"), &text).unwrap()
}

fn from_flake(reference: &str, attribute: &str, priority: i32) -> ProfileElement {
    let source = ElementSource {
        original_url: reference.into(),
        url: LOCKED.into(),
        attr_path: format!("legacyPackages.{SYSTEM}.{attribute}"),
        outputs: ExtendedOutputsSpec::Default,
    };
    ProfileElement {
        active: true,
        priority,
        store_paths: vec![path(&attribute.replace(' ', "-"))],
        source: Some(source),
    }
}

fn by_path(names: &[&str]) -> ProfileElement {
    let store_paths = names.iter().map(|name| path(name)).collect();
    ProfileElement { active: true, priority: 5, store_paths, source: None }
}

fn manifest(elements: Vec<(&str, ProfileElement)>) -> ProfileManifest {
    ProfileManifest::of(elements.into_iter().map(|(name, it)| (name.to_owned(), it)).collect())
}

/// Carries a transaction out on an empty profile in a world where every reference is locked to
/// what the manifest says, and evaluating one that is not locked gives something else.
fn made_again(manifest: &ProfileManifest) -> ProfileManifest {
    carried_out(manifest, transaction(manifest).0).after
}

fn carried_out(manifest: &ProfileManifest, changes: Vec<Change>) -> Plan {
    let mut facts = Facts::default();
    for element in manifest.elements.values() {
        let Some(source) = &element.source else { continue };
        let installable = Installable::flake(source.installable(&source.url, &source.attr_path));
        let Ok((question, _)) = installable.as_package() else { continue };
        let path = element.store_paths[0].clone();
        let evaluated = Evaluated {
            original_url: source.url.clone(),
            url: source.url.clone(),
            attr_path: source.attr_path.clone(),
            name: path.name().to_owned(),
            drv_path: None,
            outputs: ["out", "doc"].map(|output| (output.to_owned(), Some(path.clone()))).into(),
            default_outputs: vec!["out".to_owned()],
            priority: None,
            flags: MetaFlags::default(),
            description: None,
            homepage: None,
            licence: None,
            others: Vec::new(),
        };
        facts.evaluations.insert(question, Ok(Arc::new(evaluated)));
    }
    let base = Base {
        store_path: None,
        manifest: ProfileManifest::default(),
        store_dir: StoreDir::new("/nix/store"),
    };
    let mut staged = Transaction::default();
    staged.stage(&base.manifest, &[], changes);
    Plan::make(&Arc::new(base), &staged, &facts, None)
}

#[test]
fn a_transaction_makes_the_same_manifest_again() {
    let mut off = from_flake("flake:nixpkgs", "podman", -3);
    off.active = false;
    let mut outputs = from_flake("flake:nixpkgs", "git", 5);
    outputs.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::Names(vec!["doc".into(), "out".into()]);
    let mut whole = from_flake("path:/a b", "x+y", 7);
    whole.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::All;
    let mut elements = vec![
        ("podman", off),
        ("git", outputs),
        ("path:/a b#legacyPackages.x86_64-linux.x+y^*", whole),
        ("hello-1.0", by_path(&["hello-1.0"])),
        // Its namesake is gone.
        ("lonely-1", from_flake("flake:nixpkgs", "lonely", 5)),
        // Told apart by nothing but the name.
        ("twin", from_flake("flake:nixpkgs", "twin", 5)),
        ("twin-1", from_flake("flake:nixpkgs", "twin", 5)),
        ("renamed", from_flake("flake:nixpkgs", "other", 5)),
    ];
    let names: Vec<String> = (1..=11).map(|number| format!("many-{number}")).collect();
    elements.push(("many", from_flake("flake:nixpkgs", "many", 0)));
    for (number, name) in (1..).zip(&names) {
        elements.push((name, from_flake("flake:nixpkgs", "many", number)));
    }
    let manifest = manifest(elements);
    let (changes, caveats) = transaction(&manifest);
    assert_eq!(made_again(&manifest), manifest);
    assert_eq!(caveats, []);
    let with_name = changes.iter().filter(|change| matches!(change, Change::Add { name: Some(_), .. }));
    assert_eq!(with_name.count(), 4, "hello-1.0, lonely-1, twin-1, renamed");
}

#[test]
fn what_is_locked_already_needs_no_lock() {
    let manifest = manifest(vec![("x", from_flake(LOCKED, "x", 5))]);
    let (changes, caveats) = transaction(&manifest);
    assert!(matches!(&changes[0], Change::Add { locked: None, .. }));
    assert_eq!((made_again(&manifest), caveats), (manifest, vec![]));
}

#[test]
fn what_cannot_be_said_is_told() {
    let mut dirty = from_flake("git+file:///x", "dirty", 5);
    dirty.source.as_mut().unwrap().url = "git+file:///x".into();
    let manifest =
        manifest(vec![("several", by_path(&["a-1", "b-1"])), ("none", by_path(&[])), ("dirty", dirty)]);
    let (changes, caveats) = transaction(&manifest);
    assert_eq!(changes.len(), 2);
    assert_eq!(caveats.len(), 2);
    assert!(caveats.contains(&Caveat::Nothing { element: "none".into() }));
    let (_, caveats) = list(&manifest, SYSTEM);
    assert!(caveats.contains(&Caveat::SeveralPaths { element: "several".into(), count: 2 }));
}

#[test]
fn store_paths_of_one_element_stay_together() {
    let mut off = by_path(&["a-1", "a-1-man", "b-1"]);
    (off.active, off.priority) = (false, -3);
    let manifest = manifest(vec![("a, b", off), ("mine", by_path(&["c-1", "c-1-doc"]))]);
    let (changes, caveats) = transaction(&manifest);
    assert_eq!((made_again(&manifest), caveats, changes.len()), (manifest, vec![], 2));
    let text = serde_json::to_string(&changes[1]).unwrap();
    assert!(text.contains(r#"c-1","priority":5,"with":["/nix/store/"#) && text.contains("c-1-doc"), "{text}");
}

#[test]
fn paths_that_cannot_come_with_others_are_refused() {
    for (installable, with, words) in [
        (path("a-1").to_string(), "/etc", "/etc"),
        (format!("{LOCKED}#legacyPackages.{SYSTEM}.x"), path("b-1").as_str(), "with another store path"),
    ] {
        let mut change = Change::addition(installable, None);
        let Change::Add { with: more, .. } = &mut change else { panic!() };
        more.push(with.to_owned());
        let known = manifest(vec![("x", from_flake("flake:nixpkgs", "x", 5))]);
        let plan = carried_out(&known, vec![change]);
        assert!(plan.left[0].message.contains(words), "{:?}", plan.left);
    }
}

#[test]
fn a_profile_of_nix_env_comes_back_as_one() {
    let mut package = EnvironmentPackage::of_store_path(&path("a-1"));
    package.outputs.insert("man".to_owned(), path("a-1-man"));
    package.set_flag("priority", "7");
    let packages = vec![package, EnvironmentPackage::of_store_path(&path("b-2"))];
    let manifest =
        ProfileManifest::of_environment(UserEnvironment::of_packages(packages, Derivations::Dropped));
    let (changes, caveats) = transaction(&manifest);
    assert_eq!((changes.len(), caveats), (1, vec![]));
    assert_eq!(made_again(&manifest), manifest);
    // What is there is never replaced.
    let twice = [changes.clone(), changes].concat();
    let plan = carried_out(&manifest, twice);
    assert_eq!((plan.after == manifest, plan.left.len()), (true, 1), "{:?}", plan.left);
    let broken = vec![Change::UserEnvironment { manifest: "[ {".to_owned() }];
    let plan = carried_out(&manifest, broken);
    assert!(plan.left[0].message.contains("line 1, column 4"), "{:?}", plan.left);
}

#[test]
fn a_list_is_what_one_would_type() {
    let mut git = from_flake("flake:nixpkgs", "git", 5);
    git.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::Names(vec!["doc".into(), "out".into()]);
    let mut other_system = from_flake("flake:nixpkgs", "wine", 5);
    other_system.source.as_mut().unwrap().attr_path = "legacyPackages.i686-linux.wine".into();
    let manifest = manifest(vec![
        ("a", by_path(&["a-1", "b-1"])),
        ("git", git),
        ("odd", from_flake("github:o/r/main?dir=sub", "a b", 6)),
        ("wine", other_system),
    ]);
    let (lines, caveats) = list(&manifest, SYSTEM);
    assert_eq!(lines[0], path("a-1").as_str());
    assert_eq!(
        lines[2..],
        ["nixpkgs#git^doc,out", "github:o/r/main?dir=sub#a%20b", "nixpkgs#legacyPackages.i686-linux.wine",]
    );
    assert_eq!(caveats.len(), 2);
    assert!(caveats[1].to_string().contains("(odd)"));
}

/// What is written of one element, line by line.
fn written(text: &str, needle: &str) -> Vec<String> {
    text.lines().filter(|line| line.contains(needle)).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn expressions_keep_outputs_priorities_and_what_is_switched_off() {
    let mut git = from_flake("flake:nixpkgs", "git", 5);
    git.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::Names(vec!["doc".into(), "out".into()]);
    let mut whole = from_flake("flake:nixpkgs", "zlib", -2);
    whole.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::All;
    let mut off = from_flake("flake:nixpkgs", "podman", 7);
    off.active = false;
    let manifest =
        manifest(vec![("git", git), ("zlib", whole), ("podman", off), ("own", by_path(&["own-1"]))]);
    let (flake, caveats) = expressions::flake(&manifest, SYSTEM);
    assert_eq!(
        written(&flake, "nixpkgs.url"),
        [format!("nixpkgs.url = \"{LOCKED}\"; # follows flake:nixpkgs")]
    );
    let package = |name: &str| format!("inputs.nixpkgs.legacyPackages.{SYSTEM}.{name}");
    for (needle, line) in [
        ("git;", format!("{{ package = {}; outputs = [ \"doc\" \"out\" ]; }}", package("git"))),
        ("zlib;", format!("{{ package = {}; outputs = \"*\"; priority = (-2); }}", package("zlib"))),
        ("podman;", format!("{{ package = {}; priority = 7; active = false; }}", package("podman"))),
        ("own-1", format!("{{ package = stored \"{}\"; }}", path("own-1"))),
    ] {
        assert_eq!(written(&flake, needle), std::slice::from_ref(&line));
        assert_eq!(written(&expressions::file(&manifest).0, needle), [line]);
    }
    assert_eq!(caveats, [Caveat::OnlyHere { element: "own".into() }]);
    let (home, caveats) = expressions::home_manager(&manifest);
    let outputs = format!("[ {}.doc {}.out ]", package("git"), package("git"));
    assert_eq!(written(&home, "git.doc"), [outputs]);
    let all = format!(
        "(map (output: (lib.setPrio (-2) {}.${{output}})) {}.outputs)",
        package("zlib"),
        package("zlib")
    );
    assert_eq!(written(&home, "zlib"), [all]);
    assert!(written(&home, "podman").iter().all(|line| line.starts_with("# ")), "{home}");
    let elements = vec!["own".to_owned(), "podman".to_owned()];
    assert!(caveats.contains(&Caveat::OnlyComments { elements }));
}

#[test]
fn hostile_names_stay_data() {
    let mut odd = from_flake("path:/a\"${x}", "x", 5);
    odd.source.as_mut().unwrap().attr_path = "in.${evil}\"".into();
    odd.source.as_mut().unwrap().url = "path:/a\"${x}\u{1b}?narHash=z".into();
    let manifest = manifest(vec![("a\n} evil\u{1b}[1m", odd)]);
    for text in [
        expressions::flake(&manifest, SYSTEM).0,
        expressions::file(&manifest).0,
        expressions::home_manager(&manifest).0,
    ] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n} evil"), "{text}");
        assert!(text.contains("path:/a\\\"\\${x}%1B"), "{text}");
        assert!(text.contains(".\"in\".\"\\${evil}\\\"\""), "{text}");
    }
}

#[test]
fn inputs_are_called_as_one_would_call_them() {
    let mut second = from_flake("flake:nixpkgs", "b", 5);
    second.source.as_mut().unwrap().url = LOCKED.replace("9f2c", "0000");
    let forge = from_flake("github:owner/tool.nix/main?dir=x", "c", 5);
    let mut forge = forge;
    forge.source.as_mut().unwrap().url = LOCKED.replace("9f2c", "1111");
    let manifest = manifest(vec![("a", from_flake("flake:nixpkgs", "a", 5)), ("b", second), ("c", forge)]);
    let (flake, _) = expressions::flake(&manifest, SYSTEM);
    let names: Vec<String> =
        written(&flake, ".url = ").iter().map(|line| line.split('.').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["nixpkgs", "nixpkgs-2", "toolnix"]);
}
