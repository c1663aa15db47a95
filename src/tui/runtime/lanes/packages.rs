//! The lanes of the picker: list a flake or a file, complete a path, look through a listing, read the system's profiles, try an
//! addition.

use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::core::installable::Installable;
use crate::core::package_list::PackageSource;
use crate::core::search_ranking::Query;
use crate::ops::search_packages::{
    complete_path, list_packages, search_packages, system_packages, try_addition,
};
use crate::system::machine::{Cancel, Freshness, ListingProgress, Watch};
use crate::tui::effect::Effect;
use crate::tui::msg::Msg;
use crate::tui::runtime::Event;

/// A search that runs, and the one that waits.
#[derive(Default)]
pub(super) struct Searching {
    running: Option<Cancel>,
    next: Option<Effect>,
}

impl Searching {
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some()
    }
}

impl Lanes {
    /// The newest order is the one that is wanted.
    pub(super) fn list_packages(&mut self, source: PackageSource, freshness: Freshness) {
        if let Some(running) = &self.listing {
            running.request();
            self.listing_next = Some((source, freshness));
            return;
        }
        let cancel = Cancel::default();
        self.listing = Some(cancel.clone());
        let (context, answers) = (self.context.clone(), self.answers.clone());
        self.spawn(LaneName::Listing, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            let told = |progress: ListingProgress| {
                // The loop may have ended meanwhile.
                let _ = answers.send(Event::Told(Box::new(Msg::ListingProgressed(progress))));
            };
            let answer = guarded(|| list_packages(&context, &source, freshness, &told, &watch).map(Arc::new));
            Msg::PackagesListed(Box::new((source, answer)))
        });
    }

    pub(super) fn listing_done(&mut self) {
        self.listing = None;
        if let Some((source, freshness)) = self.listing_next.take() {
            self.list_packages(source, freshness);
        }
    }

    pub(super) fn stop_listing(&mut self) {
        self.listing_next = None;
        if let Some(running) = &self.listing {
            running.request();
        }
    }

    /// A search that nobody waits for any more is left.
    pub(super) fn search_packages(&mut self, order: Effect) {
        if let Some(running) = &self.searching.running {
            running.request();
            self.searching.next = Some(order);
            return;
        }
        let Effect::SearchPackages { generation, listed, query, among } = order else { return };
        let cancel = Cancel::default();
        self.searching.running = Some(cancel.clone());
        self.spawn(LaneName::Searching, move |_| {
            let found =
                guarded(|| Ok(search_packages(&listed.list, &Query::new(&query), among.as_deref(), &cancel)));
            Msg::PackagesFound { generation, query, rows: found.ok().flatten() }
        });
    }

    pub(super) fn searching_done(&mut self) {
        self.searching.running = None;
        if let Some(order) = self.searching.next.take() {
            self.search_packages(order);
        }
    }

    /// The newest path is the one that is wanted.
    pub(super) fn complete_path(&mut self, typed: String) {
        if self.paths.runs {
            self.paths.next = Some(typed);
            return;
        }
        self.paths.runs = true;
        let context = self.context.clone();
        self.spawn(LaneName::Paths, move |_| {
            let choices = guarded(|| Ok(complete_path(&context, &typed))).unwrap_or_default();
            Msg::PathCompleted(typed, choices)
        });
    }

    pub(super) fn path_completed(&mut self) {
        self.paths.runs = false;
        if let Some(typed) = self.paths.next.take() {
            self.complete_path(typed);
        }
    }

    pub(super) fn read_system_packages(&mut self) {
        self.reading_system += 1;
        let context = self.context.clone();
        self.spawn(LaneName::SystemPackages, move |_| {
            Msg::SystemPackagesRead(guarded(|| Ok(system_packages(&context))).unwrap_or_default())
        });
    }

    /// One after the other: each starts nix.
    pub(super) fn try_addition(&mut self, order: Effect) {
        if self.trying.is_some() {
            self.trying_next.push_back(order);
            return;
        }
        let Effect::TryAddition { addition, plan, transaction, facts } = order else { return };
        let cancel = Cancel::default();
        self.trying = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Trying, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            let staged = (&plan.base, &transaction);
            let tried = guarded(|| try_addition(&context, staged, &addition, &facts, &watch).map(Box::new));
            let installable = addition.installable().unwrap_or_else(|| Installable::flake(""));
            Msg::AdditionTried(Box::new(installable), tried)
        });
    }

    pub(super) fn trying_done(&mut self) {
        self.trying = None;
        if let Some(order) = self.trying_next.pop_front() {
            self.try_addition(order);
        }
    }
}
