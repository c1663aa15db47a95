//! Pane 0: the tree that applying would give, the difference, or everything about one
//! row; below the tree, what is known about the line or element under the cursor.

use ratatui::layout::Rect;

use super::bars::tab;
use super::difference::{self, Lines, Subject, subject};
use super::element::next_generation;
use super::{details, info, tree};
use crate::tui::layout::{LayoutKind, Shape, areas, split_rows, tree_footer_height};
use crate::tui::model::{Model, Overlay, Pane, PreviewTab};
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::has_focus;
use crate::tui::view::row::Row;
use crate::tui::view::words::{cells, grouped};

/// Draws the pane. With details beside it the pane shows the tree, whatever the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, details_beside: bool) {
    let model = canvas.model;
    let shown = if details_beside { PreviewTab::Tree } else { shown_tab(model) };
    let focused = has_focus(model, Pane::Preview) && shown == shown_tab(model);
    let offered = if details_beside { Vec::new() } else { tabs_here(model) };
    let title = if details_beside {
        Row::new().put("[0] Tree", canvas.theme.title)
    } else {
        tabs(canvas, &offered, shown)
    };
    let right = if details_beside { about(model, Subject::Plan) } else { about_tab(model, shown) };
    let border = Border {
        title,
        right: Row::text(right),
        corner: corner(canvas, shown),
        below: search(canvas),
        focused,
    };
    let inside = canvas.pane(area, &border);
    let is_tree = shown == PreviewTab::Tree;
    canvas.target(area, if is_tree { Target::Pane(Pane::Preview) } else { Target::Text });
    tab_targets(canvas, area, &offered);
    text_or_tree(canvas, inside, shown, focused);
}

/// Draws the details in a column of their own.
pub fn draw_beside(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let shown = beside_tab(model);
    let focused = has_focus(model, Pane::Preview) && shown_tab(model) != PreviewTab::Tree;
    let offered = beside_tabs(model);
    let border = Border {
        title: tabs(canvas, offered, shown),
        right: Row::text(about_tab(model, shown)),
        corner: corner(canvas, shown),
        focused,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Text);
    tab_targets(canvas, area, offered);
    text_or_tree(canvas, inside, shown, focused);
}

fn text_or_tree(canvas: &mut Canvas<'_>, inside: Rect, shown: PreviewTab, focused: bool) {
    match shown {
        PreviewTab::Tree => tree_and_details(canvas, inside, focused),
        PreviewTab::Diff => difference::draw(canvas, inside),
        PreviewTab::Info => info::draw(canvas, inside),
    }
}

/// The tab that is shown: two generations have no tree of their own, only a difference; registry
/// entries have neither.
pub fn shown_tab(model: &Model) -> PreviewTab {
    if model.list == Pane::Registry {
        return PreviewTab::Info;
    }
    match (subject(model), model.preview.tab) {
        (Subject::Generations(..), PreviewTab::Tree) => PreviewTab::Diff,
        (_, tab) => tab,
    }
}

/// What the column beside the tree shows.
pub fn beside_tab(model: &Model) -> PreviewTab {
    match shown_tab(model) {
        PreviewTab::Tree => PreviewTab::Info,
        other => other,
    }
}

fn beside_tabs(model: &Model) -> &'static [PreviewTab] {
    match model.list {
        Pane::Registry => &[PreviewTab::Info],
        _ => &[PreviewTab::Diff, PreviewTab::Info],
    }
}

/// The tabs there are to choose from, in their order.
pub fn tabs_here(model: &Model) -> Vec<PreviewTab> {
    if model.list == Pane::Registry {
        return vec![PreviewTab::Info];
    }
    let has_column = Shape::of(model).kind() == LayoutKind::Wide && model.focus != Pane::Preview;
    if has_column || subject(model) != Subject::Plan {
        return vec![PreviewTab::Diff, PreviewTab::Info];
    }
    vec![PreviewTab::Tree, PreviewTab::Diff, PreviewTab::Info]
}

/// Whether the difference is on the screen, in the preview, the strip or a sheet.
pub fn shows_difference(model: &Model) -> bool {
    if matches!(model.overlays.last(), Some(Overlay::Rollback(_))) {
        return true;
    }
    let areas = areas(&Shape::of(model));
    match (areas.beside, areas.preview, areas.strip) {
        (Some(_), ..) => beside_tab(model) == PreviewTab::Diff,
        (None, Some(_), _) => shown_tab(model) == PreviewTab::Diff,
        (None, None, strip) => strip.is_some(),
    }
}

/// How many lines the Diff or the Info tab has, whichever is shown.
pub fn text_length(model: &Model) -> usize {
    let areas = areas(&Shape::of(model));
    let width = areas.text().map_or(model.size.0, |area| area.width);
    let shown = if areas.beside.is_some() { beside_tab(model) } else { shown_tab(model) };
    match shown {
        PreviewTab::Info => info::lines(model, usize::from(width)).len(),
        PreviewTab::Diff | PreviewTab::Tree => Lines::new(model, usize::from(width)).len(),
    }
}

/// Stands before the tabs.
const KEY: &str = "[0]";

fn tabs(canvas: &Canvas<'_>, offered: &[PreviewTab], shown: PreviewTab) -> Row {
    let theme = canvas.theme;
    offered.iter().fold(Row::new().put(KEY, theme.title), |row, offer| {
        tab(row, name(*offer), shown == *offer, theme.title, theme.faint)
    })
}

/// Says where on the border [`tabs`] are.
fn tab_targets(canvas: &mut Canvas<'_>, area: Rect, offered: &[PreviewTab]) {
    let mut start = area.x + 1 + cells(KEY);
    for offer in offered {
        let width = cells(name(*offer)) + 2;
        canvas.target(
            Rect { x: start, width, height: 1, ..area }.intersection(area),
            Target::PreviewTab(*offer),
        );
        start += width;
    }
}

fn name(tab: PreviewTab) -> &'static str {
    match tab {
        PreviewTab::Tree => "Tree",
        PreviewTab::Diff => "Diff",
        PreviewTab::Info => "Info",
    }
}

fn about_tab(model: &Model, shown: PreviewTab) -> String {
    match shown {
        PreviewTab::Info => info::about(model),
        PreviewTab::Tree | PreviewTab::Diff => about(model, subject(model)),
    }
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
        Subject::Plan if !model.transaction.touches_profile() => match current {
            Some(current) => format!("as it is: gen {current}"),
            None => "as it is".to_owned(),
        },
        Subject::Plan => match next_generation(model) {
            Some(next) => format!("result if applied: gen {next}"),
            None => "result if applied".to_owned(),
        },
    }
}

fn corner(canvas: &Canvas<'_>, shown: PreviewTab) -> Row {
    let pane = &canvas.model.preview;
    let is_tree = shown == PreviewTab::Tree;
    let (at, of) = if is_tree {
        (pane.cursor.selected, pane.lines.len())
    } else {
        (pane.scroll, text_length(canvas.model))
    };
    let fits = if is_tree { of < 2 } else { of <= areas(&Shape::of(canvas.model)).text_rows() };
    if fits { Row::new() } else { Row::text(format!("{} of {}", grouped((at + 1).min(of)), grouped(of))) }
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
