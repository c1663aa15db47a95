//! Computes a tree folder by folder, taking over from an earlier tree all that is the same.
//!
//! The names of one folder are settled in [`super::merge`]; here the real folders
//! among them wait for their turn, are entered with the right path (resolved for
//! the first contributor, as walked for the others), or are shared with the
//! earlier tree because their contributors are the same.
//!
//! Symlinks can lead a walk round in circles. Nix follows them until the kernel
//! refuses, which is 2⁴⁰ folders if two packages have two links to `.` each. A
//! folder with the same contributors as one above it would hold itself again, and
//! so on until a path is too long: the build is sure to fail, and is cut off there.
//!
//! Folders wait on a stack of our own: a package may be two thousand folders deep.

use std::sync::Arc;

use super::contributor::{Contributor, same_bytes};
use super::directory::{LinkDirectory, Node};
use super::merge::{Merge, Merged};
use super::order::LinkingOrder;
use crate::core::file_tree::{Directories, PathBytes};

/// More links and folders than any real profile has. Circles can be made so large that no folder
/// above is the same; Nix goes on until the disk is full.
pub(super) const MAX_ENTRIES: usize = 1_000_000;

/// Builds one tree.
pub(super) struct Builder<'a> {
    pub directories: &'a Directories,
    pub trust: Trust,
    /// Links and folders so far.
    pub size: usize,
    /// Stands where a folder is still to be built.
    pub empty: Arc<LinkDirectory>,
}

/// Whether an earlier tree was made from the very same map of folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Yes: equal contributors have equal subtrees.
    SameFacts,
    /// No: every folder in a subtree is looked up again.
    OtherFacts,
}

/// A real folder that is still to be merged.
pub(super) struct Pending {
    /// Its index in the folder above.
    pub slot: usize,
    pub contributors: Vec<Arc<Contributor>>,
    /// What the earlier tree has at its path.
    pub earlier: Arc<LinkDirectory>,
}

/// A folder whose names are settled and whose real folders are being built.
struct Frame {
    slot: usize,
    folder: LinkDirectory,
    pending: Vec<Pending>,
    earlier: Arc<LinkDirectory>,
}

/// What becomes of a [`Pending`].
enum Opened {
    Shared(usize, Arc<LinkDirectory>),
    Merged(Box<Frame>),
}

impl<'a> Builder<'a> {
    pub fn new(directories: &'a Directories, trust: Trust) -> Self {
        Self { directories, trust, size: 0, empty: Arc::default() }
    }

    /// Whether the tree was cut off at [`MAX_ENTRIES`].
    pub fn is_too_large(&self) -> bool {
        self.size > MAX_ENTRIES
    }

    /// Builds the profile's root and everything below it.
    pub fn build(&mut self, order: &LinkingOrder<'_>, earlier: &Arc<LinkDirectory>) -> Arc<LinkDirectory> {
        let contributors = self.root_contributors(order, earlier);
        let mut stack = match self.open(Pending { slot: 0, contributors, earlier: Arc::clone(earlier) }) {
            Opened::Shared(_, root) => return root,
            Opened::Merged(frame) => vec![frame],
        };
        while let Some(frame) = stack.last_mut() {
            if let Some(pending) = frame.pending.pop() {
                if stack.iter().any(|above| is_repetition(&pending.contributors, &above.folder.contributors))
                {
                    place(&mut stack, pending.slot, LinkDirectory::endless(pending.contributors));
                    continue;
                }
                match self.open(pending) {
                    Opened::Shared(slot, folder) => place(&mut stack, slot, folder),
                    Opened::Merged(frame) => stack.push(frame),
                }
            } else if let Some((slot, folder)) = stack.pop().map(|frame| frame.finish()) {
                if stack.is_empty() {
                    return folder;
                }
                place(&mut stack, slot, folder);
            }
        }
        Arc::default()
    }

    /// The packages' roots, taken from the earlier tree where they are the same.
    fn root_contributors(&self, order: &LinkingOrder<'_>, earlier: &LinkDirectory) -> Vec<Arc<Contributor>> {
        let mut earlier = earlier.contributors.iter().peekable();
        let enter = |&(package, real_path, links_followed): &(usize, &PathBytes, u8)| {
            let package = &order.packages[package];
            while earlier.next_if(|it| it.package.linking_order(package).is_lt()).is_some() {}
            let same = earlier.next_if(|it| {
                it.package == *package
                    && it.links_followed == links_followed
                    && same_bytes(&it.real_path, real_path)
            });
            if let Some(same) = same {
                return self.current(same);
            }
            let source = Arc::clone(&package.path);
            Contributor::new(package, source, links_followed, real_path, self.directories)
        };
        order.roots.iter().map(enter).collect()
    }

    /// An earlier contributor as it is now.
    pub fn current(&self, earlier: &Arc<Contributor>) -> Arc<Contributor> {
        match self.trust {
            Trust::SameFacts => Arc::clone(earlier),
            Trust::OtherFacts => earlier.refreshed(self.directories),
        }
    }

    /// Whether a folder with the same contributors is the same. Not where something failed: what
    /// is cut off depends on the folders above too.
    pub fn shares(&self, earlier: &LinkDirectory) -> bool {
        self.trust == Trust::SameFacts && earlier.counts.troubled == 0
    }

    fn open(&mut self, pending: Pending) -> Opened {
        let Pending { slot, contributors, earlier } = pending;
        if self.is_too_large() {
            return Opened::Shared(slot, Arc::clone(&self.empty));
        }
        let earlier = if earlier.is_endless { Arc::clone(&self.empty) } else { earlier };
        if self.shares(&earlier) && same_contributors(&contributors, &earlier.contributors) {
            self.size += earlier.counts.links + earlier.counts.folders;
            return Opened::Shared(slot, earlier);
        }
        let Merged { mut folder, pending } = Merge::new(self, &contributors, &earlier).run();
        self.size += folder.entries.len();
        folder.contributors = contributors;
        Opened::Merged(Box::new(Frame { slot, folder, pending, earlier }))
    }
}

impl Frame {
    /// The finished folder: the earlier one if everything in it turned out the same.
    fn finish(mut self) -> (usize, Arc<LinkDirectory>) {
        let same = same_contributors(&self.folder.contributors, &self.earlier.contributors)
            && self.folder.entries.len() == self.earlier.entries.len()
            && self.folder.entries.iter().zip(&self.earlier.entries).all(|pair| match pair {
                ((_, Node::Directory(now)), (_, Node::Directory(then))) => Arc::ptr_eq(now, then),
                _ => true,
            });
        if same {
            return (self.slot, self.earlier);
        }
        self.folder.recount();
        (self.slot, Arc::new(self.folder))
    }
}

/// Puts a finished folder where its name stands.
fn place(stack: &mut [Box<Frame>], slot: usize, folder: Arc<LinkDirectory>) {
    if let Some(above) = stack.last_mut() {
        above.folder.entries[slot].1 = Node::Directory(folder);
    }
}

/// Whether a folder settles exactly as one above it did.
fn is_repetition(below: &[Arc<Contributor>], above: &[Arc<Contributor>]) -> bool {
    below.len() == above.len() && below.iter().zip(above).all(|(below, above)| below.settles_like(above))
}

fn same_contributors(left: &[Arc<Contributor>], right: &[Arc<Contributor>]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| Arc::ptr_eq(left, right))
}
