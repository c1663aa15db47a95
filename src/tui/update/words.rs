//! Words that several messages need: lists of names, plurals, toasts.

use super::command_log;
use crate::core::counting::colliding;
use crate::core::plan::PlanState;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{LogEntry, Model, Toast};

/// Says something.
/// An error that nobody has answered with a key yet stays; this then goes to the log.
pub(super) fn say(model: &mut Model, text: impl Into<String>) {
    let text = text.into();
    if model.toast.as_ref().is_some_and(|toast| toast.error) {
        return log(model, &text);
    }
    model.toast = Some(Toast { text, ..Toast::default() });
}

/// Says that something went wrong; the whole text also goes to the log, the toast gets one line.
pub(super) fn complain(model: &mut Model, text: &str) {
    log(model, text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
    model.toast = Some(Toast { text: visible::text(first.trim()), error: true, waiting: None });
}

/// Says what was staged, and what now stands in the way of applying it.
pub(super) fn say_staged(model: &mut Model, text: &str) {
    let words = status(model).unwrap_or_default();
    say(model, format!("{text}.{words}"));
    if is_known(model) == Some(false)
        && let Some(toast) = model.toast.as_mut().filter(|toast| !toast.error)
    {
        toast.waiting = Some(text.to_owned());
    }
}

/// Once the plan is known, what was said while it was not is said with what stands in its way.
pub(super) fn settle(model: &mut Model) {
    if is_known(model) == Some(false) {
        return;
    }
    if let Some(text) = model.toast.as_mut().and_then(|toast| toast.waiting.take()) {
        say_staged(model, &text);
    }
}

fn is_known(model: &Model) -> Option<bool> {
    Some(model.plan.as_deref()?.state() != PlanState::Unknown)
}

/// A sentence with a blank before it on what stands in the way of the plan, if anything does.
pub(super) fn status(model: &Model) -> Option<String> {
    let plan = model.plan.as_deref()?;
    let collisions = model.keymap.name(Scope::Installed, Action::Collisions);
    match plan.state() {
        PlanState::Unknown => Some(" Checking what it would do…".to_owned()),
        PlanState::Blocked => {
            Some(format!(" {}: {collisions} shows ways out.", colliding(plan.collisions.blocking())))
        }
        PlanState::Nothing | PlanState::Impossible | PlanState::Ready => None,
    }
}

/// Adds a note to the log; what comes from outside is made visible here.
pub(super) fn log(model: &mut Model, text: &str) {
    let shown: Vec<String> = text.lines().map(visible::text).collect();
    if !shown.is_empty() {
        let dropped = model.log.push(LogEntry::note(&shown.join("\n"), model.now));
        command_log::lines_went(model, dropped);
    }
}

/// `bat`, `bat and jq`, `bat, jq and 3 more`.
pub(super) fn names(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| visible::text(name)).collect();
    match (shown.as_slice(), names.len()) {
        ([], _) => String::new(),
        ([one], 1) => one.clone(),
        ([one, two], 2) => format!("{one} and {two}"),
        ([one, two, three], 3) => format!("{one}, {two} and {three}"),
        ([one, two, ..], all) => format!("{one}, {two} and {} more", all - 2),
        ([one], all) => format!("{one} and {} more", all - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names_stay_short() {
        let list = |count: usize| (0..count).map(|index| format!("n{index}")).collect::<Vec<_>>();
        assert_eq!(names(&list(1)), "n0");
        assert_eq!(names(&list(2)), "n0 and n1");
        assert_eq!(names(&list(3)), "n0, n1 and n2");
        assert_eq!(names(&list(9)), "n0, n1 and 7 more");
    }
}
