//! Commands that get the terminal: offered where a check failed because something had to be asked, or
//! where nix's debugger is wanted; afterwards the check is made again.

use std::sync::Arc;

use super::words::{complain, say};
use super::{planning, upgrading};
use crate::core::evaluation::Question;
use crate::core::plan::{LeftReason, Plan};
use crate::core::visible;
use crate::system::nix::Front;
use crate::tui::effect::Effect;
use crate::tui::model::{InFrontOffer, Model};

/// Offers to run what failed in front, if that would help.
pub(super) fn failed(model: &mut Model, plan: &Plan, element: &str, reason: LeftReason) {
    let front = match reason {
        LeftReason::NeedsPrompt => Front::Fetch,
        LeftReason::EvaluationFailed | LeftReason::AttributeGone | LeftReason::NeedsImpure
            if model.debugs =>
        {
            Front::Debug
        }
        _ => return,
    };
    let Some(question) = plan.questions.get(element).cloned() else { return };
    let same = |offer: &InFrontOffer| offer.front == front && offer.question.reference == question.reference;
    if !model.offers.iter().any(same) {
        model.offers.push(InFrontOffer { element: element.to_owned(), question, front });
    }
}

/// The same for additions.
pub(super) fn additions_failed(model: &mut Model) {
    let Some(plan) = model.plan.clone() else { return };
    for (name, reason) in &plan.failed {
        failed(model, &plan, name, *reason);
    }
}

/// It ran; what failed before is asked again.
pub(super) fn came_back(model: &mut Model, question: &Question, answer: Result<(), String>) -> Vec<Effect> {
    if let Err(words) = answer {
        complain(
            model,
            &format!("The command did not end well ({words}); what it said is above firn's screen."),
        );
        return Vec::new();
    }
    Arc::make_mut(&mut model.facts)
        .evaluations
        .retain(|asked, answer| answer.is_ok() || asked.reference != question.reference);
    let failed = model.upgrades.found.iter().filter(|(name, _)| model.upgrades.failure(name).is_some());
    let names: Vec<String> = failed.map(|(name, _)| name.clone()).collect();
    let follows = |name: &String| {
        let element = model.plan.as_ref().and_then(|plan| plan.base.manifest.elements.get(name));
        let source = element.and_then(|element| element.source.as_ref());
        source.is_some_and(|source| source.original_url == question.reference)
    };
    let again: Vec<String> = names.into_iter().filter(follows).collect();
    if again.is_empty() {
        say(model, format!("Done; {} can be asked again.", visible::text(&question.reference)));
        return planning::replan(model);
    }
    upgrading::again(model, &again)
}
