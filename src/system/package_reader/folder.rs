//! Reads folders: their entries, and what each is after following links.
//!
//! A folder that really lies in another is opened relative to it, so the kernel does not
//! walk the whole path each time; below a certain depth, or when another thread has run
//! out of work, it becomes a task of its own. So does the one folder of a meeting that was
//! passed by when nobody else had brought one: it is gone back to, all others are read on
//! the way. (Level by level each would be opened by its whole path, for a quarter more time.)

use std::ffi::CStr;
use std::io;
#[cfg(target_os = "linux")]
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, readlinkat, statat};

use super::links::{Outcome, join};
use super::{Extent, Reading, Task};
use crate::core::file_tree::{Directory, Entry, EntryKind, PathBytes};
use crate::core::link_tree::Met;

/// As many folders are kept open at once by a thread, one inside the other.
const DEPTH: usize = 24;

/// A listed name before links are followed.
struct Listed {
    name: PathBytes,
    kind: ListedKind,
}

/// What the listing says about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListedKind {
    File,
    Directory,
    Link,
}

/// Reads the folder at a real path, and all below it if its extent says so.
pub(super) fn read(reading: &mut Reading<'_>, real_path: PathBytes, extent: Extent) {
    let opened = open(CWD, &real_path);
    read_opened(reading, opened, (real_path, extent), 0);
}

fn open(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(parent, name, flags, Mode::empty())?)
}

fn read_opened(
    reading: &mut Reading<'_>,
    opened: io::Result<OwnedFd>,
    (real_path, extent): (PathBytes, Extent),
    depth: usize,
) {
    let read = opened.and_then(|fd| list(fd.as_fd()).map(|listed| (fd, listed)));
    let (fd, listed) = match read {
        Ok(read) => read,
        Err(error) => {
            let unreadable = Some(Arc::from(error.to_string()));
            let directory = Directory { unreadable, ..Directory::default() };
            reading.found.directories.push((real_path, Arc::new(directory)));
            return;
        }
    };
    let mut entries = Vec::with_capacity(listed.len());
    let mut leads_into = Vec::new();
    for found in &listed {
        let (kind, links_followed) = match found.kind {
            ListedKind::File => (EntryKind::File, 0),
            ListedKind::Directory => {
                let path = join(&real_path, &found.name);
                if let Some(extent) = extent_below(reading, &extent, (&found.name, &path)) {
                    descend(reading, fd.as_fd(), &found.name, (path.clone(), extent), depth + 1);
                }
                (EntryKind::Directory(path), 0)
            }
            ListedKind::Link => {
                let (kind, links_followed, object) =
                    follow(reading, (&real_path, fd.as_fd()), &listed, &found.name);
                leads_into.extend(object);
                if let EntryKind::Directory(path) = &kind {
                    descend_along_link(reading, &extent, (&found.name, path));
                }
                (kind, links_followed)
            }
        };
        entries.push(Entry { name: found.name.clone(), kind, links_followed });
    }
    let leads_into = reading.links.others(leads_into, &real_path);
    let directory = Directory { entries, unreadable: None, leads_into };
    reading.found.directories.push((real_path, Arc::new(directory)));
}

/// How much of a folder is read that lies in one read to `extent`; `None` if nothing is.
fn extent_below(
    reading: &mut Reading<'_>,
    extent: &Extent,
    (name, real_path): (&[u8], &PathBytes),
) -> Option<Extent> {
    let place = match extent {
        Extent::Whole => return Some(Extent::Whole),
        Extent::Listing => return None,
        Extent::Meeting(place) => join(place, name),
    };
    let met = reading.meetings().bring(&place, real_path);
    let extent = Extent::Meeting(place);
    match met {
        Met::Nobody => None,
        Met::First(passed_by) => {
            reading.more.add(Task::Folder { real_path: passed_by, extent: extent.clone() });
            Some(extent)
        }
        Met::Several => Some(extent),
    }
}

/// Reads a folder that a link leads to, if packages meet in it; a whole package ends at its links.
fn descend_along_link(reading: &mut Reading<'_>, extent: &Extent, (name, real_path): (&[u8], &PathBytes)) {
    // Links can lead back up: each folder is entered along one of them, and a plan says what it misses.
    if matches!(extent, Extent::Meeting(_))
        && reading.meetings().enter_along_link(real_path)
        && let Some(extent) = extent_below(reading, extent, (name, real_path))
    {
        reading.more.add(Task::Folder { real_path: real_path.clone(), extent });
    }
}

/// Reads a folder that lies in the open one, now or as a task.
fn descend(
    reading: &mut Reading<'_>,
    parent: BorrowedFd<'_>,
    name: &[u8],
    (real_path, extent): (PathBytes, Extent),
    depth: usize,
) {
    if depth > DEPTH || reading.more.is_wanted() {
        reading.more.add(Task::Folder { real_path, extent });
    } else {
        read_opened(reading, open(parent, name), (real_path, extent), depth);
    }
}

/// Lists names that do not start with a dot, sorted by bytes.
fn list(fd: BorrowedFd<'_>) -> io::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    each_entry(fd, |name, kind| {
        if name.to_bytes().starts_with(b".") {
            return Ok(());
        }
        let kind = match kind {
            // The file system does not tell it with the name.
            FileType::Unknown => {
                FileType::from_raw_mode(statat(fd, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
            }
            known => known,
        };
        let kind = match kind {
            FileType::Directory => ListedKind::Directory,
            FileType::Symlink => ListedKind::Link,
            _ => ListedKind::File,
        };
        listed.push(Listed { name: name.to_bytes().into(), kind });
        Ok(())
    })?;
    listed.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(listed)
}

/// Goes through a folder with a buffer on the stack: `readdir` would take 32 KiB from the heap for
/// each of a profile's thousands of small folders.
#[cfg(target_os = "linux")]
fn each_entry(fd: BorrowedFd<'_>, mut each: impl FnMut(&CStr, FileType) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = [const { MaybeUninit::uninit() }; 16 << 10];
    let mut entries = rustix::fs::RawDir::new(fd, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        each(entry.file_name(), entry.file_type())?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn each_entry(fd: BorrowedFd<'_>, mut each: impl FnMut(&CStr, FileType) -> io::Result<()>) -> io::Result<()> {
    for entry in rustix::fs::Dir::read_from(fd)? {
        let entry = entry?;
        each(entry.file_name(), entry.file_type())?;
    }
    Ok(())
}

/// Follows the link `name`. Most links lead to a neighbour (`libz.so` to `libz.so.1`), which the
/// listing already tells about; of others it is told which store object they lead into.
fn follow(
    reading: &mut Reading<'_>,
    (folder, fd): (&[u8], BorrowedFd<'_>),
    listed: &[Listed],
    name: &[u8],
) -> (EntryKind, u8, Option<PathBytes>) {
    let target = readlinkat(fd, name, Vec::new());
    let Ok(target) = target else {
        return outcome(reading.links.follow(folder, name));
    };
    let target = target.to_bytes();
    let neighbour = listed.binary_search_by(|found| (*found.name).cmp(target));
    match neighbour.ok().and_then(|index| listed.get(index)).map(|found| found.kind) {
        Some(ListedKind::File) => return (EntryKind::File, 1, None),
        Some(ListedKind::Directory) => {
            return (EntryKind::Directory(join(folder, target)), 1, None);
        }
        Some(ListedKind::Link) | None => {}
    }
    match reading.links.follow_known(folder, target, &mut reading.found.parents) {
        Some(resolved) => outcome(resolved),
        None => outcome(reading.links.follow(folder, name)),
    }
}

fn outcome(resolved: super::links::Resolved) -> (EntryKind, u8, Option<PathBytes>) {
    let kind = match resolved.outcome {
        Outcome::File => EntryKind::File,
        Outcome::Directory(path) => EntryKind::Directory(path),
        Outcome::Missing | Outcome::BelowFile => EntryKind::Dangling,
        Outcome::Unreadable(reason) => EntryKind::Unreadable(reason),
    };
    (kind, resolved.links_followed, resolved.object)
}
