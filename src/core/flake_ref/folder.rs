//! References written as paths: `.`, `../x?dir=y`, `/a/flake`.
//!
//! The text says where to look; what is found there decides the reference. A flake in a Git
//! repository is that repository (`git+file:///repo?dir=sub`), any other a `path:`. Only
//! the rules are here, the looking is done by [`crate::system::flake_folder`].

use super::{FlakeRef, FlakeRefError};
use crate::core::url::{Authority, ParsedUrl, Query, decode_query, percent_decode};

/// A path with its parameters and fragment, not looked at yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenPath<'a> {
    /// The path, relative perhaps, as it is.
    pub path: &'a str,
    query: Query,
    /// What stands after `#`, decoded.
    pub fragment: Vec<u8>,
}

impl<'a> WrittenPath<'a> {
    /// Takes a text apart that is no URL and no flake's name.
    pub fn parse(text: &'a str) -> Result<Self, FlakeRefError> {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let read = || Ok((decode_query(query)?, percent_decode(fragment)?));
        let (query, fragment) =
            read().map_err(|reason| FlakeRefError::Syntax { url: text.to_owned(), reason })?;
        Ok(Self { path, query, fragment })
    }

    /// The flake in `dir` (empty for the root) of the Git repository at the absolute path `root`.
    pub fn in_repository(
        &self,
        root: &[u8],
        dir: &[u8],
        is_shallow: bool,
    ) -> Result<FlakeRef, FlakeRefError> {
        let mut query = self.query.clone();
        if !dir.is_empty()
            && let Some(other) = query.insert(b"dir".to_vec(), dir.to_vec())
        {
            let (url, value) = (self.path.to_owned(), super::lossy(&other));
            return Err(FlakeRefError::Part { url, part: "second folder", value });
        }
        if is_shallow {
            query.insert(b"shallow".to_vec(), b"1".to_vec());
        }
        self.reference("git+file", root, query)
    }

    /// The flake at this absolute path, which is in no repository.
    pub fn at(&self, path: &[u8]) -> Result<FlakeRef, FlakeRefError> {
        self.reference("path", path, self.query.clone())
    }

    fn reference(&self, scheme: &str, path: &[u8], query: Query) -> Result<FlakeRef, FlakeRefError> {
        let path = path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
        let (scheme, authority) = (scheme.to_owned(), Some(Authority::default()));
        let url = ParsedUrl { scheme, authority, path, query, fragment: Vec::new() };
        FlakeRef::from_url(url).map_err(|problem| problem.about(self.path))
    }
}

/// The path of a `path:` or `git+file:` URL that is relative: it starts at the current folder.
pub fn relative_url(text: &str) -> Option<ParsedUrl> {
    let url = ParsedUrl::parse(text).ok()?;
    let is_local = matches!(url.scheme.as_str(), "path" | "git+file");
    (is_local && !url.path.first()?.is_empty()).then_some(url)
}
