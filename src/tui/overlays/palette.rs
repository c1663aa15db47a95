//! All actions by name: keys, words with what the filter found in them, and why an action would
//! do nothing now.

use ratatui::style::Style;

use super::{add, help};
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{PaletteRow, PaletteScreen};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::width;

const WIDTH: u16 = 86;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &PaletteScreen) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = layout::popup(model.size, WIDTH, model.size.1);
    canvas.clear(area);
    let at = (screen.cursor.selected + 1).min(screen.rows.len());
    let border = Border {
        title: Row::new().put("All actions", theme.title),
        right: Row::text("type to find"),
        corner: Row::text(format!("{at} of {}", screen.rows.len())),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Items);
    canvas.row(
        inside,
        0,
        &Row::text(" ").join(add::field(canvas, &screen.filter, usize::from(inside.width))),
    );
    let (list, below) = help::list_and_below(inside, model.size);
    let keys = screen.rows.iter().map(|row| width(&row.keys)).max().unwrap_or(0).clamp(4, 16);
    for (line, index) in (0..list.height).zip(screen.cursor.offset..screen.rows.len()) {
        let selected = index == screen.cursor.selected;
        let row = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
            .cell(&screen.rows[index].keys, keys, theme.key)
            .put("   ", Style::new())
            .join(words(canvas, screen, &screen.rows[index]));
        canvas.row(list, line, &row);
        canvas.target_line(list, line, Target::Item(index));
        if selected {
            canvas.cursor(list, line);
            let found = &screen.rows[index];
            help::tell_whole(canvas, below, &row, (&found.description, found.off.as_deref()));
        }
    }
    if screen.rows.is_empty() {
        canvas.row(list, 0, &Row::text("   no action is called that"));
    }
    bars::popup_hints(canvas, area);
}

/// The description with the found letters standing out, where it is for, and why it is off.
fn words(canvas: &Canvas<'_>, screen: &PaletteScreen, found: &PaletteRow) -> Row {
    let theme = canvas.theme;
    let style = if found.off.is_some() { theme.faint } else { Style::new() };
    let mut row = Row::new();
    for (index, character) in found.description.chars().enumerate() {
        let style = if found.hits.binary_search(&index).is_ok() { theme.key } else { style };
        row = row.put(character.encode_utf8(&mut [0; 4]), style);
    }
    if found.place != screen.scope {
        let place = match found.place {
            Scope::Installed => "   in Installed",
            Scope::Registry => "   in Registry",
            Scope::History => "   in History",
            Scope::Preview => "   in the preview",
            _ => "",
        };
        row = row.put(place, theme.faint);
    }
    match &found.off {
        Some(reason) => row.put(format!("   ({reason})"), theme.faint),
        None => row,
    }
}
