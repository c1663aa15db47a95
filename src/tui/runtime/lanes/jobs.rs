//! The lane for jobs: what changes the profile or the store, one at a time.

use super::{LaneName, Lanes, guarded, upgrades};
use crate::core::generation::Deletion;
use crate::ops::apply_plan::apply_plan_onto;
use crate::ops::collect_garbage::collect_garbage;
use crate::ops::delete_generations::delete_generations;
use crate::ops::realise::realise;
use crate::ops::rebuild_generation::plan_rebuild;
use crate::ops::roll_back::roll_back;
use crate::system::machine::{Cancel, Watch};
use crate::tui::effect::Effect;
use crate::tui::msg::Msg;

impl Lanes {
    pub(super) fn start_job(&mut self, order: Effect) {
        let cancel = Cancel::default();
        self.job = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Job, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            match order {
                Effect::Apply { plan, replace } => {
                    Msg::PlanApplied(guarded(|| apply_plan_onto(&context, &plan, replace, &watch)))
                }
                Effect::RealiseAndApply { staged, facts } => {
                    upgrades::realise_and_apply(&context, &staged, (*facts).clone(), &watch)
                }
                Effect::Realise(plan) => {
                    Msg::Realised(guarded(|| realise(&context, &plan, &watch).map(Box::new)))
                }
                Effect::RollBack(to) => Msg::RolledBack(guarded(|| roll_back(&context, Some(to), false))),
                Effect::DeleteGenerations(numbers) => {
                    let deletion = Deletion::Numbers(numbers);
                    Msg::GenerationsDeleted(guarded(|| delete_generations(&context, &deletion, false)))
                }
                Effect::PlanRebuild(loaded) => {
                    Msg::RebuildPlanned(guarded(|| plan_rebuild(&context, &loaded, &watch).map(Box::new)))
                }
                Effect::CollectGarbage => {
                    Msg::GarbageCollected(guarded(|| collect_garbage(&context, &watch)))
                }
                // Only these are jobs.
                _ => Msg::Ticked(context.clock.now()),
            }
        });
    }
}
