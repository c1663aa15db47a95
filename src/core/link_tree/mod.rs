//! The symlink tree of a profile, and everything that collides in it.
//!
//! **Problem.** Nix links packages one after the other into a folder on disk and
//! stops at the first conflict. We want the finished tree and *all* conflicts,
//! after every key, for profiles of 1,000 packages, without a disk.
//!
//! **Method.** The packages are put in Nix's order ([`order`]). Then the tree is
//! computed folder by folder ([`builder`]): a real folder has an ordered list of
//! contributors, each a package's folder, and what happens under one name depends
//! only on who among them has that name, in that order ([`standing`]). A folder
//! that one contributor brings is one link and is never looked into; a second one
//! makes it a real folder with contributors of its own. Nix works in another
//! sequence, package by package, with the same outcome, because a conflict or an
//! unfolding under one name never touches another name; `tests/link_tree/` holds
//! the two against each other on random worlds.
//!
//! **Speed.** A finished folder keeps its contributors and claims. A later build
//! shares every folder whose contributors are the same and settles only the names
//! that a changed contributor claims ([`merge`]). Sharing never changes a result.
//!
//! Example: packages `a` and `b` both have `bin/`, only `a` has `lib/`. The tree is
//! `lib -> a/lib`, a real `bin` with a link for each program, and a tie if both
//! bring `bin/hello` at one priority.

use std::sync::Arc;

use super::file_tree::{Basis, Directories, FileTrees, PathBytes};
use super::store_path::StorePath;

mod builder;
mod collisions;
mod commands;
mod contributor;
mod difference;
mod directory;
mod meeting;
mod merge;
mod order;
mod standing;
mod walk;

pub use collisions::{Claimant, Collisions, Latent, Shadowed, Tie, TypeClash};
pub use commands::CommandDifference;
pub use difference::LinkDifference;
pub use directory::{Counts, Link, LinkDirectory, Node};
pub use meeting::{Meetings, Met};
pub use standing::{CollisionCounts, Role};

use builder::{Builder, MAX_ENTRIES, Trust};
use order::LinkingOrder;
use walk::{Visit, Walk};

/// The tree that Nix would link for a list of packages, or what stands in its way.
#[derive(Clone, Debug)]
pub struct LinkTree {
    /// The profile's root folder.
    pub root: Arc<LinkDirectory>,
    /// Packages in the order they were linked, propagated ones last. Those that are left out
    /// (plain files, missing or unknown ones) are in the list too.
    pub packages: Vec<LinkedPackage>,
    /// What would end Nix's build other than a collision.
    pub problems: Vec<TreeProblem>,
    /// Paths that are not known yet; while there are any, the tree is a guess that takes them for
    /// empty.
    pub needs: TreeNeeds,
    /// Propagated packages that are not there, and come along with one that is not there either.
    pub absent: Vec<PathBytes>,
    /// The least sure of the packages' bases; unknown while there are needs.
    pub basis: Basis,
    /// The folders it was made from.
    directories: Directories,
}

/// What must be learnt before the tree is exact. Sorted, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNeeds {
    /// Packages that are not in [`FileTrees::packages`].
    pub packages: Vec<PathBytes>,
    /// Folders that are not in [`FileTrees::directories`], by real path.
    pub directories: Vec<PathBytes>,
}

/// A package that took part, with the number it was linked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPackage {
    /// As in the manifest, or verbatim from a propagated list.
    pub path: PathBytes,
    /// The element's priority, or 1000 and up.
    pub priority: i32,
    /// Whether it came from a propagated list.
    pub propagated: bool,
}

/// Something other than a collision that ends Nix's build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeProblem {
    /// A package's path does not exist.
    #[error("'{}' does not exist", super::visible::bytes(.package))]
    MissingPackage {
        /// The package's path.
        package: PathBytes,
    },
    /// Something below a package cannot be looked at.
    #[error("cannot read '{}': {reason}", super::visible::bytes(.path))]
    Unreadable {
        /// The path as walked.
        path: PathBytes,
        /// The system's words.
        reason: Arc<str>,
    },
    /// Links that lead back into themselves ask for a tree without end. Nix would fill the disk.
    #[error("the profile would have more than {limit} links and folders")]
    TooLarge {
        /// Where firn gave up.
        limit: usize,
    },
}

impl TreeNeeds {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.directories.is_empty()
    }

    /// Takes over what `other` needs.
    pub fn absorb(&mut self, other: &Self) {
        self.packages.extend_from_slice(&other.packages);
        self.directories.extend_from_slice(&other.directories);
        self.tidy();
    }

    fn tidy(&mut self) {
        for paths in [&mut self.packages, &mut self.directories] {
            paths.sort_unstable();
            paths.dedup();
        }
    }
}

impl LinkTree {
    /// Links packages as Nix does (NIX.md, "The symlink tree"). `packages` are the store paths of
    /// active elements with their priority, in any order, repeats allowed. `previous`, any other
    /// tree, only speeds things up: what did not change is shared with it.
    pub fn build(packages: &[(StorePath, i32)], trees: &FileTrees, previous: Option<&Self>) -> Self {
        let order = LinkingOrder::of(packages, trees);
        let previous = previous.filter(|previous| !previous.is_too_large());
        let (root, too_large) = Self::link(&order, &trees.directories, previous);
        // Where a tree is cut off depends on what was shared; without sharing it depends on nothing.
        let (root, too_large) = match (too_large, previous) {
            (true, Some(_)) => Self::link(&order, &trees.directories, None),
            _ => (root, too_large),
        };
        let mut tree = Self {
            root,
            packages: order.packages,
            problems: order.problems,
            needs: TreeNeeds { packages: order.unknown, directories: Vec::new() },
            absent: order.absent,
            basis: order.basis,
            directories: trees.directories.clone(),
        };
        if too_large {
            tree.problems.push(TreeProblem::TooLarge { limit: MAX_ENTRIES });
        }
        tree.gather_troubles();
        tree
    }

    fn link(
        order: &LinkingOrder<'_>,
        directories: &Directories,
        previous: Option<&Self>,
    ) -> (Arc<LinkDirectory>, bool) {
        let trust = match previous {
            Some(previous) if !previous.directories.is_same(directories) => Trust::OtherFacts,
            _ => Trust::SameFacts,
        };
        let mut builder = Builder::new(directories, trust);
        let earlier = previous.map(|previous| Arc::clone(&previous.root)).unwrap_or_default();
        let root = builder.build(order, &earlier);
        (root, builder.is_too_large())
    }

    fn is_too_large(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem, TreeProblem::TooLarge { .. }))
    }

    /// Collects problems and needs from the folders that have any, in the order of paths.
    fn gather_troubles(&mut self) {
        let (problems, needs) = (&mut self.problems, &mut self.needs);
        let mut gather = |folder: &LinkDirectory| {
            for contributor in &folder.contributors {
                problems.extend(contributor.problems.iter().cloned());
                if contributor.directory.is_none() {
                    needs.directories.push(Arc::clone(&contributor.real_path));
                }
            }
            if folder.is_endless {
                problems.extend(folder.contributors.last().map(|last| last.endless()));
            }
        };
        let troubled = |folder: &LinkDirectory| folder.counts.troubled > 0;
        if troubled(&self.root) {
            gather(&self.root);
        }
        let mut walk = Walk::below(&self.root, troubled);
        while let Some(visit) = walk.next() {
            let Visit::Entry { folder, slot } = visit else { continue };
            if let Node::Directory(below) = &folder.entries[slot].1
                && troubled(below)
            {
                gather(below);
            }
        }
        self.needs.tidy();
        if !self.needs.is_empty() {
            self.basis = Basis::Unknown;
        }
    }
}
