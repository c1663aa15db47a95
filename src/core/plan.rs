//! What applying the staged changes would do: the one value behind the preview,
//! `--dry-run`, the review screen and applying.
//!
//! Planning never fails. A collision, a package that does not exist, an
//! installable that cannot be resolved are data in the plan; [`Plan::state`] says
//! whether it can be applied.

use std::sync::Arc;

use super::change::Change;
use super::facts::{Facts, Needs};
use super::file_tree::Basis;
use super::link_tree::{Collisions, LinkTree};
use super::manifest::{ProfileElement, ProfileManifest};
use super::store_path::{StoreDir, StorePath, StorePathError};
use super::transaction::{AddedName, Transaction};

/// The profile a plan starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Where the profile points; `None` for a profile that does not exist yet.
    pub store_path: Option<StorePath>,
    /// Its manifest; empty for a profile that does not exist yet.
    pub manifest: ProfileManifest,
    /// The store folder.
    pub store_dir: StoreDir,
}

/// The whole result of planning.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was made on.
    pub base: Base,
    /// The staged changes in normal form.
    pub changes: Vec<Change>,
    /// The elements afterwards.
    pub after: ProfileManifest,
    /// One row for every element before or after, by name.
    pub elements: Vec<PlannedElement>,
    /// Names of the staged additions.
    pub added: Vec<AddedName>,
    /// The tree as it is.
    pub tree_before: Arc<LinkTree>,
    /// The tree as it would be.
    pub tree_after: Arc<LinkTree>,
    /// Collisions of the tree as it would be.
    pub collisions: Arc<Collisions>,
    /// Changes that could not be carried out, with the reason.
    pub left: Vec<Left>,
    /// What must be learnt before this can be applied.
    pub needs: Needs,
}

/// An element's row: before, after, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedElement {
    /// Its name.
    pub name: String,
    /// As the profile holds it now.
    pub before: Option<ProfileElement>,
    /// As it would be; also `None` while an addition is not resolved.
    pub after: Option<ProfileElement>,
    /// The staged addition that makes it, as an index into [`Plan::changes`].
    pub added_by: Option<usize>,
}

/// Something that was asked for and is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Left {
    /// The element's name, or the installable.
    pub element: String,
    /// One word for programs.
    pub reason: LeftReason,
    /// A sentence for people.
    pub message: String,
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftReason {
    /// The change names an element the profile does not have.
    NoSuchElement,
    /// Nix's "already added".
    AlreadyAdded,
    /// The store could not resolve the installable.
    Refused,
}

/// Whether a plan can be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// Nothing staged, or the staged changes leave the profile as it is.
    Nothing,
    /// Facts are still missing.
    Unknown,
    /// Collisions stand in the way.
    Blocked,
    /// A package is missing or unreadable, or an addition was refused.
    Impossible,
    /// It can be applied.
    Ready,
}

impl Plan {
    /// Plans the transaction on the base. `previous` only speeds things up.
    pub fn make(base: &Base, transaction: &Transaction, facts: &Facts, previous: Option<&Self>) -> Self {
        let _ = (base, transaction, facts, previous);
        todo!()
    }

    /// Whether it can be applied.
    pub fn state(&self) -> PlanState {
        todo!()
    }

    /// How sure the tree is.
    pub fn basis(&self) -> Basis {
        self.tree_after.basis
    }

    /// The future profile's store path; `None` while blocked or while contents are unknown; the
    /// base while there is nothing to do. Hashes the whole tree: not for every key.
    pub fn result(&self) -> Result<Option<StorePath>, StorePathError> {
        todo!()
    }

    /// The element a package path belongs to after the plan; `None` for propagated packages.
    /// With one path in two elements it is the stronger, then the first by name.
    pub fn element_of(&self, package: &[u8]) -> Option<&str> {
        let _ = package;
        todo!()
    }

    /// The plan as DESIGN.md's JSON.
    pub fn to_json(&self) -> serde_json::Value {
        todo!()
    }
}
