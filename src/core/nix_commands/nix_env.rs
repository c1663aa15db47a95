//! The commands of nix-env that equal changes to one of its profiles.
//!
//! Packages are named by selectors: patterns for the name, and after it the version. What means
//! something in a pattern is escaped: `'gtk\+-3.24'`. A package that is told apart only by a number of
//! firn's has no selector.

use super::{CommandTarget, NoCommand};
use crate::core::change::Change;
use crate::core::manifest::ProfileElement;

impl CommandTarget {
    /// The start of a command, and the word that neighbours with the same start can share it by.
    pub(super) fn of_package_change(
        &self,
        change: &Change,
    ) -> Result<(Vec<String>, Option<String>), NoCommand> {
        let flag = |name: &str, value: &str| self.nix_env(&["--set-flag", name, value]);
        let on = |to: &bool| if *to { "true" } else { "false" };
        let (start, element) = match change {
            Change::Remove { element } => (self.nix_env(&["--uninstall"]), element),
            Change::Priority { element, to } if *to < 0 => {
                return Err(NoCommand::NegativePriority(element.clone()));
            }
            Change::Priority { element, to } => (flag("priority", &to.to_string()), element),
            Change::Active { element, to } => (flag("active", on(to)), element),
            Change::Keep { element, to } => (flag("keep", on(to)), element),
            Change::UpgradeFrom { element, file } => (self.nix_env(&["--file", file, "--upgrade"]), element),
            Change::Upgrade { element } => (self.nix_env(&["--upgrade"]), element),
            Change::Outputs { element, .. } => return Err(NoCommand::Outputs(element.clone())),
            Change::Attach { element, .. } | Change::Retarget { element, .. } => {
                return Err(NoCommand::Retarget(element.clone()));
            }
            Change::Convert => return Err(NoCommand::Convert),
            Change::UserEnvironment { .. } => return Err(NoCommand::UserEnvironment),
            _ => return self.installing(change),
        };
        Ok((start, Some(selector(element))))
    }

    fn installing(&self, change: &Change) -> Result<(Vec<String>, Option<String>), NoCommand> {
        let Change::Add { installable, priority, file, expr: None, active: true, .. } = change else {
            return Err(NoCommand::NotByNixEnv(change_name(change)));
        };
        let has_outputs = installable.contains('^');
        let mut start = match file {
            Some(file) => self.nix_env(&["--file", file, "--install"]),
            None if installable.starts_with('/') && !installable.contains('#') => {
                self.nix_env(&["--install"])
            }
            None => return Err(NoCommand::NotByNixEnv(installable.clone())),
        };
        if has_outputs {
            return Err(NoCommand::NotByNixEnv(installable.clone()));
        }
        if let Some(priority) = priority {
            start.extend(["--priority".to_owned(), priority.to_string()]);
        }
        if file.is_some() && !installable.is_empty() {
            start.push("--attr".to_owned());
        }
        Ok((start, (!installable.is_empty()).then(|| installable.clone())))
    }

    /// Installs an element's package as it is.
    pub(super) fn installing_path(&self, element: &ProfileElement) -> Option<(Vec<String>, String)> {
        let [path] = element.store_paths.as_slice() else { return None };
        let mut start = self.nix_env(&["--install"]);
        start.extend(["--priority".to_owned(), element.priority.to_string()]);
        Some((start, path.as_str().to_owned()))
    }

    pub(super) fn nix_env(&self, words: &[&str]) -> Vec<String> {
        let mut start = vec!["nix-env".to_owned()];
        if !self.is_default && !self.profile.is_empty() {
            start.extend(["--profile".to_owned(), self.profile.clone()]);
        }
        start.extend(words.iter().map(|word| (*word).to_owned()));
        start
    }
}

fn change_name(change: &Change) -> String {
    match change {
        Change::Add { installable, .. } => installable.clone(),
        other => other.element().unwrap_or_default().to_owned(),
    }
}

/// The pattern that means exactly this name.
pub(super) fn selector(name: &str) -> String {
    let mut selector = String::with_capacity(name.len());
    let version = crate::core::package::PackageName::split(name).name.len();
    for (index, character) in name.char_indices() {
        // The version is compared as it is.
        if index < version && r"\.[]{}()*+?^$|".contains(character) {
            selector.push('\\');
        }
        selector.push(character);
    }
    selector
}

#[cfg(test)]
mod tests {
    use super::super::Tool;
    use super::*;
    use crate::core::manifest::ExtendedOutputsSpec;

    #[test]
    fn changes_are_commands_of_nix_env() {
        let target = CommandTarget { tool: Tool::NixEnv, ..CommandTarget::default() };
        let element = || "gtk+-3.24".to_owned();
        let path = "/nix/store/10s5j3mfdg22k1597x580qrhprnzcjwb-hello-2.12.3";
        let of_file = |installable: &str| Change::Add {
            installable: installable.to_owned(),
            priority: Some(3),
            file: Some("a b.nix".to_owned()),
            expr: None,
            locked: None,
            with: Vec::new(),
            name: None,
            active: true,
        };
        for (change, command) in [
            (Change::Remove { element: "git".to_owned() }, "nix-env --uninstall git"),
            (Change::Remove { element: element() }, r"nix-env --uninstall 'gtk\+-3.24'"),
            (Change::Priority { element: "git".to_owned(), to: 3 }, "nix-env --set-flag priority 3 git"),
            (Change::Active { element: "git".to_owned(), to: false }, "nix-env --set-flag active false git"),
            (Change::Keep { element: "git".to_owned(), to: true }, "nix-env --set-flag keep true git"),
            (Change::Upgrade { element: "git".to_owned() }, "nix-env --upgrade git"),
            (
                Change::UpgradeFrom { element: "git".to_owned(), file: "f.nix".to_owned() },
                "nix-env --file f.nix --upgrade git",
            ),
            (Change::addition(path, None), &format!("nix-env --install {path}")),
            (of_file("x.y"), "nix-env --file 'a b.nix' --install --priority 3 --attr x.y"),
            (of_file(""), "nix-env --file 'a b.nix' --install --priority 3"),
        ] {
            assert_eq!(target.of_changes(&[change]).unwrap(), [command]);
        }
        let all = ExtendedOutputsSpec::All;
        for change in [
            Change::Priority { element: element(), to: -3 },
            Change::Outputs { element: element(), to: all },
            Change::Retarget { element: element(), to: "nixpkgs".to_owned() },
            Change::addition("nixpkgs#git", None),
            of_file("x^doc"),
        ] {
            assert!(target.of_changes(std::slice::from_ref(&change)).is_err(), "{change:?}");
        }
        assert_eq!(target.rolling_back(3).unwrap(), "nix-env --switch-generation 3");
    }
}
