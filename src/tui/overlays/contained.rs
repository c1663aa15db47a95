//! The outputs of an environment's packages, those that are in it and those that are not, with the files
//! of the one under the cursor and what to write in the environment's file for it.
//!
//! `▸ zlib-1.2.11   static   not in it   1 file`

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::contained_outputs;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{ContainedRow, ContainedScreen, Model, OutputFiles};
use crate::tui::panes::bars;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, wrapped};

const OUTPUT: usize = 10;
const STANDING: usize = 12;
/// Lines for what to write.
const WRITE: u16 = 5;

struct Parts {
    rows: Rect,
    files: Rect,
    write: Rect,
}

fn area(size: (u16, u16)) -> Rect {
    layout::popup(size, 96, 32)
}

fn parts(size: (u16, u16), rows: usize) -> Parts {
    let area = area(size);
    let mut inside = layout::inner(area);
    // A popup over the whole screen has its hints in its last line.
    inside.height = inside.height.saturating_sub(u16::from(area.height == size.1));
    let wanted = u16::try_from(rows).unwrap_or(u16::MAX);
    let rows = wanted.min(inside.height.saturating_sub(WRITE + 5)).max(1);
    let (rows, rest) = layout::split_rows(inside, rows);
    let (files, write) = layout::split_rows(rest, rest.height.saturating_sub(WRITE));
    Parts { rows, files, write }
}

/// How many rows are shown at once; at least 1.
pub fn rows_shown(size: (u16, u16), screen: &ContainedScreen) -> usize {
    usize::from(parts(size, screen.length()).rows.height).max(1)
}

/// How many files are shown at least.
pub fn files_shown(size: (u16, u16)) -> usize {
    usize::from(parts(size, usize::MAX).files.height.saturating_sub(2)).max(1)
}

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &ContainedScreen) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = area(model.size);
    canvas.clear(area);
    let title = Row::new().put(format!("Packages of {}", screen.element), theme.title);
    let corner = match screen.length() {
        0 => Row::new(),
        length => Row::text(format!("{} of {length}", screen.cursor.selected + 1)),
    };
    let inside = canvas.pane(area, &Border { title, corner, focused: true, ..Border::default() });
    match &screen.rows {
        None => canvas.row(inside, 1, &Row::text("  ").put("looking into it…", theme.faint)),
        Some(Err(reason)) => {
            let lines = wrapped(reason, usize::from(inside.width).saturating_sub(4));
            let lines = lines.into_iter().map(|line| Row::text("  ").put(line, Style::new()));
            canvas.rows(inside, &std::iter::once(Row::new()).chain(lines).collect::<Vec<_>>());
        }
        Some(Ok(rows)) => {
            let parts = parts(model.size, rows.len());
            outputs(canvas, parts.rows, screen, rows);
            files(canvas, parts.files, screen);
            write(canvas, parts.write, screen);
        }
    }
    bars::popup_hints(canvas, area);
}

fn outputs(canvas: &mut Canvas<'_>, area: Rect, screen: &ContainedScreen, rows: &[ContainedRow]) {
    let theme = canvas.theme;
    let name = usize::from(area.width).saturating_sub(OUTPUT + STANDING + 26).clamp(12, 40);
    for (line, index) in (0..area.height).zip(screen.cursor.offset..rows.len()) {
        let row = &rows[index];
        let selected = index == screen.cursor.selected;
        // The name stands once, and again where the list begins.
        let is_first = line == 0 || index == 0 || rows[index - 1].package != row.package;
        let (standing, style) =
            if row.is_linked { ("in it", theme.good) } else { ("not in it", theme.faint) };
        let shown = Row::text(" ")
            .cell(if selected { theme::CURSOR } else { "" }, 2, theme.focus)
            .cell(if is_first || selected { &row.package } else { "" }, name, theme.strong)
            .put(" ", Style::new())
            .cell(&row.output, OUTPUT, Style::new())
            .cell(standing, STANDING, style)
            .put(files_words(row), theme.faint);
        canvas.row(area, line, &shown);
        if selected {
            canvas.cursor(area, line);
        }
    }
}

fn files_words(row: &ContainedRow) -> String {
    match &row.files {
        OutputFiles::Known(files) => counted(files.len(), "file"),
        OutputFiles::Asking => String::new(),
        OutputFiles::UnknownUntilBuilt => "files unknown until built".to_owned(),
        OutputFiles::NoPath => "path unknown until built".to_owned(),
    }
}

fn rule(canvas: &mut Canvas<'_>, area: Rect) {
    let rule = theme::RULE.repeat(usize::from(area.width).saturating_sub(2));
    canvas.row(area, 0, &Row::text(" ").put(rule, canvas.theme.border));
}

fn files(canvas: &mut Canvas<'_>, area: Rect, screen: &ContainedScreen) {
    let theme = canvas.theme;
    rule(canvas, area);
    let (title, list) = layout::split_rows(layout::split_rows(area, 1).1, 1);
    let Some(row) = screen.row() else { return };
    let OutputFiles::Known(files) = &row.files else {
        let words = match row.files {
            OutputFiles::Asking => "the store and the binary caches are asked what is in it",
            _ => "it is not here and no binary cache lists it: its files are known once it is built",
        };
        return canvas.row(title, 0, &Row::text("  ").put(words, theme.faint));
    };
    let shown = usize::from(list.height);
    let first = screen.scroll.min(files.len().saturating_sub(shown));
    let more = if files.len() > shown {
        format!(", {} to {} of them", first + 1, (first + shown).min(files.len()))
    } else {
        String::new()
    };
    let verb = if row.is_linked { "brings" } else { "would add" };
    let heading = format!("{} of {} {verb} {}{more}", row.output, row.package, counted(files.len(), "file"));
    canvas.row(title, 0, &Row::text("  ").put(heading, theme.strong));
    let lines: Vec<Row> =
        files.iter().skip(first).take(shown).map(|file| Row::text("    ").put(file, Style::new())).collect();
    canvas.rows(list, &lines);
}

/// What to write in the file.
fn write(canvas: &mut Canvas<'_>, area: Rect, screen: &ContainedScreen) {
    let (model, theme) = (canvas.model, canvas.theme);
    rule(canvas, area);
    let Some(row) = screen.row() else { return };
    let file = file(model, screen);
    let mut rows = vec![Row::new()];
    if row.is_linked {
        rows.push(Row::text("  ").put(format!("its files are linked; {file} decides that"), theme.faint));
    } else {
        let all = contained_outputs::extra_outputs(std::slice::from_ref(&row.output));
        let upgrade = model.keymap.name(Scope::Installed, Action::Upgrade);
        rows.push(Row::text("  ").put(format!("to have it, write in {file}:"), Style::new()));
        for (text, what) in [(row.in_paths.as_str(), "in 'paths'"), (all.as_str(), "for all packages")] {
            let text = visible::text(text);
            rows.push(Row::text("    ").put(text, theme.key).put(format!("   {what}"), theme.faint));
        }
        rows.push(
            Row::text("  ").put(format!("then {upgrade} in Installed takes what the file says"), theme.faint),
        );
    }
    canvas.rows(area, &rows);
}

fn file(model: &Model, screen: &ContainedScreen) -> String {
    let plan = model.plan.as_ref();
    let found = plan.and_then(|plan| plan.elements.iter().find(|row| row.name == screen.element));
    let element = found.and_then(|row| row.after.as_ref().or(row.before.as_ref()));
    let source = element.and_then(|element| model.file_of(&screen.element, element));
    let path = source.and_then(|source| source.file.as_deref());
    path.map_or_else(|| "its file".to_owned(), |path| path.rsplit('/').next().unwrap_or(path).to_owned())
}
