//! Unpacks a NAR into files, folders and symlinks.
//!
//! The reverse of [`crate::core::nar::NarWriter`], and as strict as Nix: names are
//! not empty, not `.` or `..`, hold no slash and no NUL, and ascend strictly by
//! bytes, so that no entry can be met twice and nothing is ever written through a
//! link that came earlier. Nothing outside the destination is touched; an existing
//! destination is an error. Files become `0444` or `0555`, folders stay writable, so
//! that their owner can delete them without further ado.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// How many folders may lie inside each other: more than any path the system takes.
const DEEPEST: usize = 1024;

/// Why an archive was not unpacked. What was written until then is left to the caller.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The archive breaks a rule.
    #[error("the archive is broken at byte {offset}: {problem}")]
    Malformed {
        /// Where, counted from the archive's start.
        offset: usize,
        /// The rule in words.
        problem: &'static str,
    },
    /// The system refused to write something.
    #[error("{}: {source}", path.display())]
    File {
        /// What was to be written.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Unpacks a whole archive to `destination`, which must not exist yet.
pub fn unpack(archive: &[u8], destination: &Path) -> Result<(), UnpackError> {
    let mut reader = Reader { archive, offset: 0 };
    reader.word("nix-archive-1")?;
    reader.node(destination, 0)?;
    if reader.offset == archive.len() { Ok(()) } else { Err(reader.malformed("something follows its end")) }
}

struct Reader<'a> {
    archive: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn node(&mut self, path: &Path, depth: usize) -> Result<(), UnpackError> {
        if depth > DEEPEST {
            return Err(self.malformed("folders lie too deep inside each other"));
        }
        self.word("(")?;
        self.word("type")?;
        match self.string()? {
            b"directory" => self.directory(path, depth),
            b"regular" => self.regular(path),
            b"symlink" => self.symlink(path),
            _ => Err(self.malformed("a node is neither file, folder nor link")),
        }
    }

    fn directory(&mut self, path: &Path, depth: usize) -> Result<(), UnpackError> {
        fs::create_dir(path).map_err(|source| file_error(path, source))?;
        let mut previous: &[u8] = b"";
        loop {
            match self.string()? {
                b")" => return Ok(()),
                b"entry" => {}
                _ => return Err(self.malformed("a folder holds something other than entries")),
            }
            self.word("(")?;
            self.word("name")?;
            let name = self.string()?;
            self.check_name(name, previous)?;
            previous = name;
            self.word("node")?;
            self.node(&path.join(OsStr::from_bytes(name)), depth + 1)?;
            self.word(")")?;
        }
    }

    fn regular(&mut self, path: &Path) -> Result<(), UnpackError> {
        let mut key = self.string()?;
        let executable = key == b"executable";
        if executable {
            self.word("")?;
            key = self.string()?;
        }
        if key != b"contents" {
            return Err(self.malformed("a file has no contents"));
        }
        let contents = self.string()?;
        let mode = if executable { 0o555 } else { 0o444 };
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)
            .and_then(|mut file| file.write_all(contents))
            .map_err(|source| file_error(path, source))?;
        self.word(")")
    }

    fn symlink(&mut self, path: &Path) -> Result<(), UnpackError> {
        self.word("target")?;
        let target = self.string()?;
        if target.is_empty() || target.contains(&0) {
            return Err(self.malformed("a link has an impossible target"));
        }
        symlink(OsStr::from_bytes(target), path).map_err(|source| file_error(path, source))?;
        self.word(")")
    }

    fn check_name(&self, name: &[u8], previous: &[u8]) -> Result<(), UnpackError> {
        if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.contains(&0) {
            return Err(self.malformed("an entry has an impossible name"));
        }
        if name <= previous {
            return Err(self.malformed("the entries of a folder are not in order"));
        }
        Ok(())
    }

    fn word(&mut self, expected: &'static str) -> Result<(), UnpackError> {
        if self.string()? == expected.as_bytes() {
            return Ok(());
        }
        Err(self.malformed("a word of the format is missing"))
    }

    fn string(&mut self) -> Result<&'a [u8], UnpackError> {
        let length = self.take(8)?;
        let length = length.iter().rev().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
        // A length that does not fit cannot be there either, and `take` says so.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = self.take(length)?;
        if self.take(length.next_multiple_of(8) - length)?.iter().any(|&byte| byte != 0) {
            return Err(self.malformed("the padding is not zero"));
        }
        Ok(bytes)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], UnpackError> {
        let bytes = self.archive[self.offset..].get(..length);
        let bytes = bytes.ok_or_else(|| self.malformed("it ends too early"))?;
        self.offset += length;
        Ok(bytes)
    }

    fn malformed(&self, problem: &'static str) -> UnpackError {
        UnpackError::Malformed { offset: self.offset, problem }
    }
}

fn file_error(path: &Path, source: io::Error) -> UnpackError {
    UnpackError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::nar::NarWriter;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder with the given entries, each an empty file.
    fn archive_of(names: &[&[u8]]) -> Vec<u8> {
        let mut writer = NarWriter::new(Vec::new()).unwrap();
        writer.begin_directory().unwrap();
        for name in names {
            writer.begin_entry(name).unwrap();
            writer.file(b"", false).unwrap();
            writer.end_entry().unwrap();
        }
        writer.end_directory().unwrap();
        writer.finish()
    }

    fn problem_of(archive: &[u8]) -> &'static str {
        let folder = tempfile::tempdir().unwrap();
        match unpack(archive, &folder.path().join("x")) {
            Err(UnpackError::Malformed { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unpacks_files_links_and_folders() {
        let mut writer = NarWriter::new(Vec::new()).unwrap();
        writer.begin_directory().unwrap();
        writer.begin_entry(b"bin").unwrap();
        writer.begin_directory().unwrap();
        writer.begin_entry(b"run\xff").unwrap();
        writer.file(b"#!/bin/sh\n", true).unwrap();
        writer.end_entry().unwrap();
        writer.end_directory().unwrap();
        writer.end_entry().unwrap();
        writer.begin_entry(b"link").unwrap();
        writer.symlink(b"../elsewhere").unwrap();
        writer.end_entry().unwrap();
        writer.end_directory().unwrap();

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("x");
        unpack(&writer.finish(), &root).unwrap();
        let program = root.join("bin").join(OsStr::from_bytes(b"run\xff"));
        assert_eq!(fs::read(&program).unwrap(), b"#!/bin/sh\n");
        assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o222, 0);
        assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o100, 0o100);
        assert_eq!(fs::read_link(root.join("link")).unwrap(), Path::new("../elsewhere"));
    }

    #[test]
    fn refuses_names_that_lead_elsewhere() {
        for name in [&b".."[..], b".", b"", b"a/b", b"/etc", b"a\0"] {
            assert_eq!(problem_of(&archive_of(&[name])), "an entry has an impossible name");
        }
    }

    #[test]
    fn refuses_a_name_twice_and_names_out_of_order() {
        let problem = "the entries of a folder are not in order";
        assert_eq!(problem_of(&archive_of(&[b"a", b"a"])), problem);
        assert_eq!(problem_of(&archive_of(&[b"b", b"a"])), problem);
    }

    #[test]
    fn refuses_every_truncation_and_what_follows_the_end() {
        let archive = archive_of(&[b"a", b"b"]);
        for length in 0..archive.len() {
            problem_of(&archive[..length]);
        }
        let longer = [&archive[..], &[0; 8]].concat();
        assert_eq!(problem_of(&longer), "something follows its end");
    }

    #[test]
    fn refuses_lengths_beyond_the_archive() {
        let mut archive = archive_of(&[]);
        archive[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(problem_of(&archive), "it ends too early");
    }

    #[test]
    fn refuses_an_existing_destination() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(unpack(&archive_of(&[]), folder.path()), Err(UnpackError::File { .. })));
    }
}
