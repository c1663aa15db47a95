//! Carries staged changes out on a manifest, in order.
//!
//! What asks a flake is in [`evaluating`](super::evaluating), additions are in
//! [`adding`](super::adding).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::adding::Surroundings;
use super::evaluating::Evaluating;
use super::registry::LookedUpBy;
use super::{Base, Left, LeftReason, PlannedElement};
use crate::core::change::Change;
use crate::core::facts::Facts;
use crate::core::installable::Installable;
use crate::core::manifest::{NumbersTaken, ProfileManifest};
use crate::core::transaction::AddedName;
use crate::core::user_environment::UserEnvironment;
use crate::core::user_environment::offered::{PackageQuestion, UpgradeQuestion};

/// What the changes make of a manifest.
pub(super) struct Folded {
    pub after: ProfileManifest,
    pub added: Vec<AddedName>,
    /// Additions that are not resolved, or not yet; their names are guesses.
    pub waiting: Vec<AddedName>,
    /// Additions that cannot be resolved, with the reason.
    pub refused: Vec<(usize, String)>,
    pub left: Vec<Left>,
    pub unresolved: Vec<Installable>,
    /// What nix-env recorded, where that is converted.
    pub converted: Option<Arc<UserEnvironment>>,
    /// Questions about packages of nix-env that nobody has answered yet.
    pub packages: Vec<PackageQuestion>,
    /// Names that nobody has looked for yet.
    pub candidates: Vec<UpgradeQuestion>,
    /// Where packages of nix-env were looked for, by element.
    pub looked_for: BTreeMap<String, UpgradeQuestion>,
    pub evaluating: Evaluating,
    /// The names in `waiting`.
    pub guessed: HashSet<String>,
    /// So that a thousand additions of one name need not try every name again.
    pub numbers: NumbersTaken,
    /// The same for guesses, which resolved additions do not see.
    pub guesses: NumbersTaken,
}

/// Carries out all changes; what cannot be carried out is left, with the reason.
pub(super) fn fold(base: &Base, changes: &[Change], facts: &Facts, by: &LookedUpBy) -> Folded {
    let mut folded = Folded::given(base.manifest.clone());
    folded.evaluating = Evaluating::of(changes, by);
    let known = Surroundings { store_dir: &base.store_dir, by };
    for (index, change) in changes.iter().enumerate() {
        folded.carry_out(index, change, facts, &known);
    }
    folded.forget_mere_locks(&base.manifest);
    folded.added.extend(folded.waiting.iter().cloned());
    folded
}

impl Folded {
    /// An outcome that no changes led to.
    pub(super) fn given(after: ProfileManifest) -> Self {
        Self {
            after,
            added: Vec::new(),
            waiting: Vec::new(),
            refused: Vec::new(),
            left: Vec::new(),
            unresolved: Vec::new(),
            converted: None,
            packages: Vec::new(),
            candidates: Vec::new(),
            looked_for: BTreeMap::new(),
            evaluating: Evaluating::default(),
            guessed: HashSet::new(),
            numbers: NumbersTaken::new(),
            guesses: NumbersTaken::new(),
        }
    }

    fn carry_out(&mut self, index: usize, change: &Change, facts: &Facts, known: &Surroundings<'_>) {
        match change {
            Change::Remove { element } => {
                if !self.after.remove(element) {
                    return self.no_such_element(element);
                }
                self.added.retain(|addition| addition.name != *element);
                self.numbers.clear();
                self.guesses.clear();
            }
            Change::Priority { element, to } => {
                if !self.after.set_priority(element, *to) {
                    self.no_such_element(element);
                }
            }
            Change::Active { element, to } => {
                if !self.after.set_active(element, *to) {
                    self.no_such_element(element);
                }
            }
            // A base that is converted already stays as it is.
            Change::Convert => {
                if let Some(environment) = self.after.environment.take() {
                    self.converted = Some(environment);
                }
            }
            Change::Attach { .. } => self.attach(change, facts),
            Change::UserEnvironment { manifest } => self.become_environment(manifest, known.store_dir),
            Change::Keep { element, to } => self.keep(element, *to),
            Change::Upgrade { .. }
            | Change::UpgradeFrom { .. }
            | Change::Outputs { .. }
            | Change::Retarget { .. }
                if self.after.environment.is_some() =>
            {
                self.change_package(change, facts);
            }
            Change::Upgrade { .. }
            | Change::UpgradeFrom { .. }
            | Change::Outputs { .. }
            | Change::Retarget { .. } => self.evaluate(index, change, facts),
            Change::Add { .. } => self.take_in(index, change, facts, known),
            // The registry's plan has them.
            Change::RegistryAdd { .. } | Change::RegistryRemove { .. } | Change::RegistryPin { .. } => {}
        }
    }

    fn keep(&mut self, element: &str, to: bool) {
        if self.after.environment.is_none() {
            let message = format!("'{element}' has no flag 'keep': only the packages of nix-env have");
            let left = Left { element: element.to_owned(), reason: LeftReason::NoSource, message };
            return self.left.push(left);
        }
        if !self.after.set_keep(element, to) {
            self.no_such_element(element);
        }
    }

    pub(super) fn no_such_element(&mut self, element: &str) {
        // A change to an addition that is still being resolved is carried out once its name is known.
        if self.waiting.is_empty() {
            self.left.push(Left {
                element: element.to_owned(),
                reason: LeftReason::NoSuchElement,
                message: format!("the profile has no element '{element}'"),
            });
        }
    }
}

/// One row for every element before or after, by name.
pub(super) fn rows(before: &ProfileManifest, folded: &Folded) -> Vec<PlannedElement> {
    let mut rows: BTreeMap<&str, PlannedElement> = BTreeMap::new();
    let empty = |name: &str| PlannedElement {
        name: name.to_owned(),
        before: None,
        after: None,
        added_by: None,
        refused: None,
        packages: [None, None],
    };
    for (name, element) in &before.elements {
        rows.entry(name).or_insert_with(|| empty(name)).before = Some(element.clone());
    }
    for (name, element) in &folded.after.elements {
        rows.entry(name).or_insert_with(|| empty(name)).after = Some(element.clone());
    }
    for (index, manifest) in [before, &folded.after].into_iter().enumerate() {
        for (name, package) in manifest.environment.iter().flat_map(|environment| &environment.packages) {
            rows.entry(name).or_insert_with(|| empty(name)).packages[index] = Some(Arc::clone(package));
        }
    }
    for addition in &folded.added {
        let row = rows.entry(&addition.name).or_insert_with(|| empty(&addition.name));
        row.added_by = Some(addition.change);
        let refused = folded.refused.iter().find(|(change, _)| *change == addition.change);
        row.refused = refused.map(|(_, reason)| reason.clone());
    }
    rows.into_values().collect()
}
