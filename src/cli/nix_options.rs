//! Sorts the words of a command line: the options of Nix, and what is firn's own.
//!
//! Every nix option must parse (`--impure`, `--arg NAME EXPR`, any setting of
//! nix.conf as a flag), before or after the command, and keep its place among the
//! others. Two hundred of them as arguments of clap would cost more than all the rest of a
//! `list`; a table read once is enough. It is a file: `assets/nix-options.txt`.
//!
//! What is firn's own leaves in a form that clap reads in one way only: the command
//! first, then options as `--name=value`, then the other words. So `firn --regex '-x.*'
//! remove` means what it says, and a negative priority needs no `=`.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;

use super::failure::Failure;
use crate::core::nearest::nearest;
use crate::core::nix_options;

/// The words of a command line, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortedWords {
    /// For clap, without the program's name.
    pub own: Vec<OsString>,
    /// For nix, in the order they were typed.
    pub nix: Vec<String>,
}

/// What clap's side knows about firn's own words.
pub struct OwnOptions {
    /// Long and one-letter names of options that take a value, with the long name.
    pub with_value: HashMap<String, String>,
    /// Names of options that may take a value, like `--demo`.
    pub optional_value: Vec<String>,
    /// Long and one-letter names of options without a value.
    pub flags: Vec<String>,
    /// Names and aliases of commands.
    pub commands: Vec<String>,
}

/// Sorts the words that follow the program's name.
pub fn sort(words: impl IntoIterator<Item = OsString>, own: &OwnOptions) -> Result<SortedWords, Failure> {
    let nix = nix_options::table();
    let mut sorting =
        Sorting { own, nix: &nix, command: None, options: vec![], others: vec![], for_nix: vec![] };
    let mut words: Words = words.into_iter().collect();
    while let Some(word) = words.pop_front() {
        // Only here: the value of an option may begin with a dash, and is no option.
        let mut expanded = expand(word).into_iter();
        let Some(word) = expanded.next() else { continue };
        expanded.rev().for_each(|more| words.push_front(more));
        if word == "--" {
            sorting.others.push(word);
            sorting.others.extend(words);
            break;
        }
        sorting.word(word, &mut words)?;
    }
    let mut sorted = SortedWords { own: Vec::new(), nix: sorting.for_nix };
    // `help COMMAND` takes no options, wherever they stand.
    let options = if sorting.command.as_deref() == Some("help".as_ref()) { vec![] } else { sorting.options };
    sorted.own.extend(sorting.command);
    sorted.own.extend(options);
    sorted.own.extend(sorting.others);
    Ok(sorted)
}

/// As Nix reads letters that stand together; a word that is not text is none of them.
fn expand(word: OsString) -> Vec<OsString> {
    match word.to_str() {
        Some(text) => nix_options::expand(text).into_iter().map(OsString::from).collect(),
        None => vec![word],
    }
}

struct Sorting<'a> {
    own: &'a OwnOptions,
    nix: &'a HashMap<String, usize>,
    command: Option<OsString>,
    options: Vec<OsString>,
    others: Vec<OsString>,
    for_nix: Vec<String>,
}

type Words = VecDeque<OsString>;

impl Sorting<'_> {
    fn word(&mut self, word: OsString, rest: &mut Words) -> Result<(), Failure> {
        let text = word.to_str().map(str::to_owned);
        let Some(name) = text.as_deref().and_then(nix_options::option_name) else {
            self.other(word);
            return Ok(());
        };
        if let Some(long) = self.own.with_value.get(name) {
            let value = rest.pop_front().ok_or_else(|| needs_value(&word))?;
            self.options.push(joined(long, &value));
        } else if self.own.optional_value.iter().any(|known| known == name) {
            let more: Vec<OsString> = rest.iter().skip(1).cloned().collect();
            match rest.pop_front_if(|next| self.is_folder(next, &more)) {
                Some(folder) => self.options.push(joined(name, &folder)),
                None => self.options.push(word),
            }
        } else if self.own.flags.iter().any(|known| known == name) {
            self.options.push(word);
        } else if let Some(values) = self.nix.get(name) {
            self.for_nix.push(format!("{}{name}", if name.len() == 1 { "-" } else { "--" }));
            for _ in 0..*values {
                let value = rest.pop_front().ok_or_else(|| needs_value(&word))?;
                let value = value.into_string().map_err(|value| not_text(&value))?;
                self.for_nix.push(value);
            }
        } else {
            // Unknown, or `--name=value`: clap has the words for it.
            self.options.push(word);
        }
        Ok(())
    }

    /// A word that is no option: the command, or one of its words.
    fn other(&mut self, word: OsString) {
        if self.command.is_none() {
            self.command = Some(word);
        } else {
            self.others.push(plain_number(&word).unwrap_or(word));
        }
    }

    /// Whether the word after `--demo` is its folder: before the command, what is no command; after
    /// it, what looks like a path.
    fn is_folder(&self, word: &OsString, more: &[OsString]) -> bool {
        let Some(text) = word.to_str() else { return true };
        if text.starts_with('-') {
            return false;
        }
        if self.command.is_some() {
            return text.contains('/') || text.starts_with('.');
        }
        let is_command = |word: &str| self.own.commands.iter().any(|command| command == word);
        if is_command(text) {
            return false;
        }
        // A slip of the finger must not make a playground in a folder called 'lits'.
        let command_follows = more.iter().any(|word| word.to_str().is_some_and(is_command));
        command_follows || nearest(text, self.own.commands.iter().map(String::as_str)).is_empty()
    }
}

fn joined(name: &str, value: &OsString) -> OsString {
    let mut word = OsString::from(format!("--{name}="));
    word.push(value);
    word
}

/// `-1K` as `-1024`: clap takes a negative number for one only if it is plain.
fn plain_number(word: &OsString) -> Option<OsString> {
    let text = word.to_str().filter(|text| text.starts_with('-'))?;
    super::numbers::parse(text).ok().map(|number| OsString::from(number.to_string()))
}

fn needs_value(word: &OsString) -> Failure {
    Failure::usage(format!("'{}' needs a value", word.to_string_lossy()))
}

fn not_text(word: &OsString) -> Failure {
    Failure::usage(format!("'{}' is not UTF-8", word.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnOptions {
        let with_value = ["profile", "priority", "regex"].map(|name| (name.to_owned(), name.to_owned()));
        let mut with_value = HashMap::from(with_value);
        with_value.insert("f".to_owned(), "file".to_owned());
        OwnOptions {
            with_value,
            optional_value: vec!["demo".to_owned()],
            flags: ["json", "verbose", "v", "L"].map(str::to_owned).to_vec(),
            commands: ["list", "add", "priority"].map(str::to_owned).to_vec(),
        }
    }

    fn sorted(line: &str) -> (String, String) {
        let words = sort(line.split(' ').map(OsString::from), &own()).unwrap();
        let own: Vec<_> = words.own.iter().map(|word| word.to_str().unwrap()).collect();
        (own.join(" "), words.nix.join(" "))
    }

    #[test]
    fn nix_options_go_to_nix_in_their_order() {
        let (own, nix) = sorted("--impure add --arg x 5 a#b --max-jobs 4 --no-use-registries -I n=. --json");
        assert_eq!(own, "add --json a#b");
        assert_eq!(nix, "--impure --arg x 5 --max-jobs 4 --no-use-registries -I n=.");
    }

    #[test]
    fn settings_of_lists_have_an_extra_form() {
        assert_eq!(sorted("list --extra-substituters file:///x").1, "--extra-substituters file:///x");
        assert_eq!(sorted("list --accept-flake-config").1, "--accept-flake-config");
    }

    #[test]
    fn own_options_may_stand_before_the_command() {
        assert_eq!(sorted("--regex -x.* --profile p remove a").0, "remove --regex=-x.* --profile=p a");
    }

    #[test]
    fn negative_priorities_need_no_equals_sign() {
        assert_eq!(sorted("add x --priority -5").0, "add --priority=-5 x");
        assert_eq!(sorted("priority x -5").0, "priority x -5");
        assert_eq!(sorted("priority x -1k").0, "priority x -1024");
    }

    #[test]
    fn short_options_may_be_joined() {
        assert_eq!(sorted("add -Lv -f x y").0, "add -L -v --file=x y");
        assert_eq!(sorted("list -j3").1, "-j 3");
    }

    #[test]
    fn the_folder_of_a_demo_is_told_from_a_command() {
        assert_eq!(sorted("--demo list").0, "list --demo");
        assert_eq!(sorted("--demo d list").0, "list --demo=d");
        assert_eq!(sorted("list --demo /tmp/d").0, "list --demo=/tmp/d");
        assert_eq!(sorted("add --demo fltk").0, "add --demo fltk");
        assert_eq!(sorted("--demo lits").0, "lits --demo", "mistyped, and not a folder");
        assert_eq!(sorted("--demo lits list").0, "list --demo=lits");
    }

    #[test]
    fn everything_after_two_dashes_stays() {
        assert_eq!(sorted("add -- --impure -5"), ("add -- --impure -5".to_owned(), String::new()));
    }

    #[test]
    fn a_missing_value_is_a_usage_error() {
        let words = ["add", "--arg", "x"].map(OsString::from);
        assert_eq!(sort(words, &own()).unwrap_err().status(), 2);
    }
}
