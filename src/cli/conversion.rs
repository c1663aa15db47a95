//! `firn convert`: a profile of nix-env becomes one of `nix profile`, with sources for its packages.
//!
//! Proposals come from `--from`, one for each package; `--source` names one, or none. A proposal that does
//! not hold is dropped and told, a source that was named is an error.

use std::sync::Arc;

use super::failure::Failure;
use super::meant::ChangeRequest;
use super::printer::Printer;
use crate::core::change::Change;
use crate::core::conversion::{self, Miss};
use crate::core::counting::counted;
use crate::core::manifest::ProfileManifest;
use crate::core::visible;

/// A source that was named for an element; none if it is to have none.
pub type NamedSource = (String, Option<String>);

/// The changes that are asked for; `name_of` finds the element that a word means.
pub fn changes(
    manifest: &ProfileManifest,
    from: Option<&str>,
    sources: &[NamedSource],
    name_of: &dyn Fn(&str) -> Result<String, Failure>,
) -> Result<Vec<Change>, Failure> {
    let Some(environment) = &manifest.environment else {
        let words = "this is no profile of nix-env, so there is nothing to convert; nothing was changed";
        return Err(anyhow::anyhow!(words).into());
    };
    let mut changes = match from {
        Some(flake) => conversion::proposed(environment, flake),
        None => vec![Change::Convert],
    };
    for (word, to) in sources {
        let element = name_of(word)?;
        changes.retain(|change| change.element() != Some(&element));
        changes.extend(to.clone().map(|to| Change::Attach { element, to }));
    }
    Ok(changes)
}

/// The elements whose sources are proposals.
pub fn proposals(request: &ChangeRequest, changes: &[Change]) -> Vec<String> {
    let ChangeRequest::Convert { from: Some(flake), sources } = request else { return Vec::new() };
    let is_named = |to: &String| sources.iter().any(|(_, named)| named.as_ref() == Some(to));
    let of_flake = format!("{flake}#");
    let proposed = changes.iter().filter_map(|change| match change {
        Change::Attach { element, to } if to.starts_with(&of_flake) && !is_named(to) => Some(element.clone()),
        _ => None,
    });
    proposed.collect()
}

/// The failure of a conversion from a flake that cannot be asked at all.
pub fn no_flake((flake, reason): &(String, Arc<str>)) -> Failure {
    let (flake, reason) = (visible::text(flake), visible::text(reason.lines().next().unwrap_or_default()));
    let words = format!(
        "no source can be proposed from '{flake}': it cannot be fetched or read, so nothing was changed: {reason}"
    );
    Failure::with_hint(anyhow::anyhow!("{words}"), "'firn convert' without --from converts without sources")
}

/// Says which packages stay without a source, and why.
pub fn tell_misses(misses: &[Miss], printer: Printer) {
    printer.note(&format!("without a source: {}", counted(misses.len(), "package")));
    // A flake that cannot be fetched is the same trouble for all.
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for Miss { element, reason } in misses {
        let first = reason.lines().next().unwrap_or_default();
        let words = first.strip_prefix(&format!("'{element}' ")).unwrap_or(first).to_owned();
        match told.iter_mut().find(|(known, _)| *known == words) {
            Some((_, elements)) => elements.push(element),
            None => told.push((words, vec![element])),
        }
    }
    for (words, elements) in told {
        printer.note(&visible::text(&format!("  {}: {words}", elements.join(", "))));
    }
}
