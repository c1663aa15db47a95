//! The attributes of a flake reference, `{"type": "github", "owner": "NixOS", …}`.
//!
//! A registry, a lock file and `builtins.fetchTree` write references in this form. A
//! value is text, a number from 0 up, or yes and no; text is bytes, since `%ff` in a URL
//! is a byte and no character. Two references are the same if all their attributes are.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Problem;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Text, not always UTF-8.
    Text(Vec<u8>),
    /// A number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
}

/// Names with their values, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attributes(BTreeMap<String, Attribute>);

/// Text that JSON cannot hold, because it is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds bytes that are not UTF-8, which JSON cannot hold")]
pub struct NotUtf8;

impl Attributes {
    /// Reads a JSON object; `None` if a value is null, a list or an object.
    ///
    /// Numbers become whole and positive as in Nix: a fraction is cut off, -1 wraps around.
    pub fn from_json(object: &Map<String, Value>) -> Option<Self> {
        let mut attributes = Self::default();
        for (name, value) in object {
            let value = match value {
                Value::String(text) => Attribute::Text(text.clone().into_bytes()),
                Value::Bool(flag) => Attribute::Flag(*flag),
                Value::Number(number) => Attribute::Number(whole(number)),
                _ => return None,
            };
            attributes.0.insert(name.clone(), value);
        }
        Some(attributes)
    }

    /// The JSON object that reads as these attributes.
    pub fn to_json(&self) -> Result<Map<String, Value>, NotUtf8> {
        let value = |value: &Attribute| match value {
            Attribute::Text(text) => String::from_utf8(text.clone()).map(Value::String).map_err(|_| NotUtf8),
            Attribute::Number(number) => Ok(Value::from(*number)),
            Attribute::Flag(flag) => Ok(Value::Bool(*flag)),
        };
        self.0.iter().map(|(name, attribute)| Ok((name.clone(), value(attribute)?))).collect()
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Sets an attribute to a text.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<Vec<u8>>) -> Self {
        self.set(name, text);
        self
    }

    pub(super) fn set(&mut self, name: &str, text: impl Into<Vec<u8>>) {
        self.insert(name, Attribute::Text(text.into()));
    }

    pub(super) fn insert(&mut self, name: &str, value: Attribute) {
        self.0.insert(name.to_owned(), value);
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Attribute> {
        self.0.remove(name)
    }

    /// A text that may be missing, but not be something else.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&[u8]>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::Attribute(name.to_owned(), "is not a text")),
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&self, name: &'static str) -> Result<&[u8], Problem> {
        self.text(name)?.ok_or_else(|| Problem::Attribute(name.to_owned(), "is missing"))
    }

    pub(super) fn number(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(Problem::Attribute(name.to_owned(), "is not a number")),
        }
    }

    /// Whether a flag is there and set.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Problem> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Attribute::Flag(flag)) => Ok(*flag),
            Some(_) => Err(Problem::Attribute(name.to_owned(), "is neither true nor false")),
        }
    }
}

/// A JSON number as Nix takes it.
#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "as Nix does")]
fn whole(number: &serde_json::Number) -> u64 {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), _, _) => number,
        (None, Some(negative), _) => negative as u64,
        (None, None, fraction) => fraction.unwrap_or_default() as u64,
    }
}
