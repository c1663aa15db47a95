//! Measures packages on disk: how many files lie below a path, and their bytes.
//!
//! Links are counted and not followed, so what belongs to another package is not
//! measured twice. A number is exact or there is none: whatever cannot be looked at
//! makes the whole measurement an error that names it.
//!
//! Apart from [`super::package_reader`] because it has to look at every single file,
//! which reading a tree need not.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::core::package::PackageSize;

/// A file or folder that cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct MeasureError {
    /// Which one.
    pub path: PathBuf,
    /// The system's words.
    source: io::Error,
}

impl MeasureError {
    /// An error at a path.
    pub(super) fn new(path: PathBuf, source: io::Error) -> Self {
        Self { path, source }
    }
}

/// Measures what lies at a path, a single file too.
pub fn measure(path: &Path) -> Result<PackageSize, MeasureError> {
    let mut size = PackageSize::default();
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        visit(&path, &mut size, &mut waiting).map_err(|source| MeasureError { path, source })?;
    }
    Ok(size)
}

fn visit(path: &Path, size: &mut PackageSize, waiting: &mut Vec<PathBuf>) -> io::Result<()> {
    let found = path.symlink_metadata()?;
    if !found.is_dir() {
        *size += of_file(&found);
        return Ok(());
    }
    for entry in path.read_dir()? {
        let entry = entry?;
        // The listing tells folders apart without a look at each.
        if entry.file_type()?.is_dir() {
            waiting.push(entry.path());
        } else {
            *size += of_file(&entry.metadata()?);
        }
    }
    Ok(())
}

fn of_file(found: &std::fs::Metadata) -> PackageSize {
    PackageSize { files: 1, bytes: if found.is_file() { found.size() } else { 0 } }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_and_links_are_counted_and_only_files_weigh() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("package");
        std::fs::create_dir_all(package.join("share/empty")).unwrap();
        std::fs::write(package.join("share/text"), "12345").unwrap();
        std::fs::write(package.join(".hidden"), "123").unwrap();
        std::fs::write(folder.path().join("outside"), "1234567").unwrap();
        symlink(folder.path(), package.join("up")).unwrap();
        symlink("nowhere", package.join("dangling")).unwrap();
        assert_eq!(measure(&package).unwrap(), PackageSize { files: 4, bytes: 8 });
        let single = measure(&package.join("share/text")).unwrap();
        assert_eq!(single, PackageSize { files: 1, bytes: 5 });
    }

    #[test]
    fn what_is_not_there_has_no_size_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let words = measure(&folder.path().join("gone")).unwrap_err().to_string();
        assert!(words.contains("/gone: No such file"), "{words}");
    }
}
