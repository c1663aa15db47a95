//! The priority field: a number, and who would win with it.

use ratatui::style::Style;

use crate::tui::layout;
use crate::tui::model::{Model, PriorityField};
use crate::tui::panes::bars;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::wrapped;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, field: &PriorityField) {
    let model = canvas.model;
    let theme = canvas.theme;
    let outcome: Vec<String> = field.outcome.iter().flat_map(|words| wrapped(words, 48)).collect();
    let height = u16::try_from(outcome.len().min(14)).unwrap_or(0) + 6;
    let area = layout::popup(model.size, 56, height);
    canvas.clear(area);
    let title = match field.elements.as_slice() {
        [name] => format!("Priority of {name}"),
        names => format!("Priority of {} elements", names.len()),
    };
    let title = Row::new().put(title, theme.title);
    let inside = canvas.pane(
        area,
        &Border { title, right: Row::text("lower number wins"), focused: true, ..Border::default() },
    );
    let mut rows = vec![Row::new(), number(canvas, field), Row::new()];
    let (glyph, style) = if field.blocks { (theme::BLOCKING, theme.blocking) } else { (" ", Style::new()) };
    for (index, line) in outcome.into_iter().enumerate() {
        rows.push(
            Row::text("   ")
                .put(if index == 0 { glyph } else { " " }, style)
                .put(" ", Style::new())
                .put(line, style),
        );
    }
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}

/// `   5 → 6▏   for bat, jq`
fn number(canvas: &Canvas<'_>, field: &PriorityField) -> Row {
    let theme = canvas.theme;
    let row = Row::text("     ");
    let row = match now(canvas.model, field) {
        Some(now) => row.put(format!("{now} {} ", theme::ARROW), Style::new()),
        None => row,
    };
    let row = row.put(&field.text, theme.strong).put(theme::CARET, theme.key);
    if field.elements.len() > 1 {
        row.put(format!("   for {}", field.elements.join(", ")), theme.faint)
    } else {
        row
    }
}

/// The priority the elements have in the profile as it is, if all have the same.
fn now(model: &Model, field: &PriorityField) -> Option<i32> {
    let manifest = &model.plan.as_ref()?.base.manifest;
    let mut numbers =
        field.elements.iter().map(|name| manifest.elements.get(name).map(|element| element.priority));
    let first = numbers.next()??;
    numbers.all(|number| number == Some(first)).then_some(first)
}
