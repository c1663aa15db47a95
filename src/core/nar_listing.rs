//! What is in a store path that is not here: the listing of a binary cache, `<hash>.ls`.
//!
//! `{"version":1,"root":{"type":"directory","entries":{"bin":{…}}}}`, where a node is a
//! `directory` with `entries`, a `regular` file with a `size`, or a `symlink` with a `target`.
//! It tells names and links, not contents; [`NarListing::node`] finds what stands at a path,
//! links not followed. Following them may lead into other store paths, which is the reader's
//! work (`system::listed_packages`).

use std::collections::BTreeMap;

use serde::Deserialize;

/// The contents of one store path, without those of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NarListing {
    /// What stands at the store path itself.
    pub root: ListedNode,
}

/// One file, folder or link of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedNode {
    /// A regular file.
    File {
        /// In bytes.
        size: u64,
    },
    /// A folder, its entries sorted by name bytes.
    Directory(BTreeMap<String, ListedNode>),
    /// A symlink.
    Link {
        /// As it is written.
        target: String,
    },
}

/// Why a text is not a listing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarListingError {
    /// Not JSON, not of this shape, or nested too deep to be files.
    #[error("{0}")]
    Syntax(String),
    /// A name that no folder can hold.
    #[error("'{}' is no file name", super::visible::text(.0))]
    BadName(String),
    /// Made by something newer.
    #[error("it has version {0}; firn reads version 1")]
    Version(u64),
}

#[derive(Deserialize)]
struct Document {
    version: u64,
    root: Node,
}

/// A node as it is written, before its type says which keys count.
#[derive(Deserialize)]
struct Node {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    entries: BTreeMap<String, Node>,
    target: Option<String>,
}

impl NarListing {
    /// Reads a listing.
    pub fn parse(text: &[u8]) -> Result<Self, NarListingError> {
        let document: Document =
            serde_json::from_slice(text).map_err(|error| NarListingError::Syntax(error.to_string()))?;
        if document.version != 1 {
            return Err(NarListingError::Version(document.version));
        }
        Ok(Self { root: node(document.root)? })
    }

    /// What stands at a path below the root, given as parts without `.` and `..`; links are not
    /// followed, so nothing is found behind one.
    pub fn node<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<&ListedNode> {
        let mut found = &self.root;
        for part in parts {
            let ListedNode::Directory(entries) = found else { return None };
            found = entries.get(std::str::from_utf8(part).ok()?)?;
        }
        Some(found)
    }
}

/// The parser bounds the depth, so recursion is safe.
fn node(written: Node) -> Result<ListedNode, NarListingError> {
    Ok(match (written.kind.as_str(), written.target) {
        ("regular", _) => ListedNode::File { size: written.size },
        ("symlink", Some(target)) => ListedNode::Link { target },
        ("directory", _) => {
            let mut entries = BTreeMap::new();
            for (name, below) in written.entries {
                if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\0']) {
                    return Err(NarListingError::BadName(name));
                }
                entries.insert(name, node(below)?);
            }
            ListedNode::Directory(entries)
        }
        (kind, _) => {
            let kind = super::visible::text(kind);
            return Err(NarListingError::Syntax(format!("'{kind}' is no type, or lacks its target")));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(root: &str) -> Result<NarListing, NarListingError> {
        NarListing::parse(format!(r#"{{"version":1,"root":{root}}}"#).as_bytes())
    }

    #[test]
    fn files_folders_and_links_are_found_by_path() {
        let found = listing(
            r#"{"type":"directory","entries":{
                "bin":{"type":"directory","entries":{
                    "a":{"type":"regular","size":7,"executable":true,"narOffset":400},
                    "b":{"type":"symlink","target":"a"}}},
                "empty":{"type":"directory","entries":{}}}}"#,
        )
        .unwrap();
        let node = |path: &str| found.node(path.split('/').map(str::as_bytes));
        assert_eq!(node("bin/a"), Some(&ListedNode::File { size: 7 }));
        assert_eq!(node("bin/b"), Some(&ListedNode::Link { target: "a".into() }));
        assert_eq!(node("empty"), Some(&ListedNode::Directory(BTreeMap::new())));
        assert_eq!(node("bin/b/c"), None);
        assert_eq!(node("lib"), None);
        assert_eq!(found.node([]), Some(&found.root));
    }

    #[test]
    fn a_store_path_can_be_a_file() {
        assert_eq!(listing(r#"{"type":"regular"}"#).unwrap().root, ListedNode::File { size: 0 });
    }

    #[test]
    fn what_is_broken_or_hostile_is_refused() {
        let deep = format!(
            "{}{{\"type\":\"regular\"}}{}",
            r#"{"type":"directory","entries":{"d":"#.repeat(100_000),
            "}}".repeat(100_000)
        );
        for root in [
            "7",
            "{}",
            r#"{"type":"socket"}"#,
            r#"{"type":"symlink"}"#,
            r#"{"type":"directory","entries":{"..":{"type":"regular"}}}"#,
            r#"{"type":"directory","entries":{"a/b":{"type":"regular"}}}"#,
            r#"{"type":"directory","entries":{"":{"type":"regular"}}}"#,
            deep.as_str(),
        ] {
            assert!(listing(root).is_err(), "{}", root.get(..60).unwrap_or(root));
        }
        assert_eq!(
            NarListing::parse(br#"{"version":2,"root":{"type":"regular"}}"#),
            Err(NarListingError::Version(2))
        );
        assert!(NarListing::parse(b"\xff").is_err());
    }
}
