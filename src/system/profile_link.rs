//! Tells a link to a profile from a profile.
//!
//! `~/.nix-profile` is a symlink to the profile `…/profiles/profile`. Nix follows it when
//! no profile is named; with `--profile ~/.nix-profile` it would put a generation link
//! in its place and detach the profile. firn follows it in both cases.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::core::generation::number_of;

/// As many links are followed before they count as a loop.
const LINK_LIMIT: usize = 40;

/// The profile that `path` is a link to, followed once; `None` if `path` is the profile itself.
pub fn follow(path: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(path).ok()?;
    let followed = path.parent().unwrap_or(Path::new("")).join(target);
    let name = |path: &Path| path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    let is_generation = number_of(&name(path), &name(&followed)).is_some();
    // A profile's own link leads to a generation; a link to a profile leads to a link, or, where a
    // new user has no profile yet, to nothing.
    let is_users = path.ends_with(".nix-profile") || path.ends_with("nix/profile");
    // Somebody's link to another profile's generation is no way to that profile.
    let is_others = followed.is_symlink() && !names_generation(&name(&followed));
    let is_profile = is_others || (is_users && (followed.is_symlink() || !followed.exists()));
    (!is_generation && is_profile).then_some(followed)
}

/// The profile that `path` leads to: [`follow`], until no link to a profile is left; `path` itself if
/// it is a profile. What is chosen is opened by this, so that no generation is ever put in the place
/// of such a link.
pub fn profile_of(path: &Path) -> PathBuf {
    let mut profile = path.to_owned();
    for _ in 0..LINK_LIMIT {
        match follow(&profile) {
            Some(followed) => profile = followed,
            None => break,
        }
    }
    profile
}

/// Whether a name reads as that of some profile's generation.
pub fn names_generation(name: &str) -> bool {
    let profile = name.split_once("-link").and_then(|(name, _)| name.rsplit_once('-'));
    profile.is_some_and(|(profile, _)| number_of(profile, name).is_some())
}

/// Where a profile's link points now, verbatim: cheap enough to be asked once a second.
pub fn read(link: &Path) -> Option<PathBuf> {
    std::fs::read_link(link).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_to_a_profile_is_followed_and_a_profile_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        symlink("/store/x-profile", path("profile-1-link")).unwrap();
        symlink("profile-1-link", path("profile")).unwrap();
        symlink(path("profile"), path(".nix-profile")).unwrap();
        assert_eq!(follow(&path(".nix-profile")), Some(path("profile")));
        assert_eq!(follow(&path("profile")), None);
        assert_eq!(follow(&path("profile-1-link")), None);
        assert_eq!(follow(&path("missing")), None);
        std::fs::remove_file(path("profile")).unwrap();
        assert_eq!(follow(&path(".nix-profile")), Some(path("profile")), "no profile yet");
    }

    #[test]
    fn links_are_followed_to_the_profile_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("nix")).unwrap();
        symlink("nix/profile", path(".nix-profile")).unwrap();
        symlink(path("profile"), path("nix/profile")).unwrap();
        assert_eq!(profile_of(&path(".nix-profile")), path("profile"), "it does not exist yet");
        symlink("profile-1-link", path("profile")).unwrap();
        symlink("/store/x-profile", path("profile-1-link")).unwrap();
        assert_eq!(profile_of(&path(".nix-profile")), path("profile"));
        symlink("profile-1-link", path("other")).unwrap();
        assert_eq!(profile_of(&path("other")), path("other"), "another profile's generation");
        symlink("loop", path("loop")).unwrap();
        assert_eq!(profile_of(&path("loop")), path("loop"));
    }
}
