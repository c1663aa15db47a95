//! Store paths and the store folder they live in.
//!
//! A store path is `<store dir>/<hash>-<name>`: 32 characters of nix32, a dash
//! and a name of letters, digits and `+-._?=`. The store folder is a value, not
//! a constant: tests, the playground and private stores all have their own.
//!
//! `/nix/store/i270m2h1…-hello-2.12.3` has base name `i270m2h1…-hello-2.12.3`,
//! hash part `i270m2h1…` and name `hello-2.12.3`.

use std::fmt;
use std::sync::Arc;

/// The folder that holds a store, `/nix/store` unless Nix was told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreDir(Arc<str>);

impl StoreDir {
    /// Takes an absolute path; trailing slashes are dropped.
    pub fn new(path: &str) -> Self {
        Self(Arc::from(path.trim_end_matches('/')))
    }

    /// The folder without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoreDir {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A full store path, valid by construction, ordered as Nix orders them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorePath(Arc<str>);

/// Why a text is not a store path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorePathError {
    /// The text does not lie directly in the store folder.
    #[error("'{path}' is not in the Nix store '{store_dir}'")]
    NotInStore {
        /// What was read.
        path: String,
        /// The store folder it should lie in.
        store_dir: String,
    },
    /// The base name breaks the rule of 32 nix32 characters, a dash and a name.
    #[error("'{path}' is not a valid store path: {reason}")]
    BadName {
        /// What was read.
        path: String,
        /// Which part is wrong.
        reason: &'static str,
    },
}

impl StorePath {
    /// Reads a full path that lies directly in `store_dir`.
    pub fn parse(store_dir: &StoreDir, path: &str) -> Result<Self, StorePathError> {
        let _ = (store_dir, path);
        todo!()
    }

    /// Makes the path from its hash part's 20 bytes and its name.
    pub fn from_parts(store_dir: &StoreDir, hash: [u8; 20], name: &str) -> Result<Self, StorePathError> {
        let _ = (store_dir, hash, name);
        todo!()
    }

    /// The full path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `<hash>-<name>`.
    pub fn base_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The 32 characters before the first dash.
    pub fn hash_part(&self) -> &str {
        self.base_name().split('-').next().unwrap_or_default()
    }

    /// What follows the hash part and its dash, `hello-2.12.3`.
    pub fn name(&self) -> &str {
        self.base_name().get(33..).unwrap_or_default()
    }
}

impl fmt::Debug for StorePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
