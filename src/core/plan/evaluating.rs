//! Upgrades, chosen outputs and other flakes: the changes that ask what a package is.
//!
//! All of them that are staged for one element are one evaluation, that of the last: choosing
//! outputs of what is upgraded anyway asks the flake once. An upgrade keeps name, priority,
//! outputs and whether the element is active, and takes reference, attribute and store paths from
//! the answer, as Nix does. What cannot be carried out leaves the element as it was.
//!
//! Nix writes a generation also when only a lock has changed. Here that is nothing to do: if
//! every upgrade of a plan finds the store paths that are there, the plan is that of no change. If
//! anything else changes, the locks are written along with it, as Nix writes them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::fold::Folded;
use super::registry::LookedUpBy;
use super::{Left, LeftReason, ToRealise};
use crate::core::change::Change;
use crate::core::evaluation::{Evaluated, EvaluationFailure, FailureKind, Question, Wanted};
use crate::core::facts::Facts;
use crate::core::installable::Installable;
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use crate::core::store_path::StorePath;

/// What the changes ask, and what the answers led to.
#[derive(Default)]
pub(super) struct Evaluating {
    /// For each change whether it is the last of its element that evaluates.
    last: Vec<bool>,
    /// The registries by which names are looked up.
    by: LookedUpBy,
    /// What was asked for by changes that are not the last of their element.
    pending: HashMap<String, Asked>,
    /// Questions nobody has answered yet.
    pub questions: Vec<Question>,
    /// What was asked about elements, by name.
    pub asked: BTreeMap<String, Question>,
    /// Additions that do not evaluate, by the names of their rows.
    pub failed: BTreeMap<String, LeftReason>,
    /// What elements consist of now, by name.
    pub wanted: BTreeMap<String, ToRealise>,
    /// What else some consist of: a file can hold several packages.
    also: BTreeMap<String, Vec<ToRealise>>,
    /// Elements that were upgraded.
    upgraded: BTreeSet<String>,
}

/// What is asked for one element.
struct Asked {
    question: Question,
    outputs: ExtendedOutputsSpec,
    /// Which keys of the source the answer may replace.
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The reference stays locked as it is.
    Outputs,
    /// It is locked anew.
    Upgrade,
    /// It is another one.
    Retarget,
    /// There is none: it is a file that is evaluated again.
    File,
}

impl Evaluating {
    pub(super) fn of(changes: &[Change], by: &LookedUpBy) -> Self {
        Self { last: last_of_element(changes), by: by.clone(), ..Self::default() }
    }

    /// Notes a question that nobody has answered yet.
    pub(super) fn ask(&mut self, question: Question) {
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// Notes what an element consists of.
    pub(super) fn consists(&mut self, name: &str, parts: Vec<ToRealise>) {
        let named = |part: ToRealise| ToRealise { element: name.to_owned(), ..part };
        let mut parts = parts.into_iter().map(named);
        if let Some(first) = parts.next() {
            self.wanted.insert(name.to_owned(), first);
        }
        self.also.insert(name.to_owned(), parts.collect());
    }

    /// The question as it is to be asked; `None` while that is not settled. What is locked means the same
    /// under all registries.
    fn looked_up(&self, asked: &Asked) -> Option<Question> {
        let question = asked.question.clone();
        if asked.kind == Kind::Outputs { Some(question) } else { self.under_registries(question) }
    }

    /// The question under the registries of the plan; `None` while these are not settled.
    fn under_registries(&self, question: Question) -> Option<Question> {
        match &self.by {
            LookedUpBy::Disk => Some(question),
            LookedUpBy::Edited(text) => Some(Question { registry: Some(Arc::clone(text)), ..question }),
            LookedUpBy::Waits => None,
        }
    }
}

/// For each change whether it is the last that evaluates for its element, up to the element's removal.
fn last_of_element(changes: &[Change]) -> Vec<bool> {
    let mut last = vec![false; changes.len()];
    let mut later: HashSet<&str> = HashSet::new();
    for (index, change) in changes.iter().enumerate().rev() {
        match (change, change.element()) {
            (Change::Remove { .. }, Some(element)) => drop(later.remove(element)),
            (_, Some(element)) if change.evaluates() => last[index] = later.insert(element),
            _ => {}
        }
    }
    last
}

impl Folded {
    /// Carries out a change that evaluates.
    pub(super) fn evaluate(&mut self, index: usize, change: &Change, facts: &Facts) {
        let Some(name) = change.element() else { return };
        let Some(element) = self.after.elements.get(name) else { return self.no_such_element(name) };
        let mut pending = self.evaluating.pending.remove(name);
        let asked = match again(change, name, element, facts).filter(|_| pending.is_none()) {
            Some(asked) => Ok(asked),
            None => ask(change, name, element, &mut pending),
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(left) => {
                self.left.push(left);
                let Some(pending) = pending else { return };
                pending
            }
        };
        if self.evaluating.last.get(index) == Some(&false) {
            self.evaluating.pending.insert(name.to_owned(), asked);
            return;
        }
        let Some(question) = self.evaluating.looked_up(&asked) else { return };
        let question = facts.with_options(Some(name), question);
        self.evaluating.asked.insert(name.to_owned(), question.clone());
        let Some(answer) = facts.evaluations.get(&question) else { return self.evaluating.ask(question) };
        let answer = answer.as_deref().map_err(|failure| left_by(name, &asked, failure));
        match answer.and_then(|evaluated| answered(name, element, &asked, evaluated, facts)) {
            Ok((element, wanted)) => {
                self.after.elements.insert(name.to_owned(), element);
                self.evaluating.consists(name, wanted);
                if asked.kind == Kind::Upgrade {
                    self.evaluating.upgraded.insert(name.to_owned());
                }
            }
            Err(left) => self.left.push(left),
        }
    }

    /// Takes new locks back if nothing else changes.
    pub(super) fn forget_mere_locks(&mut self, base: &ProfileManifest) {
        if self.evaluating.upgraded.is_empty() || self.after.elements.len() != base.elements.len() {
            return;
        }
        let is_same = |(name, element): (&String, &ProfileElement)| {
            let Some(before) = base.elements.get(name) else { return false };
            element == before || self.evaluating.upgraded.contains(name) && differs_in_lock(element, before)
        };
        if self.after.elements.iter().all(is_same) {
            self.after = base.clone();
        }
    }

    /// What the elements that are still there consist of, as far as it was asked.
    pub(super) fn wanted(&self) -> Vec<ToRealise> {
        let also =
            self.evaluating.also.iter().flat_map(|(name, parts)| parts.iter().map(move |it| (name, it)));
        let wanted = self.evaluating.wanted.iter().chain(also);
        wanted.filter(|(name, _)| self.after.elements.contains_key(*name)).map(|(_, it)| it.clone()).collect()
    }
}

/// Whether two elements differ in nothing but what an upgrade replaces beside store paths.
fn differs_in_lock(element: &ProfileElement, before: &ProfileElement) -> bool {
    let mut other = element.clone();
    if let (Some(now), Some(then)) = (&mut other.source, &before.source) {
        now.url.clone_from(&then.url);
        now.attr_path.clone_from(&then.attr_path);
    }
    other == *before
}

/// What an upgrade asks of an element that firn remembers the file of.
fn again(change: &Change, name: &str, element: &ProfileElement, facts: &Facts) -> Option<Asked> {
    let source = facts.files.of(name, element).filter(|_| matches!(change, Change::Upgrade { .. }))?;
    Some(Asked { question: source.question()?, outputs: ExtendedOutputsSpec::Default, kind: Kind::File })
}

/// What a change asks, with what was asked for the element before; or why it cannot ask.
fn ask(
    change: &Change,
    name: &str,
    element: &ProfileElement,
    pending: &mut Option<Asked>,
) -> Result<Asked, Left> {
    let left = |reason, message: String| Left { element: name.to_owned(), reason, message };
    if let Change::UpgradeFrom { file, .. } = change {
        let message = format!("'{name}' is no package of nix-env, so it is not upgraded from '{file}'");
        return Err(left(LeftReason::NoSource, message));
    }
    if let Change::Retarget { to, .. } = change {
        return retarget(to, element.source.as_ref(), pending.as_ref())
            .map_err(|message| left(LeftReason::NoSource, format!("'{name}' {message}")));
    }
    let Some(source) = &element.source else {
        let message =
            format!("'{name}' was not added from a flake, so nothing is known of where it came from");
        return Err(left(LeftReason::NoSource, message));
    };
    let outputs = pending.as_ref().map_or(&source.outputs, |pending| &pending.outputs).clone();
    match change {
        Change::Outputs { to, .. } => {
            let at_lock = || (Question::exactly(&source.url, &source.attr_path), Kind::Outputs);
            let (question, kind) =
                pending.take().map_or_else(at_lock, |pending| (pending.question, pending.kind));
            Ok(Asked { question, outputs: to.clone(), kind })
        }
        _ if source.is_locked() => {
            let message = format!(
                "'{name}' was added from the locked reference '{}', which never means anything newer",
                source.original_url
            );
            Err(left(LeftReason::Locked, message))
        }
        _ => Ok(Asked {
            question: Question::exactly(&source.original_url, &source.attr_path),
            outputs,
            kind: Kind::Upgrade,
        }),
    }
}

/// What following another flake asks: `REFERENCE`, or `REFERENCE#ATTRIBUTE^OUTPUTS` where the element
/// is called otherwise there or came from no flake.
fn retarget(to: &str, source: Option<&ElementSource>, pending: Option<&Asked>) -> Result<Asked, String> {
    let typed = Installable::flake(to);
    let parts = typed.parts().map_err(|error| format!("cannot follow '{to}': {error}"))?;
    let question = match (source, to.contains('#')) {
        (_, true) => Question::as_typed(parts.reference, parts.attribute_name()),
        (Some(source), false) => Question::elsewhere(parts.reference, source),
        (None, false) => {
            return Err("came from no flake: name its attribute too, as FLAKE#PACKAGE".to_owned());
        }
    };
    let own = pending.map(|pending| &pending.outputs).or(source.map(|source| &source.outputs));
    let outputs = match parts.outputs {
        ExtendedOutputsSpec::Default => own.cloned().unwrap_or(ExtendedOutputsSpec::Default),
        chosen => chosen,
    };
    Ok(Asked { question, outputs, kind: Kind::Retarget })
}

/// The element as the answer makes it, and what it consists of.
fn answered(
    name: &str,
    element: &ProfileElement,
    asked: &Asked,
    evaluated: &Evaluated,
    facts: &Facts,
) -> Result<(ProfileElement, Vec<ToRealise>), Left> {
    let left = |reason, message: String| Left { element: name.to_owned(), reason, message };
    let wanted = evaluated
        .wanted(&asked.outputs)
        .map_err(|error| left(LeftReason::NoSuchOutput, format!("'{name}': {error}")))?;
    let wanted = to_realise(name, wanted);
    let mut element = element.clone();
    element.store_paths = wanted.iter().flat_map(ToRealise::paths).cloned().collect();
    element.store_paths.sort_unstable();
    element.store_paths.dedup();
    if let Some(log) = failed_build(&wanted, facts) {
        let reason = LeftReason::of_failed_build(&log);
        return Err(left(reason, format!("'{name}' cannot be built or fetched: {log}")));
    }
    record(&mut element, asked, evaluated);
    Ok((element, wanted))
}

/// What an element consists of.
pub(super) fn to_realise(element: &str, wanted: Vec<Wanted>) -> Vec<ToRealise> {
    let of = |Wanted { drv_path, outputs }| ToRealise { element: element.to_owned(), drv_path, outputs };
    wanted.into_iter().map(of).collect()
}

/// Why one of these could not be built or fetched, if that was tried.
pub(super) fn failed_build(wanted: &[ToRealise], facts: &Facts) -> Option<Arc<str>> {
    wanted.iter().find_map(|wanted| facts.failed_builds.get(wanted.key()).cloned())
}

fn record(element: &mut ProfileElement, asked: &Asked, evaluated: &Evaluated) {
    if asked.kind == Kind::File {
        return;
    }
    let source = element.source.get_or_insert_with(|| ElementSource {
        original_url: evaluated.original_url.clone(),
        url: String::new(),
        attr_path: String::new(),
        outputs: ExtendedOutputsSpec::Default,
    });
    source.outputs = asked.outputs.clone();
    if asked.kind == Kind::Outputs {
        return;
    }
    source.url.clone_from(&evaluated.url);
    source.attr_path.clone_from(&evaluated.attr_path);
    if asked.kind == Kind::Retarget {
        source.original_url.clone_from(&evaluated.original_url);
    }
}

fn left_by(name: &str, asked: &Asked, failure: &EvaluationFailure) -> Left {
    let reason = LeftReason::of(failure.kind);
    let (retargets, question) = (asked.kind == Kind::Retarget, &asked.question);
    if failure.is_changed_folder(&question.reference) {
        let message = format!(
            "the folder that '{name}' comes from has changed since, so what it was cannot be asked; an upgrade \
             takes what it holds now"
        );
        return Left { element: name.to_owned(), reason, message };
    }
    let words = match failure.kind {
        FailureKind::AttributeGone | FailureKind::NotAPackage if retargets => {
            let attribute = match question.attribute.as_str() {
                "" => "default package".to_owned(),
                attribute if failure.kind == FailureKind::NotAPackage => format!("package '{attribute}'"),
                attribute => format!("'{attribute}'"),
            };
            let reference = &question.reference;
            let message = format!(
                "'{name}' cannot follow '{reference}', which has no {attribute}: {}",
                failure.message
            );
            return Left { element: name.to_owned(), reason, message };
        }
        _ if retargets => {
            let message = format!(
                "'{name}' cannot follow '{}', which {}: {}",
                question.reference,
                elsewhere_words(failure.kind),
                failure.message
            );
            return Left { element: name.to_owned(), reason, message };
        }
        FailureKind::Flake => "has a flake that cannot be fetched or read",
        FailureKind::File => "was added from a file that is gone",
        FailureKind::AttributeGone if asked.kind == Kind::File => "is not in its file any more",
        FailureKind::NotAPackage if asked.kind == Kind::File => "has a file without packages",
        FailureKind::Evaluation if asked.kind == Kind::File => "has a file that does not evaluate",
        FailureKind::AttributeGone => "is not in its flake any more",
        FailureKind::Unfree => "has an unfree licence, which has to be allowed",
        FailureKind::Insecure => "is marked as insecure, which has to be allowed",
        FailureKind::Broken => "is marked as broken",
        FailureKind::Platform => "is not made for this platform",
        FailureKind::NeedsImpure => "looks at the machine to evaluate, which needs --impure",
        FailureKind::Prompt => "has a flake that needs a password or a confirmation to be fetched",
        FailureKind::NotAPackage => "is no package in its flake any more",
        FailureKind::Evaluation => "does not evaluate",
    };
    Left { element: name.to_owned(), reason, message: format!("'{name}' {words}: {}", failure.message) }
}

/// What is wrong with another flake, or with what it has.
fn elsewhere_words(failure: FailureKind) -> &'static str {
    match failure {
        FailureKind::Flake | FailureKind::File => "cannot be fetched or read",
        FailureKind::Prompt => "needs a password or a confirmation to be fetched",
        FailureKind::Unfree => "has it under an unfree licence, which has to be allowed",
        FailureKind::Insecure => "has it marked as insecure, which has to be allowed",
        FailureKind::Broken => "has it marked as broken",
        FailureKind::Platform => "has it, but not for this platform",
        FailureKind::NeedsImpure => "looks at the machine to evaluate, which needs --impure",
        FailureKind::AttributeGone | FailureKind::NotAPackage | FailureKind::Evaluation => {
            "does not evaluate for it"
        }
    }
}

impl ToRealise {
    /// The store paths.
    pub fn paths(&self) -> impl Iterator<Item = &StorePath> {
        self.outputs.iter().map(|(_, path)| path)
    }

    /// The derivation and the store paths.
    pub fn objects(&self) -> impl Iterator<Item = &StorePath> {
        self.drv_path.iter().chain(self.paths())
    }

    /// What tells it apart from others: the derivation, or the path itself.
    pub fn key(&self) -> &str {
        let path = self.drv_path.as_ref().or_else(|| self.paths().next());
        path.map_or("", StorePath::as_str)
    }
}

mod attaching;
#[cfg(test)]
mod tests;
