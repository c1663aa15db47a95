//! The values a tree is made of: real folders, links, and what is counted in them.
//!
//! A folder remembers who contributed to it and who claimed each name. That is the
//! memo that planning again starts from, and what collisions are told from when
//! somebody asks: a folder without collisions keeps nothing about them.

use std::sync::Arc;

use super::contributor::{Contributor, join};
use super::standing::{CollisionCounts, Side};
use crate::core::file_tree::{Entry, PathBytes};

/// A folder of the profile that is a real folder.
#[derive(Clone, Debug, Default)]
pub struct LinkDirectory {
    /// Sorted by name bytes.
    pub entries: Vec<(PathBytes, Node)>,
    /// What is in this folder and below.
    pub counts: Counts,
    /// In linking order.
    pub(super) contributors: Vec<Arc<Contributor>>,
    /// Who claims which name: by name, then in linking order. Every claimed name has an entry.
    pub(super) claims: Vec<Claim>,
    /// Where each entry's claims end in `claims`.
    pub(super) claim_ends: Vec<usize>,
    /// The entries on which something collides, by index.
    pub(super) collided: Vec<(usize, CollisionCounts)>,
    /// Whether it would hold itself again and again, and was left empty.
    pub(super) is_endless: bool,
}

/// What a folder of the profile holds, itself and below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Links.
    pub links: usize,
    /// Real folders, without the folder itself.
    pub folders: usize,
    /// Collisions.
    pub collisions: CollisionCounts,
    /// Contributors that fail or are not known, and folders without end.
    pub(super) troubled: usize,
}

/// What stands under a name.
#[derive(Clone, Debug)]
pub enum Node {
    /// A symlink into a package.
    Link(Link),
    /// A real folder, because several packages bring it.
    Directory(Arc<LinkDirectory>),
}

/// One symlink of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The folder of the target: package path and what was walked below it.
    pub source: PathBytes,
    /// The package it belongs to, as in [`super::LinkedPackage::path`].
    pub package: PathBytes,
    /// The number it was linked at.
    pub priority: i32,
    /// Whether the target is a folder, linked whole.
    pub folder: bool,
}

/// One contributor's entry, by index into both lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub contributor: usize,
    pub entry: usize,
    /// Known from the two, kept here because settling a name needs nothing else.
    pub side: Side,
}

impl Link {
    /// Where it points; `path` is its own path or name in the profile.
    pub fn target(&self, path: &[u8]) -> Vec<u8> {
        join(&self.source, path.rsplit(|byte| *byte == b'/').next().unwrap_or(path))
    }
}

impl LinkDirectory {
    /// A folder that would never end.
    pub(super) fn endless(contributors: Vec<Arc<Contributor>>) -> Arc<Self> {
        let mut folder = Self { contributors, is_endless: true, ..Self::default() };
        folder.recount();
        Arc::new(folder)
    }

    /// What stands under a name.
    pub fn entry(&self, name: &[u8]) -> Option<&Node> {
        self.slot(name).map(|slot| &self.entries[slot].1)
    }

    pub(super) fn slot(&self, name: &[u8]) -> Option<usize> {
        self.entries.binary_search_by(|(entry, _)| (**entry).cmp(name)).ok()
    }

    /// The claims on an entry, in linking order.
    pub(super) fn claims_on(&self, slot: usize) -> &[Claim] {
        let start = slot.checked_sub(1).map_or(0, |before| self.claim_ends[before]);
        &self.claims[start..self.claim_ends[slot]]
    }

    /// Counts from the entries what lies in the folder and below.
    pub(super) fn recount(&mut self) {
        let mut counts = Counts::default();
        for (_, node) in &self.entries {
            match node {
                Node::Link(_) => counts.links += 1,
                Node::Directory(below) => counts.add_folder(below),
            }
        }
        for (_, collisions) in &self.collided {
            counts.collisions += *collisions;
        }
        let troubled = |it: &&Arc<Contributor>| it.directory.is_none() || !it.problems.is_empty();
        counts.troubled += usize::from(self.is_endless);
        counts.troubled += self.contributors.iter().filter(troubled).count();
        self.counts = counts;
    }
}

impl Counts {
    fn add_folder(&mut self, folder: &LinkDirectory) {
        self.links += folder.counts.links;
        self.folders += folder.counts.folders + 1;
        self.collisions += folder.counts.collisions;
        self.troubled += folder.counts.troubled;
    }
}

pub(super) fn claimed(contributors: &[Arc<Contributor>], claim: Claim) -> (&Arc<Contributor>, &Entry) {
    let contributor = &contributors[claim.contributor];
    (contributor, &contributor.entries()[claim.entry])
}
