//! `D` in History and its preview: everything that two generations need, compared on demand, as the store has to be
//! asked for it. The answer stands in the Diff tab.

use std::sync::Arc;

use super::words::{complain, say};
use super::{history, planning};
use crate::core::closure_difference::ClosureDifference;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::layout::{self, Shape};
use crate::tui::model::{Compared, Job, JobKind, Model, Pane, PreviewTab};
use crate::tui::panes::difference::{Lines, Subject, subject};
use crate::tui::view::max_scroll;

/// Why nothing can be compared now.
pub(super) fn why_off(model: &Model, scope: Scope) -> Option<String> {
    if model.history.comparisons.closures_asked.is_some() {
        let stop = model.keymap.name(Scope::Always, Action::Interrupt);
        return Some(format!("The store is being asked already; {stop} stops it."));
    }
    if scope == Scope::Preview {
        let history = model.keymap.name(Scope::Main, Action::FocusHistory);
        let text = format!("The preview compares no two generations; {history} shows them.");
        return (subject(model) == Subject::Plan).then_some(text);
    }
    history::pair(model).err()
}

/// Compares the marked two, else the one under the cursor with the live one; in the preview what it
/// shows.
pub(super) fn compare(model: &mut Model) -> Vec<Effect> {
    if model.focus != Pane::Preview && model.history.marks.len() == 2 {
        history::compare(model);
    }
    model.preview.tab = PreviewTab::Diff;
    let Subject::Generations(from, to) = subject(model) else { return Vec::new() };
    let (Some(before), Some(after)) = (history::target(model, from), history::target(model, to)) else {
        return Vec::new();
    };
    let compared = (before, after);
    if matches!(model.history.comparisons.closures_of(&compared), Some(Ok(_))) {
        show(model);
        return Vec::new();
    }
    model.history.comparisons.closures_asked = Some(compared.clone());
    if model.job.is_none() {
        model.job = Some(Job::new(JobKind::Closures, model.now));
    }
    vec![Effect::CompareClosures { compared, numbers: (from, to) }]
}

/// They were compared, or could not be.
pub(super) fn take(model: &mut Model, compared: Compared, answer: Result<Arc<ClosureDifference>, String>) {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    planning::end_job(model, JobKind::Closures);
    model.history.comparisons.closures_asked = None;
    match answer {
        Ok(found) => {
            model.history.comparisons.learn_closures(compared, Ok(found));
            show(model);
        }
        Err(_) if cancelled => say(model, "Stopped: what they need was not compared."),
        Err(words) => {
            complain(model, &words);
            model.history.comparisons.learn_closures(compared, Err(Arc::from(words)));
        }
    }
}

/// Scrolls to the answer.
fn show(model: &mut Model) {
    let width = layout::areas(&Shape::of(model)).text().map_or(model.size.0, |area| area.width);
    let at = Lines::new(model, usize::from(width)).closures_at();
    let limit = max_scroll(model);
    if let Some(at) = at.filter(|_| model.overlays.is_empty()) {
        model.preview.scroll = at.min(limit);
    }
}
