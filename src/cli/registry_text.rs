//! The registry edits of a plan in words: apart from the elements, because no rollback undoes them.
//!
//! `registry + nixpkgs: github:NixOS/nixpkgs (global) → path:/mine (user)`

use super::failure::Failure;
use crate::core::change::{Change, short_reference};
use crate::core::flake_ref::FlakeRef;
use crate::core::nix_commands::CommandTarget;
use crate::core::plan::{Plan, PlannedEdit, RegistryPlan};
use crate::core::registry::Layer;
use crate::core::registry::edit::{Overruled, RegistryEdit};
use crate::core::shell_words::quoted;
use crate::core::visible;
use crate::ops::edit_registry::Removed;
use crate::ops::write_registry::WrittenRegistry;

/// What stands above the edits.
const TITLE: &str = "registry, which no rollback brings back";

/// The edits of a plan with their title and file; nothing if it has none.
pub fn edits(plan: &Plan) -> Vec<String> {
    let Some(registry) = plan.registry.as_deref().filter(|registry| !registry.edits.is_empty()) else {
        return Vec::new();
    };
    let file = registry.before.file.as_deref().unwrap_or_default();
    let title = format!("{TITLE}: {}", visible::text(file));
    std::iter::once(title).chain(lines(registry)).collect()
}

/// What the names in the additions lead to, one line each.
pub fn names(plan: &Plan) -> Vec<String> {
    let shown = |reference: &FlakeRef| short_reference(reference).to_owned();
    let registry = plan.registry.as_deref();
    let names = registry.map(|registry| registry.names_in_additions(&plan.changes, shown));
    names.unwrap_or_default().iter().map(|words| format!("names   {}", visible::text(words))).collect()
}

/// What was written, and where the old file is.
pub fn done(plan: &Plan, written: &WrittenRegistry) -> Vec<String> {
    let mut lines = edits(plan);
    if let Some(backup) = &written.backup {
        lines.push(format!("the old file is kept as {}", backup.display()));
    }
    lines
}

/// A warning for each pin that does not hold, and for each entry that will have no say.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let edits: Vec<&PlannedEdit> = plan.registry.iter().flat_map(|registry| &registry.edits).collect();
    let shown = |reference: &FlakeRef| short_reference(reference).to_owned();
    let overruled =
        edits.iter().filter_map(|edit| Some(visible::text(&edit.overruled.as_ref()?.words(shown))));
    let loose = edits.iter().filter(|edit| edit.is_loose()).map(|edit| {
        let name = short_reference(edit.edit.from());
        format!("what '{name}' is pinned to is not locked: it can mean something else one day")
    });
    loose.chain(overruled).collect()
}

/// An entry of the file that was edited has no say: a warning, and what puts it first.
pub fn overruled(overruled: &Overruled, layer: Option<Layer>, registry: &str) -> String {
    let shown = |reference: &FlakeRef| short_reference(reference).to_owned();
    let words = overruled.words(shown);
    if layer != Some(overruled.by.layer) {
        return visible::text(&words);
    }
    let add = set_again(&overruled.entry.from, &overruled.entry.to, registry);
    visible::text(&format!("{words}; {add} puts that one behind it"))
}

/// `'firn registry add nixpkgs github:NixOS/nixpkgs'`; `registry` is the command up to its verb.
pub fn set_again(from: &FlakeRef, to: &FlakeRef, registry: &str) -> String {
    let words = [from, to].map(|reference| quoted(short_reference(reference)));
    format!("'{registry} add {}'", words.join(" "))
}

/// What a removal leaves: what the name means now, and how to have again what a pin had replaced.
pub fn removed(from: &FlakeRef, removed: &Removed, registry: &str) -> Vec<String> {
    let name = short_reference(from);
    let means = match &removed.means {
        Some(means) => format!("{name} now means {}", short_reference(means)),
        None => format!("{name} now leads nowhere"),
    };
    let again = removed.replaced.as_ref().map(|to| {
        format!("the pin had replaced {name} → {to}; {} brings that back", set_again(from, to, registry))
    });
    std::iter::once(means).chain(again).map(|line| visible::text(&line)).collect()
}

/// The profile was switched and the registry not written: what was done, what not, how to do the rest.
pub fn half_done(plan: &Plan, live: u64, problem: &str, program: &str) -> Failure {
    let error = anyhow::anyhow!(
        "the profile was changed, generation {live} is live; the registry was not: {problem}"
    );
    let edits: Vec<Change> =
        plan.changes.iter().filter(|change| change.registry_edit().is_some()).cloned().collect();
    let commands = CommandTarget::default().of_changes(&edits).unwrap_or_default();
    let commands: Vec<String> = commands
        .iter()
        .map(|command| format!("'{}'", command.replacen("nix registry", &format!("{program} registry"), 1)))
        .collect();
    Failure::with_hint(error, format!("when that is mended: {}", commands.join(", then ")))
}

fn lines(registry: &RegistryPlan) -> Vec<String> {
    registry.edits.iter().map(|edit| visible::text(&line(edit))).collect()
}

fn line(edit: &PlannedEdit) -> String {
    let sign = match edit.edit {
        RegistryEdit::Add { .. } => '+',
        RegistryEdit::Remove { .. } => '-',
        RegistryEdit::Pin { .. } => '*',
    };
    let name = short_reference(edit.edit.from());
    format!("{sign} {name}: {} → {}", leads_to(edit.said()), leads_to(edit.will_say()))
}

/// `github:NixOS/nixpkgs (global)`
fn leads_to(found: Option<(&FlakeRef, Layer)>) -> String {
    match found {
        Some((reference, layer)) => format!("{} ({})", short_reference(reference), layer.name()),
        None => "nothing".to_owned(),
    }
}
