//! `firn history`: one line per generation, newest first, and as JSON.
//!
//! Nix has no JSON here. Ours is a list, oldest first, of `{"number","time" (seconds since
//! 1970),"current","storePath","madeOn","comparedWith","changes","label","kept","live",
//! "missingBefore","error"}`.
//! `madeOn` is known for generations firn made; a generation is compared with it, else with what firn
//! had made live last, else with the one before. A change is `{"element","kinds","before","after"}`, the sides as in
//! `manifest.json`. `live` lists the times in which it was live, each with `since`, `until`,
//! `atLatest` (null where nobody knows) and whether it is `now`. `missingBefore` has the first and the last of
//! the numbers that are missing below. `error` tells what is wrong: with its manifest, its link or
//! its time.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::failure::Failure;
use super::meant::Invocation;
use super::open;
use super::table;
use crate::core::difference::{self, ElementDifference};
use crate::core::generation_fault::GenerationFault;
use crate::core::live_time::{self, LiveSpan, LiveTotal, Sureness, Until};
use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::visible;
use crate::ops::Context;
use crate::ops::load_profile::{LoadedProfile, load_history, load_shown};
use crate::system::profile_folder::ProfileState;

/// Lists the generations.
pub fn run(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    // Also of a profile whose live manifest is damaged: here one sees where to go back to.
    let mut profile = load_shown(context)?;
    if matches!(profile.state, ProfileState::Dangling | ProfileState::WithoutManifest) {
        open::tell_state(&profile.state, context, invocation.printer);
    }
    let read = load_history(context, &profile.not_read())?;
    profile.take_manifests(&read);
    if let Some(reason) = &profile.damaged {
        invocation.printer.warn(reason);
    }
    if invocation.json {
        let values = (0..profile.generations.len()).map(|index| as_json(&profile, index));
        return Ok(invocation.printer.json(&Value::Array(values.collect()))?);
    }
    let (now, zone) = (context.clock.now(), TimeZone::system());
    let rows: Vec<Vec<String>> =
        (0..profile.generations.len()).rev().map(|index| row(&profile, index, (now, &zone))).collect();
    Ok(invocation.printer.data(&table::lines(&rows))?)
}

fn row(profile: &LoadedProfile, index: usize, (now, zone): (i64, &TimeZone)) -> Vec<String> {
    let loaded = &profile.generations[index];
    let live = Some(loaded.generation.number) == profile.current;
    let changes = match changes(profile, index) {
        Ok(found) if found.is_empty() => converted(profile, index).unwrap_or("no changes").to_owned(),
        Ok(found) => {
            let conversion = converted(profile, index).map(|words| format!("{words}; "));
            conversion.unwrap_or_default() + &difference::deed_words(&found)
        }
        Err(reason) => format!("cannot be read: {reason}"),
    };
    let remarks = &loaded.remarks;
    let mut words = vec![changes];
    words.extend(remarks.note.label.iter().map(|label| format!("\"{label}\"")));
    words.extend(remarks.faults.iter().map(|fault| format!("({})", fault.words())));
    [
        format!("{}{}", if live { "*" } else { " " }, if remarks.note.kept { "★" } else { "" }),
        loaded.generation.number.to_string(),
        time(loaded.generation.time, zone),
        match (loaded.made_on, loaded.probably_on) {
            (Some(number), _) => format!("from {number}"),
            (None, Some(number)) => format!("from {number}?"),
            (None, None) => String::new(),
        },
        live_words(live_time::total(&remarks.live, now)),
        visible::text(&words.join("  ")),
    ]
    .to_vec()
}

/// For how long: `live 3 d`, `live < 3 d`, `live > 3 d`, `live ?`.
fn live_words(total: Option<LiveTotal>) -> String {
    let Some(LiveTotal { seconds, sure }) = total else { return "live ?".to_owned() };
    let sign = match sure {
        Sureness::Exact => "",
        Sureness::AtMost => "< ",
        Sureness::Unknown => "> ",
    };
    format!("live {sign}{}", live_time::long(seconds))
}

fn span(span: &LiveSpan) -> Value {
    let (until, at_latest) = match span.until {
        Until::At(time) => (Some(time), None),
        Until::AtLatest(time) => (None, Some(time)),
        Until::Now | Until::Unknown => (None, None),
    };
    json!({ "since": span.since, "until": until, "atLatest": at_latest, "now": span.until == Until::Now })
}

fn time(seconds: i64, zone: &TimeZone) -> String {
    let Ok(timestamp) = Timestamp::from_second(seconds) else { return "?".to_owned() };
    timestamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn as_json(profile: &LoadedProfile, index: usize) -> Value {
    let loaded = &profile.generations[index];
    let (changes, mut wrong) = match changes(profile, index) {
        Ok(found) => (Value::Array(found.iter().map(change).collect()), Vec::new()),
        Err(reason) => (Value::Array(Vec::new()), vec![reason]),
    };
    let remarks = &loaded.remarks;
    wrong.extend(remarks.faults.iter().filter(|fault| fault.is_damage()).map(GenerationFault::words));
    let missing = remarks.faults.iter().find_map(|fault| match fault {
        GenerationFault::Gap { first, last } => Some(json!([first, last])),
        _ => None,
    });
    json!({
        "number": loaded.generation.number,
        "time": loaded.generation.time,
        "current": Some(loaded.generation.number) == profile.current,
        "storePath": loaded.generation.target,
        "madeOn": loaded.made_on,
        "comparedWith": profile.base_of(loaded).map(|other| other.generation.number),
        "changes": changes,
        "label": remarks.note.label,
        "kept": remarks.note.kept,
        "live": remarks.live.iter().map(span).collect::<Vec<_>>(),
        "missingBefore": missing,
        "error": (!wrong.is_empty()).then(|| wrong.join("; ")),
    })
}

pub fn change(found: &ElementDifference) -> Value {
    json!({
        "element": found.name,
        "elementBefore": found.name_before,
        "kinds": found.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        "before": found.before.as_ref().map(ProfileElement::to_value),
        "after": found.after.as_ref().map(ProfileElement::to_value),
    })
}

fn changes(profile: &LoadedProfile, index: usize) -> Result<Vec<ElementDifference>, String> {
    let (before, after) = manifests(profile, index)?;
    Ok(difference::between(&before, &after))
}

/// Whether it is a profile of another kind than the one before, in words.
fn converted(profile: &LoadedProfile, index: usize) -> Option<&'static str> {
    let (before, after) = manifests(profile, index).ok()?;
    difference::conversion(&before, &after)
}

/// A generation's manifest behind that of the one it is compared with.
fn manifests(
    profile: &LoadedProfile,
    index: usize,
) -> Result<(Arc<ProfileManifest>, Arc<ProfileManifest>), String> {
    let after = profile.generations[index].manifest.clone()?;
    let before = match profile.base_of(&profile.generations[index]) {
        Some(other) => other
            .manifest
            .clone()
            .map_err(|reason| format!("generation {}: {reason}", other.generation.number))?,
        None => Arc::default(),
    };
    Ok((before, after))
}
