//! A profile as something to keep: a list of installables, or a transaction that makes
//! the same profile again.
//!
//! The list is what one would type, `nixpkgs#git^doc,out`: it follows the references it
//! names. The transaction is exact: every addition carries the reference its element is
//! locked to, its priority, whether it is switched off, and its name where Nix would
//! derive another. A profile of nix-env is one change, its manifest. [`expressions`] are for those who keep their packages in Nix. What none of them can
//! say is told as a [`Caveat`].

pub mod expressions;
#[cfg(test)]
mod tests;

use super::change::Change;
use super::flake_ref::FlakeRef;
use super::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use super::plan::adding::is_already_added;

/// What comes back otherwise than it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Caveat {
    /// Without a source each store path of a list is an element of its own when it is added.
    #[error(
        "'{element}' has {count} store paths and no flake it came from; added from a list, each is an element \
         of its own; '--format json' keeps them together"
    )]
    SeveralPaths {
        /// The element.
        element: String,
        /// How many.
        count: usize,
    },
    /// Nothing is left to add.
    #[error("'{element}' has no store path and no flake it came from; it is left out")]
    Nothing {
        /// The element.
        element: String,
    },
    /// A changed working tree, for example.
    #[error("'{element}' comes from '{url}', which names no revision; what it gives then may differ")]
    NotLocked {
        /// The element.
        element: String,
        /// The reference.
        url: String,
    },
    /// An expression can name a store path, and not how it came to be.
    #[error("'{element}' came from no flake; what is exported works where its store path is")]
    OnlyHere {
        /// The element.
        element: String,
    },
    /// A list of packages has no element that is switched off, and none that is only a path.
    #[error("home-manager cannot have these as the profile has them, they are comments: {}", .elements.join(", "))]
    OnlyComments {
        /// The elements.
        elements: Vec<String>,
    },
    /// A list has installables and nothing else.
    #[error("a list has no priorities and switches nothing off ({}); '--format json' keeps them", .elements.join(", "))]
    NotInList {
        /// The elements with a priority of their own or switched off.
        elements: Vec<String>,
    },
}

/// One installable per line, in the order of the names. `system` is the platform whose attributes
/// need not be spelt out, as `x86_64-linux`.
pub fn list(manifest: &ProfileManifest, system: &str) -> (Vec<String>, Vec<Caveat>) {
    let (mut lines, mut caveats) = (Vec::new(), Vec::new());
    for (name, element) in &manifest.elements {
        if let Some(source) = &element.source {
            let reference = source.original_url.strip_prefix("flake:").unwrap_or(&source.original_url);
            lines.push(source.installable(reference, source.short_attribute(Some(system))));
        } else {
            caveats.extend(without_path(name, element).or_else(|| several_paths(name, element)));
            lines.extend(element.store_paths.iter().map(ToString::to_string));
        }
    }
    let special = |element: &ProfileElement| !element.active || element.priority != DEFAULT_PRIORITY;
    let special = manifest.elements.iter().filter(|(_, element)| special(element));
    let elements: Vec<String> = special.map(|(name, _)| name.clone()).collect();
    if !elements.is_empty() {
        caveats.push(Caveat::NotInList { elements });
    }
    (lines, caveats)
}

/// The changes that make the profile again from an empty one.
pub fn transaction(manifest: &ProfileManifest) -> (Vec<Change>, Vec<Caveat>) {
    if let Some(environment) = &manifest.environment {
        return (vec![Change::UserEnvironment { manifest: environment.to_string() }], Vec::new());
    }
    let (mut changes, mut caveats) = (Vec::new(), Vec::new());
    let mut so_far = ProfileManifest::default();
    for (name, element) in in_naming_order(manifest) {
        let base_name = element.base_name();
        let taken = so_far.elements.get(&base_name);
        let skipped = taken.is_some_and(|taken| is_already_added(taken, element));
        let derived = so_far.add(&base_name, element.clone());
        let own_name = (skipped || derived != *name).then(|| name.clone());
        if derived != *name {
            so_far.elements.remove(&derived);
            so_far.elements.insert(name.clone(), element.clone());
        }
        changes.extend(addition(element, own_name));
        caveats.extend(match &element.source {
            None => without_path(name, element),
            Some(source) if FlakeRef::parse(&source.url).is_ok_and(|url| url.is_locked(true)) => None,
            Some(source) => Some(Caveat::NotLocked { element: name.clone(), url: source.url.clone() }),
        });
    }
    (changes, caveats)
}

/// Elements in an order in which Nix would give them their names: `x`, `x-1`, `x-2`, … `x-10`.
fn in_naming_order(manifest: &ProfileManifest) -> Vec<(&String, &ProfileElement)> {
    let mut elements: Vec<_> = manifest.elements.iter().collect();
    elements.sort_by_cached_key(|(name, element)| {
        let base_name = element.base_name();
        let number = name.strip_prefix(&base_name).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        (base_name, number)
    });
    elements
}

fn addition(element: &ProfileElement, name: Option<String>) -> Option<Change> {
    let (installable, locked, with) = if let Some(source) = &element.source {
        let locked = (source.url != source.original_url).then(|| source.url.clone());
        (source.installable(&source.original_url, &source.attr_path), locked, Vec::new())
    } else {
        let (first, others) = element.store_paths.split_first()?;
        (first.to_string(), None, others.iter().map(ToString::to_string).collect())
    };
    let (priority, active) = (Some(element.priority), element.active);
    Some(Change::Add { installable, priority, file: None, expr: None, locked, with, name, active })
}

fn without_path(name: &str, element: &ProfileElement) -> Option<Caveat> {
    element.store_paths.is_empty().then(|| Caveat::Nothing { element: name.to_owned() })
}

fn several_paths(name: &str, element: &ProfileElement) -> Option<Caveat> {
    let count = element.store_paths.len();
    (count > 1).then(|| Caveat::SeveralPaths { element: name.to_owned(), count })
}
