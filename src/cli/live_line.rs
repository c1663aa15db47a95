//! The line that tells a person at a terminal how far a command is.
//!
//! It is written over itself on standard error and gone when the command ends; whatever else is
//! printed takes its place ([`Printer`] clears the rest of the line first). Where nobody looks, in a
//! pipe, with `--quiet` or with `--log-format raw`, there is none.
//!
//! `fetching 4 MiB of 6.1 MiB, 1 of 2 paths: bat-0.25.0`

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use super::printer::Printer;
use crate::core::byte_size;
use crate::core::visible;
use crate::system::machine::{Building, Fetching, ProgressEvent, Step};

/// Back to the first column, and the rest of the line cleared.
const CLEAR: &str = "\r\x1b[K";

/// What is told, as far as it is known.
#[derive(Default)]
struct Known {
    step: Option<Step>,
    fetching: Fetching,
    building: Building,
    shown: String,
}

/// The line.
pub(super) struct LiveLine {
    printer: Printer,
    known: Mutex<Known>,
}

impl LiveLine {
    pub(super) fn new(printer: Printer) -> Self {
        Self { printer, known: Mutex::default() }
    }

    /// Takes a report and tells it. Lines of a log come out by themselves, above.
    pub(super) fn report(&self, event: &ProgressEvent) {
        if !self.printer.live {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ProgressEvent::Step(step) => known.step = Some(*step),
            ProgressEvent::Fetching(fetching) => known.fetching = fetching.clone(),
            ProgressEvent::Building(building) => known.building = building.clone(),
            // What was printed stands where the line was.
            ProgressEvent::Log(_) if self.printer.tells_logs() => known.shown.clear(),
            _ => return,
        }
        let width = crossterm::terminal::size().map_or(80, |(width, _)| usize::from(width));
        let line = cut(&self.printer.glyphs(&visible::text(&words(&known))), width.saturating_sub(1));
        if line != known.shown {
            write(&format!("{CLEAR}{line}\r"));
            known.shown = line;
        }
    }
}

impl Drop for LiveLine {
    fn drop(&mut self) {
        if self.printer.live {
            write(CLEAR);
        }
    }
}

/// Nowhere is left to tell that standard error cannot be written.
fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn words(known: &Known) -> String {
    let Known { fetching, building, .. } = known;
    match known.step {
        None => String::new(),
        Some(Step::Evaluate) if fetching.bytes > 0 => format!("evaluating… {}", bytes(fetching)),
        Some(Step::Evaluate) => "evaluating…".to_owned(),
        Some(Step::Realise) if !building.names.is_empty() => {
            let failed =
                if building.failed > 0 { format!(", {} failed", building.failed) } else { String::new() };
            let Building { done, of, .. } = building;
            format!("building, {done} of {of} done{failed}: {}", building.names.join(" "))
        }
        Some(Step::Realise) if fetching.bytes > 0 || fetching.of_paths > 0 => {
            let names = fetching.names.join(" ");
            let paths = match (fetching.paths, fetching.of_paths) {
                (_, 0) => String::new(),
                (paths, of) => format!(", {paths} of {of} paths"),
            };
            format!("fetching {}{paths}: {names}", bytes(fetching))
        }
        Some(Step::Realise) => "fetching and building…".to_owned(),
        Some(Step::Link) => "linking the profile…".to_owned(),
        Some(Step::Switch) => "switching…".to_owned(),
        Some(Step::Collect) => "collecting garbage…".to_owned(),
    }
}

fn bytes(fetching: &Fetching) -> String {
    let done = byte_size::text(fetching.bytes);
    match fetching.of_bytes {
        of if of <= fetching.bytes => done,
        of => format!("{done} of {}", byte_size::text(of)),
    }
}

/// As many characters as fit; a wide one counts as two.
fn cut(text: &str, width: usize) -> String {
    let mut left = width;
    text.chars()
        .take_while(|character| {
            let cells = unicode_width::UnicodeWidthChar::width(*character).unwrap_or(0);
            let fits = cells <= left;
            left = left.saturating_sub(cells);
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(step: Step) -> Known {
        Known { step: Some(step), ..Known::default() }
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        assert_eq!(words(&known(Step::Realise)), "fetching and building…");
        let fetching = Fetching { bytes: 5 << 20, of_bytes: 6 << 20, ..Fetching::default() };
        assert_eq!(
            words(&Known { fetching: fetching.clone(), ..known(Step::Evaluate) }),
            "evaluating… 5 MiB of 6 MiB"
        );
        let fetching = Fetching { paths: 1, of_paths: 2, names: vec!["bat-1".to_owned()], ..fetching };
        let line = words(&Known { fetching: fetching.clone(), ..known(Step::Realise) });
        assert_eq!(line, "fetching 5 MiB of 6 MiB, 1 of 2 paths: bat-1");
        let building = Building { done: 1, of: 3, failed: 1, names: vec!["jq-1".to_owned()] };
        let line = words(&Known { fetching, building, ..known(Step::Realise) });
        assert_eq!(line, "building, 1 of 3 done, 1 failed: jq-1");
    }

    #[test]
    fn the_line_never_wraps() {
        assert_eq!(cut("字字字", 5), "字字");
        assert_eq!(cut("abc", 5), "abc");
    }
}
