//! The sheet that asks before generations are deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use tui_input::Input;

use crate::core::deletion_loss::OnlyThere;

/// `d` in History: what would go, what stays all the same, and the count that says yes.
#[derive(Debug)]
pub struct DeleteSheet {
    /// The generations that would go, lowest first; never the live one or a kept one.
    pub numbers: Vec<u64>,
    /// Those that were asked for too and stay, lowest first.
    pub spared: Vec<(u64, Spared)>,
    /// The live generation when the sheet was opened.
    pub live: Option<u64>,
    /// What no other generation holds; made when the sheet opens.
    pub lost: Vec<OnlyThere>,
    /// Generations whose elements are not known, lowest first: what only they hold is not in `lost`.
    pub unread: Vec<u64>,
    /// What a garbage collection would free afterwards.
    pub frees: Freed,
    /// How many go, as typed.
    pub typed: Input,
    /// First line shown of what is told above the field.
    pub scroll: usize,
}

/// Why a generation is not deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    /// It is live.
    Live,
    /// The user keeps it.
    Kept,
}

/// What is known of the space that a deletion frees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freed {
    /// It is being found out.
    Checking,
    /// Bytes that a garbage collection would free afterwards.
    Bytes(u64),
    /// It cannot be told, for this reason.
    Unknown(Arc<str>),
}

/// What only one generation keeps alive, by its store path, as far as it was asked.
pub type OnlyHere = BTreeMap<String, Freed>;
