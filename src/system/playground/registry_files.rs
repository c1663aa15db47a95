//! The playground's flake registries: one of the user, of the system, and the global one.
//!
//! They lie where Nix's would if the playground were a home and a machine of its own, in
//! Nix's format, and begin as the files of `assets/playground/registries/`: the user's
//! overrides `nixpkgs` of the other two and has one exact entry.

use std::fs;
use std::path::{Path, PathBuf};

use crate::core::registry::Registries;
use crate::system::machine::StoreError;
use crate::system::registry_file::{GlobalPlace, RegistryPlaces};

const USER: &str = include_str!("../../../assets/playground/registries/user.json");
const SYSTEM: &str = include_str!("../../../assets/playground/registries/system.json");
const GLOBAL: &str = include_str!("../../../assets/playground/registries/global.json");
/// Where the global one would come from, if there were a network.
const GLOBAL_URL: &str = "https://channels.nixos.org/flake-registry.json";

/// Where the registries of a playground lie.
pub(super) struct RegistryFiles {
    /// As `$XDG_CONFIG_HOME/nix/registry.json`.
    user: PathBuf,
    /// As `/etc/nix/registry.json`.
    system: PathBuf,
    /// As what Nix keeps of the one it fetched.
    global: PathBuf,
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

    /// The same, in the words of the store's trait.
    pub(super) fn places(&self) -> RegistryPlaces {
        let global = GlobalPlace::Download { url: GLOBAL_URL.to_owned(), kept: self.global.clone() };
        RegistryPlaces {
            user: self.user.clone(),
            system: self.system.clone(),
            global,
            ..RegistryPlaces::default()
        }
    }

    /// Reads what stands in them now.
    pub(super) fn read(&self) -> Registries {
        let mut registries = Registries::default();
        for file in self.places().read() {
            *registries.layer_mut(file.layer) = file.registry;
        }
        registries
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
impl RegistryFiles {
    /// What a new playground's registries say.
    pub(super) fn first() -> Registries {
        use crate::core::registry::{Layer, Registry};
        let layers = [(Layer::User, USER), (Layer::System, SYSTEM), (Layer::Global, GLOBAL)];
        layers.into_iter().fold(Registries::default(), |registries, (layer, text)| {
            registries.with(layer, Registry::parse(text.as_bytes()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::registry::{Layer, Registry};
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
            let registry = Registry::parse(text.as_bytes());
            assert_eq!(registry.to_text().unwrap(), text.trim_end());
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let files = RegistryFiles::below(folder.path());
        assert_eq!(files.read(), Registries::default());
        files.write().unwrap();
        assert_eq!(files.read(), RegistryFiles::first());
        assert_eq!(files.read().layer(Layer::User).entries.len(), 3);
    }

    #[test]
    fn the_user_overrides_nixpkgs_and_has_an_exact_entry() {
        assert_eq!(entries(USER, "nixpkgs").len(), 2);
        assert_eq!(entries(USER, "nixpkgs")[0]["exact"], true);
        assert_eq!([entries(SYSTEM, "nixpkgs").len(), entries(GLOBAL, "nixpkgs").len()], [1, 1]);
    }
}
