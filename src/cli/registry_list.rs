//! `firn registry list`: the entries of all registries, in the order in which they are tried.
//!
//! A line begins with the three columns of `nix registry list`, then tells whether the entry has a
//! say. What is not about an entry (the age of a downloaded registry) goes to standard error; with
//! --json it stands with the files. Entries and references look the same there as in the answers
//! of `registry resolve`, which uses [`entry_json`] too.

use serde_json::{Value, json};

use super::failure::Failure;
use super::meant::Invocation;
use super::printer::Printer;
use super::registry_places::EntryPlaces;
use super::table;
use crate::core::flake_ref::{FlakeRef, NotUtf8};
use crate::core::registry::{Entry, EntryId, Layer, Reach, Standing};
use crate::core::visible;
use crate::ops::load_registries::LoadedRegistries;
use crate::system::registry_file::{FileState, RegistryFile};

/// Prints the entries in the order in which they are tried. `now` is in seconds since 1970.
pub fn print(loaded: &LoadedRegistries, now: i64, invocation: &Invocation) -> Result<(), Failure> {
    let standings = loaded.registries.standings();
    let entries = loaded.registries.entries().zip(&standings);
    if invocation.json {
        let places = EntryPlaces::of(loaded);
        let entries: Vec<Value> = entries
            .map(|((id, entry), (_, standing))| entry_json(&places, id, entry, Some(*standing)))
            .collect::<Result<_, _>>()?;
        let files: Vec<Value> = loaded.files.iter().map(|file| file_json(loaded, file, now)).collect();
        let is_used = loaded.reach != Reach::Nothing;
        let told = json!({ "entries": entries, "files": files, "used": is_used });
        return Ok(invocation.printer.json(&told)?);
    }
    let rows: Vec<Vec<String>> = entries
        .map(|((id, entry), (_, standing))| {
            let target = entry.printed_target();
            let cells = [id.layer.name(), entry.from.as_str(), target.as_str()];
            let mut row: Vec<String> = cells.map(visible::text).to_vec();
            row.push(standing_words(entry, *standing));
            row
        })
        .collect();
    tell_state(loaded, now, invocation.printer);
    Ok(invocation.printer.data(&table::lines(&rows))?)
}

/// What the entries do not say: the age of a download, and that nobody asks them.
fn tell_state(loaded: &LoadedRegistries, now: i64, printer: Printer) {
    if let (Some(file), Some(url)) = (loaded.file(Layer::Global), &loaded.global_url) {
        let again = "'firn registry list --refresh' downloads it";
        match &file.state {
            FileState::Present { modified: Some(modified) } => {
                let age = ago(now - modified);
                let words = format!("the global registry is Nix's copy of {url}, taken for fresh {age}");
                printer.note(&format!("{words}; {again} again"));
            }
            FileState::NotFetched => {
                printer.note(&format!("the global registry has not been downloaded yet; {again}"));
            }
            _ => {}
        }
    }
    if loaded.reach == Reach::Nothing {
        printer.note(
            "registries are switched off (use-registries): 'add' and 'upgrade' look nothing up in them",
        );
    }
}

/// How long ago something was.
fn ago(seconds: i64) -> String {
    let count = |number: i64, unit: &str| match number {
        1 => format!("1 {unit} ago"),
        _ => format!("{number} {unit}s ago"),
    };
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => count(seconds / 60, "minute"),
        3600..172_800 => count(seconds / 3600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

fn standing_words(entry: &Entry, standing: Standing) -> String {
    let words = match standing {
        Standing::Winning => "wins".to_owned(),
        Standing::Partly(_) => "wins with a branch or commit".to_owned(),
        Standing::Shadowed(by) => format!("shadowed by {}", by.layer.name()),
    };
    if entry.exact { format!("{words}, exact") } else { words }
}

/// An entry, with its place in its file; with its standing if that is asked for.
pub fn entry_json(
    places: &EntryPlaces<'_>,
    id: EntryId,
    entry: &Entry,
    standing: Option<Standing>,
) -> Result<Value, NotUtf8> {
    let mut value = json!({
        "layer": id.layer.name(),
        "file": places.file(id),
        "line": places.line(id),
        "index": id.index,
        "exact": entry.exact,
        "from": reference_json(&entry.from)?,
        "to": reference_json(&entry.to)?,
    });
    let (word, by) = match standing {
        None => return Ok(value),
        Some(Standing::Winning) => ("winning", None),
        Some(Standing::Partly(by)) => ("partly", Some(by)),
        Some(Standing::Shadowed(by)) => ("shadowed", Some(by)),
    };
    value["standing"] = json!(word);
    value["by"] = by.map_or(Value::Null, |by| json!({ "layer": by.layer.name(), "index": by.index }));
    Ok(value)
}

/// Both forms of a reference.
pub fn reference_json(reference: &FlakeRef) -> Result<Value, NotUtf8> {
    Ok(json!({ "url": reference.as_str(), "attributes": reference.attributes().to_json()? }))
}

fn file_json(loaded: &LoadedRegistries, file: &RegistryFile, now: i64) -> Value {
    let (state, modified) = match &file.state {
        FileState::Present { modified } => ("present", *modified),
        FileState::Missing => ("missing", None),
        FileState::NotFetched => ("notFetched", None),
        FileState::Unreadable(_) => ("unreadable", None),
    };
    json!({
        "layer": file.layer.name(),
        "path": file.path.display().to_string(),
        "url": loaded.global_url.as_ref().filter(|_| file.layer == Layer::Global),
        "state": state,
        "modified": modified,
        "age": modified.map(|modified| (now - modified).max(0)),
        "problem": file.problem(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_round() {
        let words = [-5, 0, 59, 60, 119, 3599, 3600, 100_000, 172_800, 9_000_000].map(ago);
        assert_eq!(
            words.join(", "),
            "just now, just now, just now, 1 minute ago, 1 minute ago, 59 minutes ago, 1 hour ago, \
             27 hours ago, 2 days ago, 104 days ago"
        );
    }
}
