//! Writes a registry so that nothing is lost: whole or not at all, and the old one is kept.
//!
//! Nix writes over the file in place. Here the new text goes into a file beside it, which then
//! takes its place in one step; the old text is kept before, with its date, in firn's own folder
//! (configuration folders are often under version control, where copies would be in the way).
//! A link stays a link: what it leads to is written, unless that is not to be written to.

use std::ffi::OsStr;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{Access, access};

use super::LARGEST;
use crate::system::bounded_file;

/// What the names of files begin with that are not yet in their place; letters and digits follow.
const UNFINISHED: &str = ".registry-firn-";

/// So many of them.
const RANDOM: usize = 6;

/// Writing takes milliseconds: what is older belongs to nobody.
const STALE: Duration = Duration::from_hours(1);

/// Why a registry is not written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryWriteError {
    /// A link into the store: another program makes the file.
    #[error("{path} is managed by {manager}: it is a link to {target}")]
    Managed {
        /// The registry.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
        /// Who makes it.
        manager: &'static str,
    },
    /// Another program wrote the file since it was read.
    #[error("{0} has changed since it was read")]
    Changed(PathBuf),
    /// A file or folder cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

/// A text on its way into a registry's file.
#[derive(Clone, Copy, Debug)]
pub struct RegistryText<'a> {
    /// The registry's path.
    pub path: &'a Path,
    /// What stood there when it was read; `None` for nothing.
    pub before: Option<&'a [u8]>,
    /// What shall stand there.
    pub after: &'a str,
}

impl RegistryText<'_> {
    /// Finds out whether it can be written, and where to; changes nothing.
    pub fn check(&self, store_dir: &Path) -> Result<PathBuf, RegistryWriteError> {
        let target = final_target(self.path)?;
        if target != self.path && target.starts_with(store_dir) {
            let (path, manager) = (self.path.to_owned(), manager(self.path));
            return Err(RegistryWriteError::Managed { path, target, manager });
        }
        let folder = existing_folder(&target);
        for place in [target.as_path(), folder] {
            match access(place, Access::WRITE_OK) {
                Err(error) if error != rustix::io::Errno::NOENT => return Err(file(place, &error.into())),
                _ => {}
            }
        }
        let now = match bounded_file::read(&target, LARGEST) {
            Ok(text) => Some(text),
            Err(error) if error.is_nothing() => None,
            Err(error) => return Err(file(&target, &error.into())),
        };
        if now.as_deref() != self.before {
            return Err(RegistryWriteError::Changed(self.path.to_owned()));
        }
        Ok(target)
    }

    /// Writes it. What stood there goes into `backups` under the name of the registry and `time`,
    /// which is in a form that sorts; gives that file.
    pub fn write(
        &self,
        store_dir: &Path,
        backups: &Path,
        time: &str,
    ) -> Result<Option<PathBuf>, RegistryWriteError> {
        let target = self.check(store_dir)?;
        let backup = match self.before {
            Some(before) => Some(keep(backups, self.path, time, before)?),
            None => None,
        };
        let folder = target.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder).map_err(|error| file(folder, &error))?;
        self.replace(&target, folder).map_err(|error| file(&target, &error))?;
        Ok(backup)
    }

    fn replace(&self, target: &Path, folder: &Path) -> std::io::Result<()> {
        sweep(folder, SystemTime::now());
        let mut new = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .rand_bytes(RANDOM)
            .permissions(std::fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        new.write_all(self.after.as_bytes())?;
        if let Ok(status) = target.metadata() {
            new.as_file().set_permissions(status.permissions())?;
            let own = new.as_file().metadata()?;
            if (own.uid(), own.gid()) != (status.uid(), status.gid()) {
                // As root on a user's file; what is not allowed stays with who writes.
                let _ = std::os::unix::fs::chown(new.path(), Some(status.uid()), Some(status.gid()));
            }
        }
        new.as_file().sync_all()?;
        new.persist(target)?;
        // The name is as important as the contents, and not all file systems can do it.
        let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Removes what a firn that was killed while it wrote has left behind: files of this name and user
/// that nobody has touched for an hour. That one cannot be removed keeps nothing from being written.
fn sweep(folder: &Path, now: SystemTime) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten().filter(|entry| is_unfinished(&entry.file_name())) {
        let Ok(status) = entry.metadata() else { continue };
        let age = status.modified().ok().and_then(|modified| now.duration_since(modified).ok());
        let is_own = status.is_file() && status.uid() == rustix::process::geteuid().as_raw();
        if is_own && age.is_some_and(|age| age > STALE) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one that is given here: the prefix, and as many letters and digits.
fn is_unfinished(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(UNFINISHED));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// Where a path leads, following links as far as they go.
fn final_target(path: &Path) -> Result<PathBuf, RegistryWriteError> {
    match path.symlink_metadata() {
        Ok(status) if status.is_symlink() => path.canonicalize().map_err(|error| file(path, &error)),
        _ => Ok(path.to_owned()),
    }
}

/// The folder of the file, or the first above it that is there.
fn existing_folder(target: &Path) -> &Path {
    let above = target.ancestors().skip(1);
    above.into_iter().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

/// Who makes a registry that is a link into the store, told by the links on the way.
fn manager(path: &Path) -> &'static str {
    let mut next = path.to_owned();
    for _ in 0..40 {
        let text = next.to_string_lossy();
        if text.contains("home-manager") {
            return "Home Manager";
        }
        if text.starts_with("/etc/static/") {
            return "NixOS";
        }
        match std::fs::read_link(&next) {
            Ok(target) => next = next.parent().unwrap_or(Path::new("/")).join(target),
            Err(_) => break,
        }
    }
    if path.starts_with("/etc") { "the system's configuration" } else { "another program" }
}

/// Keeps the old text; a second one of the same second gets a number.
fn keep(backups: &Path, path: &Path, time: &str, text: &[u8]) -> Result<PathBuf, RegistryWriteError> {
    std::fs::create_dir_all(backups).map_err(|error| file(backups, &error))?;
    let name = kept_name(path);
    let mut number = 1;
    loop {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let backup = backups.join(format!("{time}{again}{name}"));
        match std::fs::File::create_new(&backup) {
            Ok(mut new) => {
                let written = new.write_all(text).and_then(|()| new.sync_all());
                return written.map(|()| backup.clone()).map_err(|error| file(&backup, &error));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(file(&backup, &error)),
        }
    }
}

/// What the names of a registry's copies end with; the time stands before it.
pub(super) fn kept_name(path: &Path) -> String {
    let shown = path.to_string_lossy().replace('/', "%");
    let cut = shown.char_indices().rev().nth(150).map_or(0, |(place, _)| place);
    shown[cut..].to_owned()
}

fn file(path: &Path, error: &std::io::Error) -> RegistryWriteError {
    RegistryWriteError::File { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct World {
        _folder: tempfile::TempDir,
        root: PathBuf,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            Self { _folder: folder, root }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.root.join(name)
        }

        fn write(&self, name: &str, before: Option<&str>, after: &str) -> Result<Option<PathBuf>, String> {
            let path = self.path(name);
            let text = RegistryText { path: &path, before: before.map(str::as_bytes), after };
            let written = text.write(&self.path("store"), &self.path("backups"), "2026-11-21T05-00-00");
            written.map_err(|error| error.to_string())
        }

        fn text(&self, name: &str) -> String {
            std::fs::read_to_string(self.path(name)).unwrap()
        }
    }

    #[test]
    fn the_old_file_is_kept_and_the_new_one_takes_its_place() {
        let world = World::new();
        assert_eq!(world.write("a/b/registry.json", None, "1"), Ok(None));
        std::fs::set_permissions(world.path("a/b/registry.json"), PermissionsExt::from_mode(0o640)).unwrap();
        for (before, after) in [("1", "2"), ("2", "3")] {
            let backup = world.write("a/b/registry.json", Some(before), after).unwrap().unwrap();
            assert_eq!(std::fs::read_to_string(&backup).unwrap(), before);
            let name = backup.file_name().unwrap().to_str().unwrap();
            assert!(
                name.starts_with("2026-11-21T05-00-00") && name.ends_with("%a%b%registry.json"),
                "{name}"
            );
        }
        assert_eq!(world.text("a/b/registry.json"), "3");
        let mode = world.path("a/b/registry.json").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(world.path("a/b")).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_firn_left_behind_goes_with_the_next_write() {
        let world = World::new();
        let now = SystemTime::now();
        let left = |name: &str, age: u64| {
            let file = std::fs::File::create(world.path(name)).unwrap();
            file.set_modified(now - Duration::from_secs(age)).unwrap();
        };
        for name in [".registry-firn-aB3dE6", ".registry-backup", ".registry-firn-a.b.c6", ".registry-aB3dE6"]
        {
            left(name, 7200);
        }
        left(".registry-firn-222222", 60);
        std::fs::create_dir(world.path(".registry-firn-333333")).unwrap();
        world.write("r", None, "1").unwrap();
        let mut names: Vec<String> = std::fs::read_dir(&world.root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        let stays = [
            ".registry-aB3dE6",
            ".registry-backup",
            ".registry-firn-222222",
            ".registry-firn-333333",
            ".registry-firn-a.b.c6",
            "r",
        ];
        assert_eq!(names, stays);
    }

    #[test]
    fn what_another_program_wrote_stays() {
        let world = World::new();
        std::fs::write(world.path("r"), "new").unwrap();
        let error = world.write("r", Some("old"), "mine").unwrap_err();
        assert!(error.ends_with("has changed since it was read"), "{error}");
        assert_eq!(world.text("r"), "new");
        assert!(world.write("r", None, "mine").is_err());
    }

    #[test]
    fn links_are_followed_to_what_can_be_written() {
        let world = World::new();
        std::fs::write(world.path("dotfile"), "1").unwrap();
        std::os::unix::fs::symlink("dotfile", world.path("r")).unwrap();
        world.write("r", Some("1"), "2").unwrap();
        assert_eq!(world.text("dotfile"), "2");
        assert!(world.path("r").symlink_metadata().unwrap().is_symlink());
        std::os::unix::fs::symlink("nowhere", world.path("lost")).unwrap();
        assert!(world.write("lost", None, "2").unwrap_err().contains("No such file"));
    }

    #[test]
    fn a_link_into_the_store_tells_who_makes_it() {
        let world = World::new();
        std::fs::create_dir_all(world.path("store/x-home-manager-files")).unwrap();
        std::fs::write(world.path("store/x-home-manager-files/r"), "1").unwrap();
        std::os::unix::fs::symlink("store/x-home-manager-files/r", world.path("r")).unwrap();
        let error = world.write("r", Some("1"), "2").unwrap_err();
        assert!(error.contains("r is managed by Home Manager: it is a link to "), "{error}");
        assert_eq!(world.text("r"), "1");
        assert!(!world.path("backups").exists());
    }

    #[test]
    fn a_file_without_write_permission_stays() {
        let world = World::new();
        std::fs::write(world.path("r"), "1").unwrap();
        std::fs::set_permissions(world.path("r"), PermissionsExt::from_mode(0o444)).unwrap();
        let written = world.write("r", Some("1"), "2");
        if rustix::process::geteuid().is_root() {
            return;
        }
        assert!(written.unwrap_err().contains("Permission denied"));
        assert_eq!(world.text("r"), "1");
    }
}
