//! A TOML file read part by part: what is wrong is told with its line, the rest counts.
//!
//! Readers walk the parsed table by hand instead of deserializing it, because one wrong
//! value would otherwise take the whole file with it, and its line would be lost.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::core::nearest::nearest;
use crate::core::toml_depth;
use crate::system::configuration_file::{Problem, line_of};

/// `; did you mean 'theme'?`, or nothing if no name is near.
pub fn suggestion<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(wrong, names).first().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

/// A value with its place in the file.
pub type Value<'t> = Spanned<DeValue<'t>>;

/// Reads one file and gathers what is wrong with it.
pub struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    /// So far, in the order they were found.
    pub problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    /// A reader of a text; `file` is its name as shown.
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    /// The table of the whole file; none if it is no TOML.
    pub fn table(&mut self) -> Option<DeTable<'t>> {
        if let Some(line) = toml_depth::too_deep(self.text) {
            let words =
                "from here on there are too many brackets to be read; nothing in the file counts".to_owned();
            self.problems.push(Problem { file: self.file.to_owned(), line: Some(line), words });
            return None;
        }
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let message = error.message().trim().replace('\n', ", ");
                let words = format!("this is not TOML: {message}; nothing in the file counts until it is");
                self.wrong(error.span().unwrap_or(0..0), words);
                None
            }
        }
    }

    /// The line of a place, from 1.
    pub fn line(&self, place: &Range<usize>) -> usize {
        line_of(self.text.as_bytes(), place.start)
    }

    /// Tells a problem.
    pub fn wrong(&mut self, place: Range<usize>, words: impl Into<String>) {
        let line = Some(self.line(&place));
        self.problems.push(Problem { file: self.file.to_owned(), line, words: words.into() });
    }

    /// Tells that a name is none of those there are.
    pub fn unknown(&mut self, key: &Spanned<DeString<'t>>, kind: &str, names: &[&str]) {
        let name = key.get_ref().as_ref();
        let near = suggestion(name, names.iter().copied());
        let near = if near.is_empty() { format!("; there are {}", names.join(", ")) } else { near };
        self.wrong(key.span(), format!("'{name}' is no {kind}{near}"));
    }

    /// A value that has to be true or false.
    pub fn boolean(&mut self, name: &str, value: &Value<'t>) -> Option<bool> {
        if let DeValue::Boolean(told) = value.get_ref() {
            return Some(*told);
        }
        self.kind(name, value, "true or false");
        None
    }

    /// A value that has to be text.
    pub fn text<'v>(&mut self, name: &str, value: &'v Value<'t>) -> Option<&'v str> {
        if let DeValue::String(told) = value.get_ref() {
            return Some(told.as_ref());
        }
        self.kind(name, value, "text in quotes");
        None
    }

    /// A value that has to be one text or several in brackets, each with its place.
    pub fn texts<'v>(&mut self, name: &str, value: &'v Value<'t>) -> Option<Vec<(&'v str, Range<usize>)>> {
        let DeValue::Array(values) = value.get_ref() else {
            return self.text(name, value).map(|text| vec![(text, value.span())]);
        };
        let read = |one: &'v Value<'t>| self.text(name, one).map(|text| (text, one.span()));
        Some(values.iter().filter_map(read).collect())
    }

    /// A value that has to be a table.
    pub fn below<'v>(&mut self, name: &str, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.kind(name, value, "a table");
        None
    }

    /// Tells that a value is of another kind than wanted.
    pub fn kind(&mut self, name: &str, value: &Value<'t>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(value.span(), format!("'{name}' has to be {wanted}, and this is {found}"));
    }
}
