//! The model before anything has happened, and the questions everybody asks it.
//!
//! The runtime starts from [`Model::new`] and loads the profile; tests and frame
//! snapshots fill in the rest by hand.

use std::sync::Arc;

use super::action::Action;
use super::configuration::Settings;
use super::keymap::{Keymap, Scope};
use super::model::{
    CommandLog, Environments, HistoryPane, HistoryRow, HomePages, InstalledPane, MeasuredPackages, Model,
    OptionsSet, Overlay, Packages, Pane, PreviewPane, ProfileLoad, Question, RegistryPane, Reload,
};
use crate::core::file_source::FileSource;
use crate::core::manifest::ProfileElement;
use crate::core::nix_commands::CommandTarget;
use crate::core::plan::PlanState;
use crate::core::profile_kind::ProfileKind;
use crate::core::transaction::Transaction;
use crate::ops::load_profile::LoadedProfile;

impl Model {
    /// The empty state at a terminal size: the profile is still loading.
    pub fn new(keymap: Arc<Keymap>, size: (u16, u16)) -> Self {
        Self {
            size,
            ascii: false,
            theme: Arc::default(),
            keymap,
            settings: Settings::default(),
            read_only: false,
            store_title: String::new(),
            store_trouble: None,
            profile_title: String::new(),
            kind: ProfileKind::NixProfile,
            home: None,
            commands: CommandTarget::default(),
            now: 0,
            time_zone: jiff::tz::TimeZone::UTC,
            profile: ProfileLoad::Loading,
            transaction: Transaction::default(),
            facts: Arc::default(),
            asked: None,
            measured: MeasuredPackages::default(),
            upgrades: super::model::Upgrades::default(),
            packages: Packages::default(),
            environments: Environments::default(),
            debugs: false,
            offers: Vec::new(),
            options: OptionsSet::default(),
            homepages: HomePages::default(),
            reload: Some(Reload::Start),
            plan: None,
            programs: Vec::new(),
            lost: Vec::new(),
            next_switch: None,
            groups: Vec::new(),
            revision: 0,
            focus: Pane::Installed,
            list: Pane::Installed,
            zoomed: false,
            installed: InstalledPane::default(),
            registry: RegistryPane::default(),
            history: HistoryPane::default(),
            preview: PreviewPane::default(),
            overlays: Vec::new(),
            job: None,
            toast: None,
            log: CommandLog::default(),
            quit: false,
        }
    }

    /// The profile, once it has been read.
    pub fn loaded(&self) -> Option<&LoadedProfile> {
        match &self.profile {
            ProfileLoad::Loaded(loaded) => Some(loaded),
            ProfileLoad::Loading | ProfileLoad::Failed(_) => None,
        }
    }

    /// Whether the plan could be applied right now.
    pub fn can_apply(&self) -> bool {
        let ready = self.plan.as_deref().is_some_and(|plan| plan.state() == PlanState::Ready);
        ready && self.why_read_only().is_none() && self.store_trouble.is_none()
    }

    /// Why nothing can be changed, whatever it is, in a sentence.
    pub fn why_read_only(&self) -> Option<&'static str> {
        if self.read_only {
            return Some("Read-only: start firn without --read-only to change the profile.");
        }
        let closed = self.loaded().is_some_and(|loaded| !loaded.writable);
        closed.then_some("Read-only: you are not allowed to change links in the folder of this profile.")
    }

    /// Where keys go now.
    pub fn scope(&self) -> Scope {
        match self.overlays.last() {
            Some(Overlay::Collisions(_)) => Scope::Collisions,
            Some(Overlay::Review(_)) => Scope::Review,
            Some(Overlay::Rollback(_)) => Scope::Rollback,
            Some(Overlay::Delete(_)) => Scope::Delete,
            Some(Overlay::Field(_)) => Scope::Field,
            Some(Overlay::Profiles(_)) => Scope::Profiles,
            Some(Overlay::Priority(_)) => Scope::Priority,
            Some(Overlay::Picker(_)) => Scope::Add,
            Some(Overlay::TypeName(_)) => Scope::TypeName,
            Some(Overlay::Help(_)) => Scope::Help,
            Some(Overlay::Notice(_)) => Scope::Notice,
            Some(Overlay::Palette(_)) => Scope::Palette,
            Some(Overlay::Trace(_)) => Scope::Trace,
            Some(Overlay::Entry(_)) => Scope::Entry,
            Some(Overlay::Outputs(_)) => Scope::Outputs,
            Some(Overlay::Contained(_)) => Scope::Contained,
            Some(Overlay::Source(_)) => Scope::Source,
            Some(Overlay::Copy(_)) => Scope::Copy,
            Some(Overlay::Log(screen)) if screen.searching => Scope::LogSearch,
            Some(Overlay::Log(_)) => Scope::Log,
            Some(Overlay::Question(Question::QuitWithPlan)) => Scope::Quit,
            Some(Overlay::Question(Question::FlakeSettings(_))) => Scope::Settings,
            Some(Overlay::Question(_)) => Scope::Question,
            None if self.installed.filtering || self.registry.filtering || self.history.filter.typing => {
                Scope::Filter
            }
            None if self.preview.searching => Scope::Search,
            None => match self.focus {
                Pane::Installed => Scope::Installed,
                Pane::Registry => Scope::Registry,
                Pane::History => Scope::History,
                Pane::Preview => Scope::Preview,
            },
        }
    }

    /// The file that an element came from, or comes from by the plan.
    pub fn file_of(&self, name: &str, element: &ProfileElement) -> Option<&FileSource> {
        let planned = self.plan.as_ref().and_then(|plan| plan.files.get(name));
        planned.filter(|_| element.source.is_none()).or_else(|| self.facts.files.of(name, element))
    }

    /// The keys that lead back to the generation that was live before: `- then y`, or only `-`.
    pub fn keys_back(&self) -> String {
        let back = self.keymap.name(Scope::Installed, Action::GoBack);
        if !self.settings.confirm_rollback {
            return back;
        }
        format!("{back} then {}", self.keymap.name(Scope::Rollback, Action::Yes))
    }

    /// The rows of pane 3: what is planned, if a generation is staged, then the newest first.
    pub fn history_rows(&self) -> Vec<HistoryRow> {
        let planned = self.transaction.touches_profile().then_some(HistoryRow::Planned);
        planned.into_iter().chain(self.shown_generations().into_iter().map(HistoryRow::Generation)).collect()
    }

    /// The generations that the filter of pane 3 keeps, newest first, as indices.
    pub fn shown_generations(&self) -> Vec<usize> {
        let count = self.loaded().map_or(0, |loaded| loaded.generations.len());
        self.history.filter.kept.clone().unwrap_or_else(|| (0..count).rev().collect())
    }
}
