//! Finds the flake that a path means, as Nix does for what is typed on the command line.
//!
//! A path need not be that of the flake itself: `flake.nix` is searched for in the folder and
//! those above it, not beyond a `.git` or the end of the file system. A flake in a Git
//! repository is fetched through Git, so the reference names the repository and the folder
//! in it. Everything else that can be typed is left to [`FlakeRef::parse_with_fragment`].

use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use crate::core::flake_ref::{FlakeRef, FlakeRefError, WrittenPath, relative_url};

/// Why no flake is found.
#[derive(Debug, thiserror::Error)]
pub enum FlakeFolderError {
    /// The text is neither a reference nor a path.
    #[error(transparent)]
    Reference(#[from] FlakeRefError),
    /// The path cannot be looked at.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A file that is no `flake.nix`.
    #[error("{0} is not a flake: it is not a folder")]
    NotFolder(PathBuf),
    /// No `flake.nix` up to here.
    #[error("{path} is not part of a flake: there is no 'flake.nix' in it or above it, up to {end}")]
    NoFlake {
        /// Where the search began.
        path: PathBuf,
        /// Where it ended.
        end: PathBuf,
    },
}

/// Reads what was typed in the folder `base`, which is absolute; gives the fragment, too.
pub fn read(text: &str, base: &Path) -> Result<(FlakeRef, Vec<u8>), FlakeFolderError> {
    if let Some(url) = relative_url(text) {
        let joined = url.joined_path();
        let path = plain(&base.join(std::ffi::OsString::from_vec(joined)));
        let parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/').map(<[u8]>::to_vec);
        return Ok(FlakeRef::from_parsed(url.with_path(parts.collect()), text)?);
    }
    let error = match FlakeRef::parse_with_fragment(text) {
        Ok(found) if !text.starts_with('/') => return Ok(found),
        Ok(_) => None,
        // A folder of such a name is `./a:b`.
        Err(error @ FlakeRefError::Scheme { .. }) => return Err(error.into()),
        Err(error) => Some(error),
    };
    let written = WrittenPath::parse(text)?;
    match (locate(&written, base), error) {
        (Ok(reference), _) => Ok((reference, written.fragment)),
        // Nobody meant a path.
        (Err(_), Some(error)) if text.contains(':') => Err(error.into()),
        (Err(problem), _) => Err(problem),
    }
}

/// Reads what was typed in the current folder. A folder without a flake will do, as one that
/// replaces another need not be one yet; without its fragment.
pub fn read_here(text: &str) -> Result<FlakeRef, FlakeFolderError> {
    let found = match std::env::current_dir() {
        Ok(base) => read(text, &base),
        Err(error) => Err(file(Path::new("."), &error)),
    };
    match (found, FlakeRef::parse(text)) {
        (Ok((reference, _)), _) | (Err(_), Ok(reference)) => Ok(reference),
        (Err(error), Err(_)) => Err(error),
    }
}

/// Finds the flake of a path.
fn locate(written: &WrittenPath<'_>, base: &Path) -> Result<FlakeRef, FlakeFolderError> {
    let typed = base.join(written.path);
    let start = typed.canonicalize().map_err(|error| file(&typed, &error))?;
    let folder = flake_folder(&start)?;
    for root in folder.ancestors().take_while(|root| root.parent().is_some()) {
        if root.join(".git").symlink_metadata().is_ok() {
            let dir = folder.strip_prefix(root).unwrap_or(Path::new(""));
            let is_shallow = root.join(".git/shallow").symlink_metadata().is_ok();
            let (root, dir) = (root.as_os_str().as_bytes(), dir.as_os_str().as_bytes());
            return Ok(written.in_repository(root, dir, is_shallow)?);
        }
    }
    Ok(written.at(folder.as_os_str().as_bytes())?)
}

/// The folder at or above `start` that has a `flake.nix`.
fn flake_folder(start: &Path) -> Result<PathBuf, FlakeFolderError> {
    let status = start.symlink_metadata().map_err(|error| file(start, &error))?;
    let start = match (status.is_dir(), start.file_name(), start.parent()) {
        (true, _, _) => start,
        (false, Some(name), Some(parent)) if name == "flake.nix" => parent,
        _ => return Err(FlakeFolderError::NotFolder(start.to_owned())),
    };
    let device = status.dev();
    let mut end = start;
    for folder in start.ancestors().take_while(|folder| folder.parent().is_some()) {
        if folder.join("flake.nix").symlink_metadata().is_ok() {
            return Ok(folder.to_owned());
        }
        end = folder;
        let is_other_device = folder.symlink_metadata().is_ok_and(|status| status.dev() != device);
        if is_other_device || folder.join(".git").symlink_metadata().is_ok() {
            break;
        }
    }
    Err(FlakeFolderError::NoFlake { path: start.to_owned(), end: end.to_owned() })
}

fn file(path: &Path, error: &std::io::Error) -> FlakeFolderError {
    FlakeFolderError::File { path: path.to_owned(), reason: error.to_string() }
}

/// Without `.` and `..`, told by the names alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `repo/.git`, `repo/flake.nix`, `repo/sub/deep/flake.nix`, `repo/none`, `plain/flake.nix`.
    fn world() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for path in ["repo/.git", "repo/sub/deep/er", "repo/none", "plain/a b", "bare/.git/x"] {
            std::fs::create_dir_all(root.join(path)).unwrap();
        }
        for path in ["repo/flake.nix", "repo/sub/deep/flake.nix", "plain/flake.nix"] {
            std::fs::write(root.join(path), "{}").unwrap();
        }
        (folder, root)
    }

    fn found(text: &str, base: &Path) -> Result<String, String> {
        match read(text, base) {
            Ok((reference, fragment)) => Ok(format!("{reference}|{}", String::from_utf8(fragment).unwrap())),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn flakes_are_searched_for_upwards() {
        let (_folder, root) = world();
        let shown = root.display();
        for (base, text, expected) in [
            ("repo", ".", format!("git+file://{shown}/repo|")),
            ("repo/none", ".#x", format!("git+file://{shown}/repo|x")),
            ("repo/sub/deep/er", "..", format!("git+file://{shown}/repo?dir=sub/deep|")),
            ("repo", "./flake.nix", format!("git+file://{shown}/repo|")),
            ("", "plain/a b?lastModified=7#y%20z", format!("path:{shown}/plain?lastModified=7|y z")),
            ("plain", &format!("{shown}/repo/sub/deep"), format!("git+file://{shown}/repo?dir=sub/deep|")),
            ("plain", "path:./x/../y", format!("path:{shown}/plain/y|")),
            ("plain", "git+file:../repo?ref=x", format!("git+file:{shown}/repo?ref=x|")),
            ("repo", "nixpkgs#a", "flake:nixpkgs|a".to_owned()),
            ("repo", "github:o/r", "github:o/r|".to_owned()),
        ] {
            assert_eq!(found(text, &root.join(base)), Ok(expected), "{text}");
        }
        std::fs::write(root.join("repo/.git/shallow"), "").unwrap();
        assert_eq!(found(".", &root.join("repo")), Ok(format!("git+file://{shown}/repo?shallow=1|")));
    }

    #[test]
    fn the_search_ends_at_a_repository() {
        let (_folder, root) = world();
        let error = found("./.git/x", &root.join("bare")).unwrap_err();
        let bare = root.join("bare");
        let expected = format!(
            "{}/.git/x is not part of a flake: there is no 'flake.nix' in it or above it, up to {}",
            bare.display(),
            bare.display()
        );
        assert_eq!(error, expected);
        assert!(found("../repo/none/../flake.nix2", &bare).unwrap_err().contains("flake.nix2: No such file"));
        assert!(found("ftp://x/y", &bare).unwrap_err().contains("scheme 'ftp' is not supported"));
        let twice = found(".?dir=x", &root.join("repo/sub/deep")).unwrap_err();
        assert!(twice.contains("second folder"), "{twice}");
    }

    /// Nix looks for a folder only if the text is no URL at all.
    #[test]
    fn a_folder_with_a_colon_in_its_name_needs_a_dot_before_it() {
        let (_folder, root) = world();
        std::fs::create_dir(root.join("a:b")).unwrap();
        std::fs::write(root.join("a:b/flake.nix"), "{}").unwrap();
        assert!(found("a:b", &root).unwrap_err().contains("scheme 'a' is not supported"));
        assert_eq!(found("./a:b", &root), Ok(format!("path:{}/a:b|", root.display())));
    }
}
