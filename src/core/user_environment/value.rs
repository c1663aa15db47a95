//! A value as `manifest.nix` holds it, and how Nix prints it there.
//!
//! nix-env keeps numbers, booleans, strings, lists and sets of a package's `meta` and drops every
//! attribute that holds anything else. It prints them on one line: `{ a = 1; b = [ "x" ]; }`. Names
//! are sorted by bytes and quoted where they are no identifiers; a float has six digits, so that it
//! may come back as an integer, as it does for nix-env itself.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// An attribute set, sorted by name as Nix prints it.
pub type Attributes = BTreeMap<String, Value>;

/// A value without functions, paths or anything else that must be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// A set.
    Set(Attributes),
}

/// A float that was read is a number.
impl Eq for Value {}

impl Value {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A flag of `meta`: a boolean, or the text of one, as `nix-env --set-flag` writes it.
    pub fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether nix-env keeps it when it writes a manifest: sets that look like packages it drops.
    pub(super) fn is_kept(&self) -> bool {
        match self {
            Self::List(items) => items.iter().all(Self::is_kept),
            Self::Set(set) => !set.contains_key("outPath") && set.values().all(Self::is_kept),
            _ => true,
        }
    }

    /// What the value becomes in a builder's environment variable; `None` for what would make it
    /// another word or several.
    pub(super) fn coerced(&self) -> Option<String> {
        let text = match self {
            Self::Int(number) => number.to_string(),
            Self::Float(number) => format!("{number:.6}"),
            Self::Bool(true) => "1".to_owned(),
            Self::String(text) => text.clone(),
            Self::Bool(false) | Self::List(_) | Self::Set(_) => return None,
        };
        (!text.is_empty() && !text.contains([' ', '\t', '\n', '\r'])).then_some(text)
    }
}

impl fmt::Display for Value {
    /// As nix-env prints it. The depth is that of what was read, which is bounded.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(to, "{number}"),
            Self::Float(number) => to.write_str(&six_digits(*number)),
            Self::Bool(flag) => write!(to, "{flag}"),
            Self::String(text) => print_string(to, text),
            Self::List(items) => {
                to.write_str("[ ")?;
                for item in items {
                    write!(to, "{item} ")?;
                }
                to.write_char(']')
            }
            Self::Set(set) => print_set(to, set.iter().map(|(name, value)| (name.as_str(), value))),
        }
    }
}

/// Prints `{ name = value; … }`, in the order given.
pub(super) fn print_set<'a, V: fmt::Display>(
    to: &mut impl fmt::Write,
    attributes: impl Iterator<Item = (&'a str, V)>,
) -> fmt::Result {
    to.write_str("{ ")?;
    for (name, value) in attributes {
        print_name(to, name)?;
        write!(to, " = {value}; ")?;
    }
    to.write_char('}')
}

/// An attribute's name, quoted where it would not be read as one.
fn print_name(to: &mut impl fmt::Write, name: &str) -> fmt::Result {
    const KEYWORDS: [&str; 9] = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"];
    let is_identifier = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_'-".contains(&byte));
    if is_identifier && !KEYWORDS.contains(&name) { to.write_str(name) } else { print_string(to, name) }
}

/// A string in quotes: what would end it or begin an interpolation is escaped.
pub(super) fn print_string(to: &mut impl fmt::Write, text: &str) -> fmt::Result {
    to.write_char('"')?;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => write!(to, "\\{character}")?,
            '\n' => to.write_str("\\n")?,
            '\r' => to.write_str("\\r")?,
            '\t' => to.write_str("\\t")?,
            '$' if characters.peek() == Some(&'{') => to.write_str("\\$")?,
            _ => to.write_char(character)?,
        }
    }
    to.write_char('"')
}

/// A float as C++ streams print it: six significant digits, no trailing zeros, an exponent of two
/// digits where it is small or large.
fn six_digits(number: f64) -> String {
    let scientific = format!("{number:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific.to_lowercase();
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    match usize::try_from(5 - exponent) {
        Ok(decimals) if exponent >= -4 => trimmed(&format!("{number:.decimals$}")),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", trimmed(digits), exponent.abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_six_digits() {
        for (number, printed) in [
            (1.5, "1.5"),
            (1.0, "1"),
            (0.0, "0"),
            (123_456_789.25, "1.23457e+08"),
            (100_000.5, "100000"),
            (999_999.5, "1e+06"),
            (0.000_1, "0.0001"),
            (0.000_012_34, "1.234e-05"),
            (-2.25, "-2.25"),
            (1e300, "1e+300"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(six_digits(number), printed);
        }
    }

    #[test]
    fn names_and_strings_are_quoted_where_they_must_be() {
        let text = |text: &str| Value::String(text.to_owned());
        let set = [("a-b'", "x"), ("b c", "${"), ("rec", "$$"), ("_", "$${\"\\\n\r\t"), ("", "ä"), ("1", "")];
        let set = Value::Set(set.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect());
        assert_eq!(
            set.to_string(),
            r#"{ "" = "ä"; "1" = ""; _ = "$\${\"\\\n\r\t"; a-b' = "x"; "b c" = "\${"; "rec" = "$$"; }"#
        );
        let list = Value::List(vec![
            Value::Int(-1),
            Value::Bool(true),
            Value::List(vec![]),
            Value::Set(Attributes::new()),
        ]);
        assert_eq!(list.to_string(), "[ -1 true [ ] { } ]");
    }
}
