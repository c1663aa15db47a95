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
use std::sync::Arc;

/// A path or a path part as bytes; names need not be UTF-8.
pub type PathBytes = Arc<[u8]>;

/// Everything learnt about packages and folders.
#[derive(Clone, Debug, Default)]
pub struct FileTrees {
    /// By the path as written in a manifest or a propagated list.
    pub packages: HashMap<PathBytes, Package>,
    /// By real path (all symlinks resolved).
    pub directories: HashMap<PathBytes, Arc<Directory>>,
}

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
    /// A plain file, a `.drv`, or a link to one: left out with a warning.
    File,
    /// Nothing, or a dangling link: ends Nix's build.
    Missing,
    /// Cannot be looked at; ends Nix's build. Holds the system's words.
    Unreadable(Arc<str>),
}

/// How a package's contents are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Not known.
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
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, raw bytes, without slashes.
    pub name: PathBytes,
    /// What it is after following links.
    pub kind: EntryKind,
    /// Symlinks followed from the folder's real path to get there.
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

impl FileTrees {
    /// Takes over everything `other` knows.
    pub fn absorb(&mut self, other: Self) {
        self.packages.extend(other.packages);
        self.directories.extend(other.directories);
    }
}
