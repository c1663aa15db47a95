//! The order in which Nix links packages, and the number each is linked at.
//!
//! Active elements' paths come first, by priority, then path; a path that is
//! there twice counts at its lowest number. Then come the packages they
//! propagate, in rounds: all that a round's packages name and nobody linked yet,
//! sorted by path, at 1000, 1001, … and so on over the rounds. A path that is
//! popped uses up a number even if it was linked meanwhile.

use std::collections::HashSet;
use std::sync::Arc;

use super::contributor::join;
use super::{LinkedPackage, TreeProblem};
use crate::core::file_tree::{Basis, FileTrees, Package, PathBytes, Propagated, Root};
use crate::core::store_path::StorePath;

/// The number of the first propagated package.
const FIRST_PROPAGATED: i32 = 1000;

/// The file, below a package, that names what it propagates.
const PROPAGATED_LIST: &[u8] = b"nix-support/propagated-user-env-packages";

/// Packages in linking order, and what was noticed on the way.
pub(super) struct LinkingOrder<'a> {
    /// All that took part, those that are left out too.
    pub packages: Vec<LinkedPackage>,
    /// Those with a folder to walk, in the same order: index into `packages`, real path, links.
    pub roots: Vec<(usize, &'a PathBytes, u8)>,
    pub problems: Vec<TreeProblem>,
    /// Packages that are not known yet.
    pub unknown: Vec<PathBytes>,
    /// Packages that are not there yet, and come along with one that is known by its listing.
    pub absent: Vec<PathBytes>,
    /// The least sure of all.
    pub basis: Basis,
    trees: &'a FileTrees,
    /// By [`collapsed`] path, as Nix compares paths.
    done: HashSet<PathBytes>,
    /// Named by a list and not linked when the list was read.
    postponed: Vec<PathBytes>,
    /// Named by the list of a package that is not there yet.
    coming: HashSet<PathBytes>,
}

impl<'a> LinkingOrder<'a> {
    /// Puts the active elements' paths in order and follows what they propagate.
    pub fn of(packages: &[(StorePath, i32)], trees: &'a FileTrees) -> Self {
        let mut order = Self {
            packages: Vec::with_capacity(packages.len()),
            roots: Vec::with_capacity(packages.len()),
            problems: Vec::new(),
            unknown: Vec::new(),
            absent: Vec::new(),
            basis: Basis::Exact,
            trees,
            done: HashSet::with_capacity(packages.len()),
            postponed: Vec::new(),
            coming: HashSet::new(),
        };
        let mut active: Vec<_> = packages.iter().map(|(path, priority)| (*priority, path.as_str())).collect();
        active.sort_unstable();
        for (priority, path) in active {
            let known = trees.packages.get_key_value(path.as_bytes());
            let path = known.map_or_else(|| Arc::from(path.as_bytes()), |(path, _)| Arc::clone(path));
            order.add(LinkedPackage { path, priority, propagated: false });
        }
        let mut priority = FIRST_PROPAGATED;
        while !order.postponed.is_empty() {
            for path in sorted_set(std::mem::take(&mut order.postponed)) {
                order.add(LinkedPackage { path, priority, propagated: true });
                priority = priority.saturating_add(1);
            }
        }
        order
    }

    fn add(&mut self, package: LinkedPackage) {
        if !self.done.insert(collapsed(&package.path)) {
            return;
        }
        if let Some(known) = self.trees.packages.get(&package.path) {
            self.add_known(&package, known);
        } else {
            self.unknown.push(Arc::clone(&package.path));
            self.basis = Basis::Unknown;
        }
        self.packages.push(package);
    }

    fn add_known(&mut self, package: &LinkedPackage, known: &'a Package) {
        let path = &package.path;
        self.basis = self.basis.min(known.basis);
        match &known.root {
            Root::Directory { real_path, links_followed } => {
                self.roots.push((self.packages.len(), real_path, *links_followed));
            }
            Root::File => {}
            // Not here yet, and nobody can tell what will be in it.
            Root::Missing if known.basis == Basis::Unknown => {}
            Root::Missing if self.coming.contains(path) => {
                self.absent.push(Arc::clone(path));
                self.basis = Basis::Unknown;
            }
            Root::Missing => self.problems.push(TreeProblem::MissingPackage { package: Arc::clone(path) }),
            Root::Unreadable(reason) => self.unreadable(Arc::clone(path), reason),
        }
        match &known.propagated {
            Propagated::Paths(paths) => {
                if known.basis == Basis::Listing {
                    self.coming.extend(paths.iter().cloned());
                }
                let new = paths.iter().filter(|path| !self.done.contains(&collapsed(path)));
                self.postponed.extend(new.cloned());
            }
            Propagated::Unreadable(reason) => self.unreadable(join(path, PROPAGATED_LIST).into(), reason),
        }
    }

    fn unreadable(&mut self, path: PathBytes, reason: &Arc<str>) {
        self.problems.push(TreeProblem::Unreadable { path, reason: Arc::clone(reason) });
    }
}

impl LinkedPackage {
    /// Which of two packages of one tree is linked first.
    pub(super) fn linking_order(&self, other: &Self) -> std::cmp::Ordering {
        let by_number = (self.propagated, self.priority).cmp(&(other.propagated, other.priority));
        by_number.then_with(|| {
            if Arc::ptr_eq(&self.path, &other.path) {
                std::cmp::Ordering::Equal
            } else {
                self.path.cmp(&other.path)
            }
        })
    }
}

/// The path as Nix compares it: part by part, so that a doubled slash counts once.
fn collapsed(path: &PathBytes) -> PathBytes {
    if !path.windows(2).any(|pair| pair == b"//") {
        return Arc::clone(path);
    }
    let mut bytes = path.to_vec();
    bytes.dedup_by(|next, before| *next == b'/' && *before == b'/');
    bytes.into()
}

/// What is left of a round's paths in a set ordered part by part; the first spelling stays.
fn sorted_set(mut paths: Vec<PathBytes>) -> Vec<PathBytes> {
    // No name holds a zero byte, so it stands for the end of a part, before every other byte.
    let key = |path: &PathBytes| -> Vec<u8> {
        collapsed(path).iter().map(|&byte| if byte == b'/' { 0 } else { byte }).collect()
    };
    paths.sort_by_cached_key(key);
    paths.dedup_by(|next, before| collapsed(next) == collapsed(before));
    paths
}
