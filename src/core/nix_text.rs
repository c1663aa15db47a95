//! Text of the Nix language: strings and names, so that whatever they hold stays data.
//!
//! `a"${b}` becomes `"a\"\${b}"`; an attribute that is a plain word stands bare.

/// A text as a string.
///
/// The language has no escape for most control characters; a text with one is read from JSON.
pub fn string(text: &str) -> String {
    let is_plain = |character: char| !character.is_control() || matches!(character, '\n' | '\r' | '\t');
    if text.chars().all(is_plain) {
        return literal(text);
    }
    let json = serde_json::Value::from(text).to_string();
    format!("(builtins.fromJSON {})", literal(&json))
}

/// A text as a string, for places where only a literal is read; control characters are written as one
/// writes them in a URL.
pub fn url(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let bytes = character.to_string().into_bytes();
            written.extend(bytes.into_iter().map(|byte| format!("%{byte:02X}")));
        } else {
            written.push(character);
        }
    }
    literal(&written)
}

fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' | '$' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The name of an attribute, in quotes if it needs them.
pub fn attribute(name: &str) -> String {
    const KEYWORDS: [&str; 10] =
        ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];
    let mut bytes = name.bytes();
    let starts_well = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    let is_word = starts_well && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-'".contains(&byte));
    if is_word && !KEYWORDS.contains(&name) {
        return name.to_owned();
    }
    match string(name) {
        read if read.starts_with('(') => format!("${{{read}}}"),
        literal => literal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hold_anything() {
        assert_eq!(string("a\"${b}\\c\nd"), r#""a\"\${b}\\c\nd""#);
        assert_eq!(string("''"), r#""''""#);
        assert_eq!(string("\u{1b}[1m"), r#"(builtins.fromJSON "\"\\u001b[1m\"")"#);
        assert_eq!(url("path:/a\u{7}$b"), r#""path:/a%07\$b""#);
    }

    #[test]
    fn names_are_quoted_as_far_as_they_need() {
        for (name, written) in [
            ("git", "git"),
            ("x86_64-linux", "x86_64-linux"),
            ("in", "\"in\""),
            ("7zip", "\"7zip\""),
            ("c++", "\"c++\""),
            ("${x}", "\"\\${x}\""),
            ("", "\"\""),
            ("\u{7}", "${(builtins.fromJSON \"\\\"\\\\u0007\\\"\")}"),
        ] {
            assert_eq!(attribute(name), written, "{name}");
        }
    }
}
