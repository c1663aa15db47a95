//! Links a finished profile for a look at it (`--out-link`), as `nix build` does.
//!
//! A symlink that is there is replaced in one step; anything else is left alone.

use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Makes `link` point to `target`.
pub fn make(link: &Path, target: &Path) -> io::Result<()> {
    let describe = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", link.display()));
    match link.symlink_metadata() {
        Ok(found) if !found.is_symlink() => {
            let error = io::Error::new(io::ErrorKind::AlreadyExists, "there is something that is not a link");
            return Err(describe(error));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return symlink(target, link).map_err(describe);
        }
        Err(error) => return Err(describe(error)),
    }
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(format!(".firn-{}", std::process::id()));
    let temporary = link.with_file_name(name);
    symlink(target, &temporary).map_err(describe)?;
    std::fs::rename(&temporary, link).map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        describe(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_and_replaced_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("result");
        make(&link, Path::new("/a")).unwrap();
        make(&link, Path::new("/b")).unwrap();
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("/b"));
        let file = folder.path().join("file");
        std::fs::write(&file, "mine").unwrap();
        assert!(make(&file, Path::new("/a")).unwrap_err().to_string().contains("file"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
