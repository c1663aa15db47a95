//! What happened: keys, and answers of the workers. Past facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::KeyEvent;

use super::model::{Compared, Noting, OptionsDeed};
use super::pointer::Pointer;
use super::update::MeasuredSets;
use crate::core::closure_difference::ClosureDifference;
use crate::core::comparison::Comparison;
use crate::core::contained_outputs::ContainedPackage;
use crate::core::diagnosis::Finding;
use crate::core::environment_difference::ContentChange;
use crate::core::evaluation::Question;
use crate::core::facts::Facts;
use crate::core::generation_note::GenerationNote;
use crate::core::installable::Installable;
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::core::package_list::PackageSource;
use crate::core::plan::cost::Cost;
use crate::core::resolution::Resolution;
use crate::core::store_path::StorePath;
use crate::core::typed_path::PathChoice;
use crate::ops::apply_plan::Applied;
use crate::ops::apply_realised::Outcome;
use crate::ops::compare_environments::EnvironmentChange;
use crate::ops::compare_generations::KnownPackages;
use crate::ops::find_profiles::FoundProfile;
use crate::ops::hold::Holding;
use crate::ops::load_profile::{LoadedProfile, ReadManifests};
use crate::ops::load_registries::LoadedRegistries;
use crate::ops::measure_generations::GenerationSpace;
use crate::ops::measure_packages::Measurement;
use crate::ops::on_path::OnPath;
use crate::ops::rebuild_generation::Rebuild;
use crate::ops::roll_back::RolledBack;
use crate::ops::search_packages::{SystemPackages, Tried};
use crate::system::machine::{Answer, Collected, Listed, ListingProgress, ProgressEvent, StoreError};
use crate::system::opener::Opened;

/// One fact for `update`. Errors are words for people.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Pointed(Pointer),
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size.
    Resized(u16, u16),
    /// Time passed (sent only while a job runs or once a second for outside changes).
    Ticked(i64),
    /// The store has told what it is, "nix 2.34.8", or why it cannot.
    StoreNamed(Result<String, StoreError>),
    /// The profile was read.
    ProfileLoaded(Result<Box<LoadedProfile>, String>),
    /// Manifests of generations were read.
    HistoryLoaded(Result<ReadManifests, String>),
    /// The profile on disk is not the one loaded any more.
    ProfileMoved,
    /// Facts were learnt; they are true whatever the revision.
    FactsLearnt(Result<Box<Facts>, String>),
    /// A flake has told what an element of it is today; all answers come again when all are there.
    Evaluated(Box<(Question, Answer)>),
    /// Which elements are held was read.
    HoldsRead(Result<BTreeSet<String>, String>),
    /// Elements were held or let go: those that changed, and all that are held now.
    Held(Holding, Result<(Vec<String>, BTreeSet<String>), String>),
    /// What options are remembered was read, after this was done.
    OptionsRead(OptionsDeed, Result<RememberedOptions, String>),
    /// A command about a question had the terminal and has ended; words if not well.
    CameBack(Question, Result<(), String>),
    /// Options for this run were taken over, or cannot be.
    RunOptionsSet(NixOptions, Result<(), String>),
    /// The registries were read.
    RegistriesLoaded(Result<Box<LoadedRegistries>, String>),
    /// The global registry was fetched, or not.
    RegistryFetched(Result<(), String>),
    /// Packages were measured.
    PackagesMeasured(Vec<Measurement>),
    /// Ways out of a collision group were computed.
    WaysFound {
        /// The plan's revision they belong to.
        revision: u64,
        /// Index of the group.
        group: usize,
        /// Best first.
        ways: Vec<Resolution>,
    },
    /// A command that a lane runs reports, by its number.
    CommandReported(u64, CommandReport),
    /// A job reports.
    Progressed(ProgressEvent),
    /// Applying ended.
    PlanApplied(Result<Applied, String>),
    /// Fetching, building and then applying ended, with what was learnt on the way.
    PlanRealised(Box<Facts>, Result<Outcome, String>),
    /// Fetching and building ended.
    Realised(Result<Box<Facts>, String>),
    /// It is known what applying the plan of this revision costs.
    CostMeasured(u64, Result<Cost, String>),
    /// Rolling back ended.
    RolledBack(Result<RolledBack, String>),
    /// Two generations were compared, with what was read for that.
    Compared(Compared, Result<Box<(Arc<Comparison>, KnownPackages)>, String>),
    /// Everything that two generations need was compared.
    ClosuresCompared(Compared, Result<Arc<ClosureDifference>, String>),
    /// What would be made in place of the damaged live generation.
    RebuildPlanned(Result<Box<Rebuild>, String>),
    /// A program of the profile was looked up in PATH.
    ProgramLookedUp(Vec<u8>, OnPath),
    /// What is wrong with the profile was looked for.
    Diagnosed(Result<Vec<Finding>, String>),
    /// The profiles of the machine were found.
    ProfilesFound(Vec<FoundProfile>),
    /// Deleting generations ended, with those that are gone.
    GenerationsDeleted(Result<Vec<u64>, String>),
    /// Sets of generations were measured, with what the store has told.
    SpaceMeasured(Vec<Vec<u64>>, Result<(MeasuredSets, Option<Arc<GenerationSpace>>), String>),
    /// Collecting garbage ended.
    GarbageCollected(Result<Collected, String>),
    /// Something was noted about generations, with their notes as they are now.
    Noted(Noting, Result<Vec<(u64, GenerationNote)>, String>),
    /// The notes about generations were looked at: why they cannot be read, if so.
    NotesChecked(Option<String>),
    /// A listing tells how far it is.
    ListingProgressed(ListingProgress),
    /// The packages of a flake were listed, or not.
    PackagesListed(Box<(PackageSource, Result<Arc<Listed>, String>)>),
    /// Rows of the listing were found for a query, by the number of the search; none if it was left.
    PackagesFound {
        /// The search.
        generation: u64,
        /// What was looked for.
        query: String,
        /// Best first.
        rows: Option<Arc<[u32]>>,
    },
    /// What the system's profiles bring was read.
    SystemPackagesRead(SystemPackages),
    /// It was found out what adding these together would lead to.
    AdditionsTried(Vec<Installable>, Result<Box<Tried>, String>),
    /// Which packages are in these store paths of an element; none if it is no environment.
    ContainedFound(Vec<StorePath>, Result<Arc<Vec<ContainedPackage>>, String>),
    /// What changes inside an environment; nothing if that cannot be told.
    EnvironmentsCompared(EnvironmentChange, Result<Arc<Option<Vec<ContentChange>>>, String>),
    /// It was looked up what a typed path could become.
    PathCompleted(String, Vec<PathChoice>),
    /// The homepage was looked up; nothing if the package names none.
    HomepageFound(Result<Option<String>, String>),
    /// A page, by its address, was handed to the desktop.
    PageOpened(String, Result<Opened, String>),
    /// A plan was saved, with its path.
    PlanSaved(Result<Arc<std::path::Path>, String>),
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandReport {
    /// It begins; the command line as one would type it.
    Started(String),
    /// It printed a line, control characters still inside.
    Printed(String),
    /// It has ended.
    Ended {
        /// The status in words, if it failed.
        failure: Option<String>,
        /// How long it took.
        milliseconds: u64,
    },
}
