//! One line of the screen in the making: pieces of text with styles, measured in cells.
//!
//! Every text goes through [`visible::text`] here, so nothing a package, a flake or a
//! build wrote reaches a cell with control characters in it.
//!
//! `Row::new().put("▸", cursor).cell("fltk", 14, plain).right("5", 3, plain)`

use ratatui::style::Style;

use super::words;
use crate::core::visible;

/// A line being written from left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pieces: Vec<(String, Style)>,
    width: usize,
}

/// The text with everything visible; most texts are plain and only copied.
fn shown(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain { text.to_owned() } else { visible::text(text) }
}

impl Row {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one piece without a style.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::new().put(text, Style::new())
    }

    /// Appends a piece.
    #[must_use]
    pub fn put(mut self, text: impl AsRef<str>, style: Style) -> Self {
        let text = shown(text.as_ref());
        if !text.is_empty() {
            self.width += words::width(&text);
            self.pieces.push((text, style));
        }
        self
    }

    /// Appends another line.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.width += other.width;
        self.pieces.extend(other.pieces);
        self
    }

    /// Blanks up to a column; at least one if something stands there already.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let blanks = column.saturating_sub(self.width).max(usize::from(self.width > 0));
        self.put(" ".repeat(blanks), Style::new())
    }

    /// Appends a column of exactly `room` cells, cut at its end with `…`.
    #[must_use]
    pub fn cell(self, text: impl AsRef<str>, room: usize, style: Style) -> Self {
        let text = words::cut_end(&shown(text.as_ref()), room);
        let blanks = room - words::width(&text);
        self.put(text, style).put(" ".repeat(blanks), Style::new())
    }

    /// The same, set to the right.
    #[must_use]
    pub fn right(self, text: impl AsRef<str>, room: usize, style: Style) -> Self {
        let text = words::cut_end(&shown(text.as_ref()), room);
        let blanks = room - words::width(&text);
        self.put(" ".repeat(blanks), Style::new()).put(text, style)
    }

    /// The line cut or filled to exactly `room` cells.
    #[must_use]
    pub fn exactly(self, room: usize) -> Self {
        let pieces = self.fit(room);
        let row = pieces.into_iter().fold(Self::new(), |row, (text, style)| row.put(text, style));
        let blanks = room.saturating_sub(row.width);
        row.put(" ".repeat(blanks), Style::new())
    }

    /// The line without its first `cells` cells, for scrolling sideways.
    #[must_use]
    pub fn without_left(self, cells: usize) -> Self {
        let mut left = cells;
        let mut row = Self::new();
        for (text, style) in self.pieces {
            let width = words::width(&text);
            if width <= left {
                left -= width;
                continue;
            }
            let mut rest = text.as_str();
            while left > 0 {
                let Some(first) = rest.chars().next() else { break };
                left = left.saturating_sub(words::width(&rest[..first.len_utf8()]));
                rest = &rest[first.len_utf8()..];
            }
            row = row.put(rest, style);
        }
        row
    }

    /// Cells the line takes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The same, as terminals count.
    pub fn cells(&self) -> u16 {
        u16::try_from(self.width).unwrap_or(u16::MAX)
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// The pieces that fit into `room` cells, the last one cut if need be.
    pub fn fit(&self, room: usize) -> Vec<(String, Style)> {
        if self.width <= room {
            return self.pieces.clone();
        }
        let mut left = room;
        let mut fitting = Vec::with_capacity(self.pieces.len());
        for (index, (text, style)) in self.pieces.iter().enumerate() {
            let cells = words::width(text);
            let rest_is_blank = self.pieces[index + 1..].iter().all(|(text, _)| text.trim().is_empty());
            if cells < left || (cells == left && rest_is_blank) {
                fitting.push((text.clone(), *style));
                left -= cells;
            } else if text.trim().is_empty() && rest_is_blank {
                break;
            } else {
                // one cell too many on purpose: the cut mark must show even if the text would just fit
                fitting.push((words::cut_end(&format!("{text}  "), left), *style));
                break;
            }
        }
        fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(row: &Row, room: usize) -> String {
        row.fit(room).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn columns_keep_their_width() {
        let row = Row::new()
            .cell("jujutsu", 5, Style::new())
            .right("5", 3, Style::new())
            .to(12)
            .put("x", Style::new());
        assert_eq!(fitted(&row, 80), "juju…  5    x");
        assert_eq!(row.width(), 13);
    }

    #[test]
    fn a_line_that_is_too_long_shows_that_it_was_cut() {
        let row = Row::text("abc").put("def", Style::new()).put("   ", Style::new());
        assert_eq!(fitted(&row, 9), "abcdef   ");
        assert_eq!(fitted(&row, 7), "abcdef");
        assert_eq!(fitted(&row, 6), "abcdef");
        assert_eq!(fitted(&row, 5), "abcd…");
        assert_eq!(fitted(&row, 3), "ab…");
        assert_eq!(fitted(&row, 0), "");
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(fitted(&Row::text("a\x1b[31mb\n"), 80), "a\\x1b[31mb\\x0a");
    }
}
