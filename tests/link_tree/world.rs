//! A file system in memory, with symlinks followed as Linux follows them.
//!
//! Slow and plain on purpose: every look-up starts at `/` and follows one part
//! after the other. The replay and the reader both stand on it.

use std::collections::{BTreeMap, VecDeque};

pub type Name = Vec<u8>;

/// The store folder of all test worlds.
pub const STORE: &str = "/s";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Folder(BTreeMap<Name, Object>),
    /// A folder without any permission: `stat` works on it, nothing else does.
    Sealed,
    File(Vec<u8>),
    Link(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    NotFound,
    NotADirectory,
    TooManyLinks,
    NameTooLong,
    Denied,
}

#[derive(Clone, Debug)]
pub struct World {
    root: Object,
}

/// What a path leads to, all links followed.
pub struct Found<'w> {
    pub real_path: Vec<u8>,
    pub object: &'w Object,
    pub links: u8,
}

/// Why a path leads nowhere, and after how many links.
pub struct Lost {
    pub errno: Errno,
    pub links: u8,
}

impl World {
    pub fn new() -> Self {
        Self { root: Object::Folder(BTreeMap::new()) }
    }

    /// Puts an object at an absolute path, making the folders above.
    pub fn put(&mut self, path: &[u8], object: Object) {
        let mut here = &mut self.root;
        for part in parts(path) {
            let Object::Folder(entries) = here else { panic!("not a folder on the way to {path:?}") };
            here = entries.entry(part).or_insert_with(|| Object::Folder(BTreeMap::new()));
        }
        *here = object;
    }

    /// `stat`.
    pub fn follow(&self, path: &[u8]) -> Result<Found<'_>, Lost> {
        let mut links = 0;
        let real = self.walk(path, &mut links).map_err(|errno| Lost { errno, links })?;
        let object = self.at(&real).ok_or(Lost { errno: Errno::NotFound, links })?;
        Ok(Found { real_path: spelled(&real), object, links })
    }

    fn walk(&self, path: &[u8], links: &mut u8) -> Result<Vec<Name>, Errno> {
        if path.len() >= 4096 {
            return Err(Errno::NameTooLong);
        }
        let mut here: Vec<Name> = Vec::new();
        let mut ahead: VecDeque<Name> = steps(path);
        while let Some(part) = ahead.pop_front() {
            let entries = match self.at(&here) {
                Some(Object::Folder(entries)) => entries,
                Some(Object::Sealed) => return Err(Errno::Denied),
                _ => return Err(Errno::NotADirectory),
            };
            match &*part {
                b"." => continue,
                b".." => {
                    here.pop();
                    continue;
                }
                _ => {}
            }
            match entries.get(&part).ok_or(Errno::NotFound)? {
                Object::Link(target) => {
                    if *links == 40 {
                        return Err(Errno::TooManyLinks);
                    }
                    *links += 1;
                    if target.starts_with(b"/") {
                        here.clear();
                    }
                    for step in steps(target).into_iter().rev() {
                        ahead.push_front(step);
                    }
                }
                _ => here.push(part),
            }
        }
        Ok(here)
    }

    fn at(&self, real: &[Name]) -> Option<&Object> {
        real.iter().try_fold(&self.root, |here, part| match here {
            Object::Folder(entries) => entries.get(part),
            _ => None,
        })
    }
}

/// The words of a list of propagated packages.
pub fn words(text: &[u8]) -> Vec<Vec<u8>> {
    let words = text.split(|byte| *byte == b' ' || *byte == b'\n');
    words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The non-empty parts of a path.
pub fn parts(path: &[u8]) -> Vec<Name> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The parts of a path as the kernel takes them: a final slash asks for a folder, like a dot.
fn steps(path: &[u8]) -> VecDeque<Name> {
    let mut steps: VecDeque<Name> = parts(path).into();
    if path.ends_with(b"/") {
        steps.push_back(b".".to_vec());
    }
    steps
}

fn spelled(real: &[Name]) -> Vec<u8> {
    real.iter().flat_map(|part| [b"/", &part[..]].concat()).collect()
}
