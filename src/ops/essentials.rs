//! What a profile should not lose by accident: the nix and the firn that run from it,
//! the certificates, and home-manager's own package.

use std::path::PathBuf;

use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::package::PackageName;

/// Packages that other things rest on, by package name.
const NAMES: [&str; 2] = ["nss-cacert", "home-manager-path"];

/// The elements that `after` lacks or has switched off, and that something rests on.
/// `programs` are the real paths of running programs, nix and firn.
pub fn taken_away(before: &ProfileManifest, after: &ProfileManifest, programs: &[PathBuf]) -> Vec<String> {
    let stays = |needed: &dyn Fn(&ProfileElement) -> bool| {
        after.elements.values().any(|element| element.active && needed(element))
    };
    let rests_on = |element: &ProfileElement| {
        let by_name =
            NAMES.iter().any(|name| is_named(element, name) && !stays(&|other| is_named(other, name)));
        let by_program =
            programs.iter().any(|program| holds(element, program) && !stays(&|other| holds(other, program)));
        by_name || by_program
    };
    let lost = before.elements.iter().filter(|(_, element)| element.active && rests_on(element));
    lost.map(|(name, _)| name.clone()).collect()
}

fn is_named(element: &ProfileElement, name: &str) -> bool {
    element.store_paths.iter().any(|path| PackageName::split(path.name()).name == name)
}

fn holds(element: &ProfileElement, program: &std::path::Path) -> bool {
    element.store_paths.iter().any(|path| program.starts_with(path.as_str()))
}
