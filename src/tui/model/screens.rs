//! Screens, sheets, fields and questions on top of the main screen.

use std::collections::BTreeMap;

use tui_input::Input;

use super::{
    ContainedScreen, CopyMenu, DeleteSheet, EntryForm, FlakeSettings, InFrontOffer, ListCursor, LogScreen,
    OutputsScreen, PaletteScreen, PickerScreen, ProfilesScreen, SourceForm, TextField, TraceScreen,
};
use crate::core::diagnosis::Finding;
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::Layer;
use crate::core::resolution::Resolution;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;

/// A screen on top of the main one.
#[derive(Debug)]
pub enum Overlay {
    /// `c`
    Collisions(CollisionsScreen),
    /// `w`
    Review(ReviewScreen),
    /// `r`, `-`
    Rollback(RollbackSheet),
    /// `d` in History
    Delete(DeleteSheet),
    /// A line of text for History.
    Field(TextField),
    /// `P`: the profiles of the machine.
    Profiles(ProfilesScreen),
    /// `p`: a number with the live winner.
    Priority(PriorityField),
    /// `i`: what can be added.
    Picker(PickerScreen),
    /// The names of what a plan takes away, as typed.
    TypeName(Input),
    /// `?`
    Help(HelpScreen),
    /// `@`
    Log(LogScreen),
    /// `:`
    Palette(PaletteScreen),
    /// `t` in pane 2: where a reference leads.
    Trace(TraceScreen),
    /// `i`, `e` in pane 2: an entry of the user's registry.
    Entry(EntryForm),
    /// `O`: the outputs of a package.
    Outputs(OutputsScreen),
    /// `O` on an environment: the outputs of its packages.
    Contained(ContainedScreen),
    /// `e`: where an element comes from.
    Source(SourceForm),
    /// `Y`: what to copy.
    Copy(CopyMenu),
    /// `X`, `q`: a yes or no question.
    Question(Question),
    /// What is wrong: with the configuration at start, with the profile when that was asked.
    Notice(NoticeScreen),
}

/// The collisions screen.
#[derive(Debug, Default)]
pub struct CollisionsScreen {
    /// Among [`super::Model::groups`].
    pub group: ListCursor,
    /// The file shown, among the group's paths.
    pub path: usize,
    /// The first claimant card shown.
    pub claimant: usize,
    /// The highlighted way.
    pub way: usize,
    /// Ways out by group, with the revision they were computed for.
    pub ways: BTreeMap<usize, Vec<Resolution>>,
    /// The revision `ways` belongs to.
    pub revision: u64,
}

/// The review screen.
#[derive(Debug, Default)]
pub struct ReviewScreen {
    /// First line shown.
    pub scroll: usize,
    /// The revision that was reviewed; if the plan moves, `y` needs a new review.
    pub revision: u64,
}

/// The rollback sheet.
#[derive(Debug)]
pub struct RollbackSheet {
    /// The live generation; `None` if the profile's link leads to none.
    pub from: Option<u64>,
    /// Where to go.
    pub to: u64,
    /// First line of the difference.
    pub scroll: usize,
}

/// The priority field.
#[derive(Debug)]
pub struct PriorityField {
    /// The elements it is for.
    pub elements: Vec<String>,
    /// The number being edited.
    pub value: i32,
    /// The number as typed; empty or `-` while there is none.
    pub text: String,
    /// Whether the first digit typed replaces the number.
    pub fresh: bool,
    /// What `value` would do, in words: "wins over jj (9 files)"; made in `update`.
    pub outcome: Vec<String>,
    /// Whether `value` would block the plan.
    pub blocks: bool,
}

/// The help screen.
#[derive(Debug)]
pub struct HelpScreen {
    /// What "here" is.
    pub scope: Scope,
    /// Filter text.
    pub filter: Input,
    /// Among the rows.
    pub cursor: ListCursor,
    /// The bindings of the scope that the filter keeps; made in `update`.
    pub rows: Vec<HelpRow>,
}

/// What is wrong with something.
#[derive(Debug)]
pub struct NoticeScreen {
    /// With what, and what.
    pub notice: Notice,
    /// First line shown.
    pub scroll: usize,
}

/// What a notice is about.
#[derive(Debug)]
pub enum Notice {
    /// The configuration: each problem with its file and line.
    Configuration(Vec<String>),
    /// The profile; nothing while it is being looked at.
    Profile(Option<Result<Vec<Finding>, String>>),
}

/// A line of the help screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRow {
    /// The keys as shown, `j ↓`.
    pub keys: String,
    /// What they do.
    pub description: String,
    /// What Enter runs.
    pub action: Action,
    /// Why it would do nothing now, if so.
    pub off: Option<String>,
}

/// A yes or no question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Drop everything staged?
    DropPlan,
    /// Have an entry of one's own tried before this one?
    OverrideEntry {
        /// Where it stands.
        layer: Layer,
        /// What it replaces.
        from: FlakeRef,
        /// By what.
        to: FlakeRef,
    },
    /// Quit though something is staged?
    QuitWithPlan,
    /// Quit though a job runs?
    QuitWithJob,
    /// Make the damaged live generation anew?
    Rebuild,
    /// Collect garbage?
    CollectGarbage,
    /// Run a command in front?
    InFront(InFrontOffer),
    /// Accept what a flake wants to set?
    FlakeSettings(FlakeSettings),
    /// Open another profile though something is staged?
    OpenProfile(std::path::PathBuf),
}
