//! The lanes for upgrades: what is held, what a plan costs, fetching and building.

use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::core::facts::Facts;
use crate::core::plan::{Base, Plan};
use crate::ops::Context;
use crate::ops::apply_realised::{Staged, apply_realised};
use crate::ops::hold::{Holding, held, hold};
use crate::ops::measure_cost::measure_cost;
use crate::system::machine::{Cancel, Watch};
use crate::tui::msg::Msg;

impl Lanes {
    pub(super) fn read_holds(&mut self, base: Arc<Base>) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| Msg::HoldsRead(guarded(|| held(&context, &base.manifest))));
    }

    pub(super) fn hold(&mut self, base: Arc<Base>, names: Vec<String>, holding: Holding) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| {
            let answer = guarded(|| {
                let changed = hold(&context, &base.manifest, &names, holding)?;
                Ok((changed, held(&context, &base.manifest)?))
            });
            Msg::Held(holding, answer)
        });
    }

    /// What was ordered before is wanted no more.
    pub(super) fn order_cost(&mut self, revision: u64, plan: Arc<Plan>) {
        if let Some(running) = &self.cost {
            running.request();
            self.cost_next = Some((revision, plan));
            return;
        }
        let cancel = Cancel::default();
        self.cost = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Cost, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            Msg::CostMeasured(revision, guarded(|| Ok(measure_cost(&context, &plan, &watch)?)))
        });
    }
}

/// Realises a plan, plans again and applies; what was learnt comes back whatever happens.
pub(super) fn realise_and_apply(
    context: &Context,
    staged: &Staged,
    mut facts: Facts,
    watch: &Watch<'_>,
) -> Msg {
    let then = guarded(|| apply_realised(context, staged, &mut facts, watch));
    Msg::PlanRealised(Box::new(facts), then)
}
