//! Follows symlinks by hand, to learn the real path and how many links stand on the way.
//!
//! The kernel says what a path leads to (`stat`), and its word is what counts; the walk
//! by hand adds what it does not say. `canonicalize` would give the real path but not the
//! number of links, which decides whether a longer path is a loop for the kernel.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::sync::Arc;

use crate::core::file_tree::PathBytes;
use crate::core::store_path::StoreDir;

/// Follows links, with a shortcut for the store folder, whose own parts need no look each time.
pub(super) struct Links {
    /// The store folder as written.
    written: Vec<u8>,
    /// Its real path.
    real: Vec<u8>,
    /// How many links stand between the two.
    between: u8,
}

/// Folders that links led into, by the path as the links wrote it: most links of a package that is
/// made of links lead into few folders. Holds the real path and the links on the way; `None` if the
/// folder cannot be walked to.
pub(super) type Parents = HashMap<PathBytes, Option<(Vec<u8>, u8)>>;

/// Where a path leads.
pub(super) struct Resolved {
    /// What is there.
    pub(super) outcome: Outcome,
    /// Symlinks followed on the way.
    pub(super) links_followed: u8,
    /// The base name of the store object that it is or lies in.
    pub(super) object: Option<PathBytes>,
}

/// What a path leads to.
pub(super) enum Outcome {
    /// Anything but a folder.
    File,
    /// A folder, by its real path.
    Directory(PathBytes),
    /// Nothing (ENOENT).
    Missing,
    /// Nothing, because a part on the way is not a folder (ENOTDIR).
    BelowFile,
    /// Any other error, in the system's words.
    Unreadable(Arc<str>),
}

impl Links {
    pub(super) fn new(store_dir: &StoreDir) -> Self {
        let written = store_dir.as_str().as_bytes().to_vec();
        let plain = Self { written: Vec::new(), real: Vec::new(), between: 0 };
        match plain.walk(b"/", &written, &mut on_disk) {
            Ok((real, between)) => Self { written, real, between },
            Err(_) => Self { real: written.clone(), written, between: 0 },
        }
    }

    /// Whether a real path is a store path or lies in one.
    pub(super) fn is_inside_store(&self, real_path: &[u8]) -> bool {
        self.below_store(real_path).is_some()
    }

    /// What follows the store folder in a real path that is a store path or lies in one.
    pub(super) fn below_store<'a>(&self, real_path: &'a [u8]) -> Option<&'a [u8]> {
        let rest = real_path.strip_prefix(self.real.as_slice())?.strip_prefix(b"/")?;
        (!rest.is_empty()).then_some(rest)
    }

    /// The base name of the store object that a real path is or lies in.
    pub(super) fn object<'a>(&self, real_path: &'a [u8]) -> Option<&'a [u8]> {
        self.below_store(real_path)?.split(|byte| *byte == b'/').next()
    }

    /// Of store objects those that a folder does not lie in itself, sorted, each once.
    pub(super) fn others(&self, mut objects: Vec<PathBytes>, folder: &[u8]) -> Vec<PathBytes> {
        let own = self.object(folder);
        objects.retain(|object| Some(&**object) != own);
        objects.sort_unstable();
        objects.dedup();
        objects
    }

    /// Follows `target` (absolute, or relative to a folder given by its real path) to its end.
    pub(super) fn follow(&self, folder: &[u8], target: &[u8]) -> Resolved {
        let path = if target.starts_with(b"/") { PathBytes::from(target) } else { join(folder, target) };
        let status = Path::new(OsStr::from_bytes(&path)).metadata();
        let (real_path, links_followed) = match self.walk(folder, target, &mut on_disk) {
            Ok((real_path, links)) => (Some(real_path), links),
            Err(links) => (None, links),
        };
        let object = real_path.as_deref().filter(|_| status.is_ok());
        let object = object.and_then(|path| self.object(path)).map(PathBytes::from);
        let outcome = match (status, real_path) {
            (Err(error), _) => match error.kind() {
                io::ErrorKind::NotFound => Outcome::Missing,
                io::ErrorKind::NotADirectory => Outcome::BelowFile,
                _ => Outcome::Unreadable(Arc::from(error.to_string())),
            },
            (Ok(status), Some(real_path)) if status.is_dir() => Outcome::Directory(real_path.into()),
            // It was a folder a moment ago and cannot be walked any more.
            (Ok(status), None) if status.is_dir() => Outcome::Missing,
            (Ok(_), _) => Outcome::File,
        };
        Resolved { outcome, links_followed, object }
    }

    /// Follows a link in the real folder `folder` by its text, looking only at the last part if the
    /// folder it leads into is known. `None` where it is not that simple: use [`Self::follow`].
    pub(super) fn follow_known(
        &self,
        folder: &[u8],
        target: &[u8],
        parents: &mut Parents,
    ) -> Option<Resolved> {
        let slash = target.iter().rposition(|byte| *byte == b'/')?;
        let (parent, name) = (target.get(..slash)?, target.get(slash + 1..)?);
        if parent.is_empty() || matches!(name, b"" | b"." | b"..") || turns_back(parent) {
            return None;
        }
        let written = if parent.starts_with(b"/") { PathBytes::from(parent) } else { join(folder, parent) };
        let known = match parents.get(&written) {
            Some(known) => known,
            None => parents.entry(written).or_insert(self.walk(folder, parent, &mut on_disk).ok()),
        };
        let (real, links) = known.as_ref()?;
        let path = join(real, name);
        let kind = Path::new(OsStr::from_bytes(&path)).symlink_metadata().ok()?.file_type();
        if kind.is_symlink() || *links >= LINK_LIMIT {
            return None;
        }
        let object = self.object(&path).map(PathBytes::from);
        let outcome = if kind.is_dir() { Outcome::Directory(path) } else { Outcome::File };
        // The link itself counts, too.
        Some(Resolved { outcome, links_followed: links + 1, object })
    }

    /// Walks `target` part by part from the real path `folder`; gives the real path and the number
    /// of links, or only the number where the walk ends early. `look` tells what stands at a path
    /// whose folders are real.
    pub(super) fn walk(
        &self,
        folder: &[u8],
        target: &[u8],
        look: &mut dyn FnMut(&[u8]) -> Part,
    ) -> Result<(Vec<u8>, u8), u8> {
        let mut links = 0_u8;
        let mut real = folder.to_vec();
        // The parts still to walk, the next one last.
        let mut parts = Vec::new();
        self.enter(target, &mut real, &mut parts, &mut links);
        while let Some(part) = parts.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    let end = real.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                    real.truncate(end.max(1));
                    continue;
                }
                _ => {}
            }
            let parent = real.len();
            push_part(&mut real, &part);
            match look(&real) {
                Part::Link(target) => {
                    links += 1;
                    if links > LINK_LIMIT {
                        return Err(links);
                    }
                    real.truncate(parent);
                    self.enter(&target, &mut real, &mut parts, &mut links);
                }
                Part::NoLink => {}
                // Nothing lies below it, not even `..`.
                Part::File if parts.is_empty() => {}
                Part::File | Part::Nothing => return Err(links),
            }
        }
        Ok((real, links))
    }

    /// Puts the parts of `target` in front of those still to walk; an absolute one starts anew.
    fn enter(&self, target: &[u8], real: &mut Vec<u8>, parts: &mut Vec<Vec<u8>>, links: &mut u8) {
        let mut rest = target;
        if target.starts_with(b"/") {
            *real = b"/".to_vec();
            let in_store = target.strip_prefix(self.written.as_slice()).filter(|rest| rest.starts_with(b"/"));
            if let Some(in_store) = in_store.filter(|_| !self.written.is_empty()) {
                real.clone_from(&self.real);
                *links = links.saturating_add(self.between);
                rest = in_store;
            }
        }
        parts.extend(rest.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec));
    }
}

/// Whether a path goes up again from something it went down to: only the kernel knows that it is a
/// folder.
fn turns_back(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').skip_while(|part| *part == b"..").any(|part| part == b"..")
}

/// What a walk meets at one path.
pub(super) enum Part {
    /// A link, by its text.
    Link(Vec<u8>),
    /// A file or folder, which of them is told by the system later.
    NoLink,
    /// Certainly no folder.
    File,
    /// Nothing, or nothing that can be looked at.
    Nothing,
}

pub(super) fn on_disk(path: &[u8]) -> Part {
    match std::fs::read_link(OsStr::from_bytes(path)) {
        Ok(target) => Part::Link(target.into_os_string().into_vec()),
        // Not a link.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Part::NoLink,
        Err(_) => Part::Nothing,
    }
}

/// As many links as Linux follows before it calls them a loop.
pub(super) const LINK_LIMIT: u8 = 40;

/// `folder/name`.
pub(super) fn join(folder: &[u8], name: &[u8]) -> PathBytes {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    push_part(&mut path, name);
    path.into()
}

fn push_part(path: &mut Vec<u8>, part: &[u8]) {
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(part);
}
