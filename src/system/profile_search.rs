//! Looks for profiles: in the folders where Nix keeps them, and along links that lead to one.
//!
//! A profile's own link is the one that leads to one of its generations (`profile` →
//! `profile-42-link`). Everything that leads there on the way (`~/.nix-profile`) is another name
//! for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{file_place, profile_link};
use crate::core::generation::number_of;

/// As many links are followed before they count as a loop.
const LINK_LIMIT: usize = 40;

/// As many names of a folder are looked at.
const NAME_LIMIT: usize = 10_000;

/// Where a store's profiles can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilePlaces {
    /// Links that lead to a profile: `~/.nix-profile`, those of `NIX_PROFILES`.
    pub links: Vec<PathBuf>,
    /// Folders that hold profiles.
    pub folders: Vec<PathBuf>,
}

/// The links from a path on, itself first, the place that is no link last.
pub fn chain(path: &Path) -> Vec<PathBuf> {
    let mut chain = vec![path.to_owned()];
    while let Some(last) = chain.last().filter(|_| chain.len() <= LINK_LIMIT) {
        let Ok(target) = std::fs::read_link(last) else { break };
        let next = last.parent().unwrap_or(Path::new("/")).join(target);
        chain.push(file_place::plain(&next).unwrap_or(next));
    }
    chain
}

/// The profile's own link that a chain passes, if it passes one.
pub fn own_link(chain: &[PathBuf]) -> Option<&PathBuf> {
    let leads_to_generation = |pair: &&[PathBuf]| match pair {
        [link, next] => link.parent() == next.parent() && number_of(&name(link), &name(next)).is_some(),
        _ => false,
    };
    chain.windows(2).find(leads_to_generation).and_then(<[PathBuf]>::first)
}

/// The profiles' own links in a folder, sorted: links that are no generations of another.
pub fn profiles_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut names: Vec<String> = entries
        .take(NAME_LIMIT)
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
        .iter()
        .filter(|found| !profile_link::names_generation(found))
        .map(|found| folder.join(found))
        .collect()
}

/// The folders right below a folder.
pub fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .take(NAME_LIMIT)
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort_unstable();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn profiles_are_told_from_generations_and_other_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (link, target) in [
            ("system-1-link", "/s/1"),
            ("system", "system-1-link"),
            ("my-2-link-3-link", "/s/2"),
            ("my-2-link", "my-2-link-3-link"),
            ("empty", "empty-4-link"),
        ] {
            symlink(target, path(link)).unwrap();
        }
        std::fs::create_dir(path("per-user")).unwrap();
        symlink("system", path("name")).unwrap();
        let found = profiles_in(folder.path());
        // `my-2-link` reads as a generation of `my`, for Nix too.
        assert_eq!(found, [path("empty"), path("name"), path("system")]);
        assert_eq!(folders_in(folder.path()), [path("per-user")]);
        let chain = chain(&path("name"));
        let places = [path("name"), path("system"), path("system-1-link"), PathBuf::from("/s/1")];
        assert_eq!(chain, places);
        assert_eq!(own_link(&chain), Some(&path("system")));
        assert_eq!(own_link(&chain[2..]), None);
        symlink("loop", path("loop")).unwrap();
        assert!(super::chain(&path("loop")).len() > 2);
    }
}
