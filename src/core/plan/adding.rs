//! Additions: what an installable makes of a profile.
//!
//! The rules are Nix's (`nix profile add`): the name is the base name or, if taken, `-1`, `-2`, …;
//! an element with the base name, the same original reference, attribute and priority counts as
//! already added, whatever its outputs; store paths and files never do.
//!
//! Nothing is realised to plan one. A store path says all itself; a package of a flake is
//! evaluated, as for an upgrade, so that its contents can be read from binary caches, and so are files
//! and expressions. Only what nobody can tell beforehand (outputs whose path depends on what is built)
//! is left to the store, which realises it first.

use std::sync::Arc;

use super::evaluating::{failed_build, to_realise};
use super::fold::Folded;
use super::registry::LookedUpBy;
use super::{Left, LeftReason, ToRealise};
use crate::core::change::Change;
use crate::core::evaluation::{ChoiceError, EvaluationFailure, Question};
use crate::core::facts::Facts;
use crate::core::flake_ref;
use crate::core::installable::{Installable, ResolvedInstallable, Sought};
use crate::core::manifest::{DEFAULT_PRIORITY, ExtendedOutputsSpec, ProfileElement};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::transaction::AddedName;

/// By what installables are understood.
pub(super) struct Surroundings<'a> {
    pub store_dir: &'a StoreDir,
    /// The registries by which names are looked up.
    pub by: &'a LookedUpBy,
}

impl Surroundings<'_> {
    /// The installable as it is to be asked for under the registries of the plan; `None` while these are
    /// not settled. A store path means the same under all of them.
    fn looked_up(&self, installable: &Installable) -> Option<Installable> {
        match self.by {
            LookedUpBy::Disk => Some(installable.clone()),
            _ if installable.store_path(self.store_dir).is_some() => Some(installable.clone()),
            LookedUpBy::Edited(text) => Some(installable.clone().under(Arc::clone(text))),
            LookedUpBy::Waits => None,
        }
    }
}

/// How far an addition is.
enum Standing {
    /// The element, and what of it may still have to be realised.
    Known(ProfileElement, Vec<ToRealise>),
    /// The store has to be asked.
    Unresolved(Installable),
    /// The evaluator has to be asked.
    Unanswered(Question),
    /// The registries are not settled.
    Waits,
    /// It cannot be added, in words.
    Refused(String),
    /// It does not evaluate.
    Failed(Question, EvaluationFailure),
}

impl Folded {
    /// Carries an addition out, as far as its installable is known.
    pub(super) fn take_in(&mut self, index: usize, change: &Change, facts: &Facts, known: &Surroundings<'_>) {
        let Change::Add { priority, active, name, with, .. } = change else { return };
        let Some(installable) = change.installable() else { return };
        let name = name.as_deref();
        let candidate = name.unwrap_or(installable.short_name());
        if self.after.environment.is_some() {
            return match known.looked_up(&installable) {
                Some(installable) => self.install(index, (change, installable), facts, known.store_dir),
                None => self.guess_name(index, candidate),
            };
        }
        match standing(&installable, facts, known).with(with, facts, known) {
            Standing::Known(element, wanted) => {
                let mut element = as_recorded(change, element);
                element.active = *active;
                element.priority = priority.unwrap_or(element.priority);
                self.add(index, element, name, wanted);
            }
            Standing::Waits => self.guess_name(index, candidate),
            Standing::Unresolved(asked) => {
                self.guess_name(index, candidate);
                if !self.unresolved.contains(&asked) {
                    self.unresolved.push(asked);
                }
            }
            Standing::Unanswered(question) => {
                self.guess_name(index, candidate);
                self.evaluating.ask(question);
            }
            Standing::Refused(reason) => self.refuse_addition((index, candidate), &installable, reason),
            Standing::Failed(question, failure) => {
                self.refuse_addition((index, candidate), &installable, failure.message.to_string());
                if let Some(row) = self.waiting.last() {
                    self.evaluating.failed.insert(row.name.clone(), LeftReason::of(failure.kind));
                    self.evaluating.asked.insert(row.name.clone(), question);
                }
            }
        }
    }

    fn refuse_addition(
        &mut self,
        (index, candidate): (usize, &str),
        installable: &Installable,
        reason: String,
    ) {
        self.guess_name(index, candidate);
        self.refused.push((index, reason.clone()));
        self.left.push(Left {
            element: installable.shown().to_owned(),
            reason: LeftReason::Refused,
            message: reason,
        });
    }

    fn add(&mut self, index: usize, element: ProfileElement, name: Option<&str>, wanted: Vec<ToRealise>) {
        let candidate = name.map_or_else(|| element.base_name(), str::to_owned);
        // Under a name of its own it is meant to be another one.
        if name.is_none()
            && self
                .after
                .elements
                .get(&candidate)
                .is_some_and(|existing| is_already_added(existing, &element))
        {
            let message = format!("'{candidate}' is already added");
            return self.left.push(Left { element: candidate, reason: LeftReason::AlreadyAdded, message });
        }
        let name = self.after.add_after(&candidate, element, &mut self.numbers);
        self.evaluating.consists(&name, wanted);
        self.added.push(AddedName { change: index, name });
    }

    /// Until it is resolved, an addition has a row under the name it will probably get.
    pub(super) fn guess_name(&mut self, index: usize, candidate: &str) {
        let taken = |name: &str| self.after.elements.contains_key(name) || self.guessed.contains(name);
        let mut name = candidate.to_owned();
        if taken(&name) {
            let number = self.guesses.entry(name.clone()).or_insert(0);
            while taken(&name) {
                *number += 1;
                name = format!("{candidate}-{number}");
            }
        }
        self.guessed.insert(name.clone());
        self.waiting.push(AddedName { change: index, name });
    }
}

impl Standing {
    /// The same element with more store paths.
    fn with(self, more: &[String], facts: &Facts, known: &Surroundings<'_>) -> Self {
        let mut all = self;
        for text in more {
            let path = match StorePath::parse(known.store_dir, text) {
                Ok(path) => path,
                Err(error) => return Self::Refused(error.to_string()),
            };
            all = match (all, of_path(path, facts)) {
                (Self::Known(element, _), _) if element.source.is_some() => {
                    Self::Refused(format!("'{text}' can only come with another store path"))
                }
                (Self::Known(mut element, mut wanted), Self::Known(other, also)) => {
                    element.store_paths.extend(other.store_paths);
                    element.store_paths.sort_unstable();
                    element.store_paths.dedup();
                    wanted.extend(also);
                    Self::Known(element, wanted)
                }
                (Self::Known(..), refused) => refused,
                (unknown, _) => unknown,
            };
        }
        all
    }
}

fn standing(installable: &Installable, facts: &Facts, known: &Surroundings<'_>) -> Standing {
    match installable.sought(known.store_dir) {
        Ok(Sought::Path(path)) => of_path(path, facts),
        Ok(Sought::Package(question, outputs)) => of_flake(installable, question, &outputs, facts, known),
        Ok(Sought::Unknown) => match by_store(installable, facts, known) {
            Ok(ResolvedInstallable::Element(element)) => Standing::Known(element.clone(), Vec::new()),
            Ok(ResolvedInstallable::OfFlake) => match installable.as_package() {
                Ok((question, outputs)) => of_flake(installable, question, &outputs, facts, known),
                Err(error) => Standing::Refused(error.to_string()),
            },
            Err(standing) => *standing,
        },
        Err(error) => Standing::Refused(error.to_string()),
    }
}

/// A store path is what it is, here or not.
fn of_path(path: StorePath, facts: &Facts) -> Standing {
    let element = ProfileElement {
        active: true,
        priority: DEFAULT_PRIORITY,
        store_paths: vec![path.clone()],
        source: None,
    };
    let outputs = vec![("out".to_owned(), path)];
    realisable(element, vec![ToRealise { element: String::new(), drv_path: None, outputs }], facts)
}

fn of_flake(
    installable: &Installable,
    question: Question,
    outputs: &ExtendedOutputsSpec,
    facts: &Facts,
    known: &Surroundings<'_>,
) -> Standing {
    let question = match known.by {
        LookedUpBy::Disk => question,
        LookedUpBy::Edited(text) => Question { registry: Some(Arc::clone(text)), ..question },
        LookedUpBy::Waits => return Standing::Waits,
    };
    let question = facts.with_options_of_addition(installable.shown(), question);
    match facts.evaluations.get(&question) {
        None => Standing::Unanswered(question),
        Some(Err(failure)) => Standing::Failed(question, failure.clone()),
        Some(Ok(evaluated)) => match evaluated.element(outputs) {
            Ok(element) => {
                let wanted = evaluated.wanted(outputs).unwrap_or_default();
                realisable(element, to_realise("", wanted), facts)
            }
            Err(ChoiceError::UnknownPath { .. }) => match by_store(installable, facts, known) {
                Ok(ResolvedInstallable::Element(element)) => Standing::Known(element.clone(), Vec::new()),
                Ok(ResolvedInstallable::OfFlake) => Standing::Refused(
                    "its path is known only once it is built; name its attribute behind '#'".to_owned(),
                ),
                Err(standing) => *standing,
            },
            Err(error) => Standing::Refused(error.to_string()),
        },
    }
}

fn realisable(element: ProfileElement, wanted: Vec<ToRealise>, facts: &Facts) -> Standing {
    match failed_build(&wanted, facts) {
        Some(log) => Standing::Refused(log.to_string()),
        None => Standing::Known(element, wanted),
    }
}

/// What the store has said under the registries of the plan.
fn by_store<'a>(
    installable: &Installable,
    facts: &'a Facts,
    known: &Surroundings<'_>,
) -> Result<&'a ResolvedInstallable, Box<Standing>> {
    let Some(asked) = known.looked_up(installable) else { return Err(Box::new(Standing::Waits)) };
    if let Some(reason) = facts.refused.get(&asked) {
        return Err(Box::new(Standing::Refused(reason.to_string())));
    }
    facts.installables.get(&asked).ok_or_else(|| Box::new(Standing::Unresolved(asked)))
}

/// The element as the addition wants it recorded: with a locked reference of its own, it keeps the
/// one that the installable names.
fn as_recorded(change: &Change, mut element: ProfileElement) -> ProfileElement {
    if let (Change::Add { installable, locked: Some(_), .. }, Some(source)) = (change, &mut element.source) {
        let reference = installable.split('#').next().unwrap_or(installable);
        source.original_url = flake_ref::normalize(reference).unwrap_or_else(|_| reference.to_owned());
    }
    element
}

/// Nix's "is already added": same reference, attribute and priority under the same name.
pub(in crate::core) fn is_already_added(existing: &ProfileElement, element: &ProfileElement) -> bool {
    let (Some(old), Some(new)) = (&existing.source, &element.source) else { return false };
    existing.priority == element.priority
        && old.original_url == new.original_url
        && old.attr_path == new.attr_path
}
