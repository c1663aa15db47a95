//! Carries staged changes out on a manifest, in order.
//!
//! The rules of an addition are Nix's (`nix profile add`): the name is the base
//! name or, if taken, `-1`, `-2`, …; an element with the base name, the same
//! original reference, attribute and priority counts as already added, whatever
//! its outputs; store paths and files never do.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::evaluating::Evaluating;
use super::registry::LookedUpBy;
use super::{Base, Left, LeftReason, PlannedElement};
use crate::core::change::Change;
use crate::core::facts::Facts;
use crate::core::flake_ref;
use crate::core::installable::Installable;
use crate::core::manifest::{NumbersTaken, ProfileElement, ProfileManifest};
use crate::core::store_path::StoreDir;
use crate::core::transaction::AddedName;
use crate::core::user_environment::offered::PackageQuestion;

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
    /// Questions about packages of nix-env that nobody has answered yet.
    pub packages: Vec<PackageQuestion>,
    pub evaluating: Evaluating,
    /// The names in `waiting`.
    guessed: HashSet<String>,
    /// So that a thousand additions of one name need not try every name again.
    numbers: NumbersTaken,
    /// The same for guesses, which resolved additions do not see.
    guesses: NumbersTaken,
}

/// Carries out all changes; what cannot be carried out is left, with the reason.
pub(super) fn fold(base: &Base, changes: &[Change], facts: &Facts, by: &LookedUpBy) -> Folded {
    let mut folded = Folded::given(base.manifest.clone());
    folded.evaluating = Evaluating::of(changes, by);
    for (index, change) in changes.iter().enumerate() {
        folded.carry_out(index, change, (facts, &base.store_dir), &|installable| {
            looked_up(installable, base, by)
        });
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
            packages: Vec::new(),
            evaluating: Evaluating::default(),
            guessed: HashSet::new(),
            numbers: NumbersTaken::new(),
            guesses: NumbersTaken::new(),
        }
    }

    fn carry_out(
        &mut self,
        index: usize,
        change: &Change,
        (facts, store_dir): (&Facts, &StoreDir),
        looked_up: &dyn Fn(Installable) -> Result<Installable, Installable>,
    ) {
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
            Change::Convert => self.after.environment = None,
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
            Change::Add { priority, active, name, .. } => {
                let Some(installable) = change.installable() else { return };
                let name = name.as_deref();
                let installable = match looked_up(installable) {
                    Ok(installable) => installable,
                    Err(waits) => return self.guess_name(index, name.unwrap_or(waits.short_name())),
                };
                if self.after.environment.is_some() {
                    return self.install(index, (change, installable), facts, store_dir);
                }
                if let Some(reason) = facts.refused.get(&installable) {
                    self.guess_name(index, name.unwrap_or(installable.short_name()));
                    self.refused.push((index, reason.to_string()));
                    return self.left.push(Left {
                        element: installable.text,
                        reason: LeftReason::Refused,
                        message: reason.to_string(),
                    });
                }
                let Some(resolved) = facts.installables.get(&installable) else {
                    self.guess_name(index, name.unwrap_or(installable.short_name()));
                    if !self.unresolved.contains(&installable) {
                        self.unresolved.push(installable);
                    }
                    return;
                };
                let mut element = as_recorded(change, &resolved.element);
                element.active = *active;
                if let Some(priority) = priority {
                    element.priority = *priority;
                }
                self.add(index, element, name);
            }
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

    fn add(&mut self, index: usize, element: ProfileElement, name: Option<&str>) {
        let candidate = name.map_or_else(|| element.base_name(), str::to_owned);
        // Under a name of its own it is meant to be another one.
        if name.is_none()
            && self
                .after
                .elements
                .get(&candidate)
                .is_some_and(|existing| is_already_added(existing, &element))
        {
            let message = format!("'{candidate}' is already added");
            return self.left.push(Left { element: candidate, reason: LeftReason::AlreadyAdded, message });
        }
        let name = self.after.add_after(&candidate, element, &mut self.numbers);
        self.added.push(AddedName { change: index, name });
    }

    /// Until it is resolved, an addition has a row under the name it will probably get.
    pub(super) fn guess_name(&mut self, index: usize, candidate: &str) {
        let taken = |name: &str| self.after.elements.contains_key(name) || self.guessed.contains(name);
        let mut name = candidate.to_owned();
        if taken(&name) {
            let number = self.guesses.entry(name.clone()).or_insert(0);
            while taken(&name) {
                *number += 1;
                name = format!("{candidate}-{number}");
            }
        }
        self.guessed.insert(name.clone());
        self.waiting.push(AddedName { change: index, name });
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

/// The installable as it is to be asked for under the registries of the plan; an error while these are
/// not settled. A store path means the same under all of them.
fn looked_up(installable: Installable, base: &Base, by: &LookedUpBy) -> Result<Installable, Installable> {
    match by {
        LookedUpBy::Disk => Ok(installable),
        _ if installable.store_path(&base.store_dir).is_some() => Ok(installable),
        LookedUpBy::Edited(text) => Ok(installable.under(Arc::clone(text))),
        LookedUpBy::Waits => Err(installable),
    }
}

/// The element as the addition wants it recorded: with a locked reference of its own, it keeps the
/// one that the installable names.
fn as_recorded(change: &Change, resolved: &ProfileElement) -> ProfileElement {
    let mut element = resolved.clone();
    if let (Change::Add { installable, locked: Some(_), .. }, Some(source)) = (change, &mut element.source) {
        let reference = installable.split('#').next().unwrap_or(installable);
        source.original_url = flake_ref::normalize(reference).unwrap_or_else(|_| reference.to_owned());
    }
    element
}

/// Nix's "is already added": same reference, attribute and priority under the same name.
pub(in crate::core) fn is_already_added(existing: &ProfileElement, element: &ProfileElement) -> bool {
    let (Some(old), Some(new)) = (&existing.source, &element.source) else { return false };
    existing.priority == element.priority
        && old.original_url == new.original_url
        && old.attr_path == new.attr_path
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
