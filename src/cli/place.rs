//! Which store and which profile a command line is about, and how firn is called for them.

use std::path::PathBuf;

use crate::core::shell_words::quoted;

/// Which store and which profile.
#[derive(Debug)]
pub struct Place {
    /// The store.
    pub store: StoreChoice,
    /// The profile, if one was named.
    pub profile: Option<PathBuf>,
    /// Whether every change is refused.
    pub read_only: bool,
}

impl Place {
    /// How firn is called for this profile: what hints tell to type begins with it.
    pub fn program(&self) -> String {
        let mut words = "firn".to_owned();
        match &self.store {
            StoreChoice::Nix(_) => {}
            StoreChoice::Playground { folder: None, .. } => words.push_str(" --demo"),
            StoreChoice::Playground { folder: Some(folder), .. } => {
                words = format!("{words} --demo={}", quoted(&folder.to_string_lossy()));
            }
        }
        match &self.profile {
            Some(profile) => format!("{words} --profile {}", quoted(&profile.to_string_lossy())),
            None => words,
        }
    }
}

/// A store.
#[derive(Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// The real Nix, with words for every call.
    Nix(Vec<String>),
    /// The playground.
    Playground {
        /// Where, if not in firn's own folder.
        folder: Option<PathBuf>,
        /// Whether it starts over.
        fresh: bool,
    },
}
