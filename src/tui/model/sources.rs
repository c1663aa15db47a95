//! What is chosen of an element's package: its outputs (`O`), and the flake it follows (`e`).

use std::sync::Arc;

use tui_input::Input;

use super::ListCursor;
use crate::core::change::Change;
use crate::core::evaluation::Question;
use crate::core::manifest::ExtendedOutputsSpec;
use crate::core::store_path::StorePath;

/// `O`: the outputs of one element.
#[derive(Debug)]
pub struct OutputsScreen {
    /// Whose.
    pub element: String,
    /// What tells which there are.
    pub question: OutputsQuestion,
    /// The choice of the profile as it is.
    pub base: ExtendedOutputsSpec,
    /// The choice that Enter stages.
    pub wanted: ExtendedOutputsSpec,
    /// Among the rows: the package's own, all, then each output.
    pub cursor: ListCursor,
    /// The first file shown of the output under the cursor.
    pub scroll: usize,
    /// The outputs, once that has answered; words if it could not. Made in `update`.
    pub rows: Option<Result<Vec<OutputRow>, String>>,
    /// Why there may be more outputs than these.
    pub unknown: Option<Arc<str>>,
    /// What the choice would do, in words; made in `update`.
    pub outcome: Vec<String>,
    /// Whether it would block the plan.
    pub blocks: bool,
}

/// What is asked for the outputs of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputsQuestion {
    /// Its flake.
    Flake(Question),
    /// The derivation that made it: nix-env records no more than is installed.
    Derivation(StorePath),
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRow {
    /// Its name.
    pub name: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Whether the profile as it is has it.
    pub installed: bool,
    /// Whether it is installed if nobody chooses.
    pub default: bool,
    /// Its files.
    pub files: OutputFiles,
}

/// What is known of an output's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputFiles {
    /// Their paths, sorted.
    Known(Vec<String>),
    /// The store or a binary cache is being asked.
    Asking,
    /// No binary cache lists it, and it is not here.
    UnknownUntilBuilt,
    /// Not even its path is known.
    NoPath,
}

/// Rows above the outputs: the package's own choice (of nix-env: what is installed), and all of them.
pub const FIXED_ROWS: usize = 2;

impl OutputsScreen {
    /// The output under the cursor; `None` on a row that stands for several.
    pub fn output(&self) -> Option<&OutputRow> {
        let rows = self.rows.as_ref()?.as_ref().ok()?;
        rows.get(self.cursor.selected.checked_sub(FIXED_ROWS)?)
    }

    /// How many rows there are to move among.
    pub fn length(&self) -> usize {
        match &self.rows {
            Some(Ok(rows)) => rows.len() + FIXED_ROWS,
            _ => 0,
        }
    }
}

/// `e`: where an element comes from, and what it could follow.
#[derive(Debug)]
pub struct SourceForm {
    /// The element it was opened on.
    pub element: String,
    /// The reference as typed.
    pub to: Input,
    /// Ways to move it: to follow what is typed, first; then what is offered.
    pub offers: Vec<SourceOffer>,
    /// Elements that follow the same reference, itself among them, and whether each moves along.
    pub along: Vec<Follower>,
    /// Among the ways, then the elements.
    pub cursor: ListCursor,
}

/// Something that Enter stages beside what is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceOffer {
    /// Stay at what each is locked to today.
    Pin,
    /// Follow what was followed before.
    Unpin,
    /// Have no source after the conversion.
    NoSource,
}

/// An element that follows the same reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// Its name.
    pub name: String,
    /// Whether it moves along.
    pub along: bool,
    /// Whether it is held back from upgrades.
    pub held: bool,
    /// What pins it, or why it cannot be.
    pub pin: Result<Change, &'static str>,
    /// What lets it move again, or why that is not known.
    pub unpin: Result<Change, &'static str>,
}

impl SourceForm {
    /// How many rows there are to move among.
    pub fn length(&self) -> usize {
        1 + self.offers.len() + self.along.len()
    }

    /// What the cursor is on.
    pub fn place(&self) -> SourcePlace<'_> {
        let row = self.cursor.selected;
        match (row, row.checked_sub(1 + self.offers.len())) {
            (0, _) => SourcePlace::Typed,
            (_, Some(index)) => self.along.get(index).map_or(SourcePlace::Typed, SourcePlace::Element),
            (_, None) => self.offers.get(row - 1).map_or(SourcePlace::Typed, SourcePlace::Offer),
        }
    }

    /// The field, which gets the keys: whoever types means it.
    pub fn input(&mut self) -> &mut Input {
        self.cursor = ListCursor::default();
        &mut self.to
    }
}

/// A row of the source form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourcePlace<'a> {
    /// The field.
    Typed,
    /// An offer.
    Offer(&'a SourceOffer),
    /// An element that may move along.
    Element(&'a Follower),
}
