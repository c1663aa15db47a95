//! Holds elements back from upgrades and lets them go: a note of firn's own, not a change of the
//! profile.

use std::collections::BTreeSet;

use anyhow::Context as _;

use crate::core::manifest::ProfileManifest;
use crate::core::plan::Plan;
use crate::system::holds::{Holds, NotedElement};
use crate::system::machine::{ProgressEvent, Watch};

use super::Context;
use super::refusal::Refusal;

/// What becomes of holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// They begin.
    Hold,
    /// They end.
    Unhold,
}

/// The names of the elements that are held.
pub fn held(context: &Context, manifest: &ProfileManifest) -> anyhow::Result<BTreeSet<String>> {
    let holds = holds(context);
    let found = holds.read().with_context(|| format!("cannot read {}", holds.path().display()))?;
    if found.is_empty() {
        return Ok(BTreeSet::new());
    }
    let elements = manifest.elements.iter().filter(|(name, element)| {
        let hold = NotedElement::of(&context.profile, name, element);
        found.contains(&hold)
    });
    Ok(elements.map(|(name, _)| name.clone()).collect())
}

/// Holds elements or lets them go; tells which of them it changed.
pub fn hold(
    context: &Context,
    manifest: &ProfileManifest,
    names: &[String],
    holding: Holding,
) -> anyhow::Result<Vec<String>> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let holds = holds(context);
    let elements = names.iter().filter_map(|name| Some((name, manifest.elements.get(name)?)));
    let mut changed = Vec::new();
    holds
        .change(|found| {
            for (name, element) in elements {
                let hold = NotedElement::of(&context.profile, name, element);
                let is_changed = match holding {
                    Holding::Hold => found.insert(hold),
                    Holding::Unhold => found.remove(&hold),
                };
                changed.extend(is_changed.then(|| name.clone()));
            }
        })
        .with_context(|| format!("cannot write {}", holds.path().display()))?;
    Ok(changed)
}

/// Lets the holds of a profile of nix-env go on once it is converted: its elements have other sources
/// then. The old ones stay, for a rollback.
pub(super) fn carry_holds(context: &Context, plan: &Plan, watch: &Watch<'_>) {
    if !plan.converts() {
        return;
    }
    let holds = holds(context);
    let written = holds.change(|found| {
        for (name, after) in &plan.after.elements {
            let is_added = plan.added.iter().any(|addition| addition.name == *name);
            let Some(before) = plan.base.manifest.elements.get(name).filter(|_| !is_added) else { continue };
            if found.contains(&NotedElement::of(&context.profile, name, before)) {
                found.insert(NotedElement::of(&context.profile, name, after));
            }
        }
    });
    if let Err(error) = written {
        let words = format!("firn could not write {}: {error}", holds.path().display());
        watch.progress.report(ProgressEvent::Log(words));
    }
}

fn holds(context: &Context) -> Holds {
    Holds::new(&context.folders.state)
}
