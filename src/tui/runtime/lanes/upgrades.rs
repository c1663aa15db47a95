//! The lanes for upgrades: what is held, what a plan costs, fetching and building.

use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::core::facts::Facts;
use crate::core::nix_options::NixOptions;
use crate::core::plan::{Base, Plan};
use crate::ops::Context;
use crate::ops::apply_realised::{Staged, apply_realised};
use crate::ops::hold::{Holding, held, hold};
use crate::ops::measure_cost::measure_cost;
use crate::ops::remember_options::{answer_flake, remember, remembered};
use crate::system::machine::{Cancel, Store, Watch};
use crate::tui::model::OptionsDeed;
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

    pub(super) fn read_options(&mut self, base: Arc<Base>) {
        self.with_options(base, OptionsDeed::Read, |_| Ok(()));
    }

    pub(super) fn remember_options(&mut self, base: Arc<Base>, names: Vec<String>, options: NixOptions) {
        let deed = OptionsDeed::Elements(names.clone(), options.clone());
        let manifest = Arc::clone(&base);
        self.with_options(base, deed, move |context| remember(context, &manifest.manifest, &names, &options));
    }

    pub(super) fn answer_flake(&mut self, base: Arc<Base>, flake: String, accepted: bool) {
        let deed = OptionsDeed::Flake(flake.clone(), accepted);
        self.with_options(base, deed, move |context| answer_flake(context, &flake, accepted));
    }

    /// Does something about remembered options and reads them again.
    fn with_options(
        &mut self,
        base: Arc<Base>,
        deed: OptionsDeed,
        work: impl FnOnce(&Context) -> anyhow::Result<()> + Send + 'static,
    ) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| {
            let answer = guarded(|| {
                work(&context)?;
                remembered(&context, &base.manifest)
            });
            Msg::OptionsRead(deed, answer)
        });
    }

    /// Works on another store from now on: the same with other options.
    pub(in crate::tui::runtime) fn use_store(&mut self, store: Arc<dyn Store>) {
        self.context.store = store;
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
