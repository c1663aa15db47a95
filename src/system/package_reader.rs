//! Reads packages from disk into file trees, on as many threads as there are cores.
//!
//! A package is read whole, or as far as it meets others ([`Depth`]), but only what really
//! lies in its own store path: a link that leads out of it (a package may link to `/`) is
//! told apart, never entered. A folder outside is listed when it is asked for by path,
//! because two packages meet in it. Dot entries are left out, as in the link tree. Whatever cannot be read becomes a
//! fact with the system's words; reading never fails as a whole.
//!
//! What costs is system calls: a folder is one `openat`, two `getdents` and a `close`,
//! and entries are told apart by their `d_type`; only links are looked at one by one.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bounded_file;
use crate::core::file_tree::{
    Basis, Directories, Directory, FileTrees, Package, PathBytes, Propagated, Root,
};
use crate::core::link_tree::{Meetings, TreeNeeds};
use crate::core::store_path::StoreDir;

mod folder;
mod links;
mod listed;
mod queue;

use links::{Links, Outcome, Parents};
pub use listed::{FindListings, read_listed};
use queue::More;

/// A list of propagated packages has a few hundred bytes; no more than this is read.
const PROPAGATED_LIMIT: u64 = 16 << 20;

/// How much of packages is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything: whatever is staged later, it is known already.
    Whole,
    /// Only folders that more than one of the packages bring: enough to plan once, in a third of the
    /// time on a large profile.
    Meeting,
}

/// Reads everything that is needed; unreadable things become facts, never errors.
pub fn read(needs: &TreeNeeds, depth: Depth, store_dir: &StoreDir) -> FileTrees {
    let links = Links::new(store_dir);
    let packages = needs.packages.iter().cloned().map(|path| Task::Package(path, depth));
    let folders = (needs.directories.iter().cloned())
        .map(|real_path| Task::Folder { extent: whole(&links, &real_path), real_path });
    let meetings = Mutex::default();
    gather(queue::work_off(packages.chain(folders).collect(), |task, found, more| {
        perform(&mut Reading { links: &links, meetings: &meetings, found, more }, task);
    }))
}

/// Something to read.
enum Task {
    /// By its path as written in a manifest or a propagated list.
    Package(PathBytes, Depth),
    /// A folder by its real path.
    Folder { real_path: PathBytes, extent: Extent },
}

/// How much of a folder is read.
#[derive(Clone)]
enum Extent {
    /// With all folders below it.
    Whole,
    /// With those below it that other packages bring, too. Where it lies in the profile.
    Meeting(PathBytes),
    /// Its own entries only.
    Listing,
}

/// What one thread has read.
#[derive(Default)]
struct Found {
    packages: Vec<(PathBytes, Package)>,
    directories: Vec<(PathBytes, Arc<Directory>)>,
    parents: Parents,
}

/// What reading one task works with.
struct Reading<'a> {
    links: &'a Links,
    meetings: &'a Mutex<Meetings>,
    found: &'a mut Found,
    more: More<'a, Task>,
}

impl Reading<'_> {
    fn meetings(&self) -> MutexGuard<'_, Meetings> {
        self.meetings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Only what lies inside a single store path is read whole: a propagated list can name `/home`.
fn whole(links: &Links, real_path: &[u8]) -> Extent {
    if links.is_inside_store(real_path) { Extent::Whole } else { Extent::Listing }
}

fn perform(reading: &mut Reading<'_>, task: Task) {
    let (path, depth) = match task {
        Task::Package(path, depth) => (path, depth),
        Task::Folder { real_path, extent } => return folder::read(reading, real_path, extent),
    };
    let root = read_root(reading.links, &path);
    let propagated = match &root {
        Root::Directory { real_path, .. } => {
            let extent = match depth {
                Depth::Whole => whole(reading.links, real_path),
                Depth::Meeting => Extent::Meeting(PathBytes::default()),
            };
            folder::read(reading, real_path.clone(), extent);
            read_propagated(real_path)
        }
        Root::File | Root::Missing | Root::Unreadable(_) => Propagated::Paths(Vec::new()),
    };
    reading.found.packages.push((path, Package { root, propagated, basis: Basis::Exact }));
}

/// Looks at a package's path as Nix does: a file is left out, what is not there ends the build.
fn read_root(links: &Links, path: &PathBytes) -> Root {
    // A propagated list may say anything; a relative path would depend on the current folder.
    if !path.starts_with(b"/") {
        return Root::Missing;
    }
    let resolved = links.follow(b"/", path);
    match resolved.outcome {
        Outcome::Directory(real_path) => {
            Root::Directory { real_path, links_followed: resolved.links_followed }
        }
        Outcome::File | Outcome::BelowFile => Root::File,
        Outcome::Missing => Root::Missing,
        Outcome::Unreadable(reason) => Root::Unreadable(reason),
    }
}

/// Reads the words of `nix-support/propagated-user-env-packages`, which blanks and line feeds
/// separate, and nothing else.
fn read_propagated(real_path: &[u8]) -> Propagated {
    let file = Path::new(OsStr::from_bytes(real_path)).join("nix-support/propagated-user-env-packages");
    match bounded_file::read(&file, PROPAGATED_LIMIT) {
        Ok(text) => {
            let words = text.split(|byte| matches!(byte, b' ' | b'\n'));
            Propagated::Paths(words.filter(|word| !word.is_empty()).map(PathBytes::from).collect())
        }
        Err(error) if error.is_nothing() => Propagated::Paths(Vec::new()),
        Err(error) => Propagated::Unreadable(Arc::from(error.to_string())),
    }
}

fn gather(found: Vec<Found>) -> FileTrees {
    let mut trees = FileTrees {
        packages: HashMap::with_capacity(found.iter().map(|part| part.packages.len()).sum()),
        directories: Directories::with_capacity(found.iter().map(|part| part.directories.len()).sum()),
    };
    for part in found {
        trees.packages.extend(part.packages);
        trees.directories.extend(part.directories);
    }
    trees
}

#[cfg(test)]
mod tests;
