//! Ways to work that are neither colours nor keys.

use toml::de::{DeTable, DeValue};

use super::{Reader, suggestion};

/// Ways to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether `-` and History's `r` ask before they switch.
    pub confirm_rollback: bool,
    /// Whether firn takes the mouse.
    pub mouse: bool,
    /// What the list of elements shows beside the name, from left to right.
    pub columns: Vec<Column>,
}

/// A column of the list of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The version, or two while another one is staged.
    Version,
    /// The priority.
    Priority,
    /// Where it comes from.
    Source,
}

impl Column {
    /// Every column with its name, in the order they stand in unless told otherwise.
    pub const NAMES: [(&'static str, Self); 3] =
        [("version", Self::Version), ("priority", Self::Priority), ("source", Self::Source)];
}

impl Default for Settings {
    fn default() -> Self {
        let columns = Column::NAMES.iter().map(|(_, column)| *column).collect();
        Self { confirm_rollback: true, mouse: true, columns }
    }
}

impl Settings {
    /// Takes what the file says, the default for the rest.
    pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &DeTable<'t>) -> Self {
        let mut settings = Self::default();
        if let Some(mouse) = table.get("mouse").and_then(|value| reader.boolean("mouse", value)) {
            settings.mouse = mouse;
        }
        if let Some(value) = table.get("columns") {
            settings.columns = columns(reader, value).unwrap_or(settings.columns);
        }
        let confirm = table.get("confirm").and_then(|value| reader.below("confirm", value));
        for (key, value) in confirm.into_iter().flatten() {
            if key.get_ref() != "rollback" {
                reader.unknown(key, "entry of 'confirm'", &["rollback"]);
            } else if let Some(asks) = reader.boolean("confirm.rollback", value) {
                settings.confirm_rollback = asks;
            }
        }
        settings
    }
}

/// None if the list is wrong as a whole.
fn columns<'t>(reader: &mut Reader<'t>, value: &super::Value<'t>) -> Option<Vec<Column>> {
    let DeValue::Array(_) = value.get_ref() else {
        reader.kind("columns", value, "a list like [\"version\", \"priority\"]");
        return None;
    };
    let mut columns = Vec::new();
    for (name, place) in reader.texts("columns", value)? {
        let known = Column::NAMES.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, column)) if columns.contains(column) => {
                reader.wrong(place, format!("'columns' has '{name}' twice; take one away"));
            }
            Some((_, column)) => columns.push(*column),
            None if name == "name" => {
                reader.wrong(place, "the name is always the first column; take \"name\" out of 'columns'");
            }
            None => {
                let names = Column::NAMES.map(|(name, _)| name);
                let near = suggestion(name, names);
                let near = if near.is_empty() { format!("; there are {}", names.join(", ")) } else { near };
                reader.wrong(place, format!("'{name}' is no column{near}"));
            }
        }
    }
    Some(columns)
}
