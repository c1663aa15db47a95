//! POSIX extended regular expressions, in Rust's regex syntax.
//!
//! Nix matches `--regex` with C++'s `std::regex` (extended, ignoring case) over the
//! bytes of the whole identifier. Where the two dialects differ the pattern is
//! rewritten or refused, so that one pattern never picks other elements here:
//!
//! - a backslash only takes the meaning from `.[\()*+?{|^$`; `\d`, `\/`, `\b` are errors
//! - inside `[…]` a backslash, `[` and `&&` are plain; `]` is plain when it comes first
//! - `a+?` means `(a+)?`, there are no lazy repeats, and `(?:` is an error
//! - `{` is always a repeat: `a{2}`, `a{2,}`, `a{2,3}`, nothing else
//! - `.` is any byte but NUL; letters beyond ASCII have no case
//!
//! Not taken over: collating elements of several letters (`[[.hyphen.]]`).

use regex::bytes::{Regex, RegexBuilder};

/// Compiles a pattern that must match from start to end.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = Translation::of(pattern.as_bytes())?;
    RegexBuilder::new(&format!("^(?:{translated})$")).case_insensitive(true).unicode(false).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The parser's words quote our translation, which would only confuse.
            _ => "it cannot be read, or nests too deep".to_owned(),
        },
    )
}

/// A pattern on its way into Rust's syntax.
struct Translation<'a> {
    rest: &'a [u8],
    output: String,
    /// Where the groups that are open start in the output.
    groups: Vec<usize>,
    /// Where the thing that a repeat would repeat starts in the output.
    atom: Option<usize>,
    /// Whether that thing has been repeated already.
    repeated: bool,
}

impl<'a> Translation<'a> {
    fn of(pattern: &'a [u8]) -> Result<String, String> {
        let output = String::with_capacity(pattern.len() + 16);
        let mut it = Self { rest: pattern, output, groups: Vec::new(), atom: None, repeated: false };
        while let Some(byte) = it.next() {
            it.byte(byte)?;
        }
        if it.groups.is_empty() { Ok(it.output) } else { Err("'(' is not closed".to_owned()) }
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn byte(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'(' => {
                self.groups.push(self.output.len());
                self.no_atom("(?:");
            }
            b')' => {
                let start = self.groups.pop().ok_or("')' closes nothing")?;
                self.output.push(')');
                (self.atom, self.repeated) = (Some(start), false);
            }
            b'|' => self.no_atom("|"),
            b'^' => self.no_atom("^"),
            b'$' => self.no_atom("$"),
            b'*' => self.repeat("*")?,
            b'+' => self.repeat("+")?,
            b'?' => self.repeat("?")?,
            b'{' => {
                let count = self.count()?;
                self.repeat(&count)?;
            }
            b'.' => self.atom(r"[^\x00]"),
            b'[' => {
                let class = self.bracket()?;
                self.atom(&class);
            }
            b'\\' => match self.next() {
                Some(escaped) if br".[\()*+?{|^$".contains(&escaped) => self.atom(&literal(escaped)),
                Some(_) => return Err(r"'\' stands only before one of .[\()*+?{|^$".to_owned()),
                None => return Err(r"it ends in '\'".to_owned()),
            },
            plain => self.atom(&literal(plain)),
        }
        Ok(())
    }

    fn atom(&mut self, text: &str) {
        (self.atom, self.repeated) = (Some(self.output.len()), false);
        self.output.push_str(text);
    }

    fn no_atom(&mut self, text: &str) {
        self.atom = None;
        self.output.push_str(text);
    }

    fn repeat(&mut self, repeat: &str) -> Result<(), String> {
        let start = self.atom.ok_or_else(|| format!("'{repeat}' repeats nothing"))?;
        if self.repeated {
            self.output.insert_str(start, "(?:");
            self.output.push(')');
        }
        self.output.push_str(repeat);
        self.repeated = true;
        Ok(())
    }

    /// Reads `2}`, `2,}` or `2,3}`.
    fn count(&mut self) -> Result<String, String> {
        let end = self.rest.iter().position(|&byte| byte == b'}').ok_or("'{' is not closed")?;
        let (inside, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        let inside = String::from_utf8_lossy(inside);
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number(least) && (most.is_empty() || is_number(most)) {
            Ok(format!("{{{inside}}}"))
        } else {
            Err("'{' wants a number or two after it, then '}'".to_owned())
        }
    }

    /// Reads a bracket expression after its `[`.
    fn bracket(&mut self) -> Result<String, String> {
        let mut class = String::from("[");
        if let Some(rest) = self.rest.strip_prefix(b"^") {
            self.rest = rest;
            class.push('^');
        }
        let mut is_first = true;
        loop {
            let member = match self.rest {
                [] => return Err("'[' is not closed".to_owned()),
                [b']', rest @ ..] if !is_first => {
                    self.rest = rest;
                    class.push(']');
                    return Ok(class);
                }
                [b'[', b':', ..] => {
                    class.push_str(&self.named_class()?);
                    None
                }
                _ => Some(self.member()?),
            };
            // A dash makes a range unless it comes last; after a class or a range it may only do that.
            let is_range = matches!(self.rest, [b'-', after, ..] if *after != b']');
            match member {
                None if is_range => return Err("a class cannot start a range".to_owned()),
                None => {}
                Some(first) if is_range => {
                    class.push_str(&self.range(first)?);
                }
                Some(first) => class.push_str(&literal(first)),
            }
            is_first = false;
        }
    }

    /// Reads `-last` of a range.
    fn range(&mut self, first: u8) -> Result<String, String> {
        self.next();
        let last = self.member()?;
        match self.rest {
            [b'-', after, ..] if *after != b']' => Err("'-' stands after a range in '[…]'".to_owned()),
            _ if first > last => Err("a range in '[…]' runs backwards".to_owned()),
            _ => Ok(format!("{}-{}", literal(first), literal(last))),
        }
    }

    /// Reads one member: a byte, `[.x.]` or `[=x=]`.
    fn member(&mut self) -> Result<u8, String> {
        match self.rest {
            [b'[', b'.', byte, b'.', b']', rest @ ..] | [b'[', b'=', byte, b'=', b']', rest @ ..] => {
                self.rest = rest;
                Ok(*byte)
            }
            [b'[', b'.' | b'=', ..] => Err("'[…]' holds an unknown collating element".to_owned()),
            _ => self.next().ok_or_else(|| "'[' is not closed".to_owned()),
        }
    }

    /// Reads `[:alpha:]`, in any case.
    fn named_class(&mut self) -> Result<String, String> {
        let end = self.rest.windows(2).position(|pair| pair == b":]").filter(|&end| end >= 2);
        let end = end.ok_or("'[:' is not closed")?;
        let name = self.rest[2..end].to_ascii_lowercase();
        self.rest = &self.rest[end + 2..];
        Ok(match name.as_slice() {
            b"alpha" | b"digit" | b"alnum" | b"upper" | b"lower" | b"space" | b"blank" | b"punct"
            | b"print" | b"graph" | b"cntrl" | b"xdigit" => format!("[:{}:]", String::from_utf8_lossy(&name)),
            b"d" => "[:digit:]".to_owned(),
            b"s" => "[:space:]".to_owned(),
            b"w" => "[:word:]".to_owned(),
            _ => return Err("'[…]' holds an unknown class".to_owned()),
        })
    }
}

/// One byte that means itself, inside brackets and out.
fn literal(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("\\x{byte:02x}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::compile;

    /// Each line was tried on the real thing.
    #[test]
    fn patterns_match_what_they_match_in_nix() {
        for (pattern, text, matches) in [
            ("abc", "ABC", true),
            ("abc", "xabcx", false),
            (r"\.", ".", true),
            (r"\$\^\{\|\(", "$^{|(", true),
            ("a{2}", "aa", true),
            ("a{1,}", "aaa", true),
            ("a{0}", "", true),
            ("a{2}{3}", "aaaaaa", true),
            ("}", "}", true),
            ("a]", "a]", true),
            ("a**", "aaa", true),
            ("a+?", "", true),
            ("a+?", "aa", true),
            ("()", "", true),
            ("(|a)", "a", true),
            ("a||b", "b", true),
            (r"[a\]", "\\", true),
            (r"[\d]", "d", true),
            (r"[\d]", "5", false),
            (r"[\]a]", r"\a]", true),
            ("[]a]", "]", true),
            ("[]]", "]", true),
            ("[^]a]", "b", true),
            ("[^a]", "A", false),
            ("[[:digit:]]+", "55", true),
            ("[[:DIGIT:]]+", "55", true),
            ("[[:w:]]", "_", true),
            ("[[:s:]]", " ", true),
            ("[[.a.]]", "a", true),
            ("[[=a=]]", "a", true),
            ("[a-c]", "B", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[--/]", ".", true),
            ("[%--]", "%", true),
            ("[a&&b]", "&", true),
            ("[[]", "[", true),
            ("[a[]", "[", true),
            (".", "\n", true),
            (".", "é", false),
            ("..", "é", true),
            ("é", "é", true),
            ("é", "É", false),
            ("K", "\u{212a}", false),
            ("a$", "a", true),
            ("a^", "a", false),
            ("", "", true),
            ("", "a", false),
        ] {
            let regex = compile(pattern).unwrap();
            assert_eq!(regex.is_match(text.as_bytes()), matches, "{pattern} on {text:?}");
        }
    }

    /// Each line was tried on the real thing.
    #[test]
    fn patterns_that_nix_refuses_are_refused() {
        for pattern in [
            r"\d",
            r"\/",
            r"\}",
            r"\]",
            r"\-",
            r"\1",
            r"\<",
            r"\b",
            r"\n",
            "a\\",
            "a{,2}",
            "a{x",
            "a{",
            "{",
            "*a",
            "(?:a)",
            "^*",
            "[a",
            "[]",
            "[^]",
            "a)",
            "(a",
            "[z-a]",
            "a{3,2}",
            "[[:alpha:]-z]",
            "[a-c-e]",
            "[[:foo:]]",
            "a|*b",
            "(*a)",
            "a{99999}{99999}",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn compiling_never_panics(pattern in r"[a-c(){}\[\]|*+?.^$\\:=,0-9é-]{0,24}") {
            let _ = compile(&pattern);
        }

        #[test]
        fn plain_words_match_themselves_in_any_case(word in "[a-zA-Z0-9:#/_~ -]{0,20}") {
            let regex = compile(&word).unwrap();
            prop_assert!(regex.is_match(word.to_uppercase().as_bytes()));
            let longer = format!("{word}x");
            prop_assert!(!regex.is_match(longer.as_bytes()));
        }
    }
}
