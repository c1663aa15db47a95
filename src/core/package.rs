//! Package names and versions, as Nix splits them, and what a package weighs.
//!
//! `/nix/store/i270…-hello-2.12.3` is the package `hello-2.12.3` ([`package_name`]).
//! The version starts after the first dash that is followed by something that is
//! not a letter: `hello-2.12.3` is `hello` and `2.12.3`, `apache-httpd-2.4` is
//! `apache-httpd` and `2.4`, `fltk-bin` has no version.

use super::visible;

/// A name split where its version starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageName<'a> {
    /// What stands before the version.
    pub name: &'a str,
    /// The version with what follows it (`1.3.11-bin`), empty if there is none.
    pub version: &'a str,
}

impl<'a> PackageName<'a> {
    /// Splits a store path's name.
    pub fn split(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let dash = bytes.windows(2).position(|pair| pair[0] == b'-' && !pair[1].is_ascii_alphabetic());
        match dash {
            Some(dash) => Self { name: &text[..dash], version: &text[dash + 1..] },
            None => Self { name: text, version: "" },
        }
    }
}

/// Outputs that packages commonly have; other words at a version's end belong to it (`1.0-rc`).
pub const USUAL_OUTPUTS: [&str; 16] = [
    "bin", "data", "debug", "dev", "devdoc", "devman", "doc", "info", "lib", "man", "nc", "out", "py",
    "python", "static", "terminfo",
];

/// A version without the name of a usual output behind it: `1.3.11` of `1.3.11-bin`.
pub fn without_output(version: &str) -> &str {
    match version.rsplit_once('-') {
        Some((version, output)) if USUAL_OUTPUTS.contains(&output) => version,
        _ => version,
    }
}

/// The name of the package at a path: what follows the hash of 32 letters and its dash, or the
/// whole last part of what is no store path. Control characters are still inside.
pub fn package_name(path: &[u8]) -> String {
    let base = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let name = base.get(33..).filter(|name| !name.is_empty() && base[32] == b'-');
    visible::bytes(name.unwrap_or(base))
}

/// How much lies in a package: every file and link below its path, folders left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackageSize {
    /// Files and links.
    pub files: usize,
    /// Bytes of the files; a file that has two names counts twice, as in an archive.
    pub bytes: u64,
}

impl std::ops::AddAssign for PackageSize {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::{PackageName, package_name, without_output};

    #[test]
    fn an_output_is_no_part_of_the_version() {
        for (text, version) in
            [("1.3.11-bin", "1.3.11"), ("2.49.0-doc", "2.49.0"), ("6.1-rc2", "6.1-rc2"), ("1", "1"), ("", "")]
        {
            assert_eq!(without_output(text), version);
        }
    }

    #[test]
    fn packages_are_named_without_their_hash() {
        let hash = "i270m2h1aaaaaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(package_name(format!("/nix/store/{hash}-hello-2.12.3").as_bytes()), "hello-2.12.3");
        assert_eq!(package_name(b"/tmp/odd"), "odd");
        let no_store_path = format!("{hash}x-hello");
        assert_eq!(package_name(no_store_path.as_bytes()), no_store_path);
        assert_eq!(package_name(format!("/s/{hash}-").as_bytes()), format!("{hash}-"));
    }

    #[test]
    fn splits_at_the_first_dash_before_a_non_letter() {
        for (text, name, version) in [
            ("hello-2.12.3", "hello", "2.12.3"),
            ("apache-httpd-2.4", "apache-httpd", "2.4"),
            ("fltk-1.3.11-bin", "fltk", "1.3.11-bin"),
            ("fltk-bin", "fltk-bin", ""),
            ("hello", "hello", ""),
            ("hello-", "hello-", ""),
            ("hello--1", "hello", "-1"),
            ("-1.0", "", "1.0"),
            ("a-_b-1", "a", "_b-1"),
            ("nix-2.3pre", "nix", "2.3pre"),
            ("tmux-3.5a", "tmux", "3.5a"),
            ("", "", ""),
            ("-", "-", ""),
            // a letter is ASCII, and the cut stays on a character's edge
            ("a-ä", "a", "ä"),
        ] {
            assert_eq!(PackageName::split(text), PackageName { name, version }, "{text}");
        }
    }
}
