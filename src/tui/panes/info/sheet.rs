//! A column of facts: a label on the left, words on the right that go on below themselves.

use ratatui::style::Style;

use crate::core::visible;
use crate::tui::theme::Theme;
use crate::tui::view::row::Row;
use crate::tui::view::words::wrapped;

/// Cells before the words.
const LABEL: usize = 13;

/// Lines in the making.
pub(in crate::tui) struct Sheet<'a> {
    pub(in crate::tui) theme: &'a Theme,
    width: usize,
    rows: Vec<Row>,
}

impl<'a> Sheet<'a> {
    pub(in crate::tui) fn new(theme: &'a Theme, width: usize) -> Self {
        Self { theme, width, rows: Vec::new() }
    }

    /// Cells for the words of a fact.
    pub(in crate::tui) fn room(&self) -> usize {
        self.width.saturating_sub(LABEL + 1).max(8)
    }

    /// A line as it is.
    pub(in crate::tui) fn line(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// An empty line, never two of them.
    pub(in crate::tui) fn gap(&mut self) {
        if self.rows.last().is_some_and(|row| !row.is_empty()) {
            self.rows.push(Row::new());
        }
    }

    /// A heading of its own line.
    pub(in crate::tui) fn heading(&mut self, words: &str) {
        self.gap();
        self.rows.push(Row::text(" ").put(words, self.theme.strong));
    }

    /// A label and plain words.
    pub(in crate::tui) fn fact(&mut self, label: &str, words: &str) {
        self.styled(label, words, Style::new());
    }

    /// A label and words of a style.
    pub(in crate::tui) fn styled(&mut self, label: &str, words: &str, style: Style) {
        let room = self.room();
        for (index, line) in wrapped(&visible::text(words), room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let row = Row::text(" ").cell(label, LABEL - 1, self.theme.faint).put(" ", Style::new());
            self.rows.push(row.put(line, style));
        }
    }

    /// Words over the whole width.
    pub(in crate::tui) fn text(&mut self, words: &str, style: Style) {
        let lines = wrapped(&visible::text(words), self.width.saturating_sub(2).max(8));
        self.rows.extend(lines.into_iter().map(|line| Row::text(" ").put(line, style)));
    }

    pub(in crate::tui) fn finish(mut self) -> Vec<Row> {
        while self.rows.last().is_some_and(Row::is_empty) {
            self.rows.pop();
        }
        self.rows
    }
}
