//! Asks for the names of what a plan or a rollback takes away and other things rest on, letter by letter:
//! a key pressed by mistake is not enough for that.

use tui_input::Input;

use super::add;
use crate::tui::layout;
use crate::tui::panes::bars;
use crate::tui::update::{lost_names, lost_now};
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::wrapped;

const WIDTH: u16 = 76;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, input: &Input) {
    let (model, theme) = (canvas.model, canvas.theme);
    let room = usize::from(WIDTH.min(model.size.0)).saturating_sub(8);
    let mut rows = vec![Row::new()];
    for line in lost_now(model).iter().take(4).flat_map(|lost| wrapped(&lost.words(), room)) {
        rows.push(Row::text("  ").put(line, theme.blocking));
    }
    let names = lost_names(model);
    let which = if names.contains(' ') { "the names" } else { "the name" };
    rows.push(Row::new());
    rows.push(Row::text(format!("  To apply all the same, type {which}")));
    rows.extend(wrapped(&names, room).into_iter().map(|line| Row::text("    ").put(line, theme.strong)));
    rows.push(Row::text("  ").join(add::field(canvas, input, room)));
    // the border, and a blank line at the end
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(3);
    let area = layout::popup(model.size, WIDTH, height);
    canvas.clear(area);
    let title = Row::new().put("Take it away?", theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}
