//! The lanes for homepages: one finds out, one opens.

use super::{LaneName, Lanes, guarded};
use crate::core::manifest::ElementSource;
use crate::ops::open_homepage::{find_homepage, open_page};
use crate::system::machine::{Cancel, Watch};
use crate::tui::msg::Msg;

impl Lanes {
    /// One at a time; `update` sees to it.
    pub(super) fn find_homepage(&mut self, source: ElementSource) {
        let cancel = Cancel::default();
        self.homepage = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Homepage, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            Msg::HomepageFound(guarded(|| find_homepage(&context, &source, &watch)))
        });
    }

    pub(super) fn open_page(&mut self, address: String) {
        self.opening += 1;
        self.spawn(LaneName::Open, move |_| {
            let answer = guarded(|| open_page(&address));
            Msg::PageOpened(address, answer)
        });
    }
}
