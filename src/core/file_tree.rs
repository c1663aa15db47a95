//! What packages hold on disk, as far as it has been learnt.
//!
//! A package is a root and the folders below it. Folders are kept once each by
//! their real path and point to each other by it, so a symlink to a parent is a
//! cycle in the map and not an endless tree, and a folder outside its package
//! (a link into another package) is learnt only when a plan has to look inside.
//!
//! Only what the link tree asks is kept: the name of an entry, whether it is a
//! folder after following links, and how many links were followed on the way.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::store_path::StorePath;
use super::visible;

/// A path or a path part as bytes; names need not be UTF-8.
pub type PathBytes = Arc<[u8]>;

/// Everything learnt about packages and folders.
#[derive(Clone, Debug, Default)]
pub struct FileTrees {
    /// By the path as written in a manifest or a propagated list.
    pub packages: HashMap<PathBytes, Package>,
    /// By real path (all symlinks resolved).
    pub directories: Directories,
}

/// Known folders by real path: a map that is copied only when it is written to while shared.
///
/// A link tree keeps the map it was made from. Two trees made from the very same map can share
/// subtrees without looking at a single folder in them; that must not rest on anyone's promise
/// that a known folder never changes, so it rests on [`Directories::is_same`].
#[derive(Clone, Default)]
pub struct Directories(Arc<DirectoryMap>);

/// Tens of thousands of paths of a hundred bytes each: hashing them is what costs, hence not the
/// standard library's hasher. This one is seeded at random too.
type DirectoryMap = HashMap<PathBytes, Arc<Directory>, foldhash::fast::RandomState>;

/// One package: what its root is, and what it propagates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What stands at the package's path.
    pub root: Root,
    /// Words of `nix-support/propagated-user-env-packages`, verbatim, in file order.
    pub propagated: Propagated,
    /// How sure this is.
    pub basis: Basis,
}

/// What `nix-support/propagated-user-env-packages` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Propagated {
    /// The paths it names; none if the file does not exist.
    Paths(Vec<PathBytes>),
    /// It exists and cannot be read, which ends Nix's build.
    Unreadable(Arc<str>),
}

/// What a package's path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A folder, or a link to one.
    Directory {
        /// Where the folder's entries are found in [`FileTrees::directories`].
        real_path: PathBytes,
        /// How many symlinks stand between the path and the folder.
        links_followed: u8,
    },
    /// A plain file, a `.drv`, a link to one, or a path that leads through one (`ENOTDIR`): left out
    /// with a warning.
    File,
    /// Nothing, or a dangling link: ends Nix's build.
    Missing,
    /// Cannot be looked at; ends Nix's build. Holds the system's words.
    Unreadable(Arc<str>),
}

/// How a package's contents are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Not known.
    #[default]
    Unknown,
    /// From a binary cache's listing.
    Listing,
    /// Read on disk.
    Exact,
}

/// The entries of one folder, sorted by name bytes. Names that start with a dot are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Sorted by [`Entry::name`], no repeats.
    pub entries: Vec<Entry>,
    /// Set when the folder itself could not be listed; ends Nix's build when it is entered.
    pub unreadable: Option<Arc<str>>,
    /// Other store objects that links in this folder lead into, by base name, sorted: of an environment
    /// the packages that it is made of. As far as that was read on disk.
    pub leads_into: Vec<PathBytes>,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, raw bytes, without slashes.
    pub name: PathBytes,
    /// What it is after following links.
    pub kind: EntryKind,
    /// Symlinks followed from the folder's real path to get there; for a dangling link, until
    /// the part that does not exist.
    pub links_followed: u8,
}

/// What an entry is after following links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Anything that is not a folder.
    File,
    /// A folder, by its real path.
    Directory(PathBytes),
    /// A link whose target does not exist: skipped with a warning.
    Dangling,
    /// `stat` fails otherwise (a loop, no permission): ends Nix's build.
    Unreadable(Arc<str>),
}

impl Entry {
    /// Whether it is a folder after following links.
    pub fn is_directory(&self) -> bool {
        matches!(self.kind, EntryKind::Directory(_))
    }
}

impl FileTrees {
    /// Takes over everything `other` knows. A folder that reads the same as before stays the same
    /// value, so link trees stay shared across it.
    pub fn absorb(&mut self, other: Self) {
        self.packages.extend(other.packages);
        if self.directories.is_empty() {
            self.directories = other.directories;
            return;
        }
        let news: Vec<_> = (other.directories.iter())
            .filter(|(path, directory)| self.directories.get(*path) != Some(*directory))
            .map(|(path, directory)| (Arc::clone(path), Arc::clone(directory)))
            .collect();
        if !news.is_empty() {
            self.directories.extend(news);
        }
    }

    /// The files and links of a package, relative to it, sorted; a folder that lies outside it is one
    /// link. `None` where its contents are not known, or it is not there.
    pub fn files_of(&self, path: &StorePath) -> Option<Vec<String>> {
        let package = self.packages.get(path.as_str().as_bytes())?;
        let root = match &package.root {
            _ if package.basis == Basis::Unknown => return None,
            Root::Directory { real_path, .. } => real_path,
            Root::File => return Some(vec![String::new()]),
            Root::Missing | Root::Unreadable(_) => return None,
        };
        let mut files = Vec::new();
        let mut folders = vec![(Vec::new(), Arc::clone(root))];
        while let Some((shown, real_path)) = folders.pop() {
            let Some(folder) = self.directories.get(&real_path) else { continue };
            for entry in &folder.entries {
                let below: Vec<u8> = match shown.as_slice() {
                    [] => entry.name.to_vec(),
                    shown => [shown, b"/", &entry.name].concat(),
                };
                match &entry.kind {
                    EntryKind::Directory(inside)
                        if inside.starts_with(&real_path) && entry.links_followed == 0 =>
                    {
                        folders.push((below, Arc::clone(inside)));
                    }
                    _ => files.push(visible::bytes(&below)),
                }
            }
        }
        files.sort_unstable();
        Some(files)
    }
}

impl Directories {
    /// An empty map with room for so many folders.
    pub fn with_capacity(folders: usize) -> Self {
        Self(Arc::new(DirectoryMap::with_capacity_and_hasher(
            folders,
            foldhash::fast::RandomState::default(),
        )))
    }

    /// Whether both are the same map, not merely equal ones; costs nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Directories {
    type Target = DirectoryMap;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Directories {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl FromIterator<(PathBytes, Arc<Directory>)> for Directories {
    fn from_iter<I: IntoIterator<Item = (PathBytes, Arc<Directory>)>>(folders: I) -> Self {
        Self(Arc::new(folders.into_iter().collect()))
    }
}

/// Only how many: a tree prints its map too, and that is tens of thousands of folders.
impl std::fmt::Debug for Directories {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Directories({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PathBytes {
        Arc::from(text.as_bytes())
    }

    fn folder(entries: &[(&str, EntryKind)]) -> Arc<Directory> {
        let entry = |(name, kind): &(&str, EntryKind)| Entry {
            name: path(name),
            kind: kind.clone(),
            links_followed: 0,
        };
        Arc::new(Directory {
            entries: entries.iter().map(entry).collect(),
            unreadable: None,
            leads_into: Vec::new(),
        })
    }

    fn below(text: &str) -> EntryKind {
        EntryKind::Directory(path(text))
    }

    fn trees() -> FileTrees {
        let mut trees = FileTrees::default();
        let root = Root::Directory { real_path: path("/s/a"), links_followed: 0 };
        let propagated = Propagated::Paths(Vec::new());
        trees.packages.insert(path("/s/a"), Package { root, propagated, basis: Basis::Exact });
        let root = [
            ("bin", below("/s/a/bin")),
            ("nix-support", below("/s/a/nix-support")),
            ("other", below("/s/ab/lib")),
            ("readme", EntryKind::File),
        ];
        trees.directories.insert(path("/s/a"), folder(&root));
        let bin = [("again", below("/s/a/bin")), ("gone", EntryKind::Dangling), ("x", EntryKind::File)];
        trees.directories.insert(path("/s/a/bin"), folder(&bin));
        trees
    }

    #[test]
    fn learning_what_is_known_keeps_the_map_and_the_folders() {
        let mut trees = trees();
        let before = trees.directories.clone();
        trees.absorb(self::trees());
        assert!(trees.directories.is_same(&before));
        let news = [(path("/s/a/bin"), folder(&[])), (path("/s/a/new"), folder(&[]))];
        trees.absorb(FileTrees { directories: news.into_iter().collect(), ..FileTrees::default() });
        assert!(!trees.directories.is_same(&before));
        assert!(Arc::ptr_eq(&trees.directories[&b"/s/a"[..]], &before[&b"/s/a"[..]]));
        assert_eq!(trees.directories[&b"/s/a/bin"[..]].entries.len(), 0);
        assert_eq!((before.len(), trees.directories.len()), (2, 3));
    }
}
