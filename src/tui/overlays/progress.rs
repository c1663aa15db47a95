//! How far a running job has come.
//!
//! Fetching and building are one step of the work and two lines here: what comes, and what is built,
//! with the last line that each build printed. Numbers that nobody told are left out.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::core::counting::counted;
use crate::system::machine::{Building, Fetching, Step};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model};
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::size;

/// Lines of the panel without what is built beside the first: its border, steps and the log.
const LEAST: u16 = 8;

/// Builds whose last lines are shown.
const BUILDS: usize = 4;

/// Cells of the names of steps.
const LEAD: usize = 11;

/// Cells of the bar, at most.
const BAR: u64 = 36;

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
    let step = job.step.map(|step| format!(": {}", step_words(job, step))).unwrap_or_default();
    let end = match (job.cancelled, job.step) {
        (true, _) => "   stopping…".to_owned(),
        (false, Some(Step::Switch)) => String::new(),
        (false, _) => format!("   {} stops it", model.keymap.name(Scope::Installed, Action::Interrupt)),
    };
    format!("{deed}{step}{}{end}", elapsed(model, job))
}

fn step_words(job: &Job, step: Step) -> String {
    match (step, &job.building, &job.fetching) {
        (Step::Evaluate, ..) => "evaluate".to_owned(),
        (Step::Realise, Some(Building { names, .. }), _) if !names.is_empty() => {
            format!("build {}", names.join(" "))
        }
        (Step::Realise, _, Some((fetching, _))) if fetching.bytes > 0 => {
            format!("fetch {}", bytes(fetching))
        }
        (Step::Realise, ..) => "fetch".to_owned(),
        (Step::Link, ..) => "link".to_owned(),
        (Step::Switch, ..) => "switch".to_owned(),
        (Step::Collect, ..) => "collect".to_owned(),
    }
}

fn elapsed(model: &Model, job: &Job) -> String {
    match model.now - job.since {
        seconds @ 1..=59 => format!(", {seconds} s"),
        seconds @ 60.. => format!(", {} min {} s", seconds / 60, seconds % 60),
        _ => String::new(),
    }
}

/// Lines that the panel wants.
pub fn height(model: &Model) -> u16 {
    let builds = model.job.as_ref().and_then(|job| job.building.as_ref());
    let builds = builds.map_or(0, |building| building.names.len().min(BUILDS));
    LEAST + u16::try_from(builds.saturating_sub(1)).unwrap_or(0)
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
    let panel = Panel { canvas, job, width: usize::from(inside.width) };
    let rows = panel.rows();
    canvas.rows(inside, &rows);
}

/// What the lines are made of.
struct Panel<'a, 'b> {
    canvas: &'a Canvas<'b>,
    job: &'a Job,
    width: usize,
}

impl Panel<'_, '_> {
    fn rows(&self) -> Vec<Row> {
        let (model, theme) = (self.canvas.model, self.canvas.theme);
        let mut rows =
            vec![lead("evaluate").join(self.state(Step::Evaluate)), lead("fetch").join(self.fetch())];
        rows.extend(self.build());
        rows.push(lead("link").join(self.state(Step::Link)));
        let mut switch = lead("switch").join(self.state(Step::Switch));
        if self.step() < Step::Switch {
            let key = model.keymap.name(Scope::Review, Action::Interrupt);
            switch = switch.put(format!("      {key} stops safely until here"), theme.faint);
        }
        rows.push(switch);
        if let Some(line) = model.log.last_text() {
            let key = model.keymap.name(Scope::Review, Action::Log);
            let lead = Row::text(" ").cell(format!("{key} log"), LEAD, theme.faint);
            rows.push(lead.put(line, theme.faint));
        }
        rows
    }

    fn step(&self) -> Step {
        self.job.step.unwrap_or(Step::Evaluate)
    }

    /// Done, running or waiting.
    fn state(&self, step: Step) -> Row {
        let theme = self.canvas.theme;
        match step.cmp(&self.step()) {
            std::cmp::Ordering::Less => Row::new().put("done", theme.good),
            std::cmp::Ordering::Greater => Row::new().put("waiting", theme.faint),
            std::cmp::Ordering::Equal => Row::new().put("running", theme.strong),
        }
    }

    fn fetch(&self) -> Row {
        let theme = self.canvas.theme;
        let Some((fetching, since)) = &self.job.fetching else {
            let builds = self.job.building.is_some();
            return if builds {
                Row::new().put("nothing to fetch", theme.faint)
            } else {
                self.state(Step::Realise)
            };
        };
        let all = fetching.of_paths > 0 && fetching.paths >= fetching.of_paths;
        if all || self.step() != Step::Realise && fetching.names.is_empty() {
            return Row::new()
                .put("done", theme.good)
                .put(format!("   {}", amounts(fetching).join("   ")), Style::new());
        }
        let seconds = u64::try_from(self.canvas.model.now - since).unwrap_or(0);
        let mut words = amounts(fetching);
        words.extend(fetching.bytes.checked_div(seconds).map(|speed| format!("{}/s", size(speed))));
        words.push(fetching.names.join(" "));
        bar(fetching, self.width).join(Row::text(words.join("   ")))
    }

    /// How far it is with the first build, and a line for each of the others.
    fn build(&self) -> Vec<Row> {
        let theme = self.canvas.theme;
        let Some(building) = &self.job.building else {
            let nothing = self.job.fetching.is_some() || self.step() > Step::Realise;
            let words = if nothing { "nothing to build" } else { "waiting" };
            return vec![lead("build").put(words, theme.faint)];
        };
        let Building { done, of, failed, names } = building;
        let mut first = lead("build");
        if names.is_empty() && done + failed >= *of {
            first = first.put("done", theme.good).put("   ", Style::new());
        }
        first = first.put(format!("{done} of {of}"), Style::new());
        if *failed > 0 {
            first = first.put(format!("   {failed} failed"), theme.error);
        }
        let of_build = |row: Row, (name, line): (&String, &String)| {
            row.put(name, theme.strong).put("  ", Style::new()).put(line, theme.faint)
        };
        let mut builds = names.iter().zip(&self.job.last_lines).take(BUILDS);
        let mut rows = vec![match builds.next() {
            Some(build) => of_build(first.put("   ", Style::new()), build),
            None => first,
        }];
        rows.extend(builds.map(|build| of_build(lead("").put("         ", Style::new()), build)));
        rows
    }
}

fn lead(word: &str) -> Row {
    Row::text(" ").cell(word, LEAD, Style::new())
}

/// `4.0 MiB of 6.1 MiB`, `2 of 5 paths`, as far as they are known.
fn amounts(fetching: &Fetching) -> Vec<String> {
    let Fetching { paths, of_paths, .. } = fetching;
    let mut words = Vec::new();
    if fetching.bytes > 0 || fetching.of_bytes > 0 {
        words.push(bytes(fetching));
    }
    if *of_paths > 0 {
        words.push(if paths == of_paths {
            counted(usize::try_from(*paths).unwrap_or(usize::MAX), "path")
        } else {
            format!("{paths} of {of_paths} paths")
        });
    }
    words
}

fn bytes(Fetching { bytes, of_bytes, .. }: &Fetching) -> String {
    if bytes >= of_bytes { size(*bytes) } else { format!("{} of {}", size(*bytes), size(*of_bytes)) }
}

fn bar(fetching: &Fetching, width: usize) -> Row {
    let (done, expected) = match (fetching.of_bytes, fetching.of_paths) {
        (0, 0) => return Row::new(),
        (0, of_paths) => (fetching.paths, of_paths),
        (of_bytes, _) => (fetching.bytes, of_bytes),
    };
    let cells = u64::try_from(width.saturating_sub(62)).unwrap_or(0).clamp(8, BAR);
    let full = done.min(expected) * cells / expected;
    let repeat = |text: &str, count: u64| text.repeat(usize::try_from(count).unwrap_or(0));
    Row::text(repeat(theme::BAR.0, full))
        .put(repeat(theme::BAR.1, cells - full), Style::new())
        .put("   ", Style::new())
}
