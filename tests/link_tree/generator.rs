//! Random worlds: packages that collide, link to each other, run in circles, hide
//! and propagate, and two lists of active elements.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{Name, Object, STORE, World};

/// How many store paths a world has.
const PACKAGES: usize = 5;

/// A world, what is active in it, and what was active before.
#[derive(Clone, Debug)]
pub struct Case {
    pub world: World,
    pub active: Vec<(usize, i32)>,
    pub before: Vec<(usize, i32)>,
}

/// The n-th store path.
pub fn store_path(index: usize) -> String {
    let hash = ["0", "1", "a", "b", "z"][index].repeat(32);
    format!("{STORE}/{hash}-p{index}")
}

pub fn cases() -> impl Strategy<Value = Case> {
    let packages = vec(package(), PACKAGES);
    (packages, folder(2), elements(), elements()).prop_map(|(packages, shared, active, before)| {
        let mut world = World::new();
        world.put(b"/elsewhere", shared);
        world.put(STORE.as_bytes(), Object::Folder(BTreeMap::new()));
        for (index, package) in packages.into_iter().enumerate() {
            if let Some(object) = package {
                world.put(store_path(index).as_bytes(), object);
            }
        }
        Case { world, active, before }
    })
}

fn elements() -> impl Strategy<Value = Vec<(usize, i32)>> {
    let common = select(vec![5, 5, 5, 5, 6, 6, 7]);
    let rare = select(vec![-3, 4, 1000, 1001, 2000, 2000, i32::MIN, i32::MAX]);
    vec((0..PACKAGES, prop_oneof![3 => common, 1 => rare]), 1..7)
}

fn package() -> impl Strategy<Value = Option<Object>> {
    prop_oneof![
        80 => (folder(3), proptest::option::weighted(0.3, list())).prop_map(|(folder, list)| {
            let Object::Folder(mut entries) = folder else { return Some(folder) };
            if let Some(list) = list {
                let list = BTreeMap::from([(b"propagated-user-env-packages".to_vec(), list)]);
                entries.insert(b"nix-support".to_vec(), Object::Folder(list));
            }
            Some(Object::Folder(entries))
        }),
        4 => Just(Some(Object::File(Vec::new()))),
        4 => (0..PACKAGES).prop_map(|index| Some(Object::Link(store_path(index).into_bytes()))),
        1 => target().prop_map(|target| Some(Object::Link(target))),
        1 => Just(Some(Object::Sealed)),
        1 => Just(None),
    ]
}

/// A list of propagated packages; rarely something else under its name.
fn list() -> impl Strategy<Value = Object> {
    let word = prop_oneof![
        40 => (0..PACKAGES).prop_map(store_path),
        1 => (0..PACKAGES).prop_map(|index| store_path(index).replace("/s/", "/s//")),
        1 => (0..PACKAGES).prop_map(|index| store_path(index) + "/"),
        1 => (0..PACKAGES).prop_map(|index| store_path(index) + "/a"),
    ];
    let separator = select(vec![" ", "\n", "\n\n", " \n"]);
    prop_oneof![
        30 => vec((word, separator), 0..4).prop_map(|words| {
            let text: String = words.into_iter().map(|(word, separator)| word + separator).collect();
            Object::File(text.into_bytes())
        }),
        1 => Just(Object::Folder(BTreeMap::new())),
        1 => target().prop_map(Object::Link),
    ]
}

fn folder(depth: u32) -> impl Strategy<Value = Object> {
    let inner = object()
        .prop_recursive(depth, 24, 4, |inner| btree_map(name(), inner, 0..4).prop_map(Object::Folder));
    btree_map(name(), inner, 0..6).prop_map(Object::Folder)
}

fn object() -> impl Strategy<Value = Object> {
    prop_oneof![
        60 => Just(Object::File(Vec::new())),
        12 => Just(Object::Folder(BTreeMap::new())),
        16 => target().prop_map(Object::Link),
        1 => Just(Object::Sealed),
    ]
}

fn name() -> impl Strategy<Value = Name> {
    let common: Vec<&[u8]> = vec![b"a", b"a", b"a", b"b", b"bin", b"bin", b"info", b"lib", b"dir"];
    let rare: Vec<&[u8]> = vec![
        b".dot",
        b"log",
        b"manifest.json",
        b"manifest.nix",
        b"nix-support",
        b"perllocal.pod",
        b"propagated-build-inputs",
        b"logs",
        b"a.b",
        b"\xff\xfe",
        b"name-of-more-than-eight-bytes",
        b"name-of-more-than-nine-bytes",
    ];
    prop_oneof![6 => select(common), 1 => select(rare)].prop_map(<[u8]>::to_vec)
}

/// Where a symlink leads: beside it, up, in circles, nowhere, into another package.
fn target() -> impl Strategy<Value = Name> {
    let near = vec!["a", "bin", "a/b", "../a", "../b", "../info", "../../lib", "lib/", "b/../a", "../..//c"];
    let odd =
        vec!["missing", "../missing/x", "a/x/y", "/elsewhere", "/elsewhere/a", "/elsewhere/info", ".", ".."];
    let inside = vec!["", "/a", "/lib", "/info", "/a/b", "/bin/c", "/a/.", "/log"];
    prop_oneof![
        1 => select(near).prop_map(|text| text.as_bytes().to_vec()),
        1 => select(odd).prop_map(|text| text.as_bytes().to_vec()),
        4 => (0..PACKAGES, select(inside)).prop_map(|(i, rest)| (store_path(i) + rest).into_bytes()),
    ]
}
