//! Colours and glyphs: what each meaning looks like.
//!
//! A theme is a TOML table, meaning to style: `added = { fg = "green", bold = true }`.
//! `terminal` uses the sixteen colours the user chose for their terminal, `dark` and
//! `light` bring their own with a background, `plain` has none at all (`NO_COLOR`).
//! Themes people write are read the same way ([`reading`]). No meaning rests on colour
//! alone: each has a glyph and a word too, and the focused pane has a heavy border.
//! Glyphs are Unicode, or ASCII with `--ascii`.

mod depth;
mod meanings;
mod reading;
#[cfg(test)]
mod tests;

pub use meanings::{MEANINGS, Theme};
pub use reading::text_of;

/// The row under the cursor.
pub const CURSOR: &str = "▸";
/// A collision that blocks: a tie or a type clash.
pub const BLOCKING: &str = "!";
/// Hidden by a stronger element.
pub const SHADOWED: &str = "~";
/// A tie that shows up when the winner goes.
pub const LATENT: &str = ".";
/// What comes.
pub const ADDED: &str = "+";
/// What goes.
pub const REMOVED: &str = "-";
/// What becomes another thing.
pub const CHANGED: &str = "~";
/// Another priority.
pub const PRIORITY: &str = "p";
/// Switched on or off.
pub const ACTIVE: &str = "o";
/// Locked to a revision.
pub const LOCKED: &str = "L";
/// Held back from upgrades.
pub const HELD: &str = "=";
/// A registry entry that always leads to the same contents.
pub const PINNED: &str = "*";
/// A registry entry that stands in a file that is not the user's.
pub const READ_ONLY: &str = "#";
/// Could not be evaluated.
pub const FAILED: &str = "?";

/// A higher version.
pub const UPGRADED: &str = "↑";
/// A lower version.
pub const DOWNGRADED: &str = "↓";
/// The live generation.
pub const LIVE: &str = "●";
/// A generation that is kept from being deleted.
pub const KEPT: &str = "★";
/// A marked row.
pub const MARKED: &str = "✓";
/// From one to another.
pub const ARROW: &str = "→";
/// One claimant against another.
pub const AGAINST: &str = "×";
/// Neither before nor after.
pub const NOTHING: &str = "∅";
/// Where text was cut.
pub const CUT: &str = "…";
/// An open folder.
pub const OPEN: &str = "▾";
/// A closed folder.
pub const CLOSED: &str = "▹";
/// The edges of the shown tab.
pub const TAB: (&str, &str) = ("▌", "▐");
/// The place where letters are typed.
pub const CARET: &str = "▏";
/// Between short facts.
pub const DOT: &str = "·";
/// A thin rule.
pub const RULE: &str = "─";
/// Done and open parts of a progress bar.
pub const BAR: (&str, &str) = ("█", "░");
/// A thin box: corners clockwise from the upper left, across, down.
pub const THIN: [&str; 6] = ["┌", "┐", "┘", "└", "─", "│"];
/// A heavy box, for the focus.
pub const HEAVY: [&str; 6] = ["┏", "┓", "┛", "┗", "━", "┃"];

/// The ASCII form of a glyph, of the same width; that of [`CUT`] depends on what stands beside it.
pub fn ascii(glyph: &str) -> Option<&'static str> {
    Some(match glyph {
        "▸" | "▹" | "→" => ">",
        "↑" => "^",
        "↓" | "▾" => "v",
        "●" => "@",
        "★" => "*",
        "✓" | "×" => "x",
        "∅" | "·" | "─" => "-",
        "▌" => "[",
        "▐" => "]",
        "▏" => "_",
        "█" | "┃" | "┏" | "┓" | "┛" | "┗" => "#",
        "░" => ".",
        "┌" | "┐" | "┘" | "└" => "+",
        "│" => "|",
        "━" => "=",
        _ => return None,
    })
}
