//! The field for what to add.

use ratatui::style::Style;
use tui_input::Input;

use crate::tui::layout;
use crate::tui::panes::bars;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{width, wrapped};

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, input: &Input) {
    let model = canvas.model;
    let theme = canvas.theme;
    let area = layout::popup(model.size, 76, 8);
    canvas.clear(area);
    let title = Row::new().put("Add", theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    let room = usize::from(inside.width).saturating_sub(6);
    let mut rows = vec![Row::new(), Row::text("  ").join(field(canvas, input, room)), Row::new()];
    let text = "A package of a flake, like nixpkgs#hello or github:owner/repo#name^out, or a path in the store. \
                It is looked up now and installed when the plan is applied.";
    rows.extend(wrapped(text, room).into_iter().map(|line| Row::text("  ").put(line, theme.faint)));
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}

/// What was typed with the caret where letters go; the end is kept in sight.
pub fn field(canvas: &Canvas<'_>, input: &Input, room: usize) -> Row {
    let theme = canvas.theme;
    let (before, after): (String, String) = {
        let characters: Vec<char> = input.value().chars().collect();
        let at = input.cursor().min(characters.len());
        (characters[..at].iter().collect(), characters[at..].iter().collect())
    };
    let hidden = width(&before).saturating_sub(room.saturating_sub(4));
    let typed = Row::new().put(&before, theme.strong).without_left(hidden);
    let row = Row::new().put("> ", theme.key).join(typed).put(theme::CARET, theme.key);
    row.put(after, Style::new())
}
