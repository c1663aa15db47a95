//! Nix's order of versions, as `builtins.compareVersions` has it.
//!
//! A version falls into runs of digits and runs of other characters; dots and dashes
//! only part them. Numbers compare as numbers, `pre` is older than anything, an end
//! is older than a number, a word is older than a number: `2.3pre1 < 2.3a < 2.3.1`,
//! `2.3 < 2.3.1`, and `2.3 < 2.3a`.

use std::cmp::Ordering;

/// Compares two versions in Nix's order (`builtins.compareVersions`).
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while !left.is_empty() || !right.is_empty() {
        let (first, second) = (next_part(&mut left), next_part(&mut right));
        if is_older(first, second) {
            return Ordering::Less;
        }
        if is_older(second, first) {
            return Ordering::Greater;
        }
    }
    Ordering::Equal
}

/// Takes the next run off the front; empty at the end.
fn next_part<'a>(version: &mut &'a [u8]) -> &'a [u8] {
    let is_separator = |byte: &u8| matches!(byte, b'.' | b'-');
    let start = version.iter().position(|byte| !is_separator(byte)).unwrap_or(version.len());
    let rest = &version[start..];
    let is_number = rest.first().is_some_and(u8::is_ascii_digit);
    let belongs = |byte: &u8| byte.is_ascii_digit() == is_number && !is_separator(byte);
    let end = rest.iter().position(|byte| !belongs(byte)).unwrap_or(rest.len());
    *version = &rest[end..];
    &rest[..end]
}

fn is_older(left: &[u8], right: &[u8]) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left < right,
        (_, Some(_)) if left.is_empty() => true,
        _ if left == b"pre" && right != b"pre" => true,
        _ if right == b"pre" => false,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => left < right,
    }
}

/// A run of digits, if it fits 32 bits; a longer one counts as a word, as in Nix.
fn number(part: &[u8]) -> Option<i32> {
    std::str::from_utf8(part).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each line is what `builtins.compareVersions` says.
    #[test]
    fn versions_compare_as_in_nix() {
        for (left, right, expected) in [
            ("1.0", "2.3", -1),
            ("2.1", "2.3", -1),
            ("2.3", "2.3", 0),
            ("2.5", "2.3", 1),
            ("3.1", "2.3", 1),
            ("2.3.1", "2.3", 1),
            ("2.3.1", "2.3a", 1),
            ("2.3pre1", "2.3", -1),
            ("2.3pre3", "2.3pre12", -1),
            ("2.3a", "2.3c", -1),
            ("2.3pre1", "2.3c", -1),
            ("2.3pre1", "2.3q", -1),
            ("", "1", -1),
            ("", "a", -1),
            ("", "pre", 1),
            ("a", "pre", 1),
            ("1", "pre", 1),
            ("1.0", "1", 1),
            ("1-0", "1.0", 0),
            ("1", "1.", 0),
            ("1..2", "1.2", 0),
            ("2.9", "2.10", -1),
            ("09", "9", 0),
            ("2147483648", "3", -1),
            ("2147483647", "2147483648", 1),
            ("99999999999", "a", -1),
            ("1.3.11", "1.3.11-bin", -1),
            ("3.5a", "3.5", 1),
            ("a-1", "a1", 0),
            ("1_0", "1.0", -1),
            ("unstable-2024-01-01", "1.0", -1),
            ("1.0-rc1", "1.0", 1),
            ("1+1", "1", 1),
            ("é", "z", 1),
            ("A", "a", -1),
        ] {
            assert_eq!(compare_versions(left, right), expected.cmp(&0), "{left} {right}");
            assert_eq!(compare_versions(right, left), 0.cmp(&expected), "{right} {left}");
        }
    }

    proptest! {
        #[test]
        fn swapping_reverses_the_order(left in "([0-9]{1,3}|[a-c]|pre|[.-]){0,6}", right in "([0-9]{1,3}|[a-c]|pre|[.-]){0,6}") {
            prop_assert_eq!(compare_versions(&left, &right), compare_versions(&right, &left).reverse());
            prop_assert_eq!(compare_versions(&left, &left), Ordering::Equal);
        }

        #[test]
        fn comparing_never_panics(left in any::<String>(), right in any::<String>()) {
            let _ = compare_versions(&left, &right);
        }
    }
}
