//! What deleting generations frees once garbage is collected: the closure of each, minus what
//! every other root still needs, in the bytes that Nix will say it freed.
//!
//! Asks the store once ([`GenerationSpace::learn`]), which takes as long as listing everything
//! that is in use; after that any set of generations is answered from memory and the disk. What
//! is garbage already, whatever is deleted, is not counted here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::core::store_graph::{KeepRules, StoreGraph};
use crate::core::store_path::StorePath;
use crate::system::disk_space;
use crate::system::machine::Watch;
use crate::system::profile_folder::ProfileFolder;

use super::Context;

/// What is known of the store's roots and of what they need.
#[derive(Clone, Debug)]
pub struct GenerationSpace {
    graph: StoreGraph,
    rules: KeepRules,
    /// Each root with the place of its link.
    roots: Vec<(PathBuf, StorePath)>,
    /// Number, place of the link, store path.
    generations: Vec<(u64, PathBuf, StorePath)>,
}

/// What becomes free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// The store paths, sorted.
    pub paths: Vec<StorePath>,
    /// Their bytes on disk, as a garbage collection counts them.
    pub bytes: u64,
}

impl GenerationSpace {
    /// Learns it from the store. Reads, and changes nothing.
    pub fn learn(context: &Context, watch: &Watch<'_>) -> anyhow::Result<Self> {
        let folder = ProfileFolder::new(&context.profile)?;
        let store_dir = context.store.store_dir();
        let mut generations = Vec::new();
        for generation in folder.generations()? {
            let link = folder.generation_link(generation.number);
            // One that leads out of the store keeps nothing in it.
            if let (Some(link), Ok(path)) = (link, StorePath::parse(store_dir, &generation.target)) {
                generations.push((generation.number, place(&link), path));
            }
        }
        let roots: Vec<(PathBuf, StorePath)> = context
            .store
            .roots(watch)?
            .into_iter()
            .map(|root| (place(Path::new(&root.link)), root.path))
            .collect();
        let wanted: BTreeSet<StorePath> = roots
            .iter()
            .map(|(_, path)| path)
            .chain(generations.iter().map(|(_, _, path)| path))
            .cloned()
            .collect();
        let wanted: Vec<StorePath> = wanted.into_iter().collect();
        let rules = context.store.keep_rules();
        let mut graph = StoreGraph::new(context.store.closure(&wanted, watch)?);
        let derivers = graph.unknown_derivers();
        if rules.derivations && !derivers.is_empty() {
            graph.absorb(context.store.closure(&derivers, watch)?);
        }
        Ok(Self { graph, rules, roots, generations })
    }

    /// What deleting these generations frees, all of them together.
    pub fn freed(&self, numbers: &[u64]) -> anyhow::Result<Freed> {
        let doomed = || self.generations.iter().filter(|(number, _, _)| numbers.contains(number));
        let links: BTreeSet<&PathBuf> = doomed().map(|(_, link, _)| link).collect();
        let targets: Vec<StorePath> = doomed().map(|(_, _, path)| path.clone()).collect();
        // A generation that is no root (made by hand) keeps nothing, but stays all the same.
        let kept: Vec<StorePath> = self
            .roots
            .iter()
            .filter(|(link, _)| !links.contains(link))
            .map(|(_, path)| path.clone())
            .collect();
        let paths = self.graph.freed(&targets, &kept, self.rules);
        let bytes = disk_space::freed_by_deleting(&paths)?;
        Ok(Freed { paths, bytes })
    }

    /// What each generation alone keeps from being collected, in ascending order.
    pub fn only_here(&self) -> anyhow::Result<Vec<(u64, Freed)>> {
        let numbers: BTreeSet<u64> = self.generations.iter().map(|(number, _, _)| *number).collect();
        numbers.into_iter().map(|number| Ok((number, self.freed(&[number])?))).collect()
    }
}

/// Where a link stands, its folder without links: the store names its roots so.
fn place(link: &Path) -> PathBuf {
    let folder = link.parent().and_then(|folder| folder.canonicalize().ok());
    match (folder, link.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => link.to_owned(),
    }
}
