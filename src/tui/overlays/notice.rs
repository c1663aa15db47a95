//! What has to be read before anything else: what is wrong with the configuration.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{Model, NoticeScreen};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, wrapped};

const WIDTH: u16 = 90;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, screen: &NoticeScreen) {
    let model = canvas.model;
    let area = area(model, screen);
    canvas.clear(area);
    let lines = lines(canvas.model, screen);
    let (first, shown) = (screen.scroll.min(max_scroll(model, screen)), text_rows(area));
    let hidden = lines.len().saturating_sub(first + shown);
    let border = Border {
        title: Row::new().put("Configuration", canvas.theme.title),
        right: Row::text(counted(screen.problems.len(), "problem")),
        corner: if hidden > 0 { Row::text(format!("{hidden} lines below")) } else { Row::new() },
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Scrolled);
    let mut rows = vec![Row::new()];
    rows.extend(lines.into_iter().skip(first).take(shown).map(|(sign, text)| {
        let sign = if sign { theme::BLOCKING } else { " " };
        Row::text(" ").put(sign, canvas.theme.error).put(" ", Style::new()).put(text, Style::new())
    }));
    canvas.rows(inside, &rows);
    let key = |action| model.keymap.name(Scope::Notice, action);
    let row = Row::text("   ")
        .put(key(Action::Accept), canvas.theme.key)
        .put("  go on; the defaults count there", canvas.theme.strong);
    let last = Rect { y: inside.bottom().saturating_sub(2), height: inside.height.min(1), ..inside };
    canvas.row(last, 0, &row);
    bars::popup_hints(canvas, area);
}

fn area(model: &Model, screen: &NoticeScreen) -> Rect {
    let lines = u16::try_from(lines(model, screen).len()).unwrap_or(u16::MAX);
    layout::popup(model.size, WIDTH, lines.saturating_add(6))
}

/// Lines of the text that a popup of this size shows.
fn text_rows(area: Rect) -> usize {
    usize::from(layout::inner(area).height.saturating_sub(4)).max(1)
}

/// How far the text can be scrolled.
pub fn max_scroll(model: &Model, screen: &NoticeScreen) -> usize {
    lines(model, screen).len().saturating_sub(text_rows(area(model, screen)))
}

/// The lines, each with whether a problem begins there.
fn lines(model: &Model, screen: &NoticeScreen) -> Vec<(bool, String)> {
    let width = layout::inner(layout::popup(model.size, WIDTH, u16::MAX)).width;
    let room = usize::from(width).saturating_sub(5).max(8);
    let parts = |problem: &String| -> Vec<(bool, String)> {
        wrapped(&visible::text(problem), room)
            .into_iter()
            .enumerate()
            .map(|(index, line)| (index == 0, line))
            .collect()
    };
    screen.problems.iter().flat_map(parts).collect()
}
