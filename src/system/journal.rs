//! The journal: what firn itself did to profiles, one JSON line each, appended.
//!
//! It answers what generation links cannot: which generation another was made on,
//! and which one was live before. A line that does not parse is skipped, never
//! rewritten; losing the whole file costs only these answers.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::bounded_file;
pub use crate::core::deeds::Deed;
use crate::core::deeds::Move;

/// Some hundred thousand deeds. A larger file was not written by firn.
const LARGEST: u64 = 64 << 20;

/// The journal file.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
}

/// One deed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Seconds since 1970.
    pub time: i64,
    /// The profile's link.
    pub profile: PathBuf,
    /// What was done.
    pub deed: Deed,
    /// The live generation before.
    pub from: Option<u64>,
    /// The live generation after.
    pub to: Option<u64>,
    /// Where the one after leads: its number can be used again. Not in journals of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

impl JournalEntry {
    /// The deed without the profile.
    pub fn as_move(&self) -> Move {
        let Self { time, deed, from, to, target, .. } = self.clone();
        Move { time, deed, from, to, target }
    }
}

impl Journal {
    /// The journal in a state folder.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("journal.jsonl") }
    }

    /// Appends one deed; the folder is made if needed.
    ///
    /// One write of one line, at the end: two programs that append at once cannot mix their lines.
    /// Not synced to disk, as losing it costs little.
    pub fn append(&self, entry: &JournalEntry) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
        if !ends_with_line(&mut file)? {
            // A line cut short by a full disk: it costs only itself.
            line.insert(0, '\n');
        }
        file.write_all(line.as_bytes())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The numbers of lines that do not parse, from 1.
    pub fn damaged_lines(&self) -> io::Result<Vec<usize>> {
        let text = self.text()?;
        let lines = text.split(|byte| *byte == b'\n').zip(1..).filter(|(line, _)| !line.is_empty());
        let damaged = lines.filter(|(line, _)| serde_json::from_slice::<JournalEntry>(line).is_err());
        Ok(damaged.map(|(_, number)| number).collect())
    }

    /// All of it; nothing if there is no journal yet.
    fn text(&self) -> io::Result<Vec<u8>> {
        match bounded_file::read(&self.path, LARGEST) {
            Err(error) if error.is_nothing() => Ok(Vec::new()),
            read => Ok(read?),
        }
    }

    /// The deeds on one profile, oldest first.
    pub fn read(&self, profile: &Path) -> io::Result<Vec<JournalEntry>> {
        let text = self.text()?;
        let lines = text.split(|byte| *byte == b'\n');
        let entries = lines.filter_map(|line| serde_json::from_slice::<JournalEntry>(line).ok());
        Ok(entries.filter(|entry| entry.profile == profile).collect())
    }
}

fn ends_with_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(io::SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_cannot_be_one_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        File::create(journal.path()).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(journal.read(Path::new("/p")).unwrap_err().to_string(), "it has more than 64 MiB");
        std::fs::remove_file(journal.path()).unwrap();
        std::fs::create_dir(journal.path()).unwrap();
        assert_eq!(journal.damaged_lines().unwrap_err().to_string(), "not a regular file");
    }

    fn entry(profile: &str, to: u64) -> JournalEntry {
        JournalEntry {
            time: 7,
            profile: profile.into(),
            deed: Deed::Apply,
            from: None,
            to: Some(to),
            target: None,
        }
    }

    #[test]
    fn deeds_are_kept_in_order_and_by_profile() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(&folder.path().join("a/b"));
        assert_eq!(journal.read(Path::new("/p")).unwrap(), []);
        for deed in [entry("/p", 1), entry("/q", 1), entry("/p", 2)] {
            journal.append(&deed).unwrap();
        }
        assert_eq!(journal.read(Path::new("/p")).unwrap(), [entry("/p", 1), entry("/p", 2)]);
        let text = std::fs::read_to_string(folder.path().join("a/b/journal.jsonl")).unwrap();
        let first = r#"{"time":7,"profile":"/p","deed":"apply","from":null,"to":1}"#;
        assert_eq!(text.lines().next(), Some(first));
    }

    #[test]
    fn a_broken_line_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        std::fs::write(folder.path().join("journal.jsonl"), b"{}\n\xff\n{\"time\":7,\"prof").unwrap();
        journal.append(&entry("/p", 1)).unwrap();
        journal.append(&entry("/p", 2)).unwrap();
        assert_eq!(journal.read(Path::new("/p")).unwrap(), [entry("/p", 1), entry("/p", 2)]);
        assert_eq!(journal.damaged_lines().unwrap(), [1, 2, 3]);
    }
}
