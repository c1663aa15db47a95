//! Package names and versions, as Nix splits them.
//!
//! The version starts after the first dash that is followed by something that is
//! not a letter: `hello-2.12.3` is `hello` and `2.12.3`, `apache-httpd-2.4` is
//! `apache-httpd` and `2.4`, `fltk-bin` has no version.

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
        let _ = text;
        todo!()
    }
}
