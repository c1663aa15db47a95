//! Store paths and the store folder they live in.
//!
//! A store path is `<store dir>/<hash>-<name>`: 32 characters of nix32, a dash
//! and a name of letters, digits and `+-._?=`. The store folder is a value, not
//! a constant: tests, the playground and private stores all have their own.
//!
//! `/nix/store/i270m2h1…-hello-2.12.3` has base name `i270m2h1…-hello-2.12.3`,
//! hash part `i270m2h1…` and name `hello-2.12.3`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::nar::{self, nix32};

/// Length of the hash part: 20 bytes, five bits a character.
const HASH_LENGTH: usize = 32;

/// The longest name: a file name of 255 bytes less hash, dash and room for `.lock` and the like.
const LONGEST_NAME: usize = 211;

/// The folder that holds a store, `/nix/store` unless Nix was told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreDir(Arc<str>);

impl StoreDir {
    /// Takes an absolute path; `.`, `..` and doubled or trailing slashes are resolved by the text alone.
    pub fn new(path: &str) -> Self {
        Self(Arc::from(canonical(path)))
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
    /// Reads a full path that lies directly in `store_dir`; doubled and trailing slashes are
    /// forgiven, as Nix does.
    pub fn parse(store_dir: &StoreDir, path: &str) -> Result<Self, StorePathError> {
        let not_in_store =
            || StorePathError::NotInStore { path: path.to_owned(), store_dir: store_dir.as_str().to_owned() };
        if !path.starts_with('/') {
            return Err(not_in_store());
        }
        let full = canonical(path);
        let base_name = full
            .strip_prefix(store_dir.as_str())
            .and_then(|rest| rest.strip_prefix('/'))
            .filter(|rest| !rest.is_empty() && !rest.contains('/'))
            .ok_or_else(not_in_store)?;
        check_base_name(base_name)
            .map_err(|reason| StorePathError::BadName { path: path.to_owned(), reason })?;
        Ok(Self(Arc::from(full)))
    }

    /// Makes the path from its hash part's 20 bytes and its name.
    pub fn from_parts(store_dir: &StoreDir, hash: [u8; 20], name: &str) -> Result<Self, StorePathError> {
        let path = format!("{store_dir}/{}-{name}", nix32(&hash));
        match check_name(name) {
            Ok(()) => Ok(Self(Arc::from(path))),
            Err(reason) => Err(StorePathError::BadName { path, reason }),
        }
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

/// Resolves `.`, `..` and empty parts of an absolute path without looking at the disk.
fn canonical(path: &str) -> Cow<'_, str> {
    // One look at the bytes: of a large profile's paths hardly one is odd.
    let may_be_odd = |pair: &[u8]| pair[0] == b'/' && matches!(pair[1], b'/' | b'.');
    if path.starts_with('/') && !path.ends_with('/') && !path.as_bytes().windows(2).any(may_be_odd) {
        return Cow::Borrowed(path);
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    Cow::Owned(parts.iter().flat_map(|part| ["/", part]).collect())
}

/// Checks `<hash>-<name>`, telling the first rule that is broken.
fn check_base_name(base_name: &str) -> Result<(), &'static str> {
    let bytes = base_name.as_bytes();
    if bytes.len() <= HASH_LENGTH {
        return Err("it is too short");
    }
    if bytes[HASH_LENGTH] != b'-' {
        return Err("the hash part is not followed by a dash");
    }
    if !bytes[..HASH_LENGTH].iter().all(|byte| nar::is_nix32(*byte)) {
        return Err("the hash part holds a character that is not base 32");
    }
    check_name(&base_name[HASH_LENGTH + 1..])
}

/// Checks the part after the hash: `.` and `..` must not be its first word.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.len() > LONGEST_NAME {
        return Err("the name is longer than 211 characters");
    }
    if matches!(name.split('-').next(), Some("." | "..")) {
        return Err("the name must not start with the word '.' or '..'");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte)) {
        return Err("the name holds a character that is not a letter, a digit or one of +-._?=");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HELLO: &str = "/nix/store/10s5j3mfdg22k1597x580qrhprnzcjwb-hello-2.12.3";

    fn store() -> StoreDir {
        StoreDir::new("/nix/store/")
    }

    #[test]
    fn splits_into_parts() {
        let path = StorePath::parse(&store(), HELLO).unwrap();
        assert_eq!(path.base_name(), "10s5j3mfdg22k1597x580qrhprnzcjwb-hello-2.12.3");
        assert_eq!(path.hash_part(), "10s5j3mfdg22k1597x580qrhprnzcjwb");
        assert_eq!(path.name(), "hello-2.12.3");
    }

    #[test]
    fn forgives_slashes_and_dots() {
        for text in ["//nix/./store//", "/nix/x/../store/"] {
            let text = HELLO.replace("/nix/store/", text) + "/";
            assert_eq!(StorePath::parse(&store(), &text).unwrap().as_str(), HELLO);
        }
        assert_eq!(StoreDir::new("/a//b/../c/").as_str(), "/a/c");
    }

    #[test]
    fn a_store_may_lie_anywhere() {
        let store = StoreDir::new("/tmp/private/store");
        let text = HELLO.replace("/nix/store", "/tmp/private/store");
        assert_eq!(StorePath::parse(&store, &text).unwrap().as_str(), text);
        assert!(StorePath::parse(&store, HELLO).is_err());
    }

    #[test]
    fn refuses_what_lies_elsewhere() {
        let below = format!("{HELLO}/bin");
        for text in ["", "hello", "/nix/store", "/nix/store/", "/nix/storex", &HELLO[1..], &below] {
            let error = StorePath::parse(&store(), text).unwrap_err();
            assert!(matches!(error, StorePathError::NotInStore { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn refuses_bad_names() {
        let hash = "10s5j3mfdg22k1597x580qrhprnzcjwb";
        let long = format!("{hash}-{}", "a".repeat(212));
        for base in [
            hash,
            &format!("{hash}-"),
            &format!("{hash}x-a"),
            &format!("{hash}_a"),
            &format!("{}-a", hash.replace('0', "e")),
            &format!("{}-a", hash.replace('s', "S")),
            &format!("{hash}-a b"),
            &format!("{hash}-ä"),
            &format!("{hash}-."),
            &format!("{hash}-..-a"),
            &format!("{}é-x", &hash[..31]),
            &long,
        ] {
            let error = StorePath::parse(&store(), &format!("/nix/store/{base}")).unwrap_err();
            assert!(matches!(error, StorePathError::BadName { .. }), "{base}: {error}");
        }
        for name in [".a", "...", ".a-b", "-a", "a-.", "+?=_"] {
            assert!(StorePath::parse(&store(), &format!("/nix/store/{hash}-{name}")).is_ok(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn parts_make_a_path_that_parses(hash in any::<[u8; 20]>(), name in "[a-zA-Z0-9+_?=][a-zA-Z0-9+._?=-]{0,40}") {
            let made = StorePath::from_parts(&store(), hash, &name).unwrap();
            prop_assert_eq!(made.name(), name.as_str());
            prop_assert_eq!(StorePath::parse(&store(), made.as_str()).unwrap(), made);
        }

        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = StorePath::parse(&store(), &text);
            let _ = StorePath::parse(&store(), &format!("/nix/store/{text}"));
        }
    }
}
