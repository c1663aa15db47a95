//! Names in references: of flakes, branches, tags, commits and hosts.

use super::Problem;
use crate::core::hash::Hash;

/// The commit in base 16, from any form that Nix reads.
pub(super) fn revision(value: &[u8]) -> Option<Vec<u8>> {
    let hash = Hash::parse_revision(std::str::from_utf8(value).ok()?)?;
    Some(hash.to_base16().into_bytes())
}

/// As [`revision`], as a text that has to be one.
pub(super) fn checked_revision(value: &[u8]) -> Result<Vec<u8>, Problem> {
    revision(value).ok_or_else(|| Problem::Part("commit", value.to_vec()))
}

/// As [`revision`], but nothing other than SHA-1.
pub(super) fn sha1_revision(value: &[u8]) -> Result<Vec<u8>, Problem> {
    let hash = std::str::from_utf8(value).ok().and_then(Hash::parse_revision).filter(Hash::is_sha1);
    hash.map(|hash| hash.to_base16().into_bytes()).ok_or_else(|| Problem::Part("commit", value.to_vec()))
}

/// `[0-9a-fA-F]{40}`
pub(super) fn is_hex_revision(value: &[u8]) -> bool {
    value.len() == 40 && value.iter().all(u8::is_ascii_hexdigit)
}

/// `[a-zA-Z][a-zA-Z0-9_-]*`
pub(super) fn is_flake_name(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

/// `[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*`, which the short form of a reference must match.
pub(super) fn is_plain_reference(value: &[u8]) -> bool {
    value.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'@')
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_./@+-".contains(byte))
}

/// `[a-zA-Z0-9.-]*`
pub(super) fn is_host(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
}

/// Git's rules for the name of a branch or tag.
pub(super) fn is_legal_reference(value: &[u8]) -> bool {
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
