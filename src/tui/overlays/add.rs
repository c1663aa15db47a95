//! A line of text that is typed.

use ratatui::style::Style;
use tui_input::Input;

use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::width;

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
