//! What an upgrade changes inside an environment, in lines for whoever shows the element.
//!
//! `zlib 1.2.11 → 1.2.13`, or why there is nothing to tell yet.

use crate::core::environment_difference::ContentChange;
use crate::core::visible;
use crate::ops::compare_environments::EnvironmentChange;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, Told};

/// The lines of an element; none if the plan changes nothing inside, or it is no environment.
pub fn inside(model: &Model, element: &str) -> Vec<String> {
    let Some(plan) = &model.plan else { return Vec::new() };
    let changes = EnvironmentChange::of_plan(plan);
    let Some((_, change)) = changes.into_iter().find(|(name, _)| *name == element) else { return Vec::new() };
    match model.environments.changes.get(&change) {
        None | Some(Told::Asked) => vec!["checking…".to_owned()],
        Some(Told::Failed(_)) => Vec::new(),
        Some(Told::Known(told)) => match told.as_deref() {
            Some([]) => vec!["the same packages".to_owned()],
            Some(changes) => changes.iter().map(ContentChange::words).map(|it| visible::text(&it)).collect(),
            None if change.is_built => Vec::new(),
            None => {
                let build = model.keymap.name(Scope::Installed, Action::Realise);
                vec![format!("known once it is built; {build} builds it without applying")]
            }
        },
    }
}
