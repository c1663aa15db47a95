//! The Tree tab: the symlink tree that applying would give, with what collides in it.
//!
//! The lines are made in `update`; here the visible ones are put into columns:
//! fold or collision, name, package or count, how it differs.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::element::collision_sign;
use super::states;
use crate::core::file_tree::Basis;
use crate::core::resolution::CollisionKind;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout::split_rows;
use crate::tui::model::{Model, Pane, TreeLine, TreeLineKind, TreeMark, TreeTotal};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::{self, counted, grouped};

/// Where the columns begin at one width of the pane.
#[derive(Clone, Copy)]
struct Columns {
    package: usize,
    /// Counts of folders.
    mark: usize,
    /// How a link differs; further to the right if that leaves room for the packages' names.
    words: usize,
}

impl Columns {
    /// The names that are on the screen decide, in steps of four so that scrolling seldom moves columns.
    fn new(width: usize, visible: &[TreeLine], fetch: &str) -> Self {
        let end = |line: &TreeLine| match line.kind {
            TreeLineKind::Unchanged(_) => 0,
            _ => 2 * line.depth + 5 + words::width(&visible::bytes(name(line))),
        };
        let longest = visible.iter().map(end).max().unwrap_or(0).div_ceil(4) * 4;
        let package = longest.clamp(20, (width * 45 / 100).max(20));
        let mark = width.saturating_sub(21);
        let longest = |cells: fn(&TreeLine, &str) -> usize| {
            visible.iter().map(|line| cells(line, fetch)).max().unwrap_or(0)
        };
        let wanted = package + longest(package_cells) + 1;
        let words = mark.max(wanted.min(width.saturating_sub(longest(words_cells))));
        Self { package, mark, words }
    }
}

/// Cells of the package of a link that differs.
fn package_cells(line: &TreeLine, fetch: &str) -> usize {
    match &line.kind {
        TreeLineKind::Link { package, note: None, .. } if words_cells(line, fetch) > 0 => {
            words::width(package)
        }
        _ => 0,
    }
}

/// Cells of the words for how a link differs.
fn words_cells(line: &TreeLine, fetch: &str) -> usize {
    match &line.kind {
        TreeLineKind::Link { note: None, folder, .. } => words::width(&words_for(&line.mark, *folder, fetch)),
        _ => 0,
    }
}

/// Draws the summary line and the visible lines.
pub fn draw(canvas: &mut Canvas<'_>, inside: Rect, focused: bool) {
    let (summary, body) = split_rows(inside, 1);
    let model = canvas.model;
    let pane = &model.preview;
    let first = pane.cursor.offset.min(pane.lines.len());
    let last = pane.lines.len().min(first + usize::from(body.height));
    let fetch = fetch_key(canvas);
    let columns = Columns::new(usize::from(inside.width), &pane.lines[first..last], &fetch);
    if model.plan.is_some() {
        let row = total_row(canvas, pane.total, columns);
        canvas.row(summary, 0, &row);
    }
    if pane.lines.is_empty() {
        let words = states::no_tree(model);
        return canvas.row(body, 0, &Row::text(" ").put(words, canvas.theme.faint));
    }
    for (line, index) in (0..body.height).zip(first..last) {
        let selected = index == pane.cursor.selected && focused;
        let row = tree_row(canvas, &pane.lines[index], columns, selected);
        let row = if pane.sideways > 0 { row.without_left(pane.sideways) } else { row };
        canvas.row(body, line, &row);
        canvas.target_line(body, line, Target::Row(Pane::Preview, index));
        if selected {
            canvas.cursor(body, line);
        }
    }
}

/// ` profile/     1 204 → 1 253 links     +57  ~19  -8   ! 1`
fn total_row(canvas: &Canvas<'_>, total: TreeTotal, columns: Columns) -> Row {
    let links = if is_unknown(canvas.model) {
        format!("{} {} ? links", grouped(total.before), theme::ARROW)
    } else if total.before == total.after {
        counted(total.after, "link")
    } else {
        format!("{} {} {}", grouped(total.before), theme::ARROW, counted(total.after, "link"))
    };
    let row = Row::text(" profile/").to(columns.package).put(links, Style::new()).to(columns.mark);
    let counts = [total.added, total.changed, total.removed, total.blocking];
    row.join(count_row(canvas, counts))
}

fn count_row(canvas: &Canvas<'_>, [added, changed, removed, blocking]: [usize; 4]) -> Row {
    let theme = canvas.theme;
    let mut row = Row::new();
    for (count, glyph, style) in [
        (added, theme::ADDED, theme.added),
        (changed, theme::CHANGED, theme.changed),
        (removed, theme::REMOVED, theme.removed),
    ] {
        let text = if count > 0 { format!("{glyph}{}", grouped(count)) } else { String::new() };
        let cells = words::width(&text).max(4);
        row = row.right(text, cells, style).put(" ", Style::new());
    }
    if blocking > 0 {
        row = row.put(format!(" {} {blocking}", theme::BLOCKING), theme.blocking);
    }
    row
}

/// The last part of a line's path.
fn name(line: &TreeLine) -> &[u8] {
    line.path.rsplit(|byte| *byte == b'/').next().unwrap_or(&line.path)
}

fn tree_row(canvas: &Canvas<'_>, line: &TreeLine, columns: Columns, selected: bool) -> Row {
    let theme = canvas.theme;
    let row = Row::new().cell(if selected { theme::CURSOR } else { "" }, 1, theme.focus);
    let row = row.put(" ".repeat(2 * line.depth), Style::new());
    match &line.kind {
        TreeLineKind::Folder { links, added, changed, removed, blocking, open } => {
            let fold = if *open { theme::OPEN } else { theme::CLOSED };
            let style = mark_style(canvas, &line.mark).unwrap_or(theme.strong);
            let row = row
                .put(format!("{fold} "), theme.faint)
                .put(format!("{}/", visible::bytes(name(line))), style);
            let count = grouped(*links);
            let row = row.to(columns.package).right(count, 6, Style::new()).to(columns.mark);
            row.join(count_row(canvas, [*added, *changed, *removed, *blocking]))
        }
        TreeLineKind::Link { .. } => link_row(canvas, row, line, columns),
        TreeLineKind::Unchanged(count) => {
            let key = canvas.model.keymap.name(Scope::Preview, Action::ShowUnchanged);
            row.put(
                format!("  {} {} unchanged  ({key} shows them)", theme::CUT, grouped(*count)),
                theme.faint,
            )
        }
    }
}

/// `  ! hello     tie: hello-2.12.3 (5) × fltk-1.3.11-bin (5)`, `  + fluid     fltk-1.3.11-bin    new`
fn link_row(canvas: &Canvas<'_>, row: Row, line: &TreeLine, columns: Columns) -> Row {
    let TreeLineKind::Link { package, folder, note, collision } = &line.kind else { return row };
    let sign = collision.map(|kind| collision_sign(kind, canvas.theme));
    let (glyph, style) = match sign {
        Some(sign) => (sign.glyph, sign.style),
        None => (mark_glyph(&line.mark), mark_style(canvas, &line.mark).unwrap_or_default()),
    };
    let name = visible::bytes(name(line));
    let name = if *folder { format!("{name}/") } else { name };
    let row = row.put(glyph, style).put(" ", Style::new()).put(name, style).to(columns.package);
    if let (Some(note), Some(sign)) = (note, sign) {
        let row = row.join(note_row(package, note, sign.style));
        // of a path that blocks nobody can say what it will be
        let blocks = collision.is_some_and(CollisionKind::is_blocking);
        return if blocks { row } else { row.join(mark_end(canvas, &line.mark)) };
    }
    let words = mark_words(canvas, &line.mark, *folder);
    if words.width() == 0 {
        return row.put(package, Style::new());
    }
    let room = columns.words.saturating_sub(row.width() + 1).max(10);
    row.cell(package, room, Style::new()).put(" ", Style::new()).join(words)
}

/// Whether nobody knows yet what some packages hold.
fn is_unknown(model: &Model) -> bool {
    model.plan.as_ref().is_some_and(|plan| plan.basis() == Basis::Unknown)
}

/// The key that fetches what is not here yet.
fn fetch_key(canvas: &Canvas<'_>) -> String {
    canvas.model.keymap.name(Scope::Installed, Action::Realise)
}

/// Who collides; a note that names all sides does not need the package in front.
fn note_row(package: &str, note: &str, style: Style) -> Row {
    if note.contains(package) {
        return Row::new().put(note, style);
    }
    Row::text(package).put("   ", Style::new()).put(note, style)
}

fn mark_glyph(mark: &TreeMark) -> &'static str {
    match mark {
        TreeMark::Same => " ",
        TreeMark::Added => theme::ADDED,
        TreeMark::Removed => theme::REMOVED,
        TreeMark::Awaited => theme::FAILED,
        TreeMark::Changed(_) => theme::CHANGED,
    }
}

fn mark_style(canvas: &Canvas<'_>, mark: &TreeMark) -> Option<Style> {
    match mark {
        TreeMark::Same => None,
        TreeMark::Added => Some(canvas.theme.added),
        TreeMark::Removed => Some(canvas.theme.removed),
        TreeMark::Changed(_) | TreeMark::Awaited => Some(canvas.theme.changed),
    }
}

fn mark_words(canvas: &Canvas<'_>, mark: &TreeMark, whole_folder: bool) -> Row {
    let style = mark_style(canvas, mark).unwrap_or(canvas.theme.faint);
    Row::new().put(words_for(mark, whole_folder, &fetch_key(canvas)), style)
}

/// `new`, `was bat-0.24.0`, `gone, whole folder`, `not known, F fetches`.
fn words_for(mark: &TreeMark, whole_folder: bool, fetch: &str) -> String {
    let words = match mark {
        TreeMark::Same => String::new(),
        TreeMark::Added => "new".to_owned(),
        TreeMark::Removed => "gone".to_owned(),
        TreeMark::Awaited => return format!("not known, {fetch} fetches"),
        TreeMark::Changed(package) => format!("was {package}"),
    };
    match (words.is_empty(), whole_folder) {
        (_, false) => words,
        (true, true) => "whole folder".to_owned(),
        (false, true) => format!("{words}, whole folder"),
    }
}

/// After a collision's note, where the glyph column is taken, the glyph comes with the word.
fn mark_end(canvas: &Canvas<'_>, mark: &TreeMark) -> Row {
    if *mark == TreeMark::Same {
        return Row::new();
    }
    let style = mark_style(canvas, mark).unwrap_or_default();
    Row::text("   ").put(mark_glyph(mark), style).put(" ", Style::new()).join(mark_words(canvas, mark, false))
}
