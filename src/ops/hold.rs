//! Holds elements back from upgrades and lets them go: a note of firn's own, not a change of the
//! profile.

use std::collections::BTreeSet;

use anyhow::Context as _;

use crate::core::manifest::ProfileManifest;
use crate::system::holds::{Holds, NotedElement};

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

fn holds(context: &Context) -> Holds {
    Holds::new(&context.folders.state)
}
