//! Where entries of registries stand: file and line, in words and for JSON.
//!
//! An entry knows nothing of its file. The lines are found once for all entries, and only where
//! they are told: in JSON, and where a look-up fails and somebody has to mend an entry.

use crate::core::registry::file::entry_lines;
use crate::core::registry::{EntryId, Hop, Layer, LookUpError};
use crate::core::visible;
use crate::ops::load_registries::LoadedRegistries;

/// The files of all entries, with the lines on which they begin.
pub struct EntryPlaces<'a> {
    loaded: &'a LoadedRegistries,
    lines: [Vec<usize>; 4],
}

impl<'a> EntryPlaces<'a> {
    /// Finds the lines.
    pub fn of(loaded: &'a LoadedRegistries) -> Self {
        let of_layer = |layer| loaded.file(layer).and_then(|file| file.text.as_deref());
        let lines = Layer::ALL.map(|layer| of_layer(layer).map(entry_lines).unwrap_or_default());
        Self { loaded, lines }
    }

    /// The line of an entry, from 1; none for one of the command line.
    pub fn line(&self, id: EntryId) -> Option<usize> {
        self.lines[id.layer as usize].get(id.index).copied()
    }

    /// The file of an entry; none for one of the command line.
    pub fn file(&self, id: EntryId) -> Option<String> {
        self.loaded.file_of(id).map(|file| file.path.display().to_string())
    }

    /// `/home/ann/.config/nix/registry.json line 3`
    fn words(&self, id: EntryId) -> String {
        match (self.file(id), self.line(id)) {
            (Some(file), Some(line)) => format!("{} line {line}", visible::text(&file)),
            (Some(file), None) => visible::text(&file),
            (None, _) => "--override-flake".to_owned(),
        }
    }

    /// Which entries are to blame that a reference leads nowhere, and what to do about them.
    pub fn advice(&self, error: &LookUpError) -> Option<String> {
        let hop = |hop: &Hop| format!("{} → {} ({})", hop.before, hop.after, self.words(hop.entry));
        let chain = |hops: &[Hop]| hops.iter().map(hop).collect::<Vec<_>>().join(", ");
        match error {
            LookUpError::Cycle { hops, .. } => {
                let circle = chain(circle(hops));
                Some(format!("the circle is {circle}; 'firn registry remove' takes an entry away"))
            }
            LookUpError::Unfit { entry, .. } => Some(format!("the entry is in {}", self.words(*entry))),
            LookUpError::Unknown { hops, .. } if !hops.is_empty() => {
                Some(format!("the registries say {}", chain(hops)))
            }
            LookUpError::Unknown { .. } => None,
        }
    }
}

/// The part of the replacements that would come again and again.
fn circle(hops: &[Hop]) -> &[Hop] {
    let start = hops.last().and_then(|last| hops.iter().rposition(|hop| hop.before == last.after));
    &hops[start.unwrap_or(0)..]
}
