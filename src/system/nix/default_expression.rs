//! Files that packages of nix-env are upgraded from, as nix-env reads them.
//!
//! A file, or a folder with a `default.nix`, is an expression. Any other folder is a set of those below
//! it: `tools.nix` becomes `tools`, `channels/nixos` becomes `nixos`, whatever the depth; the first of a
//! name counts, dangling links and `manifest.nix` do not. Where no file is named it is nix-env's default
//! expression, `~/.nix-defexpr`, which has the user's channels and the system's below it.
//!
//! What is listed here are names only; nix evaluates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::NixEnvironment;
use super::settings;
use crate::core::installable::{InstallableScope, path_of_file};
use crate::core::nix_text;

/// Nix's own limit of expressions in a folder.
const MOST: usize = 1024;

/// Deeper folders are a loop of links, in which nix would never end.
const DEPTH: usize = 32;

/// Why there is nothing to evaluate.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoExpression {
    /// There is no default expression, or nothing in it.
    #[error("nix-env's default expression '{0}' holds no packages: no channel is subscribed to")]
    NoDefault(String),
    /// The folder holds none.
    #[error("the folder '{0}' holds no Nix expressions")]
    EmptyFolder(String),
    /// It cannot be read.
    #[error("'{path}' cannot be read: {reason}")]
    Unreadable {
        /// What.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// Where nix-env's default expression is.
pub(super) fn place(environment: &NixEnvironment, options: &[String]) -> PathBuf {
    if settings::is_enabled("use-xdg-base-directories", environment, options) {
        environment.user_state_folder().join("defexpr")
    } else {
        environment.home().join(".nix-defexpr")
    }
}

/// What nix has to evaluate for a file, or for the default expression.
pub(super) fn scope(
    file: Option<&str>,
    environment: &NixEnvironment,
    options: &[String],
) -> Result<InstallableScope, NoExpression> {
    let path = match file.map(|file| (file, path_of_file(file))) {
        None => place(environment, options),
        // nix fetches it or looks it up.
        Some((file, None)) => return Ok(InstallableScope::File(file.to_owned())),
        Some((_, Some(path))) => PathBuf::from(path),
    };
    let shown = path.display().to_string();
    let nothing = || match file {
        None => NoExpression::NoDefault(shown.clone()),
        Some(_) => NoExpression::EmptyFolder(shown.clone()),
    };
    let status = match path.metadata() {
        Ok(status) => status,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Err(nothing()),
        Err(error) => return Err(NoExpression::Unreadable { path: shown, reason: error.to_string() }),
    };
    if !status.is_dir() || has_default(&path) {
        return Ok(InstallableScope::File(shown));
    }
    let mut found = BTreeMap::new();
    collect(&path, DEPTH, &mut found)
        .map_err(|error| NoExpression::Unreadable { path: shown.clone(), reason: error.to_string() })?;
    if found.is_empty() {
        return Err(nothing());
    }
    let of = |(name, path): (&String, &String)| {
        format!("{} = import {};", nix_text::attribute(name), nix_text::string(path))
    };
    let expressions: Vec<String> = found.iter().map(of).collect();
    Ok(InstallableScope::Expression(format!("{{ _combineChannels = [ ]; {} }}", expressions.join(" "))))
}

fn has_default(folder: &Path) -> bool {
    folder.join("default.nix").exists()
}

/// The expressions below a folder by the names of their attributes; the first of a name stays.
fn collect(folder: &Path, depth: usize, found: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    let entries = folder.read_dir()?.collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<String> =
        entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    for name in names {
        if name == "manifest.nix" || found.len() >= MOST {
            continue;
        }
        // Links are followed first: the name of a file is that of what it leads to.
        let Ok(path) = folder.join(&name).canonicalize() else { continue };
        let Some(text) = path.to_str() else { continue };
        let is_expression = if path.is_dir() {
            has_default(&path)
        } else {
            path.is_file() && text.strip_suffix(".nix").is_some()
        };
        if is_expression {
            let attribute = name.strip_suffix(".nix").unwrap_or(&name);
            found.entry(attribute.to_owned()).or_insert_with(|| text.to_owned());
        } else if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_is_the_set_of_the_expressions_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let write = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{ }").unwrap();
        };
        for name in ["b/nixos/default.nix", "b/nixos/x.nix", "b/manifest.nix", "a.nix", "c/a.nix", "c/note"] {
            write(name);
        }
        std::os::unix::fs::symlink("gone", root.join("z")).unwrap();
        std::os::unix::fs::symlink(".", root.join("c/loop")).unwrap();
        let environment = NixEnvironment::new([]);
        let of = |path: &Path| scope(path.to_str(), &environment, &[]);
        let expected = format!(
            "{{ _combineChannels = [ ]; a = import \"{0}/a.nix\"; nixos = import \"{0}/b/nixos\"; }}",
            root.display()
        );
        assert_eq!(of(&root), Ok(InstallableScope::Expression(expected)));
        let file = |path: PathBuf| Ok(InstallableScope::File(path.to_str().unwrap().to_owned()));
        assert_eq!(of(&root.join("b/nixos")), file(root.join("b/nixos")));
        assert_eq!(of(&root.join("a.nix")), file(root.join("a.nix")));
        assert_eq!(
            scope(Some("<nixpkgs>"), &environment, &[]),
            Ok(InstallableScope::File("<nixpkgs>".to_owned()))
        );
        fs::create_dir(root.join("empty")).unwrap();
        assert!(matches!(of(&root.join("empty")), Err(NoExpression::EmptyFolder(_))));
        assert!(matches!(of(&root.join("gone")), Err(NoExpression::Unreadable { .. })));
        // The default one may well be absent.
        let home = NixEnvironment::new([("HOME".into(), root.join("home").into())]);
        assert!(matches!(scope(None, &home, &[]), Err(NoExpression::NoDefault(_))));
        write("home/.nix-defexpr/mine.nix");
        let found = scope(None, &home, &[]);
        assert!(
            matches!(&found, Ok(InstallableScope::Expression(text)) if text.contains("mine = ")),
            "{found:?}"
        );
    }
}
