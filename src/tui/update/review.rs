//! `w`: the review. Only here a plan is applied, by `y`, and only the plan that was looked at.

use tui_input::Input;

use super::cursor::Move;
use super::realising;
use super::rollback::{lost_by_going_back, switch};
use super::words::say;
use crate::core::essentials::Lost;
use crate::core::visible;
use crate::ops::apply_plan::Replace;
use crate::system::profile_folder::ProfileState;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model, Overlay, ReviewScreen};
use crate::tui::view::max_scroll;

/// Opens the review of the plan as it is now.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let screen = ReviewScreen { scroll: 0, revision: model.revision };
    model.overlays.push(Overlay::Review(screen));
    Vec::new()
}

/// Scrolls, applies, goes back.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let limit = max_scroll(model);
    let Some(Overlay::Review(screen)) = model.overlays.last_mut() else { return Vec::new() };
    let step = match action {
        Action::ScrollDown => Move::Down(1),
        Action::ScrollUp => Move::Up(1),
        Action::Top => Move::Top,
        Action::Bottom => Move::Bottom,
        Action::Yes if !model.lost.is_empty() => {
            model.overlays.push(Overlay::TypeName(Input::default()));
            return Vec::new();
        }
        Action::Yes => return apply(model),
        Action::No => {
            model.overlays.pop();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    screen.scroll = step.from(screen.scroll, limit);
    Vec::new()
}

/// What is lost by what stands below the field: a rollback, else the plan.
pub fn lost_now(model: &Model) -> Vec<Lost> {
    match rollback_below(model) {
        Some(to) => lost_by_going_back(model, to),
        None => model.lost.clone(),
    }
}

/// The generation that a rollback sheet asks about.
fn rollback_below(model: &Model) -> Option<u64> {
    model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Rollback(sheet) => Some(sheet.to),
        _ => None,
    })
}

/// What has to be typed before essential elements go: their names with blanks between.
pub fn lost_names(model: &Model) -> String {
    let mut names: Vec<String> = lost_now(model).iter().map(|lost| visible::text(&lost.element)).collect();
    names.dedup();
    names.join(" ")
}

/// Applies if the names were typed.
pub(super) fn accept_names(model: &mut Model, action: Action) -> Vec<Effect> {
    let (Action::Accept, Some(Overlay::TypeName(input))) = (action, model.overlays.last()) else {
        return Vec::new();
    };
    let names = lost_names(model);
    if input.value().trim() != names {
        let close = model.keymap.name(Scope::TypeName, Action::Close);
        say(model, format!("That is not what goes: type {names}, or press {close} to go back."));
        return Vec::new();
    }
    model.overlays.pop();
    match rollback_below(model) {
        Some(to) => switch(model, to),
        None => apply(model),
    }
}

fn apply(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    model.job = Some(Job::new(JobKind::Apply, model.now));
    // The review says in words what would be replaced; `y` is the answer to that too.
    let replace = match model.loaded().map(|loaded| &loaded.state) {
        Some(ProfileState::Dangling | ProfileState::WithoutManifest) => Replace::Anything,
        _ => Replace::Profiles,
    };
    vec![realising::applying(model, &plan, replace)]
}
