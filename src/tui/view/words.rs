//! Numbers, sizes, ages and cut texts as they stand on the screen.
//!
//! `1 204`, `18.4 MiB`, `today 09:14`, `/nix/store/i270m2h1…-hello-2.12.3`. Everything is
//! measured in cells, not in characters, and cut between characters.

pub use crate::core::byte_size::text as size;
pub use crate::core::counting::{counted, grouped};
use crate::tui::theme::CUT;
use jiff::{Timestamp, tz::TimeZone};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Cells a text takes.
pub fn width(text: &str) -> usize {
    // nearly all texts are ASCII, and every one on the screen is measured
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The same, as terminals count.
pub fn cells(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// How long something took: `0.3 s`, `12 s`, `3 min 20 s`.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..=9 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        10..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How much time lies between two moments, in days or more: `less than a day`, `12 d`, `3 w`, `5 mo`.
pub fn span(seconds: u64) -> String {
    match seconds / 86_400 {
        0 => "less than a day".to_owned(),
        days @ 1..=13 => format!("{days} d"),
        days @ 14..=59 => format!("{} w", days / 7),
        days @ 60..=729 => format!("{} mo", days / 30),
        days => format!("{} y", days / 365),
    }
}

/// How long ago something was, never wider than 11 cells: `today 09:14`, `2 d ago`, `3 w ago`.
pub fn age(time: i64, now: i64, zone: &TimeZone) -> String {
    let date = |seconds| Some(Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone()));
    let (Some(then), Some(today)) = (date(time), date(now)) else { return "?".to_owned() };
    let days = (today.date() - then.date()).get_days();
    match days {
        0 => format!("today {:02}:{:02}", then.hour(), then.minute()),
        1 => "yesterday".to_owned(),
        2..=13 => format!("{days} d ago"),
        14..=59 => format!("{} w ago", days / 7),
        60..=729 => format!("{} mo ago", days / 30),
        730.. => format!("{} y ago", days / 365),
        // a clock that was wrong once, or a store with fixed times: the date says it best
        _ => then.date().to_string(),
    }
}

/// Cuts at the end: `gnome-settings-da…`.
pub fn cut_end(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(keep) = room.checked_sub(CUT.width()) else { return first_cells(CUT, room).to_owned() };
    format!("{}{CUT}", first_cells(text, keep))
}

/// Cuts at the beginning, for paths whose end tells most: `…/profiles/profile`.
pub fn cut_start(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(keep) = room.checked_sub(CUT.width()) else { return first_cells(CUT, room).to_owned() };
    let mut kept = last_cells(text, keep);
    // rather one folder less than half a name
    if let Some(slash) = kept.find('/').filter(|slash| *slash > 0 && kept.len() - slash > 4) {
        kept = &kept[slash..];
    }
    format!("{CUT}{kept}")
}

/// Cuts in the middle, keeping both ends.
pub fn cut_middle(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(keep) = room.checked_sub(CUT.width()) else { return first_cells(CUT, room).to_owned() };
    let left = keep / 3;
    format!("{}{CUT}{}", first_cells(text, left), last_cells(text, keep - left))
}

/// A path in the store with its hash cut as far as needed: `/nix/store/i270…-hello-2.12.3/bin/hello`.
pub fn cut_store_path(path: &str, room: usize) -> String {
    if width(path) <= room {
        return path.to_owned();
    }
    let hash = path.split('/').find_map(|part| {
        let (hash, _) = part.split_at_checked(32)?;
        hash.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(hash)
    });
    let Some(hash) = hash else { return cut_middle(path, room) };
    for kept in [8, 4] {
        let short = path.replacen(hash, &format!("{}{CUT}", &hash[..kept]), 1);
        if short.width() <= room {
            return short;
        }
    }
    let name = path.split_once(hash).map_or(path, |(_, name)| name);
    let without_folder = format!("{CUT}/{}{CUT}{name}", &hash[..4]);
    if without_folder.width() <= room {
        return without_folder;
    }
    cut_middle(&format!("{CUT}{name}"), room)
}

/// Breaks a text into lines of at most `room` cells, between words where that is possible.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let blank = usize::from(!line.is_empty());
        if line.width() + blank + word.width() > room && blank == 1 {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while line.width() > room.max(1) {
            let head = first_cells(&line, room.max(1)).to_owned();
            if head.is_empty() {
                break;
            }
            line.drain(..head.len());
            lines.push(head);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn first_cells(text: &str, room: usize) -> &str {
    let mut cells = 0;
    for (index, character) in text.char_indices() {
        cells += character.width().unwrap_or(0);
        if cells > room {
            return &text[..index];
        }
    }
    text
}

fn last_cells(text: &str, room: usize) -> &str {
    let mut cells = 0;
    for (index, character) in text.char_indices().rev() {
        cells += character.width().unwrap_or(0);
        if cells > room {
            return &text[index + character.len_utf8()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(
            [0, 1023, 1024, 55_296, 19_293_799, 2_040_109_465].map(size),
            ["0 B", "1023 B", "1 KiB", "54 KiB", "18.4 MiB", "1.9 GiB"]
        );
    }

    #[test]
    fn durations_are_as_exact_as_they_matter() {
        assert_eq!(
            [0, 340, 9_999, 12_000, 200_000, 7_260_000].map(duration).join(", "),
            "0.0 s, 0.3 s, 9.9 s, 12 s, 3 min 20 s, 2 h 1 min"
        );
    }

    #[test]
    fn spans_are_told_in_days_and_more() {
        let days = |days: u64| span(days * 86_400);
        assert_eq!(
            [0, 1, 13, 14, 60, 800].map(days).join(", "),
            "less than a day, 1 d, 13 d, 2 w, 2 mo, 2 y"
        );
    }

    #[test]
    fn ages_follow_the_calendar_of_the_zone() {
        let now = 1_780_000_000; // 2026-05-28 20:26:40 UTC
        let utc = TimeZone::UTC;
        let days = |days: i64| age(now - days * 86_400, now, &utc);
        assert_eq!(age(now - 3600, now, &utc), "today 19:26");
        assert_eq!(
            [1, 2, 9, 13, 21, 70, 800].map(days).join(", "),
            "yesterday, 2 d ago, 9 d ago, 13 d ago, 3 w ago, 2 mo ago, 2 y ago"
        );
        let east = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(age(now - 6 * 3600, now, &east), "yesterday");
        assert_eq!(age(now + 3 * 86_400, now, &utc), "2026-05-31");
    }

    #[test]
    fn cuts_keep_what_tells_most() {
        assert_eq!(cut_end("gnome-settings", 8), "gnome-s…");
        assert_eq!(cut_end("日本語", 4), "日…");
        assert_eq!(cut_start("~/.local/state/nix/profiles/profile", 19), "…/profiles/profile");
        assert_eq!(cut_end("abc", 0), "");
        assert_eq!(wrapped("nix refuses  this profile", 12), ["nix refuses", "this profile"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        let path = "/nix/store/i270m2h1aaaaaaaaaaaaaaaaaaaaaaaa-hello-2.12.3/bin/hello";
        assert_eq!(cut_store_path(path, 50), "/nix/store/i270m2h1…-hello-2.12.3/bin/hello");
        assert_eq!(cut_store_path(path, 40), "/nix/store/i270…-hello-2.12.3/bin/hello");
        assert_eq!(cut_store_path(path, 30), "…/i270…-hello-2.12.3/bin/hello");
        assert_eq!(cut_store_path(path, 28), "…-hello-2.12.3/bin/hello");
    }
}
