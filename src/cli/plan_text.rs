//! A plan in words: one line per element that differs, then what it does to the links.

use crate::core::byte_size;
use crate::core::difference::{self, DifferenceKind, ElementDifference};
use crate::core::file_tree::Basis;
use crate::core::manifest::ProfileElement;
use crate::core::plan::Plan;
use crate::core::plan::cost::Cost;
use crate::core::visible;

/// One line per difference, made visible. Elements that keep their packages and are only locked to
/// something newer share one.
pub fn elements(plan: &Plan) -> Vec<String> {
    let differences = difference::between(&plan.base.manifest, &plan.after);
    let (locks, others): (Vec<_>, Vec<_>) =
        differences.iter().partition(|found| found.kinds == [DifferenceKind::Source]);
    let mut lines: Vec<String> = others
        .into_iter()
        .flat_map(|found| found.kinds.iter().map(|kind| visible::text(&line(found, *kind))))
        .collect();
    if plan.converts() {
        lines.push("c nix-env's profile becomes one of nix profile, which nix-env refuses".to_owned());
    }
    match locks.as_slice() {
        [] => {}
        [only] => lines.push(visible::text(&line(only, DifferenceKind::Source))),
        several => lines.push(format!("~ {} elements: same packages, another lock", several.len())),
    }
    lines
}

/// What has to be fetched or built first, and how sure the rest is.
pub fn obtaining(plan: &Plan, cost: Option<&Cost>) -> Vec<String> {
    if plan.realise.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = plan.realise.iter().map(|wanted| visible::text(&wanted.element)).collect();
    let basis = match plan.basis() {
        Basis::Exact => "",
        Basis::Listing => "; the links are told from binary caches' listings",
        Basis::Unknown => "; which links that makes is known only then",
    };
    let mut lines = vec![format!("fetch or build  {}{basis}", names.join(" "))];
    lines.extend(cost.map(sizes).unwrap_or_default());
    lines
}

fn sizes(cost: &Cost) -> Vec<String> {
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), byte_size::text);
    let (download, unpacked) = (size(cost.download), size(cost.unpacked));
    let mut lines = vec![format!("download  {download}, unpacked {unpacked}")];
    if !cost.build.is_empty() {
        let names: Vec<String> = cost.build.iter().map(|path| visible::text(path.name())).collect();
        lines.push(format!("build  {}", names.join(" ")));
    }
    if let (Some(before), Some(after)) = (cost.closure_before, cost.closure_after) {
        lines.push(format!("closure  {} → {}", byte_size::text(before), byte_size::text(after)));
    }
    lines
}

/// What happens to the links, and what is hidden afterwards.
pub fn links(plan: &Plan) -> Vec<String> {
    let found = plan.tree_after.difference(&plan.tree_before);
    let (added, changed, removed) = (found.added.len(), found.changed.len(), found.removed.len());
    let mut lines = vec![format!("links   +{added} ~{changed} -{removed}")];
    let (hidden, latent) = (plan.collisions.shadowed.len(), plan.collisions.latent.len());
    if hidden + latent > 0 {
        lines.push(format!("hidden  ~{hidden}   latent ties .{latent}   ('firn collisions' lists them)"));
    }
    lines
}

fn reference(element: Option<&ProfileElement>) -> String {
    let source = element.and_then(|element| element.source.as_ref());
    source.map_or_else(
        || "store paths".to_owned(),
        |source| format!("{}#{}", source.original_url, source.attr_path),
    )
}

/// One kind of difference of one element.
pub fn line(found: &ElementDifference, kind: DifferenceKind) -> String {
    let name = &found.name;
    let (before, after) = (found.before.as_ref(), found.after.as_ref());
    let version = |side: Option<&ProfileElement>| side.map(ProfileElement::versions).unwrap_or_default();
    let priority = |side: Option<&ProfileElement>| side.map_or(0, |element| element.priority);
    let line = match kind {
        DifferenceKind::Added => format!("+ {name} {} priority {}", version(after), priority(after)),
        DifferenceKind::Removed => format!("- {name} {}", version(before)),
        DifferenceKind::Upgraded => format!("↑ {name} {} → {}", version(before), version(after)),
        DifferenceKind::Downgraded => format!("↓ {name} {} → {}", version(before), version(after)),
        DifferenceKind::Rebuilt => format!("= {name} {} new build", version(after)),
        DifferenceKind::Priority => format!("p {name} {} → {}", priority(before), priority(after)),
        DifferenceKind::Active if after.is_some_and(|element| element.active) => {
            format!("o {name} switched on")
        }
        DifferenceKind::Active => format!("o {name} switched off"),
        DifferenceKind::Kept => format!("~ {name} kept when another version is installed"),
        DifferenceKind::Renamed => {
            format!("~ {} is called {name}", found.name_before.as_deref().unwrap_or_default())
        }
        DifferenceKind::LetGo => format!("~ {name} not kept any more"),
        DifferenceKind::Outputs => format!("~ {name} {}", difference::outputs_words(before, after)),
        DifferenceKind::Reference => format!("~ {name} {} → {}", reference(before), reference(after)),
        DifferenceKind::Source => format!("~ {name} same packages, another lock"),
    };
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
