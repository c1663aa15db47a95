//! Options of Nix from the palette: a typed line for this run, or remembered for elements; and what
//! flakes want to set, which becomes a question once nothing else has the keys.

use std::sync::Arc;

use super::words::{complain, names, say};
use super::{installed, planning, text_field};
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::core::plan::Plan;
use crate::core::upgrade::{self, Mend};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Asks, FlakeSettings, Model, OptionsDeed, Overlay, Question};

/// Asks what is remembered for the profile that was read.
pub(super) fn ask(model: &Model) -> Option<Effect> {
    Some(Effect::ReadOptions(Arc::clone(&model.loaded()?.base)))
}

/// Why options of elements cannot be remembered.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    if action == Action::OptionsForRun {
        return (model.store_title == "playground")
            .then(|| "The playground asks no nix that options could be for.".to_owned());
    }
    if let Some(problem) = &model.options.problem {
        return Some(format!("Nothing is remembered, so that nothing is lost: {problem}"));
    }
    if model.read_only {
        return model.why_read_only().map(str::to_owned);
    }
    let plan = model.plan.as_deref()?;
    let first = installed::targets(model).into_iter().next()?;
    let is_known = plan.base.manifest.elements.contains_key(&first) || addition(plan, &first).is_some();
    (!is_known).then(|| format!("{} is not known any more.", visible::text(&first)))
}

/// The installable of an element that is staged to be added.
fn addition(plan: &Plan, name: &str) -> Option<String> {
    let index = plan.elements.iter().find(|row| row.name == name)?.added_by?;
    Some(plan.changes.get(index)?.installable()?.shown().to_owned())
}

/// Opens the line for this run, or for the targets.
pub(super) fn open(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::OptionsForRun {
        let line = model.options.run.line();
        return text_field::open(model, Asks::RunOptions, line);
    }
    let first = installed::targets(model).into_iter().next();
    let known = first.as_ref().and_then(|name| match addition(model.plan.as_deref()?, name) {
        Some(installable) => model.options.additions.get(&installable),
        None => model.options.remembered.elements.get(name),
    });
    let line = known.map(NixOptions::line).or_else(|| what_would_allow(model, first.as_deref()));
    text_field::open(model, Asks::ElementOptions, line.unwrap_or_default())
}

/// The options without which the element could not be upgraded, if that is why.
fn what_would_allow(model: &Model, element: Option<&str>) -> Option<String> {
    let element = element?;
    let upgrade = model.upgrades.failure(element).map(|(reason, _)| reason);
    let reason = upgrade.or_else(|| model.plan.as_ref()?.failed.get(element).copied())?;
    match upgrade::allows(reason)? {
        Mend::Impure(Some(variable)) => Some(format!("{variable}=1 --impure")),
        _ => Some("--impure".to_owned()),
    }
}

/// What to press for an addition that only has to be allowed, as the end of a sentence.
pub(super) fn offer(model: &Model, installable: &str) -> Option<String> {
    let plan = model.plan.as_deref()?;
    let is_it = |name: &&String| addition(plan, name).as_deref() == Some(installable);
    let element = plan.failed.keys().find(is_it)?;
    what_would_allow(model, Some(element))?;
    let palette = model.keymap.name(Scope::Installed, Action::Palette);
    Some(format!(", or {palette} and 'options remembered' for it alone"))
}

/// Takes the line.
pub(super) fn accept(model: &mut Model, asks: &Asks, line: &str) -> Vec<Effect> {
    let options = match NixOptions::parse(line) {
        Ok(options) => options,
        Err(error) => {
            say(model, format!("Not taken: {}.", visible::text(&error.to_string())));
            return Vec::new();
        }
    };
    model.overlays.pop();
    if *asks == Asks::RunOptions {
        return vec![Effect::SetRunOptions(options)];
    }
    let (Some(plan), targets) = (model.plan.clone(), installed::targets(model)) else { return Vec::new() };
    let (added, names): (Vec<String>, Vec<String>) =
        targets.into_iter().partition(|name| addition(&plan, name).is_some());
    let mut effects = of_additions(model, &plan, &added, &options);
    if !names.is_empty() {
        effects.push(Effect::RememberOptions { base: Arc::clone(&plan.base), names, options });
    }
    effects
}

/// What is staged to be added is asked for with these; they are remembered once it is applied.
fn of_additions(model: &mut Model, plan: &Plan, added: &[String], options: &NixOptions) -> Vec<Effect> {
    if added.is_empty() {
        return Vec::new();
    }
    for installable in added.iter().filter_map(|name| addition(plan, name)) {
        if options.is_empty() {
            model.options.additions.remove(&installable);
        } else {
            model.options.additions.insert(installable, options.clone());
        }
    }
    let effects = take_over(model);
    let line = visible::text(&options.line());
    say(
        model,
        if line.is_empty() {
            format!("No options for {} any more.", names(added))
        } else {
            format!("For {}: nix is asked with {line}; remembered once it is applied.", names(added))
        },
    );
    effects
}

/// The options of this run are others; what was learnt without them may not be so.
pub(super) fn run_set(model: &mut Model, options: NixOptions, answer: Result<(), String>) -> Vec<Effect> {
    if let Err(words) = answer {
        complain(model, &words);
        return Vec::new();
    }
    let line = options.line();
    model.options.run = options;
    let facts = Arc::make_mut(&mut model.facts);
    facts.evaluations.clear();
    facts.installables.clear();
    facts.refused.clear();
    facts.failed_builds.clear();
    model.asked = None;
    let mut effects = vec![Effect::LoadRegistries];
    effects.extend(planning::replan(model));
    say(
        model,
        if line.is_empty() {
            "No options for this run any more.".to_owned()
        } else {
            format!("For this run: {}. Every nix call from now on has it.", visible::text(&line))
        },
    );
    effects
}

/// What is remembered is known, or cannot be.
pub(super) fn read(
    model: &mut Model,
    deed: OptionsDeed,
    answer: Result<RememberedOptions, String>,
) -> Vec<Effect> {
    match answer {
        Ok(remembered) => {
            model.options.remembered = remembered;
            model.options.problem = None;
        }
        Err(words) => {
            model.options.problem = Some(words.clone());
            complain(model, &words);
            return Vec::new();
        }
    }
    match deed {
        OptionsDeed::Read => {}
        OptionsDeed::Elements(elements, options) if options.is_empty() => {
            say(model, format!("No options are remembered for {} any more.", names(&elements)));
        }
        OptionsDeed::Elements(elements, options) => {
            let line = visible::text(&options.line());
            say(model, format!("Remembered for {}: nix is asked with {line}.", names(&elements)));
        }
        OptionsDeed::Flake(flake, accepted) => {
            let words =
                if accepted { "are accepted, here and next time" } else { "are left out from now on" };
            say(model, format!("Settings of {} {words}.", visible::text(&flake)));
        }
    }
    take_over(model)
}

/// Questions get what is set now; what failed or was found without that is asked anew.
fn take_over(model: &mut Model) -> Vec<Effect> {
    let options = model.options.of_questions();
    if *model.facts.options == options {
        return Vec::new();
    }
    Arc::make_mut(&mut model.facts).options = Arc::new(options);
    planning::replan(model)
}

/// A flake wants settings that nobody has accepted.
pub(super) fn wanted(model: &mut Model, flake: String, settings: Vec<String>) {
    let is_waiting = model.options.wanted.iter().any(|wanted| wanted.flake == flake);
    if !is_waiting && !model.options.is_answered(&flake) {
        model.options.wanted.push(FlakeSettings { flake, settings });
    }
}

/// Asks about the next flake, once its answers are in and nothing else has the keys: a question that
/// opened under somebody's fingers could be answered by a key that was meant for something else.
pub(super) fn settle(model: &mut Model) {
    let is_main =
        matches!(model.scope(), Scope::Installed | Scope::Registry | Scope::History | Scope::Preview);
    let is_learning = model.plan.as_ref().is_none_or(|plan| !plan.needs.evaluations.is_empty());
    if !is_main || is_learning {
        return;
    }
    if !model.offers.is_empty() {
        let offer = model.offers.remove(0);
        return model.overlays.push(Overlay::Question(Question::InFront(offer)));
    }
    if model.options.wanted.is_empty() {
        return;
    }
    let wanted = model.options.wanted.remove(0);
    // Once is enough, whatever closes the question.
    model.options.put_off.insert(wanted.flake.clone());
    model.overlays.push(Overlay::Question(Question::FlakeSettings(wanted)));
}

/// The question was answered.
pub(super) fn answered(model: &mut Model, wanted: FlakeSettings, action: Action) -> Vec<Effect> {
    let Some(base) = model.plan.as_ref().map(|plan| Arc::clone(&plan.base)) else { return Vec::new() };
    let flake = wanted.flake;
    match action {
        Action::Yes if !model.read_only => vec![Effect::AnswerFlake { base, flake, accepted: true }],
        Action::No if !model.read_only => vec![Effect::AnswerFlake { base, flake, accepted: false }],
        Action::Yes | Action::Once => {
            say(model, format!("Settings of {} are accepted until firn ends.", visible::text(&flake)));
            model.options.trusted_now.insert(flake);
            take_over(model)
        }
        _ => Vec::new(),
    }
}
