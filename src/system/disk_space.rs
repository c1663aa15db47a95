//! What deleting store paths frees, as a garbage collection counts it.
//!
//! Nix adds up the sizes of what is not a folder, links to others too, but not of files that
//! have more than two names: one name is the file, a second that of an optimised store, more
//! are files of other paths that stay. Of several names of one file that all go, only the last
//! ones count, as with Nix, which deletes one path after the other.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::package_size::MeasureError;
use crate::core::store_path::StorePath;

/// As many names a file can have that is freed when one of them goes.
const NAMES: u64 = 2;

/// The bytes that are free once these paths are deleted. A path that is not there frees none.
pub fn freed_by_deleting(paths: &[StorePath]) -> Result<u64, MeasureError> {
    let mut names_gone: HashMap<(u64, u64), u64> = HashMap::new();
    let mut bytes = 0;
    let mut waiting: Vec<PathBuf> = paths.iter().map(|path| PathBuf::from(path.as_str())).collect();
    while let Some(path) = waiting.pop() {
        let found = match path.symlink_metadata() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(MeasureError::new(path, error)),
        };
        if found.is_dir() {
            for entry in path.read_dir().map_err(|error| MeasureError::new(path.clone(), error))? {
                waiting.push(entry.map_err(|error| MeasureError::new(path.clone(), error))?.path());
            }
            continue;
        }
        let gone = if found.nlink() > 1 {
            let gone = names_gone.entry((found.dev(), found.ino())).or_default();
            *gone += 1;
            *gone - 1
        } else {
            0
        };
        if found.nlink().saturating_sub(gone) <= NAMES {
            bytes += found.size();
        }
    }
    Ok(bytes)
}

/// Gives back the write permission that stores take off folders, so that they can be deleted.
pub fn make_writable(folder: &Path) -> io::Result<()> {
    let found = folder.symlink_metadata()?;
    if !found.is_dir() {
        return Ok(());
    }
    let mut permissions = found.permissions();
    permissions.set_mode(permissions.mode() | 0o700);
    std::fs::set_permissions(folder, permissions)?;
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    #[test]
    fn names_of_files_that_stay_free_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store_dir = StoreDir::new(folder.path().to_str().unwrap());
        let path = |number: u8| StorePath::from_parts(&store_dir, [number; 20], "x").unwrap();
        let [one, two, gone] = [path(1), path(2), path(3)];
        for path in [&one, &two] {
            std::fs::create_dir_all(Path::new(path.as_str()).join("bin")).unwrap();
        }
        std::fs::write(format!("{one}/bin/a"), "12345").unwrap();
        std::os::unix::fs::symlink("abc", format!("{one}/bin/link")).unwrap();
        assert_eq!(freed_by_deleting(&[one.clone(), gone]).unwrap(), 8);
        // a store that was optimised: the file has a name in `.links` and one in every package
        std::fs::hard_link(format!("{one}/bin/a"), folder.path().join("links")).unwrap();
        assert_eq!(freed_by_deleting(std::slice::from_ref(&one)).unwrap(), 8);
        std::fs::hard_link(format!("{one}/bin/a"), format!("{two}/bin/b")).unwrap();
        assert_eq!(freed_by_deleting(std::slice::from_ref(&one)).unwrap(), 3);
        assert_eq!(freed_by_deleting(&[one, two]).unwrap(), 8);
    }
}
