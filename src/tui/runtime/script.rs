//! `--keys` and `--frame`: the interface without a terminal, for tests, pictures and bug reports.
//!
//! Keys are separated by blanks: `j`, `G`, `<enter>`, `<ctrl-d>`, `<lt>`; several characters
//! without blanks are typed one by one (`i hello <enter>`). The mouse is `<click:10,5>`,
//! `<double-click:10,5>`, `<wheel-down:10,5>` or `<wheel-up:10,5>`: column and row, counted
//! from 1. After each all work settles. The keys act for real, `y` included.

use std::sync::mpsc::{self, Receiver};

use anyhow::Context as _;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::Event;
use super::session::Session;
use crate::ops::Context;
use crate::tui::Options;
use crate::tui::keymap::{Key, KeyNameError};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::pointer::Pointer;
use crate::tui::view::view;

/// Runs keys and gives the text of the frame they lead to.
pub fn run_keys(context: Context, options: Options, keys: &str, size: (u16, u16)) -> anyhow::Result<String> {
    Ok(text_of(&run_frame(context, options, keys, size)?))
}

/// Runs keys and gives the frame they lead to.
pub fn run_frame(context: Context, options: Options, keys: &str, size: (u16, u16)) -> anyhow::Result<Buffer> {
    let keys = parse(keys).context("cannot read the keys")?;
    let (sender, events) = mpsc::channel();
    let mut session = Session::new(context, options, (size, sender))?;
    session.start();
    settle(&mut session, &events);
    for key in keys {
        if session.model.quit {
            break;
        }
        session.tell(key);
        settle(&mut session, &events);
    }
    frame(&session.model)
}

/// Reads keys separated by blanks.
fn parse(text: &str) -> Result<Vec<Msg>, KeyNameError> {
    let press = |name: &str| Key::parse(name).map(|key| Msg::Key(key.to_event()));
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match word.strip_prefix('<').and_then(|word| word.strip_suffix('>')) {
            Some(name) if !name.is_empty() => keys.push(match Pointer::parse(name) {
                Some(pointer) => Msg::Pointed(pointer),
                None => press(name)?,
            }),
            _ => {
                for character in word.chars() {
                    keys.push(press(character.encode_utf8(&mut [0; 4]))?);
                }
            }
        }
    }
    Ok(keys)
}

/// Takes answers until nobody works any more.
fn settle(session: &mut Session, events: &Receiver<Event>) {
    while session.is_busy() {
        let Ok(event) = events.recv() else { return };
        session.take(event);
    }
    while let Ok(event) = events.try_recv() {
        session.take(event);
    }
}

fn frame(model: &Model) -> anyhow::Result<Buffer> {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1))?;
    terminal.draw(|frame| view(model, frame))?;
    Ok(terminal.backend().buffer().clone())
}

/// The frame as text, lines without trailing blanks.
fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let mut line = String::new();
        let mut column = 0;
        while column < buffer.area.width {
            let symbol = buffer[(column, row)].symbol();
            line.push_str(symbol);
            // The cell behind a wide character holds nothing.
            column += u16::try_from(symbol.width().max(1)).unwrap_or(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let name = |msg| match msg {
            Msg::Key(event) => Key::from_event(event).to_string(),
            other => format!("{other:?}"),
        };
        let names: Vec<String> =
            parse("j G <enter> <lt> <ctrl-d> < ab").unwrap().into_iter().map(name).collect();
        assert_eq!(names, ["j", "G", "enter", "<", "ctrl-d", "<", "a", "b"]);
        assert!(parse("<nokey>").is_err() && parse("<click:1>").is_err());
        let read = parse("<click:10,5>").unwrap();
        assert!(matches!(read[..], [Msg::Pointed(Pointer { column: 9, row: 4, .. })]), "{read:?}");
    }

    #[test]
    fn a_frame_has_wide_characters_once_and_no_trailing_blanks() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 6, 2));
        buffer.set_string(0, 0, "雪a", ratatui::style::Style::default());
        assert_eq!(text_of(&buffer), "雪a\n\n");
    }
}
