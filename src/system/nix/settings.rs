//! Reads single settings from Nix's configuration files, without starting Nix.
//!
//! firn starts by reading files only, and `nix config show` is a process of its own, so what
//! the first screen needs is read here: where the default profile is, and where registries
//! are. The commands read their own settings. The order is Nix's, the later wins: the system's
//! `nix.conf`, the users' files, `NIX_CONFIG`, the command line. Lines are words separated by
//! blanks, `name = value`, `#` starts a comment, `include FILE` reads another file (`!include`
//! if it is there). What Nix refuses to start with is passed over here.

use std::path::{Path, PathBuf};

use super::environment::NixEnvironment;
use crate::system::bounded_file;

/// Includes deeper than this are ignored: they are a cycle.
const DEPTH: usize = 8;

/// Larger files are not read.
const LARGEST: u64 = 16 << 20;

/// Whether a yes-or-no setting is on, which it is not unless something says so.
pub(super) fn is_enabled(name: &str, environment: &NixEnvironment, options: &[String]) -> bool {
    value(name, environment, options).is_some_and(|value| is_yes(&value))
}

/// Whether a yes-or-no setting that is on unless something says otherwise is on.
pub(super) fn is_not_disabled(name: &str, environment: &NixEnvironment, options: &[String]) -> bool {
    value(name, environment, options).is_none_or(|value| is_yes(&value))
}

/// The value of a setting, its words joined by blanks; `None` if nothing sets it.
pub(super) fn value(name: &str, environment: &NixEnvironment, options: &[String]) -> Option<String> {
    let mut value = None;
    for file in files(environment) {
        if let Some(text) = text_of(&file) {
            read(&text, file.parent(), name, DEPTH, &mut value);
        }
    }
    if let Some(text) = environment.get("NIX_CONFIG").and_then(|text| text.to_str()) {
        read(text, None, name, DEPTH, &mut value);
    }
    from_options(options, name, &mut value);
    value
}

/// The configuration files, the ones that win last.
fn files(environment: &NixEnvironment) -> Vec<PathBuf> {
    let mut users: Vec<PathBuf> = match environment.get_or_empty("NIX_USER_CONF_FILES") {
        Some(files) if files.is_empty() => Vec::new(),
        Some(files) => std::env::split_paths(files).collect(),
        None => environment
            .user_configuration_folders()
            .into_iter()
            .map(|folder| folder.join("nix.conf"))
            .collect(),
    };
    users.push(environment.system_configuration_folder().join("nix.conf"));
    users.reverse();
    users
}

/// Text that can be read, and is not far too large to be settings; a pipe is left for nix to read.
/// A comment may be in any encoding.
fn text_of(file: &Path) -> Option<String> {
    let bytes = bounded_file::read(file, LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn read(text: &str, folder: Option<&Path>, name: &str, depth: usize, value: &mut Option<String>) {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match (words.as_slice(), folder) {
            (["include" | "!include", file], folder) if depth > 0 => {
                let path = folder.map_or_else(|| PathBuf::from(file), |folder| folder.join(file));
                if let Some(text) = text_of(&path) {
                    read(&text, path.parent(), name, depth - 1, value);
                }
            }
            ([setting, "=", words @ ..], _) if *setting == name => *value = Some(words.join(" ")),
            _ => {}
        }
    }
}

/// `--option NAME VALUE`, `--NAME`, `--no-NAME` and `--NAME VALUE`.
fn from_options(options: &[String], name: &str, value: &mut Option<String>) {
    for (index, word) in options.iter().enumerate() {
        let next = |distance: usize| options.get(index + distance).cloned().unwrap_or_default();
        match word.strip_prefix("--") {
            Some("option") if next(1) == name => *value = Some(next(2)),
            Some(flag) if flag.strip_prefix("no-") == Some(name) => *value = Some("false".to_owned()),
            Some(flag) if flag == name && is_text(name) => *value = Some(next(1)),
            Some(flag) if flag == name => *value = Some("true".to_owned()),
            _ => {}
        }
    }
}

/// Whether the setting's flag is followed by its value.
fn is_text(name: &str) -> bool {
    matches!(name, "flake-registry" | "store" | "tarball-ttl")
}

fn is_yes(word: &str) -> bool {
    matches!(word, "true" | "yes" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "use-xdg-base-directories";

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_later_wins() {
        let folder = tempfile::tempdir().unwrap();
        let [system, user] = ["system", "user"].map(|name| folder.path().join(name));
        for folder in [&system, &user] {
            std::fs::create_dir(folder).unwrap();
        }
        std::fs::write(system.join("nix.conf"), "cores = 4\ninclude more.conf # yes\n!include gone\n")
            .unwrap();
        std::fs::write(system.join("more.conf"), format!("{NAME}   =  true\ninclude more.conf\n")).unwrap();
        let variable = |name: &str, path: &Path| (name.into(), path.as_os_str().to_owned());
        let mut variables =
            vec![variable("NIX_CONF_DIR", &system), variable("NIX_USER_CONF_FILES", &user.join("nix.conf"))];
        let ask = |variables: &Vec<_>, options: &[String]| {
            is_enabled(NAME, &NixEnvironment::new(variables.clone()), options)
        };
        assert!(ask(&variables, &[]));
        std::fs::write(user.join("nix.conf"), format!("# {NAME} = true\n{NAME} = false\n")).unwrap();
        assert!(!ask(&variables, &[]));
        variables.push(("NIX_CONFIG".into(), format!("x = y\n{NAME} = true").into()));
        assert!(ask(&variables, &[]));
        assert!(!ask(&variables, &words(&format!("--option {NAME} false"))));
        assert!(!ask(&variables, &words(&format!("--no-{NAME}"))));
        assert!(ask(&variables, &words(&format!("--option {NAME} false --{NAME}"))));
    }

    #[test]
    fn texts_are_whole_and_can_be_empty() {
        let ask = |configuration: &str, options: &str| {
            let variables =
                [("NIX_CONF_DIR", "/nowhere"), ("NIX_USER_CONF_FILES", ""), ("NIX_CONFIG", configuration)];
            let environment = NixEnvironment::new(variables.map(|(name, value)| (name.into(), value.into())));
            value("flake-registry", &environment, &words(options))
        };
        assert_eq!(ask("", ""), None);
        assert_eq!(ask("flake-registry = ", "").as_deref(), Some(""));
        assert_eq!(ask("flake-registry = /a  b # c", "").as_deref(), Some("/a b"));
        assert_eq!(ask("flake-registry = /a", "--flake-registry /b").as_deref(), Some("/b"));
        assert_eq!(ask("flake-registry = /a", "--option flake-registry /b").as_deref(), Some("/b"));
    }

    #[test]
    fn nothing_said_is_off() {
        let nowhere = [("NIX_CONF_DIR", "/nowhere"), ("NIX_USER_CONF_FILES", "/nowhere/nix.conf")];
        let environment = NixEnvironment::new(nowhere.map(|(name, value)| (name.into(), value.into())));
        assert!(!is_enabled(NAME, &environment, &[]));
    }
}
