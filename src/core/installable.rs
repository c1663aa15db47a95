//! What a person types to add something: `nixpkgs#fltk^bin`, a store path, an attribute of a file.
//!
//! firn does not evaluate; the store does, and answers with a [`ResolvedInstallable`].
//! Here the text is only sorted into kinds and kept as typed.

use super::manifest::ProfileElement;
use super::store_path::{StoreDir, StorePath};

/// Something that can be added, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Installable {
    /// The words, verbatim.
    pub text: String,
    /// The expression the words select from, if not a flake.
    pub scope: InstallableScope,
}

/// Where an installable's attribute path starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstallableScope {
    /// A flake reference with a fragment, or a store path.
    Flake,
    /// `--file FILE`.
    File(String),
    /// `--expr EXPRESSION`.
    Expression(String),
}

/// What the store says an installable is: the element `nix profile add` would write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedInstallable {
    /// Store paths, source and the package's own priority (`meta.priority`, else 5).
    pub element: ProfileElement,
}

impl Installable {
    /// A flake reference or a store path.
    pub fn flake(text: impl Into<String>) -> Self {
        Self { text: text.into(), scope: InstallableScope::Flake }
    }

    /// The store path, if the text is exactly one (no `^outputs`, no derivation).
    pub fn store_path(&self, store_dir: &StoreDir) -> Option<StorePath> {
        if self.scope != InstallableScope::Flake || self.text.rsplit('.').next() == Some("drv") {
            return None;
        }
        StorePath::parse(store_dir, &self.text).ok()
    }

    /// A short name to show before it is resolved: the last attribute, else the text.
    pub fn short_name(&self) -> &str {
        let fragment = self.text.rsplit_once('#').map_or(self.text.as_str(), |(_, fragment)| fragment);
        let attribute = fragment.split('^').next().unwrap_or(fragment);
        match attribute.rsplit(['.', '/']).next() {
            Some(last) if !last.is_empty() => last,
            _ => &self.text,
        }
    }
}
