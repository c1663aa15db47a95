//! All packages of one locked flake, as a listing: what one can choose from when adding.
//!
//! A listing is made for looking through: names, versions, descriptions and what speaks against a
//! package, also of those that do not evaluate; never derivations or store paths. nixpkgs has
//! 120,000 rows, so all texts lie in one string and a row is a few numbers ([`PackageList::get`] puts
//! them together). [`mod@file`] is its form on disk.
//!
//! `legacyPackages.x86_64-linux.python3Packages.numpy` is the row `python3Packages.numpy`; where
//! `packages` has the same name, which Nix would take first, its installable is the whole path.

use std::sync::Arc;

use super::url;

pub mod file;

/// Texts of a row that are longer are cut; nobody reads that much in a list.
const LONGEST_TEXT: usize = 600;

/// An attribute that is longer is left out.
const LONGEST_ATTRIBUTE: usize = 1000;

/// The most rows and bytes of a listing; a flake that has more prints without end.
const MOST_ROWS: usize = 1_000_000;
const MOST_BYTES: usize = 512 << 20;

/// The listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageList {
    text: String,
    rows: Vec<Row>,
}

/// Where the texts of a row are: one behind the other, in the order of [`TEXTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    start: u32,
    lengths: [u16; TEXTS],
    marks: u8,
}

/// Attribute, name, version, description, outputs, homepage, licence, failure.
const TEXTS: usize = 8;

/// One row, or what is to become one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPackage<'a> {
    /// Where it was found.
    pub root: PackageRoot,
    /// Below that: `python3Packages.numpy`, names in quotes where they have dots.
    pub attribute: &'a str,
    /// `numpy`; may be empty for one that does not evaluate.
    pub name: &'a str,
    /// `1.26.4`; may be empty.
    pub version: &'a str,
    /// `meta.description`.
    pub description: &'a str,
    /// All outputs, with blanks between.
    pub outputs: &'a str,
    /// `meta.homepage`.
    pub homepage: &'a str,
    /// `meta.license`, joined by commas.
    pub licence: &'a str,
    /// What speaks against it.
    pub marks: PackageMarks,
    /// Why it does not evaluate, if it does not; [`UNTOLD`] if nobody asked for the reason.
    pub failure: Option<&'a str>,
}

/// Whose packages are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageSource {
    /// The flake as typed, or the file by its whole path.
    pub reference: String,
    /// Which of both.
    pub scope: SourceScope,
    /// The text of the user's registry by which its name is looked up, where it is not the one on disk.
    pub registry: Option<Arc<str>>,
}

/// What packages are listed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceScope {
    /// A flake.
    Flake,
    /// A file of expressions.
    File,
}

impl PackageSource {
    /// A flake, by the registries on disk.
    pub fn flake(reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), scope: SourceScope::Flake, registry: None }
    }

    /// A file, by its whole path.
    pub fn file(path: impl Into<String>) -> Self {
        Self { reference: path.into(), scope: SourceScope::File, registry: None }
    }
}

/// The failure of a package that throws: the evaluator tells its words only if it is asked alone.
pub const UNTOLD: &str = "it does not evaluate";

/// The attribute set of a flake that a package was found in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PackageRoot {
    /// `packages.SYSTEM`.
    Packages,
    /// `legacyPackages.SYSTEM`.
    #[default]
    LegacyPackages,
}

/// What nixpkgs marks packages as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackageMarks(u8);

impl PackageMarks {
    const UNFREE: u8 = 1;
    const INSECURE: u8 = 2;
    const BROKEN: u8 = 4;
    const UNSUPPORTED: u8 = 8;
    const FAILS: u8 = 16;
    const LEGACY: u8 = 32;

    /// The marks as `listing.nix` writes them: 1 unfree, 2 insecure, 4 broken, 8 not for this platform.
    pub fn of_bits(bits: u8) -> Self {
        Self(bits & (Self::UNFREE | Self::INSECURE | Self::BROKEN | Self::UNSUPPORTED))
    }

    /// What has to be allowed, or will not work, in words; the first is the one that matters most.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let words = [
            (Self::BROKEN, "marked as broken"),
            (Self::UNSUPPORTED, "not made for this platform"),
            (Self::INSECURE, "marked as insecure"),
            (Self::UNFREE, "unfree"),
        ];
        words.into_iter().filter(move |(mark, _)| self.0 & mark != 0).map(|(_, words)| words)
    }

    /// Whether nothing speaks against it.
    pub fn is_empty(self) -> bool {
        self.words().next().is_none()
    }
}

impl PackageList {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the flake has no packages.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many of them do not evaluate.
    pub fn failing(&self) -> usize {
        self.rows.iter().filter(|row| row.marks & PackageMarks::FAILS != 0).count()
    }

    /// A row; `None` behind the last.
    pub fn get(&self, index: usize) -> Option<ListedPackage<'_>> {
        let row = self.rows.get(index)?;
        let [attribute, name, version, description, outputs, homepage, licence, failure] = self.texts(row);
        let fails = row.marks & PackageMarks::FAILS != 0;
        Some(ListedPackage {
            root: match row.marks & PackageMarks::LEGACY {
                0 => PackageRoot::Packages,
                _ => PackageRoot::LegacyPackages,
            },
            attribute,
            name,
            version,
            description,
            outputs,
            homepage,
            licence,
            marks: PackageMarks(row.marks & !(PackageMarks::FAILS | PackageMarks::LEGACY)),
            failure: fails.then_some(failure),
        })
    }

    /// What a search looks at: attribute, name and description, and whether the row evaluates.
    pub(in crate::core) fn searched(&self, index: usize) -> Option<(&str, &str, &str, bool)> {
        let row = self.rows.get(index)?;
        let mut at = row.start as usize;
        let mut next = |length: u16| {
            let start = at;
            at += usize::from(length);
            self.text.get(start..at).unwrap_or_default()
        };
        let [attribute, name, version, description, ..] = row.lengths;
        let (attribute, name) = (next(attribute), next(name));
        let _ = next(version);
        Some((attribute, name, next(description), row.marks & PackageMarks::FAILS == 0))
    }

    /// Adds a row; tells whether there was room for it.
    pub fn push(&mut self, package: &ListedPackage<'_>) -> bool {
        let is_too_long = package.attribute.is_empty() || package.attribute.len() > LONGEST_ATTRIBUTE;
        if is_too_long || self.rows.len() >= MOST_ROWS || self.text.len() >= MOST_BYTES {
            return false;
        }
        let Ok(start) = u32::try_from(self.text.len()) else { return false };
        let fails = if package.failure.is_some() { PackageMarks::FAILS } else { 0 };
        let legacy = if package.root == PackageRoot::LegacyPackages { PackageMarks::LEGACY } else { 0 };
        let texts = [
            package.attribute,
            cut(package.name),
            cut(package.version),
            cut(package.description),
            cut(package.outputs),
            cut(package.homepage),
            cut(package.licence),
            cut(package.failure.unwrap_or_default()),
        ];
        let lengths = texts.map(|text| u16::try_from(text.len()).unwrap_or_default());
        for text in texts {
            self.text.push_str(text);
        }
        self.rows.push(Row { start, lengths, marks: package.marks.0 | fails | legacy });
        true
    }

    /// The same by attribute, and without room for more. Only now the whole is known.
    #[must_use]
    pub fn finished(mut self) -> Self {
        let text = std::mem::take(&mut self.text);
        let key = |row: &Row| {
            let start = row.start as usize;
            let attribute = text.get(start..start + usize::from(row.lengths[0])).unwrap_or_default();
            (attribute.to_ascii_lowercase(), row.marks & PackageMarks::LEGACY)
        };
        self.rows.sort_by_cached_key(key);
        self.rows.shrink_to_fit();
        self.text = text;
        self.text.shrink_to_fit();
        self
    }

    /// What one would type to have a row of the flake at this reference.
    pub fn installable(&self, index: usize, reference: &str, system: &str) -> Option<String> {
        let package = self.get(index)?;
        let hidden = package.root == PackageRoot::LegacyPackages && self.is_in_packages(package.attribute);
        let attribute = if hidden {
            format!("legacyPackages.{system}.{}", package.attribute)
        } else {
            package.attribute.to_owned()
        };
        Some(format!("{reference}#{}", url::encode(attribute.as_bytes(), b"!$&'()*+,;=:@/?")))
    }

    fn is_in_packages(&self, attribute: &str) -> bool {
        let key = attribute.to_ascii_lowercase();
        let lower = |row: &Row| self.texts(row)[0].to_ascii_lowercase();
        let first = self.rows.partition_point(|row| lower(row) < key);
        let same = self.rows.get(first..).into_iter().flatten().take_while(|row| lower(row) == key);
        same.into_iter().any(|row| row.marks & PackageMarks::LEGACY == 0 && self.texts(row)[0] == attribute)
    }

    fn texts(&self, row: &Row) -> [&str; TEXTS] {
        let mut at = row.start as usize;
        row.lengths.map(|length| {
            let start = at;
            at += usize::from(length);
            self.text.get(start..at).unwrap_or_default()
        })
    }
}

/// The beginning of a text that is too long.
fn cut(text: &str) -> &str {
    match text.len() {
        length if length <= LONGEST_TEXT => text,
        _ => &text[..text.floor_char_boundary(LONGEST_TEXT)],
    }
}

/// Names of attributes as one path, in quotes where they would read as something else.
pub fn attribute_path(names: &[impl AsRef<str>]) -> String {
    let is_plain = |name: &str| !name.is_empty() && !name.contains(['.', '"', '^', ' ']);
    let parts = names.iter().map(|name| match name.as_ref() {
        name if is_plain(name) => name.to_owned(),
        name => format!("\"{name}\""),
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The names of a path, as [`attribute_path`] writes it; quotes hold dots.
pub fn attribute_names(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut name, mut is_quoted) = (String::new(), false);
    for character in path.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => names.push(std::mem::take(&mut name)),
            other => name.push(other),
        }
    }
    if !name.is_empty() || path.ends_with('.') || path.ends_with("\"\"") {
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(attribute: &str) -> ListedPackage<'_> {
        ListedPackage {
            attribute,
            name: "n",
            version: "1.2",
            description: "a thing",
            ..ListedPackage::default()
        }
    }

    #[test]
    fn rows_come_back_as_they_went_in_ordered_by_attribute() {
        let mut list = PackageList::default();
        let failing = ListedPackage {
            attribute: "b.\"x.y\"",
            failure: Some(UNTOLD),
            marks: PackageMarks::of_bits(5),
            ..ListedPackage::default()
        };
        let own = ListedPackage { root: PackageRoot::Packages, outputs: "out man", ..listed("C") };
        for package in [&listed("c"), &failing, &own, &listed("a")] {
            assert!(list.push(package));
        }
        let list = list.finished();
        let attributes: Vec<_> = (0..list.len()).map(|index| list.get(index).unwrap().attribute).collect();
        assert_eq!(attributes, ["a", "b.\"x.y\"", "C", "c"]);
        assert_eq!((list.get(1), list.get(2)), (Some(failing.clone()), Some(own)));
        assert_eq!(failing.marks.words().collect::<Vec<_>>(), ["marked as broken", "unfree"]);
        assert_eq!((list.failing(), list.get(4)), (1, None));
        assert_eq!(list.searched(3), Some(("c", "n", "a thing", true)));
    }

    #[test]
    fn what_packages_hide_is_named_in_full() {
        let mut list = PackageList::default();
        list.push(&listed("a"));
        list.push(&ListedPackage { root: PackageRoot::Packages, ..listed("a") });
        list.push(&listed("A"));
        list.push(&listed("x y^z"));
        let list = list.finished();
        let named: Vec<_> = (0..4).map(|index| list.installable(index, "r", "s").unwrap()).collect();
        assert_eq!(named, ["r#a", "r#legacyPackages.s.a", "r#A", "r#x%20y%5Ez"]);
    }

    #[test]
    fn long_texts_are_cut_and_long_names_left_out() {
        let mut list = PackageList::default();
        assert!(!list.push(&listed(&"a".repeat(LONGEST_ATTRIBUTE + 1))));
        assert!(!list.push(&listed("")));
        let long = "ü".repeat(LONGEST_TEXT);
        assert!(list.push(&ListedPackage { description: &long, ..listed("a") }));
        assert_eq!(list.get(0).unwrap().description.len(), LONGEST_TEXT);
    }

    #[test]
    fn names_with_dots_are_quoted() {
        assert_eq!(attribute_path(&["a", "b.c", "d"]), "a.\"b.c\".d");
        assert_eq!(attribute_names("a.\"b.c\".d"), ["a", "b.c", "d"]);
        assert_eq!(attribute_names("a."), ["a", ""]);
        assert!(attribute_names("").is_empty());
    }
}
