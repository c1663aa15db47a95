//! Reads single settings from Nix's configuration files, without starting Nix.
//!
//! Only what the first frame needs is asked here (where the default profile is); the
//! commands read their own settings. The order is Nix's, the later wins: the system's
//! `nix.conf`, the users' files, `NIX_CONFIG`, the command line. Lines are words
//! separated by blanks, `name = value`, `#` starts a comment, `include FILE` reads
//! another file (`!include` if it is there).

use std::path::{Path, PathBuf};

use super::environment::NixEnvironment;

/// Includes deeper than this are ignored: they are a cycle.
const DEPTH: usize = 8;

/// Whether a yes-or-no setting is on.
pub(super) fn is_enabled(name: &str, environment: &NixEnvironment, options: &[String]) -> bool {
    let mut value = false;
    for file in files(environment) {
        if let Ok(text) = std::fs::read_to_string(&file) {
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
    let system = environment.get("NIX_CONF_DIR").map_or_else(|| PathBuf::from("/etc/nix"), PathBuf::from);
    let mut users: Vec<PathBuf> = match environment.get("NIX_USER_CONF_FILES") {
        Some(files) => std::env::split_paths(files).collect(),
        None => environment
            .user_configuration_folders()
            .into_iter()
            .map(|folder| folder.join("nix.conf"))
            .collect(),
    };
    users.push(system.join("nix.conf"));
    users.reverse();
    users
}

fn read(text: &str, folder: Option<&Path>, name: &str, depth: usize, value: &mut bool) {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match (words.as_slice(), folder) {
            (["include" | "!include", file], Some(folder)) if depth > 0 => {
                let path = folder.join(file);
                if let Ok(text) = std::fs::read_to_string(&path) {
                    read(&text, path.parent(), name, depth - 1, value);
                }
            }
            ([setting, "=", word], _) if *setting == name => *value = is_yes(word),
            _ => {}
        }
    }
}

/// `--option NAME VALUE`, `--NAME` and `--no-NAME`.
fn from_options(options: &[String], name: &str, value: &mut bool) {
    for (index, word) in options.iter().enumerate() {
        match word.strip_prefix("--") {
            Some("option") if options.get(index + 1).is_some_and(|setting| setting == name) => {
                *value = options.get(index + 2).is_some_and(|word| is_yes(word));
            }
            Some(flag) if flag == name => *value = true,
            Some(flag) if flag.strip_prefix("no-") == Some(name) => *value = false,
            _ => {}
        }
    }
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
    fn nothing_said_is_off() {
        let nowhere = [("NIX_CONF_DIR", "/nowhere"), ("NIX_USER_CONF_FILES", "/nowhere/nix.conf")];
        let environment = NixEnvironment::new(nowhere.map(|(name, value)| (name.into(), value.into())));
        assert!(!is_enabled(NAME, &environment, &[]));
    }
}
