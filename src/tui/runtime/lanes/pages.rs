//! The lanes for what is only read: a homepage is found out or opened, the profile is looked at by
//! the doctor.

use super::{LaneName, Lanes, guarded};
use crate::core::manifest::ElementSource;
use crate::core::nix_options::NixOptions;
use crate::ops::diagnose::diagnose;
use crate::ops::open_homepage::{find_homepage, open_page};
use crate::system::machine::{Cancel, Watch};
use crate::system::search_path::SearchPath;
use crate::tui::msg::Msg;

impl Lanes {
    /// One at a time; `update` sees to it.
    pub(super) fn find_homepage(&mut self, source: ElementSource, options: NixOptions) {
        let cancel = Cancel::default();
        self.homepage = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Homepage, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            Msg::HomepageFound(guarded(|| find_homepage(&context, (&source, &options), &watch)))
        });
    }

    /// One at a time: what an order finds while it waits for another is the same.
    pub(super) fn diagnose(&mut self, program: String) {
        let cancel = Cancel::default();
        self.doctor = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Doctor, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            Msg::Diagnosed(guarded(|| Ok(diagnose(&context, &SearchPath::of_process(), &program, &watch))))
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
