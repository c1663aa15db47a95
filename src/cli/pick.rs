//! Which elements are meant by names, store paths and patterns, by Nix's rules.
//!
//! What matches nothing is no error: as in Nix it is warned about, and the nearest name is told.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::meant::Pick;
use super::printer::Printer;
use crate::core::manifest::{ElementMatcher, MatcherError, ProfileManifest};
use crate::core::nearest::nearest;
use crate::core::store_path::StoreDir;

/// The names of the elements that are meant, in the profile's order.
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
            let words = format!("{} does not match any packages in the profile", matcher.title());
            let meant = near(matcher, manifest).map(|near| format!(" Did you mean '{near}'?"));
            printer.warn(&format!("{words}.{}", meant.unwrap_or_default()));
        }
        names.extend(picked);
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// What may have been meant in place of a name that is not there.
fn near<'a>(matcher: &ElementMatcher, manifest: &'a ProfileManifest) -> Option<&'a str> {
    let ElementMatcher::Name(name) = matcher else { return None };
    nearest(name, manifest.elements.keys().map(String::as_str)).first().copied()
}

fn matchers(pick: &Pick, store_dir: &StoreDir) -> Result<Vec<ElementMatcher>, Failure> {
    let Pick::Some { patterns, words } = pick else { return Ok(vec![ElementMatcher::All]) };
    let patterns = patterns.iter().map(|pattern| ElementMatcher::regex(pattern));
    let words = words.iter().map(|word| ElementMatcher::word(word, store_dir));
    patterns.chain(words).collect::<Result<_, MatcherError>>().map_err(unusable)
}

/// The name of the element that a word means, which may mean something else: nothing is said then.
pub fn element<'a>(
    word: &str,
    manifest: &'a ProfileManifest,
    store_dir: &StoreDir,
) -> Result<Option<&'a str>, Failure> {
    let matcher = ElementMatcher::word(word, store_dir).map_err(unusable)?;
    Ok(matcher.picked(manifest).first().copied())
}

/// The name of the one element that a word means; an error where there is none.
pub fn one(word: &str, manifest: &ProfileManifest, store_dir: &StoreDir) -> Result<String, Failure> {
    let name = element(word, manifest, store_dir)?.map(str::to_owned);
    name.ok_or_else(|| {
        let words = format!("Package name '{word}' does not match any packages in the profile");
        Failure::with_hint(anyhow::anyhow!(words), "'firn list' shows the names; nothing was changed")
    })
}

fn unusable(error: MatcherError) -> Failure {
    let hint = match &error {
        MatcherError::Index(_) => "'firn list' shows the names",
        MatcherError::Regex { .. } => "the pattern must match the whole identifier, as '.*#hello'",
    };
    Failure::with_hint(error.into(), hint)
}
