//! Tells what an upgrade changes inside an environment, also before the new one is built.
//!
//! A built environment tells it by what it links. Of one that is not, the derivation names all that it
//! is made of, the tools that build it among them: those are what the derivation of the old one names
//! and the old one does not link. Where the old derivation is gone, nothing is told before the build.

use std::collections::BTreeSet;

use crate::core::contained_outputs::{ContainedOutput, ContainedPackage, DerivationOutputs};
use crate::core::environment_difference::{ContentChange, Later, between};
use crate::core::package::PackageName;
use crate::core::plan::Plan;
use crate::core::store_path::StorePath;
use crate::system::machine::Watch;

use super::Context;
use super::contained_packages::contained_packages;

/// An element that becomes another environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvironmentChange {
    /// Its store paths now.
    pub before: Vec<StorePath>,
    /// Its store paths afterwards.
    pub after: Vec<StorePath>,
    /// What makes the later ones, if that is known.
    pub derivation: Option<StorePath>,
    /// Whether these are in the store.
    pub is_built: bool,
}

impl EnvironmentChange {
    /// The environments that a plan changes, by the names of their elements.
    pub fn of_plan(plan: &Plan) -> Vec<(&str, Self)> {
        let changed = plan.elements.iter().filter_map(|row| {
            let (before, after) = (row.before.as_ref()?, row.after.as_ref()?);
            let is_from_file = plan.files.contains_key(&row.name) && before.source.is_none();
            if !is_from_file || before.store_paths == after.store_paths {
                return None;
            }
            let wanted = plan.realise.iter().find(|wanted| wanted.element == row.name);
            let change = Self {
                before: before.store_paths.clone(),
                after: after.store_paths.clone(),
                derivation: wanted.and_then(|wanted| wanted.drv_path.clone()),
                is_built: wanted.is_none(),
            };
            Some((row.name.as_str(), change))
        });
        changed.collect()
    }
}

/// What differs inside; `None` if the earlier one is no environment, or nothing tells what is in the
/// later one.
pub fn compare_environments(
    context: &Context,
    change: &EnvironmentChange,
    watch: &Watch<'_>,
) -> anyhow::Result<Option<Vec<ContentChange>>> {
    let before = contained_packages(context, &change.before, watch)?;
    if before.is_empty() || change.before == change.after {
        return Ok(None);
    }
    if change.is_built {
        let after = contained_packages(context, &change.after, watch)?;
        return Ok(Some(between(&before, &after, Later::Built)));
    }
    let Some(derivation) = &change.derivation else { return Ok(None) };
    let made_by = context.store.path_infos(&change.before, watch)?;
    let made_by: Vec<StorePath> = made_by.into_iter().filter_map(|info| info.deriver).collect();
    let old = ingredients(context, &made_by, watch)?;
    if old.is_empty() {
        return Ok(None);
    }
    let name = |package: &ContainedPackage| PackageName::split(&package.name).name.to_owned();
    let contained: BTreeSet<String> = before.iter().map(name).collect();
    let tools: BTreeSet<String> = old.iter().map(name).filter(|name| !contained.contains(name)).collect();
    let mut after = ingredients(context, std::slice::from_ref(derivation), watch)?;
    after.retain(|package| !tools.contains(&name(package)));
    Ok(Some(between(&before, &after, Later::Derivation)))
}

/// The packages that derivations are made of, with all of their outputs.
fn ingredients(
    context: &Context,
    derivations: &[StorePath],
    watch: &Watch<'_>,
) -> anyhow::Result<Vec<ContainedPackage>> {
    let infos = context.store.path_infos(derivations, watch)?;
    let inputs: BTreeSet<StorePath> = infos.into_iter().flat_map(|info| info.references).collect();
    let is_derivation = |path: &StorePath| path.name().rsplit('.').next() == Some("drv");
    let inputs: Vec<StorePath> = inputs.into_iter().filter(is_derivation).collect();
    let outputs = context.store.derivation_outputs(&inputs, watch)?;
    let package = |(derivation, outputs): (StorePath, DerivationOutputs)| {
        let name = derivation.name().strip_suffix(".drv").unwrap_or(derivation.name()).to_owned();
        let output = |(name, path)| ContainedOutput { name, path, is_linked: false };
        ContainedPackage { name, outputs: outputs.into_iter().map(output).collect() }
    };
    Ok(outputs.into_iter().map(package).collect())
}
