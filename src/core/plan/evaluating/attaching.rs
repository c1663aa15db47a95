//! Tells an element where it is from, and leaves its store paths as they are.
//!
//! What the flake has today is asked, so that the attribute is one that is there. If that is the very
//! package, the element is locked to it. If not, nobody knows which revision it was: then the reference
//! itself stands where the lock would, which Nix reads and never takes for up to date.

use super::{Asked, Kind, left_by};
use crate::core::change::Change;
use crate::core::evaluation::{Evaluated, Question};
use crate::core::facts::Facts;
use crate::core::installable::Installable;
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement};
use crate::core::plan::fold::Folded;
use crate::core::plan::{Left, LeftReason};

impl Folded {
    /// Carries out [`Change::Attach`].
    pub(in crate::core::plan) fn attach(&mut self, change: &Change, facts: &Facts) {
        let Change::Attach { element: name, to } = change else { return };
        let Some(element) = self.after.elements.get(name) else { return self.no_such_element(name) };
        let left = |reason, message: String| Left { element: name.clone(), reason, message };
        if self.after.environment.is_some() {
            let message = format!(
                "'{name}' is a package of nix-env, which records no source; converting the profile lets it have one"
            );
            return self.left.push(left(LeftReason::NoSource, message));
        }
        let typed = Installable::flake(to.clone());
        let question = match typed.parts() {
            Ok(parts) if to.contains('#') => Question::as_typed(parts.reference, parts.attribute_name()),
            Ok(_) => {
                let message = format!("'{name}' needs the name of its package in '{to}', as FLAKE#PACKAGE");
                return self.left.push(left(LeftReason::NoSource, message));
            }
            Err(error) => {
                let message = format!("'{name}' cannot be from '{to}': {error}");
                return self.left.push(left(LeftReason::NoSource, message));
            }
        };
        let Some(question) = self.evaluating.under_registries(question) else { return };
        let question = facts.with_options(Some(name), question);
        self.evaluating.asked.insert(name.clone(), question.clone());
        let asked = Asked { question, outputs: ExtendedOutputsSpec::Default, kind: Kind::Retarget };
        let source = match facts.evaluations.get(&asked.question) {
            None => return self.evaluating.ask(asked.question),
            Some(Err(failure)) => Err(left_by(name, &asked, failure)),
            Some(Ok(evaluated)) => {
                self.outputs_there(name, evaluated).map(|outputs| source(element, outputs, evaluated))
            }
        };
        match (source, self.after.elements.get_mut(name)) {
            (Ok(source), Some(element)) => element.source = Some(source),
            (Err(problem), _) => self.left.push(problem),
            (Ok(_), None) => {}
        }
    }

    /// The outputs that are installed, in the words of the package there.
    fn outputs_there(&self, name: &str, there: &Evaluated) -> Result<ExtendedOutputsSpec, Left> {
        let package = self.converted.as_ref().and_then(|environment| environment.package(name));
        let Some(package) = package else { return Ok(ExtendedOutputsSpec::Default) };
        let mut usual = there.default_outputs.clone();
        usual.sort_unstable();
        if package.outputs.keys().eq(&usual) {
            return Ok(ExtendedOutputsSpec::Default);
        }
        match package.outputs.keys().find(|output| !there.outputs.contains_key(*output)) {
            None => Ok(ExtendedOutputsSpec::Names(package.outputs.keys().cloned().collect())),
            Some(missing) => Err(Left {
                element: name.to_owned(),
                reason: LeftReason::NoSuchOutput,
                message: format!("'{name}' cannot be from there: {} has no output '{missing}'", there.name),
            }),
        }
    }
}

fn source(element: &ProfileElement, outputs: ExtendedOutputsSpec, there: &Evaluated) -> ElementSource {
    let is_same = there.element(&outputs).is_ok_and(|found| found.store_paths == element.store_paths);
    ElementSource {
        url: if is_same { there.url.clone() } else { there.original_url.clone() },
        original_url: there.original_url.clone(),
        attr_path: there.attr_path.clone(),
        outputs,
    }
}
