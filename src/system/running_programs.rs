//! Where the programs that firn rests on are: itself, and the nix it calls.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::nix::NixEnvironment;
use super::search_path::SearchPath;
use crate::core::essentials::{Essential, RunningProgram};

/// Links on the way to a program; more lead nowhere.
const LINKS: usize = 40;

/// This program and the `nix` it finds (`FIRN_NIX_BIN`, then `PATH`).
pub fn find() -> Vec<RunningProgram> {
    let path = SearchPath::of_process();
    let nix = NixEnvironment::of_process().nix_on_disk();
    let own = std::env::current_exe().ok().and_then(|own| own.canonicalize().ok());
    // The system tells the file, not the links that led to it.
    let typed = path.first(OsStr::new("firn")).filter(|typed| typed.canonicalize().ok() == own);
    let firn = own.into_iter().chain(typed.iter().flat_map(|typed| places(typed)));
    vec![
        RunningProgram {
            essential: Essential::Nix,
            places: nix.iter().flat_map(|nix| places(nix)).collect(),
        },
        RunningProgram { essential: Essential::Firn, places: firn.collect() },
    ]
}

/// A file and every link on the way to it: a package's `bin/nix` may lead into another package.
fn places(program: &Path) -> Vec<PathBuf> {
    let (mut places, mut next) = (Vec::new(), program.to_owned());
    while places.len() < LINKS {
        let (Some(folder), Some(name)) =
            (next.parent().and_then(|it| it.canonicalize().ok()), next.file_name())
        else {
            break;
        };
        let place = folder.join(name);
        places.push(place.clone());
        match std::fs::read_link(&place) {
            Ok(target) => next = folder.join(target),
            Err(_) => break,
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["profile", "nix/bin", "cli/bin"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::fs::write(root.join("cli/bin/nix"), "").unwrap();
        symlink(root.join("nix/bin"), root.join("profile/bin")).unwrap();
        symlink("../../cli/bin/nix", root.join("nix/bin/nix")).unwrap();
        let expected = ["nix/bin/nix", "cli/bin/nix"].map(|name| root.join(name));
        assert_eq!(places(&root.join("profile/bin/nix")), expected);
        std::fs::remove_file(root.join("cli/bin/nix")).unwrap();
        symlink("nix", root.join("cli/bin/nix")).unwrap();
        assert_eq!(places(&root.join("cli/bin/nix")).len(), LINKS, "a circle ends");
    }
}
