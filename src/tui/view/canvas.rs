//! What panes draw on: the buffer with the model, and the theme at hand.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use super::ascii;
use super::row::Row;
use crate::tui::model::Model;
use crate::tui::pointer::Target;
use crate::tui::theme::{self, Theme};

/// A frame in the making.
pub struct Canvas<'a> {
    /// What is shown.
    pub model: &'a Model,
    /// Colours.
    pub theme: &'a Theme,
    buffer: &'a mut Buffer,
    targets: Vec<(Rect, Target)>,
}

/// The border of a pane and what stands on it.
#[derive(Clone, Debug, Default)]
pub struct Border {
    /// Upper left.
    pub title: Row,
    /// Upper right; dropped if there is no room.
    pub right: Row,
    /// Lower left.
    pub below: Row,
    /// Lower right.
    pub corner: Row,
    /// Whether the pane has the focus: a heavy border.
    pub focused: bool,
}

impl<'a> Canvas<'a> {
    /// A canvas on a buffer.
    pub fn new(model: &'a Model, buffer: &'a mut Buffer) -> Self {
        Self { model, theme: &model.theme, buffer, targets: Vec::new() }
    }

    /// Says what a part of the screen is, for the mouse; what is said later lies on top.
    pub fn target(&mut self, area: Rect, target: Target) {
        self.targets.push((area, target));
    }

    /// The same of one line of an area.
    pub fn target_line(&mut self, area: Rect, line: u16, target: Target) {
        if line < area.height {
            self.target(Rect { y: area.y + line, height: 1, ..area }, target);
        }
    }

    /// What a cell is.
    pub fn target_at(&self, (column, row): (u16, u16)) -> Option<Target> {
        let holds = |area: &Rect| area.contains(Position::new(column, row));
        self.targets.iter().rev().find(|(area, _)| holds(area)).map(|(_, target)| *target)
    }

    /// Writes a line of an area, cut at its right edge; a line below the area is not drawn.
    pub fn row(&mut self, area: Rect, line: u16, row: &Row) {
        self.row_on(area, line, row, Style::new());
    }

    /// The same in a style for pieces that bring none. What was there before does not shine through.
    fn row_on(&mut self, area: Rect, line: u16, row: &Row, base: Style) {
        if line >= area.height {
            return;
        }
        let base = Style::reset().patch(base);
        let mut x = area.x;
        for (text, style) in row.fit(usize::from(area.width)) {
            let room = usize::from(area.right().saturating_sub(x));
            x = self.buffer.set_stringn(x, area.y + line, text, room, base.patch(style)).0;
        }
    }

    /// Writes lines from the top of an area.
    pub fn rows<'r>(&mut self, area: Rect, rows: impl IntoIterator<Item = &'r Row>) {
        for (line, row) in (0..area.height).zip(rows) {
            self.row(area, line, row);
        }
    }

    /// Shows that a line is under the cursor of the focused pane.
    pub fn cursor(&mut self, area: Rect, line: u16) {
        if line >= area.height {
            return;
        }
        let line = Rect { y: area.y + line, height: 1, ..area };
        if self.theme.cursor.add_modifier.contains(Modifier::REVERSED) {
            // reversed coloured text would be coloured bars
            self.buffer.set_style(
                line,
                Style::new().fg(Color::Reset).bg(Color::Reset).remove_modifier(Modifier::DIM),
            );
        }
        self.buffer.set_style(line, self.theme.cursor);
    }

    /// Empties an area, for what is drawn on top of other things.
    pub fn clear(&mut self, area: Rect) {
        self.target(area, Target::Covered);
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Draws a border and gives the inside; an area of one line becomes a title line.
    pub fn pane(&mut self, area: Rect, border: &Border) -> Rect {
        let lines = if border.focused { theme::HEAVY } else { theme::THIN };
        let style = if border.focused { self.theme.focus } else { self.theme.border };
        if area.width < 2 || area.height == 0 {
            return Rect { width: 0, height: 0, ..area };
        }
        let [upper_left, upper_right, lower_right, lower_left, across, down] = lines;
        let alone = area.height == 1;
        let (left, right) = if alone { (across, across) } else { (upper_left, upper_right) };
        self.edge(area, 0, [left, across, right], style);
        let base = if border.focused { self.theme.focus } else { Style::new() };
        self.on_edge(area, 0, (&border.title, base), &border.right);
        if alone {
            return Rect { height: 0, ..area };
        }
        for y in area.y + 1..area.bottom() - 1 {
            self.buffer.set_string(area.x, y, down, style);
            self.buffer.set_string(area.right() - 1, y, down, style);
        }
        self.edge(area, area.height - 1, [lower_left, across, lower_right], style);
        self.on_edge(area, area.height - 1, (&border.below, Style::new()), &border.corner);
        Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    }

    /// Replaces every glyph by its ASCII form.
    pub fn to_ascii(&mut self) {
        ascii::to_ascii(self.buffer);
    }

    /// Gives whatever has no colours of its own those of the theme's text, so that a theme with a
    /// background fills the screen.
    pub fn ground(&mut self) {
        let Style { fg, bg, .. } = self.theme.text;
        if fg.is_none() && bg.is_none() {
            return;
        }
        for cell in &mut self.buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = fg.unwrap_or(Color::Reset);
            }
            if cell.bg == Color::Reset {
                cell.bg = bg.unwrap_or(Color::Reset);
            }
        }
    }

    fn edge(&mut self, area: Rect, line: u16, [left, across, right]: [&str; 3], style: Style) {
        let middle = across.repeat(usize::from(area.width - 2));
        self.buffer.set_string(area.x, area.y + line, format!("{left}{middle}{right}"), style);
    }

    fn on_edge(&mut self, area: Rect, line: u16, (left, base): (&Row, Style), right: &Row) {
        let inside = Rect { x: area.x + 1, width: area.width - 2, y: area.y + line, height: 1 };
        let blank = Style::new();
        if !left.is_empty() {
            self.row_on(inside, 0, &left.clone().put(" ", blank), base);
        }
        let room = usize::from(inside.width);
        let needed = right.width() + 3;
        if right.is_empty() || left.width() + 2 + needed > room {
            return;
        }
        let start = u16::try_from(room - needed).unwrap_or(0);
        let place = Rect { x: inside.x + start, width: inside.width - start - 1, ..inside };
        self.row(place, 0, &Row::text(" ").join(right.clone()).put(" ", blank));
    }
}
