//! `-` and `r`: the sheet that asks before another generation is made live.

use tui_input::Input;

use super::cursor::Move;
use super::history;
use crate::core::essentials::Lost;
use crate::core::{essentials, generation};
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{HistoryRow, Job, JobKind, Model, Overlay, Pane, RollbackSheet};
use crate::tui::panes::difference::comparison;
use crate::tui::view::max_scroll;

/// Opens the sheet.
pub(super) fn open(model: &mut Model, action: Action) -> Vec<Effect> {
    let Ok(to) = target(model, model.scope(), action) else { return Vec::new() };
    let named = action == Action::GoBack || model.focus == Pane::History;
    if named && !model.settings.confirm_rollback && lost_by_going_back(model, to).is_empty() {
        return switch(model, to);
    }
    let from = model.loaded().and_then(|loaded| loaded.current);
    model.overlays.push(Overlay::Rollback(RollbackSheet { from, to, scroll: 0 }));
    Vec::new()
}

/// What other things rest on and a generation lacks. Compared trees tell what is hidden, too.
pub fn lost_by_going_back(model: &Model, to: u64) -> Vec<Lost> {
    let Some(loaded) = model.loaded() else { return Vec::new() };
    let found = loaded.generations.iter().find(|found| found.generation.number == to);
    let Some(Ok(after)) = found.map(|found| &found.manifest) else { return Vec::new() };
    let compared = loaded.current.and_then(|live| comparison(model, live, to));
    match compared {
        Some(Ok(found)) => found.lost.clone(),
        _ => essentials::lost_between(&loaded.base.manifest, after, &model.programs),
    }
}

/// Switches. Nothing is deleted by it, and the way back is one key.
pub(super) fn switch(model: &mut Model, to: u64) -> Vec<Effect> {
    model.job = Some(Job::new(JobKind::RollBack, model.now));
    vec![Effect::RollBack(to)]
}

/// Where a key of a place would lead, or why nowhere.
pub(super) fn target(model: &Model, scope: Scope, action: Action) -> Result<u64, String> {
    let Some(loaded) = model.loaded() else { return Err("The profile has not been read yet.".to_owned()) };
    if action == Action::GoBack {
        let choose = model.keymap.name(scope, Action::FocusHistory);
        if loaded.damaged.is_some() {
            return last_readable(loaded).ok_or_else(|| "No other generation can be read either.".to_owned());
        }
        return loaded.last_live.ok_or_else(|| {
            format!(
                "firn has not switched this profile, so it knows no way back. {choose} shows all generations."
            )
        });
    }
    if scope == Scope::History {
        return match history::under_cursor(model) {
            Some(HistoryRow::Generation(index)) => {
                let number = loaded.generations.get(index).map_or(0, |found| found.generation.number);
                if loaded.current == Some(number) {
                    Err(format!("{number} is live already."))
                } else {
                    Ok(number)
                }
            }
            Some(HistoryRow::Planned) => {
                let review = model.keymap.name(scope, Action::Review);
                Err(format!("This generation is not made yet. {review} reviews and makes it."))
            }
            None => Err("This profile has no generations yet.".to_owned()),
        };
    }
    let generations: Vec<_> = loaded.generations.iter().map(|found| found.generation.clone()).collect();
    generation::rollback_target(&generations, loaded.current, None).map_err(|error| {
        let text = error.to_string();
        let mut letters = text.chars();
        letters
            .next()
            .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
    })
}

/// The generation to go back to when what is live is damaged: the one that was live before, else the
/// next older one, else the newest.
pub fn last_readable(loaded: &LoadedProfile) -> Option<u64> {
    let is_readable =
        |found: &&LoadedGeneration| found.manifest.is_ok() && Some(found.generation.number) != loaded.current;
    let readable: Vec<u64> =
        loaded.generations.iter().filter(is_readable).map(|found| found.generation.number).collect();
    let older = || readable.iter().rev().find(|number| Some(**number) < loaded.current).copied();
    let live_before = loaded.last_live.filter(|number| readable.contains(number));
    live_before.or_else(older).or_else(|| readable.last().copied())
}

/// Scrolls, rolls back, stays.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let limit = max_scroll(model);
    let Some(Overlay::Rollback(sheet)) = model.overlays.last_mut() else { return Vec::new() };
    let step = match action {
        Action::ScrollDown => Move::Down(1),
        Action::ScrollUp => Move::Up(1),
        Action::Top => Move::Top,
        Action::Bottom => Move::Bottom,
        Action::Yes => {
            let to = sheet.to;
            if lost_by_going_back(model, to).is_empty() {
                return switch(model, to);
            }
            model.overlays.push(Overlay::TypeName(Input::default()));
            return Vec::new();
        }
        Action::No => {
            model.overlays.pop();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    sheet.scroll = step.from(sheet.scroll, limit);
    Vec::new()
}
