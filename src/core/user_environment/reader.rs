//! Reads the values of `manifest.nix` without an evaluator.
//!
//! Only what nix-env prints is read: lists, sets, strings without interpolation, numbers and
//! booleans. Anything else (functions, variables, paths, `rec`, comments) is refused with its line
//! and column. Depth, the length of one string and the number of values are bounded; the caller bounds
//! the whole.

use super::value::{Attributes, Value};

/// Deeper than any package's `meta`.
const DEPTH_LIMIT: usize = 100;

/// More than this is no description of a package.
const STRING_LIMIT: usize = 16 << 20;

/// More values than ten thousand packages have; each takes more room than the few letters it may have.
const VALUE_LIMIT: usize = 2 << 20;

/// Why a manifest is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct EnvironmentError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: String,
}

/// One item of the outermost list, and where it begins.
pub(super) struct Item {
    pub start: usize,
    pub value: Value,
}

/// Reads the outermost list.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Item>, EnvironmentError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(at(bytes, error.valid_up_to(), "this is not valid UTF-8".to_owned())),
    };
    let mut reader = Reader { text, position: 0, values: 0 };
    reader.file().map_err(|Refused(position, problem)| at(bytes, position, problem))
}

/// The error for a position in bytes.
pub(super) fn at(bytes: &[u8], position: usize, problem: String) -> EnvironmentError {
    let before = bytes.get(..position).unwrap_or(bytes);
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.split(|byte| *byte == b'\n').count();
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    EnvironmentError { line, column, problem: shortened(problem) }
}

/// The beginning and the end of what quotes a word of the file, which can be as long as that.
fn shortened(problem: String) -> String {
    const KEPT: usize = 200;
    if problem.len() <= 2 * KEPT {
        return problem;
    }
    let (start, end) = (problem.floor_char_boundary(KEPT), problem.ceil_char_boundary(problem.len() - KEPT));
    format!("{} … {}", &problem[..start], &problem[end..])
}

/// A position in bytes, and what is wrong there.
struct Refused(usize, String);

struct Reader<'a> {
    text: &'a str,
    position: usize,
    /// How many were read.
    values: usize,
}

impl Reader<'_> {
    fn file(&mut self) -> Result<Vec<Item>, Refused> {
        self.expect('[', "a list of packages should begin here")?;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            let start = self.position;
            if self.take(']') {
                break;
            }
            items.push(Item { start, value: self.value(1)? });
        }
        self.skip_space();
        if self.position < self.text.len() {
            return self.refuse("the list has ended; nothing may follow it");
        }
        Ok(items)
    }

    /// A value as it may stand in a list; a negative number may not.
    fn value(&mut self, depth: usize) -> Result<Value, Refused> {
        if depth > DEPTH_LIMIT {
            return self.refuse(format!("lists and sets are nested more than {DEPTH_LIMIT} deep"));
        }
        self.values += 1;
        if self.values > VALUE_LIMIT {
            return self.refuse(format!("there are more than {VALUE_LIMIT} values"));
        }
        match self.peek() {
            None => self.refuse("the file ends in the middle"),
            Some('"') => Ok(Value::String(self.string()?)),
            Some('[') => self.list(depth),
            Some('{') => self.set(depth).map(Value::Set),
            Some('0'..='9' | '.') => self.number(self.position),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                let start = self.position;
                match self.identifier() {
                    "true" => Ok(Value::Bool(true)),
                    "false" => Ok(Value::Bool(false)),
                    word => {
                        let problem =
                            format!("nix-env writes values only, and '{word}' would have to be evaluated");
                        Err(Refused(start, problem))
                    }
                }
            }
            Some(_) => self.unexpected("a value"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Refused> {
        self.position += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.take(']') {
                return Ok(Value::List(items));
            }
            items.push(self.value(depth + 1)?);
        }
    }

    fn set(&mut self, depth: usize) -> Result<Attributes, Refused> {
        self.position += 1;
        let mut set = Attributes::new();
        loop {
            self.skip_space();
            if self.take('}') {
                return Ok(set);
            }
            let start = self.position;
            let name = self.name()?;
            self.expect('=', "'=' and a value should follow the name of an attribute")?;
            self.skip_space();
            let negative = self.position;
            let value = match self.take('-') {
                true if self.peek().is_some_and(|next| next.is_ascii_digit() || next == '.') => {
                    self.number(negative)?
                }
                true => return self.unexpected("a number"),
                false => self.value(depth + 1)?,
            };
            self.expect(';', "';' should follow the value of an attribute")?;
            if set.insert(name.clone(), value).is_some() {
                return Err(Refused(start, format!("the attribute '{name}' is there twice")));
            }
        }
    }

    fn name(&mut self) -> Result<String, Refused> {
        match self.peek() {
            Some('"') => self.string(),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                let start = self.position;
                let word = self.identifier().to_owned();
                if matches!(
                    word.as_str(),
                    "inherit" | "rec" | "let" | "with" | "assert" | "if" | "then" | "else" | "in"
                ) {
                    return Err(Refused(start, format!("nix-env writes values only, and no '{word}'")));
                }
                Ok(word)
            }
            None => self.refuse("the file ends in the middle"),
            Some(_) => self.unexpected("the name of an attribute"),
        }
    }

    fn identifier(&mut self) -> &str {
        let rest = self.rest();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_'-".contains(byte);
        let length = rest.bytes().position(|byte| !is_part(&byte)).unwrap_or(rest.len());
        let start = self.position;
        self.position += length;
        &self.text[start..start + length]
    }

    /// Digits, and what makes them a float; `start` is where a sign stands, if there is one.
    fn number(&mut self, start: usize) -> Result<Value, Refused> {
        let digits = |reader: &mut Self| {
            let count = reader.rest().bytes().take_while(u8::is_ascii_digit).count();
            reader.position += count;
            count
        };
        let first = self.position;
        let whole = digits(self);
        let is_float = self.peek() == Some('.') && {
            // Nix reads `01.5` as a number and a float, and `0.` not at all.
            let leads = &self.text[first..first + whole];
            let after = self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_digit);
            leads.starts_with(|digit: char| digit != '0') || (matches!(leads, "" | "0") && after)
        };
        if is_float {
            self.position += 1;
            digits(self);
            self.exponent();
        }
        if self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || "_.-+/'".contains(next)) {
            return self.unexpected("the end of a number");
        }
        let text = &self.text[start..self.position];
        let refused = || Refused(start, format!("'{text}' is no number that Nix can read"));
        if is_float {
            return text
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Value::Float)
                .ok_or_else(refused);
        }
        // Nix reads the digits before it looks at the sign.
        let number: Option<i64> = text.trim_start_matches('-').parse().ok();
        let sign = if text.starts_with('-') { -1 } else { 1 };
        number.map(|number| Value::Int(sign * number)).ok_or_else(refused)
    }

    /// `e+08`, if it is one.
    fn exponent(&mut self) {
        let bytes = self.rest().as_bytes();
        let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
        let digits = bytes.iter().skip(1 + sign).take_while(|byte| byte.is_ascii_digit()).count();
        if matches!(bytes.first(), Some(b'e' | b'E')) && digits > 0 {
            self.position += 1 + sign + digits;
        }
    }

    fn string(&mut self) -> Result<String, Refused> {
        let start = self.position;
        self.position += 1;
        let mut text = String::new();
        loop {
            let here = self.position;
            let Some(character) = self.next() else {
                return Err(Refused(start, "the file ends in the middle of this string".to_owned()));
            };
            match character {
                '"' => return Ok(text),
                '\\' => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                '$' if self.peek() == Some('{') => {
                    let problem = "nix-env writes values only, and '${' would have to be evaluated";
                    return Err(Refused(here, problem.to_owned()));
                }
                // Of two dollars the second begins nothing.
                '$' if self.take('$') => text.push_str("$$"),
                // Nix takes a bare carriage return for the end of a line.
                '\r' => {
                    self.take('\n');
                    text.push('\n');
                }
                '\0' => return Err(Refused(here, "a string of Nix cannot hold a zero byte".to_owned())),
                other => text.push(other),
            }
            if text.len() > STRING_LIMIT {
                let problem = format!("this string has more than {} MiB", STRING_LIMIT >> 20);
                return Err(Refused(start, problem));
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.position += wanted.len_utf8();
        }
        is_there
    }

    fn expect(&mut self, wanted: char, problem: &str) -> Result<(), Refused> {
        self.skip_space();
        if self.take(wanted) {
            return Ok(());
        }
        if self.peek().is_none() { self.refuse("the file ends in the middle") } else { self.refuse(problem) }
    }

    fn skip_space(&mut self) {
        let space = self.rest().bytes().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.position += space;
    }

    fn unexpected<T>(&self, wanted: &str) -> Result<T, Refused> {
        let found = self
            .peek()
            .map_or("the end of the file".to_owned(), |found| format!("'{}'", found.escape_default()));
        self.refuse(format!("{wanted} should stand here, not {found}"))
    }

    fn refuse<T>(&self, problem: impl Into<String>) -> Result<T, Refused> {
        Err(Refused(self.position, problem.into()))
    }
}
