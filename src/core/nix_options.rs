//! Options of Nix as words: which there are, how they are typed, and those that are remembered.
//!
//! The table is a file, `assets/nix-options.txt`; the command line sorts its words by it, and what
//! is typed in the interface is read by the same rules. Options of one question ([`NixOptions`]) may
//! begin with variables for nixpkgs, as one would type them before a command:
//! `NIXPKGS_ALLOW_UNFREE=1 --impure`. They are words, kept in their order: what is asked with others
//! is another question.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::shell_words;

const TABLE: &str = include_str!("../../assets/nix-options.txt");

/// What only nixpkgs reads; a variable of another name could take firn's own ways from it.
const VARIABLE: &str = "NIXPKGS_";

/// Options that cannot be told with one question: there is no terminal, no input, and no other store.
const NOT_HERE: [&str; 3] = ["debugger", "arg-from-stdin", "store"];

/// Allows what a flake's own `nixConfig` sets.
pub const ACCEPT_FLAKE_CONFIG: &str = "--accept-flake-config";

/// Options beside those of the whole run, in their order, variables first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NixOptions(Vec<String>);

/// What the user wants to be remembered of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberedOptions {
    /// Options of elements, by name.
    pub elements: BTreeMap<String, NixOptions>,
    /// Options of what is staged to be added, by installable; of its elements once that is applied.
    pub additions: BTreeMap<String, NixOptions>,
    /// Flakes whose settings are accepted, by reference.
    pub trusted: BTreeSet<String>,
    /// Flakes whose settings are not.
    pub distrusted: BTreeSet<String>,
}

/// A line of options that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A quote without its other half, or a backslash at the end.
    #[error("a quote is not closed")]
    Quote,
    /// A variable that nixpkgs does not read.
    #[error("'{0}': only variables that begin with {VARIABLE} can be set here")]
    Variable(String),
    /// No option of Nix.
    #[error("'{0}' is no option of Nix")]
    Unknown(String),
    /// An option that means nothing here.
    #[error("'--{0}' can only be given on the command line")]
    NotHere(String),
    /// An option without its value.
    #[error("'{0}' needs a value")]
    Value(String),
}

/// Every option's name, without dashes, with the number of its values.
pub fn table() -> HashMap<String, usize> {
    let mut options = HashMap::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let kind = words.next().unwrap_or_default();
        for name in words {
            let values = match kind {
                "flag" | "switch" => 0,
                "two" => 2,
                _ => 1,
            };
            options.insert(name.to_owned(), values);
            match kind {
                "switch" => options.insert(format!("no-{name}"), 0),
                "list" => options.insert(format!("extra-{name}"), 1),
                _ => None,
            };
        }
    }
    options
}

/// The name of an option, without dashes. Not one: `-`, `-5`, `-1K`, `--name=value`.
pub fn option_name(text: &str) -> Option<&str> {
    let long = text.strip_prefix("--").filter(|name| !name.is_empty());
    let name = long.or_else(|| text.strip_prefix('-').filter(|name| name.len() == 1))?;
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    starts_well.then_some(name)
}

/// `-Lv` is `-L -v` and `-j3` is `-j 3`, as Nix reads them; other words stay.
pub fn expand(text: &str) -> Vec<String> {
    let Some(letters) = text.strip_prefix('-') else { return vec![text.to_owned()] };
    if letters.len() < 2 || !letters.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return vec![text.to_owned()];
    }
    let flags = letters.chars().take_while(char::is_ascii_alphabetic);
    let mut words: Vec<String> = flags.map(|letter| format!("-{letter}")).collect();
    let rest = letters.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    if !rest.is_empty() {
        words.push(rest.to_owned());
    }
    words
}

impl NixOptions {
    /// Reads a line as one types it: variables for nixpkgs, then options.
    pub fn parse(line: &str) -> Result<Self, OptionsError> {
        let mut words: VecDeque<String> =
            shell_words::split(line).ok_or(OptionsError::Quote)?.into_iter().collect();
        let mut read = Vec::new();
        while let Some(word) = words.pop_front_if(|word| variable(word).is_some()) {
            if !word.starts_with(VARIABLE) {
                return Err(OptionsError::Variable(word));
            }
            read.push(word);
        }
        let table = table();
        while let Some(word) = words.pop_front() {
            let mut expanded = expand(&word).into_iter();
            let Some(word) = expanded.next() else { continue };
            expanded.rev().for_each(|more| words.push_front(more));
            let name = option_name(&word).ok_or_else(|| OptionsError::Unknown(word.clone()))?;
            if NOT_HERE.contains(&name) {
                return Err(OptionsError::NotHere(name.to_owned()));
            }
            let values = *table.get(name).ok_or_else(|| OptionsError::Unknown(word.clone()))?;
            read.push(word.clone());
            for _ in 0..values {
                read.push(words.pop_front().ok_or_else(|| OptionsError::Value(word.clone()))?);
            }
        }
        Ok(Self(read))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Variables for nix, name and value.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map_while(|word| variable(word))
    }

    /// The words behind the variables.
    pub fn words(&self) -> &[String] {
        let variables = self.variables().count();
        self.0.get(variables..).unwrap_or_default()
    }

    /// As one would type them.
    pub fn line(&self) -> String {
        let words: Vec<String> = self.words().iter().map(|word| shell_words::quoted(word)).collect();
        format!("{}{}", self.assigned(), words.join(" ")).trim_end().to_owned()
    }

    /// The variables as they stand before a command, each with a blank behind it.
    pub fn assigned(&self) -> String {
        let assigned =
            self.variables().map(|(name, value)| format!("{name}={} ", shell_words::quoted(value)));
        assigned.collect()
    }

    /// These, then others.
    #[must_use]
    pub fn joined(&self, others: &Self) -> Self {
        let assigned = |options: &Self| options.0[..options.variables().count()].to_vec();
        Self([assigned(self), assigned(others), self.words().to_vec(), others.words().to_vec()].concat())
    }

    /// The same and one word more.
    #[must_use]
    pub fn and(&self, word: &str) -> Self {
        Self(self.0.iter().cloned().chain([word.to_owned()]).collect())
    }
}

impl RememberedOptions {
    /// The options of a question about an element, or about a flake only, at this reference.
    pub fn of(&self, element: Option<&str>, reference: &str) -> NixOptions {
        self.with_trust(element.and_then(|element| self.elements.get(element)), reference)
    }

    /// The options of a question about an addition.
    pub fn of_addition(&self, installable: &str, reference: &str) -> NixOptions {
        self.with_trust(self.additions.get(installable), reference)
    }

    fn with_trust(&self, own: Option<&NixOptions>, reference: &str) -> NixOptions {
        let own = own.cloned().unwrap_or_default();
        if self.trusted.contains(reference) { own.and(ACCEPT_FLAKE_CONFIG) } else { own }
    }
}

/// `NAME=value`.
fn variable(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|letter| letter == b'_' || letter.is_ascii_alphanumeric())
    };
    (is_name(name) && !name.starts_with(|first: char| first.is_ascii_digit())).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_variables_then_options() {
        let read = NixOptions::parse("NIXPKGS_ALLOW_UNFREE=1  --impure -j3 --arg x '{ a = 1; }'").unwrap();
        assert_eq!(read.variables().collect::<Vec<_>>(), [("NIXPKGS_ALLOW_UNFREE", "1")]);
        assert_eq!(read.words(), ["--impure", "-j", "3", "--arg", "x", "{ a = 1; }"]);
        assert_eq!(read.line(), "NIXPKGS_ALLOW_UNFREE=1 --impure -j 3 --arg x '{ a = 1; }'");
        assert_eq!(NixOptions::parse(&read.line()).unwrap(), read);
        assert!(NixOptions::parse("  ").unwrap().is_empty());
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<NixOptions>(&json).unwrap(), read);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (line, wanted) in [
            ("PATH=/x --impure", OptionsError::Variable("PATH=/x".to_owned())),
            ("--impure NIXPKGS_A=1", OptionsError::Unknown("NIXPKGS_A=1".to_owned())),
            ("impure", OptionsError::Unknown("impure".to_owned())),
            ("--nosuch", OptionsError::Unknown("--nosuch".to_owned())),
            ("--debugger", OptionsError::NotHere("debugger".to_owned())),
            ("--argstr x", OptionsError::Value("--argstr".to_owned())),
            ("--arg x 'y", OptionsError::Quote),
        ] {
            assert_eq!(NixOptions::parse(line), Err(wanted), "{line}");
        }
    }

    #[test]
    fn a_trusted_flake_adds_a_word_to_its_own_questions_only() {
        let mut remembered = RememberedOptions::default();
        remembered.elements.insert("git".to_owned(), NixOptions::parse("--impure").unwrap());
        remembered.trusted.insert("flake:mine".to_owned());
        assert_eq!(remembered.of(Some("git"), "flake:mine").line(), "--impure --accept-flake-config");
        assert_eq!(remembered.of(None, "flake:mine").line(), "--accept-flake-config");
        assert!(remembered.of(Some("jq"), "flake:nixpkgs").is_empty());
    }
}
