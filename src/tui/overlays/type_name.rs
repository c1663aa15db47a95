//! Asks for the names of what a plan or a rollback takes away and other things rest on, letter by letter:
//! a key pressed by mistake is not enough for that.

use ratatui::style::Style;
use tui_input::Input;

use super::add;
use crate::tui::layout;
use crate::tui::panes::bars;
use crate::tui::update::{lost_names, lost_now};
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::wrapped;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, input: &Input) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = layout::popup(model.size, 76, 12);
    canvas.clear(area);
    let title = Row::new().put("Take it away?", theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    let room = usize::from(inside.width).saturating_sub(6);
    let mut rows = vec![Row::new()];
    for line in lost_now(model).iter().take(4).flat_map(|lost| wrapped(&lost.words(), room)) {
        rows.push(Row::text("  ").put(line, theme.blocking));
    }
    let ask = format!("To do it all the same, type {}", lost_names(model));
    rows.push(Row::new());
    rows.extend(wrapped(&ask, room).into_iter().map(|line| Row::text("  ").put(line, Style::new())));
    rows.push(Row::text("  ").join(add::field(canvas, input, room)));
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}
