//! Pane 2: the registries as they were read, and what follows from them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tui_input::Input;

use crate::core::flake_ref::FlakeRef;
use crate::core::plan::RegistryPlan;
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
    /// The same with what is staged; made with the plan.
    pub planned: Option<Arc<RegistryPlan>>,
    /// What is staged, by what is replaced; made with the plan.
    pub staged: HashMap<FlakeRef, StagedEntry>,
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
    /// An entry of the registries as they would be.
    Entry(EntryId),
    /// An entry of the registries as they are that the plan takes away.
    Removed(EntryId),
    /// An entry that is not known yet, or cannot be made; an index among the plan's edits.
    Coming(usize),
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

    /// The registries as they would be.
    pub fn registries(&self) -> Option<&Registries> {
        match &self.planned {
            Some(plan) => Some(&plan.after),
            None => self.loaded().map(|loaded| &loaded.registries),
        }
    }

    /// The entry of a row; none of a row that is about a file, or about an entry not known yet.
    pub fn entry(&self, row: RegistryRow) -> Option<(EntryId, &Entry)> {
        match row {
            RegistryRow::Entry(id) => Some((id, self.registries()?.entry(id)?)),
            RegistryRow::Removed(id) => Some((id, self.planned.as_ref()?.before.registries.entry(id)?)),
            RegistryRow::Coming(_) | RegistryRow::Problem(_) | RegistryRow::NotFetched => None,
        }
    }

    /// What a mark on a row would be on.
    pub fn name_of(&self, row: RegistryRow) -> Option<EntryName> {
        if let RegistryRow::Coming(index) = row {
            let edit = self.planned.as_ref()?.edits.get(index)?;
            return Some((Layer::User, edit.edit.from().with_dir(b"")));
        }
        self.entry(row).map(|(id, entry)| (id.layer, entry.from.clone()))
    }

    /// What is staged for a row; only the user's registry is ever edited.
    pub fn staged_for(&self, row: RegistryRow) -> Option<&StagedEntry> {
        let (_, from) = self.name_of(row).filter(|(layer, _)| *layer == Layer::User)?;
        self.staged.get(&from)
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

/// What is staged for a name of the user's registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedEntry {
    /// What becomes of it.
    pub kind: StagedKind,
    /// How far that is.
    pub state: StagedState,
    /// Whether the user's registry has an entry for it now.
    pub was_there: bool,
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StagedKind {
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It leads elsewhere.
    Changed,
    /// It leads to what it means today, for good.
    Pinned,
}

/// How far a staged edit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StagedState {
    /// Nothing is missing.
    Ready,
    /// What it is pinned to is being looked up.
    Checking,
    /// It cannot be made: why.
    Failed(String),
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

/// `i` and `e`: an entry of the user's registry in the making.
#[derive(Debug)]
pub struct EntryForm {
    /// What it is for.
    pub kind: FormKind,
    /// Which field has the keys.
    pub field: EntryField,
    /// What is replaced, as typed.
    pub from: Input,
    /// By what, as typed.
    pub to: Input,
}

/// What the fields of an entry are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// A new entry.
    Add,
    /// Another target for an entry of the user's.
    Edit,
    /// An entry of the user's that is tried before one of this layer.
    Override(Layer),
}

/// A field of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryField {
    /// What is replaced.
    From,
    /// By what.
    To,
}

impl EntryForm {
    /// Gives the keys to the other field.
    pub fn turn(&mut self) {
        self.field = match self.field {
            EntryField::From => EntryField::To,
            EntryField::To => EntryField::From,
        };
    }

    /// The field that has the keys.
    pub fn input(&mut self) -> &mut Input {
        match self.field {
            EntryField::From => &mut self.from,
            EntryField::To => &mut self.to,
        }
    }

    /// What was typed, or why it is no reference.
    pub fn read(&self, field: EntryField) -> Result<FlakeRef, String> {
        let (text, what) = match field {
            EntryField::From => (self.from.value().trim(), "what is to be replaced is missing"),
            EntryField::To => (self.to.value().trim(), "what it leads to is missing"),
        };
        if text.is_empty() {
            return Err(what.to_owned());
        }
        if text.starts_with(['.', '~']) {
            return Err(format!("'{text}': a path is written whole, from / on"));
        }
        FlakeRef::parse(text).map_err(|error| error.to_string())
    }
}
