//! What the runtime shall do. Orders, comparable values.

use std::sync::Arc;

use crate::core::change::Change;
use crate::core::evaluation::Question;
use crate::core::facts::{Facts, Needs};
use crate::core::generation::Generation;
use crate::core::manifest::{ElementSource, ProfileManifest};
use crate::core::nix_options::NixOptions;
use crate::core::package_list::PackageSource;
use crate::core::plan::{Base, Plan};
use crate::core::resolution::CollisionGroup;
use crate::core::store_path::StorePath;
use crate::core::transaction::Transaction;
use crate::ops::apply_plan::Replace;
use crate::ops::apply_realised::Staged;
use crate::ops::compare_environments::EnvironmentChange;
use crate::ops::compare_generations::KnownPackages;
use crate::ops::hold::Holding;
use crate::ops::load_profile::LoadedProfile;
use crate::ops::measure_generations::GenerationSpace;
use crate::system::machine::{Freshness, Listed};
use crate::system::nix::Front;
use crate::tui::model::{Compared, Noting};

/// One order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read the profile again.
    LoadProfile,
    /// Read the registries again.
    LoadRegistries,
    /// Ask the store what it is.
    NameStore,
    /// Read the manifests of these generations.
    LoadHistory(Vec<Generation>),
    /// Read which elements of a profile are held.
    ReadHolds(Arc<Base>),
    /// Hold elements of a profile back, or let them go.
    Hold {
        /// The profile.
        base: Arc<Base>,
        /// Their names.
        names: Vec<String>,
        /// Which of both.
        holding: Holding,
    },
    /// Read which options are remembered for a profile.
    ReadOptions(Arc<Base>),
    /// Remember options for elements of a profile; none are forgotten.
    RememberOptions {
        /// The profile.
        base: Arc<Base>,
        /// Their names.
        names: Vec<String>,
        /// The options.
        options: NixOptions,
    },
    /// Remember whether a flake's settings are accepted.
    AnswerFlake {
        /// The profile that is open.
        base: Arc<Base>,
        /// The flake's reference.
        flake: String,
        /// Whether they are.
        accepted: bool,
    },
    /// Give a command about a question the terminal, and wait for it.
    InFront(Question, Front),
    /// Have every nix call from now on carry these options.
    SetRunOptions(NixOptions),
    /// Learn what a plan needs; nothing else is wanted any more.
    LearnFacts(Needs),
    /// Measure these packages.
    MeasurePackages(Vec<StorePath>),
    /// Compute the ways out of a group.
    FindWays {
        /// To come back with the answer.
        revision: u64,
        /// Index of the group.
        index: usize,
        /// The group.
        group: CollisionGroup,
        /// The plan it belongs to.
        plan: Arc<Plan>,
        /// What is staged.
        transaction: Transaction,
        /// What is known.
        facts: Arc<Facts>,
    },
    /// Apply the plan.
    Apply {
        /// In state ready.
        plan: Arc<Plan>,
        /// What it may replace: the review has said it in words.
        replace: Replace,
    },
    /// Fetch and build what a plan needs, plan again and apply that.
    RealiseAndApply {
        /// What is staged.
        staged: Box<Staged>,
        /// What is known.
        facts: Arc<Facts>,
    },
    /// Fetch and build what a plan needs, and nothing else.
    Realise(Arc<Plan>),
    /// Find out what applying a plan would cost.
    MeasureCost {
        /// To come back with the answer.
        revision: u64,
        /// The plan.
        plan: Arc<Plan>,
    },
    /// Make a generation live.
    RollBack(u64),
    /// Compare two generations with their trees.
    Compare {
        /// To come back with the answer.
        compared: Compared,
        /// The earlier one.
        before: Arc<Base>,
        /// The elements of the later one.
        after: Arc<ProfileManifest>,
        /// What was read before.
        known: Box<KnownPackages>,
    },
    /// Compare everything that two generations need.
    CompareClosures {
        /// To come back with the answer.
        compared: Compared,
        /// Their numbers.
        numbers: (u64, u64),
    },
    /// Delete these generations.
    DeleteGenerations(Vec<u64>),
    /// Find out what a garbage collection would free without each of these sets of generations.
    MeasureSpace {
        /// The sets.
        sets: Vec<Vec<u64>>,
        /// What the store has told before.
        known: Option<Arc<GenerationSpace>>,
    },
    /// Delete what nothing in the store needs.
    CollectGarbage,
    /// Note something about generations.
    Note {
        /// Their numbers.
        numbers: Vec<u64>,
        /// What.
        noting: Noting,
    },
    /// Find out what would be made in place of the damaged live generation.
    PlanRebuild(Box<LoadedProfile>),
    /// Look up a program of the profile in PATH, by its name.
    LookUpProgram(Vec<u8>),
    /// Look for everything that is wrong with the profile.
    Diagnose {
        /// How firn is called for it.
        program: String,
    },
    /// Look for the profiles of the machine.
    FindProfiles,
    /// Work on another profile from now on.
    OpenProfile(std::path::PathBuf),
    /// See whether the notes about generations can be read.
    CheckNotes,
    /// Write the transaction into the state folder.
    SavePlan(String),
    /// Have the global registry fetched, whatever its age.
    FetchRegistry,
    /// List the packages of a flake; no other listing is wanted any more.
    ListPackages {
        /// The flake.
        source: PackageSource,
        /// Whether it is locked anew.
        freshness: Freshness,
    },
    /// Stop listing.
    StopListing,
    /// Find rows in a listing.
    SearchPackages {
        /// To come back with the answer.
        generation: u64,
        /// The listing.
        listed: Arc<Listed>,
        /// What is typed.
        query: String,
        /// The rows that an earlier query kept, if this one narrows it.
        among: Option<Arc<[u32]>>,
    },
    /// Read what the system's profiles bring.
    ReadSystemPackages,
    /// Find out which packages are in an element's store paths.
    FindContained(Vec<StorePath>),
    /// Find out what an upgrade changes inside an environment.
    CompareEnvironments(EnvironmentChange),
    /// Find out what a typed path could become.
    CompletePath(String),
    /// Find out what additions would lead to together.
    TryAdditions {
        /// The additions.
        additions: Vec<Change>,
        /// What it would be added to.
        plan: Arc<Plan>,
        /// What is staged.
        transaction: Transaction,
        /// What is known.
        facts: Arc<Facts>,
    },
    /// Find out the homepage of an element.
    FindHomepage(ElementSource, NixOptions),
    /// Hand a page to the desktop.
    OpenPage(String),
    /// Give a text to the terminal's clipboard.
    Copy(String),
    /// Ask the running job to stop.
    Cancel,
    /// Give the terminal back and stop the process until it is continued.
    Suspend,
    /// Take the mouse, or leave it to the terminal.
    TakeMouse(bool),
    /// Draw everything again.
    Redraw,
}

/// Plans and facts are equal if they are the same value in memory: tests ask which one was sent,
/// and comparing trees of 27,000 links would tell no more.
impl PartialEq for Effect {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::LearnFacts(one), Self::LearnFacts(two)) => one == two,
            (
                Self::FindWays { revision, index, plan, .. },
                Self::FindWays { revision: other_revision, index: other_index, plan: other_plan, .. },
            ) => (revision, index) == (other_revision, other_index) && Arc::ptr_eq(plan, other_plan),
            (Self::Apply { plan, replace }, Self::Apply { plan: other_plan, replace: other_replace }) => {
                Arc::ptr_eq(plan, other_plan) && replace == other_replace
            }
            (Self::Compare { compared, .. }, Self::Compare { compared: other_compared, .. }) => {
                compared == other_compared
            }
            (Self::MeasurePackages(one), Self::MeasurePackages(two))
            | (Self::FindContained(one), Self::FindContained(two)) => one == two,
            (Self::RollBack(one), Self::RollBack(two)) => one == two,
            (Self::CompareClosures { numbers, .. }, Self::CompareClosures { numbers: other, .. }) => {
                numbers == other
            }
            (Self::OpenProfile(one), Self::OpenProfile(two)) => one == two,
            (Self::LookUpProgram(one), Self::LookUpProgram(two)) => one == two,
            (Self::DeleteGenerations(one), Self::DeleteGenerations(two)) => one == two,
            (Self::MeasureSpace { sets, .. }, Self::MeasureSpace { sets: other, .. }) => sets == other,
            (Self::Note { numbers, noting }, Self::Note { numbers: other_numbers, noting: other }) => {
                numbers == other_numbers && noting == other
            }
            (Self::TakeMouse(one), Self::TakeMouse(two)) => one == two,
            (Self::RealiseAndApply { staged, .. }, Self::RealiseAndApply { staged: other, .. }) => {
                staged.transaction == other.transaction && staged.replace == other.replace
            }
            (Self::Realise(one), Self::Realise(two)) => one.realise == two.realise,
            (Self::MeasureCost { revision, .. }, Self::MeasureCost { revision: other, .. }) => {
                revision == other
            }
            (
                Self::Hold { names, holding, .. },
                Self::Hold { names: other_names, holding: other_holding, .. },
            ) => names == other_names && holding == other_holding,
            (
                Self::ListPackages { source, freshness },
                Self::ListPackages { source: other, freshness: other_freshness },
            ) => (source, freshness) == (other, other_freshness),
            (
                Self::SearchPackages { generation, query, .. },
                Self::SearchPackages { generation: other, query: other_query, .. },
            ) => (generation, query) == (other, other_query),
            (Self::TryAdditions { additions, .. }, Self::TryAdditions { additions: others, .. }) => {
                additions == others
            }
            (
                Self::RememberOptions { names, options, .. },
                Self::RememberOptions { names: other_names, options: other_options, .. },
            ) => names == other_names && options == other_options,
            (
                Self::AnswerFlake { flake, accepted, .. },
                Self::AnswerFlake { flake: other_flake, accepted: other, .. },
            ) => flake == other_flake && accepted == other,
            (Self::CompareEnvironments(one), Self::CompareEnvironments(two)) => one == two,
            (Self::SetRunOptions(one), Self::SetRunOptions(two)) => one == two,
            (Self::InFront(one, front), Self::InFront(two, other)) => one == two && front == other,
            (Self::FindHomepage(one, options), Self::FindHomepage(two, others)) => {
                one == two && options == others
            }
            (Self::SavePlan(one), Self::SavePlan(two))
            | (Self::OpenPage(one), Self::OpenPage(two))
            | (Self::CompletePath(one), Self::CompletePath(two))
            | (Self::Copy(one), Self::Copy(two)) => one == two,
            (one, two) => std::mem::discriminant(one) == std::mem::discriminant(two),
        }
    }
}
