//! What the system's profiles bring, told from their links: nothing is started and no database read.
//!
//! A profile is a tree of links into packages, so where the links in its folders lead names the
//! packages: `bin/jq → /nix/store/…-jq-1.7.1-bin/bin/jq`. Looked at are the folders in which programs
//! and their companions stand, and no more of them than a large system has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::core::package::{PackageName, without_output};
use crate::core::store_path::{StoreDir, StorePath};

/// Versions by package name.
pub type SystemPackages = BTreeMap<String, String>;

const FOLDERS: [&str; 5] = ["bin", "sbin", "share/applications", "share/man/man1", "share/man/man5"];

/// Of a folder that has more the rest is not read.
const MOST_LINKS: usize = 50_000;

/// Reads profiles; `own` is not one of them, wherever links lead to it.
pub fn read(profiles: &[PathBuf], own: &Path, store_dir: &StoreDir) -> SystemPackages {
    let own = own.canonicalize().ok();
    let mut packages = SystemPackages::new();
    for profile in profiles.iter().filter(|profile| profile.canonicalize().is_ok_and(|it| Some(it) != own)) {
        for folder in FOLDERS {
            let folder = profile.join(folder);
            // A folder that only one package has is a link itself.
            note(&folder, store_dir, &mut packages);
            let Ok(entries) = folder.read_dir() else { continue };
            for entry in entries.flatten().take(MOST_LINKS) {
                note(&entry.path(), store_dir, &mut packages);
            }
        }
    }
    packages
}

fn note(link: &Path, store_dir: &StoreDir, packages: &mut SystemPackages) {
    let Ok(target) = link.read_link() else { return };
    let Ok(below) = target.strip_prefix(store_dir.as_str()) else { return };
    let Some(object) = below.components().next() else { return };
    let path = Path::new(store_dir.as_str()).join(object);
    let Some(path) = path.to_str().and_then(|path| StorePath::parse(store_dir, path).ok()) else { return };
    let name = PackageName::split(path.name());
    packages.entry(name.name.to_owned()).or_insert_with(|| without_output(name.version).to_owned());
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_tell_which_packages_there_are() {
        let root = tempfile::tempdir().unwrap();
        let [system, own] = ["system", "own"].map(|name| root.path().join(name));
        let hash = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        for (profile, link, package) in [
            (&system, "bin/jq", "jq-1.7.1-bin/bin/jq"),
            (&system, "bin/odd", "../elsewhere"),
            (&own, "bin/bat", "bat-0.25.0/bin/bat"),
        ] {
            let link = profile.join(link);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(format!("/s/{hash}-{package}"), link).unwrap();
        }
        std::fs::create_dir(system.join("share")).unwrap();
        symlink(format!("/s/{hash}-only-2/share/man"), system.join("share/applications")).unwrap();
        let all = [system, own.clone(), root.path().join("none")];
        let packages = read(&all, &own, &StoreDir::new("/s"));
        let found: Vec<_> = packages.iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(found, ["jq 1.7.1", "only 2"]);
    }
}
