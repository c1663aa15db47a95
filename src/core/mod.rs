//! The rules of firn, pure: values in, values out.
//!
//! Nothing here opens a file, starts a process, reads a clock, an environment
//! variable or a terminal; `tests/architecture.rs` reads this folder and fails
//! on an import that could. What has to be learnt from the machine arrives as
//! [`facts::Facts`], and what is still missing leaves as [`facts::Needs`].
//!
//! The path through the modules: a [`manifest::ProfileManifest`] and the
//! [`change::Change`]s staged in a [`transaction::Transaction`] give, with the
//! facts, a [`plan::Plan`]; the plan holds the [`link_tree::LinkTree`] that
//! applying would make, with every collision as data, and
//! [`resolution`] computes the ways out of one.

#![deny(clippy::disallowed_methods)]

pub mod available_outputs;
pub mod byte_size;
pub mod change;
pub mod closure_difference;
pub mod comparison;
pub mod contained_outputs;
pub mod conversion;
pub mod counting;
pub mod deeds;
pub mod deletion_loss;
pub mod derivation;
pub mod diagnosis;
pub mod difference;
pub mod environment_collision;
pub mod environment_difference;
pub mod essentials;
pub mod evaluation;
pub mod export;
pub mod facts;
pub mod file_origin;
pub mod file_source;
pub mod file_tree;
pub mod flake_ref;
pub mod folder_counts;
pub mod generation;
pub mod generation_fault;
pub mod generation_note;
pub mod hash;
pub mod home_manager;
pub mod installable;
pub mod link_tree;
pub mod live_time;
pub mod manifest;
pub mod nar;
pub mod nar_info;
pub mod nar_listing;
pub mod nearest;
pub mod nix_commands;
pub mod nix_options;
pub mod nix_text;
pub mod package;
pub mod package_list;
pub mod package_search;
pub mod plan;
pub mod profile_kind;
pub mod rebuilt_manifest;
pub mod registry;
pub mod resolution;
pub mod search_ranking;
pub mod shell_words;
pub mod store_graph;
pub mod store_path;
#[cfg(test)]
pub(crate) mod test_world;
pub mod toml_depth;
pub mod transaction;
pub mod typed_path;
pub mod upgrade;
pub mod url;
pub mod user_environment;
pub mod version;
pub mod visible;
