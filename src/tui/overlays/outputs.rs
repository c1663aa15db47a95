//! The outputs of an element's package as check boxes, with the files of the one under the cursor, and
//! what the choice would do to the tree.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::manifest::ExtendedOutputsSpec;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{FIXED_ROWS, OutputFiles, OutputRow, OutputsQuestion, OutputsScreen};
use crate::tui::panes::bars;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, cut_start, wrapped};

/// Cells of an output's name.
const NAME: usize = 14;
/// Cells for what it is now.
const STANDING: usize = 20;
/// Lines for what the choice would do.
const OUTCOME: u16 = 4;

/// The popup's parts: the outputs, the files of one, what the choice does.
struct Parts {
    rows: Rect,
    files: Rect,
    outcome: Rect,
}

fn area(size: (u16, u16)) -> Rect {
    layout::popup(size, 86, 30)
}

fn parts(size: (u16, u16), outputs: usize) -> Parts {
    let area = area(size);
    let mut inside = layout::inner(area);
    // A popup over the whole screen has its hints in its last line.
    inside.height = inside.height.saturating_sub(u16::from(area.height == size.1));
    let wanted = u16::try_from(outputs + FIXED_ROWS).unwrap_or(u16::MAX);
    let rows = wanted.min(inside.height.saturating_sub(OUTCOME + 5)).max(1);
    let (rows, rest) = layout::split_rows(inside, rows);
    let (files, outcome) = layout::split_rows(rest, rest.height.saturating_sub(OUTCOME));
    Parts { rows, files, outcome }
}

/// How many rows of outputs are shown at once; at least 1.
pub fn rows_shown(size: (u16, u16), screen: &OutputsScreen) -> usize {
    usize::from(parts(size, screen.length().saturating_sub(FIXED_ROWS)).rows.height).max(1)
}

/// How many files are shown at least.
pub fn files_shown(size: (u16, u16)) -> usize {
    usize::from(parts(size, FIXED_ROWS).files.height.saturating_sub(2)).max(1)
}

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &OutputsScreen) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = area(model.size);
    canvas.clear(area);
    let title = Row::new().put(format!("Outputs of {}", screen.element), theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    match &screen.rows {
        None => asking(canvas, inside, screen),
        Some(Err(reason)) => failed(canvas, inside, reason),
        Some(Ok(rows)) => {
            let parts = parts(model.size, rows.len());
            choices(canvas, parts.rows, screen, rows);
            files(canvas, parts.files, screen);
            outcome(canvas, parts.outcome, screen);
        }
    }
    bars::popup_hints(canvas, area);
}

fn asking(canvas: &mut Canvas<'_>, inside: Rect, screen: &OutputsScreen) {
    let theme = canvas.theme;
    let room = usize::from(inside.width).saturating_sub(6);
    let (who, subject) = match &screen.question {
        OutputsQuestion::Flake(question) => ("flake", question.reference.as_str()),
        OutputsQuestion::Derivation(path) => ("derivation", path.as_str()),
    };
    let (first, style) = match canvas.model.job {
        Some(_) => (format!("checking… its {who} is asked which outputs there are"), theme.faint),
        None => (format!("Its {who} was not asked to the end; close this and open it again."), theme.error),
    };
    let rows = [
        Row::new(),
        Row::text("  ").put(first, style),
        Row::text("  ").put(cut_start(subject, room), theme.faint),
    ];
    canvas.rows(inside, &rows);
}

fn failed(canvas: &mut Canvas<'_>, inside: Rect, reason: &str) {
    let (model, theme) = (canvas.model, canvas.theme);
    let room = usize::from(inside.width).saturating_sub(4);
    let mut rows =
        vec![Row::new(), Row::text("  ").put("Which outputs there are could not be told:", theme.strong)];
    let lines = reason.lines().flat_map(|line| wrapped(line, room));
    rows.extend(
        lines
            .take(usize::from(inside.height).saturating_sub(6))
            .map(|line| Row::text("  ").put(line, theme.error)),
    );
    let source = model.keymap.name(Scope::Installed, Action::Source);
    let words = format!("{source} in Installed lets the element follow another flake.");
    rows.extend([Row::new(), Row::text("  ").put(words, Style::new())]);
    canvas.rows(inside, &rows);
}

fn choices(canvas: &mut Canvas<'_>, area: Rect, screen: &OutputsScreen, rows: &[OutputRow]) {
    for (line, index) in (0..area.height).zip(screen.cursor.offset..rows.len() + FIXED_ROWS) {
        let selected = index == screen.cursor.selected;
        let row = match index.checked_sub(FIXED_ROWS) {
            None => whole(canvas, screen, rows, index),
            Some(output) => one(canvas, &rows[output]),
        };
        let pointer = if selected { theme::CURSOR } else { " " };
        canvas.row(
            area,
            line,
            &Row::text(" ").put(pointer, canvas.theme.focus).put(" ", Style::new()).join(row),
        );
        if selected {
            canvas.cursor(area, line);
        }
    }
}

/// The package's own choice, or all.
fn whole(canvas: &Canvas<'_>, screen: &OutputsScreen, rows: &[OutputRow], index: usize) -> Row {
    let theme = canvas.theme;
    let is_of_flake = matches!(screen.question, OutputsQuestion::Flake(_));
    let names = |is_it: fn(&OutputRow) -> bool| {
        rows.iter().filter(|row| is_it(row)).map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (is_it, words) = match (index, is_of_flake) {
        (0, true) => (
            screen.wanted == ExtendedOutputsSpec::Default,
            format!("what the package chooses: {}", names(|row| row.default)),
        ),
        (0, false) => (screen.wanted == screen.base, format!("as it is now: {}", names(|row| row.installed))),
        (_, true) => (screen.wanted == ExtendedOutputsSpec::All, format!("all of them: {}", rows.len())),
        (_, false) => (rows.iter().all(|row| row.chosen), format!("all of them: {}", rows.len())),
    };
    let mark = if is_it { theme::MARKED } else { " " };
    Row::new().put("(", theme.faint).put(mark, theme.marked).put(") ", theme.faint).put(words, Style::new())
}

fn one(canvas: &Canvas<'_>, row: &OutputRow) -> Row {
    let theme = canvas.theme;
    let mark = if row.chosen { theme::MARKED } else { " " };
    let standing = match (row.installed, row.default) {
        (true, true) => "installed, default",
        (true, false) => "installed",
        (false, true) => "default",
        (false, false) => "",
    };
    let (files, style) = files_words(row, theme.faint);
    Row::new()
        .put("[", theme.faint)
        .put(mark, theme.marked)
        .put("] ", theme.faint)
        .cell(&row.name, NAME, if row.chosen { theme.strong } else { Style::new() })
        .cell(standing, STANDING, theme.faint)
        .put(files, style)
}

fn files_words(row: &OutputRow, faint: Style) -> (String, Style) {
    match &row.files {
        OutputFiles::Known(files) => (counted(files.len(), "file"), Style::new()),
        OutputFiles::Asking => ("checking…".to_owned(), faint),
        OutputFiles::UnknownUntilBuilt => ("unknown until built".to_owned(), faint),
        OutputFiles::NoPath => ("path unknown until built".to_owned(), faint),
    }
}

fn files(canvas: &mut Canvas<'_>, area: Rect, screen: &OutputsScreen) {
    let theme = canvas.theme;
    let rule = theme::RULE.repeat(usize::from(area.width).saturating_sub(2));
    canvas.row(area, 0, &Row::text(" ").put(rule, theme.border));
    let (title, list) = layout::split_rows(layout::split_rows(area, 1).1, 1);
    let Some(row) = screen.output() else {
        let mut words = "the files of an output are listed here when it is under the cursor".to_owned();
        if let Some(reason) = &screen.unknown {
            words = format!("only what is installed is known: {reason}");
        }
        let room = usize::from(area.width).saturating_sub(4);
        let lines = wrapped(&words, room).into_iter().map(|line| Row::text("  ").put(line, theme.faint));
        return canvas.rows(layout::split_rows(area, 1).1, &lines.collect::<Vec<_>>());
    };
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
    let heading = format!("{} has {}{more}", row.name, counted(files.len(), "file"));
    canvas.row(title, 0, &Row::text("  ").put(heading, theme.strong));
    let lines: Vec<Row> =
        files.iter().skip(first).take(shown).map(|file| Row::text("    ").put(file, Style::new())).collect();
    canvas.rows(list, &lines);
}

fn outcome(canvas: &mut Canvas<'_>, area: Rect, screen: &OutputsScreen) {
    let theme = canvas.theme;
    let rule = theme::RULE.repeat(usize::from(area.width).saturating_sub(2));
    let mut rows = vec![Row::text(" ").put(rule, theme.border)];
    let room = usize::from(area.width).saturating_sub(6);
    let (glyph, style) = if screen.blocks { (theme::BLOCKING, theme.blocking) } else { (" ", Style::new()) };
    let lines = screen.outcome.iter().flat_map(|words| wrapped(words, room));
    for (index, line) in lines.enumerate() {
        let sign = if index == 0 { glyph } else { " " };
        rows.push(Row::text(" ").put(sign, style).put(" ", Style::new()).put(line, style));
    }
    canvas.rows(area, &rows);
}
