//! What a check for upgrades found, in words: one line per element that stays as it is.

use crate::core::upgrade::{UpgradeRow, UpgradeState};
use crate::core::visible;

/// Lines for the elements that an upgrade leaves as they are, with the reason and what mends it.
pub fn staying(rows: &[UpgradeRow]) -> Vec<String> {
    rows.iter().filter(|row| row.held || !row.is_newer()).map(line).collect()
}

fn line(row: &UpgradeRow) -> String {
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
    visible::text(&format!("  {}{version} {state}: {follows}{mend}", row.element))
}

/// Seconds since 1970 as a day.
fn date(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d").to_string())
}
