//! What an attribute of a flake is today: questions to the evaluator, and its answers.
//!
//! A [`Question`] is a reference and an attribute. An upgrade asks for exactly the path that the
//! element records, as Nix does; what a person types is searched below `packages.SYSTEM` and
//! `legacyPackages.SYSTEM` first ([`Search`]).
//!
//! Which outputs are wanted is no part of a question: an answer holds all of them, so choosing
//! others asks nobody ([`Evaluated::chosen`]). Without a choice these are installed: the output
//! that was selected (`git.doc`), else `meta.outputsToInstall`, else `out`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::installable::{Installable, InstallableScope};
use super::manifest::{DEFAULT_PRIORITY, ElementSource, ExtendedOutputsSpec, ProfileElement};
use super::nix_options::NixOptions;
use super::package::PackageName;
use super::store_path::StorePath;

/// What is to be found out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question {
    /// The flake, as the element records it (`originalUrl`) or as typed.
    pub reference: String,
    /// The attribute.
    pub attribute: String,
    /// Where it is looked for.
    pub search: Search,
    /// The text of the user's registry by which names are looked up, where it is not the one on disk:
    /// what is learnt under other registries is another fact.
    pub registry: Option<Arc<str>>,
    /// Options beside those of the whole run; with others it is another question.
    pub options: NixOptions,
}

/// Where an attribute is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Search {
    /// It is the whole path, as a profile records it.
    Exactly,
    /// It is what somebody typed: below `packages`, below `legacyPackages`, then as it is; nothing
    /// means the default package.
    AsTyped,
    /// The reference is a file that holds an expression, as `--file` takes it, and the attribute what
    /// was typed with it, outputs included; nothing means the whole file.
    File,
    /// The same with an expression, as `--expr` takes it.
    Expression,
}

/// What a package is: everything that a plan, and a person, wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The reference as Nix records it; empty for what came from a file or an expression, of which Nix
    /// records nothing.
    pub original_url: String,
    /// The reference locked to what was evaluated.
    pub url: String,
    /// The attribute path that was there.
    pub attr_path: String,
    /// `git-2.49.0`.
    pub name: String,
    /// The derivation; `None` for what is a store path already.
    pub drv_path: Option<StorePath>,
    /// All outputs; `None` for a path that is known only once it is built.
    pub outputs: BTreeMap<String, Option<StorePath>>,
    /// The outputs that are installed if nobody chooses, sorted.
    pub default_outputs: Vec<String>,
    /// `meta.priority`.
    pub priority: Option<i32>,
    /// What speaks against it.
    pub flags: MetaFlags,
    /// `meta.description`.
    pub description: Option<String>,
    /// `meta.homepage`, the first of several.
    pub homepage: Option<String>,
    /// `meta.license`: names, joined by a comma.
    pub licence: Option<String>,
    /// What else is installed along with it: a file can hold a list or a set of packages, which are one
    /// element. All of their outputs here are wanted.
    pub others: Vec<Derived>,
}

/// One of several packages that a file comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The derivation; `None` for what is a store path already.
    pub drv_path: Option<StorePath>,
    /// The outputs that are installed; `None` for a path that is known only once it is built.
    pub outputs: BTreeMap<String, Option<StorePath>>,
}

/// A derivation, or a path, with the outputs that are wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The derivation; `None` for what is a store path already.
    pub drv_path: Option<StorePath>,
    /// The outputs with their paths.
    pub outputs: Vec<(String, StorePath)>,
}

/// What nixpkgs marks packages as. One that evaluates all the same was allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetaFlags {
    /// `meta.unfree`.
    pub unfree: bool,
    /// `meta.insecure`.
    pub insecure: bool,
    /// `meta.broken`.
    pub broken: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationFailure {
    /// What kind of failure, for programs and signs.
    pub kind: FailureKind,
    /// The evaluator's words.
    pub message: Arc<str>,
}

impl EvaluationFailure {
    /// Whether the reference is a folder that has changed since it was locked: what it was then cannot
    /// be asked any more, and Nix tells no more of it than two hashes.
    pub fn is_changed_folder(&self, reference: &str) -> bool {
        reference.starts_with("path:") && self.message.contains("NAR hash mismatch")
    }
}

/// Kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The flake cannot be found, fetched or locked, or its file does not read.
    Flake,
    /// The file is not there.
    File,
    /// The flake has no such attribute any more.
    AttributeGone,
    /// Its licence has to be allowed.
    Unfree,
    /// It is marked as insecure.
    Insecure,
    /// It is marked as broken.
    Broken,
    /// It is not made for this platform.
    Platform,
    /// It looks at the machine, which needs `--impure`.
    NeedsImpure,
    /// Something had to be asked: a password, whether a host is known.
    Prompt,
    /// The attribute is there and is no package.
    NotAPackage,
    /// Anything else that evaluation says.
    Evaluation,
}

/// An output was chosen that the package does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// There is none of this name.
    #[error("{name} has no output '{output}'; it has {}", there.join(", "))]
    NoSuchOutput {
        /// The package.
        name: String,
        /// What was asked for.
        output: String,
        /// What there is.
        there: Vec<String>,
    },
    /// Its path depends on what is built.
    #[error("the path of output '{output}' of {name} is known only once it is built")]
    UnknownPath {
        /// The package.
        name: String,
        /// What was asked for.
        output: String,
    },
}

impl Question {
    /// Exactly this attribute path, as an upgrade asks.
    pub fn exactly(reference: impl Into<String>, attr_path: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            attribute: attr_path.into(),
            search: Search::Exactly,
            registry: None,
            options: NixOptions::default(),
        }
    }

    /// An attribute as typed after `#`.
    pub fn as_typed(reference: impl Into<String>, attribute: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            attribute: attribute.into(),
            search: Search::AsTyped,
            registry: None,
            options: NixOptions::default(),
        }
    }

    /// Whether the same was asked, whatever the registries are.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.reference == other.reference && self.attribute == other.attribute && self.search == other.search
    }

    /// What is typed after `--file` or `--expr`; `None` for a flake.
    pub fn of_expression(installable: &Installable) -> Option<Self> {
        let (reference, search) = match &installable.scope {
            InstallableScope::Flake => return None,
            InstallableScope::File(file) => (file, Search::File),
            InstallableScope::Expression(text) => (text, Search::Expression),
        };
        let question = Self::exactly(reference, &installable.text);
        Some(Self { search, registry: installable.registry.clone(), ..question })
    }

    /// Whether a flake is asked, which is locked first.
    pub fn is_of_flake(&self) -> bool {
        matches!(self.search, Search::Exactly | Search::AsTyped)
    }

    /// What an element of this source would be at another reference: found as if one had typed the
    /// short form of its attribute there.
    pub fn elsewhere(reference: impl Into<String>, source: &ElementSource) -> Self {
        match source.short_attribute(None) {
            short if short == source.attr_path => Self::exactly(reference, short),
            short => Self::as_typed(reference, short),
        }
    }

    /// The attribute paths to try in order, on a platform like `x86_64-linux`.
    pub fn candidates(&self, system: &str) -> Vec<String> {
        let attribute = self.attribute.as_str();
        match (self.search, attribute.strip_prefix('.')) {
            (Search::Exactly | Search::File | Search::Expression, _) => vec![attribute.to_owned()],
            (Search::AsTyped, Some(whole)) => vec![whole.to_owned()],
            (Search::AsTyped, None) if attribute.is_empty() => {
                vec![format!("packages.{system}.default"), format!("defaultPackage.{system}")]
            }
            (Search::AsTyped, None) => vec![
                format!("packages.{system}.{attribute}"),
                format!("legacyPackages.{system}.{attribute}"),
                attribute.to_owned(),
            ],
        }
    }
}

impl Evaluated {
    /// The outputs that a choice means, by name, with their paths.
    pub fn chosen(&self, outputs: &ExtendedOutputsSpec) -> Result<Vec<(String, StorePath)>, ChoiceError> {
        let names: Vec<&String> = match outputs {
            ExtendedOutputsSpec::Default => self.default_outputs.iter().collect(),
            ExtendedOutputsSpec::All => self.outputs.keys().collect(),
            ExtendedOutputsSpec::Names(names) => names.iter().collect(),
        };
        names.into_iter().map(|output| Ok((output.clone(), self.path_of(output)?.clone()))).collect()
    }

    fn path_of(&self, output: &str) -> Result<&StorePath, ChoiceError> {
        let (name, output) = (self.name.clone(), output.to_owned());
        match self.outputs.get(&output) {
            Some(Some(path)) => Ok(path),
            Some(None) => Err(ChoiceError::UnknownPath { name, output }),
            None => {
                let there = self.outputs.keys().cloned().collect();
                Err(ChoiceError::NoSuchOutput { name, output, there })
            }
        }
    }

    /// Everything that has to be there for a choice: derivations with the outputs that are wanted of
    /// them. The first is the package itself.
    pub fn wanted(&self, outputs: &ExtendedOutputsSpec) -> Result<Vec<Wanted>, ChoiceError> {
        let mut wanted = vec![Wanted { drv_path: self.drv_path.clone(), outputs: self.chosen(outputs)? }];
        for other in &self.others {
            let paths = other.outputs.iter().map(|(output, path)| match path {
                Some(path) => Ok((output.clone(), path.clone())),
                None => Err(ChoiceError::UnknownPath { name: self.name.clone(), output: output.clone() }),
            });
            wanted
                .push(Wanted { drv_path: other.drv_path.clone(), outputs: paths.collect::<Result<_, _>>()? });
        }
        Ok(wanted)
    }

    /// The version as Nix splits it off the name; may be empty.
    pub fn version(&self) -> &str {
        PackageName::split(&self.name).version
    }

    /// The element that adding it would write.
    pub fn element(&self, outputs: &ExtendedOutputsSpec) -> Result<ProfileElement, ChoiceError> {
        let wanted = self.wanted(outputs)?.into_iter().flat_map(|wanted| wanted.outputs);
        let mut store_paths: Vec<StorePath> = wanted.map(|(_, path)| path).collect();
        store_paths.sort_unstable();
        store_paths.dedup();
        let source = ElementSource {
            original_url: self.original_url.clone(),
            url: self.url.clone(),
            attr_path: self.attr_path.clone(),
            outputs: outputs.clone(),
        };
        Ok(ProfileElement {
            active: true,
            priority: self.priority.unwrap_or(DEFAULT_PRIORITY),
            store_paths,
            source: (!self.original_url.is_empty()).then_some(source),
        })
    }
}

/// What git and ssh say when they wanted to ask something and could not.
pub const PROMPTS: [&str; 4] = [
    "could not read Username",
    "terminal prompts disabled",
    "Permission denied (publickey",
    "Host key verification failed",
];

impl EvaluationFailure {
    /// A failure whose kind shows in the evaluator's words: those of Nix and of nixpkgs.
    pub fn of_words(message: &str) -> Self {
        const KINDS: [(&str, FailureKind); 18] = [
            ("does not provide attribute", FailureKind::AttributeGone),
            ("in selection path", FailureKind::AttributeGone),
            ("does not evaluate to a derivation", FailureKind::NotAPackage),
            ("has an unfree license", FailureKind::Unfree),
            ("is marked as insecure", FailureKind::Insecure),
            ("is marked as broken", FailureKind::Broken),
            ("is not available on the requested hostPlatform", FailureKind::Platform),
            ("is not supported on", FailureKind::Platform),
            ("is forbidden in pure eval", FailureKind::NeedsImpure),
            ("in pure evaluation mode", FailureKind::NeedsImpure),
            ("in pure eval mode", FailureKind::NeedsImpure),
            ("is not allowed to refer to", FailureKind::NeedsImpure),
            ("use '--impure'", FailureKind::NeedsImpure),
            ("to be a derivation", FailureKind::NotAPackage),
            (PROMPTS[0], FailureKind::Prompt),
            (PROMPTS[1], FailureKind::Prompt),
            (PROMPTS[2], FailureKind::Prompt),
            (PROMPTS[3], FailureKind::Prompt),
        ];
        let kind = KINDS.iter().find(|(words, _)| message.contains(words));
        Self {
            kind: kind.map_or(FailureKind::Evaluation, |(_, kind)| *kind),
            message: Arc::from(message.trim()),
        }
    }

    /// As [`Self::of_words`] for a flake that could not be locked.
    pub fn of_flake(message: &str) -> Self {
        let found = Self::of_words(message);
        match found.kind {
            FailureKind::NeedsImpure | FailureKind::Prompt => found,
            _ => Self { kind: FailureKind::Flake, ..found },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    fn git() -> Evaluated {
        let path = |name: &str| {
            let text = format!("/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-{name}");
            Some(StorePath::parse(&StoreDir::new("/s"), &text).unwrap())
        };
        let outputs = [("out", path("git-2.49.0")), ("doc", path("git-2.49.0-doc")), ("debug", None)];
        Evaluated {
            original_url: "flake:nixpkgs".to_owned(),
            url: "github:NixOS/nixpkgs/9f2c".to_owned(),
            attr_path: "legacyPackages.x86_64-linux.git".to_owned(),
            name: "git-2.49.0".to_owned(),
            drv_path: path("git-2.49.0.drv"),
            outputs: outputs.map(|(name, path)| (name.to_owned(), path)).into(),
            default_outputs: vec!["out".to_owned()],
            priority: None,
            flags: MetaFlags::default(),
            description: None,
            homepage: None,
            licence: None,
            others: Vec::new(),
        }
    }

    fn names(names: &[&str]) -> ExtendedOutputsSpec {
        ExtendedOutputsSpec::Names(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn outputs_are_chosen_without_asking_again() {
        let git = git();
        let chosen = |spec: &ExtendedOutputsSpec| {
            git.chosen(spec).map(|chosen| chosen.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&ExtendedOutputsSpec::Default).unwrap(), ["out"]);
        assert_eq!(chosen(&names(&["doc", "out"])).unwrap(), ["doc", "out"]);
        let words = chosen(&names(&["man"])).unwrap_err().to_string();
        assert_eq!(words, "git-2.49.0 has no output 'man'; it has debug, doc, out");
        assert!(matches!(chosen(&ExtendedOutputsSpec::All), Err(ChoiceError::UnknownPath { .. })));
        let element = git.element(&names(&["doc", "out"])).unwrap();
        assert_eq!((element.priority, element.store_paths.len(), git.version()), (5, 2, "2.49.0"));
    }

    #[test]
    fn attributes_are_searched_where_nix_searches() {
        let candidates = |attribute| Question::as_typed("r", attribute).candidates("x");
        assert_eq!(candidates(""), ["packages.x.default", "defaultPackage.x"]);
        assert_eq!(candidates("a.b"), ["packages.x.a.b", "legacyPackages.x.a.b", "a.b"]);
        assert_eq!(candidates(".a.b"), ["a.b"]);
        assert_eq!(Question::exactly("r", "a.b").candidates("x"), ["a.b"]);
        let mut source = git().element(&ExtendedOutputsSpec::Default).unwrap().source.unwrap();
        assert_eq!(Question::elsewhere("r", &source), Question::as_typed("r", "git"));
        source.attr_path = "hydraJobs.git".to_owned();
        assert_eq!(Question::elsewhere("r", &source), Question::exactly("r", "hydraJobs.git"));
    }

    #[test]
    fn failures_are_told_apart_by_their_words() {
        for (words, kind) in [
            ("flake 'x' does not provide attribute 'y'", FailureKind::AttributeGone),
            ("Package ‘a’ in /x:3 has an unfree license (‘x’), refusing to evaluate.", FailureKind::Unfree),
            ("Package 'a' in /x:3 is marked as insecure, refusing to evaluate.", FailureKind::Insecure),
            ("Package 'a' in /x:3 is marked as broken, refusing to evaluate.", FailureKind::Broken),
            ("access to absolute path '/x' is forbidden in pure evaluation mode", FailureKind::NeedsImpure),
            ("thrown", FailureKind::Evaluation),
        ] {
            assert_eq!(EvaluationFailure::of_words(words).kind, kind, "{words}");
        }
        assert_eq!(EvaluationFailure::of_flake("syntax error").kind, FailureKind::Flake);
    }
}
