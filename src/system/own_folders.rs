//! firn's own folders: configuration, state and data, by the platform's rules.
//!
//! `FIRN_STATE_DIR`, `FIRN_DATA_DIR` and `FIRN_CONFIG_DIR` override them (tests, sandboxes).
//! The cache is not among them: `nix/environment.rs` chooses it by the environment that
//! nix is run with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Where firn keeps its own files.
#[derive(Clone, Debug)]
pub struct OwnFolders {
    /// Journal, saved plans.
    pub state: PathBuf,
    /// The playground.
    pub data: PathBuf,
    /// What the user wrote: `config.toml`, `themes/`.
    pub config: PathBuf,
}

impl OwnFolders {
    /// From the environment; `None` without a home.
    pub fn from_environment() -> Option<Self> {
        Self::choose(|name| std::env::var_os(name), ProjectDirs::from("", "", "firn").as_ref())
    }

    /// Where the playground is when no folder is named.
    pub fn playground(&self) -> PathBuf {
        self.data.join("playground")
    }

    /// The configuration.
    pub fn configuration(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    fn choose(variable: impl Fn(&str) -> Option<OsString>, usual: Option<&ProjectDirs>) -> Option<Self> {
        let told = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state = told("FIRN_STATE_DIR").or_else(|| usual.map(|usual| state_folder(usual).to_owned()))?;
        let data = told("FIRN_DATA_DIR").or_else(|| usual.map(|usual| usual.data_dir().to_owned()))?;
        let config = told("FIRN_CONFIG_DIR").or_else(|| usual.map(|usual| usual.config_dir().to_owned()))?;
        Some(Self { state, data, config })
    }
}

/// Not every platform has a place for state of its own.
fn state_folder(usual: &ProjectDirs) -> &Path {
    usual.state_dir().unwrap_or_else(|| usual.data_local_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_win_over_the_usual_folders() {
        let told = |name: &str| (name == "FIRN_DATA_DIR").then(|| OsString::from("/d"));
        let usual = ProjectDirs::from("", "", "firn");
        let folders = OwnFolders::choose(told, usual.as_ref());
        assert_eq!(folders.is_some(), usual.is_some());
        if let Some(folders) = folders {
            assert_eq!(folders.playground(), Path::new("/d/playground"));
            assert!(folders.state.ends_with("firn"), "{:?}", folders.state);
            assert!(folders.configuration().ends_with("firn/config.toml"), "{:?}", folders.config);
        }
        assert!(OwnFolders::choose(told, None).is_none());
        let both = |name: &str| Some(OsString::from(format!("/x/{name}")));
        let folders = OwnFolders::choose(both, None).unwrap();
        assert_eq!(folders.state, Path::new("/x/FIRN_STATE_DIR"));
        assert_eq!(folders.configuration(), Path::new("/x/FIRN_CONFIG_DIR/config.toml"));
    }
}
