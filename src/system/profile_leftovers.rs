//! What stands beside a profile and should not: a lock that Nix would wait on for ever,
//! links that a crash left behind, generations that lead to nothing.
//!
//! Only looks; nothing is opened for writing, and no lock is taken.

use std::io;
use std::path::{Path, PathBuf};

use super::profile_folder::temporary_link;
use crate::core::generation::number_of;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// The lock file, if it holds anything.
    pub stale_lock: Option<PathBuf>,
    /// Temporary links, Nix's and firn's.
    pub temporary: Vec<PathBuf>,
    /// Generation links that lead to nothing, with their numbers.
    pub dangling: Vec<(u64, PathBuf)>,
}

/// Looks beside a profile; finds nothing in a folder that does not exist.
pub fn look(profile: &Path) -> io::Result<Leftovers> {
    let mut found = Leftovers::default();
    let (Some(folder), Some(name)) = (profile.parent(), profile.file_name()) else { return Ok(found) };
    let name = name.to_string_lossy();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(number) = number_of(&name, &file) else { continue };
        if file != format!("{name}-{number}-link") {
            found.temporary.push(path);
        } else if path.is_symlink() && !path.exists() {
            found.dangling.push((number, path));
        }
    }
    let own = temporary_link(profile);
    if own.is_symlink() {
        found.temporary.push(own);
    }
    let lock = folder.join(format!("{name}.lock"));
    let holds_something = lock.symlink_metadata().is_ok_and(|status| status.is_file() && status.len() > 0);
    found.stale_lock = holds_something.then_some(lock);
    found.temporary.sort_unstable();
    found.dangling.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_should_not_be_there_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["profile-1-link", "profile-2-link.tmp-7-3", "other-1-link", ".firn-other"] {
            symlink("/nowhere/at/all", path(name)).unwrap();
        }
        symlink(folder.path(), path("profile-3-link")).unwrap();
        symlink("profile-3-link", path(".firn-profile")).unwrap();
        std::fs::write(path("profile.lock"), "").unwrap();
        let found = look(&path("profile")).unwrap();
        assert_eq!(found.stale_lock, None, "an empty one is as good as none");
        assert_eq!(found.temporary, [".firn-profile", "profile-2-link.tmp-7-3"].map(path));
        assert_eq!(found.dangling, [(1, path("profile-1-link"))]);
        std::fs::write(path("profile.lock"), "d").unwrap();
        assert_eq!(look(&path("profile")).unwrap().stale_lock, Some(path("profile.lock")));
        assert_eq!(look(&path("none/profile")).unwrap(), Leftovers::default());
    }
}
