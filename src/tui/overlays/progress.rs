//! How far a running job has come.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::system::machine::Step;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model};
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::size;

const STEPS: [(Step, &str); 4] =
    [(Step::Evaluate, "evaluate"), (Step::Realise, "fetch"), (Step::Link, "link"), (Step::Switch, "switch")];

/// A job in one line: `applying: link, 3 s   ctrl-c stops it`.
pub fn words(model: &Model, job: &Job) -> String {
    let deed = match job.kind {
        JobKind::Learn => "looking things up",
        JobKind::Apply => "applying",
        JobKind::Realise => "fetching and building",
        JobKind::RollBack => "rolling back",
        JobKind::Delete => "deleting generations",
        JobKind::Rebuild => "finding out what it was made of",
        JobKind::Closures => "comparing what they need",
        JobKind::Measure => "asking the store what is needed",
        JobKind::Collect => "collecting garbage",
        JobKind::Homepage => "looking up the homepage",
        JobKind::FetchRegistry => "fetching the global registry",
    };
    let step = STEPS.iter().find(|(step, _)| job.step == Some(*step)).map(|(_, word)| *word);
    let step = step.map(|word| format!(": {word}")).unwrap_or_default();
    let end = match (job.cancelled, job.step) {
        (true, _) => "   stopping…".to_owned(),
        (false, Some(Step::Switch)) => String::new(),
        (false, _) => format!("   {} stops it", model.keymap.name(Scope::Installed, Action::Interrupt)),
    };
    format!("{deed}{step}{}{end}", elapsed(model, job))
}

fn elapsed(model: &Model, job: &Job) -> String {
    match model.now - job.since {
        seconds @ 1..=59 => format!(", {seconds} s"),
        seconds @ 60.. => format!(", {} min {} s", seconds / 60, seconds % 60),
        _ => String::new(),
    }
}

/// A panel with a line per step.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let Some(job) = &model.job else { return };
    let right = if job.cancelled {
        Row::text("stopping…")
    } else {
        Row::text(elapsed(model, job).trim_start_matches(", "))
    };
    let title = Row::new().put("Progress", canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, right, ..Border::default() });
    let mut rows: Vec<Row> =
        STEPS.iter().map(|(step, word)| step_row(canvas, job, *step, word, inside.width)).collect();
    if let Some(line) = model.log.last_text() {
        rows.push(Row::text(" ").cell("log", 11, canvas.theme.faint).put(line, canvas.theme.faint));
    }
    canvas.rows(inside, &rows);
}

fn step_row(canvas: &Canvas<'_>, job: &Job, step: Step, word: &str, width: u16) -> Row {
    let theme = canvas.theme;
    let row = Row::text(" ").cell(word, 11, Style::new());
    let current = job.step.unwrap_or(Step::Evaluate);
    let row = match step.cmp(&current) {
        std::cmp::Ordering::Less => row.put("done", theme.good),
        std::cmp::Ordering::Greater => row.put("waiting", theme.faint),
        std::cmp::Ordering::Equal if step == Step::Realise && job.fetched.0 > 0 => row.join(bar(job, width)),
        std::cmp::Ordering::Equal => row.put("running", theme.strong),
    };
    if step == Step::Switch && current < Step::Switch {
        let key = canvas.model.keymap.name(Scope::Review, Action::Interrupt);
        return row.put(format!("      {key} stops safely until here"), theme.faint);
    }
    row
}

fn bar(job: &Job, width: u16) -> Row {
    let (done, expected) = job.fetched;
    if expected == 0 {
        return Row::text(size(done));
    }
    let cells = u64::from(width.saturating_sub(45)).clamp(8, 42);
    let full = done.min(expected) * cells / expected;
    let repeat = |text: &str, count: u64| text.repeat(usize::try_from(count).unwrap_or(0));
    Row::text(repeat(theme::BAR.0, full))
        .put(repeat(theme::BAR.1, cells - full), Style::new())
        .put(format!("   {} of {}", size(done), size(expected)), Style::new())
}
