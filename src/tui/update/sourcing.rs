//! `e` in Installed: another flake for an element, or for all that follow the same reference; pins,
//! and the way back from one; a flake for what came from none.
//!
//! All of it is staged as one step and asked of its flakes at once. What cannot be is unstaged by
//! itself, as an upgrade is ([`settle`]), and its row tells why.

use tui_input::Input;

use super::cursor::{self, Move};
use super::words::{log, names, say};
use super::{in_front, installed, planning, staging, upgrading};
use crate::core::change::{Change, short_reference};
use crate::core::counting::counted;
use crate::core::difference::outputs_words;
use crate::core::evaluation::Question;
use crate::core::flake_ref::FlakeRef;
use crate::core::installable::Installable;
use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::plan::Plan;
use crate::core::upgrade;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Follower, ListCursor, Model, Overlay, SourceForm, SourceOffer, SourcePlace};
use crate::tui::overlays::source::rows_shown;
use crate::tui::panes::element::versions;

/// Why the form would not open.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let row = installed::under_cursor(model)?;
    let name = visible::text(&row.name);
    if staging::is_removed(row) {
        let remove = model.keymap.name(Scope::Installed, Action::Remove);
        return Some(format!("{name} is staged for removal; {remove} takes that back."));
    }
    if row.package().is_some() {
        let palette = model.keymap.name(Scope::Installed, Action::Palette);
        return Some(format!(
            "{name} is a package of nix-env, which records no source; 'convert' in {palette} lets it have one."
        ));
    }
    let is_new = row.before.is_none();
    is_new.then(|| format!("{name} is not installed yet; drop it and add it from where it should come."))
}

/// Opens the form for the element under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(row) = installed::under_cursor(model) else { return Vec::new() };
    let (name, Some(element)) = (row.name.clone(), row.before.clone()) else { return Vec::new() };
    let along = followers(model, &name, &element);
    let own = along.iter().find(|follower| follower.name == name);
    let mut offers = Vec::new();
    if own.is_some_and(|own| own.pin.is_ok()) {
        offers.push(SourceOffer::Pin);
    }
    if own.is_some_and(|own| own.unpin.is_ok()) {
        offers.push(SourceOffer::Unpin);
    }
    if attached(model, &name).is_some() {
        offers.push(SourceOffer::NoSource);
    }
    let staged = staged_reference(model, &name);
    let followed = element.source.as_ref().map(|source| short(&source.original_url));
    let to = Input::new(staged.or(followed).unwrap_or_default());
    let form = SourceForm { element: name, to, offers, along, cursor: ListCursor::default() };
    model.overlays.push(Overlay::Source(form));
    Vec::new()
}

/// The source that a conversion is to give the element.
fn attached(model: &Model, name: &str) -> Option<Change> {
    let is_it = |change: &&Change| matches!(change, Change::Attach { element, .. } if element == name);
    model.transaction.changes().iter().find(is_it).cloned()
}

/// What the element is staged to follow, or what that was tried with last.
fn staged_reference(model: &Model, name: &str) -> Option<String> {
    let changes = model.plan.as_ref()?.changes.iter();
    let mut staged = changes.filter_map(|change| match change {
        Change::Retarget { element, to } | Change::Attach { element, to } if element == name => {
            Some(to.clone())
        }
        _ => None,
    });
    staged.next_back().or_else(|| model.upgrades.tried.get(name).cloned())
}

fn short(reference: &str) -> String {
    FlakeRef::parse(reference)
        .map_or_else(|_| reference.to_owned(), |found| short_reference(&found).to_owned())
}

/// Those that follow the same reference, the element first; only that moves along until the user
/// says more.
fn followers(model: &Model, name: &str, element: &ProfileElement) -> Vec<Follower> {
    let (Some(plan), Some(loaded)) = (model.plan.as_deref(), model.loaded()) else { return Vec::new() };
    // Newest first: the last reference that moved is the one to go back to.
    let past: Vec<&ProfileManifest> =
        loaded.generations.iter().rev().filter_map(|found| found.manifest.as_deref().ok()).collect();
    let follower = |name: &String, element: &ProfileElement, along: bool| Follower {
        name: name.clone(),
        along,
        held: model.upgrades.held.contains(name),
        pin: upgrade::pin(name, element).ok_or_else(|| no_pin(element)),
        unpin: upgrade::unpin(name, element, past.iter().copied()).ok_or_else(|| no_unpin(element)),
    };
    let mut found = vec![follower(&name.to_owned(), element, true)];
    let Some(source) = &element.source else { return found };
    let others = plan.base.manifest.elements.iter().filter(|(other, element)| {
        let follows = element.source.as_ref().is_some_and(|it| it.original_url == source.original_url);
        *other != name && follows && plan.after.elements.contains_key(*other)
    });
    found.extend(others.map(|(other, element)| follower(other, element, false)));
    found
}

fn no_pin(element: &ProfileElement) -> &'static str {
    match &element.source {
        None => "came from no flake",
        Some(source) if source.is_locked() => "is locked already",
        Some(_) => "was made from a tree with changes, which has no lock",
    }
}

fn no_unpin(element: &ProfileElement) -> &'static str {
    match &element.source {
        Some(source) if source.is_locked() => "no generation has a reference of it that moves",
        _ => "is not locked",
    }
}

/// Moves, marks, accepts.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let size = model.size;
    let Some(Overlay::Source(form)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::MarkAll => {
            let all = form.along.iter().all(|follower| follower.along || follower.held);
            let element = form.element.clone();
            for follower in &mut form.along {
                follower.along = follower.name == element || !all && !follower.held;
            }
            if form.along.len() == 1 {
                say(model, "No other element follows the same reference.");
            }
        }
        Action::Mark => mark(model),
        Action::Accept => return accept(model),
        _ => {
            let (length, shown) = (form.length(), rows_shown(size, form));
            if let Some(step) = Move::of(action, shown) {
                form.cursor.selected = step.from(form.cursor.selected, length.saturating_sub(1));
                cursor::keep(&mut form.cursor, length, shown);
            }
        }
    }
    Vec::new()
}

fn mark(model: &mut Model) {
    let Some(Overlay::Source(form)) = model.overlays.last_mut() else { return };
    let SourcePlace::Element(follower) = form.place() else {
        return say(model, "Go down to an element to say whether it moves along.");
    };
    let name = follower.name.clone();
    for follower in form.along.iter_mut().filter(|follower| follower.name == name) {
        follower.along = !follower.along;
    }
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Source(form)) = model.overlays.last() else { return Vec::new() };
    let chosen: Vec<Follower> = form.along.iter().filter(|follower| follower.along).cloned().collect();
    if chosen.is_empty() {
        say(model, "No element is marked that would move.");
        return Vec::new();
    }
    let offer = match form.place() {
        SourcePlace::Offer(offer) => Some(offer.clone()),
        SourcePlace::Typed | SourcePlace::Element(_) => None,
    };
    match offer {
        Some(SourceOffer::Pin) => stage(model, &chosen, "pinned to what it has today", |it| it.pin.clone()),
        Some(SourceOffer::NoSource) => without_source(model),
        Some(SourceOffer::Unpin) => stage(model, &chosen, "let go again", |it| it.unpin.clone()),
        None => follow(model, &chosen),
    }
}

/// The element gets no source by the conversion.
fn without_source(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Source(form)) = model.overlays.pop() else { return Vec::new() };
    let Some(change) = attached(model, &form.element) else { return Vec::new() };
    model.transaction.unstage_change(&change);
    let effects = planning::replan(model);
    say(model, format!("{} gets no source.", visible::text(&form.element)));
    effects
}

/// What was typed is followed from now on.
fn follow(model: &mut Model, chosen: &[Follower]) -> Vec<Effect> {
    let Some(Overlay::Source(form)) = model.overlays.last() else { return Vec::new() };
    let to = form.to.value().trim().to_owned();
    let element = form.element.clone();
    let source = model.plan.as_ref().and_then(|plan| plan.base.manifest.elements.get(&element));
    let has_source = source.is_some_and(|element| element.source.is_some());
    if let Some(problem) = problem(&to, chosen.len(), has_source) {
        say(model, format!("Not staged: {problem}."));
        return Vec::new();
    }
    let words = format!("to follow {}", visible::text(&to));
    // What a conversion takes along is not upgraded by it.
    let keeps = model.plan.as_ref().is_some_and(|plan| plan.converts());
    if keeps {
        model.upgrades.proposed.remove(&element);
    }
    stage(model, chosen, &words, |follower| {
        let (element, to) = (follower.name.clone(), to.clone());
        Ok(if keeps { Change::Attach { element, to } } else { Change::Retarget { element, to } })
    })
}

/// What is wrong with a reference as typed, for so many elements.
pub fn problem(typed: &str, elements: usize, has_source: bool) -> Option<String> {
    if typed.is_empty() {
        return Some("the reference is missing".to_owned());
    }
    if typed.starts_with(['.', '~']) {
        return Some(format!("'{typed}': a path is written whole, from / on"));
    }
    let installable = Installable::flake(typed);
    let parts = match installable.parts() {
        Ok(parts) => parts,
        Err(error) => return Some(error.to_string()),
    };
    if let Err(error) = FlakeRef::parse(parts.reference) {
        return Some(error.to_string());
    }
    if typed.contains('#') && elements > 1 {
        return Some(format!("'{typed}' names one package, and {elements} elements would become it"));
    }
    (!typed.contains('#') && !has_source)
        .then(|| "it came from no flake: name the package too, as in nixpkgs#hello".to_owned())
}

/// Stages a change for each that has one, as one step.
fn stage(
    model: &mut Model,
    chosen: &[Follower],
    deed: &str,
    change: impl Fn(&Follower) -> Result<Change, &'static str>,
) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let (mut changes, mut left) = (Vec::new(), Vec::new());
    for follower in chosen {
        match change(follower) {
            Ok(change) => changes.push(change),
            Err(reason) => left.push(format!("{} {reason}", follower.name)),
        }
    }
    let moved: Vec<String> = changes.iter().filter_map(Change::element).map(str::to_owned).collect();
    let before = model.transaction.changes().to_vec();
    forget_answers(model, &changes);
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    model.overlays.pop();
    if model.transaction.changes() == before {
        say(
            model,
            format!("{} {} that already.", names(&moved), if moved.len() == 1 { "does" } else { "do" }),
        );
        return Vec::new();
    }
    for name in &moved {
        model.upgrades.found.remove(name);
        model.upgrades.tried.remove(name);
        model.upgrades.checking.remove(name);
    }
    model.upgrades.moving.extend(moved.iter().cloned());
    let effects = planning::replan(model);
    let rest = if left.is_empty() { String::new() } else { format!(" Not {}.", left.join(", not ")) };
    say(model, format!("Staged: {} {deed}; asking what it has…{rest}", names(&moved)));
    effects
}

/// What failed before may work now.
fn forget_answers(model: &mut Model, changes: &[Change]) {
    let references: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Retarget { to, .. } | Change::Attach { to, .. } => {
                Some(to.split('#').next().unwrap_or(to))
            }
            _ => None,
        })
        .collect();
    let failed = |question: &Question| references.contains(&question.reference.as_str());
    std::sync::Arc::make_mut(&mut model.facts)
        .evaluations
        .retain(|question, answer| answer.is_ok() || !failed(question));
}

fn is_of(change: &Change, elements: &[String]) -> bool {
    let is_ours = matches!(change, Change::Retarget { .. } | Change::Attach { .. } | Change::Outputs { .. });
    is_ours && change.element().is_some_and(|element| elements.iter().any(|name| name == element))
}

/// Tells what became of what was staged here, once all have answered; what cannot be is unstaged.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone().filter(|_| !model.upgrades.moving.is_empty()) else {
        return Vec::new();
    };
    let is_staged =
        |name: &String| plan.changes.iter().any(|change| is_of(change, std::slice::from_ref(name)));
    model.upgrades.moving.retain(is_staged);
    let needs = &plan.needs;
    if needs.asks_packages() || needs.registries || !needs.locks.is_empty() {
        return Vec::new();
    }
    let moved = std::mem::take(&mut model.upgrades.moving);
    let mut failed = Vec::new();
    for name in &moved {
        let Some(left) = plan.left.iter().find(|left| left.element == *name) else { continue };
        log(model, &left.message);
        in_front::failed(model, &plan, name, left.reason);
        model.upgrades.found.insert(name.clone(), upgrading::failed(left));
        if let Some(tried) = staged_reference(model, name) {
            model.upgrades.tried.insert(name.clone(), tried);
        }
        failed.push((name.clone(), left.message.clone()));
    }
    if moved.is_empty() {
        return Vec::new();
    }
    say(model, words(model, &plan, &moved.into_iter().collect::<Vec<_>>(), &failed));
    if failed.is_empty() {
        return Vec::new();
    }
    let of: Vec<String> = failed.into_iter().map(|(name, _)| name).collect();
    model.transaction.withdraw(&|change| is_of(change, &of));
    let before = model.revision;
    let effects = planning::replan(model);
    planning::keep_review(model, before);
    installed::arrange(model);
    effects
}

/// What was learnt of those that were staged.
fn words(model: &Model, plan: &Plan, moved: &[String], failed: &[(String, String)]) -> String {
    let details = model.keymap.name(Scope::Installed, Action::Details);
    match (moved, failed) {
        ([_], [(_, message)]) => {
            let first = message.lines().next().unwrap_or_default();
            return format!("Not staged: {} ({details} tells all)", visible::text(first));
        }
        ([name], []) => return format!("Staged: {}.", one(plan, name)),
        _ => {}
    }
    let paths = |element: &Option<ProfileElement>| element.as_ref().map(|it| it.store_paths.clone());
    let changed = plan.elements.iter().filter(|row| {
        let is_one = moved.contains(&row.name) && !failed.iter().any(|(name, _)| *name == row.name);
        is_one && paths(&row.before) != paths(&row.after)
    });
    let (staged, other) = (moved.len() - failed.len(), changed.count());
    let same = staged - other;
    let mut parts =
        vec![format!("{}: {other} with other packages, {same} with the same", counted(staged, "element"))];
    if !failed.is_empty() {
        let of: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
        parts.push(format!("{} cannot and stay as they are ({})", failed.len(), names(&of)));
    }
    format!("Staged: {}.", parts.join("; "))
}

/// `bat follows flake:nixpkgs, 0.24.0 → 0.25.0`, or that the package is the very same.
fn one(plan: &Plan, name: &str) -> String {
    let shown = visible::text(name);
    let Some(row) = plan.elements.iter().find(|row| row.name == name) else { return shown };
    let (Some(before), Some(after)) = (&row.before, &row.after) else { return shown };
    let reference = |element: &ProfileElement| element.source.as_ref().map(|it| it.original_url.clone());
    if row.only_chooses_outputs() {
        return format!("{shown} with {}", outputs_words(Some(before), Some(after)));
    }
    let follows = match reference(after) {
        Some(now) if reference(before).as_ref() != Some(&now) => {
            format!("{shown} follows {}", visible::text(&short(&now)))
        }
        _ => shown,
    };
    if before.store_paths == after.store_paths {
        return format!("{follows}, with the very package that is installed");
    }
    match versions(Some(before), Some(after)) {
        (old, Some(new)) => format!("{follows}, {old} {} {new}", crate::tui::theme::ARROW),
        (version, None) => format!("{follows}, {version} with other store paths"),
    }
}
