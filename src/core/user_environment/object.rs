//! The store objects of a user environment: the text of its manifest, the derivation that nix-env
//! would write, and the store path this builds.
//!
//! All three follow from the packages alone. The derivation has one input, the manifest, which
//! refers to everything that is installed; the builder is Nix's own. So the future profile's store
//! path is known before anything is written, and it is the very path that nix-env would make.
//!
//! In the hash of a derivation its own output's path is left empty.

use sha2::{Digest as _, Sha256};

use super::UserEnvironment;
use crate::core::nar;
use crate::core::store_path::{StoreDir, StorePath, StorePathError};

/// What must be in the store for a user environment, and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentObjects {
    /// `…-env-manifest.nix`.
    pub manifest: TextObject,
    /// `…-user-environment.drv`.
    pub derivation: TextObject,
    /// `…-user-environment`, what the derivation builds.
    pub path: StorePath,
}

/// A text in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextObject {
    /// Its path.
    pub path: StorePath,
    /// What it refers to, sorted.
    pub references: Vec<StorePath>,
    /// What stands in it.
    pub text: String,
}

impl EnvironmentObjects {
    /// Computes them.
    pub fn of(environment: &UserEnvironment, store_dir: &StoreDir) -> Result<Self, StorePathError> {
        let manifest = TextObject::new(
            store_dir,
            "env-manifest.nix",
            environment.to_string(),
            environment.references(),
        )?;
        let words: Vec<String> = environment.packages.iter().map(|(_, package)| package.words()).collect();
        let words = words.join(" ");
        let masked = derivation(&manifest.path, &words, "");
        let path = nar::output_path(store_dir, "user-environment", Sha256::digest(masked).into())?;
        let text = derivation(&manifest.path, &words, path.as_str());
        let references = vec![manifest.path.clone()];
        let derivation = TextObject::new(store_dir, "user-environment.drv", text, references)?;
        Ok(Self { manifest, derivation, path })
    }
}

impl TextObject {
    fn new(
        store_dir: &StoreDir,
        name: &str,
        text: String,
        references: Vec<StorePath>,
    ) -> Result<Self, StorePathError> {
        let path = nar::text_path(store_dir, name, text.as_bytes(), &references)?;
        Ok(Self { path, references, text })
    }
}

/// The derivation as it stands in the store, with its output at `out`.
fn derivation(manifest: &StorePath, packages: &str, out: &str) -> String {
    let variables = [
        ("allowSubstitutes", ""),
        ("builder", "builtin:buildenv"),
        ("derivations", packages),
        ("manifest", manifest.as_str()),
        ("name", "user-environment"),
        ("out", out),
        ("preferLocalBuild", "1"),
        ("system", "builtin"),
    ];
    let variables = variables.map(|(name, value)| format!("({},{})", quoted(name), quoted(value)));
    format!(
        "Derive([(\"out\",{},\"\",\"\")],[],[{}],\"builtin\",\"builtin:buildenv\",[],[{}])",
        quoted(out),
        quoted(manifest.as_str()),
        variables.join(",")
    )
}

/// A string of a derivation.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
