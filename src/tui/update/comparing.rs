//! Two generations: compared with their trees when their difference is on the screen, once.

use std::sync::Arc;

use crate::core::comparison::Comparison;
use crate::core::plan::Base;
use crate::core::store_path::StorePath;
use crate::ops::compare_generations::KnownPackages;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile};
use crate::tui::effect::Effect;
use crate::tui::model::{Compared, Model};
use crate::tui::panes::difference::{Subject, between_generations, subject};
use crate::tui::panes::history::generation;
use crate::tui::panes::preview;

/// Orders the comparison of the two generations that are shown.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    let Subject::Generations(from, to) = subject(model) else { return None };
    if !preview::shows_difference(model) || between_generations(model, from, to).is_err() {
        return None;
    }
    // What the plan needs is being read: it is most of what this needs.
    if model.plan.as_ref().is_some_and(|plan| !plan.needs.is_empty()) {
        return None;
    }
    let loaded = model.loaded()?;
    let (before, after) = (generation(loaded, from)?, generation(loaded, to)?);
    let compared = (before.generation.target.clone(), after.generation.target.clone());
    let pane = &model.history.comparisons;
    if pane.of(&compared).is_some() || pane.asked.as_ref() == Some(&compared) {
        return None;
    }
    let before = base(loaded, before)?;
    let after = Arc::clone(after.manifest.as_ref().ok()?);
    let known = pane.known.clone().unwrap_or_else(|| KnownPackages::new(model.facts.trees.clone()));
    model.history.comparisons.asked = Some(compared.clone());
    Some(Effect::Compare { compared, before, after, known: Box::new(known) })
}

fn base(loaded: &LoadedProfile, found: &LoadedGeneration) -> Option<Arc<Base>> {
    let store_dir = loaded.base.store_dir.clone();
    let store_path = StorePath::parse(&store_dir, &found.generation.target).ok();
    if store_path.is_some() && store_path == loaded.base.store_path {
        return Some(Arc::clone(&loaded.base));
    }
    let manifest = (**found.manifest.as_ref().ok()?).clone();
    Some(Arc::new(Base { store_path, manifest, store_dir }))
}

/// Two generations were compared.
pub(super) fn take(
    model: &mut Model,
    compared: Compared,
    answer: Result<Box<(Arc<Comparison>, KnownPackages)>, String>,
) {
    let pane = &mut model.history.comparisons;
    if pane.asked.as_ref() == Some(&compared) {
        pane.asked = None;
    }
    match answer {
        Ok(found) => {
            let (comparison, known) = *found;
            pane.known = Some(known);
            pane.learn(compared, Ok(comparison));
        }
        Err(words) => pane.learn(compared, Err(Arc::from(words))),
    }
}
