//! The staged changes: an ordered list in normal form, with undo and redo.
//!
//! Normal form keeps the list as short as its meaning: a second priority for an
//! element replaces the first, a change back to what the base holds vanishes, a
//! removal swallows the element's other changes, and changes to a staged addition
//! fold into it; [`registry_edits`] has the rules for edits of the registry. What stays keeps its place, because names depend on the order:
//! an addition before the removal of its namesake is called `hello-1`.
//!
//! Each step remembers the lists before and after it. That is the inverse of every
//! change by construction: undo and redo only swap lists and can never disagree
//! with what staging did.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::flake_ref::{self, FlakeRefError};
use super::manifest::{ExtendedOutputsSpec, ProfileManifest};

mod registry_edits;
mod withdrawal;

/// Staged changes on a base manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    changes: Vec<Change>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// One stroke of the user: the lists before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    before: Vec<Change>,
    after: Vec<Change>,
}

/// The element a staged addition became, or will be called as long as it is unresolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedName {
    /// Index of the addition in [`Transaction::changes`].
    pub change: usize,
    /// The element's name.
    pub name: String,
}

/// A plan file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// Not JSON, or a change of the wrong shape.
    #[error("{0}")]
    Syntax(String),
    /// A kind of change that this firn cannot make.
    #[error("this version of firn cannot make the change '{change}'; it knows {}", known.join(", "))]
    UnknownChange {
        /// What it is called.
        change: String,
        /// The kinds it can make.
        known: Vec<String>,
    },
    /// A registry edit with something that is no flake reference.
    #[error("change {number} ({change}), '{key}': {reason}")]
    Reference {
        /// Which change, from 1.
        number: usize,
        /// What it is called.
        change: String,
        /// `from` or `to`.
        key: &'static str,
        /// What is wrong with it.
        reason: FlakeRefError,
    },
    /// Made by a newer firn.
    #[error("it has version {0}; this firn reads version 1")]
    Version(u64),
}

impl TransactionError {
    /// From the parser's words, in which the kinds of changes are always those there are.
    fn syntax(words: &str) -> Self {
        let mut quoted = words.split('`').skip(1).step_by(2).map(str::to_owned);
        match quoted.next() {
            Some(change) if words.starts_with("unknown variant") => {
                Self::UnknownChange { change, known: quoted.collect() }
            }
            _ => Self::Syntax(words.to_owned()),
        }
    }
}

/// The file form: `{"version":1,"changes":[…]}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TransactionFile {
    version: u64,
    changes: Vec<Change>,
}

/// Only the version, so that a file of a newer firn is told apart from a broken one.
#[derive(Deserialize)]
#[serde(expecting = "an object with a version and changes")]
struct VersionOnly {
    version: u64,
}

impl Transaction {
    /// The changes in the order they apply.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether nothing is staged.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether anything is staged for the profile, so that there may be another generation.
    pub fn touches_profile(&self) -> bool {
        self.changes.iter().any(|change| !change.is_registry_edit())
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is an undo to take back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Stages several changes as one step that one undo takes back.
    ///
    /// `added` tells which element each addition staged so far became
    /// ([`super::plan::Plan::added`]), so that a change to one folds into it.
    pub fn stage(&mut self, base: &ProfileManifest, added: &[AddedName], changes: Vec<Change>) {
        let mut list = NormalForm::new(base, self.changes.clone(), names_by_change(&self.changes, added));
        for change in changes {
            list.push(change, None);
        }
        self.step_to(list.changes);
    }

    /// Brings a list that was read from a file into normal form, once planning has told which
    /// elements its additions become. Not a step: there is nothing to undo.
    pub fn normalize(&mut self, base: &ProfileManifest, added: &[AddedName]) {
        let mut list = NormalForm::new(base, Vec::new(), Vec::new());
        for (change, name) in self.changes.iter().zip(names_by_change(&self.changes, added)) {
            list.push(change.clone(), name);
        }
        self.changes = list.changes;
    }

    /// Drops everything that is staged for an element, as one step; tells whether anything was.
    pub fn unstage(&mut self, added: &[AddedName], element: &str) -> bool {
        self.unstage_all(added, &[element.to_owned()])
    }

    /// Drops everything that is staged for several elements, as one step.
    pub fn unstage_all(&mut self, added: &[AddedName], elements: &[String]) -> bool {
        let named = |name: &str| elements.iter().any(|element| element == name);
        let additions: Vec<usize> =
            added.iter().filter(|addition| named(&addition.name)).map(|addition| addition.change).collect();
        let after: Vec<Change> = self
            .changes
            .iter()
            .enumerate()
            .filter(|(index, change)| !change.element().is_some_and(named) && !additions.contains(index))
            .map(|(_, change)| change.clone())
            .collect();
        self.step_to(after)
    }

    /// Stages a change in place of everything that is staged for an element, as one step.
    pub fn stage_instead(
        &mut self,
        base: &ProfileManifest,
        added: &[AddedName],
        element: &str,
        change: Change,
    ) {
        let names = names_by_change(&self.changes, added);
        let is_other = |(staged, name): &(Change, Option<String>)| {
            staged.element() != Some(element) && name.as_deref() != Some(element)
        };
        let (changes, names) = self.changes.iter().cloned().zip(names).filter(is_other).unzip();
        let mut list = NormalForm::new(base, changes, names);
        list.push(change, None);
        self.step_to(list.changes);
    }

    /// Drops one change, as one step; tells whether it was there.
    pub fn unstage_change(&mut self, change: &Change) -> bool {
        self.step_to(self.changes.iter().filter(|staged| *staged != change).cloned().collect())
    }

    /// Drops all changes, as one step; tells whether there were any.
    pub fn clear(&mut self) -> bool {
        self.step_to(Vec::new())
    }

    /// Takes the last step back; false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.done.pop() else { return false };
        self.changes.clone_from(&step.before);
        self.undone.push(step);
        true
    }

    /// Takes the last undo back; false if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else { return false };
        self.changes.clone_from(&step.after);
        self.done.push(step);
        true
    }

    /// Reads `{"version":1,"changes":[…]}`, in the order of the file and not yet in normal form:
    /// which elements the additions become is only known once it is planned.
    pub fn parse(text: &str) -> Result<Self, TransactionError> {
        let syntax = |error: serde_json::Error| TransactionError::syntax(&error.to_string());
        let VersionOnly { version } = serde_json::from_str(text).map_err(syntax)?;
        if version != 1 {
            return Err(TransactionError::Version(version));
        }
        let file: TransactionFile = serde_json::from_str(text)
            .map_err(|error| registry_edits::bad_reference(text).unwrap_or_else(|| syntax(error)))?;
        Ok(Self { changes: file.changes, ..Self::default() })
    }

    /// Prints `{"version":1,"changes":[…]}`.
    pub fn to_json(&self) -> String {
        let file = TransactionFile { version: 1, changes: self.changes.clone() };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    fn step_to(&mut self, after: Vec<Change>) -> bool {
        if after == self.changes {
            return false;
        }
        let before = std::mem::replace(&mut self.changes, after.clone());
        self.done.push(Step { before, after });
        self.undone.clear();
        true
    }
}

/// Whether both are the same reference, in whatever form: `nixpkgs` is `flake:nixpkgs`.
fn is_same_reference(original: &str, typed: &str) -> bool {
    let same = || flake_ref::normalize(typed).is_ok_and(|typed| typed == original);
    original == typed || !typed.contains('#') && same()
}

fn names_by_change(changes: &[Change], added: &[AddedName]) -> Vec<Option<String>> {
    let mut names = vec![None; changes.len()];
    for addition in added {
        if let Some(slot) = names.get_mut(addition.change) {
            *slot = Some(addition.name.clone());
        }
    }
    names
}

/// Pushes changes onto a list and keeps it in normal form.
struct NormalForm<'a> {
    base: &'a ProfileManifest,
    changes: Vec<Change>,
    /// For each change of the list, the name of the element it adds, if known.
    names: Vec<Option<String>>,
    /// Elements that changes of the list name, and additions' names: most changes are the first to
    /// name theirs, and need not look for others.
    named: HashSet<String>,
    /// Whether an addition's name is not known yet, so that a later change may be meant for it.
    open: bool,
}

impl<'a> NormalForm<'a> {
    fn new(base: &'a ProfileManifest, changes: Vec<Change>, names: Vec<Option<String>>) -> Self {
        let touched = changes.iter().filter_map(Change::element).map(str::to_owned);
        let seen = touched.chain(names.iter().flatten().cloned()).collect();
        Self { base, changes, names, named: seen, open: false }
    }

    fn push(&mut self, change: Change, name: Option<String>) {
        match &change {
            Change::Add { .. } => {
                self.open |= name.is_none();
                self.append(change, name);
            }
            Change::Remove { element } => {
                if let Some(index) = self.addition_of(element) {
                    return self.delete(index);
                }
                let element = element.clone();
                self.delete_changes_of(&element);
                self.append(change, None);
            }
            Change::Priority { element, to } => {
                let to = *to;
                if let Some(Change::Add { priority, .. }) = self.addition_mut(element) {
                    *priority = Some(to);
                    return;
                }
                let before = self.base.elements.get(element).map(|before| before.priority);
                self.replace(change, before == Some(to));
            }
            Change::Active { element, to } => {
                let to = *to;
                if let Some(Change::Add { active, .. }) = self.addition_mut(element) {
                    *active = to;
                    return;
                }
                let before = self.base.elements.get(element).map(|before| before.active);
                self.replace(change, before == Some(to));
            }
            Change::UserEnvironment { .. } => self.append(change, None),
            Change::Attach { .. } => self.replace(change, false),
            Change::Convert => {
                if self.base.environment.is_some() && !self.changes.contains(&change) {
                    self.append(change, None);
                }
            }
            Change::Keep { element, to } => {
                let as_in_base = self.base.keeps(element) == *to;
                if self.addition_of(element).is_some() {
                    return self.append(change, None);
                }
                self.replace(change, as_in_base);
            }
            Change::Upgrade { .. }
            | Change::UpgradeFrom { .. }
            | Change::Outputs { .. }
            | Change::Retarget { .. } => {
                self.evaluating(change);
            }
            Change::RegistryAdd { .. } | Change::RegistryRemove { .. } | Change::RegistryPin { .. } => {
                // Whether there is anything to remove without the edits before, only the registry knows.
                if !matches!(change, Change::RegistryRemove { .. }) {
                    for index in registry_edits::made_void(&self.changes, &change).into_iter().rev() {
                        self.delete(index);
                    }
                }
                self.append(change, None);
            }
        }
    }

    /// A change that asks what a package is. Taking the flake as it is today is part of following
    /// another one, so an upgrade makes way for that; outputs are chosen beside either.
    fn evaluating(&mut self, change: Change) {
        let element = change.element().unwrap_or_default().to_owned();
        if let Some(addition) = self.addition_mut(&element) {
            if let Some(folded) = addition.folded(&change) {
                *addition = folded;
                return;
            }
            return self.append(change, None);
        }
        let source = self.base.elements.get(&element).and_then(|before| before.source.as_ref());
        match &change {
            Change::Outputs { to, .. } => {
                let installed = self.base.package(&element).map(|package| package.outputs.keys());
                let as_in_base = source.is_some_and(|source| source.outputs == *to)
                    || matches!(to, ExtendedOutputsSpec::Names(names)
                        if installed.is_some_and(|outputs| outputs.eq(names)));
                self.replace(change, as_in_base);
            }
            Change::Retarget { to, .. } => {
                let as_in_base = source.is_some_and(|source| is_same_reference(&source.original_url, to));
                if !as_in_base {
                    self.delete_kind(&element, &|other| matches!(other, Change::Upgrade { .. }));
                }
                self.replace(change, as_in_base);
            }
            _ => {
                // From the default expression or from a file: the last word counts.
                let kind = std::mem::discriminant(&change);
                self.delete_kind(&element, &|other| {
                    let upgrades = matches!(other, Change::Upgrade { .. } | Change::UpgradeFrom { .. });
                    upgrades && std::mem::discriminant(other) != kind
                });
                let follows =
                    |other: &Change| matches!(other, Change::Retarget { element: it, .. } if *it == element);
                if self.named.contains(&element) && self.changes.iter().any(follows) {
                    return;
                }
                self.replace(change, false);
            }
        }
    }

    /// Takes away what was staged of one kind for an element.
    fn delete_kind(&mut self, element: &str, is_kind: &dyn Fn(&Change) -> bool) {
        if !self.named.contains(element) {
            return;
        }
        let found = |other: &Change| other.element() == Some(element) && is_kind(other);
        while let Some(index) = self.changes.iter().position(found) {
            self.delete(index);
        }
    }

    fn addition_of(&self, element: &str) -> Option<usize> {
        if !self.named.contains(element) {
            return None;
        }
        self.names.iter().position(|name| name.as_deref() == Some(element))
    }

    fn addition_mut(&mut self, element: &str) -> Option<&mut Change> {
        let index = self.addition_of(element)?;
        self.changes.get_mut(index)
    }

    fn append(&mut self, change: Change, name: Option<String>) {
        self.named.extend(name.clone().or_else(|| change.element().map(str::to_owned)));
        self.changes.push(change);
        self.names.push(name);
    }

    fn delete(&mut self, index: usize) {
        self.changes.remove(index);
        self.names.remove(index);
    }

    fn delete_changes_of(&mut self, element: &str) {
        if !self.named.contains(element) {
            return;
        }
        while let Some(index) = self.changes.iter().position(|change| change.element() == Some(element)) {
            self.delete(index);
        }
    }

    /// Puts `change` in the place of an earlier one of its kind for the same element; drops both
    /// if it asks for what the base holds. Behind a removal it is kept as it is: it can only be
    /// meant for a namesake.
    fn replace(&mut self, change: Change, as_in_base: bool) {
        let kind = std::mem::discriminant(&change);
        let is_first = change.element().is_none_or(|element| !self.named.contains(element));
        if is_first {
            if self.open || !as_in_base {
                self.append(change, None);
            }
            return;
        }
        let removed = |other: &Change| matches!(other, Change::Remove { element } if Some(element.as_str()) == change.element());
        if self.open || self.changes.iter().any(removed) {
            return self.append(change, None);
        }
        let earlier = self
            .changes
            .iter()
            .position(|other| other.element() == change.element() && std::mem::discriminant(other) == kind);
        match (earlier, as_in_base) {
            (Some(index), true) => self.delete(index),
            (Some(index), false) => self.changes[index] = change,
            (None, true) => {}
            (None, false) => self.append(change, None),
        }
    }
}

#[cfg(test)]
mod tests;
