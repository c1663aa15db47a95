//! Pane 2: the registries as they were read, and what follows from them.

use std::collections::HashMap;

use crate::core::registry::{EntryId, Layer, Standing};
use crate::ops::load_registries::LoadedRegistries;

use super::ListCursor;

/// Whether the registries are there yet.
#[derive(Debug, Default)]
pub enum RegistriesLoad {
    /// Still reading.
    #[default]
    Loading,
    /// Read; a file that is damaged says so itself.
    Loaded(Box<LoadedRegistries>),
    /// firn failed at it: words for the screen.
    Failed(String),
}

/// Pane 2: rows are the entries of all layers in the order in which they are tried.
#[derive(Debug, Default)]
pub struct RegistryPane {
    /// What was read.
    pub load: RegistriesLoad,
    /// Among the rows.
    pub cursor: ListCursor,
    /// The rows; made in `update`.
    pub rows: Vec<RegistryRow>,
    /// Which entries have a say; made with the rows.
    pub standings: HashMap<EntryId, Standing>,
    /// Elements of the planned profile by the entries that decide what they mean, names in byte
    /// order; made with the rows and with the plan.
    pub followers: HashMap<EntryId, Vec<String>>,
}

/// A row of pane 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryRow {
    /// An entry.
    Entry(EntryId),
    /// What is wrong with the file of a layer, after the entries that count all the same.
    Problem(Layer),
    /// The global registry was never fetched.
    NotFetched,
}

impl RegistryPane {
    /// The registries, once they have been read.
    pub fn loaded(&self) -> Option<&LoadedRegistries> {
        match &self.load {
            RegistriesLoad::Loaded(loaded) => Some(loaded),
            RegistriesLoad::Loading | RegistriesLoad::Failed(_) => None,
        }
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<RegistryRow> {
        self.rows.get(self.cursor.selected).copied()
    }

    /// The elements that follow an entry.
    pub fn followers_of(&self, entry: EntryId) -> &[String] {
        self.followers.get(&entry).map_or(&[], Vec::as_slice)
    }
}
