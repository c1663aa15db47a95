//! The lanes for upgrades: what is held, what a plan costs, fetching and building.

use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::core::plan::Base;
use crate::ops::hold::{Holding, held, hold};
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
}
