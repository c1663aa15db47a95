//! Additions of files and expressions, and what a file consists of.
//!
//! The element is that of `nix profile add --file`: all packages that the file comes to, as one, at
//! priority 5 whatever their `meta` says, under the names of the packages joined by a comma. It never
//! counts as already added. Nothing is built to plan it.

use super::fold::Folded;
use super::{Left, LeftReason, ToRealise};
use crate::core::change::Change;
use crate::core::evaluation::{ChoiceError, Evaluated, Question, Wanted};
use crate::core::facts::Facts;
use crate::core::manifest::ExtendedOutputsSpec;

impl Folded {
    /// Carries out an addition of a file or an expression. Tells whether it did: a file whose paths are
    /// known only once they are built is left to the store.
    pub(super) fn take_in_file(&mut self, index: usize, change: &Change, facts: &Facts) -> bool {
        let Change::Add { priority, active, name, .. } = change else { return false };
        let Some(installable) = change.installable() else { return false };
        let Some(question) = Question::of_expression(&installable) else { return false };
        let question = Question { registry: self.evaluating.registry(), ..question };
        let name = name.as_deref();
        let candidate = name.unwrap_or(installable.short_name()).to_owned();
        let Some(answer) = facts.evaluations.get(&question) else {
            self.guess_name(index, &candidate);
            self.evaluating.ask(question);
            return true;
        };
        let refused = |reason: &str| Some(reason.to_owned());
        let failed = match answer {
            Err(failure) => refused(&failure.message),
            Ok(evaluated) => match evaluated.element(&ExtendedOutputsSpec::Default) {
                Err(ChoiceError::UnknownPath { .. }) => return false,
                Err(error) => refused(&error.to_string()),
                Ok(element) => {
                    let wanted = consists_of(evaluated);
                    let failed = failed_build(&wanted, facts);
                    if failed.is_none() {
                        let mut element = element;
                        element.active = *active;
                        element.priority = priority.unwrap_or(element.priority);
                        self.add(index, element, name);
                        let added = self.added.last().map(|added| added.name.clone()).unwrap_or_default();
                        self.evaluating.consists(&added, wanted);
                    }
                    failed
                }
            },
        };
        if let Some(reason) = failed {
            self.guess_name(index, &candidate);
            self.refused.push((index, reason.clone()));
            let element = if installable.text.is_empty() { question.reference } else { installable.text };
            self.left.push(Left { element, reason: LeftReason::Refused, message: reason });
        }
        true
    }
}

/// Everything a file comes to.
fn consists_of(evaluated: &Evaluated) -> Vec<ToRealise> {
    let wanted = evaluated.wanted(&ExtendedOutputsSpec::Default).unwrap_or_default().into_iter();
    let of = |wanted: Wanted| ToRealise {
        element: String::new(),
        drv_path: wanted.drv_path,
        outputs: wanted.outputs,
    };
    wanted.map(of).collect()
}

/// Why one of them cannot be built or fetched, if that was tried.
pub(super) fn failed_build(wanted: &[ToRealise], facts: &Facts) -> Option<String> {
    wanted.iter().find_map(|wanted| facts.failed_builds.get(wanted.key()).map(ToString::to_string))
}
