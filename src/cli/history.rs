//! `firn history`: one line per generation, newest first, and as JSON.
//!
//! Nix has no JSON here. Ours is a list, oldest first, of `{"number","time" (seconds since
//! 1970),"current","storePath","madeOn","comparedWith","changes","error"}`. `madeOn` is
//! known for generations firn made; a generation is compared with it, else with the one
//! before. A change is `{"element","kinds","before","after"}`, the sides as in
//! `manifest.json`. `error` tells why a damaged manifest cannot be read.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::failure::Failure;
use super::meant::Invocation;
use super::table;
use crate::core::difference::{self, ElementDifference};
use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::visible;
use crate::ops::Context;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile, load_history, load_shown};

/// Lists the generations.
pub fn run(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    // Also of a profile whose live manifest is damaged: here one sees where to go back to.
    let mut profile = load_shown(context)?;
    let read = load_history(context, &profile.not_read())?;
    profile.take_manifests(&read);
    if let Some(reason) = &profile.damaged {
        invocation.printer.warn(reason);
    }
    if invocation.json {
        let values = (0..profile.generations.len()).map(|index| as_json(&profile, index));
        return Ok(invocation.printer.json(&Value::Array(values.collect()))?);
    }
    let zone = TimeZone::system();
    let rows: Vec<Vec<String>> =
        (0..profile.generations.len()).rev().map(|index| row(&profile, index, &zone)).collect();
    Ok(invocation.printer.data(&table::lines(&rows))?)
}

fn row(profile: &LoadedProfile, index: usize, zone: &TimeZone) -> Vec<String> {
    let loaded = &profile.generations[index];
    let live = Some(loaded.generation.number) == profile.current;
    let changes = match changes(profile, index) {
        Ok(found) => difference::summary(&found),
        Err(reason) => format!("cannot be read: {reason}"),
    };
    [
        (if live { "*" } else { " " }).to_owned(),
        loaded.generation.number.to_string(),
        time(loaded.generation.time, zone),
        loaded.made_on.map_or_else(String::new, |number| format!("from {number}")),
        visible::text(&changes),
    ]
    .to_vec()
}

fn time(seconds: i64, zone: &TimeZone) -> String {
    let Ok(timestamp) = Timestamp::from_second(seconds) else { return "?".to_owned() };
    timestamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn as_json(profile: &LoadedProfile, index: usize) -> Value {
    let loaded = &profile.generations[index];
    let (changes, error) = match changes(profile, index) {
        Ok(found) => (Value::Array(found.iter().map(change).collect()), None),
        Err(reason) => (Value::Array(Vec::new()), Some(reason)),
    };
    json!({
        "number": loaded.generation.number,
        "time": loaded.generation.time,
        "current": Some(loaded.generation.number) == profile.current,
        "storePath": loaded.generation.target,
        "madeOn": loaded.made_on,
        "comparedWith": compared_with(profile, index).map(|other| other.generation.number),
        "changes": changes,
        "error": error,
    })
}

pub fn change(found: &ElementDifference) -> Value {
    json!({
        "element": found.name,
        "kinds": found.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        "before": found.before.as_ref().map(ProfileElement::to_value),
        "after": found.after.as_ref().map(ProfileElement::to_value),
    })
}

/// The generation it was made on, if that one is still there, else the one before.
fn compared_with(profile: &LoadedProfile, index: usize) -> Option<&LoadedGeneration> {
    let made_on = profile.generations[index].made_on;
    let known = profile.generations.iter().find(|other| Some(other.generation.number) == made_on);
    known.or_else(|| index.checked_sub(1).and_then(|before| profile.generations.get(before)))
}

fn changes(profile: &LoadedProfile, index: usize) -> Result<Vec<ElementDifference>, String> {
    let after = profile.generations[index].manifest.as_ref().map_err(Clone::clone)?;
    let empty = ProfileManifest::default();
    let before = match compared_with(profile, index) {
        Some(other) => other
            .manifest
            .as_ref()
            .map_err(|reason| format!("generation {}: {reason}", other.generation.number))?,
        None => &empty,
    };
    Ok(difference::between(before, after))
}
