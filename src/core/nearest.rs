//! The known name nearest to one that is not known: "did you mean 'theme'?".
//!
//! Nearest is what takes the fewest letters changed, left out, put in or swapped with
//! their neighbour. A name that shares too little is no suggestion: better none than a
//! wrong one.

/// Longer words are not typing errors of our names.
const LONGEST: usize = 64;

/// The nearest of the names, the first of several.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if wrong.chars().count() > LONGEST {
        return None;
    }
    let wrong = letters(wrong);
    let measured = names.into_iter().map(|name| (distance(&wrong, &letters(name)), name));
    let (distance, name) = measured.min_by_key(|(distance, _)| *distance)?;
    let longest = wrong.len().max(name.chars().count());
    (distance <= (longest / 3).max(1) && distance < longest).then_some(name)
}

/// `; did you mean 'theme'?`, or nothing.
pub fn suggestion<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(wrong, names).map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

/// Without case, and with one sign for what people mix up.
fn letters(word: &str) -> Vec<char> {
    let one = |letter| if letter == '_' { '-' } else { letter };
    word.chars().flat_map(char::to_lowercase).map(one).collect()
}

/// How many letters have to be touched.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, wanted) in to.iter().enumerate() {
            let changed = last[column] + usize::from(letter != wanted);
            let mut fewest = changed.min(last[column + 1] + 1).min(here[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == to[column - 1] && from[row - 1] == *wanted;
            if swapped && letter != wanted {
                let earlier: &Vec<usize> = &before_last;
                fewest = fewest.min(earlier[column - 1] + 1);
            }
            here.push(fewest);
        }
        before_last = std::mem::replace(&mut last, here);
    }
    last.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_name() {
        let names = ["theme", "mouse", "columns", "confirm", "half-page-down", "down"];
        for (wrong, found) in [
            ("thme", Some("theme")),
            ("moues", Some("mouse")),
            ("Columns", Some("columns")),
            ("column", Some("columns")),
            ("half_page_down", Some("half-page-down")),
            ("domn", Some("down")),
            ("x", None),
            ("font-size", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, names), found, "{wrong}");
        }
        assert_eq!(nearest(&"m".repeat(1000), names), None);
        assert_eq!(suggestion("thme", names), "; did you mean 'theme'?");
    }
}
