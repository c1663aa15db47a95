//! The menu of what can be copied, with the very texts.

use ratatui::style::Style;

use crate::tui::layout;
use crate::tui::model::CopyMenu;
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{cut_end, cut_middle};

const LABEL: usize = 14;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, menu: &CopyMenu) {
    let (model, theme) = (canvas.model, canvas.theme);
    let rows = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX);
    let area = layout::popup(model.size, 96, rows.saturating_add(4));
    canvas.clear(area);
    let border = Border {
        title: Row::new().put(format!("Copy: {}", cut_end(&menu.about, 50)), theme.title),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    let room = usize::from(inside.width).saturating_sub(LABEL + 8);
    for (line, (index, offered)) in (1..inside.height).zip(menu.rows.iter().enumerate()) {
        let selected = index == menu.cursor.selected;
        let row = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
            .put((index + 1).to_string(), theme.key)
            .put("  ", Style::new())
            .cell(offered.label, LABEL, Style::new());
        let row = match &offered.text {
            Ok(text) => row.put(one_line(text, room), theme.strong),
            Err(reason) => row.put(format!("({reason})"), theme.faint),
        };
        canvas.row(inside, line, &row);
        canvas.target_line(inside, line, Target::Item(index));
        if selected {
            canvas.cursor(inside, line);
        }
    }
    bars::popup_hints(canvas, area);
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
