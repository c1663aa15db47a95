//! `i` and `e` in pane 2: the two fields of an entry of the user's registry.
//!
//! What the entry would mean is told on every key (`overlays::registry_form`); accepting stages
//! it. An entry of another layer is overridden, so its name stays and only its target is asked.

use tui_input::Input;

use super::words::{say, say_staged};
use super::{planning, registry, registry_edits};
use crate::core::change::{Change, short_reference};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::Layer;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{EntryField, EntryForm, FormKind, Model, Overlay};

/// Opens the fields for a new entry.
pub(super) fn add(model: &mut Model) -> Vec<Effect> {
    open(model, FormKind::Add, ("", ""))
}

/// Opens the target of the entry under the cursor, or that of one to override it.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    let pane = &model.registry;
    let Some(row) = pane.selected() else { return Vec::new() };
    let Some((layer, from)) = pane.name_of(row) else { return Vec::new() };
    let to = pane.entry(row).map(|(_, entry)| entry.to.clone());
    let to = to.as_ref().map(short_reference).unwrap_or_default().to_owned();
    let kind = if layer == Layer::User { FormKind::Edit } else { FormKind::Override(layer) };
    open(model, kind, (short_reference(&from), &to))
}

/// Opens the target of an entry that is to override another.
pub(super) fn override_entry(
    model: &mut Model,
    (layer, from, to): (Layer, &FlakeRef, &FlakeRef),
) -> Vec<Effect> {
    open(model, FormKind::Override(layer), (short_reference(from), short_reference(to)))
}

fn open(model: &mut Model, kind: FormKind, (from, to): (&str, &str)) -> Vec<Effect> {
    let field = if kind == FormKind::Add { EntryField::From } else { EntryField::To };
    let (from, to) = (Input::new(from.to_owned()), Input::new(to.to_owned()));
    model.overlays.push(Overlay::Entry(EntryForm { kind, field, from, to }));
    Vec::new()
}

/// Goes to the other field, or stages the entry.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Entry(form)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down | Action::Up if form.kind == FormKind::Add => form.turn(),
        Action::Down | Action::Up => say(model, "What is replaced stays; only by what is asked for here."),
        Action::Accept if form.field == EntryField::From && form.to.value().trim().is_empty() => form.turn(),
        Action::Accept => return accept(model),
        _ => {}
    }
    Vec::new()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Entry(form)) = model.overlays.last_mut() else { return Vec::new() };
    let (from, to) = match (form.read(EntryField::From), form.read(EntryField::To)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(reason), _) => {
            form.field = if form.kind == FormKind::Add { EntryField::From } else { EntryField::To };
            return refuse(model, &reason);
        }
        (_, Err(reason)) => {
            form.field = EntryField::To;
            return refuse(model, &reason);
        }
    };
    let Some(plan) = model.plan.as_ref().and_then(|plan| plan.registry.clone()) else { return Vec::new() };
    let name = (Layer::User, from.with_dir(b""));
    let change = Change::RegistryAdd { from: from.clone(), to };
    model.transaction.restage_registry(plan.user_before(), &[], vec![change]);
    model.overlays.pop();
    let effects = planning::replan(model);
    registry::clear_filter(model);
    registry::point_at_name(model, &name);
    let word = if model.registry.staged.contains_key(&name.1) { "Staged: " } else { "As it is already: " };
    let text = match registry_edits::overruled(model, &from) {
        Some(words) => visible::text(words.trim_start_matches("; ")),
        None => registry_edits::meaning(model, &from),
    };
    say_staged(model, &format!("{word}{text}"));
    effects
}

fn refuse(model: &mut Model, reason: &str) -> Vec<Effect> {
    say(model, format!("Not staged: {reason}."));
    Vec::new()
}
