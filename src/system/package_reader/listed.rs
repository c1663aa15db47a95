//! Reads packages that are not here from the listings of binary caches, into the same file trees.
//!
//! A listing tells names and links of one store path. A link that leads into another one asks
//! for that one's listing, or for the disk if it is here; so listings are asked for in rounds,
//! until nothing new is met. What nobody tells leaves the package's basis unknown: a link into a
//! path without a listing, and the contents of a list of propagated packages, which listings lack.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use super::links::{Links, Outcome, Part, join, on_disk};
use crate::core::file_tree::{
    Basis, Directory, Entry, EntryKind, FileTrees, Package, PathBytes, Propagated, Root,
};
use crate::core::nar_listing::{ListedNode, NarListing};
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::StoreError;

/// A package made of links (a TeX, a Python with modules) leads into some hundred others; nothing
/// leads into as many as this.
const MOST_LISTINGS: usize = 4096;

/// Where a package's list of propagated packages is.
const PROPAGATED: [&str; 2] = ["nix-support", "propagated-user-env-packages"];

/// Finds listings of store paths, one answer each, in order.
pub type FindListings<'a> = dyn FnMut(&[StorePath]) -> Result<Vec<Option<NarListing>>, StoreError> + 'a;

/// Reads packages from listings. Each gets an entry; one without a listing has basis unknown and
/// counts as an empty folder.
pub fn read_listed(
    packages: &[StorePath],
    store_dir: &StoreDir,
    find: &mut FindListings<'_>,
) -> Result<FileTrees, StoreError> {
    let links = Links::new(store_dir);
    let mut listings = Listings { links: &links, store_dir, known: HashMap::new() };
    let mut wanted: BTreeSet<StorePath> = packages.iter().cloned().collect();
    while !wanted.is_empty() {
        let asked: Vec<StorePath> = wanted.into_iter().collect();
        let found = find(&asked)?;
        listings.known.extend(asked.into_iter().zip(found));
        let room = listings.known.len() < MOST_LISTINGS;
        wanted = if room { listings.missing(packages) } else { BTreeSet::new() };
    }
    let mut trees = FileTrees::default();
    for package in packages {
        let mut reading = Reading::new(&listings);
        let path = PathBytes::from(package.as_str().as_bytes());
        let read = reading.package(&path);
        trees.packages.insert(path, read);
        trees.directories.extend(reading.directories);
    }
    Ok(trees)
}

/// All listings found so far; `None` for those that no cache has.
struct Listings<'a> {
    links: &'a Links,
    store_dir: &'a StoreDir,
    known: HashMap<StorePath, Option<NarListing>>,
}

/// What stands at a real path.
enum Found<'a> {
    Listed(&'a ListedNode),
    OnDisk,
    Nothing,
    /// In a store path that is not here and whose listing is not known.
    Unknown(StorePath),
}

impl Listings<'_> {
    /// Store paths whose listings are still to be asked for.
    fn missing(&self, packages: &[StorePath]) -> BTreeSet<StorePath> {
        let mut missing = BTreeSet::new();
        for package in packages {
            let mut reading = Reading::new(self);
            reading.package(&PathBytes::from(package.as_str().as_bytes()));
            missing.extend(reading.unknown);
        }
        missing.retain(|path| !self.known.contains_key(path));
        missing
    }

    fn find(&self, real_path: &[u8]) -> Found<'_> {
        let Some(below) = self.links.below_store(real_path) else { return Found::OnDisk };
        let mut parts = below.split(|byte| *byte == b'/');
        let name = parts.next().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let Ok(path) = StorePath::parse(self.store_dir, &format!("{}/{name}", self.store_dir)) else {
            return Found::OnDisk;
        };
        match self.known.get(&path) {
            Some(Some(listing)) => listing.node(parts).map_or(Found::Nothing, Found::Listed),
            None if Path::new(path.as_str()).symlink_metadata().is_ok() => Found::OnDisk,
            // A path that was asked for and has no listing is not here either.
            Some(None) | None => Found::Unknown(path),
        }
    }
}

/// Where a path leads.
struct Destination {
    /// What is there; `None` if that depends on a store path that nobody tells about.
    outcome: Option<Outcome>,
    links: u8,
    /// The base name of the store object that it lies in.
    object: Option<PathBytes>,
}

/// One package on its way into a file tree.
struct Reading<'a> {
    listings: &'a Listings<'a>,
    directories: HashMap<PathBytes, Arc<Directory>>,
    /// What would have to be known for the tree to be sure.
    unknown: BTreeSet<StorePath>,
}

impl<'a> Reading<'a> {
    fn new(listings: &'a Listings<'a>) -> Self {
        Self { listings, directories: HashMap::new(), unknown: BTreeSet::new() }
    }

    fn package(&mut self, path: &PathBytes) -> Package {
        let Destination { outcome, links: links_followed, .. } = self.follow(b"/", path);
        let root = match outcome {
            Some(Outcome::Directory(real_path)) => {
                self.folders(real_path.clone());
                Root::Directory { real_path, links_followed }
            }
            Some(Outcome::File | Outcome::BelowFile) => Root::File,
            Some(Outcome::Missing) => Root::Missing,
            Some(Outcome::Unreadable(reason)) => Root::Unreadable(reason),
            None => {
                self.directories.insert(Arc::clone(path), Arc::new(Directory::default()));
                Root::Directory { real_path: Arc::clone(path), links_followed: 0 }
            }
        };
        let propagates = match &root {
            Root::Directory { real_path, .. } => {
                let list = PROPAGATED.join("/");
                !matches!(
                    self.follow(real_path, list.as_bytes()).outcome,
                    Some(Outcome::Missing | Outcome::BelowFile)
                )
            }
            _ => false,
        };
        let is_sure = self.unknown.is_empty() && !propagates;
        let basis = if is_sure { Basis::Listing } else { Basis::Unknown };
        Package { root, propagated: Propagated::Paths(Vec::new()), basis }
    }

    /// Reads the folder at a real path and those below it or linked from there, as far as they are
    /// listed; what is on disk is read when it is asked for.
    fn folders(&mut self, real_path: PathBytes) {
        let mut waiting = vec![real_path];
        while let Some(folder) = waiting.pop() {
            if self.directories.contains_key(&folder) {
                continue;
            }
            let Found::Listed(ListedNode::Directory(listed)) = self.listings.find(&folder) else { continue };
            let visible = listed.iter().filter(|(name, _)| !name.starts_with('.'));
            let mut entries = Vec::with_capacity(listed.len());
            let mut leads_into = Vec::new();
            for (name, node) in visible {
                let (kind, links_followed) = self.entry(&folder, name.as_bytes(), node, &mut leads_into);
                if let EntryKind::Directory(below) = &kind {
                    waiting.push(below.clone());
                }
                entries.push(Entry { name: PathBytes::from(name.as_bytes()), kind, links_followed });
            }
            let leads_into = self.listings.links.others(leads_into, &folder);
            self.directories.insert(folder, Arc::new(Directory { entries, unreadable: None, leads_into }));
        }
    }

    fn entry(
        &mut self,
        folder: &[u8],
        name: &[u8],
        node: &ListedNode,
        leads_into: &mut Vec<PathBytes>,
    ) -> (EntryKind, u8) {
        match node {
            ListedNode::File { .. } => (EntryKind::File, 0),
            ListedNode::Directory(_) => (EntryKind::Directory(join(folder, name)), 0),
            ListedNode::Link { .. } => {
                let Destination { outcome, links: links_followed, object } = self.follow(folder, name);
                leads_into.extend(object);
                let kind = match outcome {
                    Some(Outcome::Directory(path)) => EntryKind::Directory(path),
                    Some(Outcome::Missing | Outcome::BelowFile) => EntryKind::Dangling,
                    Some(Outcome::Unreadable(reason)) => EntryKind::Unreadable(reason),
                    // Most links of a package that nobody knows lead to files; the basis says that it
                    // is a guess.
                    Some(Outcome::File) | None => EntryKind::File,
                };
                (kind, links_followed)
            }
        }
    }

    /// Where a path leads.
    fn follow(&mut self, folder: &[u8], target: &[u8]) -> Destination {
        let mut unknown = None;
        let mut look = |real_path: &[u8]| match self.listings.find(real_path) {
            Found::Listed(ListedNode::Link { target }) => Part::Link(target.as_bytes().to_vec()),
            Found::Listed(ListedNode::File { .. }) => Part::File,
            Found::Listed(ListedNode::Directory(_)) => Part::NoLink,
            Found::OnDisk => match on_disk(real_path) {
                Part::NoLink if !Path::new(OsStr::from_bytes(real_path)).is_dir() => Part::File,
                part => part,
            },
            Found::Nothing => Part::Nothing,
            Found::Unknown(path) => {
                unknown = Some(path);
                Part::Nothing
            }
        };
        let walked = self.listings.links.walk(folder, target, &mut look);
        if let Some(path) = unknown {
            self.unknown.insert(path);
            let links = walked.map_or_else(|links| links, |(_, links)| links);
            return Destination { outcome: None, links, object: None };
        }
        let (outcome, links, object) = match walked {
            Ok((real_path, links)) => {
                let object = self.listings.links.object(&real_path).map(PathBytes::from);
                (self.outcome(&real_path), links, object)
            }
            Err(links) if links > super::links::LINK_LIMIT => {
                let words = std::io::Error::from(rustix::io::Errno::LOOP).to_string();
                (Outcome::Unreadable(Arc::from(words)), links, None)
            }
            Err(links) => (Outcome::Missing, links, None),
        };
        let object = object.filter(|_| matches!(outcome, Outcome::Directory(_) | Outcome::File));
        Destination { outcome: Some(outcome), links, object }
    }

    /// What stands at the end of a walk, where no link is.
    fn outcome(&self, real_path: &[u8]) -> Outcome {
        match self.listings.find(real_path) {
            Found::Listed(ListedNode::Directory(_)) => Outcome::Directory(PathBytes::from(real_path)),
            Found::Listed(_) => Outcome::File,
            Found::OnDisk => self.listings.links.follow(b"/", real_path).outcome,
            Found::Nothing | Found::Unknown(_) => Outcome::Missing,
        }
    }
}

#[cfg(test)]
mod tests;
