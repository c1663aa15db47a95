//! Flake references, so far only printed anew as Nix stores them.
//!
//! Every write of a profile parses and prints all `originalUrl` and `url` of its
//! manifest, so a manifest of an older Nix, or one edited by hand, changes with the
//! first `nix profile` command. [`normalize`] does the same in the same way as Nix
//! 2.34: what is printed has the same bytes, and what Nix refuses is refused.
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
//! experimental feature `verified-fetches` is on.

use super::hash::Hash;
use super::url::{Authority, ParsedUrl, Query, UrlError, decode_query};

/// Why a text is not a flake reference that can be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlakeRefError {
    /// Neither a URL, nor a flake's name, nor an absolute path.
    #[error("'{url}' is not a flake reference: {reason}")]
    Syntax {
        /// What was read.
        url: String,
        /// Which rule it breaks.
        reason: UrlError,
    },
    /// No fetcher knows the scheme.
    #[error("'{url}' is not a flake reference: scheme '{scheme}' is not supported")]
    Scheme {
        /// What was read.
        url: String,
        /// The scheme.
        scheme: String,
    },
    /// A parameter or part has a value that its kind does not take.
    #[error("'{url}' is not a flake reference: its {part} '{value}' is not valid")]
    Part {
        /// What was read.
        url: String,
        /// Which part.
        part: &'static str,
        /// What it holds.
        value: String,
    },
}

/// Parses a stored reference and prints it as Nix does.
pub fn normalize(url: &str) -> Result<String, FlakeRefError> {
    let parsed = parse(url).map_err(|reason| FlakeRefError::Syntax { url: url.to_owned(), reason })?;
    if !parsed.fragment.is_empty() {
        let value = lossy(&parsed.fragment);
        return Err(FlakeRefError::Part { url: url.to_owned(), part: "fragment", value });
    }
    match print(parsed) {
        Ok(printed) => Ok(printed.to_string()),
        Err(Problem::Syntax(reason)) => Err(FlakeRefError::Syntax { url: url.to_owned(), reason }),
        Err(Problem::Scheme(scheme)) => Err(FlakeRefError::Scheme { url: url.to_owned(), scheme }),
        Err(Problem::Part(part, value)) => {
            let value = lossy(&value);
            Err(FlakeRefError::Part { url: url.to_owned(), part, value })
        }
    }
}

/// What is wrong with a URL, without the URL.
enum Problem {
    Syntax(UrlError),
    Scheme(String),
    Part(&'static str, Vec<u8>),
}

/// Tells the three ways of writing apart: a flake's name, an absolute path, a URL.
fn parse(url: &str) -> Result<ParsedUrl, UrlError> {
    let name = url.strip_suffix('#').unwrap_or(url);
    if is_indirect(name) {
        let path = name.split('/').map(|part| part.as_bytes().to_vec()).collect();
        return Ok(new_url("flake", path));
    }
    if url.starts_with('/') {
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        return Ok(ParsedUrl {
            authority: Some(Authority::default()),
            query: decode_query(query)?,
            fragment: fragment.as_bytes().to_vec(),
            ..new_url("path", path.split('/').map(|part| part.as_bytes().to_vec()).collect())
        });
    }
    ParsedUrl::parse(url)
}

/// `name`, `name/ref`, `name/rev` or `name/ref/rev`; which slashes part what is told later.
fn is_indirect(text: &str) -> bool {
    let (name, rest) = text.split_once('/').map_or((text, None), |(name, rest)| (name, Some(rest)));
    is_flake_name(name.as_bytes()) && rest.is_none_or(|rest| is_plain_reference(rest.as_bytes()))
}

/// The printed form, kind by kind.
fn print(mut url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    let folder = url.query.remove(b"dir".as_slice()).filter(|folder| !folder.is_empty());
    let (application, transport) = url.scheme_parts();
    let mut printed = match (application, transport) {
        (None, "flake") => indirect(&url),
        (None, "path") => path(url),
        (None, "github" | "gitlab" | "sourcehut") => forge(url),
        (Some("git"), _) | (None, "git") => git(url),
        (Some("hg"), "http" | "https" | "ssh" | "file") => mercurial(url),
        (None | Some("tarball" | "file"), "http" | "https" | "file") => download(url),
        _ => Err(Problem::Scheme(url.scheme)),
    }?;
    if let Some(folder) = folder {
        printed.query.entry(b"dir".to_vec()).or_insert(folder);
    }
    Ok(printed)
}

fn indirect(url: &ParsedUrl) -> Result<ParsedUrl, Problem> {
    let parts: Vec<&[u8]> = url.path.iter().map(Vec::as_slice).filter(|part| !part.is_empty()).collect();
    let (name, rest) = match parts[..] {
        [name, ref rest @ ..] if rest.len() <= 2 => (name, rest),
        _ => return Err(Problem::Part("path", url.joined_path())),
    };
    if !is_flake_name(name) {
        return Err(Problem::Part("name", name.to_vec()));
    }
    let mut path = vec![name.to_vec()];
    for (position, part) in rest.iter().enumerate() {
        let is_last = position + 1 == rest.len();
        path.push(match revision(part).filter(|_| is_hex_revision(part)) {
            Some(revision) if is_last => revision,
            _ if position == 0 && is_legal_reference(part) => part.to_vec(),
            _ => return Err(Problem::Part("branch, tag or commit", part.to_vec())),
        });
    }
    Ok(new_url("flake", path))
}

fn path(url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    if let Some(authority) = url.authority.filter(|authority| !authority.host.is_empty()) {
        return Err(Problem::Part("host", authority.host.into_bytes()));
    }
    if let Some(part) = url.path.iter().find(|part| part.contains(&b'/') || part.contains(&0)) {
        return Err(Problem::Part("path", part.clone()));
    }
    let mut query = url.query;
    for (key, value) in &mut query {
        match key.as_slice() {
            b"rev" | b"narHash" => {}
            b"revCount" | b"lastModified" => {
                let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
                let number = number.ok_or_else(|| Problem::Part("number", value.clone()))?;
                *value = number.to_string().into_bytes();
            }
            _ => return Err(Problem::Part("parameter", key.clone())),
        }
    }
    Ok(ParsedUrl { query, ..new_url("path", without_doubled_slashes(url.path)) })
}

/// Keeps one empty part in front (an absolute path) and one at the end (a trailing slash).
fn without_doubled_slashes(path: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let last = path.len().saturating_sub(1);
    let mut parts: Vec<Vec<u8>> = Vec::with_capacity(path.len());
    for (position, part) in path.into_iter().enumerate() {
        if position == 0 || position == last || !part.is_empty() {
            parts.push(part);
        }
    }
    if parts.len() == 1 && parts[0].is_empty() {
        parts.push(Vec::new());
    }
    parts
}

fn forge(url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    let mut parts = url.path.iter().filter(|part| !part.is_empty()).cloned();
    let (Some(owner), Some(repository)) = (parts.next(), parts.next()) else {
        return Err(Problem::Part("path", url.joined_path()));
    };
    let rest: Vec<Vec<u8>> = parts.collect();
    let (mut reference, mut commit) = (None, None);
    match &rest[..] {
        [] => {}
        [only] if is_hex_revision(only) => commit = Some(only.clone()),
        _ => reference = Some(rest.join(&b'/')),
    }
    let mut query = url.query;
    for (name, value) in [(b"ref", &mut reference), (b"rev", &mut commit)] {
        if let Some(given) = query.remove(name.as_slice()) {
            if value.is_some() {
                return Err(Problem::Part("second branch, tag or commit", given));
            }
            *value = Some(given);
        }
    }
    let mut path = vec![owner, repository];
    match (reference, commit) {
        (None, None) => {}
        (Some(reference), None) if is_legal_reference(&reference) => path.push(reference),
        (None, Some(commit)) => path.push(sha1_revision(&commit)?),
        (Some(reference), _) => return Err(Problem::Part("branch or tag", reference)),
    }
    query.retain(|key, _| matches!(key.as_slice(), b"host" | b"narHash"));
    if let Some(host) = query.get(b"host".as_slice())
        && !host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
    {
        return Err(Problem::Part("host", host.clone()));
    }
    Ok(ParsedUrl { query: with_nar_hash(query)?, ..new_url(&url.scheme, path) })
}

fn git(mut url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    if url.scheme == "git+git" {
        url.scheme.truncate("git".len());
    }
    let is_scheme = |text: &str| text.starts_with(|first: char| first.is_ascii_alphabetic());
    if !url.scheme.strip_prefix("git+").is_none_or(is_scheme) {
        return Err(Problem::Scheme(url.scheme));
    }
    // A `://` in a parameter counts too, as it does for Nix.
    if url.scheme != "git+file" && url.authority.is_none() && !url.to_string().contains("://") {
        return Err(Problem::Syntax("a Git URL needs '//' after its scheme"));
    }
    if let Some(value) = url.query.get_mut(b"rev".as_slice()) {
        *value = revision(value).ok_or_else(|| Problem::Part("commit", value.clone()))?;
    }
    if let Some(value) = url.query.get(b"ref".as_slice()).filter(|value| !is_legal_reference(value)) {
        return Err(Problem::Part("branch or tag", value.clone()));
    }
    if url.query.contains_key(b"publicKey".as_slice()) {
        url.query.entry(b"keytype".to_vec()).or_insert_with(|| b"ssh-ed25519".to_vec());
    } else {
        url.query.remove(b"keytype".as_slice());
    }
    url.query.retain(|key, value| match key.as_slice() {
        b"allRefs" => false,
        b"shallow" | b"submodules" | b"lfs" | b"exportIgnore" | b"verifyCommit" => value == b"1",
        _ => true,
    });
    Ok(url)
}

fn mercurial(mut url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    if let Some(value) = url.query.get_mut(b"rev".as_slice()) {
        *value = revision(value).ok_or_else(|| Problem::Part("commit", value.clone()))?;
    }
    match url.query.get(b"ref".as_slice()).filter(|value| !is_plain_reference(value)) {
        Some(value) => Err(Problem::Part("branch or tag", value.clone())),
        None => Ok(url),
    }
}

/// A tarball or a file. Which of the two is not told apart by the printed form.
fn download(mut url: ParsedUrl) -> Result<ParsedUrl, Problem> {
    url.scheme = url.scheme_parts().1.to_owned();
    let own: [&[u8]; 6] = [b"url", b"name", b"unpack", b"rev", b"revCount", b"lastModified"];
    url.query.retain(|key, _| !own.contains(&key.as_slice()));
    url.query = with_nar_hash(url.query)?;
    Ok(url)
}

/// Prints the NAR hash among the parameters anew.
fn with_nar_hash(mut query: Query) -> Result<Query, Problem> {
    if let Some(value) = query.get_mut(b"narHash".as_slice()) {
        let hash = std::str::from_utf8(value).ok().and_then(Hash::parse_nar_hash);
        let hash = hash.ok_or_else(|| Problem::Part("NAR hash", value.clone()))?;
        *value = hash.to_nar_hash().into_bytes();
    }
    Ok(query)
}

/// The commit in base 16, from any form that Nix reads.
fn revision(value: &[u8]) -> Option<Vec<u8>> {
    let hash = Hash::parse_revision(std::str::from_utf8(value).ok()?)?;
    Some(hash.to_base16().into_bytes())
}

/// As [`revision`], but nothing other than SHA-1.
fn sha1_revision(value: &[u8]) -> Result<Vec<u8>, Problem> {
    let hash = std::str::from_utf8(value).ok().and_then(Hash::parse_revision).filter(Hash::is_sha1);
    hash.map(|hash| hash.to_base16().into_bytes()).ok_or_else(|| Problem::Part("commit", value.to_vec()))
}

fn is_hex_revision(value: &[u8]) -> bool {
    value.len() == 40 && value.iter().all(u8::is_ascii_hexdigit)
}

/// `[a-zA-Z][a-zA-Z0-9_-]*`
fn is_flake_name(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

/// `[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*`, which the short form of a reference must match.
fn is_plain_reference(value: &[u8]) -> bool {
    value.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'@')
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_./@+-".contains(byte))
}

/// Git's rules for the name of a branch or tag.
fn is_legal_reference(value: &[u8]) -> bool {
    let has_bad_pair = value.windows(2).any(|pair| pair == b".." || pair == b"@{");
    let is_bad_byte = |byte: &u8| *byte <= b' ' || b"\x7f~^:\\?*[".contains(byte);
    let is_part = |part: &[u8]| !part.is_empty() && !part.starts_with(b".") && !part.ends_with(b".lock");
    // A dash in front is bad for branches and tags, but not for the full name of a reference.
    let starts_with_dash = value.starts_with(b"-") && !value.contains(&b'/');
    value != b"@"
        && !value.ends_with(b".")
        && !has_bad_pair
        && !starts_with_dash
        && !value.iter().any(is_bad_byte)
        && value.split(|byte| *byte == b'/').all(is_part)
}

fn new_url(scheme: &str, path: Vec<Vec<u8>>) -> ParsedUrl {
    ParsedUrl { scheme: scheme.to_owned(), authority: None, path, ..ParsedUrl::default() }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
