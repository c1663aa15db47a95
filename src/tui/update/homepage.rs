//! `o`: the homepage of the element under the cursor, in the desktop's browser.
//!
//! Finding it out may take an evaluation, so that is done on the key only, and once. Where no
//! desktop is, as over ssh, the address goes to the terminal's clipboard.

use super::words::{self, complain, say};
use super::{copying, preview};
use crate::core::link_tree::Node;
use crate::core::manifest::ElementSource;
use crate::core::plan::{Plan, PlannedElement};
use crate::core::visible;
use crate::system::opener::Opened;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model, Pane, PreviewTab, TreeLineKind};
use crate::tui::panes::details::selected_element;

/// Opens the page, or finds out first which it is.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Ok((name, source)) = subject(model) else { return Vec::new() };
    if let Some(address) = model.homepages.of(&source) {
        return vec![Effect::OpenPage(address.to_owned())];
    }
    let options = model.options.of_questions().of(Some(&name), &source.original_url);
    model.homepages.sought = Some((name, source.clone()));
    if model.job.is_none() {
        model.job = Some(Job::new(JobKind::Homepage, model.now));
    }
    vec![Effect::FindHomepage(source, options)]
}

/// Why no page can be opened now.
pub(super) fn why_off(model: &Model) -> Option<String> {
    if let Some((name, _)) = &model.homepages.sought {
        let cancel = model.keymap.name(Scope::Always, Action::Interrupt);
        let name = visible::text(name);
        return Some(format!("The homepage of {name} is being looked up; {cancel} stops it."));
    }
    subject(model).err()
}

/// The element that the cursor is about, with where it comes from.
fn subject(model: &Model) -> Result<(String, ElementSource), String> {
    let plan = model.plan.as_deref().ok_or("Still reading the profile.")?;
    if model.list != Pane::Installed {
        let installed = model.keymap.name(Scope::Main, Action::FocusInstalled);
        return Err(format!("Only elements have a homepage; {installed} shows them."));
    }
    let element = element(model, plan)?;
    let name = visible::text(&element.name);
    let entry = element.after.as_ref().or(element.before.as_ref());
    let entry = entry.ok_or_else(|| format!("{name} has not been looked up yet."))?;
    let source = entry.source.clone();
    let source = source.ok_or_else(|| {
        format!("Nobody knows where {name} comes from: it was not added from a flake, so it has no homepage.")
    })?;
    Ok((element.name.clone(), source))
}

/// In the tree the one that provides the line.
fn element<'a>(model: &'a Model, plan: &'a Plan) -> Result<&'a PlannedElement, String> {
    let on_tree = model.focus == Pane::Preview && model.preview.tab == PreviewTab::Tree;
    if !on_tree {
        return selected_element(model, plan).ok_or_else(|| "No element is shown.".to_owned());
    }
    let line = preview::under_cursor(model).ok_or("The tree is empty.")?;
    if !matches!(line.kind, TreeLineKind::Link { .. }) {
        return Err("A folder comes from several elements; put the cursor on a link.".to_owned());
    }
    let owner = [&plan.tree_after, &plan.tree_before].into_iter().find_map(|tree| {
        let Node::Link(found) = tree.get(&line.path)? else { return None };
        plan.element_of(&found.package).or_else(|| plan.element_before(&found.package))
    });
    let found = owner.and_then(|owner| plan.elements.iter().find(|element| element.name == owner));
    found.ok_or_else(|| "This comes along with another package; no element has it by itself.".to_owned())
}

/// The page was found out, or not.
pub(super) fn found(model: &mut Model, answer: Result<Option<String>, String>) -> Vec<Effect> {
    let cancelled = finish(model);
    let Some((name, source)) = model.homepages.sought.take() else { return Vec::new() };
    let name = visible::text(&name);
    match answer {
        Ok(Some(address)) => {
            model.homepages.learn(source, address.clone());
            return vec![Effect::OpenPage(address)];
        }
        Ok(None) => say(model, format!("{name} names no homepage.")),
        Err(_) if cancelled => say(model, "Stopped."),
        Err(text) => complain(model, &format!("The homepage of {name} could not be looked up: {text}")),
    }
    Vec::new()
}

/// The job has ended, and if something is still being learnt, that is the job again. Tells whether
/// it was cancelled.
fn finish(model: &mut Model) -> bool {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    if model.job.as_ref().is_some_and(|job| job.kind == JobKind::Homepage) {
        model.job = model.asked.is_some().then(|| Job::new(JobKind::Learn, model.now));
    }
    cancelled
}

/// The desktop has the page, or there is none.
pub(super) fn opened(model: &mut Model, address: String, answer: Result<Opened, String>) -> Vec<Effect> {
    let shown = visible::text(&address);
    match answer {
        Ok(Opened::Yes) => say(model, format!("Opened {shown}")),
        Ok(Opened::NoDesktop) => {
            let effects = copying::copy(model, address);
            if !effects.is_empty() {
                words::say(model, format!("No browser can be started here. To the clipboard: {shown}"));
            }
            return effects;
        }
        Err(text) => complain(model, &text),
    }
    Vec::new()
}
