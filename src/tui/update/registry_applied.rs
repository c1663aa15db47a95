//! A plan with edits of the user's registry was applied: what that leaves to say and to read again.

use super::answers::forget_plan;
use super::words::{complain, say};
use crate::core::change::Change;
use crate::core::registry::{Layer, Registry};
use crate::core::transaction::Transaction;
use crate::core::visible;
use crate::ops::write_registry::WrittenRegistry;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Overlay};

/// The registry was written, behind the profile if that was switched.
pub(super) fn edited(
    model: &mut Model,
    switched: Option<(Option<u64>, u64)>,
    written: &WrittenRegistry,
) -> Vec<Effect> {
    let kept = if written.backup.is_some() { "; the old file is kept" } else { "" };
    let back = model.keys_back();
    let text = match switched {
        None => format!("The registry is changed{kept}."),
        Some((from, to)) => {
            let undo = from.map(|from| format!(" {back} goes back to {from}, but for the registry."));
            format!("Generation {to} is live and the registry changed{kept}.{}", undo.unwrap_or_default())
        }
    };
    let mut effects = forget_plan(model, text);
    effects.push(Effect::LoadRegistries);
    effects
}

/// The profile was switched, the registry not written: its edits stay staged.
pub(super) fn half_done(model: &mut Model, live: u64, problem: &str) -> Vec<Effect> {
    let edits: Vec<Change> = model.transaction.changes().to_vec();
    let edits = edits.into_iter().filter(|change| change.registry_edit().is_some()).collect();
    let known = model.facts.registries.clone();
    let user = known.map_or_else(Registry::default, |known| known.registries.layer(Layer::User).clone());
    let mut effects =
        forget_plan(model, format!("Generation {live} is live; the registry edits stay staged."));
    model.transaction = Transaction::default();
    model.transaction.stage_registry(&user, edits);
    let problem = visible::text(problem);
    complain(model, &format!("Generation {live} is live, but the registry could not be written: {problem}"));
    effects.push(Effect::LoadRegistries);
    effects
}

/// Another program changed the registry since the plan was made: nothing was done.
pub(super) fn moved(model: &mut Model) -> Vec<Effect> {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Review(_)));
    let review = model.keymap.name(Scope::Installed, Action::Review);
    let words = "Another program changed your registry; nothing was applied.";
    say(model, format!("{words} Your plan stands on top of it: {review} reviews it again."));
    vec![Effect::LoadRegistries]
}
