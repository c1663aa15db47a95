//! The files of a package as values, and the NAR they make.
//!
//! A package is a list of [`PackageFile`]s in any order; the folders between them
//! need not be named. An empty path stands for the package's root, so a package
//! that is a single file or link can be made too.
//!
//! `PackageFile::program("bin/hi", "#!/bin/sh\necho hi\n")`

use std::collections::BTreeMap;
use std::io;

use crate::core::nar::NarWriter;

/// One file, link or folder of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// Below the package's root, without a leading slash; raw bytes. Empty for the root itself.
    pub path: Vec<u8>,
    /// What stands there.
    pub content: FileContent,
}

/// What stands at a path of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// A regular file.
    Regular {
        /// Its bytes.
        contents: Vec<u8>,
        /// Whether it can be run.
        executable: bool,
    },
    /// A symlink, target verbatim.
    Symlink(Vec<u8>),
    /// A folder, empty unless other files lie below it.
    Directory,
}

impl PackageFile {
    /// A file that is not executable.
    pub fn text(path: impl Into<Vec<u8>>, contents: impl Into<Vec<u8>>) -> Self {
        Self::new(path, FileContent::Regular { contents: contents.into(), executable: false })
    }

    /// An executable file.
    pub fn program(path: impl Into<Vec<u8>>, contents: impl Into<Vec<u8>>) -> Self {
        Self::new(path, FileContent::Regular { contents: contents.into(), executable: true })
    }

    /// A symlink.
    pub fn link(path: impl Into<Vec<u8>>, target: impl Into<Vec<u8>>) -> Self {
        Self::new(path, FileContent::Symlink(target.into()))
    }

    /// An empty folder.
    pub fn folder(path: impl Into<Vec<u8>>) -> Self {
        Self::new(path, FileContent::Directory)
    }

    fn new(path: impl Into<Vec<u8>>, content: FileContent) -> Self {
        Self { path: path.into(), content }
    }
}

/// Why a list of files makes no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageFileError {
    /// An empty part, `.` or `..`.
    #[error("'{0}' is not a path inside a package")]
    BadPath(String),
    /// Two files at one path, or a file where another needs a folder.
    #[error("'{0}' is given twice")]
    Twice(String),
}

/// The NAR of a package with these files.
pub fn nar_of(files: &[PackageFile]) -> Result<Vec<u8>, PackageFileError> {
    let mut root = None;
    for file in files {
        insert(&mut root, file)?;
    }
    let root = root.unwrap_or_else(|| Tree::Directory(BTreeMap::new()));
    let mut archive = Vec::new();
    // Writing into memory does not fail.
    let written = NarWriter::new(&mut archive).and_then(|mut writer| root.write(&mut writer));
    debug_assert!(written.is_ok());
    Ok(archive)
}

enum Tree<'a> {
    Directory(BTreeMap<&'a [u8], Option<Tree<'a>>>),
    Leaf(&'a FileContent),
}

fn insert<'a>(root: &mut Option<Tree<'a>>, file: &'a PackageFile) -> Result<(), PackageFileError> {
    let shown = || String::from_utf8_lossy(&file.path).into_owned();
    let mut slot = root;
    let parts = file.path.split(|&byte| byte == b'/');
    // An empty path has one empty part: it is the root.
    for part in parts.filter(|_| !file.path.is_empty()) {
        if matches!(part, b"" | b"." | b"..") || part.contains(&0) {
            return Err(PackageFileError::BadPath(shown()));
        }
        let Tree::Directory(entries) = slot.get_or_insert_with(|| Tree::Directory(BTreeMap::new())) else {
            return Err(PackageFileError::Twice(shown()));
        };
        slot = entries.entry(part).or_default();
    }
    match (&file.content, &slot) {
        (FileContent::Directory, None) => *slot = Some(Tree::Directory(BTreeMap::new())),
        (FileContent::Directory, Some(Tree::Directory(_))) => {}
        (content, None) => *slot = Some(Tree::Leaf(content)),
        _ => return Err(PackageFileError::Twice(shown())),
    }
    Ok(())
}

impl Tree<'_> {
    fn write(&self, writer: &mut NarWriter<&mut Vec<u8>>) -> io::Result<()> {
        match self {
            Self::Leaf(FileContent::Regular { contents, executable }) => writer.file(contents, *executable),
            Self::Leaf(FileContent::Symlink(target)) => writer.symlink(target),
            Self::Leaf(FileContent::Directory) => Ok(()),
            Self::Directory(entries) => {
                writer.begin_directory()?;
                for (name, entry) in entries {
                    writer.begin_entry(name)?;
                    // `insert` leaves no slot empty.
                    entry.as_ref().map_or(Ok(()), |tree| tree.write(writer))?;
                    writer.end_entry()?;
                }
                writer.end_directory()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::playground::unpack::unpack;

    #[test]
    fn order_does_not_matter_and_folders_come_by_themselves() {
        let (a, b) = (PackageFile::text("share/a", "1"), PackageFile::program("bin/b", "2"));
        let folder = PackageFile::folder("share");
        let one = nar_of(&[a.clone(), b.clone(), folder.clone()]).unwrap();
        assert_eq!(one, nar_of(&[folder, b, a]).unwrap());

        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("package");
        unpack(&one, &root).unwrap();
        assert_eq!(std::fs::read(root.join("share/a")).unwrap(), b"1");
    }

    #[test]
    fn the_root_can_be_a_file_or_nothing_at_all() {
        let temporary = tempfile::tempdir().unwrap();
        let (file, empty) = (temporary.path().join("file"), temporary.path().join("empty"));
        unpack(&nar_of(&[PackageFile::text("", "just a file")]).unwrap(), &file).unwrap();
        unpack(&nar_of(&[]).unwrap(), &empty).unwrap();
        assert_eq!(std::fs::read(file).unwrap(), b"just a file");
        assert_eq!(std::fs::read_dir(empty).unwrap().count(), 0);
    }

    #[test]
    fn refuses_paths_that_leave_the_package_and_paths_twice() {
        for path in ["/a", "a/", "a//b", "..", "a/../b", "."] {
            let refused = nar_of(&[PackageFile::text(path, "")]);
            assert_eq!(refused, Err(PackageFileError::BadPath(path.into())));
        }
        let (file, below) = (PackageFile::text("a", ""), PackageFile::text("a/b", ""));
        assert!(nar_of(&[file.clone(), below.clone()]).is_err());
        assert!(nar_of(&[below, file.clone()]).is_err());
        assert!(nar_of(&[file.clone(), file]).is_err());
    }
}
