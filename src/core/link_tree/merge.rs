//! Settles the names of one folder, starting from what an earlier tree has there.
//!
//! Names that no new, gone or moved contributor claims keep their node; the others
//! are settled again. A first build is the case where all contributors are new.
//! Contributors that did not change are the same pointers, and both lists are in
//! linking order, so telling who changed is one walk over the two.
//!
//! Rejected: sorting all claims of a folder again on every build. `bin` of a big
//! profile has thousands, and a change of one priority touches a dozen of them.

use std::ops::Range;
use std::sync::Arc;

use super::builder::{Builder, Pending};
use super::contributor::{Contributor, join};
use super::directory::{Claim, Link, LinkDirectory, Node, claimed};
use super::standing::{CollisionCounts, Role, Side, roles, settle};
use crate::core::file_tree::{EntryKind, PathBytes};

/// A folder being merged.
pub(super) struct Merge<'m, 'a> {
    builder: &'m mut Builder<'a>,
    contributors: &'m [Arc<Contributor>],
    earlier: &'m LinkDirectory,
    folder: LinkDirectory,
    pending: Vec<Pending>,
    /// The claims on the name in hand, in linking order; kept to save allocations.
    claims: Vec<Claim>,
    /// For each of them its place among the earlier claims on the name, if it was there.
    origins: Vec<Option<usize>>,
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
        Self {
            builder,
            contributors,
            earlier,
            folder: LinkDirectory::default(),
            pending: Vec::new(),
            claims: Vec::new(),
            origins: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Walks the earlier names and the fresh claims side by side.
    pub fn run(mut self) -> Merged {
        let (kept, fresh) = self.changes();
        let fresh = self.fresh_claims(&fresh);
        self.reserve(fresh.len());
        let names = &self.earlier.entries;
        let mut slot = 0;
        for group in fresh.chunk_by(|left, right| left.name == right.name) {
            let name = group[0].name;
            // Fresh names are few where an earlier tree helps: searching beats comparing every name.
            let next = slot + names[slot..].partition_point(|(earlier, _)| earlier < name);
            self.keep(slot..next, &kept);
            slot = next;
            match names.get(slot) {
                Some((earlier, node)) if earlier == name => {
                    let before = self.earlier.claims_on(slot);
                    self.gather(before, &kept, group);
                    self.settle(Some((before, node)));
                    slot += 1;
                }
                _ => {
                    self.gather(&[], &kept, group);
                    self.settle(None);
                }
            }
        }
        self.keep(slot..names.len(), &kept);
        Merged { folder: self.folder, pending: self.pending }
    }

    /// Goes through earlier names without fresh claims; those that lost one are settled again.
    fn keep(&mut self, slots: Range<usize>, kept: &[Option<usize>]) {
        for slot in slots {
            let (name, node) = &self.earlier.entries[slot];
            let before = self.earlier.claims_on(slot);
            self.gather(before, kept, &[]);
            if self.claims.len() == before.len() {
                self.carry_over(slot, name, node);
            } else {
                self.settle(Some((before, node)));
            }
        }
    }

    /// Takes a name in hand: what is left of the earlier claims on it, and the fresh ones.
    fn gather(&mut self, before: &[Claim], kept: &[Option<usize>], fresh: &[Fresh<'_>]) {
        self.claims.clear();
        self.origins.clear();
        let mut fresh = fresh.iter().map(|fresh| fresh.claim).peekable();
        for (origin, claim) in before.iter().enumerate() {
            let Some(contributor) = kept[claim.contributor] else { continue };
            while let Some(claim) = fresh.next_if(|fresh| fresh.contributor < contributor) {
                self.claims.push(claim);
                self.origins.push(None);
            }
            self.claims.push(Claim { contributor, ..*claim });
            self.origins.push(Some(origin));
        }
        self.claims.extend(fresh);
        self.origins.resize(self.claims.len(), None);
    }

    /// For each earlier contributor its new index if it is still there, and the indices of new ones.
    fn changes(&self) -> (Vec<Option<usize>>, Vec<usize>) {
        let mut kept = vec![None; self.earlier.contributors.len()];
        let mut fresh = Vec::new();
        let mut earlier = self.earlier.contributors.iter().enumerate().peekable();
        for (index, contributor) in self.contributors.iter().enumerate() {
            // Nearly all are the same and at the front: that costs no look at what they hold.
            let mut same = earlier.next_if(|(_, it)| Arc::ptr_eq(it, contributor));
            if same.is_none() {
                let order = |it: &Contributor| it.package.linking_order(&contributor.package);
                while earlier.next_if(|(_, it)| order(it).is_lt()).is_some() {}
                same = earlier.next_if(|(_, it)| Arc::ptr_eq(it, contributor));
            }
            match same {
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
            let priority = all[contributor].package.priority;
            all[contributor].claims().map(move |(entry, it)| {
                let side = Side { priority, folder: it.is_directory() };
                Fresh { prefix: prefix(&it.name), name: &it.name, claim: Claim { contributor, entry, side } }
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

    /// Lets the claims in hand meet. A name that nobody claims any more is gone.
    fn settle(&mut self, earlier: Option<(&[Claim], &Node)>) {
        let Some(&first) = self.claims.first() else { return };
        let all = self.contributors;
        let name = &claimed(all, first).1.name;
        settle(self.claims.iter().map(|claim| claim.side), &mut self.roles);
        let node = match self.roles.iter().position(|role| *role == Role::Linked) {
            Some(winner) => Node::Link(link(all, self.claims[winner])),
            None => self.real_folder(name, earlier),
        };
        if self.claims.len() > 1 {
            let collisions = CollisionCounts::on_path(&self.roles, |claim| self.claims[claim].side.priority);
            if !collisions.is_empty() {
                self.folder.collided.push((self.folder.entries.len(), collisions));
            }
        }
        self.push(Arc::clone(name), node);
    }

    /// Puts the merged claims down as contributors of a real folder that is built later.
    fn real_folder(&mut self, name: &PathBytes, earlier: Option<(&[Claim], &Node)>) -> Node {
        let (below, known) = match earlier {
            Some((before, Node::Directory(below))) => (below, contributors_by_claim(before, below)),
            _ => (&self.builder.empty, Vec::new()),
        };
        let merged = (0..self.claims.len()).filter(|&claim| self.roles[claim] == Role::Merged);
        let contributor = |(place, claim): (usize, usize)| {
            // The first one was a link that Nix resolves and walks again.
            let is_first = place == 0;
            let origin = self.origins[claim].and_then(|origin| *known.get(origin)?);
            match origin {
                Some(same)
                    if is_first == below.contributors.first().is_some_and(|it| Arc::ptr_eq(it, same)) =>
                {
                    Some(self.builder.current(same))
                }
                _ => self.contributor(self.claims[claim], name, is_first),
            }
        };
        let contributors = merged.enumerate().filter_map(contributor).collect();
        let slot = self.folder.entries.len();
        self.pending.push(Pending { slot, contributors, earlier: Arc::clone(below) });
        Node::Directory(Arc::clone(&self.builder.empty))
    }

    fn contributor(&self, claim: Claim, name: &[u8], is_first: bool) -> Option<Arc<Contributor>> {
        let (parent, entry) = claimed(self.contributors, claim);
        let EntryKind::Directory(real_path) = &entry.kind else { return None };
        let (source, links_followed) = if is_first {
            (Arc::clone(real_path), 0)
        } else {
            (join(&parent.source, name).into(), parent.links_followed + entry.links_followed)
        };
        Some(Contributor::new(&parent.package, source, links_followed, real_path, self.builder.directories))
    }

    fn push(&mut self, name: PathBytes, node: Node) {
        self.folder.entries.push((name, node));
        self.folder.claims.extend_from_slice(&self.claims);
        self.folder.claim_ends.push(self.folder.claims.len());
    }
}

/// The contributor that each of the earlier claims on a folder became, if it was merged.
fn contributors_by_claim<'e>(
    before: &[Claim],
    below: &'e LinkDirectory,
) -> Vec<Option<&'e Arc<Contributor>>> {
    let mut contributors = below.contributors.iter();
    let roles = roles(before.iter().map(|claim| claim.side)).into_iter();
    roles.map(|role| if role == Role::Merged { contributors.next() } else { None }).collect()
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
