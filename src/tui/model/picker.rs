//! `i`: what can be added. A line of text, and below it what it could mean: the packages of the
//! flake or file that is open, or the flakes one could open; what stands at a path; and the text itself,
//! as an installable.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tui_input::Input;

use super::ListCursor;
use crate::core::change::Change;
use crate::core::installable::Installable;
use crate::core::package_list::{PackageList, PackageSource, SourceScope};
use crate::core::typed_path::PathChoice;
use crate::ops::search_packages::{SystemPackages, Tried};
use crate::system::machine::{Listed, ListingProgress, WholeFile};

/// The picker.
#[derive(Debug, Default)]
pub struct PickerScreen {
    /// What is typed: words to find, or an installable.
    pub input: Input,
    /// Among the choices.
    pub cursor: ListCursor,
    /// Whether packages are shown, not flakes.
    pub packages: bool,
    /// Flakes that can be opened; made in `update`.
    pub flakes: Vec<FlakeChoice>,
    /// Whether what is typed is an installable, so that it comes first.
    pub is_whole: bool,
    /// What the typed path could be, if one is typed.
    pub paths: Option<PathRows>,
    /// Whether all of the open file is offered.
    pub offers_whole: bool,
    /// Marked rows of the listing.
    pub marks: BTreeSet<u32>,
    /// The rows that are found, best first.
    pub found: Arc<[u32]>,
    /// What they were found for.
    pub found_for: String,
    /// Counts searches, so that older answers are dropped.
    pub generation: u64,
}

/// A flake whose packages can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlakeChoice {
    /// As one types it: `nixpkgs`.
    pub reference: String,
    /// Where it leads, or what it is.
    pub about: String,
    /// How many elements of the profile follow it.
    pub elements: usize,
}

/// The lines for a typed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRows {
    /// The machine is being asked about this path.
    Asked(String, Enter),
    /// What it said.
    Known(Vec<PathRow>),
}

/// Whether Enter came before it was known what stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// Not yet.
    Awaited,
    /// The path is taken as soon as it is known.
    Pressed,
}

/// A line for a typed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRow {
    /// The path.
    pub choice: PathChoice,
    /// What taking it means.
    pub meaning: PathMeaning,
}

/// What a path is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathMeaning {
    /// A folder to go into.
    Folder,
    /// The flake in it.
    Flake,
    /// These attributes of the flake in it.
    FlakeAttributes(Vec<String>),
    /// A file, by its whole path: what is in it is shown first.
    File(String),
    /// These attributes of a file, by its whole path.
    Attributes(String, Vec<String>),
    /// A package in the store.
    StorePath,
}

/// A line of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// What is typed, as it is.
    Typed(&'a str),
    /// A flake to open.
    Flake(&'a FlakeChoice),
    /// A row of the listing.
    Package(u32),
    /// All of the open file.
    Whole,
    /// What stands at a path.
    Path(&'a PathRow),
}

/// What is known of packages that could be added; outlives the screen.
#[derive(Debug, Default)]
pub struct Packages {
    /// The flake that was opened last.
    pub listing: Option<Listing>,
    /// What the system's profiles bring, once it was read.
    pub system: Option<Arc<SystemPackages>>,
    /// What adding these together would lead to, with the plan it was tried on.
    pub tried: HashMap<Vec<Installable>, (u64, Trial)>,
}

/// A flake and its packages.
#[derive(Debug)]
pub struct Listing {
    /// The flake.
    pub source: PackageSource,
    /// How far it is.
    pub state: ListingState,
}

/// How far a listing is.
#[derive(Debug)]
pub enum ListingState {
    /// It is being made, since then.
    Running(ListingProgress, i64),
    /// It is there.
    Done(Arc<Listed>),
    /// It cannot be made: why, in words.
    Failed(String),
}

/// A look at what an addition would lead to.
#[derive(Debug)]
pub enum Trial {
    /// Being found out.
    Running,
    /// Known.
    Done(Box<Tried>),
    /// It cannot be told: why, in words.
    Failed(String),
}

impl Packages {
    /// The open listing, once it is there.
    pub fn listed(&self) -> Option<&Arc<Listed>> {
        match &self.listing.as_ref()?.state {
            ListingState::Done(listed) => Some(listed),
            ListingState::Running(..) | ListingState::Failed(_) => None,
        }
    }

    /// The same, only the packages.
    pub fn list(&self) -> Option<&PackageList> {
        self.listed().map(|listed| &listed.list)
    }

    /// The change that adds a row.
    pub fn addition(&self, row: u32) -> Option<Change> {
        let (listing, listed) = (self.listing.as_ref()?, self.listed()?);
        let (row, reference) = (row as usize, &listing.source.reference);
        match listing.source.scope {
            SourceScope::Flake => {
                Some(Change::addition(listed.list.installable(row, reference, &listed.system)?, None))
            }
            SourceScope::File => Some(Change::addition_from_file(reference, listed.list.get(row)?.attribute)),
        }
    }

    /// The file that is open, and what it is as a whole.
    pub fn whole_file(&self) -> Option<(&str, &WholeFile)> {
        let (listing, listed) = (self.listing.as_ref()?, self.listed()?);
        Some((&listing.source.reference, listed.whole.as_ref()?))
    }
}

impl PickerScreen {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        if let Some(rows) = self.path_rows() {
            return rows.len();
        }
        let rest = if self.packages { self.found.len() } else { self.flakes.len() };
        rest + usize::from(self.offers_typed()) + usize::from(self.offers_whole)
    }

    /// Whether there is nothing to choose.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lines for a typed path, if one is typed.
    fn path_rows(&self) -> Option<&[PathRow]> {
        match self.paths.as_ref()? {
            PathRows::Asked(..) => Some(&[]),
            PathRows::Known(rows) => Some(rows),
        }
    }

    fn offers_typed(&self) -> bool {
        let typed = !self.input.value().trim().is_empty();
        typed && (self.is_whole || !self.packages)
    }

    /// A line: a whole installable stands first, a mere name behind the flakes of that name.
    pub fn choice(&self, line: usize) -> Option<Choice<'_>> {
        if let Some(rows) = self.path_rows() {
            return rows.get(line).map(Choice::Path);
        }
        let typed = Choice::Typed(self.input.value().trim());
        let first = usize::from(self.offers_typed() && self.is_whole);
        if first == 1 && line == 0 {
            return Some(typed);
        }
        if self.packages {
            let found = self.found.get(line - first).copied().map(Choice::Package);
            return found
                .or((self.offers_whole && line - first == self.found.len()).then_some(Choice::Whole));
        }
        match self.flakes.get(line - first) {
            Some(flake) => Some(Choice::Flake(flake)),
            None if first == 0 && line == self.flakes.len() && self.offers_typed() => Some(typed),
            None => None,
        }
    }

    /// The line under the cursor.
    pub fn selected(&self) -> Option<Choice<'_>> {
        self.choice(self.cursor.selected)
    }
}
