//! `/` in History: by number, by date (`yesterday`, `march`, `2026-03-09`) by what changed, and by label.
//!
//! Every word must be found, in small letters or capitals. A word of digits is the beginning of
//! a generation's number, or a whole number of its date or age, since as a part of anything it would
//! find nearly all. The planned generation stays: it is no part of the history yet.

use jiff::Timestamp;

use super::history;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{GenerationWords, HistoryRow, Model};
use crate::tui::panes::history::{changes, differences};
use crate::tui::view::words::age;

/// Asks for the text.
pub(super) fn open(model: &mut Model) {
    model.history.filter.typing = true;
}

/// Keys while it is typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Accept {
        model.history.filter.typing = false;
    } else {
        history::act(model, action);
    }
    Vec::new()
}

/// Shows all again: tells whether they were not shown.
pub(super) fn clear(model: &mut Model) -> bool {
    let filter = &mut model.history.filter;
    let was_there = filter.typing || !filter.text.value().is_empty();
    filter.typing = false;
    filter.text.reset();
    arrange(model);
    was_there
}

/// The text has changed: the cursor stays on its generation if that is shown, else it goes to
/// the newest one that is.
pub(super) fn arrange(model: &mut Model) {
    let selected = history::generation_under_cursor(model);
    keep(model);
    let first = model.history_rows().iter().position(|row| *row != HistoryRow::Planned);
    history::go_to(model, first.unwrap_or(0));
    history::point_at(model, selected);
}

/// The generations are others, or more is known of them.
pub(super) fn generations_came(model: &mut Model) {
    model.history.filter.found_by.clear();
    keep(model);
}

fn keep(model: &mut Model) {
    let text = model.history.filter.text.value().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        model.history.filter.kept = None;
        model.history.filter.found_by.clear();
        return;
    }
    if model.history.filter.found_by.is_empty() {
        model.history.filter.found_by = found_by(model);
    }
    let has_all = |found: &GenerationWords| words.iter().all(|word| has(found, word));
    let found = model.history.filter.found_by.iter().enumerate().rev();
    model.history.filter.kept =
        Some(found.filter(|(_, found)| has_all(found)).map(|(index, _)| index).collect());
}

fn has(found: &GenerationWords, word: &str) -> bool {
    if !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return found.text.contains(word);
    }
    let mut numbers = found.numbers.iter();
    let is_number = numbers.next().is_some_and(|number| number.starts_with(word));
    is_number || numbers.any(|number| number == word || number.trim_start_matches('0') == word)
}

fn found_by(model: &Model) -> Vec<GenerationWords> {
    let Some(loaded) = model.loaded() else { return Vec::new() };
    loaded.generations.iter().map(|found| words_of(model, loaded, found)).collect()
}

fn words_of(model: &Model, loaded: &LoadedProfile, found: &LoadedGeneration) -> GenerationWords {
    let generation = &found.generation;
    let made = Timestamp::from_second(generation.time).map(|time| time.to_zoned(model.time_zone.clone()));
    let date = made.as_ref().map(|made| made.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let names = made.map(|made| made.strftime("%A %B").to_string()).unwrap_or_default();
    let ago = age(generation.time, model.now, &model.time_zone);
    let note = &found.remarks.note;
    let kept = if note.kept { "kept" } else { "" };
    let label = note.label.as_deref().unwrap_or_default();
    let live = if loaded.current == Some(generation.number) { "live" } else { "" };
    let words = changes(loaded, found).unwrap_or_else(|reason| format!("cannot be read: {reason}"));
    let elements: Vec<String> = differences(loaded, found)
        .into_iter()
        .map(|changed| {
            let marks: Vec<&str> = changed.kinds.iter().map(|kind| kind.mark()).collect();
            format!("{} {}", marks.join(" "), changed.name)
        })
        .collect();
    let numbers = std::iter::once(generation.number.to_string())
        .chain(date.split('-').chain(ago.split(' ')).map(str::to_owned));
    let text = [&date, &names, &ago, live, kept, label, &words, &elements.join(" ")].join("\n");
    GenerationWords { numbers: numbers.collect(), text: text.to_lowercase() }
}
