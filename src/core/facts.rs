//! What has been learnt from the machine so far, and what a plan still needs.
//!
//! Facts only grow (but for the registries, which others may change): a runtime learns what [`Needs`] names, absorbs the answer and
//! plans again. A need that was tried and failed is a fact too
//! ([`Facts::refused`]), so nothing is asked for ever.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::evaluation::{Evaluated, EvaluationFailure, Question};
use super::file_source::RememberedFiles;
use super::file_tree::FileTrees;
use super::flake_ref::FlakeRef;
use super::installable::{Installable, ResolvedInstallable};
use super::link_tree::TreeNeeds;
use super::nix_options::RememberedOptions;
use super::registry::{Reach, Registries};
use super::store_path::StorePath;
use super::user_environment::offered::{
    Candidate, NoCandidates, OfferedPackage, PackageQuestion, UpgradeQuestion,
};

/// Everything learnt so far.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Contents of packages.
    pub trees: FileTrees,
    /// What installables turned out to be.
    pub installables: HashMap<Installable, ResolvedInstallable>,
    /// Installables that could not be resolved, with the reason in words.
    pub refused: HashMap<Installable, Arc<str>>,
    /// What packages of flakes are today, or why that cannot be told.
    pub evaluations: HashMap<Question, Result<Arc<Evaluated>, EvaluationFailure>>,
    /// Packages as nix-env would record them, or why that cannot be told, in words.
    pub packages: HashMap<PackageQuestion, Result<Arc<[OfferedPackage]>, Arc<str>>>,
    /// What files hold under the names of packages of nix-env, or why that cannot be told.
    pub candidates: HashMap<UpgradeQuestion, Result<Arc<[Candidate]>, NoCandidates>>,
    /// What could not be built or fetched, by derivation (or by the path of what has none), with the
    /// end of the log in words.
    pub failed_builds: HashMap<String, Arc<str>>,
    /// Derivations that would have to be built, as far as that was asked.
    pub builds: HashSet<StorePath>,
    /// NAR sizes in bytes of single store paths.
    pub nar_sizes: HashMap<StorePath, u64>,
    /// The registries, as they were read last.
    pub registries: Option<Arc<KnownRegistries>>,
    /// What direct references are locked to, or why they could not be, in words.
    pub locks: HashMap<FlakeRef, Result<FlakeRef, Arc<str>>>,
    /// Which files elements were added from; set by whoever owns the facts, never learnt.
    pub files: Arc<RememberedFiles>,
    /// What the user wants to be remembered for questions about elements and flakes; set by whoever
    /// owns the facts, never learnt.
    pub options: Arc<RememberedOptions>,
}

/// The registries as they were read, and whether the user's can be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownRegistries {
    /// All layers.
    pub registries: Registries,
    /// Which of them names in installables are looked up in.
    pub reach: Reach,
    /// The user's file, as shown; `None` for a store that has none.
    pub file: Option<Arc<str>>,
    /// Why that file is not to be written: damaged, not writable, made by another program.
    pub problem: Option<Arc<str>>,
}

/// What must be learnt before a plan can be applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Installables to resolve.
    pub installables: Vec<Installable>,
    /// Packages and folders to read.
    pub tree: TreeNeeds,
    /// What packages of flakes are today.
    pub evaluations: Vec<Question>,
    /// What nix-env would record of packages.
    pub packages: Vec<PackageQuestion>,
    /// Names of packages of nix-env to look for.
    pub candidates: Vec<UpgradeQuestion>,
    /// Contents of packages that are not here, as binary caches list them. One that no cache lists
    /// becomes a package of [`Basis::Unknown`](super::file_tree::Basis) without a root.
    pub listings: Vec<StorePath>,
    /// Those of the packages to read that a failed build may have left in the store folder. What the
    /// store does not vouch for becomes a package without a root.
    pub validity: Vec<StorePath>,
    /// Whether the registries are to be read.
    pub registries: bool,
    /// Direct references to lock.
    pub locks: Vec<FlakeRef>,
}

impl Needs {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.installables.is_empty()
            && self.tree.is_empty()
            && self.evaluations.is_empty()
            && self.packages.is_empty()
            && self.candidates.is_empty()
            && self.listings.is_empty()
            && self.validity.is_empty()
            && !self.registries
            && self.locks.is_empty()
    }

    /// Whether anybody has to be asked what a package is.
    pub fn asks_packages(&self) -> bool {
        !self.evaluations.is_empty() || !self.packages.is_empty() || !self.candidates.is_empty()
    }

    /// Takes over what `other` names and this does not.
    pub fn absorb(&mut self, other: Self) {
        fn join<T: PartialEq>(own: &mut Vec<T>, others: Vec<T>) {
            for other in others {
                if !own.contains(&other) {
                    own.push(other);
                }
            }
        }
        join(&mut self.installables, other.installables);
        join(&mut self.evaluations, other.evaluations);
        join(&mut self.packages, other.packages);
        join(&mut self.candidates, other.candidates);
        join(&mut self.listings, other.listings);
        join(&mut self.validity, other.validity);
        join(&mut self.locks, other.locks);
        self.tree.absorb(&other.tree);
        self.registries |= other.registries;
    }
}

impl Facts {
    /// Takes over everything `learnt` knows.
    pub fn absorb(&mut self, learnt: Self) {
        self.trees.absorb(learnt.trees);
        self.installables.extend(learnt.installables);
        self.refused.extend(learnt.refused);
        self.evaluations.extend(learnt.evaluations);
        self.packages.extend(learnt.packages);
        self.candidates.extend(learnt.candidates);
        self.failed_builds.extend(learnt.failed_builds);
        self.builds.extend(learnt.builds);
        self.nar_sizes.extend(learnt.nar_sizes);
        self.locks.extend(learnt.locks);
        if let Some(known) = learnt.registries {
            self.take_registries(known);
        }
    }

    /// Forgets what is known of installables that are asked for once more, whatever the registries were.
    pub fn forget_answers(&mut self, installables: &[Installable]) {
        let is_asked = |known: &Installable| installables.iter().any(|asked| known.is_same_as(asked));
        self.installables.retain(|known, _| !is_asked(known));
        self.refused.retain(|known, _| !is_asked(known));
        let packages = installables.iter().filter_map(|asked| Some(asked.as_package().ok()?.0));
        let questions: Vec<Question> = packages.collect();
        let is_again = |known: &Question| questions.iter().any(|question| known.is_same_as(question));
        let is_failed = |answer: &Result<Arc<Evaluated>, EvaluationFailure>| {
            let key = answer.as_ref().ok().and_then(|found| found.drv_path.as_ref());
            key.is_some_and(|key| self.failed_builds.contains_key(key.as_str()))
        };
        let failed = self.evaluations.iter().any(|(known, answer)| is_again(known) && is_failed(answer));
        self.evaluations.retain(|known, _| !is_again(known));
        if failed || installables.iter().any(is_path) {
            // Whether it can be built is found out anew too.
            self.failed_builds.clear();
        }
    }

    /// The question as it is to be asked for an element, with the options that are remembered for that
    /// and for its flake.
    pub fn with_options(&self, element: Option<&str>, question: Question) -> Question {
        Question { options: self.options.of(element, &question.reference), ..question }
    }

    /// The same for what is to be added.
    pub fn with_options_of_addition(&self, installable: &str, question: Question) -> Question {
        Question { options: self.options.of_addition(installable, &question.reference), ..question }
    }

    /// Takes over registries that were read again. What names meant under others is forgotten: firn
    /// itself may have written the file since.
    pub fn take_registries(&mut self, known: Arc<KnownRegistries>) {
        let is_other = |before: &Arc<KnownRegistries>| before.registries != known.registries;
        if self.registries.as_ref().is_some_and(is_other) {
            let keeps = |installable: &Installable| installable.registry.is_some() || is_path(installable);
            self.installables.retain(|installable, _| keeps(installable));
            self.refused.retain(|installable, _| keeps(installable));
            self.evaluations.retain(|question, _| question.registry.is_some() || is_locked(question));
            self.packages.retain(|question, _| match question {
                PackageQuestion::Installable(installable) => keeps(installable),
                PackageQuestion::Outputs(_) => true,
            });
            self.candidates.clear();
        }
        self.registries = Some(known);
    }
}

/// Whether it is a store path, which means the same whatever registries say.
fn is_path(installable: &Installable) -> bool {
    installable.text.starts_with('/') && !installable.text.contains('#')
}

fn is_locked(question: &Question) -> bool {
    FlakeRef::parse(&question.reference).is_ok_and(|reference| reference.is_locked(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::registry::{Entry, Layer, Registry};

    fn known(entries: &[(&str, &str)]) -> Arc<KnownRegistries> {
        let reference = |text: &str| FlakeRef::parse(text).unwrap();
        let entries = entries.iter().map(|(from, to)| Entry::new(reference(from), reference(to))).collect();
        let registries = Registries::default().with(Layer::User, Registry { entries, fault: None });
        Arc::new(KnownRegistries { registries, ..KnownRegistries::default() })
    }

    #[test]
    fn what_names_meant_is_forgotten_when_the_registries_are_others() {
        let mut facts = Facts::default();
        let under = Installable::flake("n#tool").under("text".into());
        let asked = [Installable::flake("n#tool"), Installable::flake("/nix/store/x-tool"), under];
        facts.take_registries(known(&[("n", "path:/1")]));
        facts.refused.extend(asked.iter().map(|installable| (installable.clone(), "no".into())));
        facts.take_registries(known(&[("n", "path:/1")]));
        assert_eq!(facts.refused.len(), 3, "they are the same");
        facts.take_registries(known(&[("n", "path:/2")]));
        assert!(!facts.refused.contains_key(&asked[0]));
        assert_eq!(facts.refused.len(), 2);
    }
}
