//! The copies that were kept when firn changed a registry, read again: what an entry was before,
//! and since when it is what it is.
//!
//! Only what firn wrote is known; what other programs did in between shows in the next copy, but
//! not when. A copy that cannot be read is passed over.

use std::path::Path;

use super::{LARGEST, write::kept_name};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::{Entry, Registry};
use crate::system::bounded_file;

/// A registry as it was until firn changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRegistry {
    /// When it was changed, seconds since 1970.
    pub until: i64,
    /// As it was.
    pub registry: Registry,
}

/// Between when an entry was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryAge {
    /// It was not there then; `None` if no copy is without it.
    pub after: Option<i64>,
    /// It was there then.
    pub before: Option<i64>,
}

/// What stood in an entry's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// One entry that can be written again.
    Entry(FlakeRef),
    /// No entry.
    Nothing,
    /// Several entries, or an exact one.
    More,
    /// No copy tells.
    Unknown,
}

/// More copies are not read.
const MOST: usize = 200;

/// The copies of a registry, newest first.
pub fn read(backups: &Path, registry: &Path) -> Vec<PastRegistry> {
    let Ok(folder) = std::fs::read_dir(backups) else { return Vec::new() };
    let ending = kept_name(registry);
    let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<(String, u32, i64)> = names
        .filter_map(|name| {
            let (number, until) = when(name.strip_suffix(&ending)?)?;
            Some((name, number, until))
        })
        .collect();
    names.sort_by_key(|(_, number, until)| std::cmp::Reverse((*until, *number)));
    names.truncate(MOST);
    let read = |(name, _, until): (String, u32, i64)| {
        let text = bounded_file::read(&backups.join(name), LARGEST).ok()?;
        Some(PastRegistry { until, registry: Registry::parse(&text) })
    };
    names.into_iter().filter_map(read).collect()
}

/// `2026-11-21T05-00-00Z` or, the second of that second, `2026-11-21T05-00-00Z-2`.
fn when(text: &str) -> Option<(u32, i64)> {
    let (time, again) = text.split_once('Z')?;
    let number = match again.strip_prefix('-') {
        Some(number) => number.parse().ok()?,
        None if again.is_empty() => 1,
        None => return None,
    };
    let time = jiff::civil::DateTime::strptime("%Y-%m-%dT%H-%M-%S", time).ok()?;
    Some((number, time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second()))
}

/// When an entry was made, as far as the copies tell; `written` is when the file was last written.
pub fn age(past: &[PastRegistry], entry: &Entry, written: Option<i64>) -> EntryAge {
    let has = |registry: &Registry| registry.entries.contains(entry);
    let with_it = past.iter().take_while(|older| has(&older.registry)).count();
    let before = if with_it == 0 { written } else { Some(past[with_it - 1].until) };
    EntryAge { after: past.get(with_it).map(|older| older.until), before }
}

/// What stood in a pin's place before it was first pinned.
pub fn replaced(past: &[PastRegistry], pin: &Entry) -> Replaced {
    for older in past {
        let same: Vec<&Entry> =
            older.registry.entries.iter().filter(|entry| entry.from == pin.from).collect();
        match same.as_slice() {
            [] => return Replaced::Nothing,
            [one] if one.to.is_pinned() => {}
            [one] if !one.exact => return Replaced::Entry(one.to.clone()),
            _ => return Replaced::More,
        }
    }
    Replaced::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> FlakeRef {
        FlakeRef::parse(text).unwrap()
    }

    fn entry(to: &str) -> Entry {
        Entry::new(reference("nixpkgs"), reference(to))
    }

    fn past(until: i64, to: &[&str]) -> PastRegistry {
        let entries = to.iter().map(|to| entry(to)).collect();
        PastRegistry { until, registry: Registry { entries, fault: None } }
    }

    const PIN: &str = "github:NixOS/nixpkgs/9f2c1de2222222222222222222222222222222bb";
    const OLD_PIN: &str = "github:NixOS/nixpkgs/3b1aa072222222222222222222222222222222bb";

    #[test]
    fn copies_are_read_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let registry = folder.path().join("registry.json");
        let other = folder.path().join("other.json");
        let write = |time: &str, path: &Path, text: &str| {
            std::fs::write(folder.path().join(format!("{time}{}", kept_name(path))), text).unwrap();
        };
        let text = |name: &str| {
            format!(
                r#"{{"version":2,"flakes":[{{"from":{{"type":"indirect","id":"{name}"}},"to":{{"type":"path","path":"/x"}}}}]}}"#
            )
        };
        write("2026-11-21T05-00-00Z", &registry, &text("first"));
        write("2026-11-21T05-00-00Z-2", &registry, &text("second"));
        write("2026-11-22T05-00-00Z", &registry, "{");
        write("2026-11-23T05-00-00Z", &other, &text("other"));
        write("yesterday", &registry, &text("undated"));
        let read = read(folder.path(), &registry);
        let names: Vec<_> = read
            .iter()
            .map(|past| past.registry.entries.first().map(|entry| entry.from.to_string()))
            .collect();
        assert_eq!(names, [None, Some("flake:second".to_owned()), Some("flake:first".to_owned())]);
        assert_eq!(read[2].until, 1_795_237_200);
        assert_eq!(super::read(&folder.path().join("none"), &registry), []);
    }

    #[test]
    fn an_entry_is_as_old_as_the_copies_tell() {
        let newest_first = [past(30, &[PIN]), past(20, &[OLD_PIN]), past(10, &[])];
        let found = age(&newest_first, &entry(PIN), Some(40));
        assert_eq!(found, EntryAge { after: Some(20), before: Some(30) });
        let moved = age(&newest_first, &entry("path:/new"), Some(40));
        assert_eq!(moved, EntryAge { after: Some(30), before: Some(40) });
        assert_eq!(age(&[], &entry(PIN), Some(40)), EntryAge { after: None, before: Some(40) });
    }

    #[test]
    fn a_pin_that_moved_still_knows_what_it_replaced() {
        let pin = entry(PIN);
        let mine = [past(3, &[OLD_PIN]), past(2, &["git+file:///src"]), past(1, &[])];
        assert_eq!(replaced(&mine, &pin), Replaced::Entry(reference("git+file:///src")));
        assert_eq!(replaced(&[past(3, &[OLD_PIN]), past(2, &[])], &pin), Replaced::Nothing);
        assert_eq!(replaced(&[past(2, &["path:/a", "path:/b"])], &pin), Replaced::More);
        assert_eq!(replaced(&[past(3, &[OLD_PIN])], &pin), Replaced::Unknown);
    }
}
