//! Help for here: the keys that count, from the key table, with why one would do
//! nothing now. Enter runs the one under the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::add;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::HelpScreen;
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{width, wrapped};

/// Rows of bindings that help shows at a size of terminal.
pub fn rows_shown(size: (u16, u16)) -> usize {
    let inside = layout::inner(layout::popup(size, WIDTH, size.1));
    usize::from(list_and_below(inside, size).0.height).max(1)
}

const WIDTH: u16 = 86;
/// Lines above the list: what is typed, and a blank one.
const TOP: u16 = 2;
/// Lines below the list, for what is cut in its row.
const BELOW: u16 = 2;

/// The lines of the list in such a popup, and those below it. A popup that fills the screen has its
/// hints in its last line.
pub fn list_and_below(inside: Rect, size: (u16, u16)) -> (Rect, Rect) {
    let hints = u16::from(inside.width + 2 == size.0);
    let above_hints = layout::split_rows(inside, inside.height.saturating_sub(hints)).0;
    let rest = layout::split_rows(above_hints, TOP).1;
    layout::split_rows(rest, rest.height.saturating_sub(BELOW))
}

/// Tells what the row under the cursor has no room for: all it does, and why it is off.
pub fn tell_whole(canvas: &mut Canvas<'_>, below: Rect, row: &Row, (does, off): (&str, Option<&str>)) {
    let room = usize::from(below.width);
    if row.width() <= room {
        return;
    }
    let reason = off.map(|reason| format!("({reason})")).unwrap_or_default();
    let does = if row.width() - width(&reason) > room { does } else { "" };
    let lines = wrapped(&format!("{does} {reason}"), room.saturating_sub(4));
    let faint = canvas.theme.faint;
    for (line, text) in (0..below.height).zip(lines) {
        canvas.row(below, line, &Row::text("   ").put(text, faint));
    }
}

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &HelpScreen) {
    let model = canvas.model;
    let theme = canvas.theme;
    let area = layout::popup(model.size, WIDTH, model.size.1);
    canvas.clear(area);
    let border = Border {
        title: Row::new().put(format!("Help: {}", place(screen.scope)), theme.title),
        right: Row::text("type to filter"),
        corner: Row::text(format!(
            "{} of {}",
            (screen.cursor.selected + 1).min(screen.rows.len()),
            screen.rows.len()
        )),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Items);
    let row = Row::text(" ").join(add::field(canvas, &screen.filter, usize::from(inside.width)));
    canvas.row(inside, 0, &row);
    let (list, below) = list_and_below(inside, model.size);
    let keys = screen.rows.iter().map(|row| width(&row.keys)).max().unwrap_or(0).clamp(4, 22);
    for (line, index) in (0..list.height).zip(screen.cursor.offset..screen.rows.len()) {
        let binding = &screen.rows[index];
        let selected = index == screen.cursor.selected;
        let style = if binding.off.is_some() { theme.faint } else { Style::new() };
        let row = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
            .cell(&binding.keys, keys, theme.key)
            .put("   ", Style::new())
            .put(&binding.description, style);
        let row = match &binding.off {
            Some(reason) => row.put(format!("   ({reason})"), theme.faint),
            None => row,
        };
        canvas.row(list, line, &row);
        canvas.target_line(list, line, Target::Item(index));
        if selected {
            canvas.cursor(list, line);
            tell_whole(canvas, below, &row, (&binding.description, binding.off.as_deref()));
        }
    }
    if screen.rows.is_empty() {
        canvas.row(list, 0, &Row::text("   no key does that here"));
    }
    bars::popup_hints(canvas, area);
}

fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::Always | Scope::Everywhere => "everywhere",
        Scope::Main => "main screen",
        Scope::Installed => "Installed",
        Scope::Registry => "Registry",
        Scope::History => "History",
        Scope::Preview => "Preview",
        Scope::Filter => "filter",
        Scope::Search | Scope::LogSearch => "search",
        Scope::Collisions => "Collisions",
        Scope::Review => "Review",
        Scope::Rollback => "rollback",
        Scope::Question | Scope::Quit | Scope::Settings => "question",
        Scope::Delete => "delete",
        Scope::Field => "field",
        Scope::Profiles => "profiles",
        Scope::Priority => "priority",
        Scope::Add => "add",
        Scope::TypeName => "take away",
        Scope::Trace => "trace",
        Scope::Entry => "registry entry",
        Scope::Help => "help",
        Scope::Notice => "notice",
        Scope::Log => "command log",
        Scope::Palette => "all actions",
        Scope::Copy => "copy",
        Scope::Outputs => "outputs",
        Scope::Contained => "environment",
        Scope::Source => "source",
    }
}
