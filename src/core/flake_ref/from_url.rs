//! From the URL form of a reference to its attributes, kind by kind.
//!
//! What the kind does not know is an error (path), dropped (indirect, the forges) or left
//! in the address that is fetched (git, hg, tarball, file). Nothing is checked here that
//! the attributes of a kind have to keep anyway; [`super::check`] does that for both forms.

use super::attributes::{Attribute, Attributes};
use super::kind::Kind;
use super::names::{is_hex_revision, is_legal_reference, revision};
use super::{Problem, is_flake_name};
use crate::core::url::ParsedUrl;

/// Parameters of a Git URL that are yes or no.
const GIT_FLAGS: [&[u8]; 6] =
    [b"shallow", b"submodules", b"lfs", b"exportIgnore", b"allRefs", b"verifyCommit"];

/// Reads a URL without its `dir` and fragment.
pub(super) fn attributes(url: ParsedUrl) -> Result<(Kind, Attributes), Problem> {
    let (application, transport) = url.scheme_parts();
    let kind = match (application, transport) {
        (None, "flake") => Kind::Indirect,
        (None, "path") => Kind::Path,
        (None, "github") => Kind::Github,
        (None, "gitlab") => Kind::Gitlab,
        (None, "sourcehut") => Kind::Sourcehut,
        (Some("git"), _) | (None, "git") => Kind::Git,
        (Some("hg"), "http" | "https" | "ssh" | "file") => Kind::Mercurial,
        (None | Some("tarball"), "http" | "https" | "file") => Kind::Tarball,
        (Some("file"), "http" | "https" | "file") => Kind::File,
        _ => return Err(Problem::Scheme(url.scheme)),
    };
    let attributes = Attributes::default().with("type", kind.name());
    let attributes = match kind {
        Kind::Indirect => indirect(&url, attributes),
        Kind::Path => path(url, attributes),
        Kind::Github | Kind::Gitlab | Kind::Sourcehut => forge(url, attributes),
        Kind::Git => git(url, attributes),
        Kind::Mercurial => Ok(mercurial(url, attributes)),
        Kind::Tarball | Kind::File => Ok(download(url, attributes)),
    }?;
    Ok((kind, attributes))
}

fn indirect(url: &ParsedUrl, mut attributes: Attributes) -> Result<Attributes, Problem> {
    let parts: Vec<&[u8]> = url.path.iter().map(Vec::as_slice).filter(|part| !part.is_empty()).collect();
    let (name, rest) = match parts[..] {
        [name, ref rest @ ..] if rest.len() <= 2 => (name, rest),
        _ => return Err(Problem::Part("path", url.joined_path())),
    };
    if !is_flake_name(name) {
        return Err(Problem::Part("name", name.to_vec()));
    }
    attributes.set("id", name);
    for (position, part) in rest.iter().enumerate() {
        let is_last = position + 1 == rest.len();
        match revision(part).filter(|_| is_hex_revision(part)) {
            Some(revision) if is_last => attributes.set("rev", revision),
            _ if position == 0 && is_legal_reference(part) => attributes.set("ref", *part),
            _ => return Err(Problem::Part("branch, tag or commit", part.to_vec())),
        }
    }
    Ok(attributes)
}

fn path(url: ParsedUrl, mut attributes: Attributes) -> Result<Attributes, Problem> {
    if let Some(authority) = url.authority.filter(|authority| !authority.host.is_empty()) {
        return Err(Problem::Part("host", authority.host.into_bytes()));
    }
    if let Some(part) = url.path.iter().find(|part| part.contains(&b'/') || part.contains(&0)) {
        return Err(Problem::Part("path", part.clone()));
    }
    attributes.set("path", without_doubled_slashes(url.path).join(&b'/'));
    for (key, value) in url.query {
        match key.as_slice() {
            b"rev" => attributes.set("rev", value),
            b"narHash" => attributes.set("narHash", value),
            b"revCount" | b"lastModified" => {
                let number = number(&value).ok_or(Problem::Part("number", value))?;
                attributes.insert(&String::from_utf8_lossy(&key), Attribute::Number(number));
            }
            _ => return Err(Problem::Part("parameter", key)),
        }
    }
    Ok(attributes)
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

fn forge(url: ParsedUrl, mut attributes: Attributes) -> Result<Attributes, Problem> {
    let mut parts = url.path.iter().filter(|part| !part.is_empty()).cloned();
    let (Some(owner), Some(repository)) = (parts.next(), parts.next()) else {
        return Err(Problem::Part("path", url.joined_path()));
    };
    let rest: Vec<Vec<u8>> = parts.collect();
    attributes.set("owner", owner);
    attributes.set("repo", repository);
    match &rest[..] {
        [] => {}
        [only] if is_hex_revision(only) => attributes.set("rev", only.clone()),
        _ => attributes.set("ref", rest.join(&b'/')),
    }
    let mut query = url.query;
    for name in ["ref", "rev"] {
        if let Some(given) = query.remove(name.as_bytes()) {
            if attributes.get(name).is_some() {
                return Err(Problem::Part("second branch, tag or commit", given));
            }
            attributes.set(name, given);
        }
    }
    for name in ["host", "narHash"] {
        if let Some(given) = query.remove(name.as_bytes()) {
            attributes.set(name, given);
        }
    }
    Ok(attributes)
}

fn git(mut url: ParsedUrl, mut attributes: Attributes) -> Result<Attributes, Problem> {
    for (key, value) in std::mem::take(&mut url.query) {
        match key.as_slice() {
            b"rev" | b"ref" | b"keytype" | b"publicKey" | b"publicKeys" => {
                attributes.set(&String::from_utf8_lossy(&key), value);
            }
            flag if GIT_FLAGS.contains(&flag) => {
                attributes.insert(&String::from_utf8_lossy(flag), Attribute::Flag(value == b"1"));
            }
            _ => {
                url.query.insert(key, value);
            }
        }
    }
    let text = url.to_string();
    // A `://` in a parameter counts too, as it does for Nix.
    if url.scheme != "git+file" && !text.contains("://") {
        return Err(Problem::Syntax("a Git URL needs '//' after its scheme"));
    }
    attributes.set("url", text);
    Ok(attributes)
}

fn mercurial(mut url: ParsedUrl, mut attributes: Attributes) -> Attributes {
    url.scheme = url.scheme_parts().1.to_owned();
    for name in ["ref", "rev"] {
        if let Some(given) = url.query.remove(name.as_bytes()) {
            attributes.set(name, given);
        }
    }
    attributes.with("url", url.to_string())
}

fn download(mut url: ParsedUrl, mut attributes: Attributes) -> Attributes {
    url.scheme = url.scheme_parts().1.to_owned();
    for name in ["narHash", "rev"] {
        if let Some(given) = url.query.remove(name.as_bytes()) {
            attributes.set(name, given);
        }
    }
    for name in ["revCount", "lastModified"] {
        if let Some(number) = url.query.remove(name.as_bytes()).and_then(|given| number(&given)) {
            attributes.insert(name, Attribute::Number(number));
        }
    }
    let own: [&[u8]; 3] = [b"url", b"name", b"unpack"];
    url.query.retain(|key, _| !own.contains(&key.as_slice()));
    attributes.with("url", url.to_string())
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}
