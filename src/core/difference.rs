//! What differs between two manifests: the lines of the history and of the review.
//!
//! Unlike `nix profile history`, a difference in priority, in being switched on or
//! in the build of the same version is told too, so "no changes" means just that.

use super::manifest::{ProfileElement, ProfileManifest};

/// One element that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementDifference {
    /// Its name.
    pub name: String,
    /// What happened, the most important first; never empty.
    pub kinds: Vec<DifferenceKind>,
    /// In the older manifest.
    pub before: Option<ProfileElement>,
    /// In the newer manifest.
    pub after: Option<ProfileElement>,
}

/// What can happen to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// `+`
    Added,
    /// `-`
    Removed,
    /// `↑` a higher version (Nix's version order).
    Upgraded,
    /// `↓` a lower version.
    Downgraded,
    /// Same version, other store paths.
    Rebuilt,
    /// `p` another priority.
    Priority,
    /// `o` switched on or off.
    Active,
    /// Other outputs, reference or lock with the same store paths.
    Source,
}

/// Every element that differs, by name.
pub fn between(before: &ProfileManifest, after: &ProfileManifest) -> Vec<ElementDifference> {
    let _ = (before, after);
    todo!()
}

/// One short line: `+ jujutsu`, `↑ 3`, `p jj 5→6`, `no changes`.
pub fn summary(differences: &[ElementDifference]) -> String {
    let _ = differences;
    todo!()
}

/// Compares two versions in Nix's order (`builtins.compareVersions`).
pub fn compare_versions(left: &str, right: &str) -> std::cmp::Ordering {
    let _ = (left, right);
    todo!()
}
