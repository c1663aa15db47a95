//! Reads one folder: its entries, and what each is after following links.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::sync::Arc;

use super::links::{Links, Outcome, join};
use crate::core::file_tree::{Directory, Entry, EntryKind, PathBytes};

/// A listed name before links are followed.
struct Listed {
    name: PathBytes,
    kind: ListedKind,
}

/// What `readdir` says about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListedKind {
    File,
    Directory,
    Link,
}

/// Lists the folder at a real path; also gives the real paths of the folders that really lie in it.
pub(super) fn read(links: &Links, real_path: &[u8]) -> (Directory, Vec<PathBytes>) {
    let listed = match list(real_path) {
        Ok(listed) => listed,
        Err(error) => {
            let unreadable = Some(Arc::from(error.to_string()));
            return (Directory { entries: Vec::new(), unreadable }, Vec::new());
        }
    };
    let mut below = Vec::new();
    let mut entries = Vec::with_capacity(listed.len());
    for found in &listed {
        let (kind, links_followed) = match found.kind {
            ListedKind::File => (EntryKind::File, 0),
            ListedKind::Directory => {
                let path = join(real_path, &found.name);
                below.push(path.clone());
                (EntryKind::Directory(path), 0)
            }
            ListedKind::Link => follow(links, real_path, &listed, &found.name),
        };
        entries.push(Entry { name: found.name.clone(), kind, links_followed });
    }
    (Directory { entries, unreadable: None }, below)
}

/// Lists names that do not start with a dot, sorted by bytes.
fn list(real_path: &[u8]) -> io::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for entry in std::fs::read_dir(Path::new(OsStr::from_bytes(real_path)))? {
        let entry = entry?;
        let name = entry.file_name().into_vec();
        if name.starts_with(b".") {
            continue;
        }
        // No system call where the file system gives d_type.
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => ListedKind::Directory,
            Ok(kind) if !kind.is_symlink() => ListedKind::File,
            // An error comes back, with its words, when the entry is followed.
            Ok(_) | Err(_) => ListedKind::Link,
        };
        listed.push(Listed { name: name.into(), kind });
    }
    listed.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(listed)
}

/// Follows the link `name`. Most links lead to a neighbour (`libz.so` to `libz.so.1`), which the
/// listing already tells about.
fn follow(links: &Links, folder: &[u8], listed: &[Listed], name: &[u8]) -> (EntryKind, u8) {
    let path = join(folder, name);
    if let Ok(target) = std::fs::read_link(OsStr::from_bytes(&path)) {
        let target = target.as_os_str().as_bytes();
        let neighbour = listed.binary_search_by(|found| (*found.name).cmp(target));
        match neighbour.ok().and_then(|index| listed.get(index)).map(|found| found.kind) {
            Some(ListedKind::File) => return (EntryKind::File, 1),
            Some(ListedKind::Directory) => return (EntryKind::Directory(join(folder, target)), 1),
            Some(ListedKind::Link) | None => {}
        }
    }
    let resolved = links.follow(folder, name);
    let kind = match resolved.outcome {
        Outcome::File => EntryKind::File,
        Outcome::Directory(path) => EntryKind::Directory(path),
        Outcome::Missing | Outcome::BelowFile => EntryKind::Dangling,
        Outcome::Unreadable(reason) => EntryKind::Unreadable(reason),
    };
    (kind, resolved.links_followed)
}
