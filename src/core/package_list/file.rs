//! A listing on disk: made once for each locked flake, and read in a few milliseconds.
//!
//! A line that says what it is, with the version of the form, the key it was made for and its sizes;
//! then the numbers of the rows; then their texts; then a SHA-256 over all of it. Whatever is
//! not exactly so is an error, and the listing is made anew.
//!
//! `firn-packages 1 x86_64-linux%20github:NixOS/nixpkgs/9f2c… 23114 4199023`

use sha2::{Digest as _, Sha256};

use super::{MOST_BYTES, MOST_ROWS, PackageList, Row, TEXTS};
use crate::core::url;

const MAGIC: &str = "firn-packages 1";

/// Bytes of a row: its lengths, its marks.
const ROW: usize = 2 * TEXTS + 1;

const DIGEST: usize = 32;

/// No file is larger.
pub const LARGEST: u64 = (MOST_BYTES + MOST_ROWS * ROW + (1 << 20)) as u64;

/// Why a file is no listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageFileError {
    /// Another kind of file, another version of the form, or made for something else.
    #[error("it is not the listing that is looked for")]
    Other,
    /// Cut off or changed.
    #[error("it is damaged")]
    Damaged,
}

/// The file for what `key` stands for.
pub fn to_bytes(list: &PackageList, key: &str) -> Vec<u8> {
    let head = head(key, list.rows.len(), list.text.len());
    let mut bytes = Vec::with_capacity(head.len() + list.rows.len() * ROW + list.text.len() + DIGEST);
    bytes.extend_from_slice(head.as_bytes());
    // In the order of the rows, so that each starts where the one before ends.
    for row in &list.rows {
        for length in row.lengths {
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        bytes.push(row.marks);
    }
    for row in &list.rows {
        for text in list.texts(row) {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// Reads the file that was made for `key`.
pub fn parse(bytes: &[u8], key: &str) -> Result<PackageList, PackageFileError> {
    let line = bytes.iter().take(1 << 16).position(|byte| *byte == b'\n').ok_or(PackageFileError::Other)?;
    let words = str::from_utf8(&bytes[..line]).map_err(|_| PackageFileError::Other)?;
    let mut sizes = words.rsplit(' ').map(str::parse::<usize>);
    let (Some(Ok(length)), Some(Ok(count))) = (sizes.next(), sizes.next()) else {
        return Err(PackageFileError::Other);
    };
    let is_too_large = count > MOST_ROWS || length > MOST_BYTES;
    if is_too_large || words != head(key, count, length).trim_end() {
        return Err(PackageFileError::Other);
    }
    let body = &bytes[line + 1..];
    let (rows, texts) = body.split_at_checked(count * ROW).ok_or(PackageFileError::Damaged)?;
    let (text, digest) = texts.split_at_checked(length).ok_or(PackageFileError::Damaged)?;
    if Sha256::digest(&bytes[..bytes.len() - digest.len()])[..] != *digest {
        return Err(PackageFileError::Damaged);
    }
    let text = String::from_utf8(text.to_vec()).map_err(|_| PackageFileError::Damaged)?;
    let list = PackageList { rows: placed(rows, &text).ok_or(PackageFileError::Damaged)?, text };
    Ok(list)
}

fn head(key: &str, count: usize, length: usize) -> String {
    format!("{MAGIC} {} {count} {length}\n", url::encode(key.as_bytes(), b":/?&=,;@"))
}

/// The rows, each text of which is a piece of the whole; `None` if they are more or less than it.
fn placed(numbers: &[u8], text: &str) -> Option<Vec<Row>> {
    let mut start = 0_usize;
    let mut rows = Vec::with_capacity(numbers.len() / ROW);
    for row in numbers.chunks_exact(ROW) {
        let mut lengths = [0; TEXTS];
        let mut end = start;
        for (length, bytes) in lengths.iter_mut().zip(row.chunks_exact(2)) {
            *length = u16::from_le_bytes([bytes[0], bytes[1]]);
            end += usize::from(*length);
            if !text.is_char_boundary(end) {
                return None;
            }
        }
        rows.push(Row { start: u32::try_from(start).ok()?, lengths, marks: row[ROW - 1] });
        start = end;
    }
    (start == text.len()).then_some(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::package_list::{ListedPackage, UNTOLD};

    fn some() -> PackageList {
        let mut list = PackageList::default();
        for (attribute, description) in [("zed", "größe"), ("a", ""), ("m", "x")] {
            let failure = (attribute == "m").then_some(UNTOLD);
            list.push(&ListedPackage { attribute, description, failure, ..ListedPackage::default() });
        }
        list.finished()
    }

    #[test]
    fn what_is_written_is_read_again_for_the_same_key_only() {
        let bytes = to_bytes(&some(), "k y");
        let read = parse(&bytes, "k y").unwrap();
        let rows = |list: &PackageList| {
            (0..list.len()).map(|index| format!("{:?}", list.get(index))).collect::<Vec<_>>()
        };
        assert_eq!(rows(&read), rows(&some()));
        assert_eq!(to_bytes(&read, "k y"), bytes);
        assert_eq!(parse(&bytes, "other"), Err(PackageFileError::Other));
        assert_eq!(parse(b"", ""), Err(PackageFileError::Other));
    }

    #[test]
    fn a_byte_more_less_or_other_is_no_listing() {
        let bytes = to_bytes(&some(), "k");
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 0x40;
            assert!(parse(&other, "k").is_err(), "{place}");
            assert!(parse(&bytes[..place], "k").is_err(), "{place}");
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert!(parse(&longer, "k").is_err());
    }

    proptest! {
        #[test]
        fn hostile_files_are_refused(
            lengths in proptest::collection::vec(any::<u16>(), 0..40),
            text in "\\PC{0,40}",
            count in 0_usize..9,
        ) {
            let mut bytes = head("k", count, text.len()).into_bytes();
            for length in &lengths {
                bytes.extend_from_slice(&length.to_le_bytes());
            }
            bytes.extend_from_slice(text.as_bytes());
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
            if let Ok(list) = parse(&bytes, "k") {
                let there = (0..=list.len()).filter(|index| list.get(*index).is_some());
                prop_assert_eq!(there.count(), list.len());
            }
        }
    }
}
