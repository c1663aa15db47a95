//! What a plan needs and the store does not have yet, and what that leaves open.
//!
//! A package that is not here is planned by its listing in a binary cache. Where nobody lists it, its
//! element is *awaited*: the links that it has now are neither gone nor there in the tree as it would be.

use std::collections::{BTreeSet, HashSet};

use super::{Plan, ToRealise};
use crate::core::facts::Facts;
use crate::core::file_tree::{Basis, PathBytes, Root};
use crate::core::link_tree::{
    CommandDifference, Link, LinkDifference, LinkDirectory, LinkTree, Node, TreeNeeds,
};
use crate::core::manifest::ProfileManifest;
use crate::core::store_path::{StoreDir, StorePath};

/// What of the packages that were asked about is not in the store.
#[derive(Default)]
pub(super) struct Absent {
    pub realise: Vec<ToRealise>,
    /// Paths that nobody has looked for yet.
    pub unknown: TreeNeeds,
    /// Paths that are not there, and whose contents nobody has asked the binary caches for.
    pub listings: Vec<StorePath>,
    /// Those of them that a build which failed may have left behind.
    pub unsure: Vec<StorePath>,
    /// Elements of whose packages nobody can tell what they hold before they are built.
    pub awaited: BTreeSet<String>,
}

impl Absent {
    /// What the profile holds already is kept by it, so the store need not be asked about that.
    pub fn among(wanted: Vec<ToRealise>, facts: &Facts, held: &ProfileManifest) -> Self {
        let mut absent = Self::default();
        if wanted.is_empty() {
            return absent;
        }
        let held: HashSet<&StorePath> =
            held.elements.values().flat_map(|element| &element.store_paths).collect();
        for wanted in wanted {
            let mut is_here = true;
            for path in wanted.paths() {
                let bytes = path.as_str().as_bytes();
                let Some(package) = facts.trees.packages.get(bytes) else {
                    absent.unknown.packages.push(PathBytes::from(bytes));
                    if !held.contains(path) {
                        absent.unsure.push(path.clone());
                    }
                    continue;
                };
                is_here &= package.basis == Basis::Exact && package.root != Root::Missing;
                if package.basis == Basis::Unknown {
                    absent.awaited.insert(wanted.element.clone());
                }
                if package.basis == Basis::Exact && package.root == Root::Missing {
                    absent.listings.push(path.clone());
                }
            }
            if !is_here {
                absent.realise.push(wanted);
            }
        }
        absent
    }

    /// Packages that are propagated by those that are not there.
    pub fn coming_along(&mut self, tree: &LinkTree, store_dir: &StoreDir) {
        let texts = tree.absent.iter().filter_map(|path| str::from_utf8(path).ok());
        self.listings.extend(texts.filter_map(|text| StorePath::parse(store_dir, text).ok()));
        self.listings.sort_unstable();
        self.listings.dedup();
    }
}

/// What becomes of a link that the tree as it would be does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes.
    Gone,
    /// Nobody knows yet what its element will hold.
    Awaited,
    /// Its package stays; only because of what is awaited it seems to be linked otherwise.
    Stays,
}

impl Plan {
    /// Whether nobody knows yet what some elements will hold.
    pub fn awaits_any(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// What becomes of a link that only the profile as it is has.
    pub fn fate(&self, link: &Link) -> Fate {
        if !self.awaits_any() {
            return Fate::Gone;
        }
        match self.element_before(&link.package) {
            Some(element) if self.awaited.contains(element) => Fate::Awaited,
            _ if self.tree_after.packages.iter().any(|package| package.path == link.package) => Fate::Stays,
            _ => Fate::Gone,
        }
    }

    /// Whether there is something awaited below a folder of the profile as it is, which may therefore
    /// stay a real one.
    pub fn is_awaited_below(&self, folder: &LinkDirectory) -> bool {
        self.awaits_any()
            && folder.entries.iter().any(|(_, node)| match node {
                Node::Link(link) => self.fate(link) == Fate::Awaited,
                Node::Directory(below) => self.is_awaited_below(below),
            })
    }

    /// What changes, link by link; what is awaited is no part of it.
    pub fn link_difference(&self) -> LinkDifference {
        let mut found = self.tree_after.difference(&self.tree_before);
        if self.awaits_any() {
            found.removed.retain(|(_, link)| self.fate(link) == Fate::Gone);
            let folds = |path: &[u8]| match self.tree_before.get(path) {
                Some(Node::Directory(folder)) => self.is_awaited_below(&folder),
                _ => false,
            };
            found.added.retain(|(path, link)| !(link.folder && folds(path)));
        }
        found
    }

    /// Which commands come and go; what is awaited is no part of it.
    pub fn command_difference(&self) -> CommandDifference {
        let mut found = self.tree_after.command_difference(&self.tree_before);
        if self.awaits_any() {
            let awaits = |name: &PathBytes| {
                self.tree_before.link_of_command(name).is_some_and(|link| self.fate(link) == Fate::Awaited)
            };
            found.removed.retain(|name| !awaits(name));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::core::change::Change;
    use crate::core::test_world::World;
    use crate::core::visible;

    fn removed(world: &World) -> [String; 2] {
        let plan = world.plan();
        let links = plan.link_difference().removed.into_iter().map(|(path, _)| visible::bytes(&path));
        let commands = plan.command_difference().removed;
        let commands = commands.iter().map(|name| visible::bytes(name)).collect::<Vec<_>>();
        [links.collect::<Vec<_>>().join(" "), commands.join(" ")]
    }

    #[test]
    fn what_an_unknown_package_had_is_not_gone() {
        let bat = World::new().installed("bat-1", 5, &["bin/bat", "bin/batgrep"]).of_nixpkgs("bat");
        let upgrade = || Change::Upgrade { element: "bat".to_owned() };
        let mut alone = bat.newer("bat", "bat-2", None);
        alone.nobody_lists("bat-2");
        alone.stage(vec![upgrade()]);
        assert_eq!(removed(&alone), ["", ""]);
        let mut other = alone.installed("jq-1", 5, &["bin/jq", "share/jq"]);
        assert_eq!(removed(&other), ["", ""]);
        other.stage(vec![Change::Remove { element: "jq".to_owned() }]);
        assert_eq!(removed(&other), ["bin/jq share", "jq"]);
        let mut known = World::new().installed("bat-1", 5, &["bin/bat", "bin/batgrep"]).of_nixpkgs("bat");
        known = known.newer("bat", "bat-2", Some(&["bin/bat"]));
        known.stage(vec![upgrade()]);
        assert_eq!(removed(&known), ["", "batgrep"]);
    }
}
