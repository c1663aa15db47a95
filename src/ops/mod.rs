//! Use cases, named by deed, shared by the interface and the command line.
//!
//! Each takes the [`Context`] and values of `core`, touches the machine through
//! `system`, and gives values back. None prints or prompts. What firn itself refuses
//! to do is a [`refusal::Refusal`]; what to do about any error is told by
//! [`hint::hint`], so that both front ends give the same advice.

use std::path::PathBuf;
use std::sync::Arc;

use crate::system::machine::{Clock, Store};
use crate::system::own_folders::OwnFolders;

pub mod apply_plan;
pub mod apply_realised;
pub mod check_upgrades;
pub mod collect_garbage;
pub mod compare_closures;
pub mod compare_environments;
pub mod compare_generations;
pub mod contained_packages;
pub mod delete_generations;
pub mod diagnose;
mod diagnose_files;
pub mod edit_registry;
pub mod fetch_registry;
pub mod find_file;
pub mod find_profiles;
pub mod foresee_switch;
pub mod gather_facts;
pub mod hint;
pub mod hold;
mod load_environment;
pub mod load_profile;
pub mod load_registries;
mod lock_profile;
pub mod measure_cost;
pub mod measure_generations;
pub mod measure_packages;
pub mod note_generation;
pub mod on_path;
pub mod open_homepage;
pub mod own_tool;
pub mod realise;
pub mod rebuild_generation;
pub mod refusal;
pub mod remember_files;
pub mod remember_options;
pub mod roll_back;
pub mod save_plan;
pub mod search_packages;
pub mod undo;
pub mod write_registry;

/// What every use case works with.
#[derive(Clone)]
pub struct Context {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The profile's link, absolute.
    pub profile: PathBuf,
    /// firn's own folders.
    pub folders: OwnFolders,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whether changing anything is refused.
    pub read_only: bool,
}
