//! The name an element gets from its flake reference and attribute path.
//!
//! Nix looks at `originalUrl#attrPath^outputs` as one URL, decoded, and takes the
//! first of: the `dir` parameter; the last attribute, if the whole path is plain
//! words and not a default package; the repository of a forge; the last part of the
//! path. `github:nixos/nixpkgs#legacyPackages.x86_64-linux.hello^out` is `hello`,
//! `git+https://x/tools?dir=a/b#…` is `a/b`.

use crate::core::url::{ParsedUrl, UrlError};

/// The name, or `None` if the URL tells none. An attribute path may hold what no URL can
/// (`"ä"`, `a#b`), where Nix gives up with the error.
pub fn from_url(identifier: &str) -> Result<Option<String>, UrlError> {
    ParsedUrl::parse(identifier).map(|url| name_of(&url))
}

fn name_of(url: &ParsedUrl) -> Option<String> {
    if let Some(folder) = url.query.get(b"dir".as_slice()) {
        return Some(String::from_utf8_lossy(folder).into_owned());
    }
    let fragment = String::from_utf8_lossy(&url.fragment);
    if let Some(attribute) = last_attribute(&fragment) {
        return Some(attribute.to_owned());
    }
    let path = url.joined_path();
    let path = String::from_utf8_lossy(&path);
    if matches!(url.scheme.as_str(), "github" | "gitlab" | "sourcehut")
        && let Some(repository) = repository(&path)
    {
        return Some(repository.to_owned());
    }
    path.rsplit_once('/').map(|(_, last)| last).filter(|last| is_word(last)).map(str::to_owned)
}

/// The last attribute, if all of the path is words and it is not a default package.
fn last_attribute(fragment: &str) -> Option<&str> {
    let path = fragment.split_once('^').map_or(fragment, |(path, _)| path);
    if !path.split('.').all(is_word) {
        return None;
    }
    let (before, last) = path.rsplit_once('.').unwrap_or(("", path));
    (before != "defaultPackage" && last != "default").then_some(last)
}

/// The second part of `owner/repository` or `owner/repository/…`.
fn repository(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    let (owner, repository) = (parts.next()?, parts.next()?);
    (is_word(owner) && is_word(repository)).then_some(repository)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
