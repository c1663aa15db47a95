//! Registry files, version 2: read and written as Nix does.
//!
//! ```json
//! { "version": 2, "flakes": [ { "from": { "type": "indirect", "id": "n" }, "to": { … } } ] }
//! ```
//!
//! Reading a damaged file, Nix warns and goes on with the entries before the first bad one, or
//! with none after a syntax error, and loses the rest when it writes. Here the same entries
//! are kept, for the look-ups to be Nix's, and a [`Fault`] that says on which line it is; a
//! file with a fault has no text to be written. Unknown keys are dropped, as in Nix.

use serde_json::{Map, Value};

use super::{Entry, Registry};
use crate::core::flake_ref::{Attributes, FlakeRef, FlakeRefError, NotUtf8};

/// What is wrong with a registry file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not JSON.
    #[error("line {line}, column {column}: it is not JSON: {reason}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// It is JSON, but no registry.
    #[error("it is not a registry: {0}")]
    Shape(&'static str),
    /// Another version than 2.
    #[error("line {line}: it is of version {version}; only version 2 is known")]
    Version {
        /// From 1.
        line: usize,
        /// The version, as JSON.
        version: String,
    },
    /// An entry is bad; those before it count.
    #[error("line {line}: entry {number}: {reason}")]
    Entry {
        /// From 1.
        line: usize,
        /// From 1.
        number: usize,
        /// What is wrong with it.
        reason: EntryFault,
    },
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// A part of it is missing or of the wrong type.
    #[error("{0}")]
    Shape(&'static str),
    /// One of its references is none.
    #[error(transparent)]
    Reference(#[from] FlakeRefError),
}

impl Registry {
    /// Reads the text of a file.
    pub fn parse(text: &[u8]) -> Self {
        let text = without_mark(text);
        let document: Value = match serde_json::from_slice(text) {
            Ok(document) => document,
            Err(error) => return Self { entries: Vec::new(), fault: Some(syntax(&error)) },
        };
        let list = match list(&document, text) {
            Ok(list) => list,
            Err(fault) => return Self { entries: Vec::new(), fault: Some(fault) },
        };
        let mut entries = Vec::with_capacity(list.len());
        for value in list {
            match entry(value) {
                Ok(entry) => entries.push(entry),
                Err(reason) => {
                    let number = entries.len() + 1;
                    let line = Lines::of(text).entries.get(entries.len()).copied().unwrap_or(1);
                    return Self { entries, fault: Some(Fault::Entry { line, number, reason }) };
                }
            }
        }
        Self { entries, fault: None }
    }

    /// The text of the file, as Nix writes it.
    pub fn to_text(&self) -> Result<String, NotUtf8> {
        let entries = self.entries.iter().map(json).collect::<Result<Vec<Value>, NotUtf8>>()?;
        let flakes = if entries.is_empty() { Value::Null } else { Value::Array(entries) };
        let document = serde_json::json!({ "flakes": flakes, "version": 2 });
        Ok(format!("{document:#}"))
    }
}

/// On which line each entry of a file begins, for a text that could be read.
pub fn entry_lines(text: &[u8]) -> Vec<usize> {
    Lines::of(without_mark(text)).entries
}

/// Without the mark of its byte order, which some editors leave.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn syntax(error: &serde_json::Error) -> Fault {
    let reason = error.to_string();
    // The parser's words end with the place, which is told apart.
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
    Fault::Json { line: error.line().max(1), column: error.column().max(1), reason }
}

/// The values of `flakes`. A list, an object, or nothing at all will do for Nix.
fn list<'a>(document: &'a Value, text: &[u8]) -> Result<Vec<&'a Value>, Fault> {
    let document = document.as_object().ok_or(Fault::Shape("it is not an object"))?;
    match document.get("version") {
        None => return Err(Fault::Shape("it has no version")),
        Some(Value::Number(number)) if number.as_f64().is_some_and(|it| (2.0..3.0).contains(&it)) => {}
        Some(version) => {
            return Err(Fault::Version { line: Lines::of(text).version, version: version.to_string() });
        }
    }
    match document.get("flakes") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => Ok(list.iter().collect()),
        Some(Value::Object(object)) => Ok(object.values().collect()),
        Some(_) => Err(Fault::Shape("its 'flakes' is not a list")),
    }
}

fn entry(value: &Value) -> Result<Entry, EntryFault> {
    let entry = value.as_object().ok_or(EntryFault::Shape("it is not an object"))?;
    let (from, to) = (attributes(entry, "from")?, attributes(entry, "to")?);
    if from.get("dir").is_some() {
        return Err(EntryFault::Shape("its 'from' has a 'dir'"));
    }
    let exact = match entry.get("exact") {
        None => false,
        Some(Value::Bool(exact)) => *exact,
        Some(_) => return Err(EntryFault::Shape("its 'exact' is neither true nor false")),
    };
    let had_dir = to.get("dir").is_some();
    let (from, to) = (FlakeRef::from_attributes(from)?, FlakeRef::from_attributes(to)?);
    let empty_dir = had_dir && to.dir().is_empty();
    Ok(Entry { from, to, exact, empty_dir })
}

fn attributes(entry: &Map<String, Value>, key: &'static str) -> Result<Attributes, EntryFault> {
    let (missing, bad) = match key {
        "from" => ("it has no 'from'", "a value in its 'from' is not a text, a number, true or false"),
        _ => ("it has no 'to'", "a value in its 'to' is not a text, a number, true or false"),
    };
    let object = entry.get(key).and_then(Value::as_object).ok_or(EntryFault::Shape(missing))?;
    Attributes::from_json(object).ok_or(EntryFault::Shape(bad))
}

fn json(entry: &Entry) -> Result<Value, NotUtf8> {
    let mut to = entry.to.attributes().to_json()?;
    if entry.empty_dir {
        to.insert("dir".to_owned(), Value::from(""));
    }
    let mut object = Map::new();
    if entry.exact {
        object.insert("exact".to_owned(), Value::Bool(true));
    }
    object.insert("from".to_owned(), Value::Object(entry.from.attributes().to_json()?));
    object.insert("to".to_owned(), Value::Object(to));
    Ok(Value::Object(object))
}

/// Where things stand in a text that is JSON.
struct Lines {
    /// The value of `version`; 1 if there is none.
    version: usize,
    /// The values in `flakes`.
    entries: Vec<usize>,
}

impl Lines {
    fn of(text: &[u8]) -> Self {
        let (mut line, mut depth, mut start) = (1, 0_usize, 0);
        let (mut in_string, mut is_escaped) = (false, false);
        let (mut word, mut is_list, mut is_due) = (&text[..0], false, false);
        let mut lines = Self { version: 1, entries: Vec::new() };
        for (position, &byte) in text.iter().enumerate() {
            line += usize::from(byte == b'\n');
            if in_string {
                in_string = is_escaped || byte != b'"';
                is_escaped = byte == b'\\' && !is_escaped;
                if !in_string && depth == 1 {
                    word = &text[start + 1..position];
                }
                continue;
            }
            if is_due && !byte.is_ascii_whitespace() {
                lines.entries.extend((byte != b']').then_some(line));
                is_due = false;
            }
            match byte {
                b'"' => (in_string, start) = (true, position),
                b':' if depth == 1 && word == b"version" => lines.version = line,
                b'[' if depth == 1 && word == b"flakes" => (depth, is_list, is_due) = (2, true, true),
                b'[' | b'{' => depth += 1,
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    is_list &= depth > 1;
                }
                b',' if depth == 2 && is_list => is_due = true,
                _ => {}
            }
        }
        lines
    }
}
