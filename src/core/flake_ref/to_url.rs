//! From the attributes of a reference to its URL form, kind by kind.

use super::attributes::{Attribute, Attributes};
use super::kind::Kind;
use super::names::{checked_revision, sha1_revision};
use super::public_keys;
use super::{Problem, strict_url};
use crate::core::hash::Hash;
use crate::core::url::ParsedUrl;

/// The URL without `dir`.
pub(super) fn url(kind: Kind, attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    match kind {
        Kind::Indirect => indirect(attributes),
        Kind::Path => path(attributes),
        Kind::Git => git(attributes),
        Kind::Mercurial => mercurial(attributes),
        Kind::Tarball | Kind::File => download(attributes),
        Kind::Github | Kind::Gitlab | Kind::Sourcehut => forge(kind, attributes),
    }
}

fn new_url(scheme: &str, path: Vec<Vec<u8>>) -> ParsedUrl {
    ParsedUrl { scheme: scheme.to_owned(), path, ..ParsedUrl::default() }
}

fn indirect(attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let mut path = vec![attributes.required("id")?.to_vec()];
    path.extend(attributes.text("ref")?.map(<[u8]>::to_vec));
    if let Some(commit) = attributes.text("rev")? {
        path.push(checked_revision(commit)?);
    }
    Ok(new_url("flake", path))
}

fn path(attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let path = attributes.required("path")?;
    if path.starts_with(b"//") {
        return Err(Problem::Part("path", path.to_vec()));
    }
    let mut url = new_url("path", path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect());
    for (name, value) in attributes.iter().filter(|(name, _)| !matches!(*name, "path" | "type" | "__final")) {
        let value = match value {
            Attribute::Text(text) => text.clone(),
            Attribute::Number(number) => number.to_string().into_bytes(),
            Attribute::Flag(flag) => u8::from(*flag).to_string().into_bytes(),
        };
        url.query.insert(name.as_bytes().to_vec(), value);
    }
    Ok(url)
}

fn forge(kind: Kind, attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let mut path = vec![attributes.required("owner")?.to_vec(), attributes.required("repo")?.to_vec()];
    path.extend(attributes.text("ref")?.map(<[u8]>::to_vec));
    if let Some(commit) = attributes.text("rev")? {
        path.push(sha1_revision(commit)?);
    }
    let mut url = new_url(kind.name(), path);
    put(&mut url, "host", attributes.text("host")?.map(<[u8]>::to_vec));
    put(&mut url, "narHash", nar_hash(attributes)?);
    Ok(url)
}

fn git(attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let mut url = strict_url(attributes.required("url")?)?;
    if url.scheme != "git" {
        url.scheme.insert_str(0, "git+");
    }
    put_reference(&mut url, attributes)?;
    for name in ["shallow", "lfs", "submodules", "exportIgnore", "verifyCommit"] {
        put(&mut url, name, attributes.flag(name)?.then(|| b"1".to_vec()));
    }
    public_keys::put(&mut url, attributes)?;
    Ok(url)
}

fn mercurial(attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let mut url = strict_url(attributes.required("url")?)?;
    url.scheme.insert_str(0, "hg+");
    put_reference(&mut url, attributes)?;
    Ok(url)
}

fn download(attributes: &Attributes) -> Result<ParsedUrl, Problem> {
    let mut url = strict_url(attributes.required("url")?)?;
    put(&mut url, "narHash", nar_hash(attributes)?);
    Ok(url)
}

fn put_reference(url: &mut ParsedUrl, attributes: &Attributes) -> Result<(), Problem> {
    put(url, "rev", attributes.text("rev")?.map(checked_revision).transpose()?);
    put(url, "ref", attributes.text("ref")?.map(<[u8]>::to_vec));
    Ok(())
}

fn put(url: &mut ParsedUrl, name: &str, value: Option<Vec<u8>>) {
    if let Some(value) = value {
        url.query.insert(name.as_bytes().to_vec(), value);
    }
}

/// The NAR hash, printed anew.
fn nar_hash(attributes: &Attributes) -> Result<Option<Vec<u8>>, Problem> {
    let Some(value) = attributes.text("narHash")? else { return Ok(None) };
    let hash = std::str::from_utf8(value).ok().and_then(Hash::parse_nar_hash);
    let hash = hash.ok_or_else(|| Problem::Part("NAR hash", value.to_vec()))?;
    Ok(Some(hash.to_nar_hash().into_bytes()))
}
