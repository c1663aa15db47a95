//! The review screen: everything that applying would do, before anything is done.
//! Only `y` applies, and the key that opened this screen does not.

use ratatui::layout::Rect;

use super::review_text::{is_applying, lines, shows_progress};
use super::{progress, toast};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{Model, Overlay, ReviewScreen};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: &ReviewScreen) {
    let model = canvas.model;
    canvas.clear(Rect::new(0, 0, model.size.0, model.size.1));
    let bars_of = layout::screen(model.size);
    bars::title(canvas, bars_of.title);
    let (text, panel) = split(model);
    let lines = lines(model, usize::from(layout::inner(text).width));
    let height = usize::from(layout::inner(text).height);
    let scroll = screen.scroll.min(lines.len().saturating_sub(height));
    let corner = if lines.len() > height {
        let key = |action| model.keymap.name(Scope::Review, action);
        Row::text(format!(
            "{} of {}   {}/{} scroll",
            (scroll + height).min(lines.len()),
            lines.len(),
            key(Action::ScrollDown),
            key(Action::ScrollUp)
        ))
    } else {
        Row::new()
    };
    let border = Border {
        title: Row::new().put("Review", canvas.theme.title),
        right: Row::text(if is_applying(model) { "applying" } else { "nothing has changed yet" }),
        corner,
        focused: matches!(model.overlays.last(), Some(Overlay::Review(_))),
        ..Border::default()
    };
    let inside = canvas.pane(text, &border);
    canvas.target(text, Target::Scrolled);
    canvas.rows(inside, lines.iter().skip(scroll));
    if let Some(area) = panel {
        progress::draw(canvas, area);
    }
    note(canvas, bars_of.note, screen);
    bars::hints(canvas, bars_of.hints);
}

/// How far the text can be scrolled.
pub fn max_scroll(model: &Model, _screen: &ReviewScreen) -> usize {
    let inside = layout::inner(split(model).0);
    lines(model, usize::from(inside.width)).len().saturating_sub(usize::from(inside.height))
}

/// The text above, the progress panel below while a job runs.
fn split(model: &Model) -> (Rect, Option<Rect>) {
    let body = layout::screen(model.size).body;
    if !shows_progress(model) {
        return (body, None);
    }
    let panel = progress::height(model).min(body.height / 2);
    let (text, panel) = layout::split_rows(body, body.height - panel);
    (text, Some(panel))
}

fn note(canvas: &mut Canvas<'_>, area: Rect, screen: &ReviewScreen) {
    let model = canvas.model;
    if toast::in_plan_line(model).is_some() {
        return bars::plan(canvas, area);
    }
    if shows_progress(model) {
        return;
    }
    let wide = area.width >= 100;
    let (words, style) = match (screen.revision == model.revision, wide) {
        (true, true) => (
            " enter does nothing here on purpose; the key that opened this screen does not confirm it",
            canvas.theme.faint,
        ),
        (true, false) => (" enter does nothing here on purpose", canvas.theme.faint),
        (false, _) => (" the plan has changed: close this screen and open it again", canvas.theme.changed),
    };
    canvas.row(area, 0, &Row::new().put(words, style));
}
