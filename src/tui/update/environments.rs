//! What an upgrade changes inside an environment: asked once for each that the plan changes, shown
//! wherever the element is.

use std::sync::Arc;

use super::contained;
use super::words::log;
use crate::core::contained_outputs::ContainedPackage;
use crate::core::environment_difference::ContentChange;
use crate::core::store_path::StorePath;
use crate::ops::compare_environments::EnvironmentChange;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Told};

/// Asks about the environments that the plan changes, each once; a plan that still learns is left alone.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone().filter(|plan| plan.needs.is_empty() && !plan.files.is_empty()) else {
        return Vec::new();
    };
    let changes = EnvironmentChange::of_plan(&plan).into_iter().map(|(_, change)| change);
    let fresh: Vec<EnvironmentChange> =
        changes.filter(|change| !model.environments.changes.contains_key(change)).collect();
    for change in &fresh {
        model.environments.changes.insert(change.clone(), Told::Asked);
    }
    fresh.into_iter().map(Effect::CompareEnvironments).collect()
}

/// It is known what changes inside.
pub(super) fn compared(
    model: &mut Model,
    change: EnvironmentChange,
    answer: Result<Arc<Option<Vec<ContentChange>>>, String>,
) {
    let told = told(model, answer);
    model.environments.changes.insert(change, told);
}

/// It is known what is in an environment.
pub(super) fn found(
    model: &mut Model,
    paths: Vec<StorePath>,
    answer: Result<Arc<Vec<ContainedPackage>>, String>,
) -> Vec<Effect> {
    let told = told(model, answer);
    model.environments.contained.insert(paths, told);
    contained::refresh(model);
    super::planning::ask(model)
}

fn told<T>(model: &mut Model, answer: Result<Arc<T>, String>) -> Told<T> {
    match answer {
        Ok(answer) => Told::Known(answer),
        Err(words) => {
            log(model, &words);
            Told::Failed(words)
        }
    }
}
