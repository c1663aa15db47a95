//! Pane 0: the tree that applying would give, or the difference; below the tree, what
//! is known about the line or element under the cursor.

use ratatui::layout::Rect;

use super::bars::tab;
use super::difference::{self, Lines, Subject, subject};
use super::element::next_generation;
use super::{details, tree};
use crate::tui::layout::{split_rows, tree_footer_height};
use crate::tui::model::{Model, Pane, PreviewTab};
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::has_focus;
use crate::tui::view::row::Row;

/// Draws the pane. With the difference beside it the pane shows the tree, whatever the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, difference_beside: bool) {
    let model = canvas.model;
    let shown = shown_tab(model);
    let focused = has_focus(model, Pane::Preview) && (!difference_beside || shown == PreviewTab::Tree);
    let is_tree = difference_beside || shown == PreviewTab::Tree;
    let title =
        if difference_beside { Row::new().put("[0] Tree", canvas.theme.title) } else { tabs(canvas, shown) };
    let right = if difference_beside { about(model, Subject::Plan) } else { about(model, subject(model)) };
    let border = Border {
        title,
        right: Row::text(right),
        corner: corner(canvas, is_tree),
        below: search(canvas),
        focused,
    };
    let inside = canvas.pane(area, &border);
    if is_tree { tree_and_details(canvas, inside, focused) } else { difference::draw(canvas, inside) }
}

/// Draws the difference in a column of its own.
pub fn draw_beside(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let focused = has_focus(model, Pane::Preview) && shown_tab(model) == PreviewTab::Diff;
    let border = Border {
        title: Row::new().put("[0] Diff", canvas.theme.title),
        right: Row::text(about(model, subject(model))),
        corner: corner(canvas, false),
        focused,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    difference::draw(canvas, inside);
}

/// The tab that is shown: two generations have no tree of their own, only a difference.
pub fn shown_tab(model: &Model) -> PreviewTab {
    match subject(model) {
        Subject::Plan => model.preview.tab,
        Subject::Generations(..) => PreviewTab::Diff,
    }
}

/// How many lines the Diff tab has.
pub fn difference_length(model: &Model) -> usize {
    Lines::new(model, usize::from(model.size.0)).len()
}

fn tabs(canvas: &Canvas<'_>, shown: PreviewTab) -> Row {
    let theme = canvas.theme;
    let row = Row::new().put("[0]", theme.title);
    let is_plan = subject(canvas.model) == Subject::Plan;
    let row =
        if is_plan { tab(row, "Tree", shown == PreviewTab::Tree, theme.title, theme.faint) } else { row };
    tab(row, "Diff", shown == PreviewTab::Diff, theme.title, theme.faint)
}

fn about(model: &Model, subject: Subject) -> String {
    let current = model.loaded().and_then(|loaded| loaded.current);
    match subject {
        Subject::Generations(from, to) if current == Some(from) => {
            format!("{from} (now) {} {to}", theme::ARROW)
        }
        Subject::Generations(from, to) if current == Some(to) => {
            format!("{from} {} {to} (now)", theme::ARROW)
        }
        Subject::Generations(from, to) => format!("{from} {} {to}", theme::ARROW),
        Subject::Plan if model.transaction.changes().is_empty() => match current {
            Some(current) => format!("as it is: gen {current}"),
            None => "as it is".to_owned(),
        },
        Subject::Plan => match next_generation(model) {
            Some(next) => format!("result if applied: gen {next}"),
            None => "result if applied".to_owned(),
        },
    }
}

fn corner(canvas: &Canvas<'_>, is_tree: bool) -> Row {
    let pane = &canvas.model.preview;
    let (at, of) = if is_tree {
        (pane.cursor.selected, pane.lines.len())
    } else {
        (pane.scroll, difference_length(canvas.model))
    };
    let areas = crate::tui::layout::areas(&crate::tui::layout::Shape::of(canvas.model));
    let fits = if is_tree { of < 2 } else { of <= areas.difference_rows() };
    if fits { Row::new() } else { Row::text(format!("{} of {of}", (at + 1).min(of))) }
}

fn search(canvas: &Canvas<'_>) -> Row {
    let pane = &canvas.model.preview;
    if !pane.searching && pane.search.value().is_empty() {
        return Row::new();
    }
    let caret = if pane.searching { theme::CARET } else { "" };
    Row::new()
        .put(" /", canvas.theme.key)
        .put(pane.search.value(), canvas.theme.strong)
        .put(caret, canvas.theme.key)
}

fn tree_and_details(canvas: &mut Canvas<'_>, inside: Rect, focused: bool) {
    let footer = tree_footer_height(inside);
    let (above, below) = split_rows(inside, inside.height - footer);
    tree::draw(canvas, above, focused);
    if footer < 2 {
        return;
    }
    let (rule, text) = split_rows(below, 1);
    let line = theme::RULE.repeat(usize::from(rule.width).saturating_sub(2));
    canvas.row(rule, 0, &Row::text(" ").put(line, canvas.theme.border));
    let rows = details::lines(canvas, usize::from(text.width), usize::from(text.height));
    canvas.rows(text, &rows);
}
