//! Numbers as they are typed: with Nix's units, and within what they stand for.

use super::failure::Failure;
use super::meant::{WhichGenerations, bad_age};
use crate::core::generation::parse_age;

/// Reads a number as Nix's options do, with K, M, G and T for powers of 1024.
pub fn parse(text: &str) -> Result<i64, Failure> {
    let (digits, factor) = match text.chars().next_back().map(|last| last.to_ascii_uppercase()) {
        Some('K') => (&text[..text.len() - 1], 1_i64 << 10),
        Some('M') => (&text[..text.len() - 1], 1 << 20),
        Some('G') => (&text[..text.len() - 1], 1 << 30),
        Some('T') => (&text[..text.len() - 1], 1 << 40),
        // Nix complains about the unit here too; of a word it is no help.
        Some(unit)
            if unit.is_ascii_alphabetic()
                && text.starts_with(|it: char| it.is_ascii_digit() || it == '-') =>
        {
            return Err(Failure::usage(format!("invalid unit specifier '{unit}'")));
        }
        _ => (text, 1),
    };
    let number: i64 = digits.parse().map_err(|_| Failure::usage(format!("'{digits}' is not an integer")))?;
    number.checked_mul(factor).ok_or_else(|| Failure::usage(format!("'{text}' is too large")))
}

/// A priority; one that does not fit is refused, where Nix would wrap it around.
pub fn priority(text: &str) -> Result<i32, Failure> {
    let number = parse(text)?;
    i32::try_from(number).map_err(|_| Failure::Usage {
        message: format!("'{text}' does not fit into a priority"),
        hint: Some(format!("priorities go from {} to {}", i32::MIN, i32::MAX)),
    })
}

/// The number of a generation.
pub fn generation(text: &str) -> Result<u64, Failure> {
    u64::try_from(parse(text)?).map_err(|_| Failure::usage(format!("'{text}' is not a generation")))
}

/// Which generations to delete, in the words of nix-env: numbers, or `old`, `+N`, `Nd`.
pub fn which_generations(words: &[String]) -> Result<WhichGenerations, Failure> {
    if let [word] = words {
        if word == "old" {
            return Ok(WhichGenerations::Old);
        }
        if let Some(count) = word.strip_prefix('+') {
            return keep_last(count);
        }
        if word.ends_with('d') {
            return Ok(WhichGenerations::NotLiveFor(parse_age(word).map_err(bad_age)?));
        }
    }
    words.iter().map(|word| plain_generation(word)).collect::<Result<_, _>>().map(WhichGenerations::Numbers)
}

fn keep_last(count: &str) -> Result<WhichGenerations, Failure> {
    match count.parse() {
        Ok(0) => Err(Failure::usage("at least one generation must be kept")),
        Ok(count) => Ok(WhichGenerations::KeepLast(count)),
        Err(_) => Err(Failure::usage(format!("'+{count}' is not a number of generations to keep"))),
    }
}

/// As nix-env, without units: what is deleted is gone.
fn plain_generation(text: &str) -> Result<u64, Failure> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| Failure::Usage {
        message: format!("'{text}' is not a generation"),
        hint: Some("name numbers; or alone: 'old', '+5' to keep five, '30d' for those older".to_owned()),
    })
}

/// More columns or rows than any screen has; a frame takes memory by the cell.
const LARGEST_FRAME: u16 = 2000;

/// Columns and rows, as `120x36`.
pub fn frame_size(text: &str) -> Result<(u16, u16), Failure> {
    let parts = text.split_once('x').map(|(width, height)| (width.parse(), height.parse()));
    match parts {
        Some((Ok(width @ 1..=LARGEST_FRAME), Ok(height @ 1..=LARGEST_FRAME))) => Ok((width, height)),
        _ => Err(Failure::usage(format!("'{text}' is not a size: write for example 120x36"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_nix_reads_them() {
        let number = |text| parse(text).ok();
        assert_eq!(number("-5"), Some(-5));
        assert_eq!(number("2k"), Some(2048));
        assert_eq!(number("1M"), Some(1 << 20));
        assert_eq!(number("1T"), Some(1 << 40));
        assert_eq!(frame_size("120x36").ok(), Some((120, 36)));
        let which = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            which_generations(&words).ok()
        };
        assert_eq!(which("old"), Some(WhichGenerations::Old));
        assert_eq!(which("+3"), Some(WhichGenerations::KeepLast(3)));
        assert_eq!(which("2d"), Some(WhichGenerations::NotLiveFor(172_800)));
        assert_eq!(which("4 2"), Some(WhichGenerations::Numbers(vec![4, 2])));
        for text in ["", "+0", "+x", "0d", "4 old", "+2 1", "2d 1", "1k", "-1", "x"] {
            assert_eq!(which(text), None, "{text}");
        }
        for text in ["", "x", "120", "0x36", "120x0", "2001x36", "65535x65535", "-1x5"] {
            assert!(frame_size(text).is_err(), "{text}");
        }
        assert_eq!([number("5x"), number(""), number("K"), number("9223372036854775807G")], [None; 4]);
    }
}
