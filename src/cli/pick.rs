//! Which elements are meant by names, store paths and patterns: Nix's rules and warnings.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::meant::Pick;
use super::printer::Printer;
use crate::core::manifest::{ElementMatcher, MatcherError, ProfileManifest};
use crate::core::store_path::StoreDir;

/// The names of the elements that are meant, in the profile's order. What matches nothing is warned
/// about and is no error.
pub fn names(
    pick: &Pick,
    manifest: &ProfileManifest,
    store_dir: &StoreDir,
    printer: Printer,
) -> Result<Vec<String>, Failure> {
    let matchers = matchers(pick, store_dir)?;
    if manifest.elements.is_empty() {
        printer.warn("There are no packages in the profile.");
        return Ok(Vec::new());
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for matcher in &matchers {
        let picked = matcher.picked(manifest);
        if picked.is_empty() {
            printer.warn(&format!("{} does not match any packages in the profile.", matcher.title()));
        }
        names.extend(picked);
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn matchers(pick: &Pick, store_dir: &StoreDir) -> Result<Vec<ElementMatcher>, Failure> {
    let Pick::Some { patterns, words } = pick else { return Ok(vec![ElementMatcher::All]) };
    let patterns = patterns.iter().map(|pattern| ElementMatcher::regex(pattern));
    let words = words.iter().map(|word| ElementMatcher::word(word, store_dir));
    patterns.chain(words).collect::<Result<_, MatcherError>>().map_err(|error| {
        let hint = match &error {
            MatcherError::Index(_) => "'firn list' shows the names",
            MatcherError::Regex { .. } => "the pattern must match the whole identifier, as '.*#hello'",
        };
        Failure::with_hint(error.into(), hint)
    })
}
