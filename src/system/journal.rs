//! The journal: what firn itself did to profiles, one JSON line each, appended.
//!
//! It answers what generation links cannot: which generation another was made on,
//! and which one was live before. A line that does not parse is skipped, never
//! rewritten; losing the whole file costs only these answers.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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
}

/// What firn does to profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// A plan was applied.
    Apply,
    /// An older or newer generation was made live.
    Switch,
    /// Generations were deleted.
    Delete,
}

impl Journal {
    /// The journal in a state folder.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("journal.jsonl") }
    }

    /// Appends one deed; the folder is made if needed.
    pub fn append(&self, entry: &JournalEntry) -> std::io::Result<()> {
        let _ = (entry, &self.path);
        todo!()
    }

    /// The deeds on one profile, oldest first.
    pub fn read(&self, profile: &Path) -> std::io::Result<Vec<JournalEntry>> {
        let _ = profile;
        todo!()
    }
}
