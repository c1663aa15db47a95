//! Store paths and what refers to what: what a garbage collection would take, and what not.
//!
//! A path is needed if a root leads to it over references. Two settings of Nix add to that:
//! with `keep-derivations` (on unless told otherwise) a needed path keeps the derivation it
//! was built by, with `keep-outputs` a needed derivation keeps what it builds. What only some
//! roots need is the difference of two such sets; sizes are not part of the rule.

use std::collections::{HashMap, HashSet};

use super::store_path::StorePath;

/// What the store has recorded of a valid path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathInfo {
    /// The path.
    pub path: StorePath,
    /// The length of its NAR in bytes.
    pub nar_size: u64,
    /// What it refers to, itself perhaps among them.
    pub references: Vec<StorePath>,
    /// The derivation it was built by, which need not be valid.
    pub deriver: Option<StorePath>,
}

/// What keeps a store path from being collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The link, as the store names it; `{temp:7}` or a file of `/proc` for what a process uses.
    pub link: String,
    /// Where it leads.
    pub path: StorePath,
}

/// What a needed path keeps beside its references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepRules {
    /// The derivation it was built by.
    pub derivations: bool,
    /// What a derivation builds.
    pub outputs: bool,
}

impl Default for KeepRules {
    fn default() -> Self {
        Self { derivations: true, outputs: false }
    }
}

/// Valid paths with their references.
#[derive(Clone, Debug, Default)]
pub struct StoreGraph {
    paths: HashMap<StorePath, PathInfo>,
    outputs: HashMap<StorePath, Vec<StorePath>>,
}

impl StoreGraph {
    /// The graph of what was learnt.
    pub fn new(paths: impl IntoIterator<Item = PathInfo>) -> Self {
        let mut graph = Self::default();
        graph.absorb(paths);
        graph
    }

    /// Takes over more paths.
    pub fn absorb(&mut self, paths: impl IntoIterator<Item = PathInfo>) {
        for info in paths {
            if self.paths.contains_key(&info.path) {
                continue;
            }
            if let Some(deriver) = &info.deriver {
                self.outputs.entry(deriver.clone()).or_default().push(info.path.clone());
            }
            self.paths.insert(info.path.clone(), info);
        }
    }

    /// What is known of a path.
    pub fn get(&self, path: &StorePath) -> Option<&PathInfo> {
        self.paths.get(path)
    }

    /// The derivations that paths of the graph were built by and that are not in it, sorted: with
    /// [`KeepRules::derivations`] they must be learnt, as far as they are valid.
    pub fn unknown_derivers(&self) -> Vec<StorePath> {
        let mut derivers: Vec<StorePath> =
            self.outputs.keys().filter(|deriver| !self.paths.contains_key(*deriver)).cloned().collect();
        derivers.sort_unstable();
        derivers
    }

    /// All that these paths need, themselves too; what is not in the graph counts as not valid.
    pub fn needed_by<'a>(
        &'a self,
        paths: impl IntoIterator<Item = &'a StorePath>,
        rules: KeepRules,
    ) -> HashSet<&'a StorePath> {
        let mut needed = HashSet::new();
        let mut waiting: Vec<&StorePath> = paths.into_iter().collect();
        while let Some(path) = waiting.pop() {
            let Some(info) = self.paths.get(path) else { continue };
            if !needed.insert(path) {
                continue;
            }
            waiting.extend(&info.references);
            if rules.derivations {
                waiting.extend(&info.deriver);
            }
            if rules.outputs {
                waiting.extend(self.outputs.get(path).into_iter().flatten());
            }
        }
        needed
    }

    /// What nothing needs any more once `doomed` are no roots and `kept` still are, sorted. What is
    /// needed by neither is not told.
    pub fn freed(&self, doomed: &[StorePath], kept: &[StorePath], rules: KeepRules) -> Vec<StorePath> {
        let still = self.needed_by(kept, rules);
        let before = self.needed_by(doomed, rules);
        let mut freed: Vec<StorePath> = before.difference(&still).map(|path| (*path).clone()).collect();
        freed.sort_unstable();
        freed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    fn path(name: &str) -> StorePath {
        StorePath::from_parts(&StoreDir::new("/s"), [u8::try_from(name.len()).unwrap(); 20], name).unwrap()
    }

    fn info(name: &str, references: &[&str], deriver: Option<&str>) -> PathInfo {
        PathInfo {
            path: path(name),
            nar_size: 1,
            references: references.iter().map(|name| path(name)).collect(),
            deriver: deriver.map(path),
        }
    }

    fn names(paths: &[StorePath]) -> Vec<&str> {
        let mut names: Vec<&str> = paths.iter().map(StorePath::name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_others_need_stays() {
        let graph = StoreGraph::new([
            info("old", &["tool", "shared", "old"], None),
            info("new", &["shared"], None),
            info("tool", &["library"], None),
            info("library", &["tool"], None),
            info("shared", &[], None),
        ]);
        let rules = KeepRules::default();
        assert_eq!(names(&graph.freed(&[path("old")], &[path("new")], rules)), ["library", "old", "tool"]);
        assert_eq!(names(&graph.freed(&[path("old")], &[path("new"), path("tool")], rules)), ["old"]);
        assert_eq!(graph.freed(&[path("old")], &[path("old")], rules), []);
        assert_eq!(graph.freed(&[path("gone")], &[], rules), []);
    }

    #[test]
    fn derivations_go_with_the_last_of_what_they_built() {
        let graph = StoreGraph::new([
            info("old", &["out"], None),
            info("new", &["lib"], None),
            info("out", &[], Some("x.drv")),
            info("lib", &[], Some("x.drv")),
            info("x.drv", &["source"], None),
            info("source", &[], None),
        ]);
        let freed = |kept: &[StorePath], derivations, outputs| {
            let freed = graph.freed(&[path("old")], kept, KeepRules { derivations, outputs });
            names(&freed).join(" ")
        };
        assert_eq!(freed(&[], true, false), "old out source x.drv");
        assert_eq!(freed(&[path("new")], true, false), "old out");
        assert_eq!(freed(&[path("x.drv")], false, true), "old");
        assert_eq!(freed(&[path("x.drv")], false, false), "old out");
        let part = StoreGraph::new([info("out", &[], Some("x.drv"))]);
        assert_eq!(part.unknown_derivers(), [path("x.drv")]);
        assert_eq!(graph.unknown_derivers(), []);
    }
}
