//! A made-up profile of the size DESIGN.md promises speed for: 1,000 packages of
//! 76,000 files that become about 27,000 links. The same on every run.
//!
//! Its packages look like real ones: programs, manual pages, a documentation
//! folder of their own that is linked whole, libraries, desktop entries and icons
//! in folders that hundreds share, Python packages that share `site-packages`.
//! A few files collide, as in real life: hidden by priority, never tied.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use firn::core::file_tree::{
    Basis, Directory, Entry, EntryKind, FileTrees, Package, PathBytes, Propagated, Root,
};
use firn::core::store_path::{StoreDir, StorePath};

/// Packages of the profile.
pub const PACKAGES: usize = 1_000;

/// The profile's elements and all facts about them.
pub struct GeneratedProfile {
    pub elements: Vec<(StorePath, i32)>,
    pub trees: FileTrees,
    pub files: usize,
}

/// A linear congruential generator; a crate for this would be too much.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides).unwrap_or(0)
    }
}

/// Files of a package by path below its root.
pub type Files = Vec<String>;

/// A package before it has a place.
pub struct GeneratedPackage {
    /// With its version.
    pub name: String,
    pub hash: [u8; 20],
    pub priority: i32,
    pub files: Files,
}

/// Makes the profile, in memory.
pub fn generate() -> GeneratedProfile {
    let store = StoreDir::new("/nix/store");
    let (mut elements, mut trees, mut files) = (Vec::new(), FileTrees::default(), 0);
    for package in packages() {
        let Ok(path) = StorePath::from_parts(&store, package.hash, &package.name) else { continue };
        files += package.files.len();
        learn(&mut trees, path.as_str(), &package.files);
        elements.push((path, package.priority));
    }
    GeneratedProfile { elements, trees, files }
}

/// Its packages.
pub fn packages() -> Vec<GeneratedPackage> {
    let mut dice = Dice(2024);
    let package = |index| {
        let name = format!("package{index}-{}.{}", 1 + dice.roll(9), dice.roll(40));
        let hash = std::array::from_fn(|_| u8::try_from(dice.roll(256)).unwrap_or(0));
        let files = package_files(index, &mut dice);
        // The few that bring the same files differ in priority.
        let priority = 5 + i32::try_from(index % 7).unwrap_or(0);
        GeneratedPackage { name, hash, priority, files }
    };
    (0..PACKAGES).map(package).collect()
}

fn package_files(index: usize, dice: &mut Dice) -> Files {
    let mut files = Files::new();
    let mut many = |count: usize, path: &dyn Fn(usize) -> String| files.extend((0..count).map(path));
    many(1 + dice.roll(11), &|n| format!("bin/program{index}-{n}"));
    many(1 + dice.roll(9), &|n| format!("share/man/man1/program{index}-{n}.1.gz"));
    many(dice.roll(40), &|n| format!("share/doc/package{index}/chapter{n}.html"));
    many(dice.roll(24), &|n| format!("share/package{index}/data/file{n}"));
    if index.is_multiple_of(2) {
        many(2 + dice.roll(8), &|n| format!("lib/libpackage{index}.so.{n}"));
        many(1 + dice.roll(2), &|n| format!("lib/pkgconfig/package{index}-{n}.pc"));
        many(dice.roll(40), &|n| format!("include/package{index}/header{n}.h"));
    }
    if index.is_multiple_of(3) {
        many(1, &|_| format!("share/applications/package{index}.desktop"));
        let sizes = ["16x16", "32x32", "48x48", "128x128", "scalable"];
        many(sizes.len(), &|n| format!("share/icons/hicolor/{}/apps/package{index}.png", sizes[n]));
    }
    if index % 3 == 1 {
        many(3 + dice.roll(9), &|n| format!("share/man/man8/tool{index}-{n}.8.gz"));
        many(1 + dice.roll(3), &|n| format!("bin/tool{index}-{n}"));
    }
    if index.is_multiple_of(4) {
        let languages = ["cs", "de", "el", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "uk", "zh"];
        let message = |n: usize| format!("share/locale/{}/LC_MESSAGES/package{index}.mo", languages[n]);
        many(languages.len(), &message);
    }
    if index.is_multiple_of(5) {
        let site = "lib/python3.12/site-packages";
        many(20 + dice.roll(60), &|n| format!("{site}/module{index}/part{n}.py"));
        many(5, &|n| format!("{site}/package{index}.dist-info/FILE{n}"));
    }
    many(1, &|_| format!("share/bash-completion/completions/program{index}-0"));
    many(1, &|_| format!("share/zsh/site-functions/_program{index}-0"));
    if index.is_multiple_of(200) {
        many(1, &|_| "bin/common-helper".to_owned());
        many(1, &|_| "share/icons/hicolor/icon-theme.cache".to_owned());
    }
    files
}

/// Puts a package's folders into the facts.
fn learn(trees: &mut FileTrees, root: &str, files: &Files) {
    let mut folders: BTreeMap<String, BTreeMap<String, EntryKind>> = BTreeMap::new();
    for file in files {
        let mut folder = root.to_owned();
        let parts: Vec<_> = file.split('/').collect();
        for (depth, part) in parts.iter().enumerate() {
            let below = format!("{folder}/{part}");
            let is_file = depth + 1 == parts.len();
            let kind = if is_file { EntryKind::File } else { EntryKind::Directory(bytes(&below)) };
            folders.entry(folder).or_default().entry((*part).to_owned()).or_insert(kind);
            folder = below;
        }
    }
    for (path, names) in folders {
        let entry = |(name, kind): (String, EntryKind)| Entry { name: bytes(&name), kind, links_followed: 0 };
        let directory = Directory {
            entries: names.into_iter().map(entry).collect(),
            unreadable: None,
            leads_into: Vec::new(),
        };
        trees.directories.insert(bytes(&path), Arc::new(directory));
    }
    let root_path = Root::Directory { real_path: bytes(root), links_followed: 0 };
    let package = Package { root: root_path, propagated: Propagated::Paths(Vec::new()), basis: Basis::Exact };
    trees.packages.insert(bytes(root), package);
}

fn bytes(text: &str) -> PathBytes {
    Arc::from(text.as_bytes())
}
