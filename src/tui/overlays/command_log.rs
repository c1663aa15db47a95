//! The command log: each command with when, how it went and how long it took, and below it what
//! it printed.

use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{add, toast};
use crate::tui::layout;
use crate::tui::model::{LogEntry, LogLine, LogScreen, Model, Outcome};
use crate::tui::panes::bars;
use crate::tui::pointer::Target;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, duration, grouped, wrapped};

/// Lines that tell the whole of the line under the cursor.
const FOOT: u16 = 4;
/// Cells of `59 min 59 s`.
const LONGEST_TIME: usize = 11;

/// Lines of the log that are shown at a size of terminal.
pub fn rows_shown(size: (u16, u16)) -> usize {
    usize::from(parts(size).0.height).max(1)
}

/// Where the lines are, and where the line under the cursor is told in full, if there is room.
fn parts(size: (u16, u16)) -> (Rect, Rect) {
    let inside = layout::inner(layout::screen(size).body);
    let foot = if inside.height >= 16 { FOOT } else { 0 };
    layout::split_rows(inside, inside.height - foot)
}

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: &LogScreen) {
    let model = canvas.model;
    canvas.clear(Rect::new(0, 0, model.size.0, model.size.1));
    let areas = layout::screen(model.size);
    bars::title(canvas, areas.title);
    let at = (screen.cursor.selected + 1).min(model.log.len());
    let border = Border {
        title: Row::new().put("Command log", canvas.theme.title),
        right: if model.log.is_empty() { Row::new() } else { Row::text(counted(model.log.len(), "line")) },
        below: search_line(canvas, screen),
        corner: match at {
            0 => Row::new(),
            at => Row::text(format!("{} of {}", grouped(at), grouped(model.log.len()))),
        },
        focused: true,
    };
    canvas.pane(areas.body, &border);
    canvas.target(areas.body, Target::Items);
    let (list, foot) = parts(model.size);
    if model.log.is_empty() {
        let text = "Nothing is in the log yet. The commands that firn runs for you are listed here, with what they print.";
        let lines = wrapped(text, usize::from(list.width).saturating_sub(4));
        for (line, text) in (1..).zip(lines) {
            canvas.row(list, line, &Row::text(format!("  {text}")));
        }
    }
    let lines = model.log.lines_from(screen.cursor.offset);
    for ((line, index), shown) in (0..list.height).zip(screen.cursor.offset..).zip(lines) {
        let selected = index == screen.cursor.selected;
        let mark = Row::new().cell(if selected { theme::CURSOR } else { "" }, 2, canvas.theme.focus);
        canvas.row(list, line, &mark.join(row(canvas, shown).without_left(screen.sideways)));
        canvas.target_line(list, line, Target::Item(index));
        if selected {
            canvas.cursor(list, line);
        }
    }
    whole_line(canvas, foot, screen);
    if toast::in_plan_line(model).is_some() || model.job.is_some() {
        bars::plan(canvas, areas.note);
    }
    bars::hints(canvas, areas.hints);
}

fn search_line(canvas: &Canvas<'_>, screen: &LogScreen) -> Row {
    match (screen.searching, screen.search.value()) {
        (true, _) => Row::text(" search ").join(add::field(canvas, &screen.search, 40)),
        (false, "") => Row::new(),
        (false, text) => Row::text(" search ").put(text, canvas.theme.strong),
    }
}

fn row(canvas: &Canvas<'_>, line: LogLine<'_>) -> Row {
    let theme = canvas.theme;
    match line {
        LogLine::Text(_, text) => Row::text("    ").put(text, Style::new()),
        LogLine::Title(entry) => {
            let time =
                Row::new().put(time_of_day(canvas.model, entry.since), theme.faint).put("  ", Style::new());
            let time = match &entry.outcome {
                Outcome::Note => return time.put(&entry.title, theme.strong),
                Outcome::Running => {
                    let seconds = u64::try_from(canvas.model.now - entry.since).unwrap_or(0);
                    time.cell("running", 8, theme.strong).right(
                        duration(seconds * 1000),
                        LONGEST_TIME,
                        theme.faint,
                    )
                }
                Outcome::Done(milliseconds) => {
                    time.cell("done", 8, theme.good).right(duration(*milliseconds), LONGEST_TIME, theme.faint)
                }
                Outcome::Failed(_, milliseconds) => time.cell("failed", 8, theme.error).right(
                    duration(*milliseconds),
                    LONGEST_TIME,
                    theme.faint,
                ),
            };
            time.put("  ", Style::new()).put(&entry.title, theme.strong).put(remarks(entry), theme.faint)
        }
    }
}

fn remarks(entry: &LogEntry) -> String {
    let status = match &entry.outcome {
        Outcome::Failed(status, _) => format!("   ({status})"),
        _ => String::new(),
    };
    match entry.dropped {
        0 => status,
        count => format!("{status}   ({} before these dropped)", counted(count, "line")),
    }
}

/// The line under the cursor, as much of it as the lines at the bottom hold.
fn whole_line(canvas: &mut Canvas<'_>, area: Rect, screen: &LogScreen) {
    let Some(line) = canvas.model.log.line(screen.cursor.selected).filter(|_| area.height > 0) else {
        return;
    };
    let room = usize::from(area.width).saturating_sub(2);
    canvas.row(area, 0, &Row::text(" ").put(theme::RULE.repeat(room), canvas.theme.border));
    let text = match line {
        LogLine::Title(entry) => format!("{}{}", entry.title, remarks(entry)),
        LogLine::Text(_, text) => text.to_owned(),
    };
    for (line, text) in (1..area.height).zip(wrapped(&text, room)) {
        canvas.row(area, line, &Row::text(" ").put(text, Style::new()));
    }
}

fn time_of_day(model: &Model, seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).map(|time| time.to_zoned(model.time_zone.clone()));
    time.map_or_else(
        |_| "??:??:??".to_owned(),
        |time| format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
    )
}
