//! What is wrong, as a popup to read: with the configuration, before anything else; with the
//! profile, each problem with what mends it, when the doctor was asked.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{Model, Notice, NoticeScreen};
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
        title: Row::new().put(title(screen), canvas.theme.title),
        right: Row::text(count(screen).map(|count| counted(count, "problem")).unwrap_or_default()),
        corner: if hidden > 0 { Row::text(format!("{} below", counted(hidden, "line"))) } else { Row::new() },
        focused: true,
        ..Border::default()
    };
    let inside = canvas.pane(area, &border);
    canvas.target(area, Target::Scrolled);
    let mut rows = vec![Row::new()];
    rows.extend(lines.into_iter().skip(first).take(shown).map(|(part, text)| {
        let (sign, style) = match part {
            Part::Problem => (theme::BLOCKING, Style::new()),
            Part::Rest => (" ", Style::new()),
            Part::Mend => (" ", canvas.theme.strong),
        };
        Row::text(" ").put(sign, canvas.theme.error).put(" ", Style::new()).put(text, style)
    }));
    canvas.rows(inside, &rows);
    let key = |action| model.keymap.name(Scope::Notice, action);
    let row =
        Row::text("   ").put(key(Action::Accept), canvas.theme.key).put(go_on(screen), canvas.theme.strong);
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

fn title(screen: &NoticeScreen) -> &'static str {
    match screen.notice {
        Notice::Configuration(_) => "Configuration",
        Notice::Profile(_) => "Doctor",
    }
}

fn go_on(screen: &NoticeScreen) -> &'static str {
    match screen.notice {
        Notice::Configuration(_) => "  go on; the defaults count there",
        Notice::Profile(_) => "  close; firn doctor prints the same, to be copied",
    }
}

/// How many problems there are, once that is known.
fn count(screen: &NoticeScreen) -> Option<usize> {
    match &screen.notice {
        Notice::Configuration(problems) => Some(problems.len()),
        Notice::Profile(found) => found.as_ref()?.as_ref().ok().map(Vec::len),
    }
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Where a problem begins.
    Problem,
    /// More of it, or words that are no problem.
    Rest,
    /// What mends it.
    Mend,
}

/// The lines, each with what it is.
fn lines(model: &Model, screen: &NoticeScreen) -> Vec<(Part, String)> {
    let width = layout::inner(layout::popup(model.size, WIDTH, u16::MAX)).width;
    let room = usize::from(width).saturating_sub(5).max(8);
    let problem = |text: &str| -> Vec<(Part, String)> {
        let part = |index| if index == 0 { Part::Problem } else { Part::Rest };
        let lines = wrapped(&visible::text(text), room).into_iter().enumerate();
        lines.map(|(index, line)| (part(index), line)).collect()
    };
    let rest = |text: &str| -> Vec<(Part, String)> {
        wrapped(text, room).into_iter().map(|line| (Part::Rest, line)).collect()
    };
    match &screen.notice {
        Notice::Configuration(problems) => problems.iter().flat_map(|text| problem(text)).collect(),
        Notice::Profile(None) => rest("Looking at the profile and what it rests on…"),
        Notice::Profile(Some(Err(words))) => problem(words),
        Notice::Profile(Some(Ok(found))) if found.is_empty() => {
            rest("Nothing is wrong, as far as firn can tell.")
        }
        Notice::Profile(Some(Ok(found))) => found
            .iter()
            .flat_map(|found| {
                let mend = wrapped(&visible::text(&found.mend), room.saturating_sub(2).max(6));
                let mend = mend.into_iter().map(|line| (Part::Mend, format!("  {line}")));
                problem(&found.message).into_iter().chain(mend).collect::<Vec<_>>()
            })
            .collect(),
    }
}
