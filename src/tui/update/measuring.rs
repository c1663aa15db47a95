//! Sizes of packages: asked for when the element on screen shows them.

use crate::ops::measure_packages::Measurement;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::panes::{details, info};

/// Orders the measurement of the element that is shown, once.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    if !info::is_shown(model) {
        return None;
    }
    let plan = model.plan.as_deref()?;
    let found = details::selected_element(model, plan)?;
    let missing = model.measured.missing(found.after.as_ref().or(found.before.as_ref())?);
    if missing.is_empty() || missing == model.measured.asked {
        return None;
    }
    model.measured.asked.clone_from(&missing);
    Some(Effect::MeasurePackages(missing))
}

/// Packages were measured; what they weigh is true for good.
pub(super) fn take(model: &mut Model, measured: Vec<Measurement>) {
    model.measured.sizes.extend(measured);
}
