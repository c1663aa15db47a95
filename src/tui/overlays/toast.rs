//! What firn says when it needs more than the plan line: wrapped, above that line, so that the
//! plan and the keys stay in sight.
//!
//! An error stands there also when it is short, if something is staged: whether the plan can be
//! applied is what one wants to know next. Any key takes it away; the log keeps all of it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::action::Action;
use crate::tui::model::{Model, Toast};
use crate::tui::theme;
use crate::tui::view::canvas::Canvas;
use crate::tui::view::row::Row;
use crate::tui::view::words::{cells, width, wrapped};

/// Lines of text at most; a short terminal keeps more of its list.
const MOST: usize = 5;
const MOST_ON_SHORT: usize = 4;

/// The toast that does not go into the plan line, if there is one.
pub fn standing_above(model: &Model) -> Option<&Toast> {
    let toast = model.toast.as_ref()?;
    let fits = width(&toast.text) + 2 <= usize::from(model.size.0);
    let hides_plan = toast.error && !model.transaction.is_empty();
    (!fits || hides_plan).then_some(toast)
}

/// The toast that does go into the plan line, or into the note of a screen.
pub fn in_plan_line(model: &Model) -> Option<&Toast> {
    model.toast.as_ref().filter(|_| standing_above(model).is_none())
}

/// Draws the one above.
pub fn draw(canvas: &mut Canvas<'_>) {
    let model = canvas.model;
    let Some(toast) = standing_above(model) else { return };
    let style = if toast.error { canvas.theme.error } else { canvas.theme.strong };
    let room = usize::from(model.size.0).saturating_sub(2);
    let mut lines = wrapped(&toast.text, room);
    let most = if model.size.1 < 24 { MOST_ON_SHORT } else { MOST };
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} {}", wrapped(last, room - 2).swap_remove(0), theme::CUT);
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(1);
    let bottom = model.size.1.saturating_sub(2);
    let area = Rect::new(0, bottom.saturating_sub(height), model.size.0, height.min(bottom));
    canvas.clear(area);
    canvas.row(area, 0, &edge(canvas, toast));
    for (line, text) in (1..).zip(lines) {
        canvas.row(area, line, &Row::text(" ").put(text, style));
    }
}

/// `── error ─────────── @ all of it ──`
fn edge(canvas: &Canvas<'_>, toast: &Toast) -> Row {
    let (model, theme) = (canvas.model, canvas.theme);
    let rule = |count: u16| theme::RULE.repeat(usize::from(count));
    let (title, style) = if toast.error { (" error ", theme.error) } else { ("", Style::new()) };
    let key = model.keymap.name(model.scope(), Action::Log);
    let offer =
        if toast.error && !key.is_empty() { format!(" {key} shows all of it ") } else { String::new() };
    let left = Row::new().put(rule(1), theme.border).put(title, style);
    let rest = model.size.0.saturating_sub(2 + cells(title) + cells(&offer));
    left.put(rule(rest), theme.border).put(offer, theme.faint).put(rule(1), theme.border)
}
