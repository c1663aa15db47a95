//! `*` and `e` in History: generations that are kept, and labels. They count at once, are no part
//! of the plan, and lie in firn's own state folder.

use super::words::{complain, names, say};
use super::{history, history_filter};
use crate::core::generation_note::GenerationNote;
use crate::ops::load_profile::LoadedProfile;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{HistoryRow, Model, Noting, ProfileLoad};
use crate::tui::panes::history::generation;

/// What is noted about a generation.
pub(super) fn note_of(loaded: &LoadedProfile, number: u64) -> Option<&GenerationNote> {
    generation(loaded, number).map(|found| &found.remarks.note)
}

/// Whether the user keeps a generation.
pub(super) fn is_kept(model: &Model, number: u64) -> bool {
    model.loaded().and_then(|loaded| note_of(loaded, number)).is_some_and(|note| note.kept)
}

/// Why nothing can be noted about the row.
pub(super) fn why_off(model: &Model) -> Option<String> {
    if let Some(problem) = &model.history.notes_problem {
        return Some(format!("Nothing is noted, so that nothing is lost: {problem}"));
    }
    if model.read_only {
        return model.why_read_only().map(str::to_owned);
    }
    match history::under_cursor(model) {
        Some(HistoryRow::Generation(_)) => None,
        Some(HistoryRow::Planned) => Some("This generation is not made yet.".to_owned()),
        None => Some("This profile has no generations yet.".to_owned()),
    }
}

/// `*`: keeps the marked generations, else this one; if all are kept already, lets them go.
pub(super) fn switch_keep(model: &Model) -> Vec<Effect> {
    let numbers = history::marked_or_under_cursor(model);
    let keep = !numbers.iter().all(|number| is_kept(model, *number));
    vec![Effect::Note { numbers, noting: Noting::Keep(keep) }]
}

/// It was noted, or could not be.
pub(super) fn ended(
    model: &mut Model,
    noting: &Noting,
    answer: Result<Vec<(u64, GenerationNote)>, String>,
) -> Vec<Effect> {
    let noted = match answer {
        Ok(noted) => noted,
        Err(text) => {
            complain(model, &text);
            return vec![Effect::CheckNotes];
        }
    };
    let which: Vec<String> = noted.iter().map(|(number, _)| number.to_string()).collect();
    let had_label = |number| {
        model.loaded().and_then(|loaded| note_of(loaded, number)).is_some_and(|note| note.label.is_some())
    };
    let had_label = noted.iter().any(|(number, _)| had_label(*number));
    if let ProfileLoad::Loaded(loaded) = &mut model.profile {
        for (number, note) in noted {
            // Generations that share a store path share their note.
            let target = generation(loaded, number).map(|found| found.generation.target.clone());
            let same = |found: &&mut crate::ops::load_profile::LoadedGeneration| {
                Some(&found.generation.target) == target.as_ref()
            };
            loaded.generations.iter_mut().filter(same).for_each(|found| found.remarks.note = note.clone());
        }
    }
    history_filter::generations_came(model);
    let verb = if which.len() == 1 { "is" } else { "are" };
    let which = names(&which);
    let keep = model.keymap.name(Scope::History, Action::Keep);
    say(
        model,
        match noting {
            Noting::Keep(true) => format!("{which} {verb} kept: no deletion takes it. {keep} lets it go."),
            Noting::Keep(false) => format!("{which} {verb} not kept any more."),
            Noting::Label(text) if text.trim().is_empty() && !had_label => {
                format!("{which} had no label; nothing changed.")
            }
            Noting::Label(text) if text.trim().is_empty() => format!("{which} has no label any more."),
            Noting::Label(_) => format!("{which} is labelled."),
        },
    );
    Vec::new()
}

/// The file of notes was looked at: whether it can be read.
pub(super) fn checked(model: &mut Model, problem: Option<String>) {
    if let Some(problem) = &problem
        && model.history.notes_problem.is_none()
    {
        complain(model, &format!("Labels and kept generations are not shown: {problem}"));
    }
    model.history.notes_problem = problem;
}
