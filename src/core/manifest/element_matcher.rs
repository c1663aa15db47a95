//! What picks elements: the words and patterns after `remove`, `upgrade` and the like.
//!
//! A word is a store path if it parses as one, and a name otherwise; a number is
//! refused, as it was an index once. A pattern is a POSIX extended one and must
//! match the whole identifier, whatever the case; see [`super::posix_pattern`].
//!
//! The packages of nix-env also match by their whole name (`git-2.49.0`) and by the name without the
//! version, which several may have; an element that is called so comes first.

use super::posix_pattern;
use super::{ProfileElement, ProfileManifest};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::EnvironmentPackage;

/// What picks elements: the words after `remove` and `upgrade`.
#[derive(Clone, Debug)]
pub enum ElementMatcher {
    /// Every element.
    All,
    /// The whole name.
    Name(String),
    /// An element that holds this path.
    StorePath(StorePath),
    /// The whole identifier, case-insensitive; and the pattern as typed.
    Regex(Box<regex::bytes::Regex>, String),
}

/// A word that cannot pick an element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// Nix refuses numbers: profiles once had indices.
    #[error("'{0}' is a number; name the element instead, elements have no indices any more")]
    Index(String),
    /// The pattern does not parse.
    #[error("'{pattern}' is not a regular expression: {reason}")]
    Regex {
        /// What was typed.
        pattern: String,
        /// What the parser said.
        reason: String,
    },
}

impl ElementMatcher {
    /// Reads a plain word: a number is refused, a store path matches paths, the rest names.
    pub fn word(word: &str, store_dir: &StoreDir) -> Result<Self, MatcherError> {
        // Rust reads what Nix reads here: digits with an optional plus, up to 64 bits.
        if word.parse::<u64>().is_ok() {
            return Err(MatcherError::Index(word.to_owned()));
        }
        Ok(match StorePath::parse(store_dir, word) {
            Ok(path) => Self::StorePath(path),
            Err(_) => Self::Name(word.to_owned()),
        })
    }

    /// Reads a POSIX extended pattern that must match the whole identifier.
    pub fn regex(pattern: &str) -> Result<Self, MatcherError> {
        match posix_pattern::compile(pattern) {
            Ok(regex) => Ok(Self::Regex(Box::new(regex), pattern.to_owned())),
            Err(reason) => Err(MatcherError::Regex { pattern: pattern.to_owned(), reason }),
        }
    }

    /// The names of the elements that are picked, in the profile's order.
    pub fn picked<'a>(&self, manifest: &'a ProfileManifest) -> Vec<&'a str> {
        let elements = manifest.elements.iter();
        let matching = elements.filter(|(name, element)| self.matches(name, element));
        let mut picked: Vec<&str> = matching.map(|(name, _)| name.as_str()).collect();
        if let (Some(environment), true) = (&manifest.environment, picked.is_empty()) {
            let is_meant = |package: &EnvironmentPackage| match self {
                Self::Name(name) => package.name == *name || package.short_name() == name,
                Self::StorePath(path) => package.out_path == *path,
                Self::All | Self::Regex(..) => false,
            };
            let packages = environment.packages.iter().filter(|(_, package)| is_meant(package));
            picked.extend(packages.map(|(name, _)| name.as_str()));
            picked.sort_unstable();
        }
        picked
    }

    /// Whether the element is picked, whatever nix-env says of it.
    pub(super) fn matches(&self, name: &str, element: &ProfileElement) -> bool {
        match self {
            Self::All => true,
            Self::Name(wanted) => wanted == name,
            Self::StorePath(path) => element.store_paths.contains(path),
            Self::Regex(regex, _) => regex.is_match(element.identifier().as_bytes()),
        }
    }

    /// How Nix titles it in "… does not match any packages in the profile."
    pub fn title(&self) -> String {
        match self {
            Self::All => "--all".to_owned(),
            Self::Name(name) => format!("Package name '{name}'"),
            Self::StorePath(path) => format!("Store path '{}'", path.base_name()),
            Self::Regex(_, pattern) => format!("Regex '{pattern}'"),
        }
    }
}
