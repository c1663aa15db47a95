//! Changes to one registry, as `nix registry add`, `remove` and `pin` make them.
//!
//! Each takes the registry as it was read and gives it as it is to be written. A file with
//! a [`Fault`] is not edited: what comes after the fault would be lost.

use super::file::Fault;
use super::{Entry, Registry};
use crate::core::flake_ref::FlakeRef;

/// Why a registry is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Writing would lose what could not be read.
    #[error("{0}")]
    Damaged(Fault),
    /// There is nothing to remove.
    #[error("there is no entry for '{0}'")]
    Missing(FlakeRef),
}

impl Registry {
    /// Drops every entry for `from`, exact ones too, and appends one that leads to `to`.
    pub fn adding(&self, from: &FlakeRef, to: FlakeRef) -> Result<Self, EditError> {
        let mut changed = self.sound()?;
        let from = from.with_dir(b"");
        changed.entries.retain(|entry| entry.from != from);
        changed.entries.push(Entry::new(from, to));
        Ok(changed)
    }

    /// Drops every entry for `from`. That there is none is an error, other than in Nix.
    pub fn removing(&self, from: &FlakeRef) -> Result<Self, EditError> {
        let mut changed = self.sound()?;
        let from = from.with_dir(b"");
        changed.entries.retain(|entry| entry.from != from);
        if changed.entries.len() == self.entries.len() {
            return Err(EditError::Missing(from));
        }
        Ok(changed)
    }

    /// As [`Registry::adding`] what `from` means today, `locked`. Its `dir` is that of `from`.
    pub fn pinning(&self, from: &FlakeRef, locked: &FlakeRef) -> Result<Self, EditError> {
        self.adding(from, locked.with_dir(from.dir()))
    }

    fn sound(&self) -> Result<Self, EditError> {
        match &self.fault {
            Some(fault) => Err(EditError::Damaged(fault.clone())),
            None => Ok(self.clone()),
        }
    }
}
