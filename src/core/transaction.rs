//! The staged changes: an ordered list in normal form, with undo and redo.
//!
//! Normal form keeps the list as short as its meaning: a second priority for an
//! element replaces the first, a change back to what the base holds vanishes, a
//! removal swallows the element's other changes, and changes to a staged addition
//! fold into it. Each step remembers the list before it, so undo is exact.

use super::change::Change;
use super::manifest::ProfileManifest;

/// Staged changes on a base manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    changes: Vec<Change>,
    undone: Vec<Step>,
    done: Vec<Step>,
}

/// One stroke of the user: the lists before and after it, with words for the toast.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    before: Vec<Change>,
    after: Vec<Change>,
}

/// A plan file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// Not JSON, or a change of the wrong shape.
    #[error("{0}")]
    Syntax(String),
    /// Made by a newer firn.
    #[error("it has version {0}; this firn reads version 1")]
    Version(String),
}

impl Transaction {
    /// The changes in the order they apply.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Stages several changes as one step that one undo takes back.
    /// `names` tells which element each staged addition became (see [`super::plan::Plan`]).
    pub fn stage(&mut self, base: &ProfileManifest, names: &[AddedName], changes: Vec<Change>) {
        let _ = (base, names, changes);
        todo!()
    }

    /// Drops everything that is staged for an element, as one step; tells whether anything was.
    pub fn unstage(&mut self, base: &ProfileManifest, names: &[AddedName], element: &str) -> bool {
        let _ = (base, names, element);
        todo!()
    }

    /// Drops all changes, as one step.
    pub fn clear(&mut self) {
        todo!()
    }

    /// Takes the last step back; false if there is none.
    pub fn undo(&mut self) -> bool {
        todo!()
    }

    /// Takes the last undo back; false if there is none.
    pub fn redo(&mut self) -> bool {
        todo!()
    }

    /// Reads `{"version":1,"changes":[…]}`.
    pub fn parse(text: &str) -> Result<Self, TransactionError> {
        let _ = text;
        todo!()
    }

    /// Prints `{"version":1,"changes":[…]}`.
    pub fn to_json(&self) -> String {
        todo!()
    }
}

/// The element a staged addition became, or will be called as long as it is unresolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedName {
    /// Index of the addition in [`Transaction::changes`].
    pub change: usize,
    /// The element's name.
    pub name: String,
}
