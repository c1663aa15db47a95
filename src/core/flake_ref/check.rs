//! What the attributes of each kind have to keep, whichever form they came from.

use super::attributes::Attributes;
use super::kind::Kind;
use super::names::{is_flake_name, is_host, is_legal_reference, is_plain_reference, sha1_revision};
use super::{Problem, strict_url};
use crate::core::url::{Authority, ParsedUrl};

/// Checks the attributes and brings Git's address into the form that Nix keeps.
pub(super) fn check(kind: Kind, attributes: &mut Attributes) -> Result<(), Problem> {
    match kind {
        Kind::Indirect => {
            let id = attributes.required("id")?;
            if !is_flake_name(id) {
                return Err(Problem::Part("name", id.to_vec()));
            }
        }
        Kind::Path => drop(attributes.required("path")?),
        Kind::Git => git(attributes)?,
        Kind::Mercurial => {
            strict_url(attributes.required("url")?)?;
            check_reference(attributes, is_plain_reference)?;
        }
        Kind::Tarball | Kind::File => {}
        Kind::Github | Kind::Gitlab | Kind::Sourcehut => forge(attributes)?,
    }
    attributes.text("ref")?;
    attributes.number("revCount")?;
    attributes.number("lastModified")?;
    Ok(())
}

fn check_reference(attributes: &Attributes, is_legal: fn(&[u8]) -> bool) -> Result<(), Problem> {
    match attributes.text("ref")?.filter(|reference| !is_legal(reference)) {
        Some(reference) => Err(Problem::Part("branch or tag", reference.to_vec())),
        None => Ok(()),
    }
}

fn forge(attributes: &Attributes) -> Result<(), Problem> {
    attributes.required("owner")?;
    attributes.required("repo")?;
    if let Some(commit) = attributes.text("rev")? {
        if attributes.text("ref")?.is_some() {
            return Err(Problem::Part("commit beside a branch or tag", commit.to_vec()));
        }
        sha1_revision(commit)?;
    }
    check_reference(attributes, is_legal_reference)?;
    match attributes.text("host")?.filter(|host| !is_host(host)) {
        Some(host) => Err(Problem::Part("host", host.to_vec())),
        None => Ok(()),
    }
}

fn git(attributes: &mut Attributes) -> Result<(), Problem> {
    attributes.flag("verifyCommit")?;
    check_reference(attributes, is_legal_reference)?;
    let url = git_address(attributes.required("url")?)?;
    attributes.set("url", url.to_string());
    for name in ["shallow", "submodules", "allRefs"] {
        attributes.flag(name)?;
    }
    Ok(())
}

/// Reads an address as Git knows them: a URL, `user@host:path` or a path.
fn git_address(text: &[u8]) -> Result<ParsedUrl, Problem> {
    let bad = || Problem::Part("address", text.to_vec());
    let mut text = std::str::from_utf8(text).map_err(|_| bad())?.to_owned();
    if let Some(url) = secure_shell(&text) {
        text = url;
    }
    let is_file = text.starts_with("file:") || text.starts_with("git+file:");
    if !is_file && !text.contains("://") {
        let path: Vec<Vec<u8>> = text.split('/').map(|part| part.as_bytes().to_vec()).collect();
        if path[0].contains(&b':') {
            return Err(bad());
        }
        let authority = text.starts_with('/').then(Authority::default);
        return Ok(ParsedUrl { scheme: "file".to_owned(), authority, path, ..ParsedUrl::default() });
    }
    let mut url = strict_url(text.as_bytes())?;
    if let (Some("git"), transport) = url.scheme_parts() {
        url.scheme = transport.to_owned();
    }
    Ok(url)
}

/// `user@host:path` as a URL.
fn secure_shell(text: &str) -> Option<String> {
    if text.starts_with('/') {
        return None;
    }
    let first_part = &text[..text.find('/').unwrap_or(text.len())];
    // The last `@` before any slash that still has a colon after it. (Asking each `@` for its colon
    // would go over the text as often as there are such signs.)
    let last_colon = text.rfind(':')?;
    let at = first_part[..first_part.len().min(last_colon)].rfind('@')?;
    let (user, rest) = (&text[..at], &text[at + 1..]);
    let (host, path) = rest.rsplit_once(':')?;
    Some(format!("ssh://{user}@{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_ends_at_the_last_sign_with_a_colon_behind_it() {
        for (text, url) in [
            ("git@h:o/r", Some("ssh://git@h/o/r")),
            ("a@b@h:o", Some("ssh://a@b@h/o")),
            ("a@b:c@d", Some("ssh://a@b/c@d")),
            ("a@h/x:y", Some("ssh://a@h/x/y")),
            ("h/a@b:c", None),
            ("a:b@c", None),
            ("/a@b:c", None),
            ("a@b", None),
        ] {
            assert_eq!(secure_shell(text).as_deref(), url, "{text}");
        }
        // Asking each of them for a colon behind it would take hours.
        assert_eq!(secure_shell(&"@".repeat(1 << 24)), None);
    }
}
