//! Where the shell finds programs: the folders of PATH, in order.
//!
//! A folder is the same as another if both lead to the same place: `~/.nix-profile/bin`
//! is the `bin` of the profile that it leads to.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The folders of PATH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath {
    folders: Vec<PathBuf>,
}

impl SearchPath {
    /// That of this process.
    pub fn of_process() -> Self {
        Self::new(&std::env::var_os("PATH").unwrap_or_default())
    }

    /// From the text of the variable; an empty part is the current folder, as for a shell.
    pub fn new(text: &OsStr) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let part = |part: PathBuf| if part.as_os_str().is_empty() { PathBuf::from(".") } else { part };
        Self { folders: std::env::split_paths(text).map(part).collect() }
    }

    /// The program that typing `name` runs.
    pub fn first(&self, name: &OsStr) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path))
    }

    /// Whether a folder is named as it is, there or not.
    pub fn names(&self, folder: &Path) -> bool {
        self.folders.iter().any(|entry| entry == folder)
    }

    /// The first folder of PATH that is this one.
    pub fn entry_of(&self, folder: &Path) -> Option<&Path> {
        let wanted = folder.canonicalize().ok()?;
        let same = |entry: &&PathBuf| entry.canonicalize().is_ok_and(|entry| entry == wanted);
        self.folders.iter().find(same).map(PathBuf::as_path)
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_first_program_runs_and_folders_are_known_by_where_they_lead() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, mode) in [("a/tool", 0o644), ("b/tool", 0o755), ("c/tool", 0o755)] {
            std::fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            std::fs::write(path(name), "").unwrap();
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        symlink(path("c"), path("link")).unwrap();
        let text = std::env::join_paths(["a", "missing", "b", "link"].map(path)).unwrap();
        let found = SearchPath::new(&text);
        assert_eq!(found.first("tool".as_ref()), Some(path("b/tool")), "a/tool cannot be run");
        assert_eq!(found.first("other".as_ref()), None);
        assert_eq!(found.entry_of(&path("c")), Some(path("link").as_path()));
        assert_eq!(found.entry_of(&path("missing")), None, "what is nowhere is not the same");
        assert_eq!(SearchPath::new("".as_ref()), SearchPath::default());
    }
}
