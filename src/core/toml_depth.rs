//! A bound on how deep a TOML text nests, to be asked before it is parsed.
//!
//! The parser has a limit of its own, but a brace too many on the way makes it count
//! wrong: `a = { {a} b = { {a} b = {…` recurses for every brace and overflows the stack.
//! So a text with more openings than any table of ours needs is refused as a whole;
//! brackets in strings and comments count too, as that keeps the count simple.

/// More brackets and braces than a file of ours has: the table of keys has 142.
const OPENINGS: usize = 2000;

/// The number of the line, counted from 1, from which on a text may nest too deep.
pub fn too_deep(text: &str) -> Option<usize> {
    let (position, _) = text.match_indices(['[', '{']).nth(OPENINGS)?;
    Some(text[..position].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_opens_very_often_is_too_deep() {
        assert_eq!(too_deep("a = [1]\n"), None);
        assert_eq!(too_deep(&"a = [1]\n".repeat(OPENINGS)), None);
        assert_eq!(too_deep(&format!("a = {{\n{}", "{a} b = {".repeat(OPENINGS))), Some(2));
    }
}
