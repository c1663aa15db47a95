//! The world of the design's pictures: eighteen elements, eight generations, packages
//! whose contents are lists of paths. Everything a worker would answer, answered here.

use std::collections::HashMap;
use std::sync::Arc;

use firn::core::closure_difference::{ClosureDifference, PackageDifference};
use firn::core::comparison::{Comparison, LinkedPrograms};
use firn::core::contained_outputs::{ContainedOutput, ContainedPackage};
use firn::core::evaluation::{Evaluated, EvaluationFailure, MetaFlags};
use firn::core::facts::{Facts, Needs};
use firn::core::file_tree::{Basis, Directory, Entry, EntryKind, Package, PathBytes, Propagated, Root};
use firn::core::generation::Generation;
use firn::core::generation_note::{GenerationNote, label};
use firn::core::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use firn::core::package::PackageSize;
use firn::core::package_list::{
    ListedPackage, PackageList, PackageMarks, PackageSource, SourceScope, UNTOLD,
};
use firn::core::plan::{Base, Plan};
use firn::core::profile_kind::ProfileKind;
use firn::core::store_path::{StoreDir, StorePath};
use firn::core::typed_path::{PathChoice, PathKind};
use firn::ops::find_profiles::FoundProfile;
use firn::ops::load_profile::{LoadedGeneration, LoadedProfile};
use firn::ops::measure_packages::Measurement;
use firn::ops::search_packages::{SystemPackages, Tried};
use firn::system::machine::{Listed, WholeFile};
use firn::system::profile_folder::ProfileState;
use firn::tui::model::Noting;

/// 2026-05-28 20:26:40 UTC.
pub const NOW: i64 = 1_780_000_000;
const DAY: i64 = 86_400;
const OLD: &str = "3b1aa071111111111111111111111111111111aa";
const NEW: &str = "9f2c1de2222222222222222222222222222222bb";

pub fn store_dir() -> StoreDir {
    StoreDir::new("/nix/store")
}

/// A store path whose hash follows from its name.
pub fn store_path(name: &str) -> StorePath {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(name.as_bytes());
    StorePath::from_parts(&store_dir(), digest[..20].try_into().unwrap(), name).unwrap()
}

/// What each package holds.
fn contents(name: &str) -> Vec<String> {
    let own = |name: &str| vec![format!("bin/{name}"), format!("share/man/man1/{name}.1.gz")];
    let base = name.rsplit_once('-').map_or(name, |(base, _)| base);
    let mut files = match name {
        "hello-2.12.3" => own("hello"),
        "fltk-1.3.11-bin" => ["hello", "fltk-config", "fluid", "blocks", "checkers", "sudoku"]
            .iter()
            .map(|program| format!("bin/{program}"))
            .chain(["include/FL/Fl.H", "lib/libfltk.so", "lib/pkgconfig/fltk.pc"].map(str::to_owned))
            .chain((0..40).map(|number| format!("share/doc/fltk/chapter-{number:02}.html")))
            .collect(),
        "jj-1.9.2" | "jujutsu-0.29.0" => {
            let mut files = vec!["bin/jj".to_owned()];
            files.extend((0..8).map(|number| format!("share/man/man1/jj-{number}.1.gz")));
            files
        }
        "ripgrep-14.1.0" | "ripgrep-14.1.1" => own("rg"),
        "git-2.49.0" => {
            let mut files = own("git");
            files.extend((0..150).map(|number| format!("bin/git-tool-{number:03}")));
            files.push("share/bash-completion/completions/git".to_owned());
            files
        }
        "python312-3.12.4" | "python313-3.13.1" | "pypy-7.3" => {
            vec!["bin/python3".to_owned(), "bin/idle".to_owned(), "bin/pydoc".to_owned()]
        }
        "nss-cacert-3.101" => vec!["etc/ssl/certs/ca-bundle.crt".to_owned()],
        _ => own(base),
    };
    if name.starts_with("neovim") {
        files.extend((0..300).map(|number| format!("share/nvim/runtime/file-{number:03}.vim")));
    }
    files.sort();
    files
}

fn bytes(text: &str) -> PathBytes {
    Arc::from(text.as_bytes())
}

/// Adds a package and its folders to the facts.
fn learn_package(facts: &mut Facts, path: &str) {
    let name = path.rsplit('/').next().and_then(|base| base.get(33..)).unwrap_or_default();
    let mut folders: HashMap<String, Vec<Entry>> = HashMap::new();
    folders.entry(path.to_owned()).or_default();
    for file in contents(name) {
        let mut folder = path.to_owned();
        let parts: Vec<&str> = file.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            let below = format!("{folder}/{part}");
            let kind =
                if index + 1 == parts.len() { EntryKind::File } else { EntryKind::Directory(bytes(&below)) };
            let entries = folders.entry(folder).or_default();
            if !entries.iter().any(|entry| *entry.name == *part.as_bytes()) {
                entries.push(Entry { name: bytes(part), kind, links_followed: 0 });
            }
            folder = below;
        }
    }
    for (folder, mut entries) in folders {
        entries.sort_by(|one, two| one.name.cmp(&two.name));
        facts.trees.directories.insert(
            bytes(&folder),
            Arc::new(Directory { entries, unreadable: None, leads_into: Vec::new() }),
        );
    }
    let root = Root::Directory { real_path: bytes(path), links_followed: 0 };
    let package = Package { root, propagated: Propagated::Paths(Vec::new()), basis: Basis::Exact };
    facts.trees.packages.insert(bytes(path), package);
}

/// What the workers would learn.
pub fn learn(needs: &Needs) -> Facts {
    let mut facts = Facts::default();
    for package in &needs.tree.packages {
        learn_package(&mut facts, std::str::from_utf8(package).unwrap());
    }
    for question in &needs.evaluations {
        let gone = || {
            let (reference, attribute) = (&question.reference, &question.attribute);
            let reason = format!("flake '{reference}#{attribute}' does not provide this attribute");
            EvaluationFailure::of_words(&reason)
        };
        facts.evaluations.insert(question.clone(), evaluate(&question.attribute).ok_or_else(gone));
    }
    facts
}

/// What packages weigh: 1 700 bytes a file.
pub fn measure(paths: &[StorePath]) -> Vec<Measurement> {
    let weigh = |path: &StorePath| {
        let files = contents(path.name()).len();
        (path.clone(), Ok(PackageSize { files, bytes: files as u64 * 1_700 }))
    };
    paths.iter().map(weigh).collect()
}

/// Two generations compared with their trees.
pub fn compare(before: &Arc<Base>, after: &ProfileManifest) -> Comparison {
    let mut facts = Facts::default();
    let mut plan = Plan::between(before, after, &facts, None);
    while !plan.needs.is_empty() {
        facts.absorb(learn(&plan.needs));
        plan = Plan::between(before, after, &facts, Some(&plan));
    }
    Comparison::new(Arc::new(plan), &LinkedPrograms::default(), &[])
}

/// The profiles of a machine.
pub fn profiles() -> Vec<FoundProfile> {
    let found = |link: &str, kind, chain: &[&str]| FoundProfile {
        link: link.into(),
        kind,
        names: Vec::new(),
        chain: std::iter::once(link).chain(chain.iter().copied()).map(Into::into).collect(),
        on_path: None,
        writable: false,
        changed: Some(NOW - 9 * DAY),
        generations: 12,
        current: Some(12),
        is_default: false,
        is_open: false,
    };
    let state = "/home/ada/.local/state/nix/profiles";
    let own = format!("{state}/profile");
    let mut default = found(&own, ProfileKind::NixProfile, &[]);
    default.chain.push(format!("{own}-42-link").into());
    default.chain.push(store_path("profile").to_string().into());
    default.names = vec!["/home/ada/.nix-profile".into()];
    default.on_path = Some("/home/ada/.nix-profile/bin".into());
    (default.writable, default.is_default, default.is_open) = (true, true, true);
    (default.generations, default.current) = (8, Some(42));
    let mut home = found(&format!("{state}/home-manager"), ProfileKind::HomeManager, &[]);
    home.writable = true;
    let system = "/nix/var/nix/profiles/system";
    let mut system = found(system, ProfileKind::System, &["/nix/var/nix/profiles/system-12-link"]);
    system.chain.push(store_path("nixos-system-box-25.05").to_string().into());
    let channels = found("/nix/var/nix/profiles/per-user/root/channels", ProfileKind::NixEnv, &[]);
    vec![default, home, channels, system]
}

/// What differs in everything that two generations need.
pub fn closures() -> ClosureDifference {
    let package = |name: &str, removed: &[&str], added: &[&str], (before, after)| PackageDifference {
        name: name.to_owned(),
        removed: removed.iter().map(|&version| version.to_owned()).collect(),
        added: added.iter().map(|&version| version.to_owned()).collect(),
        before,
        after,
    };
    let packages = vec![
        package("bat", &["0.25.0"], &["0.24.0"], (7 << 20, 6 << 20)),
        package("glibc", &["2.40-66"], &["2.40-36"], (30 << 20, 30 << 20)),
        package("jujutsu", &["0.29.0"], &[], (19 << 20, 0)),
        package("tree-sitter-bundled", &[], &["0.22.6"], (0, 600 << 10)),
    ];
    ClosureDifference { packages, before: 2_040_109_465, after: 2_007_897_600 }
}

/// What only these generations keep alive.
pub fn space(numbers: &[u64]) -> u64 {
    numbers.iter().map(|number| (number * number % 37) << 20).sum()
}

/// A note as it is afterwards.
pub fn noted(noting: &Noting) -> GenerationNote {
    match noting {
        Noting::Keep(kept) => GenerationNote { kept: *kept, label: None },
        Noting::Label(text) => GenerationNote { kept: true, label: label(text) },
    }
}

/// What the system's profile brings.
pub fn system_packages() -> SystemPackages {
    [("git", "2.48.1"), ("coreutils", "9.5")]
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .into()
}

/// The packages of a flake, some of which are hostile or broken.
pub fn listed(source: &PackageSource) -> Listed {
    let package = |attribute, version, description| ListedPackage {
        attribute,
        name: attribute,
        version,
        description,
        outputs: "out",
        ..ListedPackage::default()
    };
    let mut list = PackageList::default();
    let fltk = ListedPackage {
        outputs: "out bin",
        homepage: "https://www.fltk.org/",
        licence: "LGPL-2.0-only",
        ..package("fltk", "1.3.11", "C++ cross-platform lightweight GUI library")
    };
    let unfree = PackageMarks::of_bits(1);
    for listed in [
        fltk,
        package("git", "2.49.0", "Distributed version control system"),
        package("gitui", "0.27.0", "Blazing fast terminal-ui for Git"),
        package("python3Packages.gitpython", "3.1", "Python Git library"),
        package("evil", "1\u{1b}[31m", "red \u{1b}[2J and \u{202e}backwards"),
        package("größe", "1", "日本語の説明 wide"),
        ListedPackage { marks: unfree, licence: "unfree", ..package("vscode", "1.99", "An editor") },
        ListedPackage { failure: Some(UNTOLD), ..package("removed", "", "") },
        ListedPackage { failure: Some("cannot coerce a set to a string"), ..package("wrong", "", "") },
    ] {
        list.push(&listed);
    }
    let (url, system) = (format!("github:NixOS/nixpkgs/{NEW}"), "x86_64-linux".to_owned());
    let whole = (source.scope == SourceScope::File).then_some(WholeFile::Set);
    Listed { original_url: source.reference.clone(), url, system, whole, list: list.finished() }
}

/// The packages of an environment.
pub fn contained() -> Vec<ContainedPackage> {
    let package = |name: &str, outputs: &[(&str, bool)]| {
        let output = |&(output, is_linked): &(&str, bool)| ContainedOutput {
            name: output.to_owned(),
            path: Some(store_path(&format!("jq-{output}"))),
            is_linked,
        };
        ContainedPackage { name: name.to_owned(), outputs: outputs.iter().map(output).collect() }
    };
    vec![
        package("zlib-1.2.11", &[("dev", false), ("out", true), ("static", false)]),
        package("evil\u{1b}[31m-1", &[("out", true)]),
    ]
}

/// What stands at a typed path.
pub fn paths(typed: &str) -> Vec<PathChoice> {
    let choice = |(name, kind): (&str, PathKind)| PathChoice {
        shown: format!("~/work/{name}"),
        full: format!("/home/ada/work/{name}"),
        kind,
    };
    let all = [
        ("both", PathKind::FlakeAndDefaultFile),
        ("evil\u{1b}[31m.nix", PathKind::NixFile),
        ("myproject_env.nix", PathKind::NixFile),
        ("old", PathKind::Folder),
        ("result", PathKind::StoreLink),
        ("tools", PathKind::DefaultFile),
    ];
    all.map(choice).into_iter().filter(|choice| choice.shown.starts_with(typed)).collect()
}

/// What an addition would lead to.
pub fn tried(installable: &str) -> Tried {
    let elements = vec!["fltk".to_owned(), "hello".to_owned()];
    let collisions = vec![("bin/hello".to_owned(), elements)];
    let collisions = if installable.ends_with("#fltk") { collisions } else { Vec::new() };
    Tried { collisions, outputs: vec!["out".to_owned()], basis: Basis::Listing, ..Tried::default() }
}

/// What `nixpkgs` has for what can be added.
fn evaluate(attribute: &str) -> Option<Arc<Evaluated>> {
    let package = match attribute {
        "fltk" => "fltk-1.3.11-bin",
        "gitFull" => "git-2.49.0-full",
        "python312" => "python312-3.12.4",
        _ => return None,
    };
    let source = element(package, 5, attribute, NEW).source?;
    Some(Arc::new(Evaluated {
        original_url: source.original_url,
        url: source.url,
        attr_path: source.attr_path,
        name: package.to_owned(),
        drv_path: Some(store_path(&format!("{package}.drv"))),
        outputs: [("out".to_owned(), Some(store_path(package)))].into(),
        default_outputs: vec!["out".to_owned()],
        priority: None,
        flags: MetaFlags::default(),
        description: None,
        homepage: None,
        licence: None,
        others: Vec::new(),
    }))
}

fn element(package: &str, priority: i32, attribute: &str, revision: &str) -> ProfileElement {
    ProfileElement {
        active: true,
        priority,
        store_paths: vec![store_path(package)],
        source: Some(ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: format!("github:NixOS/nixpkgs/{revision}?narHash=sha256-AAAA"),
            attr_path: format!("legacyPackages.x86_64-linux.{attribute}"),
            outputs: ExtendedOutputsSpec::Default,
        }),
    }
}

/// The elements of generation 42.
pub fn manifest() -> ProfileManifest {
    let mut manifest = ProfileManifest::default();
    for (name, package, priority, revision) in [
        ("bat", "bat-0.25.0", 5, NEW),
        ("difftastic", "difftastic-0.58.0", 5, NEW),
        ("direnv", "direnv-2.35.0", 5, OLD),
        ("git", "git-2.49.0", 5, NEW),
        ("hello", "hello-2.12.3", 5, NEW),
        ("jj", "jj-1.9.2", 6, NEW),
        ("jujutsu", "jujutsu-0.29.0", 5, NEW),
        ("jq", "jq-1.7.1", 5, OLD),
        ("neovim", "neovim-0.11.1", 5, NEW),
        ("podman", "podman-5.5.0", 5, NEW),
        ("pypy", "pypy-7.3", 5, NEW),
        ("python312", "python312-3.12.4", 6, NEW),
        ("python313", "python313-3.13.1", 6, NEW),
        ("ripgrep", "ripgrep-14.1.1", 5, NEW),
        ("tmux", "tmux-3.5a", 5, OLD),
    ] {
        manifest.elements.insert(name.to_owned(), element(package, priority, name, revision));
    }
    let mut mytool = element("mytool-0.3.0", 5, "default", NEW);
    if let Some(source) = &mut mytool.source {
        source.original_url = format!("github:ada/mytool/{NEW}");
        source.url = format!("github:ada/mytool/{NEW}?narHash=sha256-BBBB");
    }
    manifest.elements.insert("mytool".to_owned(), mytool);
    manifest.elements.insert(
        "backup-scripts".to_owned(),
        ProfileElement { source: None, ..element("backup-scripts-2024", 5, "", NEW) },
    );
    if let Some(podman) = manifest.elements.get_mut("podman") {
        podman.active = false;
    }
    manifest
}

fn generation(
    number: u64,
    age: i64,
    manifest: Result<ProfileManifest, String>,
    made_on: Option<u64>,
) -> LoadedGeneration {
    let target = store_path(&format!("profile-{number}")).to_string();
    LoadedGeneration {
        probably_on: None,
        generation: Generation { number, target, time: NOW - age },
        manifest: manifest.map(Arc::new),
        made_on,
        remarks: firn::ops::load_profile::Remarks::default(),
    }
}

/// The profile of the pictures.
pub fn profile() -> LoadedProfile {
    let now = manifest();
    let set = |manifest: &ProfileManifest, name: &str, package: &str| {
        let mut manifest = manifest.clone();
        let priority = manifest.elements.get(name).map_or(5, |element| element.priority);
        manifest.elements.insert(name.to_owned(), element(package, priority, name, OLD));
        manifest
    };
    let without = |manifest: &ProfileManifest, name: &str| {
        let mut manifest = manifest.clone();
        manifest.elements.remove(name);
        manifest
    };
    let before_upgrade =
        set(&set(&set(&now, "bat", "bat-0.24.0"), "ripgrep", "ripgrep-14.1.0"), "neovim", "neovim-0.11.0");
    let before_jujutsu = without(&before_upgrade, "jujutsu");
    let before_direnv = without(&before_jujutsu, "direnv");
    let mut with_jj_5 = before_direnv.clone();
    if let Some(jj) = with_jj_5.elements.get_mut("jj") {
        jj.priority = 5;
    }
    let before_jj = without(&with_jj_5, "jj");
    let damaged = Err(
        "manifest.json: it is not valid JSON: EOF while parsing an object at line 1 column 40".to_owned()
    );
    let generations = vec![
        generation(30, 70 * DAY, Ok(without(&before_jj, "hello")), None),
        generation(31, 68 * DAY, Ok(before_jj.clone()), None),
        generation(36, 30 * DAY, damaged, None),
        generation(37, 23 * DAY, Ok(with_jj_5), Some(31)),
        generation(38, 22 * DAY, Ok(before_direnv), Some(37)),
        generation(40, 9 * DAY, Ok(before_jujutsu), Some(38)),
        generation(41, 2 * DAY, Ok(before_upgrade), Some(40)),
        generation(42, 11 * 3600 + 700, Ok(now.clone()), Some(41)),
    ];
    LoadedProfile {
        base: Arc::new(Base {
            store_path: Some(store_path("profile-42")),
            manifest: now,
            store_dir: store_dir(),
        }),
        state: ProfileState::Present,
        generations,
        current: Some(42),
        last_live: Some(41),
        writable: true,
        damaged: None,
        files: Arc::default(),
    }
}

/// A profile without elements or generations.
pub fn empty(state: ProfileState) -> LoadedProfile {
    LoadedProfile {
        base: Arc::new(Base {
            store_path: None,
            manifest: ProfileManifest::default(),
            store_dir: store_dir(),
        }),
        state,
        generations: Vec::new(),
        current: None,
        last_live: None,
        writable: true,
        damaged: None,
        files: Arc::default(),
    }
}
