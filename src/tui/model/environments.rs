//! What is known of environments, which no manifest tells: the packages in one, and what an upgrade
//! changes inside. Outlives the screens; store paths never mean something else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ListCursor, OutputFiles};
use crate::core::contained_outputs::ContainedPackage;
use crate::core::environment_difference::ContentChange;
use crate::core::store_path::StorePath;
use crate::ops::compare_environments::EnvironmentChange;

/// What was asked, and what came of it.
#[derive(Debug, Default)]
pub struct Environments {
    /// The packages of an element, by its store paths; none if it is no environment.
    pub contained: BTreeMap<Vec<StorePath>, Told<Vec<ContainedPackage>>>,
    /// What upgrades change inside; nothing where that cannot be told.
    pub changes: BTreeMap<EnvironmentChange, Told<Option<Vec<ContentChange>>>>,
}

/// An answer of the store, or that it is awaited.
#[derive(Clone, Debug)]
pub enum Told<T> {
    /// It was asked.
    Asked,
    /// It has answered.
    Known(Arc<T>),
    /// It could not tell: why, in words.
    Failed(String),
}

/// `O` on an environment: the outputs of its packages.
#[derive(Debug)]
pub struct ContainedScreen {
    /// The environment.
    pub element: String,
    /// Its store paths.
    pub store_paths: Vec<StorePath>,
    /// Among the rows.
    pub cursor: ListCursor,
    /// The first file shown of the output under the cursor.
    pub scroll: usize,
    /// One for each output, once they are known; words if they are not to be had. Made in `update`.
    pub rows: Option<Result<Vec<ContainedRow>, String>>,
}

/// An output of a package of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainedRow {
    /// `zlib-1.2.11`.
    pub package: String,
    /// `dev`.
    pub output: String,
    /// Its path, if that is known.
    pub path: Option<StorePath>,
    /// Whether the environment has it.
    pub is_linked: bool,
    /// What stands in `paths` for it: `zlib.dev`.
    pub in_paths: String,
    /// Its files.
    pub files: OutputFiles,
}

impl ContainedScreen {
    /// The row under the cursor.
    pub fn row(&self) -> Option<&ContainedRow> {
        self.rows.as_ref()?.as_ref().ok()?.get(self.cursor.selected)
    }

    /// How many rows there are.
    pub fn length(&self) -> usize {
        self.rows.as_ref().and_then(|rows| rows.as_ref().ok()).map_or(0, Vec::len)
    }
}
