//! What a binary cache tells about a store path before it is downloaded: `<hash>.narinfo`.
//!
//! Lines of `Key: value` in any order. Read are the path itself, so that an answer about
//! something else is not taken, the two sizes, and the references, which lead on to what must
//! be downloaded with it. Signatures are Nix's to check: firn downloads nothing itself.

use super::store_path::{StoreDir, StorePath, StorePathError};

/// A store path as a binary cache knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NarInfo {
    /// The path.
    pub path: StorePath,
    /// Bytes to download; `None` if the cache does not say.
    pub download_size: Option<u64>,
    /// Bytes in the store, as a NAR.
    pub nar_size: u64,
    /// What it refers to, itself left out.
    pub references: Vec<StorePath>,
}

/// Why a text is not a `.narinfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarInfoError {
    /// A key that must be there is not.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A size is no number.
    #[error("its {key} is not a number: '{value}'")]
    BadSize {
        /// Which.
        key: &'static str,
        /// What stands there.
        value: String,
    },
    /// A path is none, or lies in another store.
    #[error(transparent)]
    BadPath(#[from] StorePathError),
}

impl NarInfo {
    /// Reads a `.narinfo`. The last of several lines with one key counts, as in Nix.
    pub fn parse(text: &str, store_dir: &StoreDir) -> Result<Self, NarInfoError> {
        let value = |key: &str| {
            let lines = text.lines().filter_map(|line| line.split_once(": "));
            lines.rev().find(|(name, _)| *name == key).map(|(_, value)| value.trim_end())
        };
        let size = |key: &'static str| -> Result<Option<u64>, NarInfoError> {
            let bad = |value: &str| NarInfoError::BadSize { key, value: value.to_owned() };
            value(key).map(|value| value.parse().map_err(|_| bad(value))).transpose()
        };
        let path =
            StorePath::parse(store_dir, value("StorePath").ok_or(NarInfoError::Missing("StorePath"))?)?;
        let mut references = Vec::new();
        for name in value("References").unwrap_or_default().split_ascii_whitespace() {
            let reference = StorePath::parse(store_dir, &format!("{store_dir}/{name}"))?;
            if reference != path {
                references.push(reference);
            }
        }
        Ok(Self {
            path,
            download_size: size("FileSize")?.filter(|size| *size > 0),
            nar_size: size("NarSize")?.ok_or(NarInfoError::Missing("NarSize"))?,
            references,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";

    fn parse(text: &str) -> Result<NarInfo, NarInfoError> {
        NarInfo::parse(text, &StoreDir::new("/s"))
    }

    #[test]
    fn sizes_and_references_are_read() {
        let text = format!(
            "StorePath: /s/{HASH}-a\nURL: nar/x.nar.xz\nCompression: xz\nFileSize: 7\nNarSize: 9\n\
             References: {HASH}-b {HASH}-a\nSig: k:v\n"
        );
        let info = parse(&text).unwrap();
        assert_eq!((info.download_size, info.nar_size), (Some(7), 9));
        assert_eq!(info.path.name(), "a");
        assert_eq!(info.references.iter().map(StorePath::name).collect::<Vec<_>>(), ["b"]);
        let info = parse(&format!("StorePath: /s/{HASH}-a\nNarSize: 9\nReferences: \n")).unwrap();
        assert_eq!((info.download_size, info.references.len()), (None, 0));
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "<html>",
            "NarSize: 9",
            &format!("StorePath: /s/{HASH}-a\n"),
            &format!("StorePath: /s/{HASH}-a\nNarSize: many\n"),
            &format!("StorePath: /elsewhere/{HASH}-a\nNarSize: 9\n"),
            &format!("StorePath: /s/{HASH}-a\nNarSize: 9\nReferences: ../../etc\n"),
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
