//! What is known of upgrades: which elements are being asked about, what was found out, what is held.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::plan::LeftReason;
use crate::core::plan::cost::Cost;

/// Upgrades, element by element.
#[derive(Debug, Default)]
pub struct Upgrades {
    /// Elements whose flakes are being asked, or were not counted yet.
    pub checking: BTreeSet<String>,
    /// Elements with another source or other outputs staged whose flakes have not been heard of.
    pub moving: BTreeSet<String>,
    /// References that elements were to follow and could not.
    pub tried: BTreeMap<String, String>,
    /// Elements of a profile that is to be converted whose staged sources are only proposals.
    pub proposed: BTreeSet<String>,
    /// What the last check of an element found.
    pub found: BTreeMap<String, Found>,
    /// Elements that the user holds back.
    pub held: BTreeSet<String>,
    /// Why it is not known what is held, if so.
    pub holds_problem: Option<String>,
    /// What the plan under review costs, as far as it was asked.
    pub cost: Option<AskedCost>,
}

/// The cost of a plan.
#[derive(Debug)]
pub struct AskedCost {
    /// The model's revision with that plan.
    pub revision: u64,
    /// The answer, once it is there; words if it cannot be told.
    pub answer: Option<Result<Cost, String>>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its flake has other store paths.
    Newer,
    /// Its flake has the same ones.
    Same,
    /// It could not be told, built or fetched; a message for people, as it came from outside.
    Failed(LeftReason, String),
}

impl Upgrades {
    /// Why an element could not be upgraded, if that was tried last.
    pub fn failure(&self, element: &str) -> Option<(LeftReason, &str)> {
        match self.found.get(element)? {
            Found::Failed(reason, message) => Some((*reason, message)),
            Found::Newer | Found::Same => None,
        }
    }

    /// The profile is another one: only what failed there may be true still.
    pub fn profile_changed(&mut self, is_there: &dyn Fn(&str) -> bool) {
        self.found.retain(|name, found| is_there(name) && matches!(found, Found::Failed(..)));
        self.held.retain(|name| is_there(name));
    }
}
