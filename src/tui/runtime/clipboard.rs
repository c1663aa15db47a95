//! The terminal's clipboard, by the escape sequence OSC 52: works over ssh, and asks nobody.
//!
//! tmux takes it from programs only if `set-clipboard` is on, and hands on what is wrapped for
//! it only if `allow-passthrough` is; inside tmux both are sent. Whether a terminal obeys cannot
//! be known.

use std::io::{self, Write as _, stdout};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// Hands a text to the terminal.
pub(super) fn copy(text: &str) -> io::Result<()> {
    let in_tmux = std::env::var_os("TMUX").is_some_and(|value| !value.is_empty());
    let mut terminal = stdout();
    terminal.write_all(sequence(text, in_tmux).as_bytes())?;
    terminal.flush()
}

fn sequence(text: &str, in_tmux: bool) -> String {
    let mut sequence = String::new();
    // writing to a String cannot fail
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
    if in_tmux {
        let wrapped = sequence.replace('\u{1b}', "\u{1b}\u{1b}");
        sequence.push_str("\u{1b}Ptmux;");
        sequence.push_str(&wrapped);
        sequence.push_str("\u{1b}\\");
    }
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_it_twice() {
        let plain = "\u{1b}]52;c;aGk=\u{1b}\\";
        assert_eq!(sequence("hi", false), plain);
        let wrapped = "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;aGk=\u{1b}\u{1b}\\\u{1b}\\";
        assert_eq!(sequence("hi", true), format!("{plain}{wrapped}"));
    }
}
