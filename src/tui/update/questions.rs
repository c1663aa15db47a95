//! Yes or no questions.

use super::{nix_options, planning, profiles, rebuilding, registry_form, space, words};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, Question};

/// Asks.
pub(super) fn ask(model: &mut Model, question: Question) -> Vec<Effect> {
    model.overlays.push(Overlay::Question(question));
    Vec::new()
}

/// Answers.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Question(question)) = model.overlays.last().filter(|_| is_answer(action)) else {
        return Vec::new();
    };
    let question = question.clone();
    model.overlays.pop();
    if let Question::FlakeSettings(wanted) = question {
        return nix_options::answered(model, wanted, action);
    }
    if action == Action::No {
        return Vec::new();
    }
    match question {
        Question::DropPlan => {
            model.transaction.clear();
            let undo = model.keymap.name(model.scope(), Action::Undo);
            words::say(
                model,
                format!("The plan is dropped; the profile is as it was. {undo} brings it back."),
            );
            planning::replan(model)
        }
        Question::OverrideEntry { layer, from, to } => {
            registry_form::override_entry(model, (layer, &from, &to))
        }
        Question::QuitWithPlan => {
            model.quit = true;
            Vec::new()
        }
        Question::InFront(offer) => vec![Effect::InFront(offer.question, offer.front)],
        // Answered above: it has more than two answers.
        Question::FlakeSettings(_) => Vec::new(),
        Question::CollectGarbage => space::collect(model),
        Question::Rebuild => rebuilding::make(model),
        Question::OpenProfile(link) => profiles::go_to(model, link),
        Question::QuitWithJob => {
            model.quit = true;
            vec![Effect::Cancel]
        }
    }
}

fn is_answer(action: Action) -> bool {
    matches!(action, Action::Yes | Action::No | Action::Once)
}
