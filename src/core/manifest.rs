//! `manifest.json`: what a profile holds, as Nix writes and reads it.
//!
//! Versions 1 to 3 are read (1 and 2 hold a list, 3 an object; told by the JSON,
//! not by the version); version 3 is written, byte for byte as Nix does: compact,
//! keys sorted by bytes, no trailing newline. An element without a source keeps
//! only `active`, `priority` and `storePaths`.
//!
//! The packages of a nix-env profile are elements too, so that everything that shows, compares and
//! links elements takes both; [`environment`] keeps what its `manifest.nix` says beside that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use super::flake_ref::FlakeRef;
use super::package::{PackageName, without_output};
use super::store_path::{StoreDir, StorePath};
use super::url::{self, UrlError};
use super::user_environment::{EnvironmentError, UserEnvironment};

mod element_matcher;
mod element_name;
mod environment;
mod json;
mod posix_pattern;
#[cfg(test)]
mod tests;
mod written;

pub use element_matcher::{ElementMatcher, MatcherError};

/// The priority of an element that was given none; lower wins.
pub const DEFAULT_PRIORITY: i32 = 5;

/// The elements of a profile by name, in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileManifest {
    /// Name to element; names are unique within a profile.
    pub elements: BTreeMap<String, ProfileElement>,
    /// What `manifest.nix` says, for a profile of nix-env; the elements are its packages.
    pub environment: Option<Arc<UserEnvironment>>,
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
    /// `originalUrl`: the reference as the user gave it, printed as Nix stores it.
    pub original_url: String,
    /// `url`: the reference locked to what was fetched, printed as Nix stores it.
    pub url: String,
    /// The attribute path that matched, `packages.x86_64-linux.hello`.
    pub attr_path: String,
    /// Which outputs were asked for.
    pub outputs: ExtendedOutputsSpec,
}

/// The `outputs` key: what stands after `^`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// A `manifest.nix` with something that nix-env does not write.
    #[error("{0}")]
    Environment(#[from] EnvironmentError),
}

/// By name the number up to which `name-1`, `name-2`, … are taken.
pub type NumbersTaken = HashMap<String, u64>;

impl ProfileManifest {
    /// The manifest of a profile with these elements.
    pub fn of(elements: BTreeMap<String, ProfileElement>) -> Self {
        Self { elements, environment: None }
    }

    /// Reads a manifest of version 1, 2 or 3.
    pub fn parse(text: &[u8], store_dir: &StoreDir) -> Result<Self, ManifestError> {
        json::parse(text, store_dir)
    }

    /// The store paths of all elements, inactive ones too, sorted, without repeats:
    /// the references of the profile's store path.
    pub fn references(&self) -> Vec<StorePath> {
        let paths: BTreeSet<&StorePath> =
            self.elements.values().flat_map(|element| &element.store_paths).collect();
        paths.into_iter().cloned().collect()
    }

    /// Adds an element under `candidate`, or `candidate-1`, `candidate-2`, … if taken; tells the name.
    pub fn add(&mut self, candidate: &str, element: ProfileElement) -> String {
        self.add_after(candidate, element, &mut NumbersTaken::new())
    }

    /// Adds one of many elements, in time that does not grow with those of the same name. `taken`
    /// is kept from one to the next, as long as none is removed in between.
    pub fn add_after(
        &mut self,
        candidate: &str,
        element: ProfileElement,
        taken: &mut NumbersTaken,
    ) -> String {
        let mut name = candidate.to_owned();
        if self.elements.contains_key(&name) {
            let number = taken.entry(name.clone()).or_insert(0);
            while self.elements.contains_key(&name) {
                *number += 1;
                name = format!("{candidate}-{number}");
            }
        }
        self.elements.insert(name.clone(), element);
        name
    }
}

impl ProfileElement {
    /// What `--regex` matches: `originalUrl#attrPath^outputs`, or without a source
    /// the set of package names joined by `, `.
    pub fn identifier(&self) -> String {
        match &self.source {
            Some(source) => format!("{}#{}{}", source.original_url, source.attr_path, source.outputs),
            None => joined(self.store_paths.iter().map(|path| PackageName::split(path.name()).name)),
        }
    }

    /// The name Nix gives the element when it is added (NIX.md, "Elements"). Where Nix gives up,
    /// as the identifier is no URL (an attribute `"ä"`), it is the identifier.
    pub fn base_name(&self) -> String {
        self.checked_base_name().unwrap_or_else(|_| self.identifier())
    }

    /// As [`Self::base_name`], with Nix's error for an identifier that is no URL.
    fn checked_base_name(&self) -> Result<String, UrlError> {
        let identifier = self.identifier();
        match self.source {
            Some(_) => Ok(element_name::from_url(&identifier)?.unwrap_or(identifier)),
            None => Ok(identifier),
        }
    }

    /// The versions of its store paths: unique, joined by `, `, those without one left out;
    /// may be empty. (`nix profile history` prints `ε` for a path without a version.)
    pub fn versions(&self) -> String {
        joined(self.store_paths.iter().map(|path| PackageName::split(path.name()).version))
    }

    /// Name and version of each store path, as a person would say them: outputs of one package share
    /// one version.
    pub fn packages(&self) -> impl Iterator<Item = PackageName<'_>> {
        let asked: &[String] = match self.source.as_ref().map(|source| &source.outputs) {
            Some(ExtendedOutputsSpec::Names(names)) => names,
            _ => &[],
        };
        self.store_paths.iter().map(|path| {
            let whole = PackageName::split(path.name());
            let version = match whole.version.rsplit_once('-') {
                Some((version, output)) if asked.iter().any(|asked| asked == output) => version,
                _ => without_output(whole.version),
            };
            PackageName { version, ..whole }
        })
    }

    /// As [`Self::versions`], without the names of outputs.
    pub fn plain_versions(&self) -> String {
        joined(self.packages().map(|package| package.version))
    }
}

impl ElementSource {
    /// Whether the reference was locked already when it was given, so that no upgrade moves it.
    /// The commit of a forge counts, as it does for Nix unless it is told otherwise.
    pub fn is_locked(&self) -> bool {
        FlakeRef::parse(&self.original_url).is_ok_and(|reference| reference.is_locked(true))
    }

    /// The commit that the locked reference names, in hexadecimal digits. Found in its text: one that
    /// today's rules would refuse, from an older Nix, shows it too.
    pub fn revision(&self) -> Option<&str> {
        let is_revision = |text: &&str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let query = query.split('&').filter_map(|pair| pair.strip_prefix("rev="));
        query.chain(path.split('/')).find(is_revision)
    }

    /// `REFERENCE#ATTRIBUTE^OUTPUTS` as nix reads it, with the outputs of this source. Nix decodes what
    /// stands behind `#`, so what means something there is encoded.
    pub fn installable(&self, reference: &str, attribute: &str) -> String {
        format!("{reference}#{}{}", url::encode(attribute.as_bytes(), b"!$&'()*+,;=:@/?"), self.outputs)
    }

    /// The attribute as one would type it: `legacyPackages.x86_64-linux.hello` is what a flake looks for
    /// when `hello` is typed on that platform. `system` is the platform, or `None` for whichever it is.
    pub fn short_attribute(&self, system: Option<&str>) -> &str {
        let mut parts = self.attr_path.splitn(3, '.');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("packages" | "legacyPackages"), Some(own), Some(rest))
                if system.is_none_or(|system| system == own) =>
            {
                rest
            }
            _ => &self.attr_path,
        }
    }
}

impl fmt::Display for ExtendedOutputsSpec {
    /// What stands after the attribute path: nothing, `^*` or `^bin,man`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => Ok(()),
            Self::All => formatter.write_str("^*"),
            Self::Names(names) => write!(formatter, "^{}", names.join(",")),
        }
    }
}

/// Sorted, without repeats and without the empty one, joined by `, `.
fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words.join(", ")
}
