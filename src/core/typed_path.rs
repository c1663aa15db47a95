//! A path as a person types it where something is to be added, and what it can lead to.
//!
//! Nix takes `./tools` for a flake and `--file ./tools.nix` for a file; where there is one line to type
//! in, the text itself has to tell. Here only its form is looked at: a text that names a `.nix` file, or
//! begins as a path does, is a [`TypedPath`]; what stands there the machine tells ([`PathChoice`]).
//!
//! `~/env.nix zlib^dev nodejs` is two attributes of a file, `./tools hello` is one of the file or the
//! flake in that folder, `./tools#hello` an installable of a flake.

/// A text that names a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedPath<'a> {
    /// The path, as typed; it may be the beginning of one.
    pub path: &'a str,
    /// Attributes of the file or flake, perhaps with outputs; none for all of it.
    pub attributes: Vec<&'a str>,
}

/// Something that a typed path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathChoice {
    /// As one would type it: `~/envs/`.
    pub shown: String,
    /// From the root.
    pub full: String,
    /// What stands there.
    pub kind: PathKind,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A file of Nix expressions.
    NixFile,
    /// A folder with neither of the files that can be added from.
    Folder,
    /// One with a `flake.nix`.
    Flake,
    /// One with a `default.nix`.
    DefaultFile,
    /// One with both: only the user knows which is meant.
    FlakeAndDefaultFile,
    /// A link to a package in the store.
    StoreLink,
}

const ENDING: &str = ".nix";

impl<'a> TypedPath<'a> {
    /// Reads a text; `None` for one that is an installable, a flake's name, or words to find.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let Some(end) = end_of_file(text) else {
            return folder(text);
        };
        let (path, rest) = text.split_at(end);
        let is_bare_path = !path.contains([':', '#', '?', ' ', '<']);
        // Another installable may stand behind it.
        let are_attributes = !rest.contains([':', '/']) && rest.matches('#').count() <= 1;
        let attributes = rest.split(['#', ' ']).filter(|it| !it.is_empty()).collect();
        let is_file = (begins_as_path(path) || is_bare_path) && are_attributes && !is_second(rest);
        is_file.then_some(Self { path, attributes })
    }

    /// Whether what is typed names a whole file, not only the beginning of one.
    pub fn is_file(&self) -> bool {
        self.path.ends_with(ENDING)
    }
}

fn begins_as_path(text: &str) -> bool {
    let begins = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    begins || [".", "..", "~"].contains(&text)
}

/// The beginning of a path, or a folder with attributes behind it: `~/tools hello`.
fn folder(text: &str) -> Option<TypedPath<'_>> {
    let (path, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_path = begins_as_path(path) && !path.contains(['#', '?', '^']);
    // Another installable may stand behind it.
    let are_attributes = !rest.contains(['#', '/', ':', '?', '<']);
    let attributes = rest.split_whitespace().collect();
    (is_path && are_attributes).then_some(TypedPath { path, attributes })
}

/// Where the first name that ends as a file of Nix does ends.
fn end_of_file(text: &str) -> Option<usize> {
    let ends = text.match_indices(ENDING).map(|(start, _)| start + ENDING.len());
    ends.into_iter().find(|end| text[*end..].is_empty() || text[*end..].starts_with([' ', '#']))
}

/// Whether what stands behind a file begins with a reference of its own: ` nixpkgs#hello`.
fn is_second(rest: &str) -> bool {
    rest.starts_with(' ') && rest.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_told_from_installables() {
        let parsed = |text| TypedPath::parse(text).map(|typed| (typed.path, typed.attributes));
        for (text, path, attributes) in [
            ("./env.nix", "./env.nix", &[][..]),
            ("env.nix", "env.nix", &[]),
            ("sub/env.nix zlib", "sub/env.nix", &["zlib"]),
            ("~/my env.nix a^dev b", "~/my env.nix", &["a^dev", "b"]),
            ("/h/env.nix#a.b", "/h/env.nix", &["a.b"]),
            ("/h/en", "/h/en", &[]),
            (".", ".", &[]),
            ("~/", "~/", &[]),
            ("~/pkgs moreutils", "~/pkgs", &["moreutils"]),
            ("./pkgs/  a.b  c^dev", "./pkgs/", &["a.b", "c^dev"]),
            (". hello", ".", &["hello"]),
        ] {
            assert_eq!(parsed(text), Some((path, attributes.to_vec())), "{text}");
        }
        for text in [
            "",
            "nixpkgs",
            "hello world",
            "nixpkgs#hello",
            "./tools#hello",
            "path:./env.nix",
            "github:o/r?dir=a.nix",
            "./env.nix nixpkgs#hello",
            "./a ./b",
            "./a nixpkgs#hello",
            "./a github:o/r",
            "/h/flake?ref=x",
            "<nixpkgs>",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
