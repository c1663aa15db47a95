//! The one place that writes to standard output and standard error.
//!
//! Standard output carries data and nothing else; notes, warnings and errors go to
//! standard error. Control characters are made visible in both, into a pipe too; in
//! JSON they become escapes, so it stays the same JSON. A reader that has gone away
//! (`firn list | head -1`) ends the output and is no error.

use std::io::{self, IsTerminal as _, Write as _};

use crate::core::visible;

/// How much is told on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Warnings and what was done.
    Normal,
    /// The steps too.
    Verbose,
}

/// Our glyphs and their ASCII forms.
const GLYPHS: [(&str, &str); 5] = [("→", "->"), ("×", "x"), ("↑", "^"), ("↓", "v"), ("…", "...")];

/// Writes everything a command has to say.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// How much is told.
    pub verbosity: Verbosity,
    /// Whether the log of builds is shown.
    pub build_logs: bool,
    /// Text without our glyphs: `->` for an arrow.
    pub ascii: bool,
    /// JSON over several lines; `None` decides by whether a person looks at it.
    pub pretty: Option<bool>,
    /// Whether a line on standard error tells how far it is; what is printed then clears it.
    pub live: bool,
}

impl Printer {
    /// Prints lines of data. Parts must have been made visible by [`visible::text`].
    pub fn data(self, lines: &[String]) -> io::Result<()> {
        let mut text = lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        self.clear_line();
        write_out(&self.glyphs(&text))
    }

    /// Prints one JSON value.
    pub fn json(self, value: &serde_json::Value) -> io::Result<()> {
        self.clear_line();
        let text =
            if self.is_pretty() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        write_out(&format!("{}\n", escaped(&text?)))
    }

    /// Prints JSON that was printed already, as it is unless it should be pretty.
    pub fn json_text(self, text: &str) -> io::Result<()> {
        if self.is_pretty() {
            return self.json(&serde_json::from_str(text)?);
        }
        write_out(&format!("{}\n", escaped(text)))
    }

    /// Prints JSON over several lines, as it is, unless one line was asked for.
    pub fn json_file(self, text: &str) -> io::Result<()> {
        if self.pretty == Some(false) {
            return self.json(&serde_json::from_str(text)?);
        }
        write_out(&format!("{}\n", escaped(text)))
    }

    /// Tells what was done.
    pub fn note(self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say(text);
        }
    }

    /// Warns.
    pub fn warn(self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.say(&format!("warning: {text}"));
        }
    }

    /// Tells a step.
    pub fn step(self, text: &str) {
        if self.verbosity > Verbosity::Normal {
            self.say(text);
        }
    }

    /// Tells a line of nix's log.
    pub fn log(self, text: &str) {
        if self.tells_logs() {
            self.say(text);
        }
    }

    /// Tells what went wrong, however quiet the rest is.
    pub fn error(self, text: &str) {
        self.say(text);
    }

    /// Whether lines of nix's log are told.
    pub fn tells_logs(self) -> bool {
        self.build_logs || self.verbosity > Verbosity::Normal
    }

    fn say(self, text: &str) {
        self.clear_line();
        write_error(&self.glyphs(text));
    }

    /// Clears the line that tells how far it is; the cursor stands at its beginning.
    fn clear_line(self) {
        if self.live {
            let _ = io::stderr().lock().write_all(b"\x1b[K");
        }
    }

    /// What stands for text that was cut off.
    pub fn ellipsis(self) -> &'static str {
        if self.ascii { "..." } else { "…" }
    }

    /// The text in ASCII, if that is wanted.
    pub fn glyphs(self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        GLYPHS.iter().fold(text.to_owned(), |text, (glyph, ascii)| text.replace(glyph, ascii))
    }

    fn is_pretty(self) -> bool {
        self.pretty.unwrap_or_else(|| io::stdout().is_terminal())
    }
}

/// Prints a text of nix's as it is, colours too; other control characters are made visible.
pub fn nix_text(text: &str) -> io::Result<()> {
    let mut shown = String::with_capacity(text.len());
    for (index, part) in text.split("\u{1b}[").enumerate() {
        let end = part.find(|it: char| !it.is_ascii_digit() && it != ';').unwrap_or(part.len());
        let (colour, rest) = part.split_at(if index == 0 { 0 } else { end });
        match rest.strip_prefix('m').filter(|_| index > 0) {
            Some(rest) => {
                shown.push_str("\u{1b}[");
                shown.push_str(colour);
                shown.push('m');
                shown.push_str(&lines(rest));
            }
            None if index > 0 => shown.push_str(&lines(&format!("\u{1b}[{part}"))),
            None => shown.push_str(&lines(rest)),
        }
    }
    write_out(&shown)
}

/// Makes everything but line feeds visible.
fn lines(text: &str) -> String {
    text.split('\n').map(visible::text).collect::<Vec<_>>().join("\n")
}

fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Nowhere is left to tell that standard error cannot be written.
fn write_error(text: &str) {
    let shown: Vec<String> = text.split('\n').map(visible::text).collect();
    let _ = io::stderr().lock().write_all(format!("{}\n", shown.join("\n")).as_bytes());
}

/// Characters that JSON allows and a terminal obeys, as JSON escapes. They occur inside strings only.
fn escaped(json: &str) -> String {
    use std::fmt::Write as _;
    let is_obeyed = |character: char| character != '\n' && visible::is_hidden(character);
    let mut escaped = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((position, character)) = rest.char_indices().find(|(_, it)| is_obeyed(*it)) {
        escaped.push_str(&rest[..position]);
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
        rest = &rest[position + character.len_utf8()..];
    }
    escaped.push_str(rest);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_meaning_and_loses_what_a_terminal_obeys() {
        let value = serde_json::json!({"a": "\u{7f}\u{9b}31m\u{202e}é/\n"});
        let text = escaped(&value.to_string());
        assert!(text.contains("\\u007f\\u009b31m\\u202eé/\\n"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
