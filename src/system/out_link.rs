//! Links a finished profile for a look at it (`--out-link`), as `nix build` does.
//!
//! As there, a symlink into the store is replaced, in one step; anything else that is
//! there is left alone. Unlike there, so are the links of the profile itself: a look at
//! what a profile would be must not become the profile.

use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::core::generation::number_of;
use crate::core::store_path::{StoreDir, StorePath};

/// Refuses a link that cannot or must not be made; asked before anything is changed.
pub fn check(link: &Path, profile: &Path, store_dir: &StoreDir) -> io::Result<()> {
    if is_of_profile(link, profile) {
        return Err(refusal(link, "this is a link of the profile itself"));
    }
    let folder = folder(link).metadata().map_err(describe(link))?;
    if !folder.is_dir() {
        return Err(describe(link)(io::ErrorKind::NotADirectory.into()));
    }
    match link.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(describe(link)(error)),
        Ok(found) if !found.is_symlink() => {
            return Err(refusal(link, "there is something that is not a link"));
        }
        Ok(_) => {}
    }
    let target = std::fs::read_link(link).map_err(describe(link))?;
    let in_store = target.to_str().is_some_and(|target| StorePath::parse(store_dir, target).is_ok());
    if in_store { Ok(()) } else { Err(refusal(link, "there is a link that does not lead into the store")) }
}

/// Makes `link` point to `target`, in place of the link that is there.
pub fn make(link: &Path, target: &Path) -> io::Result<()> {
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(format!(".firn-{}", std::process::id()));
    let temporary = link.with_file_name(name);
    symlink(target, &temporary).map_err(describe(link))?;
    std::fs::rename(&temporary, link).map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        describe(link)(error)
    })
}

/// Whether `link` is the profile's link or one of its generations.
fn is_of_profile(link: &Path, profile: &Path) -> bool {
    let (Some(name), Some(profile_name)) = (link.file_name(), profile.file_name()) else { return false };
    let is_its_name =
        name == profile_name || number_of(&profile_name.to_string_lossy(), &name.to_string_lossy()).is_some();
    let resolved = |path: &Path| folder(path).canonicalize().ok();
    is_its_name && resolved(link).is_some() && resolved(link) == resolved(profile)
}

/// The folder a link stands in.
fn folder(link: &Path) -> &Path {
    link.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refusal(link: &Path, reason: &str) -> io::Error {
    describe(link)(io::Error::new(io::ErrorKind::AlreadyExists, reason))
}

fn describe(link: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", link.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_into_the_store_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store_dir = StoreDir::new("/s");
        let (link, profile) = (folder.path().join("result"), folder.path().join("profile"));
        let in_store = Path::new("/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-profile");
        check(&link, &profile, &store_dir).unwrap();
        make(&link, in_store).unwrap();
        check(&link, &profile, &store_dir).unwrap();
        make(&link, Path::new("/etc")).unwrap();
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("/etc"));
        assert!(check(&link, &profile, &store_dir).is_err());
        let file = folder.path().join("file");
        std::fs::write(&file, "mine").unwrap();
        assert!(check(&file, &profile, &store_dir).unwrap_err().to_string().contains("file"));
        assert!(check(&folder.path().join("no/such"), &profile, &store_dir).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_profile_and_its_generations_are_no_place_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (store_dir, profile) = (StoreDir::new("/s"), folder.path().join("profile"));
        for name in ["profile", "profile-1-link", "../profile"] {
            let link = folder.path().join(name);
            assert_eq!(check(&link, &profile, &store_dir).is_ok(), name.starts_with(".."), "{name}");
        }
    }
}
