//! What an entry of `keys` may do.
//!
//! `y` only ever means yes and no key confirms what it opened; Esc never quits; ctrl-c
//! always ends; where letters are typed they stay letters; an action counts only where
//! it can do something; one key runs one thing in one place.

use super::{Entry, places};
use crate::tui::action::Action;
use crate::tui::configuration::Reader;
use crate::tui::keymap::{Key, Keymap, Scope, name_of};

/// Leaves out what is against the rules, and tells it.
pub(super) fn keep(reader: &mut Reader<'_>, embedded: &Keymap, entries: &mut Vec<Entry>) {
    entries.retain_mut(|entry| works(reader, embedded, entry));
    // Keys that mean yes have to be known before the others are judged.
    let mut yes = keys_of(embedded, |action| action == Action::Yes);
    let other = keys_of(embedded, |action| action != Action::Yes);
    for entry in entries.iter().filter(|entry| entry.binding.action == Some(Action::Yes)) {
        yes.extend(entry.binding.keys.iter().filter(|key| !other.contains(key)));
    }
    entries.retain_mut(|entry| {
        let reasons: Vec<Option<String>> =
            entry.binding.keys.iter().map(|key| against(entry, *key, &yes, &other)).collect();
        let told: Vec<&String> = reasons.iter().flatten().collect();
        for words in &told {
            reader.wrong(entry.place.clone(), words.as_str());
        }
        let mut bad = reasons.iter().map(Option::is_some);
        entry.binding.keys.retain(|_| !bad.next().unwrap_or(false));
        told.is_empty() || !entry.binding.keys.is_empty()
    });
    without_clashes(reader, entries);
}

/// Keeps the places where the action can do something; tells whether one is left.
fn works(reader: &mut Reader<'_>, embedded: &Keymap, entry: &mut Entry) -> bool {
    let Some(action) = entry.binding.action else { return true };
    let can = |scope: &Scope| {
        let mut known = embedded.bindings().iter().filter(|binding| binding.action == action);
        known.any(|binding| {
            let around = |inner: Scope, outer: Scope| inner.and_around().contains(&outer);
            binding.scopes.iter().any(|there| around(*scope, *there) || around(*there, *scope))
        })
    };
    let (good, bad): (Vec<Scope>, Vec<Scope>) = entry.binding.scopes.iter().partition(|scope| can(scope));
    for scope in bad {
        let words = format!(
            "'{}' does nothing in {}; it counts in {}",
            entry.run,
            name_of(&scope),
            places(embedded, Some(action))
        );
        reader.wrong(entry.place.clone(), words);
    }
    entry.binding.scopes = good;
    !entry.binding.scopes.is_empty()
}

fn keys_of(keymap: &Keymap, wanted: impl Fn(Action) -> bool) -> Vec<Key> {
    let bindings = keymap.bindings().iter().filter(|binding| wanted(binding.action));
    bindings.flat_map(|binding| &binding.keys).copied().collect()
}

/// Why a key cannot run the entry's action.
fn against(entry: &Entry, key: Key, yes: &[Key], other: &[Key]) -> Option<String> {
    let (action, run) = (entry.binding.action, entry.run.as_str());
    let is = |name: &str| Key::parse(name) == Ok(key);
    let ends = matches!(action, Some(Action::Quit | Action::Interrupt));
    if is("ctrl-c") && action != Some(Action::Interrupt) {
        return Some(format!("ctrl-c always stops or quits; give '{run}' another key"));
    }
    if is("esc") && ends {
        return Some(format!("esc never quits; give '{run}' another key"));
    }
    if action == Some(Action::Yes) && other.contains(&key) {
        return Some(format!(
            "a key that says yes does nothing else, and '{key}' does; give 'yes' another key"
        ));
    }
    if action != Some(Action::Yes) && yes.contains(&key) {
        return Some(format!("'{key}' says yes and nothing else; give '{run}' another key"));
    }
    let letter = key.typed()?;
    let digit = letter.is_ascii_digit() || letter == '-';
    let typed = |scope: &&Scope| match scope {
        Scope::Priority => digit,
        Scope::Always => true,
        scope => scope.takes_text(),
    };
    let place = entry.binding.scopes.iter().find(typed)?;
    let place = name_of(place);
    Some(format!("'{key}' is typed in {place}; give '{run}' a named key there, or one with ctrl- or alt-"))
}

/// One key in one place: the first entry counts, the second is told with both lines.
fn without_clashes(reader: &mut Reader<'_>, entries: &mut [Entry]) {
    let mut taken: Vec<(Key, Scope, usize)> = Vec::new();
    for index in 0..entries.len() {
        let (before, rest) = entries.split_at_mut(index);
        let Some(entry) = rest.first_mut() else { break };
        let scopes = entry.binding.scopes.clone();
        entry.binding.keys.retain(|key| {
            let same = |(other, scope, _): &&(Key, Scope, usize)| other == key && scopes.contains(scope);
            let first = taken.iter().find(same).map(|(_, scope, by)| (*scope, &before[*by]));
            let Some((scope, first)) = first.filter(|(_, first)| first.binding.action != entry.binding.action)
            else {
                taken.extend(scopes.iter().map(|scope| (*key, *scope, index)));
                return true;
            };
            let line = reader.line(&first.place);
            let words = format!(
                "'{key}' runs '{}' here and '{}' in line {line}, both in {}; line {line} counts, give one of them another key",
                entry.run,
                first.run,
                name_of(&scope)
            );
            reader.wrong(entry.place.clone(), words);
            false
        });
    }
}
