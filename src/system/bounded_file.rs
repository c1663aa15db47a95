//! Reads files that somebody else wrote, or that are not what their name says: up to a limit.
//!
//! Only regular files are opened: opening a pipe would wait for its writer, and reading a
//! device need not end. What is larger than the caller's limit is not read to its end, so
//! that nothing that lies in a folder can fill the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why nothing was read. Without the path, which the caller names.
#[derive(Debug, thiserror::Error)]
pub enum BoundedReadError {
    /// The system's words.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("not a regular file")]
    NotRegular,
    /// More than the limit, which is in bytes.
    #[error("it has more than {} MiB", .0 >> 20)]
    TooLarge(u64),
}

impl From<BoundedReadError> for io::Error {
    fn from(error: BoundedReadError) -> Self {
        match error {
            BoundedReadError::Io(error) => error,
            other => Self::other(other),
        }
    }
}

impl BoundedReadError {
    /// Whether there is no file. A link that leads nowhere is none either.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Io(error) if is_nothing(error))
    }
}

/// Whether an error says that nothing stands at a path, or that what should be a folder on the way is none.
pub fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The bytes of a regular file of at most `limit` bytes, links followed.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, BoundedReadError> {
    let status = path.metadata()?;
    if !status.is_file() {
        return Err(BoundedReadError::NotRegular);
    }
    if status.len() > limit {
        return Err(BoundedReadError::TooLarge(limit));
    }
    let room = usize::try_from(status.len()).unwrap_or(0).saturating_add(1);
    read_into(Vec::with_capacity(room), File::open(path)?, limit)
}

/// All that a reader gives, if that is at most `limit` bytes.
pub fn read_from(reader: impl Read, limit: u64) -> Result<Vec<u8>, BoundedReadError> {
    read_into(Vec::new(), reader, limit)
}

fn read_into(mut bytes: Vec<u8>, reader: impl Read, limit: u64) -> Result<Vec<u8>, BoundedReadError> {
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(BoundedReadError::TooLarge(limit));
    }
    Ok(bytes)
}

/// All of the standard input, which has to be text.
pub fn standard_input(limit: u64) -> Result<String, BoundedReadError> {
    text(read_from(io::stdin(), limit)?)
}

/// Bytes as text.
pub fn text(bytes: Vec<u8>) -> Result<String, BoundedReadError> {
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(BoundedReadError::TooLarge(4))));
        assert!(matches!(read(folder.path(), 5), Err(BoundedReadError::NotRegular)));
        assert!(matches!(read(Path::new("/dev/zero"), 5), Err(BoundedReadError::NotRegular)));
        assert!(read(&path.join("below"), 5).unwrap_err().is_nothing());
        assert!(read(&folder.path().join("none"), 5).unwrap_err().is_nothing());
        assert_eq!(BoundedReadError::TooLarge(32 << 20).to_string(), "it has more than 32 MiB");
    }

    #[test]
    fn a_reader_without_end_is_left() {
        assert!(matches!(read_from(io::repeat(b'x'), 1000), Err(BoundedReadError::TooLarge(1000))));
        assert_eq!(read_from(&b"abc"[..], 3).unwrap(), b"abc");
        assert_eq!(text(b"abc".to_vec()).unwrap(), "abc");
        assert_eq!(text(b"\xff".to_vec()).unwrap_err().to_string(), "it is not UTF-8 text");
        assert_eq!(
            io::Error::from(BoundedReadError::TooLarge(1 << 20)).to_string(),
            "it has more than 1 MiB"
        );
    }
}
