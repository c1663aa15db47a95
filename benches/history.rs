//! How long History takes: 200 generations of 300 packages, read from the disk and compared.
//!
//! `cargo bench --bench history`
//!
//! On two idle cores: the whole history 58 ms, of which 1 ms until the list is there; the first and
//! the last compared 3 ms once their packages were read, any other with the last 4 ms, read as it
//! comes; with nothing known two neighbours 14 ms, the first and the last 41 ms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that fails may panic"
)]
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use firn::core::difference;
use firn::core::file_tree::FileTrees;
use firn::core::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use firn::core::store_path::{StoreDir, StorePath};
use firn::ops::Context;
use firn::ops::compare_generations::{KnownPackages, compare_generations};
use firn::ops::load_profile::{load_history, load_shown};
use firn::system::machine::{Store as _, SystemClock};
use firn::system::own_folders::OwnFolders;
use firn::system::playground::PlaygroundStore;

const GENERATIONS: usize = 200;
const PACKAGES: usize = 300;

/// So many packages have another version from one generation to the next.
const UPGRADED: usize = 10;

/// A package with programs, manual pages, completions and documentation.
fn package(store_dir: &StoreDir, number: usize, version: usize) -> StorePath {
    let mut hash = [0; 20];
    hash[..8].copy_from_slice(&(number as u64).to_le_bytes());
    hash[8..16].copy_from_slice(&(version as u64).to_le_bytes());
    let path = StorePath::from_parts(store_dir, hash, &format!("package{number}-1.{version}")).unwrap();
    let root = Path::new(path.as_str());
    if root.exists() {
        return path;
    }
    let name = format!("package{number}");
    let mut files = vec![
        format!("bin/{name}"),
        format!("share/man/man1/{name}.1"),
        format!("share/bash-completion/completions/{name}"),
        format!("share/zsh/site-functions/_{name}"),
        format!("share/doc/{name}/README"),
        format!("lib/pkgconfig/{name}.pc"),
    ];
    files.extend((0..6).map(|part| format!("bin/{name}-{part}")));
    files.extend((0..12).map(|part| format!("share/{name}/data{part}")));
    for file in files {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "x").unwrap();
    }
    path
}

/// Versions go up one after the other, ten from one generation to the next.
fn version(number: usize, generation: usize) -> usize {
    (generation * UPGRADED + PACKAGES - 1 - number) / PACKAGES
}

fn manifest(store_dir: &StoreDir, generation: usize) -> ProfileManifest {
    let mut manifest = ProfileManifest::default();
    for number in 0..PACKAGES {
        let store_paths = vec![package(store_dir, number, version(number, generation))];
        let element = ProfileElement { active: true, priority: DEFAULT_PRIORITY, store_paths, source: None };
        manifest.elements.insert(format!("package{number}"), element);
    }
    manifest
}

fn world(folder: &Path) -> Context {
    let store = PlaygroundStore::empty(folder).unwrap();
    let store_dir = store.store_dir().clone();
    let profile = store.default_profile().unwrap();
    for generation in 1..=GENERATIONS {
        let mut hash = [0xff; 20];
        hash[..8].copy_from_slice(&(generation as u64).to_le_bytes());
        let path = StorePath::from_parts(&store_dir, hash, "profile").unwrap();
        std::fs::create_dir(path.as_str()).unwrap();
        let text = manifest(&store_dir, generation).to_json();
        std::fs::write(format!("{path}/manifest.json"), text).unwrap();
        symlink(path.as_str(), format!("{}-{generation}-link", profile.display())).unwrap();
    }
    symlink(format!("profile-{GENERATIONS}-link"), &profile).unwrap();
    let folders = OwnFolders { state: folder.into(), data: folder.into(), config: folder.into() };
    Context { store: Arc::new(store), profile, folders, clock: Arc::new(SystemClock), read_only: false }
}

fn history(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let context = world(folder.path());
    let mut bench = |name: &str, run: &mut dyn FnMut()| {
        criterion.bench_function(name, |bencher| bencher.iter(&mut *run));
    };
    bench("the list without manifests", &mut || drop(load_shown(&context).unwrap()));
    bench("the whole history", &mut || {
        let mut profile = load_shown(&context).unwrap();
        let read = load_history(&context, &profile.not_read()).unwrap();
        profile.take_manifests(&read);
        assert_eq!(profile.generations.len(), GENERATIONS);
    });
    let store_dir = context.store.store_dir().clone();
    let (first, last) = (manifest(&store_dir, 1), manifest(&store_dir, GENERATIONS));
    bench("elements of the first and the last", &mut || {
        assert!(difference::between(&first, &last).len() >= PACKAGES - UPGRADED);
    });
    let mut known = KnownPackages::new(FileTrees::default());
    compare_generations(&context, (GENERATIONS as u64, 1), &mut known).unwrap();
    bench("first and last, packages known", &mut || {
        drop(compare_generations(&context, (1, GENERATIONS as u64), &mut known).unwrap());
    });
    let mut other = 1;
    bench("any with the last, read as it comes", &mut || {
        other = other % (GENERATIONS as u64 - 1) + 1;
        drop(compare_generations(&context, (other, GENERATIONS as u64), &mut known).unwrap());
    });
    bench("two neighbours, nothing known", &mut || {
        drop(compare_generations(&context, (100, 101), &mut KnownPackages::default()).unwrap());
    });
    bench("first and last, nothing known", &mut || {
        let found = compare_generations(&context, (1, GENERATIONS as u64), &mut KnownPackages::default());
        assert!(found.unwrap().links.changed.len() > PACKAGES);
    });
}

criterion_group!(benches, history);
criterion_main!(benches);
