//! What a path typed by a person leads to: a place in a profile, or one in the store.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// What stands at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// A file, or a link that leads nowhere.
    File,
    /// A folder.
    Folder,
}

/// The path below `root` that `path` names, if it does; both may go through links. `path` itself
/// need not exist.
pub fn below(path: &Path, root: &Path) -> Option<PathBuf> {
    let path = plain(path)?;
    let root = root.canonicalize().ok()?;
    let start = path.ancestors().find(|ancestor| ancestor.canonicalize().is_ok_and(|it| it == root))?;
    path.strip_prefix(start).map(Path::to_owned).ok()
}

/// Where a path leads when all links are followed; as it is if it leads nowhere.
pub fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| plain(path).unwrap_or_else(|| path.to_owned()))
}

/// What stands at a path given as bytes; `None` for nothing.
pub fn stands_at(path: &[u8]) -> Option<Stands> {
    let path = Path::new(OsStr::from_bytes(path));
    path.symlink_metadata().ok()?;
    Some(if path.is_dir() { Stands::Folder } else { Stands::File })
}

/// The names in a folder given as bytes; none if it cannot be read.
pub fn names_in(folder: &[u8]) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(Path::new(OsStr::from_bytes(folder))) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().as_bytes().to_vec()).collect()
}

/// Absolute, without `.` and `..` as text: the file that is asked for need not be there.
pub fn plain(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for component in std::path::absolute(path).ok()?.components() {
        match component {
            Component::ParentDir => _ = found.pop(),
            Component::CurDir => {}
            other => found.push(other),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_place_below_a_profile_is_found_through_links() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("store/x-profile/bin")).unwrap();
        symlink(path("store/x-profile"), path("profile-1-link")).unwrap();
        symlink("profile-1-link", path("profile")).unwrap();
        symlink(path("profile"), path(".nix-profile")).unwrap();
        let rest = |name: &str| below(&path(name), &path("profile"));
        for root in ["profile", "profile-1-link", ".nix-profile", "store/x-profile"] {
            assert_eq!(rest(&format!("{root}/bin/tool")), Some("bin/tool".into()), "{root}");
            assert_eq!(rest(root), Some(PathBuf::new()), "{root}");
        }
        assert_eq!(rest("profile/bin/../share/./x"), Some("share/x".into()));
        assert_eq!(rest("store"), None);
        assert_eq!(stands_at(path("profile/bin").as_os_str().as_bytes()), Some(Stands::Folder));
        assert_eq!(names_in(path("profile").as_os_str().as_bytes()), [b"bin"]);
        assert_eq!(stands_at(path("gone").as_os_str().as_bytes()), None);
    }
}
