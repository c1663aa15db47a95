//! Tells a link to a profile from a profile.
//!
//! `~/.nix-profile` is a symlink to the profile `…/profiles/profile`. Nix follows it when
//! no profile is named; with `--profile ~/.nix-profile` it would put a generation link
//! in its place and detach the profile. firn follows it in both cases.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::core::generation::number_of;

/// The profile that `path` is a link to, followed once; `None` if `path` is the profile itself.
pub fn follow(path: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(path).ok()?;
    let followed = path.parent().unwrap_or(Path::new("")).join(target);
    let name = |path: &Path| path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    let is_generation = number_of(&name(path), &name(&followed)).is_some();
    // A profile's own link leads to a generation; a link to a profile leads to a link, or, where a
    // new user has no profile yet, to nothing.
    let is_users = path.ends_with(".nix-profile") || path.ends_with("nix/profile");
    let is_profile = followed.is_symlink() || (is_users && !followed.exists());
    (!is_generation && is_profile).then_some(followed)
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
}
