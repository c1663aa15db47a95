//! What two profiles link, read from disk, for reports and for `firn tree`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// How many differing lines a report shows.
const SHOWN: usize = 40;

/// Every path of a profile that is not a real folder with something in it, and what is there: a
/// link's target, `folder` for an empty folder, a file's text. Bytes that are not UTF-8 as `\xNN`.
pub fn read(profile: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(profile, "", &mut found);
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    let mut is_empty = true;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        is_empty = false;
        let path = format!("{prefix}{}", visible(entry.file_name().as_bytes()));
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            found.insert(path, visible(std::fs::read_link(entry.path()).unwrap().as_os_str().as_bytes()));
        } else if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        } else {
            found.insert(path, visible(&std::fs::read(entry.path()).unwrap()));
        }
    }
    if is_empty && !prefix.is_empty() {
        found.insert(prefix.trim_end_matches('/').to_owned(), "folder".into());
    }
}

/// Text with the bytes that are not UTF-8 as `\xNN`, the form of firn's JSON.
pub fn visible(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += chunk.valid();
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").unwrap();
        }
    }
    text
}

/// The lines in which two profiles differ.
pub fn difference(nix: &Path, firn: &Path) -> String {
    let (nix, firn) = (read(nix), read(firn));
    let mut lines = Vec::new();
    for (path, target) in &nix {
        match firn.get(path) {
            Some(other) if other == target => {}
            Some(other) => lines.push(format!("  {path}\n    nix  {target}\n    firn {other}")),
            None => lines.push(format!("  only nix:  {path} -> {target}")),
        }
    }
    let missing = firn.iter().filter(|(path, _)| !nix.contains_key(*path));
    lines.extend(missing.map(|(path, target)| format!("  only firn: {path} -> {target}")));
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}
