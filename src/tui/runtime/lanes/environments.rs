//! The lane of environments: which packages one has, and what an upgrade changes inside. One after the
//! other, each starts nix.

use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::ops::compare_environments::compare_environments;
use crate::ops::contained_packages::contained_packages;
use crate::system::machine::{Cancel, Watch};
use crate::tui::effect::Effect;
use crate::tui::msg::Msg;

impl Lanes {
    pub(super) fn look_inside(&mut self, order: Effect) {
        if self.inside.is_some() {
            self.inside_next.push_back(order);
            return;
        }
        let cancel = Cancel::default();
        self.inside = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Inside, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            match order {
                Effect::CompareEnvironments(change) => {
                    let answer = guarded(|| compare_environments(&context, &change, &watch).map(Arc::new));
                    Msg::EnvironmentsCompared(change, answer)
                }
                Effect::FindContained(paths) => {
                    let answer = guarded(|| contained_packages(&context, &paths, &watch).map(Arc::new));
                    Msg::ContainedFound(paths, answer)
                }
                _ => Msg::ContainedFound(Vec::new(), Ok(Arc::default())),
            }
        });
    }

    pub(super) fn looked_inside(&mut self) {
        self.inside = None;
        if let Some(order) = self.inside_next.pop_front() {
            self.look_inside(order);
        }
    }
}
