//! Which rows a filter keeps, and in which order.
//!
//! One word at a time, every word must match: fuzzy on names, as a substring in
//! descriptions. Exact and prefix matches come first, shorter names on ties. Case
//! of ASCII letters does not count.
//!
//! Fuzzy matching is slow next to a look whether the letters are there at all in
//! their order, which most rows fail, so that comes first. A query is taken apart
//! once, in [`Query::new`]; [`score`] is for a single row.

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

/// More than any fuzzy score (about 20 per letter of a name).
const PREFIX_BONUS: i64 = 10_000;
const EXACT_BONUS: i64 = 2 * PREFIX_BONUS;

/// The same for the last part of a path, `numpy` of `python3Packages.numpy`.
const LAST_EXACT_BONUS: i64 = PREFIX_BONUS + PREFIX_BONUS / 2;
const LAST_PREFIX_BONUS: i64 = PREFIX_BONUS / 2;

/// About what a fuzzy match gives a single letter: at the beginning, where a word begins, elsewhere.
const LETTER_SCORES: [i64; 3] = [32, 24, 16];

/// A word found only in the description comes after any that is found in a name.
const DESCRIPTION_SCORE: i64 = -10_000;

/// Room below a score for the length of the name.
const LONGEST_NAME: i64 = 1024;

/// What someone typed into a filter, taken apart.
pub struct Query {
    words: Vec<String>,
    matcher: SkimMatcherV2,
}

impl Query {
    /// Takes the text apart at blanks.
    pub fn new(text: &str) -> Self {
        let words = text.split_whitespace().map(str::to_owned).collect();
        Self { words, matcher: SkimMatcherV2::default().ignore_case() }
    }

    /// Whether it keeps every row as it is.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// One row's chance: higher is better, `None` is no match.
    pub fn score(&self, name: &str, description: &str) -> Option<i64> {
        if self.words.is_empty() {
            return Some(0);
        }
        let mut sum = 0;
        for word in &self.words {
            sum += self.word_score(word, name, description)?;
        }
        let length = i64::try_from(name.len()).unwrap_or(LONGEST_NAME).min(LONGEST_NAME);
        Some(sum * Self::UNIT - length)
    }

    /// One point of a score; what is below it is the length of the name.
    pub const UNIT: i64 = LONGEST_NAME + 1;

    /// The chance of a package with this attribute path, this name and this description.
    pub fn score_package(&self, attribute: &str, name: &str, description: &str) -> Option<i64> {
        let mut sum = 0;
        for word in &self.words {
            let by_path = self.path_score(word, attribute);
            let by_name = match by_path {
                // The name of most packages is how the path ends.
                None if !attribute.ends_with(name) => self.path_score(word, name).map(|score| score - 1),
                _ => None,
            };
            let found = by_path.or(by_name);
            sum += found.or_else(|| contains(description, word).then_some(DESCRIPTION_SCORE))?;
        }
        let length = i64::try_from(attribute.len()).unwrap_or(LONGEST_NAME).min(LONGEST_NAME);
        Some(sum * Self::UNIT - length)
    }

    /// Whether what this query keeps is among what an earlier one kept: it has all of its words, longer
    /// perhaps, and more.
    pub fn narrows(&self, earlier: &Self) -> bool {
        let begins = |(word, before): (&String, &String)| {
            word.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before))
        };
        self.words.len() >= earlier.words.len() && self.words.iter().zip(&earlier.words).all(begins)
    }

    /// The characters of an attribute path and of a description in which words were found.
    pub fn hits(&self, attribute: &str, description: &str) -> (Vec<usize>, Vec<usize>) {
        let (mut in_path, mut in_description) = (Vec::new(), Vec::new());
        for word in &self.words {
            let found = || self.matcher.fuzzy_indices(attribute, word).map(|(_, found)| found);
            let whole = || whole_place(attribute, word).map(|(place, _)| place);
            let range = |place: usize| place..place + word.chars().count();
            if let Some(place) = whole() {
                in_path.extend(range(place));
            } else if let Some(found) = found() {
                in_path.extend(found);
            } else if let Some((place, _)) = whole_place(description, word) {
                in_description.extend(range(place));
            }
        }
        for hits in [&mut in_path, &mut in_description] {
            hits.sort_unstable();
            hits.dedup();
        }
        (in_path, in_description)
    }

    fn path_score(&self, word: &str, path: &str) -> Option<i64> {
        if let [letter] = word.as_bytes() {
            return letter_score(path, *letter);
        }
        if !has_letters_in_order(path, word) {
            return None;
        }
        let fuzzy = self.matcher.fuzzy_match(path, word)?;
        Some(fuzzy + path_bonus(path, word))
    }

    /// One line of text that must have every word: its score and the characters that were found,
    /// ascending. Whole words and beginnings of words come before letters far apart.
    pub fn find(&self, text: &str) -> Option<(i64, Vec<usize>)> {
        if self.words.is_empty() {
            return Some((0, Vec::new()));
        }
        let (mut sum, mut hits) = (0, Vec::new());
        for word in &self.words {
            let (score, found) = self.matcher.fuzzy_indices(text, word)?;
            let (score, found) = match whole_place(text, word) {
                Some((place, at_start)) => {
                    let bonus = if at_start { EXACT_BONUS } else { PREFIX_BONUS };
                    (score + bonus, (place..place + word.chars().count()).collect())
                }
                None => (score, found),
            };
            sum += score;
            hits.extend(found);
        }
        hits.sort_unstable();
        hits.dedup();
        let length = i64::try_from(text.len()).unwrap_or(LONGEST_NAME).min(LONGEST_NAME);
        Some((sum * (LONGEST_NAME + 1) - length, hits))
    }

    fn word_score(&self, word: &str, name: &str, description: &str) -> Option<i64> {
        if has_letters_in_order(name, word)
            && let Some(fuzzy) = self.matcher.fuzzy_match(name, word)
        {
            return Some(fuzzy + bonus(name, word));
        }
        contains(description, word).then_some(DESCRIPTION_SCORE)
    }
}

/// One row's chance against a query: higher is better, `None` is no match.
pub fn score(query: &str, name: &str, description: &str) -> Option<i64> {
    Query::new(query).score(name, description)
}

fn bonus(name: &str, word: &str) -> i64 {
    let (name, word) = (name.as_bytes(), word.as_bytes());
    match name.get(..word.len()) {
        Some(start) if !start.eq_ignore_ascii_case(word) => 0,
        Some(start) if start.len() == name.len() => EXACT_BONUS,
        Some(_) => PREFIX_BONUS,
        None => 0,
    }
}

/// The bonus of a path, the last part of which counts almost as much as the whole.
fn path_bonus(path: &str, word: &str) -> i64 {
    match (bonus(path, word), path.rsplit_once('.')) {
        (0, Some((_, last))) => match bonus(last, word) {
            EXACT_BONUS => LAST_EXACT_BONUS,
            PREFIX_BONUS => LAST_PREFIX_BONUS,
            _ => 0,
        },
        (bonus, _) => bonus,
    }
}

/// A single letter, which most rows have, needs no matcher.
fn letter_score(path: &str, letter: u8) -> Option<i64> {
    let bytes = path.as_bytes();
    let is_it = |byte: &u8| byte.eq_ignore_ascii_case(&letter);
    let word = [letter];
    let bonus = path_bonus(path, str::from_utf8(&word).ok()?);
    if bytes.first().is_some_and(is_it) {
        return Some(LETTER_SCORES[0] + bonus);
    }
    let begins = |pair: &[u8]| !pair[0].is_ascii_alphanumeric() && is_it(&pair[1]);
    if bytes.windows(2).any(begins) {
        return Some(LETTER_SCORES[1] + bonus);
    }
    bytes.iter().any(is_it).then_some(LETTER_SCORES[2] + bonus)
}

/// Where a text has a word as it stands, as a number of characters, and whether a word begins
/// there; the beginning of a word is preferred.
fn whole_place(text: &str, word: &str) -> Option<(usize, bool)> {
    let (text, word): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
    let same = |place: &usize| {
        text.get(*place..place + word.len()).is_some_and(|part| {
            part.iter().zip(&word).all(|(one, other)| one.to_lowercase().eq(other.to_lowercase()))
        })
    };
    let starts = |place: &usize| *place == 0 || !text[place - 1].is_alphanumeric();
    let places = || (0..text.len()).filter(same);
    let start = places().find(starts).map(|place| (place, true));
    start.or_else(|| places().next().map(|place| (place, false)))
}

fn has_letters_in_order(name: &str, word: &str) -> bool {
    let mut rest = name.bytes();
    word.bytes().all(|wanted| rest.any(|byte| byte.eq_ignore_ascii_case(&wanted)))
}

fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else { return true };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let starts = text.len().checked_sub(word.len()).map_or(0, |last| last + 1);
    text[..starts].iter().enumerate().any(|(start, byte)| {
        (*byte == lower || *byte == upper) && text[start..start + word.len()].eq_ignore_ascii_case(word)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names that a query keeps, best first.
    fn ranked<'a>(query: &str, rows: &[(&'a str, &str)]) -> Vec<&'a str> {
        let mut kept: Vec<(i64, &str)> = rows
            .iter()
            .filter_map(|(name, description)| Some((score(query, name, description)?, *name)))
            .collect();
        kept.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        kept.into_iter().map(|(_, name)| name).collect()
    }

    const ROWS: [(&str, &str); 7] = [
        ("digital", "A drawing thing"),
        ("lazygit", "Simple terminal UI for git commands"),
        ("git-absorb", "git commit --fixup, but automatic"),
        ("Git", "Distributed version control system"),
        ("tig", "Text-mode interface for GIT"),
        ("gix", "Command line tool"),
        ("hello", "Friendly greeting"),
    ];

    #[test]
    fn exact_then_prefix_then_fuzzy_then_descriptions() {
        assert_eq!(ranked("git", &ROWS), ["Git", "git-absorb", "digital", "lazygit", "tig"]);
        assert_eq!(ranked("GIT", &ROWS), ranked("git", &ROWS));
        assert_eq!(ranked("hlo", &ROWS), ["hello"]);
        assert_eq!(ranked("zzz", &ROWS), [""; 0]);
    }

    #[test]
    fn every_word_must_match_somewhere() {
        assert_eq!(ranked("git terminal", &ROWS), ["lazygit"]);
        assert_eq!(ranked("  terminal  lg ", &ROWS), ["lazygit"]);
        assert_eq!(ranked("git hello", &ROWS), [""; 0]);
    }

    #[test]
    fn shorter_names_come_first_on_ties() {
        let rows = [("foo-longer", ""), ("foo-long", ""), ("x", "foo"), ("xx", "foo")];
        assert_eq!(ranked("foo", &rows), ["foo-long", "foo-longer", "x", "xx"]);
    }

    #[test]
    fn what_was_found_is_told_by_characters() {
        let found = |query: &str, text: &str| Query::new(query).find(text).map(|(_, hits)| hits);
        assert_eq!(found("roll", "größe: roll back"), Some(vec![7, 8, 9, 10]));
        assert_eq!(found("back ROLL", "roll back"), Some(vec![0, 1, 2, 3, 5, 6, 7, 8]));
        assert_eq!(found("rb", "roll back"), Some(vec![0, 5]));
        assert_eq!(found("rx", "roll back"), None);
        assert_eq!(found("", "roll back"), Some(Vec::new()));
        let score = |text: &str| Query::new("sort").find(text).unwrap().0;
        assert!(score("sort by name") > score("resort") && score("resort") > score("s o r t"));
    }

    #[test]
    fn no_words_keep_all() {
        assert!(Query::new(" ").is_empty());
        assert_eq!(score("", "x", ""), Some(0));
        assert_eq!(score(" \t", "", ""), Some(0));
    }

    #[test]
    fn a_substring_is_found_anywhere_in_any_case() {
        for (text, word, expected) in [
            ("a Tool", "tool", true),
            ("TOOL", "tool", true),
            ("toothed tool", "tool", true),
            ("too", "tool", false),
            ("tool", "", true),
            ("", "t", false),
            ("größe", "ÖS", false),
            ("größe", "ß", true),
        ] {
            assert_eq!(contains(text, word), expected, "{word} in {text}");
        }
    }

    proptest! {
        #[test]
        fn finding_never_panics(query in any::<String>(), text in any::<String>()) {
            let count = text.chars().count();
            if let Some((_, hits)) = Query::new(&query).find(&text) {
                prop_assert!(hits.iter().all(|hit| *hit < count));
            }
        }

        #[test]
        fn ranking_never_panics(query in any::<String>(), name in any::<String>(), description in any::<String>()) {
            let _ = score(&query, &name, &description);
        }

        #[test]
        fn a_name_always_finds_itself(name in "[a-zA-Z0-9_-]{1,40}", other in "[a-z]{1,40}") {
            let found = score(&name, &name, "").unwrap();
            prop_assert!(score(&name, &other, "").is_none_or(|score| score <= found));
        }
    }
}
