//! NAR archives, nix32 and the store path of a profile.
//!
//! A NAR is a sequence of strings, each a little-endian 64-bit length, the bytes
//! and zeros up to a multiple of eight. Entries of a directory are sorted by
//! bytes; names are raw bytes. Only what a profile holds is written: folders,
//! symlinks and regular files that are not executable, plus executable files for
//! the packages that tests and the playground make.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use super::store_path::{StoreDir, StorePath, StorePathError};

// The fixed words between names and targets, ready to write: a profile has tens of
// thousands of links, and one write per word would be most of the work.
const MAGIC: [u8; 24] = strings(&["nix-archive-1"]);
const DIRECTORY: [u8; 56] = strings(&["(", "type", "directory"]);
const ENTRY: [u8; 48] = strings(&["entry", "(", "name"]);
const NODE: [u8; 16] = strings(&["node"]);
const CLOSE: [u8; 16] = strings(&[")"]);
const SYMLINK: [u8; 64] = strings(&["(", "type", "symlink", "target"]);
const REGULAR: [u8; 48] = strings(&["(", "type", "regular"]);
const EXECUTABLE: [u8; 32] = strings(&["executable", ""]);
const CONTENTS: [u8; 16] = strings(&["contents"]);

/// Lays words out as NAR strings; a wrong `LENGTH` does not compile.
const fn strings<const LENGTH: usize>(words: &[&str]) -> [u8; LENGTH] {
    let mut archive = [0; LENGTH];
    let (mut position, mut word) = (0, 0);
    while word < words.len() {
        let (bytes, mut byte) = (words[word].as_bytes(), 0);
        // The words are far shorter than 256 bytes: the first of the eight length bytes is enough.
        archive[position] = bytes.len().to_le_bytes()[0];
        position += 8;
        while byte < bytes.len() {
            archive[position + byte] = bytes[byte];
            byte += 1;
        }
        position += bytes.len().next_multiple_of(8);
        word += 1;
    }
    assert!(position == LENGTH);
    archive
}

/// Writes the parts of one NAR in order; the caller keeps entries sorted.
pub struct NarWriter<W: Write> {
    sink: W,
}

impl<W: Write> NarWriter<W> {
    /// Starts an archive: writes the magic string.
    pub fn new(mut sink: W) -> io::Result<Self> {
        sink.write_all(&MAGIC)?;
        Ok(Self { sink })
    }

    /// Opens a folder node.
    pub fn begin_directory(&mut self) -> io::Result<()> {
        self.sink.write_all(&DIRECTORY)
    }

    /// Opens the entry `name` of the open folder; one node must follow.
    pub fn begin_entry(&mut self, name: &[u8]) -> io::Result<()> {
        self.sink.write_all(&ENTRY)?;
        self.string(name)?;
        self.sink.write_all(&NODE)
    }

    /// Closes the entry opened last.
    pub fn end_entry(&mut self) -> io::Result<()> {
        self.sink.write_all(&CLOSE)
    }

    /// Closes the folder opened last.
    pub fn end_directory(&mut self) -> io::Result<()> {
        self.sink.write_all(&CLOSE)
    }

    /// Writes a symlink node.
    pub fn symlink(&mut self, target: &[u8]) -> io::Result<()> {
        self.sink.write_all(&SYMLINK)?;
        self.string(target)?;
        self.sink.write_all(&CLOSE)
    }

    /// Writes a regular file node.
    pub fn file(&mut self, contents: &[u8], executable: bool) -> io::Result<()> {
        self.sink.write_all(&REGULAR)?;
        if executable {
            self.sink.write_all(&EXECUTABLE)?;
        }
        self.sink.write_all(&CONTENTS)?;
        self.string(contents)?;
        self.sink.write_all(&CLOSE)
    }

    /// Gives the sink back.
    pub fn finish(self) -> W {
        self.sink
    }

    fn string(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.sink.write_all(bytes)?;
        let padding = bytes.len().next_multiple_of(8) - bytes.len();
        self.sink.write_all(&[0; 8][..padding])
    }
}

/// The SHA-256 and length of a NAR; an `io::Write` that keeps nothing else.
#[derive(Default)]
pub struct NarHasher {
    hasher: Sha256,
    length: u64,
}

impl NarHasher {
    /// The digest and the number of bytes written.
    pub fn finish(self) -> NarHash {
        NarHash { sha256: self.hasher.finalize().into(), size: self.length }
    }
}

impl Write for NarHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What identifies a NAR's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NarHash {
    /// The digest of the whole archive.
    pub sha256: [u8; 32],
    /// The archive's length in bytes.
    pub size: u64,
}

/// The characters of nix32, by value: no `e`, `o`, `u`, `t`.
pub const NIX32_CHARACTERS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Whether a character is one of nix32, without looking for it among all of them.
pub fn is_nix32(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'd' | b'f'..=b'n' | b'p'..=b's' | b'v'..=b'z')
}

/// Encodes bytes in Nix's base 32 (`0123456789abcdfghijklmnpqrsvwxyz`, last bits first).
pub fn nix32(bytes: &[u8]) -> String {
    let length = (bytes.len() * 8).div_ceil(5);
    (0..length)
        .rev()
        .map(|position| {
            let (byte, shift) = (position * 5 / 8, position * 5 % 8);
            let next = bytes.get(byte + 1).copied().unwrap_or(0);
            let bits = u16::from_le_bytes([bytes[byte], next]) >> shift & 31;
            char::from(NIX32_CHARACTERS[usize::from(bits)])
        })
        .collect()
}

/// Decodes nix32; `None` for other characters, an impossible length, or bits that stick out.
pub fn from_nix32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; text.len() * 5 / 8];
    if (bytes.len() * 8).div_ceil(5) != text.len() {
        return None;
    }
    for (position, character) in text.bytes().rev().enumerate() {
        let digit = NIX32_CHARACTERS.iter().position(|&known| known == character)?;
        let (byte, shift) = (position * 5 / 8, position * 5 % 8);
        let [low, high] = (u16::try_from(digit).ok()? << shift).to_le_bytes();
        bytes[byte] |= low;
        match bytes.get_mut(byte + 1) {
            Some(next) => *next |= high,
            None if high != 0 => return None,
            None => {}
        }
    }
    Some(bytes)
}

/// The store path of a source-like object: SHA-256 of
/// `source:<references, sorted, ':'-joined>:sha256:<hex>:<store dir>:<name>` folded to 20 bytes.
/// References may come in any order and repeat.
pub fn source_path(
    store_dir: &StoreDir,
    name: &str,
    nar: &NarHash,
    references: &[StorePath],
) -> Result<StorePath, StorePathError> {
    hashed_path(store_dir, ("source", references), nar.sha256, name)
}

/// The store path of a text: like [`source_path`], of the SHA-256 of its bytes alone.
pub fn text_path(
    store_dir: &StoreDir,
    name: &str,
    text: &[u8],
    references: &[StorePath],
) -> Result<StorePath, StorePathError> {
    hashed_path(store_dir, ("text", references), Sha256::digest(text).into(), name)
}

/// The store path of the output `out` of a derivation that hashes to `derivation`.
pub fn output_path(
    store_dir: &StoreDir,
    name: &str,
    derivation: [u8; 32],
) -> Result<StorePath, StorePathError> {
    hashed_path(store_dir, ("output:out", &[]), derivation, name)
}

/// The path of something of a kind, with what it refers to, and a hash that stands for what it is.
fn hashed_path(
    store_dir: &StoreDir,
    (kind, references): (&str, &[StorePath]),
    sha256: [u8; 32],
    name: &str,
) -> Result<StorePath, StorePathError> {
    let mut sorted: Vec<&str> = references.iter().map(StorePath::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut fingerprint = Sha256::new();
    fingerprint.update(kind);
    for reference in sorted {
        fingerprint.update(":");
        fingerprint.update(reference);
    }
    fingerprint.update(":sha256:");
    for byte in sha256 {
        fingerprint.update([hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
    fingerprint.update(format!(":{store_dir}:{name}"));
    let mut folded = [0; 20];
    for (position, byte) in fingerprint.finalize().into_iter().enumerate() {
        folded[position % 20] ^= byte;
    }
    StorePath::from_parts(store_dir, folded, name)
}

fn hex_digit(digit: u8) -> u8 {
    b"0123456789abcdef"[usize::from(digit)]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const HELLO: &str = "4hdpqzy3jgdl0jhnps1rfz1dyqp1nc9c-hello-1.0";
    const WORLD: &str = "jim8lc8s8vl5lh28x0b7vp9dyrsblm6p-world-2.1";

    fn store() -> StoreDir {
        StoreDir::new("/tmp/vectors/store")
    }

    fn in_store(base_name: &str) -> StorePath {
        StorePath::parse(&store(), &format!("/tmp/vectors/store/{base_name}")).unwrap()
    }

    /// The package `hello-1.0` that the figures of Nix in these tests were made with.
    fn write_hello(nar: &mut NarWriter<NarHasher>) -> io::Result<()> {
        nar.begin_directory()?;
        nar.begin_entry(b"bin")?;
        nar.begin_directory()?;
        nar.begin_entry(b"hello")?;
        nar.file(b"#!/bin/sh\necho hi\n", true)?;
        nar.end_entry()?;
        nar.end_directory()?;
        nar.end_entry()?;
        nar.begin_entry(b"empty")?;
        nar.begin_directory()?;
        nar.end_directory()?;
        nar.end_entry()?;
        nar.begin_entry(b"empty.txt")?;
        nar.file(b"text", false)?;
        nar.end_entry()?;
        nar.begin_entry(b"link")?;
        nar.symlink(b"../x")?;
        nar.end_entry()?;
        nar.end_directory()
    }

    #[test]
    fn a_package_has_nix_hash_size_and_path() {
        let mut nar = NarWriter::new(NarHasher::default()).unwrap();
        write_hello(&mut nar).unwrap();
        let hash = nar.finish().finish();
        assert_eq!(hash.size, 1064);
        assert_eq!(nix32(&hash.sha256), "0gpnnypxbz2qmqjpljq8fg4h464axxlar6580dmxa5p06qvnr3da");
        assert_eq!(source_path(&store(), "hello-1.0", &hash, &[]).unwrap(), in_store(HELLO));
    }

    #[test]
    fn a_profile_has_nix_hash_and_path() {
        let mut nar = NarWriter::new(NarHasher::default()).unwrap();
        let link = |nar: &mut NarWriter<NarHasher>, name: &str, package: &str, path: &str| {
            nar.begin_entry(name.as_bytes())?;
            nar.symlink(format!("/tmp/vectors/store/{package}/{path}").as_bytes())?;
            nar.end_entry()
        };
        nar.begin_directory().unwrap();
        nar.begin_entry(b"bin").unwrap();
        nar.begin_directory().unwrap();
        link(&mut nar, "hello", HELLO, "bin/hello").unwrap();
        link(&mut nar, "world", WORLD, "bin/world").unwrap();
        nar.end_directory().unwrap();
        nar.end_entry().unwrap();
        nar.begin_entry(b"empty").unwrap();
        nar.begin_directory().unwrap();
        nar.end_directory().unwrap();
        nar.end_entry().unwrap();
        link(&mut nar, "empty.txt", HELLO, "empty.txt").unwrap();
        nar.begin_entry(b"manifest.json").unwrap();
        let manifest = format!(
            "{{\"elements\":{{\"hello\":{{\"active\":true,\"priority\":5,\"storePaths\":[\"{}\"]}},\
             \"world\":{{\"active\":true,\"priority\":6,\"storePaths\":[\"{}\"]}}}},\"version\":3}}",
            in_store(HELLO),
            in_store(WORLD)
        );
        nar.file(manifest.as_bytes(), false).unwrap();
        nar.end_entry().unwrap();
        nar.end_directory().unwrap();
        let hash = nar.finish().finish();
        assert_eq!(hash.size, 1664);
        assert_eq!(nix32(&hash.sha256), "1bz9pq9l3mb0kknyiby00zzy6vyj71y21hmr9gcwv5bd1169mk6b");
        // order and repeats of the references do not matter
        let references = [in_store(WORLD), in_store(HELLO), in_store(WORLD)];
        let path = source_path(&store(), "profile", &hash, &references).unwrap();
        assert_eq!(path.base_name(), "3h4amd4a1393g969lnk0zvp0daz2zcv6-profile");
    }

    #[test]
    fn strings_are_padded_to_eight() {
        for (length, padded) in [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16)] {
            let mut nar = NarWriter::new(Vec::new()).unwrap();
            nar.string(&vec![7; length]).unwrap();
            assert_eq!(nar.finish().len(), MAGIC.len() + 8 + padded, "{length}");
        }
    }

    #[test]
    fn nix32_of_known_bytes() {
        assert_eq!(nix32(&[]), "");
        assert_eq!(nix32(&[0x1f]), "0z");
        let empty: [u8; 32] = sha2::Sha256::digest(b"").into();
        assert_eq!(nix32(&empty), "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
        assert_eq!(from_nix32(&nix32(&empty)).as_deref(), Some(empty.as_slice()));
    }

    #[test]
    fn nix32_refuses_what_it_never_prints() {
        // another alphabet, impossible lengths, bits beyond the last byte
        for text in ["e0", "0", "000", "zz", "ä"] {
            assert_eq!(from_nix32(text), None, "{text}");
        }
    }

    #[test]
    fn characters_of_nix32_are_known_at_once() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_nix32(byte), NIX32_CHARACTERS.contains(&byte), "{}", char::from(byte));
        }
    }

    proptest! {
        #[test]
        fn nix32_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            prop_assert_eq!(from_nix32(&nix32(&bytes)), Some(bytes));
        }

        /// Against the definition: the number in little-endian, written in base 32.
        #[test]
        fn nix32_is_the_number(bytes in any::<[u8; 15]>()) {
            let mut padded = [0; 16];
            padded[..15].copy_from_slice(&bytes);
            let number = u128::from_le_bytes(padded);
            let mut expected = String::new();
            for digit in (0..24).rev() {
                let value = usize::try_from(number >> (digit * 5) & 31).unwrap();
                write!(expected, "{}", char::from(NIX32_CHARACTERS[value])).unwrap();
            }
            prop_assert_eq!(nix32(&bytes), expected);
        }
    }
}
