//! The nix commands that do what a staged plan, or one element, asks for.
//!
//! Only commands that do the same are given: what `nix profile` cannot do, like changing a
//! priority afterwards, is a [`NoCommand`] with the reason, not something similar. Each
//! command makes a generation of its own, where firn makes one for the whole plan.
//!
//! `nix profile remove tmux`, `nix profile add --priority 6 'nixpkgs#fltk'`

use std::collections::BTreeMap;

use super::change::{Change, short_reference};
use super::flake_ref::FlakeRef;
use super::manifest::ProfileElement;
use super::nix_options::{NixOptions, RememberedOptions};
use super::shell_words;

mod nix_env;

/// Which profile the commands are for, and which nix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTarget {
    /// The profile's link.
    pub profile: String,
    /// Whether nix takes it if no profile is named.
    pub is_default: bool,
    /// "nix 2.34.8", "lix 2.93.3", "playground".
    pub store: String,
    /// Whose commands change the profile.
    pub tool: Tool,
    /// With which options nix is asked about elements, and about what is staged to be added.
    pub options: RememberedOptions,
}

/// Whose commands change a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// `nix profile`.
    #[default]
    NixProfile,
    /// `nix-env`, which made it.
    NixEnv,
}

/// Why nix has no command for something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    /// `nix profile` knows priorities only when adding.
    #[error("nix cannot change the priority of '{0}' after adding it")]
    Priority(String),
    /// `nix profile` knows no inactive elements.
    #[error("nix cannot switch '{0}' on or off")]
    Active(String),
    /// `nix profile` chooses outputs only when adding.
    #[error("nix cannot choose other outputs of '{0}' after adding it")]
    Outputs(String),
    /// `nix profile` knows no other flake for an element.
    #[error("nix cannot make '{0}' follow another flake")]
    Retarget(String),
    /// Nix takes it for an index, and refuses indices.
    #[error("nix refuses '{0}' as a name, because it is a number")]
    Number(String),
    /// The element has no flake, and more than one path.
    #[error("'{0}' came from neither a flake nor one store path")]
    Source(String),
    /// `--set-flag` takes it for an option.
    #[error("nix-env cannot give '{0}' a negative priority")]
    NegativePriority(String),
    /// Nix converts as a side effect of any change, and loses most of what nix-env had.
    #[error("nix converts a profile of nix-env only along with another change, and loses its priorities")]
    Convert,
    /// nix-env builds environments of what it installs.
    #[error("nix-env takes no manifest: it cannot make an exported profile again")]
    UserEnvironment,
    /// `nix-env` installs from files and the store only.
    #[error("nix-env cannot install '{0}': it takes packages from files and store paths")]
    NotByNixEnv(String),
    /// Only packages of nix-env have flags.
    #[error("nix profile has no flag 'keep' for '{0}'")]
    Keep(String),
    /// An addition from an exported profile: evaluated at one reference, recorded with another.
    #[error("nix cannot add '{0}' as it was exported")]
    Exported(String),
    /// There is nothing nix could work on.
    #[error("Nix does not know the playground")]
    Playground,
}

impl CommandTarget {
    /// The commands that equal staged changes, in their order; neighbours that one command can
    /// carry out are one.
    pub fn of_changes(&self, changes: &[Change]) -> Result<Vec<String>, NoCommand> {
        let mut commands: Vec<(Start, Vec<String>)> = Vec::new();
        // Edits of the registry decide how additions resolve, wherever they stand.
        let (registry, profile): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| change.registry_edit().is_some());
        for change in registry.into_iter().chain(profile) {
            let (start, word) = self.of_change(change)?;
            let start = Start { options: self.options_of(change), words: start };
            match commands.last_mut() {
                Some((same, words)) if *same == start => words.extend(word),
                _ => commands.push((start, word.into_iter().collect())),
            }
        }
        Ok(commands.into_iter().map(|(start, words)| start.line(words)).collect())
    }

    /// The options without which nix would not do what a change says.
    fn options_of(&self, change: &Change) -> NixOptions {
        let of = match change {
            Change::Upgrade { element } if self.tool == Tool::NixProfile => {
                self.options.elements.get(element)
            }
            Change::Add { .. } => {
                change.installable().and_then(|installable| self.options.additions.get(installable.shown()))
            }
            _ => None,
        };
        of.cloned().unwrap_or_default()
    }

    /// Adds the element as it is: newest revision, its outputs and priority.
    pub fn adding(&self, name: &str, element: &ProfileElement) -> Result<String, NoCommand> {
        let installable = match (&element.source, element.store_paths.as_slice()) {
            (Some(source), _) => source.installable(&source.original_url, &source.attr_path),
            (None, [path]) => path.as_str().to_owned(),
            (None, _) => return Err(NoCommand::Source(name.to_owned())),
        };
        if !element.active {
            return Err(NoCommand::Active(name.to_owned()));
        }
        if self.tool == Tool::NixEnv {
            let (start, path) =
                self.installing_path(element).ok_or_else(|| NoCommand::Source(name.to_owned()))?;
            return Ok(line(start, vec![path]));
        }
        let mut start = self.start(self.add_verb())?;
        start.extend(["--priority".to_owned(), element.priority.to_string()]);
        let options = self.options.elements.get(name).cloned().unwrap_or_default();
        Ok(Start { options, words: start }.line(vec![installable]))
    }

    /// Removes or upgrades elements by name.
    pub fn by_name(&self, verb: &str, names: &[String]) -> Result<String, NoCommand> {
        if self.tool == Tool::NixEnv && !self.is_playground() {
            let verb = if verb == "remove" { "--uninstall" } else { "--upgrade" };
            return Ok(line(
                self.nix_env(&[verb]),
                names.iter().map(|name| nix_env::selector(name)).collect(),
            ));
        }
        for name in names {
            checked(name)?;
        }
        let start = self.start(verb)?;
        if verb != "upgrade" {
            return Ok(line(start, names.to_vec()));
        }
        // Those that need other options are upgraded by a command of their own.
        let mut commands: BTreeMap<NixOptions, Vec<String>> = BTreeMap::new();
        for name in names {
            let options = self.options.elements.get(name).cloned().unwrap_or_default();
            commands.entry(options).or_default().push(name.clone());
        }
        let start = |options| Start { options, words: start.clone() };
        let lines = commands.into_iter().map(|(options, names)| start(options).line(names));
        Ok(lines.collect::<Vec<_>>().join(" &&\n"))
    }

    /// Makes a generation live.
    pub fn rolling_back(&self, to: u64) -> Result<String, NoCommand> {
        if self.tool == Tool::NixEnv && !self.is_playground() {
            return Ok(shell_words::line(self.nix_env(&["--switch-generation", &to.to_string()])));
        }
        let mut start = self.start("rollback")?;
        start.extend(["--to".to_owned(), to.to_string()]);
        Ok(shell_words::line(start))
    }

    /// Deletes generations.
    pub fn deleting(&self, numbers: &[u64]) -> Result<String, NoCommand> {
        if self.is_playground() {
            return Err(NoCommand::Playground);
        }
        let mut words = self.nix_env(&["--delete-generations"]);
        words.extend(numbers.iter().map(u64::to_string));
        Ok(shell_words::line(words))
    }

    /// A call of firn about this profile, ready for a shell.
    pub fn firn(&self, rest: &[&str]) -> String {
        let mut words = "firn".to_owned();
        let mut profile = Some(self.profile.as_str()).filter(|profile| !profile.is_empty());
        if self.is_playground() {
            if let Some((folder, name)) = self.profile.rsplit_once("/profiles/") {
                words = format!("{words} --demo={}", shell_words::quoted(folder));
                profile = profile.filter(|_| name != "profile");
            } else {
                words.push_str(" --demo");
            }
        } else if self.is_default {
            profile = None;
        }
        if let Some(profile) = profile {
            words = format!("{words} --profile {}", shell_words::quoted(profile));
        }
        format!("{words} {}", shell_words::line(rest.iter().copied().map(str::to_owned)))
    }

    fn is_playground(&self) -> bool {
        self.store == "playground"
    }

    fn of_change(&self, change: &Change) -> Result<(Vec<String>, Option<String>), NoCommand> {
        if self.tool == Tool::NixEnv && !self.is_playground() && !change.is_registry_edit() {
            return self.of_package_change(change);
        }
        match change {
            Change::Remove { element } => {
                checked(element)?;
                Ok((self.start("remove")?, Some(element.clone())))
            }
            Change::Upgrade { element } => {
                checked(element)?;
                Ok((self.start("upgrade")?, Some(element.clone())))
            }
            Change::UpgradeFrom { element, .. } => Err(NoCommand::Source(element.clone())),
            Change::Keep { element, .. } => Err(NoCommand::Keep(element.clone())),
            Change::Convert => Err(NoCommand::Convert),
            Change::UserEnvironment { .. } => Err(NoCommand::UserEnvironment),
            Change::Outputs { element, .. } => Err(NoCommand::Outputs(element.clone())),
            Change::Attach { element, .. } | Change::Retarget { element, .. } => {
                Err(NoCommand::Retarget(element.clone()))
            }
            Change::Priority { element, .. } => Err(NoCommand::Priority(element.clone())),
            Change::Active { element, .. } => Err(NoCommand::Active(element.clone())),
            Change::Add { installable, active: false, .. } => Err(NoCommand::Active(installable.clone())),
            Change::Add { installable, locked: Some(_), .. }
            | Change::Add { installable, name: Some(_), .. } => Err(NoCommand::Exported(installable.clone())),
            Change::Add { installable, with, .. } if !with.is_empty() => {
                Err(NoCommand::Exported(installable.clone()))
            }
            Change::Add { installable, priority, file, expr, .. } => {
                let mut start = self.start(self.add_verb())?;
                let mut option = |name: &str, value: Option<String>| {
                    start.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
                };
                option("--priority", priority.map(|priority| priority.to_string()));
                option("--file", file.clone());
                option("--expr", expr.clone());
                let whole = installable.is_empty() && (file.is_some() || expr.is_some());
                Ok((start, (!whole).then(|| installable.clone())))
            }
            Change::RegistryAdd { from, to } => Ok((self.registry("add", &[from, to])?, None)),
            Change::RegistryRemove { from } => Ok((self.registry("remove", &[from])?, None)),
            Change::RegistryPin { from, to } => {
                let references: Vec<&FlakeRef> = std::iter::once(from).chain(to).collect();
                Ok((self.registry("pin", &references)?, None))
            }
        }
    }

    fn start(&self, verb: &str) -> Result<Vec<String>, NoCommand> {
        if self.is_playground() {
            return Err(NoCommand::Playground);
        }
        let mut words: Vec<String> = ["nix", "profile", verb].map(str::to_owned).into();
        if !self.is_default {
            words.extend(["--profile".to_owned(), self.profile.clone()]);
        }
        Ok(words)
    }

    fn registry(&self, verb: &str, references: &[&FlakeRef]) -> Result<Vec<String>, NoCommand> {
        if self.is_playground() {
            return Err(NoCommand::Playground);
        }
        let references = references.iter().map(|reference| short_reference(reference).to_owned());
        Ok(["nix", "registry", verb].map(str::to_owned).into_iter().chain(references).collect())
    }

    /// `add` was called `install` before Nix 2.30, and still is in Lix.
    fn add_verb(&self) -> &'static str {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        let mut numbers = self.store.trim_start_matches("nix ").split(|c: char| !c.is_ascii_digit());
        let is_older =
            number(numbers.next()).zip(number(numbers.next())).is_some_and(|version| version < (2, 30));
        if is_older || self.store.starts_with("lix") { "install" } else { "add" }
    }
}

impl Default for CommandTarget {
    fn default() -> Self {
        Self {
            profile: String::new(),
            is_default: true,
            store: "nix".to_owned(),
            tool: Tool::NixProfile,
            options: RememberedOptions::default(),
        }
    }
}

fn checked(name: &str) -> Result<(), NoCommand> {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Err(NoCommand::Number(name.to_owned())) } else { Ok(()) }
}

/// How a command begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    /// Variables stand in front, the rest behind the words.
    options: NixOptions,
    words: Vec<String>,
}

impl Start {
    fn line(mut self, words: Vec<String>) -> String {
        self.words.extend(self.options.words().iter().cloned());
        format!("{}{}", self.options.assigned(), line(self.words, words))
    }
}

/// A word that starts with a dash must not read as an option.
fn line(mut start: Vec<String>, words: Vec<String>) -> String {
    if words.iter().any(|word| word.starts_with('-')) {
        start.push("--".to_owned());
    }
    start.extend(words);
    shell_words::line(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};

    fn add(installable: &str, priority: Option<i32>) -> Change {
        Change::addition(installable, priority)
    }

    fn remove(element: &str) -> Change {
        Change::Remove { element: element.to_owned() }
    }

    #[test]
    fn neighbours_become_one_command_and_the_order_stays() {
        let changes = [
            remove("tmux"),
            remove("a b"),
            add("nixpkgs#fltk", Some(6)),
            add("nixpkgs#hello^out", Some(6)),
            add("github:a/b", None),
            remove("-x"),
        ];
        let commands = CommandTarget::default().of_changes(&changes).unwrap();
        assert_eq!(
            commands,
            [
                "nix profile remove tmux 'a b'",
                "nix profile add --priority 6 'nixpkgs#fltk' 'nixpkgs#hello^out'",
                "nix profile add github:a/b",
                "nix profile remove -- -x",
            ]
        );
    }

    #[test]
    fn edits_of_the_registry_come_first() {
        let reference = |text: &str| FlakeRef::parse(text).unwrap();
        let changes = [
            add("nixpkgs#hello", None),
            Change::RegistryAdd { from: reference("nixpkgs"), to: reference("github:o/r?dir=d&x=1") },
            Change::RegistryPin { from: reference("a/main"), to: None },
            Change::RegistryRemove { from: reference("github:o/r") },
        ];
        let commands = CommandTarget::default().of_changes(&changes).unwrap();
        assert_eq!(
            commands,
            [
                "nix registry add nixpkgs 'github:o/r?dir=d'",
                "nix registry pin a/main",
                "nix registry remove github:o/r",
                "nix profile add 'nixpkgs#hello'",
            ]
        );
    }

    #[test]
    fn options_that_are_remembered_stand_in_the_commands() {
        let mut target = CommandTarget::default();
        let options = NixOptions::parse("NIXPKGS_ALLOW_UNFREE=1 --impure").unwrap();
        target.options.elements.insert("zoom".to_owned(), options.clone());
        target.options.additions.insert("nixpkgs#steam".to_owned(), options);
        let upgrade = |element: &str| Change::Upgrade { element: element.to_owned() };
        let changes = [
            upgrade("bat"),
            upgrade("zoom"),
            remove("zoom"),
            add("nixpkgs#steam", None),
            add("nixpkgs#jq", None),
        ];
        assert_eq!(
            target.of_changes(&changes).unwrap(),
            [
                "nix profile upgrade bat",
                "NIXPKGS_ALLOW_UNFREE=1 nix profile upgrade --impure zoom",
                "nix profile remove zoom",
                "NIXPKGS_ALLOW_UNFREE=1 nix profile add --impure 'nixpkgs#steam'",
                "nix profile add 'nixpkgs#jq'",
            ]
        );
        let names = ["zoom", "bat", "jq"].map(str::to_owned);
        assert_eq!(
            target.by_name("upgrade", &names).unwrap(),
            "nix profile upgrade bat jq &&\nNIXPKGS_ALLOW_UNFREE=1 nix profile upgrade --impure zoom"
        );
        assert_eq!(target.by_name("remove", &names).unwrap(), "nix profile remove zoom bat jq");
    }

    #[test]
    fn other_profiles_and_older_nix_are_named() {
        let target = CommandTarget {
            profile: "/home/a b/p".to_owned(),
            is_default: false,
            store: "nix 2.26.3".to_owned(),
            tool: Tool::NixProfile,
            options: RememberedOptions::default(),
        };
        let commands = target.of_changes(&[add("nixpkgs#jq", None)]).unwrap();
        assert_eq!(commands, ["nix profile install --profile '/home/a b/p' 'nixpkgs#jq'"]);
        for (store, verb) in
            [("nix 2.30.2", "add"), ("nix 3.0", "add"), ("lix 2.93.3", "install"), ("nix", "add")]
        {
            assert_eq!(CommandTarget { store: store.to_owned(), ..target.clone() }.add_verb(), verb);
        }
    }

    #[test]
    fn what_nix_cannot_do_has_a_reason() {
        let target = CommandTarget::default();
        let reason = |change: Change| target.of_changes(&[change]).unwrap_err().to_string();
        assert!(reason(Change::Priority { element: "jj".to_owned(), to: 4 }).contains("after adding"));
        assert!(reason(Change::Active { element: "jj".to_owned(), to: false }).contains("on or off"));
        assert!(reason(remove("12")).contains("a number"));
        let playground = CommandTarget { store: "playground".to_owned(), ..CommandTarget::default() };
        assert_eq!(playground.rolling_back(3), Err(NoCommand::Playground));
        assert_eq!(playground.deleting(&[3]), Err(NoCommand::Playground));
        assert_eq!(target.rolling_back(3).unwrap(), "nix profile rollback --to 3");
        assert_eq!(target.deleting(&[3, 5]).unwrap(), "nix-env --delete-generations 3 5");
    }

    #[test]
    fn firn_is_called_for_the_same_profile() {
        let call = |profile: &str, is_default: bool, store: &str| {
            let (profile, store) = (profile.to_owned(), store.to_owned());
            CommandTarget { profile, is_default, store, ..CommandTarget::default() }.firn(&["apply", "-"])
        };
        assert_eq!(call("/h/.nix-profile", true, "nix 2.34.8"), "firn apply -");
        assert_eq!(call("/p/a b", false, "nix 2.34.8"), "firn --profile '/p/a b' apply -");
        assert_eq!(call("/d/profiles/profile", true, "playground"), "firn --demo=/d apply -");
        assert_eq!(
            call("/d/profiles/work", false, "playground"),
            "firn --demo=/d --profile /d/profiles/work apply -"
        );
    }

    #[test]
    fn an_element_is_added_as_it_is() {
        let source = ElementSource {
            original_url: "flake:nixpkgs".to_owned(),
            url: "github:NixOS/nixpkgs/9f2c".to_owned(),
            attr_path: "legacyPackages.x86_64-linux.git".to_owned(),
            outputs: ExtendedOutputsSpec::Names(vec!["doc".to_owned(), "out".to_owned()]),
        };
        let mut element =
            ProfileElement { active: true, priority: 4, store_paths: Vec::new(), source: Some(source) };
        let target = CommandTarget::default();
        assert_eq!(
            target.adding("git", &element).unwrap(),
            "nix profile add --priority 4 'flake:nixpkgs#legacyPackages.x86_64-linux.git^doc,out'"
        );
        if let Some(source) = &mut element.source {
            source.attr_path = "packages.x86_64-linux.\"a b\"".to_owned();
        }
        assert!(target.adding("a b", &element).unwrap().contains("linux.%22a%20b%22^doc,out"));
        element.active = false;
        assert_eq!(target.adding("git", &element), Err(NoCommand::Active("git".to_owned())));
        element.source = None;
        assert_eq!(target.adding("git", &element), Err(NoCommand::Source("git".to_owned())));
    }
}
