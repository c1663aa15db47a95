//! Themes from text: those that come with firn, and those people write.
//!
//! A theme of the user need not be complete: `base = "dark"` names the one that the
//! rest is taken from, `terminal` unless told.

use std::str::FromStr as _;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeString, DeTable};

use super::{MEANINGS, Theme};
use crate::tui::configuration::{Problem, Reader, Value, suggestion};

/// The themes that come with firn.
const THEMES: [(&str, &str); 4] = [
    ("terminal", include_str!("../../../assets/themes/terminal.toml")),
    ("dark", include_str!("../../../assets/themes/dark.toml")),
    ("light", include_str!("../../../assets/themes/light.toml")),
    ("plain", include_str!("../../../assets/themes/plain.toml")),
];

/// The entries of a style that are true or false.
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// The colours a terminal has names for.
const COLOURS: [&str; 17] = [
    "reset",
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "darkgray",
    "lightred",
    "lightgreen",
    "lightyellow",
    "lightblue",
    "lightmagenta",
    "lightcyan",
    "white",
];

impl Theme {
    /// A theme that comes with firn; none has another name.
    pub fn named(name: &str) -> Option<Self> {
        let mut reader = Reader::new(name, text_of(name)?);
        let mut theme = Self::default();
        if let Some(table) = reader.table() {
            theme.take(&mut reader, &table, &[]);
        }
        Some(theme)
    }

    /// The names of those.
    pub fn names() -> impl Iterator<Item = &'static str> {
        THEMES.iter().map(|(name, _)| *name)
    }

    /// Reads a theme somebody wrote, with what is wrong in it; `file` is its name as shown.
    pub fn read(file: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut reader = Reader::new(file, text);
        let Some(table) = reader.table() else {
            return (Self::named("terminal").unwrap_or_default(), reader.problems);
        };
        let mut theme = base(&mut reader, &table);
        theme.take(&mut reader, &table, &["base"]);
        (theme, reader.problems)
    }

    /// Takes the styles of a table over; entries in `besides` are somebody else's.
    pub fn take<'t>(&mut self, reader: &mut Reader<'t>, table: &DeTable<'t>, besides: &[&str]) {
        let names: Vec<&str> = MEANINGS.iter().map(|(name, _)| *name).collect();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if besides.contains(&name) {
                continue;
            }
            let Some(style) = self.style_mut(name) else {
                reader.unknown(key, "entry of a theme", &names);
                continue;
            };
            if let Some(table) = reader.below(name, value) {
                *style = read_style(reader, table);
            }
        }
    }
}

/// The text of a theme that comes with firn.
pub fn text_of(name: &str) -> Option<&'static str> {
    THEMES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn base<'t>(reader: &mut Reader<'t>, table: &DeTable<'t>) -> Theme {
    let usual = || Theme::named("terminal").unwrap_or_default();
    let Some(value) = table.get("base") else { return usual() };
    let Some(name) = reader.text("base", value) else { return usual() };
    Theme::named(name).unwrap_or_else(|| {
        let names: Vec<&str> = Theme::names().collect();
        reader.wrong(value.span(), format!("'base' has to be one of {}", names.join(", ")));
        usual()
    })
}

fn read_style<'t>(reader: &mut Reader<'t>, table: &DeTable<'t>) -> Style {
    let mut style = Style::new();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "fg" => style.fg = colour(reader, key, value),
            "bg" => style.bg = colour(reader, key, value),
            name => match MODIFIERS.iter().find(|(known, _)| *known == name) {
                Some((_, modifier)) => {
                    if reader.boolean(name, value) == Some(true) {
                        style = style.add_modifier(*modifier);
                    }
                }
                None => reader.unknown(
                    key,
                    "part of a style",
                    &["fg", "bg", "bold", "dim", "italic", "underlined", "reversed"],
                ),
            },
        }
    }
    style
}

fn colour<'t>(reader: &mut Reader<'t>, key: &Spanned<DeString<'t>>, value: &Value<'t>) -> Option<Color> {
    let name = reader.text(key.get_ref(), value)?;
    if let Ok(colour) = Color::from_str(name) {
        return Some(colour);
    }
    let near = suggestion(name, COLOURS);
    let words = format!(
        "'{name}' is no colour{near}{} write a name like \"red\", a number from \"0\" to \"255\", or \"#rrggbb\"",
        if near.is_empty() { ";" } else { " Else" }
    );
    reader.wrong(value.span(), words);
    None
}
