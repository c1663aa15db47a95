//! Makes random worlds that collide often, but not always.
//!
//! Names come from one small pool at every depth, so packages meet; how often a leaf
//! has a name of its own differs by world, so some worlds refuse nearly every change
//! and others let profiles grow. Every shape the tree rules speak of is in here, the
//! rare ones (loops, links upwards) seldom: one of them ends every build it is part of.

use std::fmt::Write as _;

use crate::random::Random;
use crate::world::{Entry, FlakePackage, Package, World};

/// Names that are skipped, most of them only at the right place.
const SKIPPED: &[&str] = &[
    ".hidden",
    ".config",
    "nix-support",
    "propagated-build-inputs",
    "perllocal.pod",
    "info/dir",
    "log",
    "manifest.nix",
    "manifest.json",
];

/// Names for folders; a leaf may have them too, which makes type clashes.
const FOLDERS: &[&str] =
    &["bin", "share", "lib", "info", "etc", "man", "gr\u{fc}n", "info/dir", "nix-support", "log", ".dot"];

/// Names for files and links.
const LEAVES: &[&str] = &["tool", "data", "hello", "a.b", "dir", "x", "\u{96ea}", "bin", "share", "man"];

/// Package names: some equal, some that Nix names oddly, one that reads as a number.
const NAMES: &[&str] = &[
    "alpha-1.0",
    "alpha-2.0",
    "beta-0.1",
    "beta-0.1-bin",
    "gamma",
    "delta-2024-01-02",
    "eps-x-1",
    "zeta-unstable",
    "7-1.0",
    "9front-2",
    "odd+name_1?x=2",
    "a.b-1",
    "l-",
    "emacs-28.1-doc",
    "2.0",
    "-1.0",
];

const ATTRIBUTES: &[&str] = &[
    "packages.x86_64-linux.pkg0",
    "packages.x86_64-linux.pkg1",
    "legacyPackages.x86_64-linux.python3Packages.numpy",
    "packages.x86_64-linux.default",
    "defaultPackage.x86_64-linux",
    "packages.x86_64-linux.with space",
];

const OUTPUTS: &[&str] = &["null", "null", r#"["*"]"#, r#"["out"]"#, r#"["dev","out"]"#];

/// Flake references, some not in the form in which Nix prints them.
const REFERENCES: &[&str] = &[
    "flake:nixpkgs",
    "nixpkgs",
    "flake:nixpkgs?ref=nixos-23.11",
    "flake:nixpkgs/nixos-23.11",
    "github:owner/repo",
    "github:owner/repo/REV",
    "github:owner/repo?ref=main",
    "github:owner/repo?rev=REV&dir=sub",
    "github:owner/repo/REV?lastModified=17&narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "gitlab:group/repo/main",
    "sourcehut:~user/repo",
    "git+https://example.org/a/repo.git?ref=main&rev=REV",
    "git+https://example.org/repo?rev=REV&dir=x&ref=main&shallow=1",
    "git+file:///srv/repo",
    "git+ssh://git@example.org/repo?submodules=1",
    "hg+https://example.org/repo",
    "https://example.org/a.tar.gz",
    "tarball+https://example.org/a.tar.gz?z=1&a=2",
    "file+https://example.org/a.txt",
    "path:/srv/x",
    "path:///srv/x?lastModified=3&narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "path:/srv/gr%C3%BCn",
];

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let large = random.chance(4);
    let count = if large { random.between(60, 150) } else { random.between(3, 9) };
    let mut maker = Maker {
        meeting: if large { 2 } else { random.between(3, 80) },
        upward_left: usize::from(random.chance(15)),
        random,
        count,
        packages: Vec::new(),
    };
    for index in 0..count {
        let package = maker.package(index);
        maker.packages.push(package);
    }
    let flake = if maker.random.chance(20) { maker.flake() } else { Vec::new() };
    let start = maker.random.chance(35).then(|| maker.start());
    World { packages: maker.packages, flake, start }
}

/// The key of package number `index`.
fn key(index: usize) -> String {
    format!("p{index}")
}

struct Maker {
    random: Random,
    /// How many leaves in a hundred have a name from the pool.
    meeting: usize,
    /// Links to `.`, `..` or to a later package still to be made: they can be endless when unfolded.
    upward_left: usize,
    count: usize,
    packages: Vec<Package>,
}

impl Maker {
    fn package(&mut self, index: usize) -> Package {
        let digits = b"0123456789abcdfghijklmnpqrsvwxyz";
        let mut hash: String = (0..2).map(|_| char::from(*self.random.pick(digits))).collect();
        write!(hash, "{index:03}").unwrap();
        let name = (*self.random.pick(NAMES)).to_owned();
        Package { key: key(index), name, hash, entries: self.entries(index) }
    }

    fn entries(&mut self, index: usize) -> Vec<(Vec<u8>, Entry)> {
        if self.random.chance(8) {
            return vec![(b".".to_vec(), self.odd_root(index))];
        }
        let mut entries: Vec<(Vec<u8>, Entry)> = Vec::new();
        for _ in 0..self.random.between(0, 18) {
            let entry = self.entry(index, &entries);
            let path = self.path(index, &entry);
            add_entry(&mut entries, path, entry);
        }
        if self.random.chance(25) {
            let path = b"nix-support/propagated-user-env-packages".to_vec();
            let other = format!(
                "{{{}}}/nix-support/propagated-user-env-packages",
                key(self.random.below(self.count))
            );
            let entry = match self.random.below(12) {
                0 => Entry::Link(other.into_bytes()),
                1 if self.random.chance(20) => Entry::Folder,
                _ => Entry::File(self.propagated()),
            };
            add_entry(&mut entries, path, entry);
        }
        entries
    }

    /// A package that is not a folder of its own.
    fn odd_root(&mut self, index: usize) -> Entry {
        let target = self.other_package(index);
        match self.random.below(10) {
            0..4 => Entry::File(b"plain".to_vec()),
            4..8 if index > 0 => Entry::Link(target),
            8 if self.random.chance(30) => Entry::Link(b"nowhere".to_vec()),
            _ => Entry::Folder,
        }
    }

    fn path(&mut self, index: usize, entry: &Entry) -> Vec<u8> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for _ in 0..self.random.weighted(&[(2, 0), (5, 1), (2, 2), (1, 3)]) {
            let pool = if self.random.chance(6) { SKIPPED } else { FOLDERS };
            // The first ones are far more common: bin and share are where packages meet.
            let limit = if self.random.chance(60) { 3 } else { pool.len() };
            parts.push(self.random.pick(&pool[..limit]).as_bytes().to_vec());
        }
        parts.push(self.leaf(index, entry));
        parts.join(&b'/')
    }

    fn leaf(&mut self, index: usize, entry: &Entry) -> Vec<u8> {
        if self.random.chance(10) {
            return self.random.pick(SKIPPED).as_bytes().to_vec();
        }
        if matches!(entry, Entry::Folder) && self.random.chance(70) {
            return self.random.pick(FOLDERS).as_bytes().to_vec();
        }
        let mut name = self.random.pick(LEAVES).as_bytes().to_vec();
        if self.random.chance(5) {
            name = (*self.random.pick(&[&b"\xff\xfe\x80"[..], b"new\nline", b"\"\\'{x y"])).to_vec();
        }
        if !self.random.chance(self.meeting) {
            name.extend_from_slice(format!("-{}", key(index)).as_bytes());
        }
        name
    }

    fn entry(&mut self, index: usize, entries: &[(Vec<u8>, Entry)]) -> Entry {
        match self.random.below(100) {
            0..60 => Entry::File(b"x".to_vec()),
            60..67 => Entry::Folder,
            67..72 => {
                Entry::Link((*self.random.pick(&[&b"nowhere"[..], b"tool/x", b"../../../gone"])).to_vec())
            }
            72..82 => Entry::Link(self.inside(entries)),
            82..95 if index > 0 => Entry::Link(self.other_package(index)),
            95 => Entry::Link(b"/dev/null".to_vec()),
            96 if self.random.chance(40) => {
                Entry::Link((*self.random.pick(&[&b"tool"[..], b"x", b"hello"])).to_vec())
            }
            97.. if self.upward_left > 0 => {
                self.upward_left -= 1;
                Entry::Link(self.upward(index))
            }
            _ => Entry::File(Vec::new()),
        }
    }

    /// A link that stays in the package: to a sibling or something one folder up.
    fn inside(&mut self, entries: &[(Vec<u8>, Entry)]) -> Vec<u8> {
        if entries.is_empty() || self.random.chance(30) {
            return (*self.random.pick(&[&b"../bin"[..], b"../share", b"bin", b"lib"])).to_vec();
        }
        let mut target = if self.random.chance(70) { b"../".to_vec() } else { Vec::new() };
        let path = &self.random.pick(entries).0;
        target.extend_from_slice(path);
        target
    }

    /// Into an earlier package: its root, or a path that is there, or a folder on the way to it.
    fn other_package(&mut self, index: usize) -> Vec<u8> {
        let other = self.random.below(index.max(1));
        let mut target = format!("{{{}}}", key(other)).into_bytes();
        let Some(package) = self.packages.get(other).filter(|package| !package.entries.is_empty()) else {
            return target;
        };
        if self.random.chance(75) {
            let path = &self.random.pick(&package.entries).0;
            let parts: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
            let depth = self.random.between(1, parts.len());
            target.push(b'/');
            target.extend_from_slice(&parts[..depth].join(&b'/'));
        }
        target
    }

    fn upward(&mut self, index: usize) -> Vec<u8> {
        match self.random.below(3) {
            0 => b".".to_vec(),
            1 => b"..".to_vec(),
            _ => format!("{{{}}}", key(self.random.between(index, self.count - 1))).into_bytes(),
        }
    }

    /// The text of a list of propagated packages: any order, itself, cycles, odd separators.
    fn propagated(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..self.random.between(1, 3) {
            let other =
                if self.random.chance(3) { "missing".into() } else { key(self.random.below(self.count)) };
            text.extend_from_slice(format!("{{{other}}}").as_bytes());
            // Any text is a path: a folder inside a package, or another name of the package.
            text.extend_from_slice(self.random.weighted(&[
                (30, &b""[..]),
                (1, b"/"),
                (1, b"/share"),
                (1, b"/bin/.."),
            ]));
            // A tab does not separate; the path it becomes part of is not there.
            text.extend_from_slice(self.random.weighted(&[
                (12, &b" "[..]),
                (12, b"\n"),
                (3, b"  \n "),
                (1, b"\t"),
            ]));
        }
        if self.random.chance(50) {
            text.truncate(text.trim_ascii_end().len());
        }
        text
    }

    fn flake(&mut self) -> Vec<FlakePackage> {
        let mut packages = Vec::new();
        for attribute in ["tool", "kit", "default"].into_iter().take(self.random.between(1, 3)) {
            let names: &[&str] = self.random.weighted(&[
                (3, &["out"][..]),
                (2, &["out", "doc"]),
                (2, &["bin", "out", "man"]),
                (1, &["lib", "dev"]),
            ]);
            let outputs = names.iter().map(|name| {
                let own = format!("share/{attribute}-{name}");
                let common = *self.random.pick(&["bin/tool", "share/data", "bin/hello", "x"]);
                (
                    (*name).to_owned(),
                    if self.random.chance(30) { vec![own, common.to_owned()] } else { vec![own] },
                )
            });
            let outputs: Vec<(String, Vec<String>)> = outputs.collect();
            let install =
                if self.random.chance(40) { vec![self.random.pick(&outputs).0.clone()] } else { Vec::new() };
            let priority = self.random.chance(25).then(|| *self.random.pick(&[-1, 3, 10]));
            packages.push(FlakePackage { attribute: attribute.to_owned(), outputs, install, priority });
        }
        packages
    }

    /// A manifest as other programs and older Nixes wrote it: several outputs, switched off, with a source.
    fn start(&mut self) -> String {
        let as_list = self.random.chance(25);
        let mut elements = Vec::new();
        for number in 0..self.random.between(1, 4) {
            let text = self.element(as_list);
            elements.push(if as_list { text } else { format!("\"{}\":{text}", element_name(number)) });
        }
        if as_list {
            let (version, elements) = (self.random.between(1, 2), elements.join(","));
            let text = format!(r#"{{"elements":[{elements}],"version":{version}}}"#);
            return if version == 1 {
                text.replace("originalUrl", "originalUri").replace("\"url\"", "\"uri\"")
            } else {
                text
            };
        }
        format!(r#"{{"elements":{{{}}},"version":3}}"#, elements.join(","))
    }

    fn element(&mut self, as_list: bool) -> String {
        let mut paths: Vec<String> = Vec::new();
        for _ in 0..self.random.weighted(&[(5, 1), (3, 2), (1, 3)]) {
            paths.push(format!("\"{{{}}}\"", key(self.random.below(self.count))));
        }
        let active = self.random.chance(75);
        let priority = *self.random.pick(&[5, 5, 5, 4, 6, -3, 1000]);
        let mut text = format!(r#"{{"active":{active},"#);
        if self.random.chance(60) {
            text += &self.source();
        }
        let priority = if as_list && self.random.chance(50) {
            String::new()
        } else {
            format!(r#""priority":{priority},"#)
        };
        text + &format!(r#"{priority}"storePaths":[{}]}}"#, paths.join(","))
    }

    /// The source keys, with references that Nix prints anew at the next write.
    fn source(&mut self) -> String {
        let (attribute, outputs) = (self.random.pick(ATTRIBUTES), self.random.pick(OUTPUTS));
        let mut reference = || self.random.pick(REFERENCES).replace("REV", &"0123456789".repeat(4));
        let (original, locked) = (reference(), reference());
        format!(
            r#""attrPath":"{attribute}","originalUrl":"{original}","outputs":{outputs},"url":"{locked}","#
        )
    }
}

fn element_name(number: usize) -> &'static str {
    ["pkg0", "pkg1", "my element", "\u{e4}"][number]
}

/// Adds an entry unless something there is in its way, or it would be in the way itself.
fn add_entry(entries: &mut Vec<(Vec<u8>, Entry)>, path: Vec<u8>, entry: Entry) {
    let below =
        |inner: &[u8], outer: &[u8]| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(b"/"));
    let clash = entries.iter().any(|(known, there)| {
        *known == path || below(known, &path) || (below(&path, known) && !matches!(there, Entry::Folder))
    });
    if !clash {
        entries.push((path, entry));
    }
}
