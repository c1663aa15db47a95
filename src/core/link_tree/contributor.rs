//! One package's part in one folder of the profile: where the folder was walked
//! to, what it really is, and which of its entries Nix would look at.
//!
//! Contributors are values that never change and are shared between trees. Two
//! folders with the very same contributors (by pointer) have the same contents,
//! which is what makes planning again after a change cheap.

use std::sync::Arc;

use super::{LinkedPackage, TreeProblem};
use crate::core::file_tree::{Directories, Directory, Entry, EntryKind, PathBytes};

/// Linux follows this many symlinks in one path; the next is `ELOOP`.
const MAX_LINKS: usize = 40;

/// The longest path Linux takes, without the final zero byte. It bounds the depth of a tree too:
/// in every real folder below the root all contributors but the first are walked, not resolved,
/// so each level makes a walked path at least two bytes longer.
const MAX_PATH: usize = 4095;

/// Entries that Nix never links, by name alone. `info/dir` is the one that needs its folder.
pub(super) const SKIPPED: [&[u8]; 6] =
    [b"propagated-build-inputs", b"nix-support", b"perllocal.pod", b"log", b"manifest.nix", b"manifest.json"];

/// One package's part in one folder.
#[derive(Debug)]
pub(super) struct Contributor {
    /// The package, and its place in the order.
    pub package: LinkedPackage,
    /// The folder as Nix spells it: as walked, or resolved for the first one in an unfolded link.
    pub source: PathBytes,
    /// Symlinks on the way along `source`.
    pub links_followed: u8,
    /// The folder's key in the facts.
    pub real_path: PathBytes,
    /// What is in it; `None` while that is not known.
    pub directory: Option<Arc<Directory>>,
    /// What would end Nix's build when it goes through the folder.
    pub problems: Vec<TreeProblem>,
}

/// What Nix does with an entry.
enum Admission {
    Claims,
    Skipped,
    Fails(Arc<str>),
}

impl Contributor {
    /// A package's part in the folder at `real_path`, reached along `source`.
    pub fn new(
        package: &LinkedPackage,
        source: PathBytes,
        links_followed: u8,
        real_path: &PathBytes,
        directories: &Directories,
    ) -> Arc<Self> {
        let mut contributor = Self {
            package: package.clone(),
            source,
            links_followed,
            real_path: Arc::clone(real_path),
            directory: directories.get(real_path).cloned(),
            problems: Vec::new(),
        };
        contributor.problems = contributor.find_problems();
        Arc::new(contributor)
    }

    /// The same contributor with what is known of its folder now.
    pub fn refreshed(self: &Arc<Self>, directories: &Directories) -> Arc<Self> {
        let current = match (directories.get(&self.real_path), &self.directory) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        if current {
            return Arc::clone(self);
        }
        let source = Arc::clone(&self.source);
        Self::new(&self.package, source, self.links_followed, &self.real_path, directories)
    }

    /// The folder's entries; none while they are not known.
    pub fn entries(&self) -> &[Entry] {
        self.directory.as_ref().map_or(&[], |directory| &directory.entries)
    }

    /// The entries that get as far as being linked or meeting something, with their index.
    pub fn claims(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let reach = Reach::of(self);
        let claims = move |(_, entry): &(usize, &Entry)| matches!(reach.admit(entry), Admission::Claims);
        self.entries().iter().enumerate().filter(claims)
    }

    /// The path of an entry as Nix spells it.
    pub fn target(&self, name: &[u8]) -> PathBytes {
        join(&self.source, name).into()
    }

    /// Whether the two claim the same names with the same outcome, however they were walked to.
    pub fn settles_like(&self, other: &Self) -> bool {
        same_bytes(&self.real_path, &other.real_path)
            && same_bytes(&self.package.path, &other.package.path)
            && Reach::of(self).info == Reach::of(other).info
    }

    /// The problem of a folder that holds itself.
    pub fn endless(&self) -> TreeProblem {
        TreeProblem::Unreadable { path: Arc::clone(&self.source), reason: too_many_links() }
    }

    fn find_problems(&self) -> Vec<TreeProblem> {
        let unreadable = |path: &PathBytes, reason: &Arc<str>| TreeProblem::Unreadable {
            path: Arc::clone(path),
            reason: Arc::clone(reason),
        };
        // Only a resolved path can be too long by now; a walked one was checked as an entry.
        if self.source.len() > MAX_PATH {
            return vec![unreadable(&self.source, &too_long())];
        }
        if let Some(reason) = self.directory.as_ref().and_then(|directory| directory.unreadable.as_ref()) {
            return vec![unreadable(&self.source, reason)];
        }
        let reach = Reach::of(self);
        let problem = |entry: &Entry| match reach.admit(entry) {
            Admission::Fails(reason) => Some(unreadable(&self.target(&entry.name), &reason)),
            Admission::Claims | Admission::Skipped => None,
        };
        self.entries().iter().filter_map(problem).collect()
    }
}

/// What a folder's path says about its entries.
struct Reach {
    links_followed: usize,
    /// Room for a name before the path is too long.
    room: usize,
    /// Whether the folder's path ends in `/info`.
    info: bool,
}

impl Reach {
    fn of(contributor: &Contributor) -> Self {
        let source = &contributor.source;
        let bare = source.strip_suffix(b"/").unwrap_or(source);
        Self {
            links_followed: usize::from(contributor.links_followed),
            room: MAX_PATH.saturating_sub(bare.len() + 1),
            info: bare.ends_with(b"/info"),
        }
    }

    /// Nix's checks in Nix's order: the name's dot, `stat`, the skipped names.
    fn admit(&self, entry: &Entry) -> Admission {
        let name = &*entry.name;
        if name.first() == Some(&b'.') {
            return Admission::Skipped;
        }
        if name.len() > self.room {
            return Admission::Fails(too_long());
        }
        if let EntryKind::Unreadable(reason) = &entry.kind {
            return Admission::Fails(Arc::clone(reason));
        }
        if self.links_followed + usize::from(entry.links_followed) > MAX_LINKS {
            return Admission::Fails(too_many_links());
        }
        let skipped =
            entry.kind == EntryKind::Dangling || SKIPPED.contains(&name) || (self.info && name == b"dir");
        if skipped { Admission::Skipped } else { Admission::Claims }
    }
}

/// A folder's path and a name, with one slash between them as Nix puts it.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    if !folder.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Equality of paths that usually are the same allocation.
pub(super) fn same_bytes(left: &PathBytes, right: &PathBytes) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

fn too_many_links() -> Arc<str> {
    Arc::from("Too many levels of symbolic links")
}

fn too_long() -> Arc<str> {
    Arc::from("File name too long")
}
