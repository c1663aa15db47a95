//! What a check for upgrades found, in words: one line per element that stays as it is.

use crate::core::upgrade::{Follows, UpgradeRow, UpgradeState};
use crate::core::visible;

/// Lines for the elements that an upgrade leaves as they are, with the reason and what mends it.
pub fn staying(rows: &[UpgradeRow]) -> Vec<String> {
    let mut told: Vec<(String, &str)> = Vec::new();
    let staying = rows.iter().filter(|row| row.held || !row.is_newer());
    staying.map(|row| line(row, &mut told)).collect()
}

/// One pin keeps many elements where they are: it is told once, then `as with 'bat'`.
fn line<'a>(row: &'a UpgradeRow, told: &mut Vec<(String, &'a str)>) -> String {
    let version = if row.from.is_empty() { String::new() } else { format!(" {}", row.from) };
    let state = match (&row.state, row.held) {
        (_, true) => "held",
        (UpgradeState::Same, _) => "nothing newer",
        (UpgradeState::Failed(_), _) => "failed",
        _ => "stays",
    };
    let mend = row.mend().map(|mend| format!("; {}", mend.words(&row.element))).unwrap_or_default();
    // A hold is its own reason: what else may keep it in its place is told when it is let go.
    let follows = if row.held { "upgrades leave it as it is".to_owned() } else { row.follows.words(&date) };
    let reason = format!("{follows}{mend}");
    let above = told.iter().find(|(above, _)| *above == reason).map(|(_, element)| *element);
    if above.is_none() && matches!(row.follows, Follows::Pinned { .. }) {
        told.push((reason.clone(), &row.element));
    }
    let reason = above.map_or(reason, |element| format!("as with '{element}'"));
    visible::text(&format!("  {}{version} {state}: {reason}", row.element))
}

/// Seconds since 1970 as a day.
fn date(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d").to_string())
}
