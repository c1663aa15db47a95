//! Hostile text made visible before a person or a terminal sees it.
//!
//! Control characters, escape sequences and bidirectional overrides become
//! `\x1b`-like escapes; bytes that are not UTF-8 become `\xNN`, as in the plan's
//! JSON. Everything else stays as it is.

/// Bytes as text: UTF-8 stays, other bytes become `\xNN`. Control characters stay
/// (JSON escapes them itself).
pub fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Text for a terminal or a pipe: control characters and direction overrides become visible.
pub fn text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        match character {
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", c as u32)),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.push_str(&format!("\\u{{{:x}}}", character as u32));
            }
            c => shown.push(c),
        }
        shown
    })
}
