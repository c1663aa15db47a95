//! `firn diff` and `firn diff-closures`.

use serde_json::{Value, json};

use super::failure::Failure;
use super::history::change;
use super::meant::Invocation;
use super::plan_text;
use super::printer::nix_text;
use crate::core::comparison::{Comparison, ProgramChange, ProgramDifference, Provider};
use crate::core::link_tree::Collisions;
use crate::core::plan::json as plan_json;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::compare_closures::{closure_history, compare_closures};
use crate::ops::compare_generations::{KnownPackages, compare_generations};
use crate::system::machine::{Cancel, NoProgress, Watch};
use crate::system::profile_folder::ProfileFolder;

/// Compares two generations.
pub fn run(context: &Context, invocation: &Invocation, (from, to): (u64, u64)) -> Result<(), Failure> {
    let found = compare_generations(context, (from, to), &mut KnownPackages::default())?;
    if invocation.json {
        return Ok(invocation.printer.json(&as_json(&found, (from, to)))?);
    }
    if found.is_empty() {
        invocation.printer.note("nothing differs");
        return Ok(());
    }
    let mut lines = plan_text::elements(&found.plan);
    let (added, changed, removed) =
        (found.links.added.len(), found.links.changed.len(), found.links.removed.len());
    lines.push(format!("links   +{added} ~{changed} -{removed}"));
    lines.extend(found.programs.iter().map(ProgramDifference::words));
    lines.extend(collisions("+", &found.appeared));
    lines.extend(collisions("-", &found.vanished));
    Ok(invocation.printer.data(&lines)?)
}

/// One line per collision that appears or vanishes.
fn collisions(sign: &str, found: &Collisions) -> Vec<String> {
    let path = |path: &[u8]| visible::bytes(path);
    let mut lines: Vec<String> =
        found.ties.iter().map(|it| format!("{sign} ! tie at {}", path(&it.path))).collect();
    lines.extend(
        found.type_clashes.iter().map(|it| format!("{sign} ! file and folder at {}", path(&it.path))),
    );
    lines.extend(found.shadowed.iter().map(|it| format!("{sign} ~ hidden at {}", path(&it.path))));
    lines.extend(found.latent.iter().map(|it| format!("{sign} . latent tie at {}", path(&it.path))));
    lines
}

fn as_json(found: &Comparison, (from, to): (u64, u64)) -> Value {
    let after = |package: &[u8]| found.plan.element_of(package);
    let before = |package: &[u8]| found.plan.element_before(package);
    json!({
        "from": from,
        "to": to,
        "elements": found.elements.iter().map(change).collect::<Vec<_>>(),
        "links": plan_json::links(&found.plan),
        "programs": found.programs.iter().map(program).collect::<Vec<_>>(),
        "collisions": {
            "appeared": plan_json::collisions_of(&found.appeared, &after),
            "vanished": plan_json::collisions_of(&found.vanished, &before),
        },
    })
}

fn program(found: &ProgramDifference) -> Value {
    let provider = |provider: &Option<Provider>| {
        provider.as_ref().map(|it| json!({ "element": it.element, "storePath": visible::bytes(&it.package) }))
    };
    let change = match found.change() {
        ProgramChange::Appears => "appears",
        ProgramChange::Missing => "missing",
        ProgramChange::BecomesVisible => "becomes-visible",
        ProgramChange::Hidden => "hidden",
        ProgramChange::ChangesHands => "changes-hands",
    };
    json!({
        "program": visible::bytes(&found.name),
        "change": change,
        "before": provider(&found.before),
        "after": provider(&found.after),
    })
}

/// Compares the closures of all generations.
pub fn closures(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    if !invocation.json {
        return Ok(nix_text(&closure_history(context, &watch)?)?);
    }
    let folder = ProfileFolder::new(&context.profile).map_err(anyhow::Error::from)?;
    let generations = folder.generations().map_err(anyhow::Error::from)?;
    let mut values = Vec::new();
    for pair in generations.windows(2) {
        let [before, after] = pair else { continue };
        let (from, to) = (before.number, after.number);
        let found = compare_closures(context, (from, to), &watch)?;
        let packages = found.packages.iter().map(|package| {
            json!({
                "name": package.name,
                "removed": package.removed,
                "added": package.added,
                "before": package.before,
                "after": package.after,
            })
        });
        values.push(json!({
            "from": from,
            "to": to,
            "before": found.before,
            "after": found.after,
            "packages": packages.collect::<Vec<_>>(),
        }));
    }
    Ok(invocation.printer.json(&Value::Array(values))?)
}
