//! NAR archives, nix32 and the store path of a profile.
//!
//! A NAR is a sequence of strings, each a little-endian 64-bit length, the bytes
//! and zeros up to a multiple of eight. Entries of a directory are sorted by
//! bytes; names are raw bytes. Only what a profile holds is written: folders,
//! symlinks and regular files that are not executable, plus executable files for
//! the packages that tests and the playground make.

use std::io::{self, Write};

use super::store_path::{StoreDir, StorePath, StorePathError};

/// Writes the parts of one NAR in order; the caller keeps entries sorted.
pub struct NarWriter<W: Write> {
    sink: W,
}

impl<W: Write> NarWriter<W> {
    /// Starts an archive: writes the magic string.
    pub fn new(sink: W) -> io::Result<Self> {
        let _ = &sink;
        todo!()
    }

    /// Opens a folder node.
    pub fn begin_directory(&mut self) -> io::Result<()> {
        todo!()
    }

    /// Opens the entry `name` of the open folder; one node must follow.
    pub fn begin_entry(&mut self, name: &[u8]) -> io::Result<()> {
        let _ = name;
        todo!()
    }

    /// Closes the entry opened last.
    pub fn end_entry(&mut self) -> io::Result<()> {
        todo!()
    }

    /// Closes the folder opened last.
    pub fn end_directory(&mut self) -> io::Result<()> {
        todo!()
    }

    /// Writes a symlink node.
    pub fn symlink(&mut self, target: &[u8]) -> io::Result<()> {
        let _ = target;
        todo!()
    }

    /// Writes a regular file node.
    pub fn file(&mut self, contents: &[u8], executable: bool) -> io::Result<()> {
        let _ = (contents, executable);
        todo!()
    }

    /// Gives the sink back.
    pub fn finish(self) -> W {
        self.sink
    }
}

/// The SHA-256 and length of a NAR; an `io::Write` that keeps nothing else.
#[derive(Default)]
pub struct NarHasher {
    hasher: sha2::Sha256,
    length: u64,
}

impl NarHasher {
    /// The digest and the number of bytes written.
    pub fn finish(self) -> NarHash {
        use sha2::Digest as _;
        NarHash { sha256: self.hasher.finalize().into(), size: self.length }
    }
}

impl Write for NarHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        use sha2::Digest as _;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What identifies a NAR's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NarHash {
    /// The digest of the whole archive.
    pub sha256: [u8; 32],
    /// The archive's length in bytes.
    pub size: u64,
}

/// Encodes bytes in Nix's base 32 (`0123456789abcdfghijklmnpqrsvwxyz`, last bits first).
pub fn nix32(bytes: &[u8]) -> String {
    let _ = bytes;
    todo!()
}

/// The store path of a source-like object: SHA-256 of
/// `source:<references, sorted, ':'-joined>:sha256:<hex>:<store dir>:<name>` folded to 20 bytes.
pub fn source_path(
    store_dir: &StoreDir,
    name: &str,
    nar: &NarHash,
    references: &[StorePath],
) -> Result<StorePath, StorePathError> {
    let _ = (store_dir, name, nar, references);
    todo!()
}
