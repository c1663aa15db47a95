//! The sheet before generations are deleted: which go, which stay all the same, what is lost
//! with them, what a garbage collection would free, and the field for the count.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::add;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{DeleteSheet, Freed, Model, Spared};
use crate::tui::panes::bars;
use crate::tui::panes::history::generation;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, size, wrapped};

/// Cells before the words.
const LABEL: usize = 11;
/// Lines below what is told: a gap, the question, the field, a gap, the command.
const BELOW: u16 = 5;

/// Draws the sheet.
pub fn draw(canvas: &mut Canvas<'_>, sheet: &DeleteSheet) {
    let model = canvas.model;
    let area = area(model, sheet);
    canvas.clear(area);
    let border = Border {
        title: Row::new().put("Delete generations?", canvas.theme.title),
        right: Row::text("this cannot be undone"),
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Scrolled);
    let width = usize::from(inside.width);
    let (above, below) = layout::split_rows(inside, told_height(model, area));
    let told = told(model, sheet, width);
    let first = sheet.scroll.min(told.len().saturating_sub(usize::from(above.height)));
    canvas.rows(above, &told[first..]);
    canvas.rows(below, &asked(canvas, sheet, width));
    bars::popup_hints(canvas, area);
}

/// Wide enough for words, high enough for what is told, up to a point.
fn area(model: &Model, sheet: &DeleteSheet) -> Rect {
    let highest = layout::popup(model.size, 86, 26);
    let told = told(model, sheet, usize::from(layout::inner(highest).width)).len();
    let height = u16::try_from(told).unwrap_or(u16::MAX).saturating_add(BELOW + 2);
    layout::popup(model.size, 86, height.min(highest.height))
}

/// Lines for what is told. A popup that covers the screen has the hints in it too.
fn told_height(model: &Model, area: Rect) -> u16 {
    let hints = u16::from(area.height == model.size.1);
    layout::inner(area).height.saturating_sub(BELOW + hints)
}

/// How far what is told can be scrolled.
pub fn max_scroll(model: &Model, sheet: &DeleteSheet) -> usize {
    let area = area(model, sheet);
    let width = usize::from(layout::inner(area).width);
    told(model, sheet, width).len().saturating_sub(usize::from(told_height(model, area)))
}

fn told(model: &Model, sheet: &DeleteSheet, width: usize) -> Vec<Row> {
    let theme = &model.theme;
    let mut rows = vec![Row::new()];
    let mut tell = |label: &str, words: &str, style: Style| {
        let room = width.saturating_sub(LABEL + 3);
        for (index, line) in wrapped(words, room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let lead = Row::text("  ").cell(label, LABEL, theme.faint);
            rows.push(lead.put(line, style));
        }
    };
    let going = format!("{}: {}", counted(sheet.numbers.len(), "generation"), ranges(&sheet.numbers));
    tell("delete", &going, theme.strong);
    for (number, why) in &sheet.spared {
        let words = match why {
            Spared::Live => format!("{} {number} is live", theme::LIVE),
            Spared::Kept => {
                let keep = model.keymap.name(Scope::History, Action::Keep);
                format!("{} {number} is kept; {keep} on it lets it go", theme::KEPT)
            }
        };
        tell("stays", &words, Style::new());
    }
    let kept_labels = labels(model, sheet);
    if !kept_labels.is_empty() {
        tell("labels", &kept_labels, theme.changed);
    }
    tell("only there", &lost(sheet), Style::new());
    if !sheet.unread.is_empty() {
        let words = format!("{} cannot be read; what they hold is not known", ranges(&sheet.unread));
        tell("", &words, theme.changed);
    }
    let (frees, style) = match &sheet.frees {
        Freed::Checking => ("checking…".to_owned(), theme.faint),
        Freed::Bytes(0) => ("nothing: other generations or programs hold all of it".to_owned(), Style::new()),
        Freed::Bytes(bytes) => (format!("{} after a garbage collection", size(*bytes)), theme.strong),
        Freed::Unknown(reason) => (format!("cannot be told: {reason}"), theme.changed),
    };
    tell("frees", &frees, style);
    rows
}

/// `30 "before 26.05", 31 "works"`
fn labels(model: &Model, sheet: &DeleteSheet) -> String {
    let label = |number: &u64| {
        let note = &generation(model.loaded()?, *number)?.remarks.note;
        Some(format!("{number} \"{}\"", note.label.as_ref()?))
    };
    sheet.numbers.iter().filter_map(label).collect::<Vec<_>>().join(", ")
}

/// `hello 2.10, emacs 29.1 (no other version stays)`: all of it; the sheet scrolls.
fn lost(sheet: &DeleteSheet) -> String {
    if sheet.lost.is_empty() {
        return "nothing: other generations hold all their packages".to_owned();
    }
    let names = sheet.lost.iter().map(|lost| {
        let blank = if lost.version.is_empty() { "" } else { " " };
        let last = if lost.other_stays { "" } else { " (its last)" };
        format!("{}{blank}{}{last}", visible::text(&lost.element), visible::text(&lost.version))
    });
    format!("{}: {}", counted(sheet.lost.len(), "package"), names.collect::<Vec<_>>().join(", "))
}

fn asked(canvas: &Canvas<'_>, sheet: &DeleteSheet, width: usize) -> Vec<Row> {
    let (model, theme) = (canvas.model, canvas.theme);
    if let Some(reason) = model.why_read_only() {
        return vec![Row::new(), Row::text("  ").put(reason, theme.changed)];
    }
    let count = sheet.numbers.len();
    let ask = Row::text("  ")
        .put("to delete them type how many they are: ", Style::new())
        .put(count.to_string(), theme.strong);
    let field = Row::text("  ").join(add::field(canvas, &sheet.typed, width.saturating_sub(6)));
    let mut rows = vec![Row::new(), ask, field];
    // Nix has no command for the playground; one without it would change the real profile.
    if let Ok(equal) = model.commands.deleting(&sheet.numbers) {
        rows.push(Row::new());
        let lines = wrapped(&equal, width.saturating_sub(LABEL + 3)).into_iter().enumerate();
        let title = |index| if index == 0 { "equals" } else { "" };
        rows.extend(lines.map(|(index, line)| {
            Row::text("  ").cell(title(index), LABEL, theme.faint).put(line, theme.faint)
        }));
    }
    rows
}

/// Numbers with neighbours joined: `3 to 17, 19, 21`.
pub fn ranges(numbers: &[u64]) -> String {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => parts.push((number, number)),
        }
    }
    let words = parts.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(ranges(&[3, 4, 5, 7, 9, 10]), "3 to 5, 7, 9, 10");
        assert_eq!(ranges(&[u64::MAX - 1, u64::MAX]), "18446744073709551614, 18446744073709551615");
        assert_eq!(ranges(&[]), "");
    }
}
