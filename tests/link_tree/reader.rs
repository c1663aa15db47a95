//! Learns what a plan needs from the world in memory, as the program does from a disk.

use std::sync::Arc;

use firn::core::file_tree::{Basis, Directory, Entry, EntryKind, FileTrees, Package, Propagated, Root};
use firn::core::link_tree::TreeNeeds;

use super::world::{Errno, Object, World, words};

/// Answers all needs.
pub fn learn(world: &World, needs: &TreeNeeds) -> FileTrees {
    let mut trees = FileTrees::default();
    for path in &needs.packages {
        trees.packages.insert(Arc::clone(path), package(world, path));
    }
    for path in &needs.directories {
        trees.directories.insert(Arc::clone(path), Arc::new(directory(world, path)));
    }
    trees
}

fn package(world: &World, path: &[u8]) -> Package {
    let root = match world.follow(path) {
        Ok(found) => match found.object {
            Object::Folder(_) | Object::Sealed => {
                Root::Directory { real_path: found.real_path.into(), links_followed: found.links }
            }
            _ => Root::File,
        },
        Err(lost) => match lost.errno {
            Errno::NotFound => Root::Missing,
            Errno::NotADirectory => Root::File,
            errno => Root::Unreadable(reason(errno)),
        },
    };
    Package { root, propagated: propagated(world, path), basis: Basis::Exact }
}

fn propagated(world: &World, path: &[u8]) -> Propagated {
    let words_file = [path, b"/nix-support/propagated-user-env-packages"].concat();
    match world.follow(&words_file) {
        Ok(found) => match found.object {
            Object::File(text) => Propagated::Paths(words(text).into_iter().map(Arc::from).collect()),
            _ => Propagated::Unreadable(Arc::from("Is a directory")),
        },
        Err(lost) => match lost.errno {
            Errno::NotFound | Errno::NotADirectory => Propagated::Paths(Vec::new()),
            errno => Propagated::Unreadable(reason(errno)),
        },
    }
}

fn directory(world: &World, path: &[u8]) -> Directory {
    let names = match world.follow(path) {
        Ok(found) => match found.object {
            Object::Folder(entries) => entries.keys(),
            _ => {
                return Directory {
                    entries: Vec::new(),
                    unreadable: Some(reason(Errno::Denied)),
                    leads_into: Vec::new(),
                };
            }
        },
        Err(lost) => {
            return Directory {
                entries: Vec::new(),
                unreadable: Some(reason(lost.errno)),
                leads_into: Vec::new(),
            };
        }
    };
    let names = names.filter(|name| !name.starts_with(b"."));
    Directory {
        entries: names.map(|name| entry(world, path, name)).collect(),
        unreadable: None,
        leads_into: Vec::new(),
    }
}

fn entry(world: &World, folder: &[u8], name: &[u8]) -> Entry {
    let (kind, links_followed) = match world.follow(&[folder, b"/", name].concat()) {
        Ok(found) => match found.object {
            Object::Folder(_) | Object::Sealed => (EntryKind::Directory(found.real_path.into()), found.links),
            _ => (EntryKind::File, found.links),
        },
        Err(lost) => match lost.errno {
            Errno::NotFound | Errno::NotADirectory => (EntryKind::Dangling, lost.links),
            errno => (EntryKind::Unreadable(reason(errno)), lost.links),
        },
    };
    Entry { name: name.into(), kind, links_followed }
}

fn reason(errno: Errno) -> Arc<str> {
    Arc::from(format!("{errno:?}"))
}
