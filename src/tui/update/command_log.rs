//! `@`: what firn had run, and what came of it. Moves, searches, and takes down reports.

use super::cursor::Move;
use super::{installed, words};
use crate::core::package::PackageName;
use crate::core::{shell_words, visible};
use crate::system::progress::build_line;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{ListCursor, LogEntry, LogLine, LogScreen, Model, Outcome, Overlay, Pane};
use crate::tui::msg::CommandReport;
use crate::tui::overlays::command_log::rows_shown;

/// Columns that a key scrolls.
const SIDEWAYS: usize = 16;

/// Opens the log: at its end, or on a row that failed at what was said about that.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let about = failed_row(model);
    let place = about.as_deref().and_then(|text| last_about(model, text));
    let selected = place.unwrap_or(model.log.len().saturating_sub(1));
    let cursor = ListCursor { selected, offset: selected.saturating_sub(1) };
    let screen = LogScreen { cursor, follows: place.is_none(), ..LogScreen::default() };
    model.overlays.push(Overlay::Log(screen));
    if let (Some(text), None) = (about, place) {
        words::say(model, format!("The log says nothing about {}.", visible::text(&text)));
    }
    Vec::new()
}

/// What the addition under the cursor adds, if it could not be looked up; the element, if it could not
/// be upgraded.
fn failed_row(model: &Model) -> Option<String> {
    let row = installed::under_cursor(model).filter(|_| model.list == Pane::Installed)?;
    if model.upgrades.failure(&row.name).is_some() {
        return Some(row.name.clone());
    }
    row.refused.as_ref()?;
    let change = model.transaction.changes().get(row.added_by?)?;
    change.installable().map(|installable| installable.text)
}

/// The last line of the log of a build of that name, else the command that failed for a text, else
/// the last line that has it.
fn last_about(model: &Model, text: &str) -> Option<usize> {
    let quoted = shell_words::quoted(text);
    let failed =
        |entry: &LogEntry| matches!(entry.outcome, Outcome::Failed(..)) && entry.title.contains(&quoted);
    let command = model.log.starts().rfind(|(_, entry)| failed(entry)).map(|(start, _)| start);
    let shown = visible::text(text);
    let last = |is_meant: &dyn Fn(&str) -> bool| {
        let lines = model.log.lines_from(0).enumerate();
        lines.filter(|(_, line)| is_meant(text_of(line))).last().map(|(index, _)| index)
    };
    let is_of_build =
        |line: &str| build_line(line).is_some_and(|(name, _)| PackageName::split(name).name == shown);
    last(&is_of_build).or(command).or_else(|| last(&|line| line.contains(&shown)))
}

/// The text of a line, for searching and copying.
pub(super) fn text_of<'a>(line: &LogLine<'a>) -> &'a str {
    match line {
        LogLine::Title(entry) => &entry.title,
        LogLine::Text(_, text) => text,
    }
}

/// Moves, scrolls, searches.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let last = model.log.len().saturating_sub(1);
    let height = rows_shown(model.size);
    let next = match action {
        Action::NextCommand | Action::PreviousCommand => Some(next_command(model, action)),
        _ => None,
    };
    let Some(screen) = screen(model) else { return Vec::new() };
    if let Some(step) = Move::of(action, height) {
        screen.cursor.selected = step.from(screen.cursor.selected, last);
    } else if let Some(next) = next {
        screen.cursor.selected = next;
        screen.cursor.offset = next;
    }
    screen.follows = screen.cursor.selected == last;
    match action {
        Action::ScrollRight => screen.sideways += SIDEWAYS,
        Action::ScrollLeft => screen.sideways = screen.sideways.saturating_sub(SIDEWAYS),
        Action::Filter => {
            screen.searching = true;
            screen.search.reset();
        }
        Action::Accept => {
            screen.searching = false;
            if !screen.search.value().is_empty() {
                jump(model, Action::SearchNext);
            }
        }
        Action::SearchNext | Action::SearchPrevious => jump(model, action),
        _ => {}
    }
    Vec::new()
}

/// However the cursor came to the newest line: there it stays on the newest one.
pub(super) fn follow_if_at_end(model: &mut Model) {
    let last = model.log.len().saturating_sub(1);
    if let Some(screen) = screen(model) {
        screen.follows = screen.cursor.selected == last;
    }
}

/// The wheel has no way to move the cursor but the window: at its end it means the newest line.
pub(super) fn go_to_end_if_shown(model: &mut Model) {
    let (lines, height) = (model.log.len(), rows_shown(model.size));
    let Some(screen) = screen(model) else { return };
    if screen.cursor.offset + height >= lines {
        screen.cursor.selected = lines.saturating_sub(1);
    }
}

/// Esc ends the search first, then closes the screen: tells whether it was the search.
pub(super) fn stop_search(model: &mut Model) -> bool {
    let Some(screen) = screen(model) else { return false };
    let searched = screen.searching || !screen.search.value().is_empty();
    screen.searching = false;
    screen.search.reset();
    searched
}

/// The screen, if it is on top.
fn screen(model: &mut Model) -> Option<&mut LogScreen> {
    match model.overlays.last_mut() {
        Some(Overlay::Log(screen)) => Some(screen),
        _ => None,
    }
}

/// What the log is searched for; `None` if it is not on top.
pub(super) fn searched(model: &Model) -> Option<&str> {
    match model.overlays.last() {
        Some(Overlay::Log(screen)) => Some(screen.search.value()),
        _ => None,
    }
}

/// The line under the cursor.
pub(super) fn under_cursor(model: &Model) -> Option<LogLine<'_>> {
    match model.overlays.last() {
        Some(Overlay::Log(screen)) => model.log.line(screen.cursor.selected),
        _ => None,
    }
}

fn next_command(model: &Model, action: Action) -> usize {
    let here = match model.overlays.last() {
        Some(Overlay::Log(screen)) => screen.cursor.selected,
        _ => 0,
    };
    let mut starts = model.log.starts().map(|(start, _)| start);
    let found = match action {
        Action::NextCommand => starts.find(|start| *start > here),
        _ => starts.rfind(|start| *start < here),
    };
    found.unwrap_or(here)
}

/// Jumps to the next or previous line that has the text; small letters find capitals.
fn jump(model: &mut Model, action: Action) {
    let Some(wanted) = searched(model).map(str::to_owned) else { return };
    let exact = wanted.chars().any(char::is_uppercase);
    let has = |text: &str| if exact { text.contains(&wanted) } else { text.to_lowercase().contains(&wanted) };
    let lines = model.log.lines_from(0).enumerate();
    let places: Vec<usize> = lines.filter(|(_, line)| has(text_of(line))).map(|(index, _)| index).collect();
    let Some(screen) = screen(model) else { return };
    let here = screen.cursor.selected;
    let (next, around) = match action {
        Action::SearchNext => (places.iter().position(|place| *place > here), 0),
        _ => (places.iter().rposition(|place| *place < here), places.len().saturating_sub(1)),
    };
    let position = next.unwrap_or(around);
    let Some(place) = places.get(position) else {
        return words::say(model, format!("No line contains '{}'.", visible::text(&wanted)));
    };
    screen.cursor.selected = *place;
    screen.follows = false;
    let wrapped = if next.is_none() { ", around the end" } else { "" };
    words::say(model, format!("{} of {}{wrapped}", position + 1, places.len()));
}

/// A command begins, prints, ends.
pub(super) fn reported(model: &mut Model, command: u64, report: CommandReport) {
    let dropped = match report {
        CommandReport::Started(line) => {
            model.log.push(LogEntry::command(command, &visible::text(&line), model.now))
        }
        CommandReport::Printed(text) => {
            if let Some(job) = &mut model.job {
                job.heard(&text);
            }
            let lines = text.lines().map(visible::text).collect::<Vec<_>>();
            lines.into_iter().map(|line| model.log.print(command, line)).sum()
        }
        CommandReport::Ended { failure, milliseconds } => {
            let outcome = match failure {
                None => Outcome::Done(milliseconds),
                Some(status) => Outcome::Failed(visible::text(&status), milliseconds),
            };
            model.log.end(command, outcome);
            0
        }
    };
    lines_went(model, dropped);
}

/// Lines at the beginning are gone: what is on screen stays where it is.
pub(super) fn lines_went(model: &mut Model, count: usize) {
    for overlay in &mut model.overlays {
        if let Overlay::Log(screen) = overlay {
            screen.cursor.selected = screen.cursor.selected.saturating_sub(count);
            screen.cursor.offset = screen.cursor.offset.saturating_sub(count);
        }
    }
}
