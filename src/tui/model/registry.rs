//! Pane 2: the registries as they were read, and what follows from them.

use std::collections::{BTreeSet, HashMap};

use tui_input::Input;

use crate::core::flake_ref::FlakeRef;
use crate::core::registry::trace::Trace;
use crate::core::registry::{Entry, EntryId, Layer, Registries, Standing};
use crate::ops::load_registries::LoadedRegistries;

use super::{ListCursor, MarkRange};

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

/// What a mark is on: entries change places when others are staged, so it is the layer and what is
/// replaced there.
pub type EntryName = (Layer, FlakeRef);

/// Pane 2: rows are the entries of all layers in the order in which they are tried.
#[derive(Debug, Default)]
pub struct RegistryPane {
    /// What was read.
    pub load: RegistriesLoad,
    /// Among the rows.
    pub cursor: ListCursor,
    /// The rows that the filter keeps; made in `update`.
    pub rows: Vec<RegistryRow>,
    /// Marked entries.
    pub marks: BTreeSet<EntryName>,
    /// Marks that grow with the cursor.
    pub range: Option<MarkRange<EntryName>>,
    /// The filter text; empty shows all.
    pub filter: Input,
    /// Whether keys go to the filter.
    pub filtering: bool,
    /// How many entries the filter hides.
    pub hidden: usize,
    /// Whether the global registry is being fetched.
    pub fetching: bool,
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
    /// What was read, once it has been.
    pub fn loaded(&self) -> Option<&LoadedRegistries> {
        match &self.load {
            RegistriesLoad::Loaded(loaded) => Some(loaded),
            RegistriesLoad::Loading | RegistriesLoad::Failed(_) => None,
        }
    }

    /// The registries that the rows are of.
    pub fn registries(&self) -> Option<&Registries> {
        self.loaded().map(|loaded| &loaded.registries)
    }

    /// The entry of a row; none of a row that is about a file.
    pub fn entry(&self, row: RegistryRow) -> Option<(EntryId, &Entry)> {
        let RegistryRow::Entry(id) = row else { return None };
        Some((id, self.registries()?.entry(id)?))
    }

    /// What a mark on a row would be on.
    pub fn name_of(&self, row: RegistryRow) -> Option<EntryName> {
        self.entry(row).map(|(id, entry)| (id.layer, entry.from.clone()))
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

/// `t`: where a reference leads, hop by hop.
#[derive(Debug, Default)]
pub struct TraceScreen {
    /// The reference, as typed.
    pub input: Input,
    /// What was typed before a known name took its place.
    pub typed: String,
    /// The known names that have it in them.
    pub names: Vec<String>,
    /// The one of them that stands in the field.
    pub chosen: Option<usize>,
    /// Where it leads; made in `update` on every key.
    pub answer: TraceAnswer,
    /// The elements of the planned profile whose reference passes it.
    pub followers: Vec<String>,
    /// First line shown.
    pub scroll: usize,
}

/// What is told of the text in the field.
#[derive(Debug, Default)]
pub enum TraceAnswer {
    /// Nothing was typed, or nothing is known yet.
    #[default]
    Nothing,
    /// It is no reference, with the reason.
    Unreadable(String),
    /// Where it leads.
    Traced(Box<Trace>),
}
