//! `t`: where a reference leads, told anew on every key.
//!
//! ↑ and ↓ put known names into the field, and back what was typed. Nothing is looked up but in
//! the registries as they would be.

use tui_input::Input;

use super::cursor::Move;
use super::{panes, registry, words};
use crate::core::flake_ref::FlakeRef;
use crate::core::manifest::ElementSource;
use crate::core::registry::{Reach, Registries};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, Pane, TraceAnswer, TraceScreen};
use crate::tui::panes::details::selected_element;
use crate::tui::panes::registry::short;
use crate::tui::view::max_scroll;

/// Opens the field with the reference that the row is about.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let about = subject(model).unwrap_or_default();
    model.overlays.push(Overlay::Trace(TraceScreen { input: Input::new(about), ..TraceScreen::default() }));
    typed(model);
    // What stands there was not typed: the other names stay in reach.
    let names = known_names(model);
    if let Some(Overlay::Trace(screen)) = model.overlays.last_mut() {
        screen.chosen = names.iter().position(|name| name == screen.input.value());
        screen.names = names;
    }
    Vec::new()
}

/// What the row's entry replaces, or what its element follows.
fn subject(model: &Model) -> Option<String> {
    if model.list == Pane::Registry {
        let (_, entry) = model.registry.entry(model.registry.selected()?)?;
        return Some(short_name(&entry.from));
    }
    if model.list != Pane::Installed {
        return None;
    }
    let row = selected_element(model, model.plan.as_deref()?)?;
    let source = row.after.as_ref().or(row.before.as_ref())?.source.as_ref()?;
    FlakeRef::parse(&source.original_url).ok().map(|reference| short_name(&reference))
}

/// As one would type it: a name without `flake:`, anything else as it is.
fn short_name(reference: &FlakeRef) -> String {
    if reference.is_indirect() { short(reference) } else { reference.to_string() }
}

/// Why there is nothing to trace in.
pub(super) fn why_off(model: &Model) -> Option<String> {
    model.registry.loaded().is_none().then(|| "The registries have not been read.".to_owned())
}

/// Names, scrolling, and Enter, which goes to the entry that decides first.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let limit = max_scroll(model);
    let Some(Overlay::Trace(screen)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down | Action::Up => {
            let next = neighbour(screen, action == Action::Down);
            take(model, next);
        }
        Action::ScrollDown => screen.scroll = Move::Down(3).from(screen.scroll, limit),
        Action::ScrollUp => screen.scroll = Move::Up(3).from(screen.scroll, limit),
        Action::Accept => go_to_entry(model),
        _ => {}
    }
    Vec::new()
}

/// A known name was clicked.
pub(super) fn choose(model: &mut Model, name: usize) {
    take(model, Some(name));
}

fn neighbour(screen: &TraceScreen, down: bool) -> Option<usize> {
    match (screen.chosen, down) {
        (None, true) => (!screen.names.is_empty()).then_some(0),
        (None, false) => screen.names.len().checked_sub(1),
        (Some(name), true) => Some(name + 1).filter(|name| *name < screen.names.len()),
        (Some(name), false) => name.checked_sub(1),
    }
}

/// Puts a name into the field, or what was typed.
fn take(model: &mut Model, name: Option<usize>) {
    let Some(Overlay::Trace(screen)) = model.overlays.last_mut() else { return };
    let text = name.and_then(|name| screen.names.get(name)).unwrap_or(&screen.typed).clone();
    (screen.chosen, screen.input) = (name, Input::new(text));
    refresh(model);
}

/// The text has changed.
pub(super) fn typed(model: &mut Model) {
    let names = known_names(model);
    let Some(Overlay::Trace(screen)) = model.overlays.last_mut() else { return };
    screen.typed = screen.input.value().to_owned();
    screen.chosen = None;
    let wanted = screen.typed.trim().to_lowercase();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for name in names {
        let lower = name.to_lowercase();
        match lower.find(&wanted) {
            Some(0) => first.push(name),
            Some(_) => rest.push(name),
            None => {}
        }
    }
    first.append(&mut rest);
    screen.names = first;
    refresh(model);
}

/// What registries replace and what elements follow, each once, in the order in which entries are
/// tried.
fn known_names(model: &Model) -> Vec<String> {
    let registries = model.registry.registries();
    let entries = registries.into_iter().flat_map(Registries::entries);
    let replaced = entries.map(|(_, entry)| short_name(&entry.from));
    let elements = model.plan.iter().flat_map(|plan| plan.after.elements.values());
    let sources = elements.filter_map(|element| element.source.as_ref());
    let mut urls: Vec<&str> = sources.map(|source| source.original_url.as_str()).collect();
    urls.sort_unstable();
    urls.dedup();
    let followed = urls.into_iter().filter_map(|url| FlakeRef::parse(url).ok());
    let mut seen = std::collections::HashSet::new();
    replaced.chain(followed.map(|url| short_name(&url))).filter(|name| seen.insert(name.clone())).collect()
}

/// Traces what stands in the field, if the field is open.
pub(super) fn refresh(model: &mut Model) {
    let Some(Overlay::Trace(screen)) = model.overlays.last() else { return };
    let answer = answer(model, screen.input.value().trim());
    let followers = match &answer {
        TraceAnswer::Traced(trace) => followers(model, &trace.asked),
        TraceAnswer::Nothing | TraceAnswer::Unreadable(_) => Vec::new(),
    };
    if let Some(Overlay::Trace(screen)) = model.overlays.last_mut() {
        (screen.answer, screen.followers, screen.scroll) = (answer, followers, 0);
    }
}

fn answer(model: &Model, text: &str) -> TraceAnswer {
    let Some(registries) = model.registry.registries().filter(|_| !text.is_empty()) else {
        return TraceAnswer::Nothing;
    };
    match FlakeRef::parse_with_fragment(text) {
        Ok((reference, _)) => TraceAnswer::Traced(Box::new(registries.trace(&reference, Reach::All))),
        Err(error) => TraceAnswer::Unreadable(error.to_string()),
    }
}

/// The elements whose own reference is this one or comes to it on its way.
fn followers(model: &Model, asked: &FlakeRef) -> Vec<String> {
    let (Some(registries), Some(plan)) = (model.registry.registries(), model.plan.as_deref()) else {
        return Vec::new();
    };
    let mut known = std::collections::HashMap::new();
    let mut passes = |source: &ElementSource| -> bool {
        *known.entry(source.original_url.clone()).or_insert_with_key(|url| {
            let Ok(reference) = FlakeRef::parse(url) else { return false };
            // What is direct is fetched as it is.
            if reference.is_indirect() {
                return registries.trace(&reference, Reach::All).passes(asked);
            }
            reference.same_input(asked)
        })
    };
    let elements = plan.after.elements.iter();
    let passing = elements.filter(|(_, element)| element.source.as_ref().is_some_and(&mut passes));
    passing.map(|(name, _)| name.clone()).collect()
}

/// Closes the field and puts the cursor on the entry that decides first.
fn go_to_entry(model: &mut Model) {
    let Some(Overlay::Trace(TraceScreen { answer: TraceAnswer::Traced(trace), .. })) = model.overlays.last()
    else {
        return words::say(model, "Type a reference, like nixpkgs or nixpkgs/nixos-26.05.");
    };
    let Some(entry) = trace.hops.first().map(|hop| hop.entry) else {
        return words::say(model, "No entry decides about it, so there is none to go to.");
    };
    model.overlays.pop();
    panes::focus(model, Pane::Registry);
    registry::clear_filter(model);
    registry::point_at(model, entry);
}
