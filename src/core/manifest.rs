//! `manifest.json`: what a profile holds, as Nix writes and reads it.
//!
//! Versions 1 to 3 are read (1 and 2 hold a list, 3 an object; told by the JSON,
//! not by the version); version 3 is written, byte for byte as Nix does: compact,
//! keys sorted by bytes, no trailing newline. An element without a source keeps
//! only `active`, `priority` and `storePaths`.

use std::collections::BTreeMap;

use super::store_path::{StoreDir, StorePath};

/// The priority of an element that was given none; lower wins.
pub const DEFAULT_PRIORITY: i32 = 5;

/// The elements of a profile by name, in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileManifest {
    /// Name to element; names are unique within a profile.
    pub elements: BTreeMap<String, ProfileElement>,
}

/// One installed thing: its store paths and where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileElement {
    /// Whether its files are linked; an inactive element stays referenced.
    pub active: bool,
    /// Lower wins; any `i32`.
    pub priority: i32,
    /// Sorted, without repeats.
    pub store_paths: Vec<StorePath>,
    /// The flake it came from; `None` for store paths, `--file` and `--expr`.
    pub source: Option<ElementSource>,
}

/// The four source keys of an element, together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementSource {
    /// `originalUrl`: the reference as the user gave it.
    pub original_url: String,
    /// `url`: the reference locked to what was fetched.
    pub url: String,
    /// The attribute path that matched, `packages.x86_64-linux.hello`.
    pub attr_path: String,
    /// Which outputs were asked for.
    pub outputs: ExtendedOutputsSpec,
}

/// The `outputs` key: what stands after `^`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExtendedOutputsSpec {
    /// `null`: what the package declares.
    Default,
    /// `["*"]`.
    All,
    /// A sorted list without repeats, never empty.
    Names(Vec<String>),
}

/// Why a manifest cannot be read. The edge adds the file's path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON at all.
    #[error("it is not valid JSON: {0}")]
    Syntax(String),
    /// A version this Nix world does not know.
    #[error("it has version {0}; firn reads versions 1 to 3")]
    Version(String),
    /// A key is missing or has the wrong type.
    #[error("element '{element}': {problem}")]
    Element {
        /// The element's name, or its index in a list.
        element: String,
        /// What is wrong, in words.
        problem: String,
    },
    /// The outer shape is wrong.
    #[error("{0}")]
    Shape(String),
}

impl ProfileManifest {
    /// Reads a manifest of version 1, 2 or 3.
    pub fn parse(text: &[u8], store_dir: &StoreDir) -> Result<Self, ManifestError> {
        let _ = (text, store_dir);
        todo!()
    }

    /// Prints version 3 exactly as Nix writes it.
    pub fn to_json(&self) -> String {
        todo!()
    }

    /// The store paths of all elements, inactive ones too, sorted, without repeats:
    /// the references of the profile's store path.
    pub fn references(&self) -> Vec<StorePath> {
        todo!()
    }

    /// Adds an element under `candidate`, or `candidate-1`, `candidate-2`, … if taken; tells the name.
    pub fn add(&mut self, candidate: &str, element: ProfileElement) -> String {
        let _ = (candidate, element);
        todo!()
    }
}

impl ProfileElement {
    /// What `--regex` matches: `originalUrl#attrPath^outputs`, or without a source
    /// the set of package names joined by `, `.
    pub fn identifier(&self) -> String {
        todo!()
    }

    /// The name Nix gives the element when it is added (NIX.md, "Elements").
    pub fn base_name(&self) -> String {
        todo!()
    }

    /// The versions of its store paths as Nix shows them: unique, joined by `, `; may be empty.
    pub fn versions(&self) -> String {
        todo!()
    }

    /// The element as a JSON value with the keys of `manifest.json`.
    pub fn to_value(&self) -> serde_json::Value {
        todo!()
    }
}

/// What picks elements: the words after `remove` and `upgrade`.
#[derive(Clone, Debug)]
pub enum ElementMatcher {
    /// Every element.
    All,
    /// The whole name.
    Name(String),
    /// An element that holds this path.
    StorePath(StorePath),
    /// The whole identifier, case-insensitive.
    Regex(Box<regex::Regex>, String),
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
        let _ = (word, store_dir);
        todo!()
    }

    /// Reads a POSIX extended pattern that must match the whole identifier.
    pub fn regex(pattern: &str) -> Result<Self, MatcherError> {
        let _ = pattern;
        todo!()
    }

    /// Whether the element is picked.
    pub fn matches(&self, name: &str, element: &ProfileElement) -> bool {
        let _ = (name, element);
        todo!()
    }

    /// How Nix titles it in "… does not match any packages in the profile."
    pub fn title(&self) -> String {
        todo!()
    }
}
