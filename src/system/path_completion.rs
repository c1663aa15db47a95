//! What a path that is being typed could become: the folders, files of Nix expressions and links into
//! the store whose names begin like it.
//!
//! Names that are not UTF-8 cannot be typed and are left out, and so are hidden ones until a dot is
//! typed. A folder is read only so far that one can go on typing.
//!
//! `./en` → `./env.nix`, `./envs/`

use std::path::{Path, PathBuf};

use crate::core::store_path::StoreDir;
use crate::core::typed_path::{PathChoice, PathKind};

/// How many names of a folder are looked at.
const MOST_NAMES: usize = 20_000;

/// How many are told.
const MOST_CHOICES: usize = 200;

/// The choices for a typed path, the one that it names whole first, then by name.
pub fn complete(typed: &str, store_dir: &StoreDir) -> Vec<PathChoice> {
    let typed = if matches!(typed, "." | ".." | "~") { format!("{typed}/") } else { typed.to_owned() };
    let (folder, start) = typed
        .rsplit_once('/')
        .map_or(("", typed.as_str()), |(folder, start)| (&typed[..=folder.len()], start));
    let place = from_root(folder);
    let mut choices = Vec::new();
    if start.is_empty() && !folder.is_empty() {
        // The folder itself, if something can be added from it.
        let itself = choice(typed.trim_end_matches('/'), &place, store_dir);
        choices.extend(itself.filter(|choice| choice.kind != PathKind::Folder));
    }
    let mut names: Vec<String> = std::fs::read_dir(&place)
        .into_iter()
        .flatten()
        .take(MOST_NAMES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.')))
        .collect();
    names.sort_unstable_by_key(|name| (name != start, name.clone()));
    let of_name = |name: String| choice(&format!("{folder}{name}"), &place.join(&name), store_dir);
    choices.extend(names.into_iter().filter_map(of_name).take(MOST_CHOICES));
    choices
}

fn choice(shown: &str, path: &Path, store_dir: &StoreDir) -> Option<PathChoice> {
    let shown = if shown.is_empty() { "/" } else { shown };
    let status = path.metadata().ok()?;
    let leads_into_store = || {
        let target = path.canonicalize().ok()?;
        (path.is_symlink() && target.starts_with(store_dir.as_str())).then_some(())
    };
    let kind = if leads_into_store().is_some() {
        PathKind::StoreLink
    } else if status.is_dir() {
        match (path.join("flake.nix").is_file(), path.join("default.nix").is_file()) {
            (true, true) => PathKind::FlakeAndDefaultFile,
            (true, false) => PathKind::Flake,
            (false, true) => PathKind::DefaultFile,
            (false, false) => PathKind::Folder,
        }
    } else if status.is_file() && path.extension().is_some_and(|ending| ending == "nix") {
        PathKind::NixFile
    } else {
        return None;
    };
    Some(PathChoice { shown: shown.to_owned(), full: path.to_str()?.to_owned(), kind })
}

/// A folder as typed, from the root.
fn from_root(folder: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match folder.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        None if folder.is_empty() => PathBuf::from("."),
        None => PathBuf::from(folder),
    };
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_files_and_links_into_the_store_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for folder in ["store/x", "both", "flake", "tools", "plain", ".hidden"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["env.nix", "env.txt", "both/flake.nix", "both/default.nix", "flake/flake.nix"] {
            std::fs::write(at(file), "").unwrap();
        }
        std::fs::write(at("tools/default.nix"), "").unwrap();
        std::os::unix::fs::symlink(at("store/x"), at("result")).unwrap();
        let store = StoreDir::new(at("store").canonicalize().unwrap().to_str().unwrap());
        let typed = |rest: &str| format!("{}/{rest}", root.path().display());
        let found = |rest: &str| {
            let short = |choice: PathChoice| (choice.shown[typed("").len()..].to_owned(), choice.kind);
            complete(&typed(rest), &store).into_iter().map(short).collect::<Vec<_>>()
        };
        let all = [
            ("both", PathKind::FlakeAndDefaultFile),
            ("env.nix", PathKind::NixFile),
            ("flake", PathKind::Flake),
            ("plain", PathKind::Folder),
            ("result", PathKind::StoreLink),
            ("store", PathKind::Folder),
            ("tools", PathKind::DefaultFile),
        ];
        assert_eq!(found(""), all.map(|(name, kind)| (name.to_owned(), kind)));
        assert_eq!(found("en"), [("env.nix".to_owned(), PathKind::NixFile)]);
        assert_eq!(found(".h"), [(".hidden".to_owned(), PathKind::Folder)]);
        assert!(found("nothing").is_empty() && found("env.nix/x").is_empty());
        let itself = complete(&typed("tools/"), &store);
        assert_eq!((itself.len(), itself[0].kind), (2, PathKind::DefaultFile));
        assert_eq!(itself[0].full, typed("tools/"));
    }
}
