//! A table of keys with the user's entries over it.
//!
//! An entry says all keys of an action in some places: those the table had for it there
//! go. A key that an entry takes is taken from whatever had it in those places. What is
//! not mentioned stays; what has no key left is still offered by the palette. An entry stands where the action stood, with its words, so that
//! hints and help keep their order.

use super::{Binding, Key, Keymap, Scope};
use crate::tui::action::Action;

/// An entry of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebinding {
    /// All its keys; none takes the action's keys away.
    pub keys: Vec<Key>,
    /// What they run; none lets them do nothing.
    pub action: Option<Action>,
    /// Where.
    pub scopes: Vec<Scope>,
    /// What help says, if it is not what the table says.
    pub description: Option<String>,
    /// The hint; empty for none.
    pub hint: Option<String>,
    /// The rank.
    pub rank: Option<u8>,
}

/// What is left of an entry of the table: its keys in each place.
type Left = Vec<(Scope, Vec<Key>)>;

impl Keymap {
    /// The table with entries of the user over it. Entries must not contradict each other.
    #[must_use]
    pub fn rebound(&self, entries: &[Rebinding]) -> Self {
        let mut left: Vec<Left> = self.bindings.iter().map(whole).collect();
        for entry in entries {
            for (binding, left) in self.bindings.iter().zip(&mut left) {
                take(entry, binding, left);
            }
        }
        let mut bindings = Vec::new();
        let mut placed: Vec<(Option<usize>, Binding)> =
            entries.iter().filter_map(|entry| self.placed(entry)).collect();
        for (index, (binding, left)) in self.bindings.iter().zip(left).enumerate() {
            let here = placed.iter().filter(|(place, _)| *place == Some(index));
            bindings.extend(here.map(|(_, binding)| binding.clone()));
            bindings.extend(remaining(binding, left));
        }
        placed.retain(|(place, _)| place.is_none());
        bindings.extend(placed.into_iter().map(|(_, binding)| binding));
        Self { bindings }
    }

    /// The table without the promise to ask before going back.
    #[must_use]
    pub fn without_asking(mut self) -> Self {
        for binding in &mut self.bindings {
            let in_history = binding.scopes == [Scope::History];
            let at_once =
                binding.action == Action::GoBack || (binding.action == Action::RollBack && in_history);
            if let Some(words) = binding.description.strip_suffix(" (asks)").filter(|_| at_once) {
                binding.description = words.to_owned();
            }
        }
        self
    }

    /// The entry as part of the table, and whose place it takes.
    fn placed(&self, entry: &Rebinding) -> Option<(Option<usize>, Binding)> {
        let action = entry.action?;
        let same = |one: &Binding| one.action == action;
        let here =
            |one: &Binding| same(one) && entry.scopes.first().is_some_and(|at| one.scopes.contains(at));
        let place = self.bindings.iter().position(here);
        let words = place.or_else(|| self.bindings.iter().position(same)).map(|at| &self.bindings[at]);
        let hint = entry.hint.clone().or_else(|| words.and_then(|words| words.hint.clone()));
        let description = entry.description.clone().or_else(|| words.map(|words| words.description.clone()));
        let binding = Binding {
            keys: entry.keys.clone(),
            action,
            scopes: entry.scopes.clone(),
            description: description.unwrap_or_else(|| super::name_of(&action).replace('-', " ")),
            hint: hint.filter(|hint| !hint.is_empty()),
            rank: entry.rank.or_else(|| words.map(|words| words.rank)).unwrap_or(1),
        };
        Some((place, binding))
    }
}

fn whole(binding: &Binding) -> Left {
    binding.scopes.iter().map(|scope| (*scope, binding.keys.clone())).collect()
}

/// Takes from what is left of a binding what the entry says anew.
fn take(entry: &Rebinding, binding: &Binding, left: &mut Left) {
    if entry.action == Some(binding.action) {
        left.retain(|(scope, _)| !entry.scopes.contains(scope));
    }
    for (_, keys) in left.iter_mut().filter(|(scope, _)| entry.scopes.contains(scope)) {
        keys.retain(|key| !entry.keys.contains(key));
    }
}

/// What is left as bindings: one for all places that have the same keys left.
fn remaining(binding: &Binding, left: Left) -> Vec<Binding> {
    let mut bindings: Vec<Binding> = Vec::new();
    for (scope, keys) in left {
        match bindings.iter_mut().find(|other| other.keys == keys) {
            Some(other) => other.scopes.push(scope),
            None => bindings.push(Binding { keys, scopes: vec![scope], ..binding.clone() }),
        }
    }
    bindings
}
