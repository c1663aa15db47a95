//! Where packages of nix-env may be from: proposals for a profile that is to become one of `nix profile`.
//!
//! nix-env records names, and a flake like nixpkgs has most packages under theirs. So `git` is proposed to
//! be `nixpkgs#git`, and taken if the flake has a package of that attribute whose own name is `git` too.
//! A proposal that does not hold is dropped with the reason; the package stays without a source.

use std::sync::Arc;

use super::change::Change;
use super::evaluation::{Evaluated, FailureKind};
use super::facts::Facts;
use super::package::PackageName;
use super::plan::Plan;
use super::user_environment::{EnvironmentPackage, UserEnvironment};

/// The flake that is proposed where nobody names one.
pub const USUAL_FLAKE: &str = "nixpkgs";

/// Why a proposal is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The package's element.
    pub element: String,
    /// In words; may have several lines, as it came from nix.
    pub reason: String,
}

/// The conversion, with a source proposed for each package whose name can be an attribute.
pub fn proposed(environment: &UserEnvironment, flake: &str) -> Vec<Change> {
    let attach = |(element, package): &(String, Arc<EnvironmentPackage>)| {
        let attribute = Some(package.short_name()).filter(|name| is_attribute(name))?;
        Some(Change::Attach { element: element.clone(), to: format!("{flake}#{attribute}") })
    };
    std::iter::once(Change::Convert).chain(environment.packages.iter().filter_map(attach)).collect()
}

/// Those of the proposals for these elements that turned out not to hold.
pub fn misses(plan: &Plan, facts: &Facts, proposed: &[String]) -> Vec<Miss> {
    let attached = plan.changes.iter().filter_map(|change| match change {
        Change::Attach { element, to } if proposed.contains(element) => Some((element, to)),
        _ => None,
    });
    let miss = |(element, to): (&String, &String)| {
        let failed = plan.left.iter().find(|left| left.element == *element);
        let reason = if let Some(left) = failed {
            left.message.clone()
        } else {
            let answer = facts.evaluations.get(plan.questions.get(element)?)?.as_ref().ok()?;
            let package = plan.base.manifest.package(element)?;
            (!is_namesake(package, answer)).then(|| format!("{to} is another package, {}", answer.name))?
        };
        Some(Miss { element: element.clone(), reason })
    };
    attached.filter_map(miss).collect()
}

/// The flake of the proposals and why it cannot be asked at all, if that is so: one that is not there, or
/// cannot be fetched or read, is no answer about any package.
pub fn unreadable(plan: &Plan, facts: &Facts, proposed: &[String]) -> Option<(String, Arc<str>)> {
    let failure = |element: &String| match facts.evaluations.get(plan.questions.get(element)?)? {
        Err(failure) if matches!(failure.kind, FailureKind::Flake | FailureKind::Prompt) => {
            Some(Arc::clone(&failure.message))
        }
        _ => None,
    };
    let reasons = proposed.iter().map(failure).collect::<Option<Vec<_>>>()?;
    let flake = plan.changes.iter().find_map(|change| match change {
        Change::Attach { element, to } if proposed.contains(element) => to.split('#').next(),
        _ => None,
    });
    Some((flake?.to_owned(), reasons.into_iter().next()?))
}

fn is_namesake(package: &EnvironmentPackage, found: &Evaluated) -> bool {
    PackageName::split(&found.name).name == package.short_name()
}

/// Whether a name can stand for one attribute as it is.
fn is_attribute(name: &str) -> bool {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts && letters.all(|letter| letter.is_ascii_alphanumeric() || "_-'".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};
    use crate::core::user_environment::Derivations;

    #[test]
    fn what_can_be_an_attribute_is_proposed() {
        let package = |name: &str| {
            let path = StorePath::from_parts(&StoreDir::new("/s"), [7; 20], name).unwrap();
            EnvironmentPackage::of_store_path(&path)
        };
        let names = ["git-2.49", "gtk+3-1", "a.b-1", "lib-x-2"];
        let environment = UserEnvironment::of_packages(
            names.iter().map(|name| package(name)).collect(),
            Derivations::Dropped,
        );
        let attach = |name: &str| Change::Attach { element: name.into(), to: format!("nixpkgs#{name}") };
        assert_eq!(proposed(&environment, USUAL_FLAKE), [Change::Convert, attach("git"), attach("lib-x")]);
    }
}
