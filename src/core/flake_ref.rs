//! Flake references: what is written where a flake is meant, in both of its forms.
//!
//! A [`FlakeRef`] is read from a URL (`github:NixOS/nixpkgs/nixos-24.05`), from the short
//! form of one (`nixpkgs`, `/a/folder`) or from [`Attributes`] as registries and lock files
//! hold them, and goes back into either. Reading keeps what Nix 2.34 keeps, and what Nix
//! refuses to read *or to print* is refused: whatever is here has a URL.
//! Every write of a profile prints all its references anew, which [`normalize`] does.
//! Which printed form a kind of reference has:
//!
//! | kind | example | what changes |
//! |---|---|---|
//! | indirect | `nixpkgs/24.05` → `flake:nixpkgs/24.05` | parameters dropped |
//! | path | `/a b`, `path:///a%20b` → `path:/a%20b` | |
//! | forge | `github:o/r?ref=x&y=1` → `github:o/r/x` | ref and rev into the path, unknown parameters dropped |
//! | git, hg | `git+https://x?b=1&a=2` | parameters sorted, unset flags and `allRefs` dropped |
//! | tarball, file | `tarball+https://x?rev=…` → `https://x` | Nix's own parameters but `narHash` dropped |
//!
//! Two ways of writing are refused that Nix takes but never prints as they are:
//! `git:user@host:path` without a slash before the `@`, read otherwise by every
//! version, and an IPv6 address with a zone, which Nix prints with NUL bytes. The
//! keys of Git's signed commits pass, though Nix refuses them unless its
//! experimental feature `verified-fetches` is on. Paths are taken as they are written;
//! where a relative one starts, and where its `flake.nix` is, only the machine knows.

use super::url::{Authority, ParsedUrl, UrlError, decode_query};
use super::visible;

mod attributes;
mod check;
mod error;
mod folder;
mod from_url;
mod kind;
mod names;
mod public_keys;
mod to_url;

pub use attributes::{Attribute, Attributes, NotUtf8};
pub use error::{FlakeRefError, OverrideError};
pub use folder::{WrittenPath, relative_url};
pub use kind::Kind;

use error::Problem;
use names::{is_flake_name, is_plain_reference};

/// Where a flake is, or what registries call it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlakeRef {
    kind: Kind,
    /// All but `dir`.
    attributes: Attributes,
    /// The folder of the flake in what is fetched; empty for the root.
    dir: Vec<u8>,
    /// The URL.
    printed: String,
}

impl FlakeRef {
    /// Reads a URL or a short form. A relative path without `path:` is refused.
    pub fn parse(text: &str) -> Result<Self, FlakeRefError> {
        let (reference, fragment) = Self::parse_with_fragment(text)?;
        if fragment.is_empty() {
            return Ok(reference);
        }
        let value = lossy(&fragment);
        Err(FlakeRefError::Part { url: text.to_owned(), part: "fragment", value })
    }

    /// As [`FlakeRef::parse`], and gives what stands after `#`, decoded.
    pub fn parse_with_fragment(text: &str) -> Result<(Self, Vec<u8>), FlakeRefError> {
        let url = split(text).map_err(|reason| Problem::Syntax(reason).about(text))?;
        Self::from_parsed(url, text)
    }

    /// Reads a URL that was parsed, and gives its fragment; errors name it as `text`.
    pub fn from_parsed(mut url: ParsedUrl, text: &str) -> Result<(Self, Vec<u8>), FlakeRefError> {
        let fragment = std::mem::take(&mut url.fragment);
        let reference = Self::from_url(url).map_err(|problem| problem.about(text))?;
        Ok((reference, fragment))
    }

    fn from_url(mut url: ParsedUrl) -> Result<Self, Problem> {
        let dir = url.query.remove(b"dir".as_slice()).unwrap_or_default();
        let (kind, attributes) = from_url::attributes(url)?;
        Self::new(kind, attributes, dir)
    }

    /// Reads the attribute form.
    pub fn from_attributes(mut attributes: Attributes) -> Result<Self, FlakeRefError> {
        let shown = attributes.clone();
        let read = || {
            let dir = attributes.text("dir")?.unwrap_or_default().to_vec();
            attributes.remove("dir");
            let name = attributes.required("type")?;
            let kind = Kind::parse(name)
                .ok_or_else(|| Problem::Attribute("type".to_owned(), "is not one that firn knows"))?;
            if let Some((name, _)) = attributes.iter().find(|(name, _)| !kind.takes(name)) {
                return Err(Problem::Attribute(name.to_owned(), "is not one that its type takes"));
            }
            Self::new(kind, attributes, dir)
        };
        read().map_err(|problem: Problem| {
            let json = shown.to_json().map(serde_json::Value::Object);
            problem.about(&json.map_or_else(|_| format!("{shown:?}"), |json| json.to_string()))
        })
    }

    /// Checks, and prints once: what cannot be printed is no reference.
    fn new(kind: Kind, mut attributes: Attributes, dir: Vec<u8>) -> Result<Self, Problem> {
        check::check(kind, &mut attributes)?;
        let mut url = to_url::url(kind, &attributes)?;
        if !dir.is_empty() {
            url.query.entry(b"dir".to_vec()).or_insert_with(|| dir.clone());
        }
        Ok(Self { kind, attributes, dir, printed: url.to_string() })
    }

    /// The attribute form, `dir` among them.
    pub fn attributes(&self) -> Attributes {
        let mut attributes = self.attributes.clone();
        if !self.dir.is_empty() {
            attributes.set("dir", self.dir.clone());
        }
        attributes
    }

    /// How it is fetched.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The URL form.
    pub fn as_str(&self) -> &str {
        &self.printed
    }

    /// The folder of the flake in what is fetched; empty for the root.
    pub fn dir(&self) -> &[u8] {
        &self.dir
    }

    /// The same with another `dir`; empty for the root.
    #[must_use]
    pub fn with_dir(&self, dir: &[u8]) -> Self {
        let same = || self.clone();
        Self::new(self.kind, self.attributes.clone(), dir.to_vec()).unwrap_or_else(|_| same())
    }

    /// Whether it is a name that registries have to replace.
    pub fn is_indirect(&self) -> bool {
        self.kind == Kind::Indirect
    }

    /// The name of an indirect reference.
    pub fn id(&self) -> Option<&str> {
        self.text("id").and_then(|id| std::str::from_utf8(id).ok())
    }

    /// The branch or tag.
    pub fn reference(&self) -> Option<&[u8]> {
        self.text("ref")
    }

    /// The commit, in base 16 where it is a hash.
    pub fn revision(&self) -> Option<String> {
        let revision = self.text("rev")?;
        Some(lossy(&names::revision(revision).unwrap_or_else(|| revision.to_vec())))
    }

    /// When it was last modified, seconds since 1970, if it says so.
    pub fn last_modified(&self) -> Option<u64> {
        self.attributes.number("lastModified").ok().flatten()
    }

    fn text(&self, name: &'static str) -> Option<&[u8]> {
        self.attributes.text(name).ok().flatten()
    }

    /// Whether it always means the same contents. `trust_forges` is the setting
    /// `trust-tarballs-from-git-forges`, on unless changed: a forge's commit alone is enough.
    pub fn is_locked(&self, trust_forges: bool) -> bool {
        let (revision, nar_hash) = (self.revision(), self.text("narHash"));
        match self.kind {
            Kind::Indirect => false,
            Kind::Git => revision.is_some_and(|revision| revision.bytes().any(|digit| digit != b'0')),
            Kind::Mercurial => revision.is_some(),
            Kind::Path | Kind::Tarball | Kind::File => nar_hash.is_some(),
            Kind::Github | Kind::Gitlab | Kind::Sourcehut => {
                revision.is_some() && (trust_forges || nar_hash.is_some())
            }
        }
    }

    /// Whether it is what a pin leaves behind: locked, or marked so by Nix from 2.33 on.
    pub fn is_pinned(&self) -> bool {
        self.is_locked(true) || self.attributes.get("__final") == Some(&Attribute::Flag(true))
    }

    /// Whether both fetch the same; `dir` does not count.
    pub fn same_input(&self, other: &Self) -> bool {
        self.attributes == other.attributes
    }

    /// Feeds what [`FlakeRef::same_input`] compares to a hasher.
    pub fn hash_input(&self, hasher: &mut impl std::hash::Hasher) {
        std::hash::Hash::hash(&self.attributes, hasher);
    }

    /// The same without branch, tag and commit.
    #[must_use]
    pub fn without_reference(&self) -> Self {
        let mut attributes = self.attributes.clone();
        let (reference, revision) = (attributes.remove("ref"), attributes.remove("rev"));
        if reference.is_none() && revision.is_none() {
            return self.clone();
        }
        // Taking them away breaks no rule of any kind.
        Self::new(self.kind, attributes, self.dir.clone()).unwrap_or_else(|_| self.clone())
    }

    /// The same without what fixes its contents: commit, hashes and what is told of them. A branch
    /// stays.
    #[must_use]
    pub fn without_lock(&self) -> Self {
        let mut attributes = self.attributes.clone();
        for name in
            ["rev", "narHash", "lastModified", "revCount", "treeHash", "dirtyRev", "dirtyShortRev", "__final"]
        {
            attributes.remove(name);
        }
        // Taking them away breaks no rule of any kind.
        Self::new(self.kind, attributes, self.dir.clone()).unwrap_or_else(|_| self.clone())
    }

    /// The same with branch or tag and commit of another reference, as a registry's look-up does it.
    pub fn overridden(
        &self,
        reference: Option<&[u8]>,
        revision: Option<&str>,
    ) -> Result<Self, OverrideError> {
        let mut attributes = self.attributes.clone();
        let name = || self.printed.clone();
        match (self.kind, reference, revision) {
            (Kind::Path | Kind::Tarball | Kind::File, None, None) => return Ok(self.clone()),
            (Kind::Path | Kind::Tarball | Kind::File, _, _) => {
                return Err(OverrideError::NoReference(name()));
            }
            (kind, Some(_), Some(_)) if kind.is_forge() => return Err(OverrideError::Both(name())),
            (kind, _, _) if kind.is_forge() => {
                if revision.is_some() {
                    attributes.remove("ref");
                }
                if reference.is_some() {
                    attributes.remove("rev");
                }
            }
            _ => {}
        }
        if let Some(revision) = revision {
            attributes.set("rev", revision);
        }
        if let Some(reference) = reference {
            attributes.set("ref", reference);
        }
        if self.kind == Kind::Git && attributes.get("ref").is_none() && attributes.get("rev").is_some() {
            return Err(OverrideError::NoBranch(name()));
        }
        let shown = self.printed.as_str();
        Self::new(self.kind, attributes, self.dir.clone())
            .map_err(|problem| Box::new(problem.about(shown)).into())
    }
}

impl std::fmt::Debug for FlakeRef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FlakeRef({})", self.printed)
    }
}

impl std::fmt::Display for FlakeRef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.printed)
    }
}

/// Parses a stored reference and prints it as Nix does.
pub fn normalize(url: &str) -> Result<String, FlakeRefError> {
    FlakeRef::parse(url).map(|reference| reference.printed)
}

/// Tells the three ways of writing apart: a flake's name, an absolute path, a URL.
fn split(url: &str) -> Result<ParsedUrl, UrlError> {
    let (name, fragment) = url.split_once('#').unwrap_or((url, ""));
    if is_indirect(name)
        && let Ok(fragment) = super::url::decode_fragment(fragment)
    {
        let path = name.split('/').map(|part| part.as_bytes().to_vec()).collect();
        return Ok(ParsedUrl { scheme: "flake".to_owned(), path, fragment, ..ParsedUrl::default() });
    }
    if url.starts_with('/') {
        return split_path(url);
    }
    ParsedUrl::parse(url)
}

/// An absolute path, with parameters and a fragment perhaps.
fn split_path(text: &str) -> Result<ParsedUrl, UrlError> {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok(ParsedUrl {
        scheme: "path".to_owned(),
        authority: Some(Authority::default()),
        path: path.split('/').map(|part| part.as_bytes().to_vec()).collect(),
        query: decode_query(query)?,
        fragment: super::url::percent_decode(fragment)?,
    })
}

/// `name`, `name/ref`, `name/rev` or `name/ref/rev`; which slashes part what is told later.
fn is_indirect(text: &str) -> bool {
    let (name, rest) = text.split_once('/').map_or((text, None), |(name, rest)| (name, Some(rest)));
    is_flake_name(name.as_bytes()) && rest.is_none_or(|rest| is_plain_reference(rest.as_bytes()))
}

/// A URL that nobody typed: without the exceptions made for people.
fn strict_url(text: &[u8]) -> Result<ParsedUrl, Problem> {
    let bad = || Problem::Part("address", text.to_vec());
    let text = std::str::from_utf8(text).map_err(|_| bad())?;
    if text.contains([' ', '"', '^']) {
        return Err(bad());
    }
    ParsedUrl::parse(text).map_err(Problem::Syntax)
}

fn lossy(bytes: &[u8]) -> String {
    visible::bytes(bytes)
}

#[cfg(test)]
mod tests;
