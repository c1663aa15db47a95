//! What the staged edits make of the user's registry, and by which registries names are looked up.
//!
//! Edits are carried out in order, each on what the ones before it left; a pin waits for what its
//! name means then to be locked. All of them together decide how the staged additions resolve,
//! wherever these stand among the changes. Nothing of it makes a generation.

use std::sync::Arc;

use super::{Left, LeftReason};
use crate::core::change::{Change, short_reference};
use crate::core::facts::{Facts, KnownRegistries};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::edit::{EditError, Overruled, RegistryEdit, SettledEdit};
use crate::core::registry::{Hop, Layer, LookUpError, Reach, Registries, Registry};

/// The registries of a plan.
#[derive(Clone, Debug)]
pub struct RegistryPlan {
    /// As they are.
    pub before: Arc<KnownRegistries>,
    /// As they would be.
    pub after: Arc<Registries>,
    /// The staged edits, in order.
    pub edits: Vec<PlannedEdit>,
}

/// A staged edit of the user's registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEdit {
    /// Its index in [`super::Plan::changes`].
    pub change: usize,
    /// What is asked for.
    pub edit: RegistryEdit,
    /// What decides about the name without the plan, if anything does.
    pub before: Option<Hop>,
    /// What decides about it with the whole plan.
    pub after: Option<Hop>,
    /// How far it is.
    pub outcome: EditOutcome,
    /// What decides about the name with the whole plan, if not the entry that is written.
    pub overruled: Option<Overruled>,
}

impl PlannedEdit {
    /// What the name leads to, and which layer says so: before, or after the plan.
    fn says(hop: Option<&Hop>) -> Option<(&FlakeRef, Layer)> {
        hop.map(|hop| (&hop.after, hop.entry.layer))
    }

    /// What the name leads to without the plan, and which layer says so.
    pub fn said(&self) -> Option<(&FlakeRef, Layer)> {
        Self::says(self.before.as_ref())
    }

    /// What the name leads to with the plan, and which layer says so; if another entry decides in the
    /// place of the one that is written, still what is written.
    pub fn will_say(&self) -> Option<(&FlakeRef, Layer)> {
        if let (Some(_), EditOutcome::Settled(SettledEdit::Set { to, .. })) = (&self.overruled, &self.outcome)
        {
            return Some((to, Layer::User));
        }
        Self::says(self.after.as_ref())
    }

    /// Whether it is a pin on something that is not locked, and will mean something else one day.
    pub fn is_loose(&self) -> bool {
        let EditOutcome::Settled(SettledEdit::Set { to, .. }) = &self.outcome else { return false };
        matches!(self.edit, RegistryEdit::Pin { .. }) && !to.is_locked(true)
    }
}

/// How far a staged edit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// Nothing is missing.
    Settled(SettledEdit),
    /// This is still to be locked.
    Locking(FlakeRef),
    /// It cannot be carried out: why, in words.
    Refused(String),
}

/// The user's registry by which installables are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum LookedUpBy {
    /// The one on disk.
    #[default]
    Disk,
    /// One of this text.
    Edited(Arc<str>),
    /// Not known before the edits are settled.
    Waits,
}

/// What planning the registry edits gives.
pub(super) struct RegistryFold {
    pub plan: Option<Arc<RegistryPlan>>,
    pub by: LookedUpBy,
    pub left: Vec<Left>,
    /// What is to be locked.
    pub locks: Vec<FlakeRef>,
    /// Whether the registries are to be read.
    pub read: bool,
}

impl RegistryPlan {
    /// The user's registry as it is.
    pub fn user_before(&self) -> &Registry {
        self.before.registries.layer(Layer::User)
    }

    /// The user's registry as it would be.
    pub fn user_after(&self) -> &Registry {
        self.after.layer(Layer::User)
    }

    /// Whether the user's registry would be another.
    pub fn changes(&self) -> bool {
        self.user_before() != self.user_after()
    }

    /// The text of the user's registry as it would be, by which names are looked up; `None` if it stays.
    pub fn edited_text(&self) -> Option<Arc<str>> {
        self.changes().then(|| self.user_after().to_text().ok().map(Arc::from)).flatten()
    }

    /// Carries the edits out on the registry that stands there now, should another program have
    /// changed it. What is gone already need not be removed.
    pub fn on(&self, now: &Registry) -> Result<Registry, EditError> {
        let mut registry = now.clone();
        for edit in &self.edits {
            let EditOutcome::Settled(settled) = &edit.outcome else { continue };
            match settled.carry_out(&mut registry) {
                Ok(()) | Err(EditError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(registry)
    }

    /// The replacements that decide what is fetched for a reference, with the plan. None for a
    /// reference that says itself where it leads, or leads nowhere.
    pub fn way(&self, reference: &FlakeRef) -> Vec<Hop> {
        let found = self.after.look_up_to_fetch(reference, self.before.reach);
        found.map(|found| found.hops).unwrap_or_default()
    }

    /// The same in words: `nixpkgs → github:NixOS/nixpkgs/nixos-unstable (user registry)`.
    /// `shown` prints what a name leads to.
    pub fn way_words(&self, reference: &FlakeRef, shown: fn(&FlakeRef) -> String) -> Option<String> {
        let way = self.way(reference);
        let hop = |hop: &Hop| match hop.entry.layer {
            Layer::CommandLine => format!(" → {} (--override-flake)", shown(&hop.after)),
            layer => format!(" → {} ({} registry)", shown(&hop.after), layer.name()),
        };
        let words: String = way.iter().map(hop).collect();
        (!way.is_empty()).then(|| format!("{}{words}", short_reference(reference)))
    }

    /// What the names in the staged additions lead to, in words, each once.
    pub fn names_in_additions(&self, changes: &[Change], shown: fn(&FlakeRef) -> String) -> Vec<String> {
        let mut names: Vec<FlakeRef> = Vec::new();
        for name in changes.iter().filter_map(Change::name_to_look_up) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.iter().filter_map(|name| self.way_words(name, shown)).collect()
    }
}

/// Plans the edits among the changes.
pub(super) fn fold(changes: &[Change], facts: &Facts) -> RegistryFold {
    let edits: Vec<(usize, RegistryEdit)> = changes
        .iter()
        .enumerate()
        .filter_map(|(index, change)| Some((index, change.registry_edit()?)))
        .collect();
    let mut fold = RegistryFold {
        plan: None,
        by: LookedUpBy::Disk,
        left: Vec::new(),
        locks: Vec::new(),
        read: facts.registries.is_none() && !edits.is_empty(),
    };
    let Some(known) = &facts.registries else {
        if fold.read {
            fold.by = LookedUpBy::Waits;
        }
        return fold;
    };
    let mut after = known.registries.clone();
    let outcomes: Vec<EditOutcome> =
        edits.iter().map(|(_, edit)| carry_out(edit, &mut after, known, facts)).collect();
    fold.note(&edits, &outcomes);
    fold.by = looked_up_by(&outcomes, known, &after, &mut fold.left);
    let planned = edits.into_iter().zip(outcomes).map(|((change, edit), outcome)| PlannedEdit {
        before: decider(&known.registries, edit.from()),
        after: decider(&after, edit.from()),
        overruled: overruled(&outcome, &after),
        change,
        edit,
        outcome,
    });
    let planned = planned.collect();
    fold.plan =
        Some(Arc::new(RegistryPlan { before: Arc::clone(known), after: Arc::new(after), edits: planned }));
    fold
}

impl RegistryFold {
    /// Notes what is to be learnt and what was refused.
    fn note(&mut self, edits: &[(usize, RegistryEdit)], outcomes: &[EditOutcome]) {
        for ((_, edit), outcome) in edits.iter().zip(outcomes) {
            match outcome {
                EditOutcome::Settled(_) => {}
                EditOutcome::Locking(target) if self.locks.contains(target) => {}
                EditOutcome::Locking(target) => self.locks.push(target.clone()),
                EditOutcome::Refused(reason) => self.left.push(Left {
                    element: short_reference(edit.from()).to_owned(),
                    reason: LeftReason::Registry,
                    message: reason.clone(),
                }),
            }
        }
    }
}

/// Makes one edit in the user's layer.
fn carry_out(
    edit: &RegistryEdit,
    registries: &mut Registries,
    known: &KnownRegistries,
    facts: &Facts,
) -> EditOutcome {
    let problem = known.problem.as_deref().map(str::to_owned);
    let none = || known.file.is_none().then(|| "this store has no registry of your own".to_owned());
    if let Some(problem) = problem.or_else(none) {
        return EditOutcome::Refused(problem);
    }
    let target = match edit.to_lock(registries, Some(Layer::User)) {
        Ok(target) => target,
        Err(error) => return EditOutcome::Refused(error.to_string()),
    };
    let locked = match target {
        None => None,
        Some(target) => match facts.locks.get(&target) {
            Some(Ok(locked)) => Some(locked),
            Some(Err(reason)) => return EditOutcome::Refused(reason.to_string()),
            None => return EditOutcome::Locking(target),
        },
    };
    let user = registries.layer_mut(Layer::User);
    let edited = edit.settled(locked).map(|settled| settled.carry_out(user).map(|()| settled));
    match edited {
        Some(Ok(settled)) => EditOutcome::Settled(settled),
        Some(Err(error)) => EditOutcome::Refused(error.to_string()),
        // Only a pin without its lock.
        None => EditOutcome::Refused("it is not locked".to_owned()),
    }
}

fn looked_up_by(
    outcomes: &[EditOutcome],
    known: &KnownRegistries,
    after: &Registries,
    left: &mut Vec<Left>,
) -> LookedUpBy {
    if outcomes.iter().any(|outcome| !matches!(outcome, EditOutcome::Settled(_))) {
        return LookedUpBy::Waits;
    }
    let user = after.layer(Layer::User);
    if user == known.registries.layer(Layer::User) || known.reach == Reach::Nothing {
        return LookedUpBy::Disk;
    }
    match user.to_text() {
        Ok(text) => LookedUpBy::Edited(Arc::from(text)),
        Err(error) => {
            let element = known.file.as_deref().unwrap_or_default().to_owned();
            left.push(Left { element, reason: LeftReason::Registry, message: error.to_string() });
            LookedUpBy::Waits
        }
    }
}

fn overruled(outcome: &EditOutcome, after: &Registries) -> Option<Overruled> {
    let EditOutcome::Settled(settled) = outcome else { return None };
    settled.overruled(after, Layer::User)
}

/// The first replacement of a name: which entry has the say.
fn decider(registries: &Registries, from: &FlakeRef) -> Option<Hop> {
    let found = registries.look_up(from, Reach::All);
    let hops = found.as_ref().map_or_else(LookUpError::hops, |found| &found.hops);
    hops.first().cloned()
}

#[cfg(test)]
mod tests;
