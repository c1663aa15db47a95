//! What a person types to add something: `nixpkgs#fltk^bin`, a store path, an attribute of a file.
//!
//! Here the text is kept as typed, and sorted by how one finds out what it is ([`Sought`]): it says
//! so itself, an evaluator has to be asked, or the store, which answers with a
//! [`ResolvedInstallable`].

use std::sync::Arc;

use super::evaluation::Question;
use super::manifest::{ExtendedOutputsSpec, ProfileElement};
use super::store_path::{StoreDir, StorePath};
use super::url;

/// Something that can be added, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Installable {
    /// The words, verbatim.
    pub text: String,
    /// The expression the words select from, if not a flake.
    pub scope: InstallableScope,
    /// The text of the user's registry by which names are looked up, where it is not the one on disk:
    /// what is learnt under other registries is another fact.
    pub registry: Option<Arc<str>>,
}

/// Where an installable's attribute path starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstallableScope {
    /// A flake reference with a fragment, or a store path.
    Flake,
    /// `--file FILE`.
    File(String),
    /// `--expr EXPRESSION`.
    Expression(String),
}

/// What the store says an installable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolvedInstallable {
    /// The element `nix profile add` would write: store paths, source and the package's own priority
    /// (`meta.priority`, else 5).
    Element(ProfileElement),
    /// What could have been a link into the store is the reference of a flake.
    OfFlake,
}

/// How one finds out what an installable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// It is a store path.
    Path(StorePath),
    /// These outputs of a package, by evaluating.
    Package(Question, ExtendedOutputsSpec),
    /// Only the store can tell.
    Unknown,
}

/// What the text of a flake installable consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallableParts<'a> {
    /// What stands before `#`.
    pub reference: &'a str,
    /// What stands after `#`, still percent-encoded; empty if nothing does.
    pub attribute: &'a str,
    /// What stands after `^`.
    pub outputs: ExtendedOutputsSpec,
}

impl InstallableParts<'_> {
    /// The attribute, decoded.
    pub fn attribute_name(&self) -> String {
        let bytes = url::decode_fragment(self.attribute).ok();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| self.attribute.to_owned())
    }
}

/// What stands after `^` names no outputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'^{0}' names no outputs: write '^out,man' or '^*'")]
pub struct BadOutputs(String);

impl ExtendedOutputsSpec {
    /// Reads what stands after `^`: `*`, or names between commas.
    pub fn parse(text: &str) -> Result<Self, BadOutputs> {
        if text == "*" {
            return Ok(Self::All);
        }
        let is_name = |name: &&str| {
            let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
            let starts_like_folder =
                matches!(*name, "." | "..") || name.starts_with(".-") || name.starts_with("..-");
            !name.is_empty() && name.len() <= 211 && name.bytes().all(is_character) && !starts_like_folder
        };
        let mut names: Vec<&str> = text.split(',').collect();
        if !names.iter().all(is_name) {
            return Err(BadOutputs(text.to_owned()));
        }
        names.sort_unstable();
        names.dedup();
        Ok(Self::Names(names.into_iter().map(str::to_owned).collect()))
    }
}

/// The path that `--file` names; `None` for what Nix looks up or downloads: `<nixpkgs>`,
/// `channel:nixos-25.05`, `https://…`, `flake:nixpkgs`.
pub fn path_of_file(file: &str) -> Option<&str> {
    let is_looked_up = file.starts_with('<') && file.ends_with('>');
    let schemes = ["http", "https", "file", "channel", "git", "s3", "ssh", "flake"];
    let has_scheme = file.split_once(':').is_some_and(|(scheme, _)| schemes.contains(&scheme));
    (!is_looked_up && !has_scheme).then_some(file)
}

impl Installable {
    /// A flake reference or a store path.
    pub fn flake(text: impl Into<String>) -> Self {
        Self { text: text.into(), scope: InstallableScope::Flake, registry: None }
    }

    /// The same, looked up as if this were the text of the user's registry.
    #[must_use]
    pub fn under(self, registry: Arc<str>) -> Self {
        Self { registry: Some(registry), ..self }
    }

    /// The store path, if the text is exactly one (no `^outputs`, no derivation).
    pub fn store_path(&self, store_dir: &StoreDir) -> Option<StorePath> {
        if self.scope != InstallableScope::Flake || self.text.rsplit('.').next() == Some("drv") {
            return None;
        }
        StorePath::parse(store_dir, &self.text).ok()
    }

    /// The flake reference, the attribute and the outputs of a flake installable, as typed.
    pub fn parts(&self) -> Result<InstallableParts<'_>, BadOutputs> {
        let (rest, outputs) = match self.text.rsplit_once('^') {
            None => (self.text.as_str(), ExtendedOutputsSpec::Default),
            Some((rest, outputs)) => (rest, ExtendedOutputsSpec::parse(outputs)?),
        };
        let (reference, attribute) = rest.split_once('#').unwrap_or((rest, ""));
        Ok(InstallableParts { reference, attribute, outputs })
    }

    /// Whether the same was asked for, whatever the registries are.
    pub fn is_same_as(&self, other: &Self) -> bool {
        (&self.text, &self.scope) == (&other.text, &other.scope)
    }

    /// How one finds out what it is.
    pub fn sought(&self, store_dir: &StoreDir) -> Result<Sought, BadOutputs> {
        if let Some(path) = self.store_path(store_dir) {
            return Ok(Sought::Path(path));
        }
        if self.scope == InstallableScope::Flake && self.may_lead_into_store() {
            return Ok(Sought::Unknown);
        }
        self.as_package().map(|(question, outputs)| Sought::Package(question, outputs))
    }

    /// The question to an evaluator, and the outputs that are wanted, if it is no path of the store.
    pub fn as_package(&self) -> Result<(Question, ExtendedOutputsSpec), BadOutputs> {
        if let Some(question) = Question::of_expression(self) {
            return Ok((question, ExtendedOutputsSpec::Default));
        }
        let parts = self.parts()?;
        // As for Nix, nothing means the flake of the folder one is in.
        let reference = if parts.reference.is_empty() { "." } else { parts.reference };
        Ok((Question::as_typed(reference, parts.attribute_name()), parts.outputs))
    }

    /// Whether it may name a file that leads into the store, which Nix tries before it takes it for a
    /// flake: it has a slash and no attribute, and is no URL.
    fn may_lead_into_store(&self) -> bool {
        let path = self.text.rsplit_once('^').map_or(self.text.as_str(), |(path, _)| path);
        path.contains('/') && !path.contains([':', '#'])
    }

    /// The same with other outputs.
    #[must_use]
    pub fn with_outputs(&self, outputs: &ExtendedOutputsSpec) -> Self {
        let rest = self.text.rsplit_once('^').map_or(self.text.as_str(), |(rest, _)| rest);
        Self { text: format!("{rest}{outputs}"), ..self.clone() }
    }

    /// The same attribute of another flake.
    #[must_use]
    pub fn of_flake(&self, reference: &str) -> Self {
        let fragment = self.text.find(['#', '^']).map_or("", |start| &self.text[start..]);
        Self { text: format!("{reference}{fragment}"), ..self.clone() }
    }

    /// What was typed, for messages: the text, or what it is all of.
    pub fn shown(&self) -> &str {
        match &self.scope {
            InstallableScope::File(file) if self.text.is_empty() => file,
            InstallableScope::Expression(text) if self.text.is_empty() => text,
            _ => &self.text,
        }
    }

    /// A short name to show before it is resolved: the last attribute, the file's name, else the text.
    pub fn short_name(&self) -> &str {
        if let (InstallableScope::File(file), "") = (&self.scope, self.text.as_str()) {
            let name = file.rsplit('/').next().unwrap_or(file);
            return name.strip_suffix(".nix").filter(|name| !name.is_empty()).unwrap_or(file);
        }
        let fragment = self.text.rsplit_once('#').map_or(self.text.as_str(), |(_, fragment)| fragment);
        let attribute = fragment.split('^').next().unwrap_or(fragment);
        match attribute.rsplit(['.', '/']).next() {
            Some(last) if !last.is_empty() => last,
            _ => &self.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_and_flake_can_be_replaced() {
        let outputs = ExtendedOutputsSpec::Names(vec!["doc".to_owned()]);
        for (text, with_outputs, elsewhere) in [
            ("nixpkgs#git", "nixpkgs#git^doc", "r#git"),
            ("nixpkgs#git^out,man", "nixpkgs#git^doc", "r#git^out,man"),
            (".", ".^doc", "r"),
            (".^man", ".^doc", "r^man"),
        ] {
            let installable = Installable::flake(text);
            assert_eq!(installable.with_outputs(&outputs).text, with_outputs);
            assert_eq!(installable.of_flake("r").text, elsewhere);
        }
        let default = Installable::flake("a#b^*").with_outputs(&ExtendedOutputsSpec::Default);
        assert_eq!(default.text, "a#b");
    }

    #[test]
    fn installables_have_three_parts() {
        let names = |names: &[&str]| ExtendedOutputsSpec::Names(names.iter().map(|&it| it.into()).collect());
        for (text, reference, attribute, outputs) in [
            ("nixpkgs", "nixpkgs", "", ExtendedOutputsSpec::Default),
            ("nixpkgs#fltk", "nixpkgs", "fltk", ExtendedOutputsSpec::Default),
            ("nixpkgs#fltk^*", "nixpkgs", "fltk", ExtendedOutputsSpec::All),
            ("./a#b^out,bin,out", "./a", "b", names(&["bin", "out"])),
            (".^man", ".", "", names(&["man"])),
            ("x#a^b^c", "x", "a^b", names(&["c"])),
        ] {
            let expected = InstallableParts { reference, attribute, outputs };
            assert_eq!(Installable::flake(text).parts(), Ok(expected), "{text}");
        }
        for text in ["x#a^", "x#a^b,", "x#a^b c", "x#a^.", "x#a^*,b"] {
            assert!(Installable::flake(text).parts().is_err(), "{text}");
        }
    }
}
