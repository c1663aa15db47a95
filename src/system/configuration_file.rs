//! Reads what the user wrote for firn: `config.toml` and theme files.
//!
//! No such file is no error. One that is no text, or far too large to be written by
//! hand, is told in words with its name; nothing is ever written.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bounded_file::{self, BoundedReadError, is_nothing};

/// Nobody writes more by hand.
const LARGEST: u64 = 1024 * 1024;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationFileError {
    /// The system says no.
    #[error("cannot read it: {0}")]
    Io(io::Error),
    /// A folder, a pipe, a device.
    #[error("it is not a file; write a text file there, or take it away")]
    NotAFile,
    /// More than a mebibyte.
    #[error("it is larger than 1 MiB, so it is no configuration; 'firn config' prints one to start from")]
    TooLarge,
    /// Bytes that are no text.
    #[error("it is not UTF-8 text from line {line} on; 'firn config' prints one to start from")]
    NotText {
        /// Where the first such byte is, from 1.
        line: usize,
    },
}

/// What is wrong with a file the user wrote, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file as shown.
    pub file: String,
    /// The line, from 1; none if it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong, and what to write.
    pub words: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.file, self.words),
            None => write!(formatter, "{}: {}", self.file, self.words),
        }
    }
}

/// The text of a file; `None` if there is none.
pub fn read(path: &Path) -> Result<Option<String>, ConfigurationFileError> {
    let bytes = match bounded_file::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(BoundedReadError::Io(error)) if is_absent(path, &error) => return Ok(None),
        Err(BoundedReadError::Io(error)) => return Err(ConfigurationFileError::Io(error)),
        Err(BoundedReadError::NotRegular) => return Err(ConfigurationFileError::NotAFile),
        Err(BoundedReadError::TooLarge(_)) => return Err(ConfigurationFileError::TooLarge),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        ConfigurationFileError::NotText { line: line_of(error.as_bytes(), valid) }
    })?;
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

/// The line of a place in a text, from 1.
pub fn line_of(text: &[u8], place: usize) -> usize {
    text[..place.min(text.len())].split(|byte| *byte == b'\n').count()
}

/// Nothing stands there; a link that leads nowhere is something.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    is_nothing(error) && fs::symlink_metadata(path).is_err()
}

/// The themes of the user: names without `.toml`, in order.
pub fn themes(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let is_theme = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut names: Vec<String> = paths
        .filter(is_theme)
        .filter_map(|path| path.file_stem().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &Path) -> String {
        read(path).unwrap_err().to_string()
    }

    #[test]
    fn text_is_read_and_nothing_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        assert!(read(&file).unwrap().is_none());
        assert!(read(&file.join("below")).unwrap().is_none());
        fs::write(&file, "\u{feff}mouse = false\r\n").unwrap();
        assert_eq!(read(&file).unwrap().as_deref(), Some("mouse = false\r\n"));
        assert!(read(&file.join("below")).unwrap().is_none());
    }

    #[test]
    fn what_is_no_text_is_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        assert!(told(folder.path()).contains("not a file"));
        let file = folder.path().join("config.toml");
        fs::write(&file, b"a\nb\n\xff\xfe").unwrap();
        assert!(told(&file).contains("from line 3"));
        fs::write(&file, vec![b'#'; 1024 * 1024 + 1]).unwrap();
        assert!(told(&file).contains("larger than 1 MiB"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(told(&link).contains("cannot read it"));
    }

    #[test]
    fn themes_are_named_without_their_ending() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["night.toml", "day.toml", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(themes(folder.path()), ["day", "night"]);
        assert!(themes(&folder.path().join("none")).is_empty());
    }
}
