//! Settles the names of one folder, starting from what an earlier tree has there.
//!
//! Names that no new, gone or moved contributor claims keep their node; the others
//! are settled again. A first build is the case where all contributors are new.
//! Contributors that did not change are the same pointers, and both lists are in
//! linking order, so telling who changed is one walk over the two.
//!
//! Rejected: sorting all claims of a folder again on every build. `bin` of a big
//! profile has thousands, and a change of one priority touches a dozen of them.

use std::sync::Arc;

use super::builder::{Builder, Pending};
use super::contributor::{Contributor, Entrance, Source};
use super::directory::{Claim, Link, LinkDirectory, Node, claimed, side};
use super::standing::{CollisionCounts, Role, settle};
use crate::core::file_tree::{EntryKind, PathBytes};

/// A folder being merged.
pub(super) struct Merge<'m, 'a> {
    builder: &'m mut Builder<'a>,
    contributors: &'m [Arc<Contributor>],
    earlier: &'m LinkDirectory,
    folder: LinkDirectory,
    pending: Vec<Pending>,
    /// The claims and roles of the name in hand, kept to save allocations.
    claims: Vec<Claim>,
    roles: Vec<Role>,
}

/// A merged folder, without its contributors, and the real folders in it that are still empty.
pub(super) struct Merged {
    pub folder: LinkDirectory,
    pub pending: Vec<Pending>,
}

/// A claim that the earlier folder does not have.
struct Fresh<'m> {
    /// The name's first eight bytes as a number: settles most comparisons.
    prefix: u64,
    name: &'m PathBytes,
    claim: Claim,
}

impl<'m, 'a> Merge<'m, 'a> {
    pub fn new(
        builder: &'m mut Builder<'a>,
        contributors: &'m [Arc<Contributor>],
        earlier: &'m LinkDirectory,
    ) -> Self {
        let (folder, pending) = (LinkDirectory::default(), Vec::new());
        Self { builder, contributors, earlier, folder, pending, claims: Vec::new(), roles: Vec::new() }
    }

    /// Walks the earlier names and the fresh claims side by side.
    pub fn run(mut self) -> Merged {
        let (kept, fresh) = self.changes();
        let fresh = self.fresh_claims(&fresh);
        self.reserve(fresh.len());
        let mut groups = fresh.chunk_by(|left, right| left.name == right.name).peekable();
        for (slot, (name, node)) in self.earlier.entries.iter().enumerate() {
            while let Some(group) = groups.next_if(|group| group[0].name < name) {
                self.claims.clear();
                self.settle(group, None);
            }
            let group = groups.next_if(|group| group[0].name == name).unwrap_or(&[]);
            let before = self.earlier.claims_on(slot);
            self.claims.clear();
            self.claims.extend(before.iter().filter_map(|claim| {
                kept[claim.contributor].map(|contributor| Claim { contributor, entry: claim.entry })
            }));
            if group.is_empty() && self.claims.len() == before.len() {
                self.carry_over(slot, name, node);
            } else {
                self.settle(group, Some(node));
            }
        }
        for group in groups {
            self.claims.clear();
            self.settle(group, None);
        }
        Merged { folder: self.folder, pending: self.pending }
    }

    /// For each earlier contributor its new index if it is still there, and the indices of new ones.
    fn changes(&self) -> (Vec<Option<usize>>, Vec<usize>) {
        let mut kept = vec![None; self.earlier.contributors.len()];
        let mut fresh = Vec::new();
        let mut earlier = self.earlier.contributors.iter().enumerate().peekable();
        for (index, contributor) in self.contributors.iter().enumerate() {
            let order = |it: &Contributor| it.package.linking_order(&contributor.package);
            while earlier.next_if(|(_, it)| order(it).is_lt()).is_some() {}
            match earlier.next_if(|(_, it)| Arc::ptr_eq(it, contributor)) {
                Some((then, _)) => kept[then] = Some(index),
                None => fresh.push(index),
            }
        }
        (kept, fresh)
    }

    /// The claims of new contributors by name, then in linking order.
    fn fresh_claims(&self, contributors: &[usize]) -> Vec<Fresh<'m>> {
        let all: &'m [Arc<Contributor>] = self.contributors;
        let claims_of = |&contributor: &usize| {
            all[contributor].claims().map(move |(entry, it)| Fresh {
                prefix: prefix(&it.name),
                name: &it.name,
                claim: Claim { contributor, entry },
            })
        };
        let mut fresh: Vec<_> = contributors.iter().flat_map(claims_of).collect();
        fresh.sort_unstable_by(|left, right| {
            let by_name = left.prefix.cmp(&right.prefix).then_with(|| left.name.cmp(right.name));
            by_name.then_with(|| left.claim.contributor.cmp(&right.claim.contributor))
        });
        fresh
    }

    fn reserve(&mut self, fresh: usize) {
        self.folder.claims.reserve_exact(self.earlier.claims.len() + fresh);
        // Of a first build's claims most have a name of their own.
        self.folder.entries.reserve(self.earlier.entries.len());
        self.folder.claim_ends.reserve(self.earlier.entries.len());
    }

    /// Keeps a name as it was; its claims are in hand with their new indices.
    fn carry_over(&mut self, slot: usize, name: &PathBytes, node: &Node) {
        let here = self.folder.entries.len();
        if let Node::Directory(below) = node {
            if self.builder.shares(below) {
                self.builder.size += below.counts.links + below.counts.folders;
            } else {
                let refreshed = |it: &Arc<Contributor>| it.refreshed(self.builder.directories);
                let contributors = below.contributors.iter().map(refreshed).collect();
                self.pending.push(Pending { slot: here, contributors, earlier: Arc::clone(below) });
            }
        }
        let collided = &self.earlier.collided;
        if let Ok(index) = collided.binary_search_by_key(&slot, |(slot, _)| *slot) {
            self.folder.collided.push((here, collided[index].1));
        }
        self.push(Arc::clone(name), node.clone());
    }

    /// Lets the claims in hand and the group's meet. A name that nobody claims any more is gone.
    fn settle(&mut self, group: &[Fresh<'_>], earlier: Option<&Node>) {
        let merged = !self.claims.is_empty();
        self.claims.extend(group.iter().map(|fresh| fresh.claim));
        if merged {
            self.claims.sort_unstable_by_key(|claim| claim.contributor);
        }
        let Some(&first) = self.claims.first() else { return };
        let all = self.contributors;
        let name = &claimed(all, first).1.name;
        settle(self.claims.iter().map(|&claim| side(all, claim)), &mut self.roles);
        let node = match self.roles.iter().position(|role| *role == Role::Linked) {
            Some(winner) => Node::Link(link(all, self.claims[winner])),
            None => self.real_folder(name, earlier),
        };
        if self.claims.len() > 1 {
            let collisions =
                CollisionCounts::on_path(&self.roles, |claim| side(all, self.claims[claim]).priority);
            if !collisions.is_empty() {
                self.folder.collided.push((self.folder.entries.len(), collisions));
            }
        }
        self.push(Arc::clone(name), node);
    }

    /// Puts the merged claims down as contributors of a real folder that is built later.
    fn real_folder(&mut self, name: &'m PathBytes, earlier: Option<&Node>) -> Node {
        let all = self.contributors;
        let merged = self.claims.iter().zip(&self.roles).filter(|(_, role)| **role == Role::Merged);
        let entrances = merged.enumerate().filter_map(|(place, (&claim, _))| {
            let (parent, entry) = claimed(all, claim);
            let EntryKind::Directory(real_path) = &entry.kind else { return None };
            // The first one was a link that Nix resolves and walks again.
            let (source, links_followed) = match place {
                0 => (Source::Whole(real_path), 0),
                _ => (Source::Below(&parent.source, name), parent.links_followed + entry.links_followed),
            };
            Some(Entrance { package: &parent.package, source, links_followed, real_path })
        });
        let earlier = match earlier {
            Some(Node::Directory(below)) => below,
            _ => &self.builder.empty,
        };
        let contributors = self.builder.enter(entrances, earlier);
        let slot = self.folder.entries.len();
        self.pending.push(Pending { slot, contributors, earlier: Arc::clone(earlier) });
        Node::Directory(Arc::clone(&self.builder.empty))
    }

    fn push(&mut self, name: PathBytes, node: Node) {
        self.folder.entries.push((name, node));
        self.folder.claims.extend_from_slice(&self.claims);
        self.folder.claim_ends.push(self.folder.claims.len());
    }
}

fn link(contributors: &[Arc<Contributor>], claim: Claim) -> Link {
    let (contributor, entry) = claimed(contributors, claim);
    Link {
        source: Arc::clone(&contributor.source),
        package: Arc::clone(&contributor.package.path),
        priority: contributor.package.priority,
        folder: entry.is_directory(),
    }
}

fn prefix(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = name.len().min(8);
    bytes[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(bytes)
}
