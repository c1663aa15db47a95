//! Everything the interface knows: one value, drawn by `view`, changed only by `update`.

use std::collections::BTreeSet;
use std::sync::Arc;

use tui_input::Input;

use crate::core::essentials::{Lost, RunningProgram};
use crate::core::facts::{Facts, Needs};
use crate::core::home_manager::SwitchTrouble;
use crate::core::nix_commands::CommandTarget;
use crate::core::plan::Plan;
use crate::core::profile_kind::ProfileKind;
use crate::core::resolution::CollisionGroup;
use crate::core::transaction::Transaction;
use crate::ops::load_profile::LoadedProfile;
use crate::ops::measure_generations::GenerationSpace;
use crate::ops::rebuild_generation::Rebuild;
use crate::system::machine::StoreError;

use super::configuration::Settings;
use super::keymap::Keymap;
use super::theme::Theme;

mod command_log;
mod comparisons;
mod deletion;
mod environments;
mod history_filter;
mod job;
mod mark_range;
mod measured;
mod menus;
mod nix_options;
mod noting;
mod pages;
mod picker;
mod preview;
mod profiles;
mod registry;
mod screens;
mod sources;
mod text_field;
mod upgrades;

pub use command_log::{CommandLog, LogEntry, LogLine, LogScreen, Outcome};
pub use comparisons::{ClosureAnswer, Compared, ComparedAnswer, Comparisons};
pub use deletion::{DeleteSheet, Freed, OnlyHere, Spared};
pub use environments::{ContainedRow, ContainedScreen, Environments, Told};
pub use history_filter::{GenerationWords, HistoryFilter};
pub use job::{Job, JobKind};
pub use mark_range::{MarkRange, RangeBy};
pub use measured::{MeasuredPackages, Weight};
pub use menus::{CopyMenu, CopyRow, PaletteRow, PaletteScreen};
pub use nix_options::{FlakeSettings, InFrontOffer, OptionsDeed, OptionsSet};
pub use noting::Noting;
pub use pages::HomePages;
pub use picker::{
    Choice, Enter, FlakeChoice, Listing, ListingState, Packages, PathMeaning, PathRow, PathRows,
    PickerScreen, Trial,
};
pub use preview::{PreviewPane, PreviewTab, SearchOrigin, TreeLine, TreeLineKind, TreeMark, TreeTotal};
pub use profiles::ProfilesScreen;
pub use registry::{
    EntryField, EntryForm, EntryName, FormKind, RegistriesLoad, RegistryPane, RegistryRow, StagedEntry,
    StagedKind, StagedState, TraceAnswer, TraceScreen,
};
pub use screens::{
    CollisionsScreen, HelpRow, HelpScreen, Notice, NoticeScreen, Overlay, PriorityField, Question,
    ReviewScreen, RollbackSheet,
};
pub use sources::{
    FIXED_ROWS, Follower, OutputFiles, OutputRow, OutputsQuestion, OutputsScreen, SourceForm, SourceOffer,
    SourcePlace,
};
pub use text_field::{Asks, TextField};
pub use upgrades::{AskedCost, Found, Upgrades};

/// The whole state.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, no two make a state")]
pub struct Model {
    /// Terminal size in cells.
    pub size: (u16, u16),
    /// Whether boxes and glyphs are ASCII.
    pub ascii: bool,
    /// Styles for every meaning; set by the runtime.
    pub theme: Arc<Theme>,
    /// Keys, and what they do where; hints and help are made from it.
    pub keymap: Arc<Keymap>,
    /// Ways to work, as the user has set them.
    pub settings: Settings,
    /// Whether changing anything is refused.
    pub read_only: bool,
    /// The store's title, "nix 2.34.8" or "playground".
    pub store_title: String,
    /// Why the store cannot be asked anything, if it cannot.
    pub store_trouble: Option<StoreError>,
    /// The profile's path as shown, home as `~`.
    pub profile_title: String,
    /// What made the profile.
    pub kind: ProfileKind,
    /// The user's home folder, for paths on the screen.
    pub home: Option<std::path::PathBuf>,
    /// Which profile and which nix the commands are for that are offered for copying; its store is
    /// that of `store_title`.
    pub commands: CommandTarget,
    /// Seconds since 1970 at the last message; ages are shown relative to it.
    pub now: i64,
    /// Where the user is, for "today 09:14"; the runtime sets it, tests use UTC.
    pub time_zone: jiff::tz::TimeZone,
    /// The profile, once loaded.
    pub profile: ProfileLoad,
    /// What is staged.
    pub transaction: Transaction,
    /// What has been learnt; shared with the workers.
    pub facts: Arc<Facts>,
    /// What was asked for last, so that nothing is asked for twice.
    pub asked: Option<Needs>,
    /// What packages weigh, as far as it was asked.
    pub measured: MeasuredPackages,
    /// What checks for upgrades found, and what is held.
    pub upgrades: Upgrades,
    /// What is known of packages that could be added.
    pub packages: Packages,
    /// What is known of what is inside environments.
    pub environments: Environments,
    /// Whether nix's debugger is to open where evaluation fails.
    pub debugs: bool,
    /// Commands that could be run in front; the first is asked about next.
    pub offers: Vec<InFrontOffer>,
    /// Options of Nix that are set here.
    pub options: OptionsSet,
    /// Homepages, as far as it was asked.
    pub homepages: HomePages,
    /// Why the profile is being read, while it is.
    pub reload: Option<Reload>,
    /// The plan for the transaction; always current, made in `update`.
    pub plan: Option<Arc<Plan>>,
    /// The programs in use that could run from the profile; set by the runtime.
    pub programs: Vec<RunningProgram>,
    /// What other things rest on and the plan takes away; made with it.
    pub lost: Vec<Lost>,
    /// Why the next switch of home-manager would fail after the plan; made with it.
    pub next_switch: Option<SwitchTrouble>,
    /// Collision groups of the plan, made with it.
    pub groups: Vec<CollisionGroup>,
    /// Incremented with every new plan or base; answers carry it so that stale ones are dropped.
    pub revision: u64,
    /// Which pane has the focus.
    pub focus: Pane,
    /// Which list had the focus last, not the preview: the preview is about its row.
    pub list: Pane,
    /// The focused pane fills the screen.
    pub zoomed: bool,
    /// Pane 1.
    pub installed: InstalledPane,
    /// Pane 2.
    pub registry: RegistryPane,
    /// Pane 3.
    pub history: HistoryPane,
    /// Pane 0.
    pub preview: PreviewPane,
    /// Screens on top of the main one, the last is shown and gets the keys.
    pub overlays: Vec<Overlay>,
    /// A job that changes the machine or learns something, if one runs.
    pub job: Option<Job>,
    /// One line for the last thing that happened, until the next key.
    pub toast: Option<Toast>,
    /// The commands that were run, what they printed, and what firn had to say; bounded.
    pub log: CommandLog,
    /// Set when the program should end.
    pub quit: bool,
}

/// Whether the profile is there yet.
#[derive(Debug)]
pub enum ProfileLoad {
    /// Still reading.
    Loading,
    /// Read; its `state` tells what stands at the link.
    Loaded(Box<LoadedProfile>),
    /// Could not be read: words for the screen.
    Failed(String),
}

/// Why a profile is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The program begins.
    Start,
    /// The user asked for it.
    Asked,
    /// Another program changed it.
    Moved,
    /// firn itself changed it; the words to say once that is on screen. Until then its job counts
    /// as running, because nothing may be decided on what was there before.
    Changed(String),
    /// firn deleted generations; the same, but the cursor of History stays where it is.
    Fewer(String),
}

/// A pane of the main screen, by its digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// 1: the elements.
    Installed,
    /// 2: the registries.
    Registry,
    /// 3: the generations.
    History,
    /// 0: the tree, the difference.
    Preview,
}

/// A cursor in a list; `offset` is the first row shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// The row under the cursor.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
}

/// Pane 1: rows are [`Plan::elements`] filtered and sorted.
#[derive(Debug, Default)]
pub struct InstalledPane {
    /// Among the shown rows.
    pub cursor: ListCursor,
    /// Indices into [`Plan::elements`], in shown order; made in `update`.
    pub rows: Vec<usize>,
    /// Marked elements by name.
    pub marks: BTreeSet<String>,
    /// Marks that grow with the cursor.
    pub range: Option<MarkRange<String>>,
    /// The filter text; empty shows all.
    pub filter: Input,
    /// Whether keys go to the filter.
    pub filtering: bool,
    /// The order of rows.
    pub sort: SortKey,
    /// Whether the order is reversed.
    pub reversed: bool,
    /// Which rows are shown at all.
    pub show: ShowFilter,
}

/// Orders of pane 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// By name.
    #[default]
    Name,
    /// By priority, then name.
    Priority,
    /// By the reference that is followed, then name.
    Source,
    /// By the revision it was locked to, then name.
    Revision,
}

/// Which rows pane 1 shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShowFilter {
    /// Every row.
    #[default]
    All,
    /// Rows for which a check found something newer.
    Outdated,
    /// Rows with a staged change.
    Staged,
    /// Rows that take part in a collision.
    Colliding,
    /// Rows that are held back.
    Held,
}

/// Pane 3: rows are the generations, newest first, with a planned one on top while something is staged.
#[derive(Debug, Default)]
pub struct HistoryPane {
    /// Among the shown rows.
    pub cursor: ListCursor,
    /// Marked generation numbers.
    pub marks: BTreeSet<u64>,
    /// Marks that grow with the cursor.
    pub range: Option<MarkRange<u64>>,
    /// Which generations are shown.
    pub filter: HistoryFilter,
    /// Two generations to show the difference of (`=`), older first; until the cursor moves.
    pub compared: Option<(u64, u64)>,
    /// Why labels and kept generations cannot be read, if so; then none is noted either.
    pub notes_problem: Option<String>,
    /// What would be made in place of a damaged live generation, while it is asked about.
    pub rebuild: Option<Box<Rebuild>>,
    /// Trees of generations that were compared.
    pub comparisons: Comparisons,
    /// What only one generation keeps alive, as far as it was asked.
    pub only_here: OnlyHere,
    /// Sets of generations whose space is being found out.
    pub measuring: Option<Vec<Vec<u64>>>,
    /// What was learnt from the store for that, while the generations are the same.
    pub space: Option<Arc<GenerationSpace>>,
}

/// A row of pane 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryRow {
    /// The generation that applying would make.
    Planned,
    /// A generation, as an index into [`LoadedProfile::generations`].
    Generation(usize),
}

/// One line about the last thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toast {
    /// Words.
    pub text: String,
    /// Whether something went wrong.
    pub error: bool,
    /// The sentence that the words began with, while the rest of them waits for the plan to be known.
    pub waiting: Option<String>,
}
