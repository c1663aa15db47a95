//! Hostile text made visible before a person or a terminal sees it.
//!
//! [`text`] turns control characters (the escape sequences of terminals start with
//! one) into `\x1b` and invisible characters that change a line's direction or
//! order into `\u{202e}`; [`bytes`] turns bytes that are not UTF-8 into `\xNN`, as
//! the plan's JSON wants them. Everything else stays as it is, a backslash too: the
//! result is for reading and cannot be turned back.
//!
//! A name read from disk goes through both: `visible::text(&visible::bytes(name))`.

use std::fmt::Write as _;

/// Bytes as text: UTF-8 stays, other bytes become `\xNN`. Control characters stay
/// (JSON escapes them itself).
pub fn bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            push_byte(&mut shown, byte);
        }
    }
    shown
}

/// Text for a terminal or a pipe: control characters and direction marks become visible.
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((position, character)) = rest.char_indices().find(|(_, it)| is_hidden(*it)) {
        shown.push_str(&rest[..position]);
        match u8::try_from(character) {
            Ok(byte) => push_byte(&mut shown, byte),
            // writing to a String cannot fail
            Err(_) => _ = write!(shown, "\\u{{{:x}}}", u32::from(character)),
        }
        rest = &rest[position + character.len_utf8()..];
    }
    shown.push_str(rest);
    shown
}

/// Control characters (C0, DEL, C1), separators of lines and paragraphs, the marks, overrides and
/// isolates of direction, and what takes no room at all, so that two names would look the same.
/// Joiners stay: scripts and emoji need them.
pub fn is_hidden(character: char) -> bool {
    // Nearly all there is, told at once.
    if matches!(character, ' '..='~') {
        return false;
    }
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}' | '\u{1160}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

fn push_byte(shown: &mut String, byte: u8) {
    _ = write!(shown, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_spelt_out() {
        assert_eq!(bytes(b"caf\xe9"), "caf\\xe9");
        assert_eq!(bytes(b"\xff\xfea\xc3"), "\\xff\\xfea\\xc3");
        assert_eq!(bytes("café\n".as_bytes()), "café\n");
    }

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(text("\u{1b}[2Jgone\n"), "\\x1b[2Jgone\\x0a");
        assert_eq!(text("\u{7f}\u{9b}31m"), "\\x7f\\x9b31m");
        assert_eq!(text("a\u{200b}b\u{feff}\u{2060}\u{ad}"), "a\\u{200b}b\\u{feff}\\u{2060}\\xad");
        assert_eq!(text("a\u{202e}b\u{2066}\u{200f}\u{61c}"), "a\\u{202e}b\\u{2066}\\u{200f}\\u{61c}");
    }

    #[test]
    fn other_text_stays() {
        for kept in ["", "hello", "größe 字 👩\u{200d}💻 \\x1b"] {
            assert_eq!(text(kept), kept);
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(hostile in any::<String>(), raw in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(!text(&hostile).contains(is_hidden));
            let raw = bytes(&raw);
            let shown = text(&raw);
            prop_assert!(!shown.contains(is_hidden));
            // making visible twice changes nothing
            prop_assert_eq!(text(&shown), shown);
        }
    }
}
