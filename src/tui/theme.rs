//! Colours and glyphs: what each meaning looks like.
//!
//! A theme is a TOML table, meaning to style: `added = { fg = "green", bold = true }`.
//! `terminal` uses the sixteen colours the user chose for their terminal, `plain`
//! none at all (`NO_COLOR`). No meaning rests on colour alone: each has a glyph and
//! a word too, and the focused pane has a heavy border. Glyphs are Unicode, or
//! ASCII with `--ascii`.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Deserializer};

const TERMINAL: &str = include_str!("../../assets/themes/terminal.toml");
const PLAIN: &str = include_str!("../../assets/themes/plain.toml");

/// A style for every meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The first line.
    #[serde(deserialize_with = "style")]
    pub title: Style,
    /// Words that stand back: column titles, explanations.
    #[serde(deserialize_with = "style")]
    pub faint: Style,
    /// Words that stand out: names in cards, headings.
    #[serde(deserialize_with = "style")]
    pub strong: Style,
    /// The border of a pane.
    #[serde(deserialize_with = "style")]
    pub border: Style,
    /// The border of the pane with the focus.
    #[serde(deserialize_with = "style")]
    pub focus: Style,
    /// The row under the cursor of the pane with the focus.
    #[serde(deserialize_with = "style")]
    pub cursor: Style,
    /// A key in hints and help.
    #[serde(deserialize_with = "style")]
    pub key: Style,
    /// What comes.
    #[serde(deserialize_with = "style")]
    pub added: Style,
    /// What goes.
    #[serde(deserialize_with = "style")]
    pub removed: Style,
    /// What becomes another thing.
    #[serde(deserialize_with = "style")]
    pub changed: Style,
    /// A higher version.
    #[serde(deserialize_with = "style")]
    pub upgraded: Style,
    /// A lower version.
    #[serde(deserialize_with = "style")]
    pub downgraded: Style,
    /// Another priority, switched on or off.
    #[serde(deserialize_with = "style")]
    pub adjusted: Style,
    /// A collision that blocks.
    #[serde(deserialize_with = "style")]
    pub blocking: Style,
    /// Hidden by a stronger element.
    #[serde(deserialize_with = "style")]
    pub shadowed: Style,
    /// A tie that shows up when the winner goes.
    #[serde(deserialize_with = "style")]
    pub latent: Style,
    /// Locked to a revision.
    #[serde(deserialize_with = "style")]
    pub locked: Style,
    /// Switched off.
    #[serde(deserialize_with = "style")]
    pub off: Style,
    /// The live generation.
    #[serde(deserialize_with = "style")]
    pub live: Style,
    /// A marked row.
    #[serde(deserialize_with = "style")]
    pub marked: Style,
    /// All is well.
    #[serde(deserialize_with = "style")]
    pub good: Style,
    /// Something went wrong.
    #[serde(deserialize_with = "style")]
    pub error: Style,
}

/// A theme that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No theme has this name.
    #[error("there is no theme '{0}'; firn has 'terminal' and 'plain'")]
    Unknown(String),
    /// Not TOML, or a meaning or colour firn does not know.
    #[error("the theme cannot be read: {0}")]
    Syntax(String),
}

impl Theme {
    /// A theme that comes with firn.
    pub fn named(name: &str) -> Result<Self, ThemeError> {
        match name {
            "terminal" => Self::parse(TERMINAL),
            "plain" => Self::parse(PLAIN),
            _ => Err(ThemeError::Unknown(name.to_owned())),
        }
    }

    /// Reads a theme's TOML.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        toml::from_str(text).map_err(|error| ThemeError::Syntax(error.to_string()))
    }
}

/// A style as written in TOML.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StyleEntry {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underlined: bool,
    reversed: bool,
}

fn style<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Style, D::Error> {
    let entry = StyleEntry::deserialize(deserializer)?;
    let colour = |name: Option<String>| {
        name.map(|name| {
            Color::from_str(&name).map_err(|_| serde::de::Error::custom(format!("no colour '{name}'")))
        })
        .transpose()
    };
    let mut style = Style::new();
    style.fg = colour(entry.fg)?;
    style.bg = colour(entry.bg)?;
    for (wanted, modifier) in [
        (entry.bold, Modifier::BOLD),
        (entry.dim, Modifier::DIM),
        (entry.italic, Modifier::ITALIC),
        (entry.underlined, Modifier::UNDERLINED),
        (entry.reversed, Modifier::REVERSED),
    ] {
        if wanted {
            style = style.add_modifier(modifier);
        }
    }
    Ok(style)
}

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

/// The ASCII form of a glyph, of the same width, so that columns stay where they are.
pub fn ascii(glyph: &str) -> Option<&'static str> {
    Some(match glyph {
        "▸" | "▹" | "→" => ">",
        "↑" => "^",
        "↓" | "▾" => "v",
        "●" => "@",
        // as in a file pattern; a tilde would read as the home folder
        "★" | "…" => "*",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_themes_are_complete_and_plain_has_no_colour() {
        Theme::named("terminal").unwrap();
        let plain = format!("{:?}", Theme::named("plain").unwrap());
        for line in PLAIN.lines().filter(|line| line.contains('=')) {
            assert!(!line.contains("fg") && !line.contains("bg"), "{line}");
        }
        assert!(!plain.contains("Some("), "{plain}");
    }

    #[test]
    fn unknown_names_colours_and_meanings_are_refused() {
        assert_eq!(Theme::named("neon"), Err(ThemeError::Unknown("neon".to_owned())));
        assert!(matches!(Theme::parse("glow = {}"), Err(ThemeError::Syntax(_))));
        let wrong = PLAIN.replace("bold = true", "fg = \"octarine\"");
        assert!(Theme::parse(&wrong).unwrap_err().to_string().contains("octarine"));
    }
}
