//! Staging edits of the user's registry: removing, pinning, and what stands in the way of either.
//!
//! Only the user's registry is edited. An entry of another layer is overridden by one of the
//! user's own, which is tried before it.

use super::why_off::cannot_stage;
use std::sync::Arc;

use super::words::{complain, names, say_staged};
use super::{planning, questions, registry};
use crate::core::change::{Change, short_reference};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::trace::TraceEnd;
use crate::core::registry::{Entry, Layer, Reach};
use crate::core::visible;
use crate::system::registry_file::past::{self, Replaced};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{
    EntryName, Model, Question, RegistriesLoad, RegistryPane, RegistryRow, StagedEntry, StagedKind,
    StagedState,
};
use crate::tui::panes::registry::short;

/// Whom an action is for: the marked entries, else the cursor's; in the order of the rows.
pub(super) fn targets(model: &Model) -> Vec<EntryName> {
    let pane = &model.registry;
    if pane.marks.is_empty() {
        return registry::under_cursor(model).into_iter().collect();
    }
    pane.marks.iter().cloned().collect()
}

/// What is replaced by the targets of the user's own registry.
fn own_targets(model: &Model) -> Vec<FlakeRef> {
    let own = targets(model).into_iter().filter(|(layer, _)| *layer == Layer::User);
    own.map(|(_, from)| from).collect()
}

/// `d`: entries go, or a pin gives back what it replaced; if all of it is staged, that is taken back.
pub(super) fn remove(model: &mut Model) -> Vec<Effect> {
    let own = own_targets(model);
    if own.is_empty() {
        return offer_override(model);
    }
    let mut wanted = Wanted::default();
    for from in &own {
        wanted.removal(model, from);
    }
    let skipped = targets(model).len() - own.len();
    let text = wanted.stage(model, "remove");
    let effects = planning::replan(model);
    let mut text = visible::text(&text);
    let is_restored = text.ends_with("as before the pin");
    if let ([from], true) = (own.as_slice(), text.starts_with("Staged") && !is_restored) {
        text = format!("{text}; {}", meaning(model, from));
    }
    let no_say = own.iter().filter(|_| is_restored).filter_map(|from| overruled(model, from));
    text.push_str(&visible::text(&no_say.collect::<String>()));
    if skipped > 0 {
        text = format!("{text} ({skipped} marked not yours to remove)");
    }
    say_staged(model, &text);
    effects
}

/// `*`: names are pinned to what they mean today; if all are staged, that is taken back.
pub(super) fn pin(model: &mut Model) -> Vec<Effect> {
    let alone = model.registry.marks.is_empty();
    let mut froms: Vec<FlakeRef> = Vec::new();
    let mut overrides = false;
    for (layer, from) in targets(model) {
        if layer == Layer::CommandLine || froms.contains(&from) {
            continue;
        }
        overrides |= layer != Layer::User;
        froms.push(from);
    }
    let mut wanted = Wanted::default();
    for from in &froms {
        let to = replaced(&model.registry, from);
        wanted.toggle(model, Change::RegistryPin { from: from.clone(), to });
    }
    forget_locks(model, &wanted.fresh);
    let mut text = wanted.stage(model, "pin");
    let effects = planning::replan(model);
    if text.starts_with("Staged") {
        froms.iter().filter_map(|from| overruled(model, from)).for_each(|words| text.push_str(&words));
        if overrides {
            text.push_str(" in your own registry, which is tried first");
        }
        if let ([from], true) = (froms.as_slice(), alone) {
            registry::point_at_name(model, &(Layer::User, from.clone()));
        }
    }
    say_staged(model, &visible::text(&text));
    effects
}

/// What failed before may work now, and what was found out before may be another today.
fn forget_locks(model: &mut Model, pins: &[Change]) {
    let Some(plan) = model.registry.planned.clone() else { return };
    let edits = pins.iter().filter_map(Change::registry_edit);
    let asked: Vec<FlakeRef> =
        edits.filter_map(|edit| edit.to_lock(&plan.after, Some(Layer::User)).ok()?).collect();
    let facts = Arc::make_mut(&mut model.facts);
    facts.locks.retain(|target, lock| lock.is_ok() && !asked.contains(target));
}

/// The names whose pins are being looked up.
pub(super) fn waiting(model: &Model) -> Vec<FlakeRef> {
    let staged = model.registry.staged.iter();
    let waiting = staged.filter(|(_, staged)| staged.state == StagedState::Checking);
    waiting.map(|(from, _)| from.clone()).collect()
}

/// Says what became of pins that were looked up; tells whether there was something to say.
pub(super) fn tell_locked(model: &mut Model, waiting: &[FlakeRef]) -> bool {
    let (mut pinned, mut no_say, mut failed) = (Vec::new(), String::new(), None);
    for from in waiting {
        let name = visible::text(short_reference(from));
        match model.registry.staged.get(from).map(|staged| &staged.state) {
            Some(StagedState::Ready) => {
                pinned.push(pinned_words(model, from).unwrap_or(name));
                no_say.extend(overruled(model, from));
            }
            Some(StagedState::Failed(reason)) => failed = Some((name, reason.clone())),
            Some(StagedState::Checking) | None => {}
        }
    }
    if let Some((name, reason)) = failed {
        let undo = model.keymap.name(Scope::Registry, Action::Undo);
        complain(model, &format!("{name} cannot be pinned ({undo} takes it back): {reason}"));
        return true;
    }
    pinned.sort();
    if !pinned.is_empty() {
        say_staged(model, &format!("Staged: pin {}{}", names(&pinned), visible::text(&no_say)));
    }
    !pinned.is_empty()
}

/// What to say after what is staged for a name, if the entry will have no say.
pub(super) fn overruled(model: &Model, from: &FlakeRef) -> Option<String> {
    let name = from.with_dir(b"");
    let plan = model.registry.planned.as_deref()?;
    let edit = plan.edits.iter().rev().find(|edit| edit.edit.from().with_dir(b"") == name)?;
    Some(format!("; {}", edit.overruled.as_ref()?.words(short)))
}

/// `nixpkgs to 9f2c1de`
fn pinned_words(model: &Model, from: &FlakeRef) -> Option<String> {
    let user = model.registry.registries()?.layer(Layer::User);
    let entry = user.entries.iter().find(|entry| entry.from == *from)?;
    let revision = entry.to.revision()?;
    Some(format!("{} to {}", short_reference(from), revision.get(..7).unwrap_or(&revision)))
}

/// What is asked for, sorted by whether it is staged already.
#[derive(Default)]
struct Wanted {
    /// Not staged yet.
    fresh: Vec<Change>,
    /// Staged, as it is wanted.
    staged: Vec<Change>,
    /// Staged, and gone if the entry goes.
    dropped: Vec<Change>,
    names: Vec<String>,
}

impl Wanted {
    fn toggle(&mut self, model: &Model, change: Change) {
        let Some(from) = change.registry_edit().map(|edit| edit.from().clone()) else { return };
        self.names.push(short_reference(&from).to_owned());
        let last = model.transaction.registry_edits_of(&from).last();
        if last == Some(&change) { self.staged.push(change) } else { self.fresh.push(change) }
    }

    fn removal(&mut self, model: &Model, from: &FlakeRef) {
        let only_staged =
            |staged: &StagedEntry| matches!(staged.kind, StagedKind::Pinned) || !staged.was_there;
        if model.registry.staged.get(from).is_some_and(only_staged) {
            self.names.push(short_reference(from).to_owned());
            self.dropped.extend(model.transaction.registry_edits_of(from).cloned());
            return;
        }
        self.toggle(model, removal(&model.registry, from));
    }

    /// Stages what is fresh, or takes all back if nothing is.
    fn stage(self, model: &mut Model, verb: &str) -> String {
        let Some(plan) = model.plan.as_ref().and_then(|plan| plan.registry.clone()) else {
            return String::new();
        };
        let Self { fresh, staged, mut dropped, names: of } = self;
        let word = match (fresh.is_empty(), dropped.is_empty()) {
            (true, true) => "Taken back",
            (true, false) => "Dropped",
            (false, _) => "Staged",
        };
        let restored: Vec<String> = fresh.iter().filter_map(restored).collect();
        if fresh.is_empty() && dropped.is_empty() {
            dropped = staged;
        }
        model.transaction.restage_registry(plan.user_before(), &dropped, fresh);
        let what = match (word, verb) {
            ("Dropped", _) => format!("what was staged for {}", names(&of)),
            _ => format!("{verb} {}", names(&of)),
        };
        match restored.as_slice() {
            [one] if verb == "remove" && of.len() == 1 => format!("{word}: {one} again, as before the pin"),
            _ => format!("{word}: {what}"),
        }
    }
}

/// `mine → path:/src/mine`, of an edit that brings back what a pin replaced.
fn restored(change: &Change) -> Option<String> {
    let Change::RegistryAdd { from, to } = change else { return None };
    Some(format!("{} {} {}", short(from), crate::tui::theme::ARROW, short(to)))
}

/// What takes an entry away: a pin that replaced an entry gives it back.
fn removal(pane: &RegistryPane, from: &FlakeRef) -> Change {
    match replaced(pane, from) {
        Some(to) => Change::RegistryAdd { from: from.clone(), to },
        None => Change::RegistryRemove { from: from.clone() },
    }
}

/// What stood in the place of a pin of the user's registry, if the copies tell: removing the pin
/// brings it back, and moving the pin means what it means today.
fn replaced(pane: &RegistryPane, from: &FlakeRef) -> Option<FlakeRef> {
    let (loaded, plan) = (pane.loaded()?, pane.planned.as_deref()?);
    let same: Vec<&Entry> = plan.user_before().entries.iter().filter(|entry| entry.from == *from).collect();
    let [pin] = same.as_slice() else { return None };
    if !pin.to.is_pinned() {
        return None;
    }
    match past::replaced(&loaded.past, pin) {
        Replaced::Entry(to) => Some(to),
        Replaced::Nothing | Replaced::More | Replaced::Unknown => None,
    }
}

/// What a name means with the plan, in words: `nixpkgs then means github:NixOS/nixpkgs (global entry 7)`.
pub(super) fn meaning(model: &Model, from: &FlakeRef) -> String {
    let Some(registries) = model.registry.registries() else { return String::new() };
    let trace = registries.trace(from, Reach::All);
    let name = short(from);
    let by =
        trace.hops.first().map(|hop| format!(" ({} entry {})", hop.entry.layer.name(), hop.entry.index + 1));
    let by = by.unwrap_or_default();
    match &trace.end {
        TraceEnd::Direct(_) if trace.hops.is_empty() => format!("no entry replaces {name} then"),
        TraceEnd::Direct(result) => format!("{name} then means {}{by}", short(result)),
        TraceEnd::Unknown(unknown) => format!("no registry knows {} then", short(unknown)),
        TraceEnd::Circle(_) => format!("{name} then goes round in a circle{by}"),
        TraceEnd::Unfit { .. } => format!("{name} then leads to an entry that does not fit{by}"),
    }
}

/// The entry is not the user's: asks whether one of their own shall be tried before it.
fn offer_override(model: &mut Model) -> Vec<Effect> {
    let Some((id, entry)) = model.registry.selected().and_then(|row| model.registry.entry(row)) else {
        return Vec::new();
    };
    let question =
        Question::OverrideEntry { layer: id.layer, from: entry.from.clone(), to: entry.to.clone() };
    questions::ask(model, question)
}

/// Why an edit cannot be staged now.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    let loaded = match &model.registry.load {
        RegistriesLoad::Loaded(loaded) => loaded,
        RegistriesLoad::Loading => return Some("The registries are still being read.".to_owned()),
        RegistriesLoad::Failed(_) => return Some("The registries could not be read.".to_owned()),
    };
    if let Some(reason) = cannot_stage(model) {
        return Some(reason);
    }
    if loaded.file(Layer::User).is_none() {
        return Some("This store has no registry of your own.".to_owned());
    }
    if let Some(problem) = &loaded.user_problem {
        return Some(format!("Your registry cannot be changed: {}", visible::text(problem)));
    }
    match action {
        Action::AddEntry => None,
        _ => no_target(model, action),
    }
}

fn no_target(model: &Model, action: Action) -> Option<String> {
    let all = targets(model);
    if all.is_empty() {
        return Some(no_entry(model));
    }
    let is_own = |(layer, _): &EntryName| *layer == Layer::User;
    if all.iter().all(|(layer, _)| *layer == Layer::CommandLine) {
        let words = "It comes from --override-flake, which is tried before any entry of yours.";
        return Some(words.to_owned());
    }
    if action == Action::EditEntry && matches!(model.registry.selected(), Some(RegistryRow::Removed(_))) {
        let remove = model.keymap.name(Scope::Registry, Action::RemoveEntry);
        return Some(format!("It is staged for removal; {remove} takes that back."));
    }
    if action == Action::RemoveEntry && !model.registry.marks.is_empty() && !all.iter().any(is_own) {
        let close = model.keymap.name(Scope::Registry, Action::Close);
        return Some(format!("None of the marked entries is yours to remove; {close} clears the marks."));
    }
    None
}

/// Why there is nothing under the cursor that could be acted on.
pub(super) fn no_entry(model: &Model) -> String {
    let pane = &model.registry;
    let close = model.keymap.name(Scope::Registry, Action::Close);
    match pane.selected() {
        Some(RegistryRow::Problem(_)) => "This file is damaged; correct it first, by hand.".to_owned(),
        Some(RegistryRow::NotFetched) => {
            let fetch = model.keymap.name(Scope::Registry, Action::FetchRegistry);
            format!("The global registry is not here; {fetch} has nix fetch it.")
        }
        _ if pane.hidden > 0 => format!("No entry matches the filter; {close} clears it."),
        _ => {
            let add = model.keymap.name(Scope::Registry, Action::AddEntry);
            format!("There is no entry here; {add} adds one of your own.")
        }
    }
}
