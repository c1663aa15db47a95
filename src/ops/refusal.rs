//! What firn refuses to do, and why. Nothing was changed when one of these is told.

use std::path::PathBuf;

use crate::core::plan::PlanState;
use crate::system::profile_folder::ProfileState;

/// A deed that firn will not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The context is read-only.
    #[error("firn was told to change nothing (read-only)")]
    ReadOnly,
    /// The plan is blocked, impossible or not complete.
    #[error("{}", not_ready(*.0))]
    NotReady(PlanState),
    /// Something is to be fetched or built first.
    #[error("'{0}' has to be fetched or built before this plan can be applied")]
    NotRealised(String),
    /// Nix would take what stands at the link for an empty profile and drop it.
    #[error("'{}' {}; changing it would drop what was there", profile.display(), unreadable(.state))]
    Unreadable {
        /// The profile's link.
        profile: PathBuf,
        /// What stands there.
        state: ProfileState,
    },
    /// Changing the profile with `nix profile` rules would convert it for good.
    #[error("'{}' was made by nix-env; changing it here would convert it and lose priorities", .0.display())]
    NixEnvironment(PathBuf),
    /// The profile leads out of the store.
    #[error("'{}' leads to '{target}', which is not in the store '{store_dir}'", profile.display())]
    OutsideStore {
        /// The profile's link.
        profile: PathBuf,
        /// Where it leads.
        target: String,
        /// The store's folder.
        store_dir: String,
    },
    /// The store made another path than the one that was planned.
    #[error("the store switched '{}' to something else than the planned '{planned}'", profile.display())]
    NotAsPlanned {
        /// The profile's link.
        profile: PathBuf,
        /// The path it should have.
        planned: String,
    },
    /// What is live cannot be read, and the generations that could be gone back to would go.
    #[error("the live {live} is damaged ({problem}); deleting {} would lose what there is to go back to", numbers(.deletes))]
    LiveIsDamaged {
        /// The live generation in words.
        live: String,
        /// What is wrong with it.
        problem: String,
        /// What would be deleted.
        deletes: Vec<u64>,
    },
    /// Its own tool switches it.
    #[error("'{}' is of {made_by}, whose own tool switches it: {command}", profile.display())]
    OwnTool {
        /// The profile's link.
        profile: PathBuf,
        /// What it is of.
        made_by: &'static str,
        /// The command that does what was asked for.
        command: String,
    },
    /// Rebuilding leads to what is damaged.
    #[error(
        "rebuilt from what it refers to, the profile would be '{0}' again, which is damaged in the store"
    )]
    SameAsDamaged(String),
    /// The user keeps them.
    #[error("{} {} to be kept", numbers(.0), if .0.len() == 1 { "is" } else { "are" })]
    Kept(Vec<u64>),
    /// The store has no registry of the user's own.
    #[error("this store has no registry of your own")]
    NoRegistry,
    /// Writing the registry would lose what cannot be read of it.
    #[error("{}: {problem}; it was not written", file.display())]
    DamagedRegistry {
        /// Its file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to go back from, nor to.
    #[error("there is no profile at '{}'", .0.display())]
    NoProfile(PathBuf),
    /// Planning asks for the same facts again and again.
    #[error("the plan cannot be completed: {0} could not be learnt")]
    NeverLearnt(String),
}

fn not_ready(state: PlanState) -> &'static str {
    match state {
        PlanState::Nothing => "there is nothing to apply",
        PlanState::Unknown => "the plan is not complete: packages are still to be looked at",
        PlanState::Blocked => "collisions stand in the way of this plan",
        PlanState::Impossible => "this plan cannot be applied: a package is missing or was refused",
        PlanState::Ready => "the plan is ready",
    }
}

fn numbers(deletes: &[u64]) -> String {
    let words: Vec<String> = deletes.iter().map(u64::to_string).collect();
    let title = if words.len() == 1 { "generation" } else { "generations" };
    format!("{title} {}", words.join(", "))
}

fn unreadable(state: &ProfileState) -> &'static str {
    match state {
        ProfileState::Dangling => "leads to nothing",
        _ => "has no manifest",
    }
}
