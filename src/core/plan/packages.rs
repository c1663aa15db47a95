//! Changes to a profile of nix-env that ask what a package is: installing, choosing outputs, and
//! upgrading from a file.
//!
//! nix-env records everything it was told about a package but not where it came from. A package that
//! firn remembers the file of is evaluated again from it; for others an upgrade
//! looks for a newer one by name: in nix-env's default expression, or in the file that
//! [`Change::UpgradeFrom`] names. A package is installed as
//! `nix-env --install` does it: it takes the place of those of its name. Outputs that are installed
//! are in the manifest; the others are those of the derivation that made them, which the store knows
//! as long as it has it ([`PackageQuestion::Outputs`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fold::Folded;
use super::{Left, LeftReason, ToRealise};
use crate::core::available_outputs::AvailableOutputs;
use crate::core::change::Change;
use crate::core::facts::Facts;
use crate::core::file_source::FileSource;
use crate::core::installable::Installable;
use crate::core::manifest::{ExtendedOutputsSpec, ProfileManifest};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::transaction::AddedName;
use crate::core::user_environment::offered::{
    Again, NoCandidates, OfferedPackage, PackageQuestion, UpgradeQuestion, again, best_upgrade,
};
use crate::core::user_environment::{Derivations, EnvironmentPackage, UserEnvironment};

const NO_DEFAULT: &str = "has no default that is known: nix-env records the outputs that are installed in the place of \
                          those that the package declares; name the outputs that you want";
const KEPT: &str = "has nix-env's flag 'keep', so that it is not upgraded";

/// What a question about packages has led to so far.
type Answered = Result<Arc<[OfferedPackage]>, Unanswered>;

enum Unanswered {
    NotYet,
    Refused(Arc<str>),
}

impl Folded {
    /// Carries out a change of an element of nix-env that asks what a package is.
    pub(super) fn change_package(&mut self, change: &Change, facts: &Facts) {
        let Some(name) = change.element() else { return };
        let Some(package) = self.after.package(name).cloned() else { return self.no_such_element(name) };
        let changed = match change {
            Change::Outputs { to, .. } => self.with_outputs(package, to, facts),
            Change::UpgradeFrom { file, .. } => self.upgraded(name, Some(file), facts),
            Change::Upgrade { .. } => match self.remembered(name, facts) {
                Some((source, question)) => self.evaluated_again(&package, (&source, question), facts),
                None => self.upgraded(name, None, facts),
            },
            _ => Err(Some((LeftReason::NoSource, no_source(name)))),
        };
        match changed {
            Ok(None) | Err(None) => {}
            Ok(Some(package)) => {
                let wanted = to_realise(name, &package);
                if let Some(log) = facts.failed_builds.get(wanted.key()) {
                    let message = format!("'{name}' cannot be built or fetched: {log}");
                    return self.leave(name, LeftReason::of_failed_build(log), message);
                }
                self.evaluating.wanted.insert(name.to_owned(), wanted);
                self.after.replace_package(name, self.recorded(package));
            }
            Err(Some((reason, message))) => self.leave(name, reason, format!("'{name}' {message}")),
        }
    }

    /// Makes an empty profile one of nix-env, with the packages of a manifest as they stand there.
    pub(super) fn become_environment(&mut self, manifest: &str, store_dir: &StoreDir) {
        let refuse = |message: String| Left {
            element: "manifest.nix".to_owned(),
            reason: LeftReason::Refused,
            message,
        };
        if !self.after.elements.is_empty() {
            let words =
                "a whole profile of nix-env can only be made of an empty profile, and this has elements";
            return self.left.push(refuse(words.to_owned()));
        }
        let derivations = self.after.environment.as_ref().map(|environment| environment.derivations);
        let read = UserEnvironment::parse(manifest.as_bytes(), store_dir, derivations.unwrap_or_default());
        let environment = match read {
            Ok(environment) => environment,
            Err(error) => return self.left.push(refuse(format!("its packages cannot be read: {error}"))),
        };
        for (name, package) in &environment.packages {
            self.evaluating.wanted.insert(name.clone(), to_realise(name, package));
        }
        self.after = ProfileManifest::of_environment(environment);
    }

    /// Carries out an addition to a profile of nix-env.
    pub(super) fn install(
        &mut self,
        index: usize,
        (change, installable): (&Change, Installable),
        facts: &Facts,
        store_dir: &StoreDir,
    ) {
        let Change::Add { priority, active, with, .. } = change else { return };
        if !with.is_empty() {
            let words = "nix-env records no package of several store paths by themselves";
            return self.refuse(index, &installable, words.to_owned());
        }
        let offered = match installable.store_path(store_dir) {
            Some(path) => Ok(Arc::from([OfferedPackage::of_store_path(&path)])),
            None => self.ask(PackageQuestion::Installable(installable.clone()), facts),
        };
        let packages = match offered {
            Ok(offered) => chosen(&offered, &installable),
            Err(Unanswered::NotYet) => return self.guess_name(index, installable.short_name()),
            Err(Unanswered::Refused(reason)) => Err(reason.to_string()),
        };
        let failed = |packages: &Vec<EnvironmentPackage>| {
            packages.iter().find_map(|package| {
                let log = facts.failed_builds.get(to_realise(&package.name, package).key())?;
                Some(format!("'{}' cannot be built or fetched: {log}", package.name))
            })
        };
        let mut packages = match packages.and_then(|packages| failed(&packages).map_or(Ok(packages), Err)) {
            Ok(packages) => packages,
            Err(reason) => return self.refuse(index, &installable, reason),
        };
        let wanted: Vec<ToRealise> =
            packages.iter().map(|package| to_realise(&package.name, package)).collect();
        for package in &mut packages {
            *package = self.recorded(package.clone());
            if let Some(priority) = priority {
                package.set_flag("priority", &priority.to_string());
            }
        }
        let names = self.after.install(packages);
        for (name, wanted) in names.iter().zip(wanted) {
            self.added.retain(|addition| addition.name != *name);
            self.added.push(AddedName { change: index, name: name.clone() });
            self.evaluating.wanted.insert(name.clone(), ToRealise { element: name.clone(), ..wanted });
            if !active {
                self.after.set_active(name, false);
            }
        }
    }

    fn with_outputs(
        &mut self,
        mut package: EnvironmentPackage,
        to: &ExtendedOutputsSpec,
        facts: &Facts,
    ) -> Changed {
        if *to == ExtendedOutputsSpec::Default && package.named_outputs().is_some() {
            return Err(Some((LeftReason::NoSource, NO_DEFAULT.to_owned())));
        }
        let known = |name: &String| package.outputs.contains_key(name);
        let is_installed = matches!(to, ExtendedOutputsSpec::Names(names) if names.iter().all(known));
        let answer = if is_installed {
            Err(Arc::from("what is wanted is installed"))
        } else {
            match self.ask(PackageQuestion::Outputs(package.out_path.clone()), facts) {
                Ok(offered) => {
                    let made_by = offered.iter().find_map(|offered| offered.package.drv_path.clone());
                    package.drv_path = package.drv_path.or(made_by);
                    Ok(offered)
                }
                Err(Unanswered::NotYet) => return Err(None),
                Err(Unanswered::Refused(reason)) => Err(reason),
            }
        };
        let available = AvailableOutputs::of_package(&package, &answer);
        if let Some(reason) = available.unknown.as_ref().filter(|_| !is_installed) {
            let message = format!("has other outputs only where its derivation is known: {reason}");
            return Err(Some((LeftReason::NoSource, message)));
        }
        let chosen = available.chosen(to);
        if let Some(missing) = chosen.iter().find(|name| !available.outputs.contains_key(*name)) {
            let there = available.outputs.into_keys().collect::<Vec<_>>().join(", ");
            let message = format!("has no output '{missing}'; it has {there}");
            return Err(Some((LeftReason::NoSuchOutput, message)));
        }
        let outputs: BTreeMap<String, StorePath> = available
            .outputs
            .into_iter()
            .filter(|(name, _)| chosen.contains(name))
            .filter_map(|(name, path)| Some((name, path?)))
            .collect();
        if outputs == package.outputs || outputs.is_empty() {
            return Ok(None);
        }
        package.choose_outputs(outputs);
        Ok(Some(package))
    }

    /// The file that a package was installed from, if that is remembered, and what asks it.
    fn remembered(&self, name: &str, facts: &Facts) -> Option<(FileSource, PackageQuestion)> {
        let source = facts.files.of(name, self.after.elements.get(name)?)?;
        Some((source.clone(), source.package_question()?))
    }

    fn evaluated_again(
        &mut self,
        package: &EnvironmentPackage,
        (source, question): (&FileSource, PackageQuestion),
        facts: &Facts,
    ) -> Changed {
        if package.keep() {
            return Err(Some((LeftReason::Held, KEPT.to_owned())));
        }
        let offered = self.ask(question, facts).map_err(|unanswered| match unanswered {
            Unanswered::NotYet => None,
            Unanswered::Refused(reason) => {
                let message = format!("cannot be evaluated again from '{}': {reason}", source.words());
                Some((LeftReason::EvaluationFailed, message))
            }
        })?;
        let (there, name) = (source.words(), package.short_name());
        match again(package, &offered) {
            Again::Same => Ok(None),
            Again::Other(found) => {
                let chosen = chosen(std::slice::from_ref(found), &source.installable());
                let no_output =
                    |reason| Some((LeftReason::NoSuchOutput, format!("stays as it is: {reason}")));
                chosen.map(|packages| packages.into_iter().next()).map_err(no_output)
            }
            Again::Gone => {
                let message = format!("stays as it is: '{there}' has no package called '{name}' any more");
                Err(Some((LeftReason::AttributeGone, message)))
            }
            Again::Several => {
                let message = format!(
                    "stays as it is: '{there}' has several packages called '{name}'; adding the one that is \
                     meant by its attribute takes its place"
                );
                Err(Some((LeftReason::NotAPackage, message)))
            }
        }
    }

    fn upgraded(&mut self, name: &str, file: Option<&String>, facts: &Facts) -> Changed {
        let Some(package) = self.after.package(name) else { return Ok(None) };
        if package.keep() {
            return Err(Some((LeftReason::Held, KEPT.to_owned())));
        }
        let question = UpgradeQuestion { file: file.cloned(), name: package.short_name().to_owned() };
        self.looked_for.insert(name.to_owned(), question.clone());
        let best = match facts.candidates.get(&question) {
            Some(Ok(candidates)) => best_upgrade(package, candidates),
            Some(Err(NoCandidates::NoSource(reason))) => {
                let message = format!("has nothing to be upgraded from: {reason}");
                return Err(Some((LeftReason::NoSource, message)));
            }
            Some(Err(NoCandidates::Fails(reason))) => {
                let message = format!("cannot be looked for in {}: {reason}", question.place());
                return Err(Some((LeftReason::EvaluationFailed, message)));
            }
            None => {
                if !self.candidates.contains(&question) {
                    self.candidates.push(question);
                }
                return Err(None);
            }
        };
        match best.map(|best| best.package.as_ref().ok_or(&best.name)) {
            None => Ok(None),
            Some(Ok(offered)) => Ok(Some(offered.package.clone())),
            Some(Err(newer)) => {
                let message = format!(
                    "cannot become {newer}, which {} has and which does not evaluate: it may be unfree, insecure \
                     or broken, which has to be allowed",
                    question.place()
                );
                Err(Some((LeftReason::EvaluationFailed, message)))
            }
        }
    }

    /// The answer to a question; one that nobody has answered yet is noted.
    fn ask(&mut self, question: PackageQuestion, facts: &Facts) -> Answered {
        match facts.packages.get(&question) {
            Some(Ok(offered)) => Ok(Arc::clone(offered)),
            Some(Err(reason)) => Err(Unanswered::Refused(Arc::clone(reason))),
            None => {
                if !self.packages.contains(&question) {
                    self.packages.push(question);
                }
                Err(Unanswered::NotYet)
            }
        }
    }

    /// The package as this environment records it.
    fn recorded(&self, mut package: EnvironmentPackage) -> EnvironmentPackage {
        let derivations = self.after.environment.as_ref().map(|environment| environment.derivations);
        if derivations != Some(Derivations::Kept) {
            package.drv_path = None;
        }
        package
    }

    fn refuse(&mut self, index: usize, installable: &Installable, reason: String) {
        self.guess_name(index, installable.short_name());
        self.refused.push((index, reason.clone()));
        self.leave(&installable.text, LeftReason::Refused, reason);
    }

    fn leave(&mut self, element: &str, reason: LeftReason, message: String) {
        self.left.push(Left { element: element.to_owned(), reason, message });
    }
}

/// The package as it becomes, if it becomes another; nothing while that is being asked, and else why not.
type Changed = Result<Option<EnvironmentPackage>, Option<(LeftReason, String)>>;

/// The packages as they are to be installed: with the outputs that were asked for, or their own.
fn chosen(offered: &[OfferedPackage], installable: &Installable) -> Result<Vec<EnvironmentPackage>, String> {
    let outputs = installable.parts().map_err(|error| error.to_string())?.outputs;
    let choose = |offered: &OfferedPackage| {
        let mut package = offered.package.clone();
        match &outputs {
            ExtendedOutputsSpec::Default => {}
            ExtendedOutputsSpec::All => package.choose_outputs(offered.outputs.clone()),
            ExtendedOutputsSpec::Names(names) => {
                let path = |name: &String| {
                    let missing = || format!("'{}' has no output '{name}'", package.name);
                    offered.outputs.get(name).map(|path| (name.clone(), path.clone())).ok_or_else(missing)
                };
                let outputs = names.iter().map(path).collect::<Result<_, _>>()?;
                package.choose_outputs(outputs);
            }
        }
        Ok(package)
    };
    offered.iter().map(choose).collect()
}

fn to_realise(element: &str, package: &EnvironmentPackage) -> ToRealise {
    let outputs = package.outputs.iter().map(|(name, path)| (name.clone(), path.clone())).collect();
    ToRealise { element: element.to_owned(), drv_path: package.drv_path.clone(), outputs }
}

fn no_source(name: &str) -> String {
    format!(
        "is a package of nix-env, which records no source: converting the profile to nix profile lets '{name}' \
         follow a flake"
    )
}
