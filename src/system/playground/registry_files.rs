//! The playground's flake registries: one of the user, of the system, and the global one.
//!
//! They lie where Nix's would if the playground were a home and a machine of its own, in
//! Nix's format, and begin as the files of `assets/playground/registries/`: the user's
//! overrides `nixpkgs` of the other two and has one exact entry.

use std::fs;
use std::path::{Path, PathBuf};

use crate::system::machine::StoreError;

const USER: &str = include_str!("../../../assets/playground/registries/user.json");
const SYSTEM: &str = include_str!("../../../assets/playground/registries/system.json");
const GLOBAL: &str = include_str!("../../../assets/playground/registries/global.json");

/// Where the registries of a playground lie; the first one that knows a name decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryFiles {
    /// As `$XDG_CONFIG_HOME/nix/registry.json`.
    pub user: PathBuf,
    /// As `/etc/nix/registry.json`.
    pub system: PathBuf,
    /// As the file that Nix keeps of the one it fetched.
    pub global: PathBuf,
}

impl RegistryFiles {
    /// The places in a playground's folder.
    pub(super) fn below(folder: &Path) -> Self {
        Self {
            user: folder.join("config/nix/registry.json"),
            system: folder.join("etc/nix/registry.json"),
            global: folder.join("cache/nix/flake-registry.json"),
        }
    }

    /// Writes what a new playground begins with.
    pub(super) fn write(&self) -> Result<(), StoreError> {
        for (file, text) in [(&self.user, USER), (&self.system, SYSTEM), (&self.global, GLOBAL)] {
            let folder = file.parent().unwrap_or(file);
            fs::create_dir_all(folder).map_err(|error| StoreError::file(folder, &error))?;
            // As Nix writes it: no line end after the last brace.
            fs::write(file, text.trim_end()).map_err(|error| StoreError::file(file, &error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The entries whose `from` is this indirect reference.
    fn entries(text: &str, id: &str) -> Vec<Value> {
        let registry: Value = serde_json::from_str(text).unwrap();
        assert_eq!(registry["version"], 2);
        let entries = registry["flakes"].as_array().unwrap().clone();
        entries.into_iter().filter(|entry| entry["from"]["id"] == id).collect()
    }

    #[test]
    fn they_are_written_as_nix_writes_them() {
        for text in [USER, SYSTEM, GLOBAL] {
            let registry: Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string_pretty(&registry).unwrap(), text.trim_end());
        }
    }

    #[test]
    fn the_user_overrides_nixpkgs_and_has_an_exact_entry() {
        assert_eq!(entries(USER, "nixpkgs").len(), 2);
        assert_eq!(entries(USER, "nixpkgs")[0]["exact"], true);
        assert_eq!([entries(SYSTEM, "nixpkgs").len(), entries(GLOBAL, "nixpkgs").len()], [1, 1]);
    }
}
