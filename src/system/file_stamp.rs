//! Whether a file is still the one that was read: told by its inode, size and time, without
//! reading it. Cheap enough to be asked once a second.
//!
//! A file that was replaced or written to has another stamp; one that only had its links
//! changed on the way has, too, because links are followed.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What tells one state of a file from another; nothing stands for no file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStamp(Option<(u64, u64, u64, i64, i64)>);

impl FileStamp {
    /// The stamp of what stands at a path now.
    pub fn of(path: &Path) -> Self {
        let status = path.metadata().ok();
        Self(status.map(|it| (it.dev(), it.ino(), it.len(), it.mtime(), it.mtime_nsec())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_write_changes_it_and_reading_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let none = FileStamp::of(&file);
        std::fs::write(&file, "1").unwrap();
        let first = FileStamp::of(&file);
        assert_ne!(first, none);
        std::fs::read(&file).unwrap();
        assert_eq!(FileStamp::of(&file), first);
        std::fs::write(&file, "12").unwrap();
        let second = FileStamp::of(&file);
        assert_ne!(second, first);
        std::fs::write(folder.path().join("new"), "12").unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        assert_ne!(FileStamp::of(&file), second);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(FileStamp::of(&file), none);
    }
}
