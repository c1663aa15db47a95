//! Hashes as text, in the forms that stand in flake references.
//!
//! Nix writes a hash as `sha256-<base64>`, as `sha256:<any base>` or, where the
//! algorithm is clear, as the digits alone; their number tells the base (a SHA-1
//! is 40 of base 16, 32 of nix32 or 28 of base 64). Only reading and re-printing
//! is here; hashing is [`super::nar`]'s.

use super::nar::from_nix32;

/// The algorithms that Nix knows without an experimental feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 16 bytes.
    Md5,
    /// 20 bytes; Git's revisions.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 64 bytes.
    Sha512,
}

/// A digest and what it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    algorithm: Algorithm,
    digest: Vec<u8>,
}

impl Algorithm {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "md5" => Some(Self::Md5),
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Hash {
    /// Reads a revision: any prefixed hash, or the digits of a SHA-1.
    pub fn parse_revision(text: &str) -> Option<Self> {
        if let Some((algorithm, digits)) = text.split_once(':') {
            return Self::from_digits(Algorithm::parse(algorithm)?, digits);
        }
        match text.split_once('-') {
            Some((algorithm, digits)) => Self::new(Algorithm::parse(algorithm)?, from_base64(digits)?),
            None => Self::from_digits(Algorithm::Sha1, text),
        }
    }

    /// Reads a NAR hash, `sha256-<base64>`; the empty text stands for 32 zeros.
    pub fn parse_nar_hash(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Self::new(Algorithm::Sha256, vec![0; 32]);
        }
        Self::new(Algorithm::Sha256, from_base64(text.strip_prefix("sha256-")?)?)
    }

    /// Whether it is a SHA-1, the only kind that a forge's revision can be.
    pub fn is_sha1(&self) -> bool {
        self.algorithm == Algorithm::Sha1
    }

    /// The digits in base 16, lower case.
    pub fn to_base16(&self) -> String {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
        self.digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// `sha256-<base64>`; only for NAR hashes.
    pub fn to_nar_hash(&self) -> String {
        format!("sha256-{}", to_base64(&self.digest))
    }

    fn new(algorithm: Algorithm, digest: Vec<u8>) -> Option<Self> {
        (digest.len() == algorithm.size()).then_some(Self { algorithm, digest })
    }

    /// Tells the base by the number of digits.
    fn from_digits(algorithm: Algorithm, digits: &str) -> Option<Self> {
        let size = algorithm.size();
        let digest = if digits.len() == size * 2 {
            from_base16(digits)
        } else if digits.len() == (size * 8).div_ceil(5) {
            from_nix32(digits)
        } else if digits.len() == size.div_ceil(3) * 4 {
            from_base64(digits)
        } else {
            None
        };
        Self::new(algorithm, digest?)
    }
}

fn from_base16(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair.get(1)?).ok()).collect()
}

const BASE64_CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// As lenient as Nix: ends at the first `=`, passes over line ends, needs no padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes().take_while(|&it| it != b'=').filter(|&it| it != b'\n') {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits & 0xff) << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0, |bits, &byte| bits << 8 | usize::from(byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let character = if position <= chunk.len() {
                BASE64_CHARACTERS[bits >> (18 - 6 * position) & 63]
            } else {
                b'='
            };
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::nar::nix32;

    #[test]
    fn one_revision_in_all_its_forms() {
        let printed = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for text in [
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "143xibwh31h9bvxzalr0sjvbbvpa6ffs",
            "sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs",
            "2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk",
        ] {
            let hash = Hash::parse_revision(text).unwrap();
            assert_eq!((hash.to_base16().as_str(), hash.is_sha1()), (printed, true), "{text}");
        }
        let sha256 = format!("sha256:{}", "0".repeat(64));
        assert!(!Hash::parse_revision(&sha256).unwrap().is_sha1());
        for text in ["", "da39", "sha1:da39", "sha9:da39", "sha1-!", &"0".repeat(64), &"g".repeat(40), "é"] {
            assert_eq!(Hash::parse_revision(text), None, "{text}");
        }
    }

    #[test]
    fn a_nar_hash_is_printed_anew() {
        let zeros = format!("sha256-{}=", "A".repeat(43));
        for text in ["", &zeros, zeros.trim_end_matches('=')] {
            assert_eq!(Hash::parse_nar_hash(text).unwrap().to_nar_hash(), zeros, "{text}");
        }
        for text in ["sha256", "sha256-", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", &zeros[..40], "sha256-*"] {
            assert_eq!(Hash::parse_nar_hash(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_base_comes_back(digest in any::<[u8; 20]>(), bytes in prop::collection::vec(any::<u8>(), 0..9)) {
            let hash = Hash::new(Algorithm::Sha1, digest.to_vec()).unwrap();
            for text in [hash.to_base16(), nix32(&digest), to_base64(&digest)] {
                prop_assert_eq!(Hash::parse_revision(&text), Some(hash.clone()));
            }
            prop_assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = (Hash::parse_revision(&text), Hash::parse_nar_hash(&text));
        }
    }
}
