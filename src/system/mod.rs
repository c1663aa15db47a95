//! The only place that touches the machine: files, processes, clocks, locks.

pub mod binary_cache;
pub mod bounded_file;
pub mod configuration_file;
pub mod disk_space;
pub mod file_place;
pub mod flake_folder;
pub mod holds;
pub mod journal;
pub mod machine;
pub mod nix;
pub mod notes;
pub mod opener;
pub mod out_link;
pub mod own_folders;
pub mod package_reader;
pub mod package_size;
pub mod plan_file;
pub mod playground;
pub mod profile_folder;
pub mod profile_leftovers;
pub mod profile_link;
pub mod profile_search;
pub mod registry_file;
pub mod running_programs;
pub mod search_path;
pub mod terminal_colours;
