//! The menu of what can be copied, with the very texts; of the one under the cursor what its row has
//! no room for stands below.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::layout;
use crate::tui::model::{CopyMenu, CopyRow};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{cut_end, cut_middle, width, wrapped};

/// Lines for what the row under the cursor has no room for.
const BELOW: u16 = 3;

/// Widths of the columns.
struct Columns {
    label: usize,
    text: usize,
}

impl Columns {
    fn of(menu: &CopyMenu, inside: usize) -> Self {
        let label = menu.rows.iter().map(|row| width(row.label)).max().unwrap_or(0) + 2;
        Self { label, text: inside.saturating_sub(label + 8) }
    }

    fn cuts(&self, row: &CopyRow) -> bool {
        let first = |text: &str| width(text.lines().next().unwrap_or_default());
        match &row.text {
            Ok(text) => first(text) > self.text,
            Err(reason) => first(reason) + 2 > self.text,
        }
    }
}

/// Cells of the popup at most.
const WIDTH: u16 = 96;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, menu: &CopyMenu) {
    let (model, theme) = (canvas.model, canvas.theme);
    let rows = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX);
    let inside = layout::inner(layout::popup(model.size, WIDTH, u16::MAX));
    let columns = Columns::of(menu, usize::from(inside.width));
    // As many for every row, so that the menu stays where it is while the cursor moves.
    let below = if menu.rows.iter().any(|row| columns.cuts(row)) { BELOW } else { 0 };
    let area = layout::popup(model.size, WIDTH, rows.saturating_add(4 + below));
    canvas.clear(area);
    let border = Border {
        title: Row::new().put(format!("Copy: {}", cut_end(&menu.about, 50)), theme.title),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    for (line, (index, offered)) in (1..inside.height).zip(menu.rows.iter().enumerate()) {
        let selected = index == menu.cursor.selected;
        let row = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
            .put((index + 1).to_string(), theme.key)
            .put("  ", Style::new())
            .cell(offered.label, columns.label, Style::new());
        let row = match &offered.text {
            Ok(text) => row.put(one_line(text, columns.text), theme.strong),
            Err(reason) => row.put(format!("({reason})"), theme.faint),
        };
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Item(index));
        if selected {
            canvas.cursor(inside, line);
        }
    }
    tell_whole(canvas, menu, &columns, inside);
    bars::popup_hints(canvas, area);
}

/// The text under the cursor, if its row has no room for it.
fn tell_whole(canvas: &mut Canvas<'_>, menu: &CopyMenu, columns: &Columns, inside: Rect) {
    let Some(row) = menu.rows.get(menu.cursor.selected).filter(|row| columns.cuts(row)) else { return };
    let text = row.text.as_ref().unwrap_or_else(|reason| reason);
    let first = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX).saturating_add(2);
    let lines = wrapped(text.lines().next().unwrap_or_default(), usize::from(inside.width).saturating_sub(4));
    let style = canvas.theme.faint;
    for (line, text) in (first..inside.height).zip(lines).take(usize::from(BELOW)) {
        canvas.row(inside, line, &Row::text("   ").put(text, style));
    }
}

/// The text on one line; of several lines the first, and how many follow.
fn one_line(text: &str, room: usize) -> String {
    match text.lines().count() {
        0 | 1 => cut_middle(text, room),
        count => {
            let rest = format!("   and {} more", count - 1);
            let first = text.lines().next().unwrap_or_default();
            format!("{}{rest}", cut_middle(first, room.saturating_sub(rest.len())))
        }
    }
}
