//! The symlink tree of a profile, and everything that collides in it.
//!
//! (Problem, method and reasons to be written by whoever fills this in.)

use std::sync::Arc;

use super::file_tree::{Basis, FileTrees, PathBytes};
use super::store_path::StorePath;

/// The tree that Nix would link for a list of packages, or what stands in its way.
#[derive(Clone, Debug)]
pub struct LinkTree {
    /// The profile's root folder.
    pub root: Arc<LinkDirectory>,
    /// Packages in the order they were linked, propagated ones last.
    pub packages: Vec<LinkedPackage>,
    /// What would end Nix's build other than a collision.
    pub problems: Vec<TreeProblem>,
    /// Paths that are not known yet; while there are any, the tree is a guess.
    pub needs: TreeNeeds,
    /// The least sure of the packages' bases.
    pub basis: Basis,
}

/// What must be learnt before the tree is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNeeds {
    /// Packages that are not in [`FileTrees::packages`].
    pub packages: Vec<PathBytes>,
    /// Folders that are not in [`FileTrees::directories`].
    pub directories: Vec<PathBytes>,
}

impl TreeNeeds {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.directories.is_empty()
    }

    /// Takes over what `other` needs, without repeats.
    pub fn absorb(&mut self, other: &Self) {
        extend_unique(&mut self.packages, &other.packages);
        extend_unique(&mut self.directories, &other.directories);
    }
}

fn extend_unique(list: &mut Vec<PathBytes>, more: &[PathBytes]) {
    let known: std::collections::HashSet<PathBytes> = list.iter().cloned().collect();
    list.extend(more.iter().filter(|path| !known.contains(*path)).cloned());
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

/// A folder of the profile that is a real folder.
#[derive(Clone, Debug, Default)]
pub struct LinkDirectory {
    /// Sorted by name bytes.
    pub entries: Vec<(PathBytes, Node)>,
    /// Links in this folder and below.
    pub link_count: usize,
    // whoever fills this in adds the folder's own collisions, subtree counts and the memo key
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
    /// The package it belongs to, as in [`LinkedPackage::path`].
    pub package: PathBytes,
    /// The number it was linked at.
    pub priority: i32,
    /// Whether the target is a folder, linked whole.
    pub folder: bool,
}

impl Link {
    /// The link's target, when it stands at `path`: its source and the path's last part.
    pub fn target(&self, path: &[u8]) -> Vec<u8> {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        [&self.source[..], b"/", name].concat()
    }
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
}

/// All collisions of a tree, each list sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collisions {
    /// Equal priority on one path: Nix refuses.
    pub ties: Vec<Tie>,
    /// File against folder: Nix refuses whatever the numbers.
    pub type_clashes: Vec<TypeClash>,
    /// Hidden by a stronger claimant.
    pub shadowed: Vec<Shadowed>,
    /// Losers that tie among themselves.
    pub latent: Vec<Latent>,
}

/// Who claims a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// The package, as in [`LinkedPackage::path`].
    pub package: PathBytes,
    /// The number it is linked at.
    pub priority: i32,
    /// Whether it brings a folder here.
    pub folder: bool,
    /// Where the claimed thing is: the target its link would have.
    pub target: PathBytes,
}

/// Two or more claimants at the lowest priority of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// The priority they share.
    pub priority: i32,
    /// In the order Nix meets them.
    pub claimants: Vec<Claimant>,
}

/// A file meets a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeClash {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// All who claim the path, in the order Nix meets them.
    pub claimants: Vec<Claimant>,
}

/// A winner and those it hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// Whose link stands there.
    pub winner: Claimant,
    /// Hidden, strongest first.
    pub losers: Vec<Claimant>,
}

/// Losers of equal priority: a tie as soon as the winner goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latent {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// The priority the losers share.
    pub priority: i32,
    /// Whose link hides them.
    pub winner: Claimant,
    /// The losers at that priority.
    pub claimants: Vec<Claimant>,
}

impl Collisions {
    /// How many stand in the way of applying.
    pub fn blocking(&self) -> usize {
        self.ties.len() + self.type_clashes.len()
    }
}

impl LinkTree {
    /// Links packages as Nix does (NIX.md, "The symlink tree"). `packages` are the store paths of
    /// active elements with their priority, in any order, repeats allowed. `previous` only speeds
    /// things up: folders whose contributors did not change are shared with it.
    pub fn build(packages: &[(StorePath, i32)], trees: &FileTrees, previous: Option<&Self>) -> Self {
        let _ = (packages, trees, previous);
        todo!()
    }

    /// Every collision; a tree without any costs nothing.
    pub fn collisions(&self) -> Collisions {
        todo!()
    }

    /// All links with their path (no leading slash), in byte order of the path's parts.
    pub fn links(&self) -> Vec<(Vec<u8>, Link)> {
        todo!()
    }

    /// What stands at a path (no leading slash, empty for the root), if anything.
    pub fn get(&self, path: &[u8]) -> Option<Node> {
        let _ = path;
        todo!()
    }

    /// Writes the profile's NAR with `manifest` as its `manifest.json`.
    pub fn write_nar<W: std::io::Write>(&self, manifest: &str, sink: W) -> std::io::Result<W> {
        let _ = (manifest, &sink);
        todo!()
    }

    /// What changes from `before` to `self`, link by link; shared folders are not walked.
    pub fn difference(&self, before: &Self) -> LinkDifference {
        let _ = before;
        todo!()
    }
}

/// Links that come, go or change, each list in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkDifference {
    /// Only after.
    pub added: Vec<(Vec<u8>, Link)>,
    /// Only before.
    pub removed: Vec<(Vec<u8>, Link)>,
    /// Path, before, after; targets differ.
    pub changed: Vec<(Vec<u8>, Link, Link)>,
}
