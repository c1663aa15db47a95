//! Names that somebody may have meant who typed another.
//!
//! Near is what is few keystrokes apart: a letter more, less, other, or two in the wrong
//! order. One that begins with what was typed is near too: `rip` for `ripgrep`.

/// No more than this many are worth reading.
const MOST: usize = 3;

/// The names nearest to `word`, nearest first; none if all are far away.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed: Vec<char> = word.to_lowercase().chars().collect();
    let far = (typed.len() / 3).max(1);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in names {
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        let begins = typed.len() > 1 && letters.starts_with(&typed);
        let apart = if begins { 1 } else { distance(&typed, &letters, far) };
        if apart <= far && name != word {
            found.push((apart, name));
        }
    }
    found.sort_by_key(|(apart, name)| (*apart, name.len(), *name));
    found.dedup();
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// The keystrokes between two words; anything above `far` is not counted further.
fn distance(left: &[char], right: &[char], far: usize) -> usize {
    if left.len().abs_diff(right.len()) > far {
        return far + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(line + 1);
        for (column, other) in right.iter().enumerate() {
            let other_letter = row[column] + usize::from(letter != other);
            let mut best = other_letter.min(row[column + 1] + 1).min(next[column] + 1);
            let swapped = line > 0 && column > 0 && *letter == right[column - 1] && left[line - 1] == *other;
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(far + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 7] = ["hello", "ripgrep", "rg", "jj", "jujutsu", "git", "gitk"];

    #[test]
    fn slips_of_the_finger_are_near() {
        for (word, expected) in [
            ("helo", vec!["hello"]),
            ("hlelo", vec!["hello"]),
            ("Helloo", vec!["hello"]),
            ("rip", vec!["ripgrep"]),
            ("gti", vec!["git"]),
            ("zzzzz", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(nearest(word, NAMES), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn every_word_has_an_answer(word in any::<String>(), names in prop::collection::vec(any::<String>(), 0..5)) {
            let found = nearest(&word, names.iter().map(String::as_str));
            prop_assert!(found.len() <= MOST && !found.contains(&word.as_str()));
        }

        #[test]
        fn distance_is_symmetric(left in "[abc]{0,6}", right in "[abc]{0,6}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let (left, right) = (letters(&left), letters(&right));
            prop_assert_eq!(distance(&left, &right, 9), distance(&right, &left, 9));
            prop_assert_eq!(distance(&left, &right, 9) == 0, left == right);
        }
    }
}
