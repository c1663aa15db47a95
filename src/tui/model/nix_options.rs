//! Options of Nix that the user has set here: for this run, for elements, for flakes.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::evaluation::Question;
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::system::nix::Front;

/// What is set, and what flakes want to set.
#[derive(Debug, Default)]
pub struct OptionsSet {
    /// For every nix call until firn ends, beside those it was started with.
    pub run: NixOptions,
    /// What is remembered on disk.
    pub remembered: RememberedOptions,
    /// Of what is staged to be added, by installable.
    pub additions: BTreeMap<String, NixOptions>,
    /// Why that cannot be read, if so; then nothing is remembered either.
    pub problem: Option<String>,
    /// Flakes whose settings are accepted until firn ends.
    pub trusted_now: BTreeSet<String>,
    /// Flakes that want settings, with these; the first is asked about next.
    pub wanted: Vec<FlakeSettings>,
    /// Flakes that the user does not want to be asked about again until firn ends.
    pub put_off: BTreeSet<String>,
}

/// What a flake wants to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlakeSettings {
    /// The flake's reference.
    pub flake: String,
    /// Names of settings.
    pub settings: Vec<String>,
}

/// A command that could be run with the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFrontOffer {
    /// The element whose check failed.
    pub element: String,
    /// What was asked.
    pub question: Question,
    /// What the command is for.
    pub front: Front,
}

/// What was done about remembered options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionsDeed {
    /// They were read.
    Read,
    /// Elements have these from now on.
    Elements(Vec<String>, NixOptions),
    /// A flake's settings are accepted, or not.
    Flake(String, bool),
}

impl OptionsSet {
    /// What questions get: what is remembered, and what holds for this run.
    pub fn of_questions(&self) -> RememberedOptions {
        let mut remembered = self.remembered.clone();
        remembered.trusted.extend(self.trusted_now.iter().cloned());
        remembered.additions.clone_from(&self.additions);
        remembered
    }

    /// Whether a flake's settings have been answered for, or put off.
    pub fn is_answered(&self, flake: &str) -> bool {
        let known = &self.remembered;
        [&known.trusted, &known.distrusted, &self.trusted_now, &self.put_off]
            .into_iter()
            .any(|flakes| flakes.contains(flake))
    }
}
