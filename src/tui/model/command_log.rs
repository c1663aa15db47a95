//! The command log: what firn had run, what that printed, and what firn has to say itself.
//!
//! Bounded: of a log that grows too long the oldest entries go, of a single long one its first
//! lines. All text in it has been made visible.

use std::collections::VecDeque;

use super::ListCursor;
use tui_input::Input;

/// Lines that are kept.
pub const MOST_LINES: usize = 2_000;
/// Characters of a line that are kept.
const LONGEST_LINE: usize = 4_000;

/// All entries, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CommandLog {
    entries: VecDeque<LogEntry>,
    lines: usize,
}

/// A command, or a note of firn's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The command's number; `None` for a note.
    pub command: Option<u64>,
    /// The command line, or the note's first line.
    pub title: String,
    /// When it began, seconds since 1970.
    pub since: i64,
    /// How it went.
    pub outcome: Outcome,
    /// What it printed, or the rest of the note.
    pub lines: VecDeque<String>,
    /// How many lines before these were dropped.
    pub dropped: usize,
}

/// How a command went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended.
    Running,
    /// It ended well, after so many milliseconds.
    Done(u64),
    /// It did not; the status in words, and after how many milliseconds.
    Failed(String, u64),
    /// It is no command.
    Note,
}

/// A line of the log as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLine<'a> {
    /// The title of an entry.
    Title(&'a LogEntry),
    /// A line below it, and the entry it belongs to.
    Text(&'a LogEntry, &'a str),
}

/// `@`: the log on screen.
#[derive(Debug, Default)]
pub struct LogScreen {
    /// Among the lines.
    pub cursor: ListCursor,
    /// Whether the cursor stays on the newest line.
    pub follows: bool,
    /// Columns scrolled to the right.
    pub sideways: usize,
    /// What is searched for; empty when nothing is.
    pub search: Input,
    /// Whether keys go to the search.
    pub searching: bool,
}

impl CommandLog {
    /// How many lines it has on screen, titles included.
    pub fn len(&self) -> usize {
        self.lines
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines from one on, as they are shown.
    pub fn lines_from(&self, first: usize) -> impl Iterator<Item = LogLine<'_>> {
        let mut left = first;
        let entries = self.entries.iter().filter_map(move |entry| {
            let skipped = left.min(entry.height());
            left -= skipped;
            (skipped < entry.height()).then_some((entry, skipped))
        });
        entries.flat_map(|(entry, skipped)| {
            let title = (skipped == 0).then_some(LogLine::Title(entry));
            let texts = entry.lines.iter().skip(skipped.saturating_sub(1));
            title.into_iter().chain(texts.map(move |line| LogLine::Text(entry, line)))
        })
    }

    /// One line.
    pub fn line(&self, index: usize) -> Option<LogLine<'_>> {
        self.lines_from(index).next()
    }

    /// Where each entry starts, with the entry.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = (usize, &LogEntry)> {
        let mut next = 0;
        let starts: Vec<_> = self
            .entries
            .iter()
            .map(|entry| {
                let start = next;
                next += entry.height();
                (start, entry)
            })
            .collect();
        starts.into_iter()
    }

    /// The newest line.
    pub fn last_text(&self) -> Option<&str> {
        let entry = self.entries.back()?;
        Some(entry.lines.back().unwrap_or(&entry.title))
    }

    /// Adds an entry; tells how many lines went for it.
    pub fn push(&mut self, entry: LogEntry) -> usize {
        self.lines += entry.height();
        self.entries.push_back(entry);
        self.shorten()
    }

    /// Adds a line to a command; tells how many lines went for it.
    pub fn print(&mut self, command: u64, text: String) -> usize {
        let Some(entry) = self.find(command) else { return 0 };
        entry.lines.push_back(cut(text));
        self.lines += 1;
        self.shorten()
    }

    /// A command has ended.
    pub fn end(&mut self, command: u64, outcome: Outcome) {
        if let Some(entry) = self.find(command) {
            entry.outcome = outcome;
        }
    }

    fn find(&mut self, command: u64) -> Option<&mut LogEntry> {
        self.entries.iter_mut().rev().find(|entry| entry.command == Some(command))
    }

    fn shorten(&mut self) -> usize {
        let before = self.lines;
        while self.lines > MOST_LINES && self.entries.len() > 1 {
            let oldest = self.entries.pop_front();
            self.lines -= oldest.map_or(0, |entry| entry.height());
        }
        if let (Some(only), true) = (self.entries.front_mut(), self.lines > MOST_LINES) {
            let surplus = self.lines - MOST_LINES;
            only.lines.drain(..surplus);
            only.dropped += surplus;
            self.lines -= surplus;
        }
        before - self.lines
    }
}

impl LogEntry {
    /// A note of firn's own, of one or more lines.
    pub fn note(text: &str, since: i64) -> Self {
        let mut lines = text.lines().map(|line| cut(line.to_owned()));
        let title = lines.next().unwrap_or_default();
        Self { command: None, title, since, outcome: Outcome::Note, lines: lines.collect(), dropped: 0 }
    }

    /// A command that begins.
    pub fn command(number: u64, line: &str, since: i64) -> Self {
        let title = cut(line.to_owned());
        let lines = VecDeque::new();
        Self { command: Some(number), title, since, outcome: Outcome::Running, lines, dropped: 0 }
    }

    fn height(&self) -> usize {
        1 + self.lines.len()
    }
}

fn cut(line: String) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(log: &CommandLog, first: usize) -> Vec<&str> {
        let text = |line| match line {
            LogLine::Title(entry) => entry.title.as_str(),
            LogLine::Text(_, text) => text,
        };
        log.lines_from(first).map(text).collect()
    }

    #[test]
    fn lines_belong_to_their_commands() {
        let mut log = CommandLog::default();
        log.push(LogEntry::command(1, "nix a", 0));
        log.push(LogEntry::command(2, "nix b", 0));
        log.print(1, "one".to_owned());
        log.print(2, "two".to_owned());
        log.print(1, "three".to_owned());
        log.print(9, "nobody's".to_owned());
        log.end(1, Outcome::Done(5));
        assert_eq!(texts(&log, 0), ["nix a", "one", "three", "nix b", "two"]);
        for first in 0..=5 {
            assert_eq!(texts(&log, first), texts(&log, 0)[first..], "{first}");
        }
        assert_eq!(log.len(), 5);
        assert_eq!(log.last_text(), Some("two"));
        assert_eq!(log.starts().map(|(start, _)| start).collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut log = CommandLog::default();
        log.push(LogEntry::note("a\nb", 0));
        log.push(LogEntry::command(1, &"x".repeat(10_000), 0));
        let mut dropped = 0;
        for _ in 0..MOST_LINES + 10 {
            dropped += log.print(1, "line".to_owned());
        }
        assert_eq!((log.len(), dropped), (MOST_LINES, 2 + 11));
        assert_eq!(log.starts().next().unwrap().1.dropped, 11);
        assert!(texts(&log, 0)[0].len() < 4_100);
        log.push(LogEntry::note("c", 0));
        assert_eq!(log.len(), 1, "of two entries the older one goes");
    }
}
