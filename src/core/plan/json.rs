//! Plans, collisions and trees as JSON, in the shapes the command line promises.
//!
//! Paths have no leading slash and leave `manifest.json` out; bytes that are not
//! UTF-8 appear as `\xNN`; sizes are bytes or null. A link is
//! `{"target","element"}`, a claimant `{"element","storePath","priority"}`, in a
//! type clash with `"type"`, `"file"` or `"directory"`; `element` is null for
//! propagated packages.

use serde_json::{Map, Value, json};

use super::cost::Cost;
use super::{Plan, PlanState, RegistryPlan};
use crate::core::file_tree::Basis;
use crate::core::link_tree::{Claimant, Collisions, Link};
use crate::core::manifest::ProfileManifest;
use crate::core::registry::Registry;
use crate::core::store_path::StorePathError;
use crate::core::visible;

/// Finds the element of a package's path.
pub type ElementOf<'a> = &'a dyn Fn(&[u8]) -> Option<&'a str>;

/// The whole plan.
pub fn plan(plan: &Plan, cost: &Cost) -> Result<Value, StorePathError> {
    let result = plan.result()?;
    let mut value = json!({
        "version": 1,
        "base": plan.base.store_path.as_ref().map(ToString::to_string),
        "result": result.map(|path| path.to_string()),
        "changes": plan.changes,
        "elements": { "before": elements(&plan.base.manifest), "after": elements(&plan.after) },
        "links": links(plan),
        "collisions": collisions(plan),
        "left": plan.left,
        "cost": cost.to_json(),
        "basis": plan.basis(),
    });
    if let Some(registry) = plan.registry.as_ref().filter(|registry| !registry.edits.is_empty()) {
        value["registry"] = self::registry(registry);
    }
    Ok(value)
}

/// The user's registry before and after, as the registry verbs print it; only of plans that edit it.
fn registry(plan: &RegistryPlan) -> Value {
    // What cannot be written as a file is no part of a plan that can be applied.
    let value = |registry: &Registry| {
        registry.to_text().ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
    };
    json!({
        "file": plan.before.file.as_deref(),
        "before": value(plan.user_before()),
        "after": value(plan.user_after()),
    })
}

/// The value of `collisions`: what `firn collisions --json` prints.
pub fn collisions(plan: &Plan) -> Value {
    collisions_of(&plan.collisions, &|package| plan.element_of(package))
}

/// Some collisions of a plan's trees; `element_of` finds the elements of the tree they are of.
pub fn collisions_of(found: &Collisions, element_of: ElementOf<'_>) -> Value {
    let claimant = |claimant: &Claimant| self::claimant(claimant, element_of);
    let claimants = |list: &[Claimant]| list.iter().map(claimant).collect::<Vec<_>>();
    json!({
        "ties": found.ties.iter().map(|tie| json!({
            "path": visible::bytes(&tie.path),
            "priority": tie.priority,
            "claimants": claimants(&tie.claimants),
        })).collect::<Vec<_>>(),
        "typeClashes": found.type_clashes.iter().map(|clash| json!({
            "path": visible::bytes(&clash.path),
            "claimants": clash.claimants.iter().map(|side| {
                let mut value = claimant(side);
                value["type"] = json!(if side.folder { "directory" } else { "file" });
                value
            }).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "shadowed": found.shadowed.iter().map(|shadowed| json!({
            "path": visible::bytes(&shadowed.path),
            "winner": claimant(&shadowed.winner),
            "losers": claimants(&shadowed.losers),
        })).collect::<Vec<_>>(),
        "latent": found.latent.iter().map(|latent| json!({
            "path": visible::bytes(&latent.path),
            "priority": latent.priority,
            "winner": claimant(&latent.winner),
            "claimants": claimants(&latent.claimants),
        })).collect::<Vec<_>>(),
    })
}

/// The tree after the plan, path to link: what `firn tree --json` prints.
pub fn tree(plan: &Plan) -> Value {
    let element_of = |package: &[u8]| plan.element_of(package);
    let links = plan.tree_after.links();
    Value::Object(
        links.iter().map(|(path, found)| (visible::bytes(path), link(path, found, &element_of))).collect(),
    )
}

/// The links that are added, removed and changed.
pub fn links(plan: &Plan) -> Value {
    // Of a tree that cannot be finished every link would be a guess.
    if plan.state() == PlanState::Unknown || plan.basis() == Basis::Unknown {
        return json!({ "added": {}, "removed": {}, "changed": {} });
    }
    let after = |package: &[u8]| plan.element_of(package);
    let before = |package: &[u8]| plan.element_before(package);
    let difference = plan.tree_after.difference(&plan.tree_before);
    let added =
        difference.added.iter().map(|(path, found)| (visible::bytes(path), link(path, found, &after)));
    let removed =
        difference.removed.iter().map(|(path, found)| (visible::bytes(path), link(path, found, &before)));
    let changed = difference.changed.iter().map(|(path, old, new)| {
        let sides = json!({ "before": link(path, old, &before), "after": link(path, new, &after) });
        (visible::bytes(path), sides)
    });
    json!({
        "added": added.collect::<Map<_, _>>(),
        "removed": removed.collect::<Map<_, _>>(),
        "changed": changed.collect::<Map<_, _>>(),
    })
}

fn link(path: &[u8], link: &Link, element_of: ElementOf<'_>) -> Value {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    json!({ "target": visible::bytes(&link.target(name)), "element": element_of(&link.package) })
}

fn claimant(claimant: &Claimant, element_of: ElementOf<'_>) -> Value {
    json!({
        "element": element_of(&claimant.package),
        "storePath": visible::bytes(&claimant.package),
        "priority": claimant.priority,
    })
}

/// Elements by name: as in `manifest.json`, with what nix-env records.
pub fn elements(manifest: &ProfileManifest) -> Value {
    Value::Object(
        manifest
            .elements
            .iter()
            .map(|(name, element)| (name.clone(), manifest.element_value(name, element)))
            .collect(),
    )
}
