//! `keys`: entries of the same shape as those of `assets/keymap.toml`, over that table.
//!
//! An entry that cannot be used is left out and told with its action. What each entry
//! may do is decided in [`rules`], so that no table of keys can make a slip dangerous.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{Reader, Value, suggestion};
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Keymap, Rebinding, Scope, from_name, name_of, names};

mod rules;

/// Runs no action: the key does nothing.
const NOTHING: &str = "nothing";
const FIELDS: [&str; 6] = ["on", "run", "scope", "desc", "hint", "rank"];

/// An entry with its place in the file.
struct Entry {
    binding: Rebinding,
    place: Range<usize>,
    /// What it runs, as written.
    run: String,
}

/// The table of keys with the file's entries over it; none if there are none.
pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &DeTable<'t>) -> Option<Keymap> {
    let value = table.get("keys")?;
    let DeValue::Array(values) = value.get_ref() else {
        reader.kind("keys", value, "a list of entries like { on = \"x\", run = \"remove\" }");
        return None;
    };
    let embedded = Keymap::embedded().ok()?;
    let mut entries: Vec<Entry> = values.iter().filter_map(|value| entry(reader, &embedded, value)).collect();
    rules::keep(reader, &embedded, &mut entries);
    let bindings: Vec<Rebinding> = entries.into_iter().map(|entry| entry.binding).collect();
    Some(embedded.rebound(&bindings))
}

fn entry<'t>(reader: &mut Reader<'t>, embedded: &Keymap, value: &Value<'t>) -> Option<Entry> {
    let table = reader.below("keys", value)?;
    for key in table.keys().filter(|key| !FIELDS.contains(&key.get_ref().as_ref())) {
        reader.unknown(key, "part of an entry of 'keys'", &FIELDS);
    }
    let (Some(on), Some(run)) = (table.get("on"), table.get("run")) else {
        let words = "an entry of 'keys' needs 'on' and 'run', as in { on = \"x\", run = \"remove\" }";
        reader.wrong(value.span(), words);
        return None;
    };
    let run_place = run.span();
    let run = reader.text("run", run)?.to_owned();
    let action = from_name::<Action>(&run);
    if action.is_none() && run != NOTHING {
        let all = names::<Action>().iter().copied().chain([NOTHING]);
        let near = suggestion(&run, all);
        let near = if near.is_empty() { "; 'firn config' lists them all".to_owned() } else { near };
        reader.wrong(run_place, format!("'{run}' is no action{near}"));
        return None;
    }
    let scopes = match table.get("scope") {
        Some(value) => scopes(reader, value, &run)?,
        None => usual_scopes(reader, embedded, value, (&run, action))?,
    };
    let told = reader.texts("on", on)?;
    let wanted = told.len();
    let keys: Vec<Key> =
        told.into_iter().filter_map(|(name, place)| key(reader, name, place, &run)).collect();
    if keys.is_empty() && wanted > 0 {
        return None;
    }
    let text = |reader: &mut Reader<'t>, name: &str| {
        table.get(name).and_then(|value| reader.text(name, value)).map(str::to_owned)
    };
    let (description, hint) = (text(reader, "desc"), text(reader, "hint"));
    let rank = table.get("rank").and_then(|value| rank(reader, value));
    let binding = Rebinding { keys, action, scopes, description, hint, rank };
    Some(Entry { binding, place: value.span(), run })
}

fn key(reader: &mut Reader<'_>, name: &str, place: Range<usize>, run: &str) -> Option<Key> {
    let found = Key::parse(name).ok();
    if found.is_none() {
        let words = format!(
            "'{name}' for '{run}' is not the name of a key; write a character, or a name like enter, esc, tab, \
             space, up, pagedown, f1, with ctrl- or alt- before it"
        );
        reader.wrong(place, words);
    }
    found
}

fn scopes<'t>(reader: &mut Reader<'t>, value: &Value<'t>, run: &str) -> Option<Vec<Scope>> {
    let mut scopes = Vec::new();
    for (name, place) in reader.texts("scope", value)? {
        if let Some(scope) = from_name::<Scope>(name) {
            scopes.push(scope);
            continue;
        }
        let near = suggestion(name, names::<Scope>().iter().copied());
        let near =
            if near.is_empty() { format!("; there are {}", names::<Scope>().join(", ")) } else { near };
        reader.wrong(place, format!("'{name}' for '{run}' is no place{near}"));
    }
    (!scopes.is_empty()).then_some(scopes)
}

/// Where the table has the action, if it has it once.
fn usual_scopes<'t>(
    reader: &mut Reader<'t>,
    embedded: &Keymap,
    value: &Value<'t>,
    (run, action): (&str, Option<Action>),
) -> Option<Vec<Scope>> {
    let mut found = embedded.bindings().iter().filter(|binding| Some(binding.action) == action);
    if let (Some(binding), None) = (found.next(), found.next()) {
        return Some(binding.scopes.clone());
    }
    let places = places(embedded, action);
    let places = if places.is_empty() { String::new() } else { format!(": {places}") };
    reader.wrong(value.span(), format!("say with 'scope' where '{run}' shall count{places}"));
    None
}

/// The places where the table has an action, `main, collisions`.
fn places(embedded: &Keymap, action: Option<Action>) -> String {
    let bindings = embedded.bindings().iter().filter(|binding| Some(binding.action) == action);
    let scopes: Vec<&str> = bindings.flat_map(|binding| &binding.scopes).map(name_of).collect();
    scopes.join(", ")
}

fn rank<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<u8> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok().filter(|rank| *rank <= 2),
        _ => None,
    };
    if number.is_none() {
        reader.wrong(value.span(), "'rank' has to be 0, 1 or 2: 0 stays on the narrowest screen");
    }
    number
}
