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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};

    fn manifest(elements: &[(&str, &str, bool)]) -> ProfileManifest {
        let store_dir = StoreDir::new("/nix/store");
        let element = |package: &str, active| {
            let path = format!("/nix/store/{}-{package}", "a".repeat(32));
            let store_paths = vec![StorePath::parse(&store_dir, &path).unwrap()];
            ProfileElement { active, priority: 5, store_paths, source: None }
        };
        let named =
            |(name, package, active): &(&str, &str, bool)| ((*name).to_owned(), element(package, *active));
        ProfileManifest { elements: elements.iter().map(named).collect() }
    }

    #[test]
    fn certificates_are_missed_when_removed_or_switched_off_and_not_when_replaced() {
        let before = manifest(&[("certs", "nss-cacert-3.1", true), ("hello", "hello-1", true)]);
        let taken = |after: &[(&str, &str, bool)]| taken_away(&before, &manifest(after), &[]);
        assert_eq!(taken(&[("hello", "hello-1", true)]), ["certs"]);
        assert_eq!(taken(&[("certs", "nss-cacert-3.1", false)]), ["certs"]);
        assert!(taken(&[("new", "nss-cacert-3.2", true)]).is_empty());
        assert!(taken(&[("certs", "nss-cacert-3.1", true)]).is_empty());
    }

    #[test]
    fn a_program_that_runs_from_an_element_is_missed() {
        let before = manifest(&[("nix", "nix-2.34", true), ("hello", "hello-1", true)]);
        let program = PathBuf::from(format!("/nix/store/{}-nix-2.34/bin/nix", "a".repeat(32)));
        assert_eq!(taken_away(&before, &manifest(&[]), &[program]), ["nix"]);
        let elsewhere = PathBuf::from("/nix/store/b-nix-2.34/bin/nix");
        assert!(taken_away(&before, &manifest(&[]), &[elsewhere]).is_empty());
    }
}
