//! Marks that grow with the cursor: `v`, or shift with an arrow.

use std::collections::BTreeSet;

/// A range of marked rows, from where it began to the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkRange<T> {
    /// The row where it began.
    pub anchor: T,
    /// What was marked before.
    pub before: BTreeSet<T>,
    /// How it is made.
    pub by: RangeBy,
}

/// What makes a range grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeBy {
    /// Every move, until `v` again.
    Moves,
    /// Shift with an arrow; any other move ends it.
    Shift,
}

impl<T: Ord + Clone> MarkRange<T> {
    /// What is marked with the cursor on a row; `None` if the first row is not shown any more.
    pub fn marks(&self, shown: &[T], cursor: usize) -> Option<BTreeSet<T>> {
        let anchor = shown.iter().position(|row| *row == self.anchor)?;
        let rows = shown.get(anchor.min(cursor)..=anchor.max(cursor))?;
        Some(self.before.iter().chain(rows).cloned().collect())
    }
}
