//! The lanes for registries: one reads them, one has the global one fetched.

use super::{LaneName, Lanes, guarded};
use crate::ops::fetch_registry::fetch_global_registry;
use crate::ops::load_registries::load_with_past;
use crate::system::machine::{Cancel, Watch};
use crate::tui::msg::Msg;

impl Lanes {
    pub(super) fn start_registries(&mut self) {
        self.registries.runs = true;
        let context = self.context.clone();
        self.spawn(LaneName::Registries, move |_| {
            Msg::RegistriesLoaded(guarded(|| Ok(Box::new(load_with_past(&context)))))
        });
    }

    /// One at a time; `update` sees to it.
    pub(super) fn fetch_registry(&mut self) {
        let cancel = Cancel::default();
        self.fetch = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Fetch, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            Msg::RegistryFetched(guarded(|| fetch_global_registry(&context, &watch)))
        });
    }
}
