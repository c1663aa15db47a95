//! Changes that Nix has no command for, done to its profile all the same.
//!
//! The manifest is edited by hand as a user could do, and Nix is made to build the
//! profile of it: in a scratch profile whose folder holds only that manifest, Nix removes
//! an element put there for the purpose (or adds the packages the transaction adds), which
//! writes everything anew. Its result then becomes the next generation of Nix's profile.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Output};

use serde_json::{Value, json};

use crate::arena::Arena;

/// The name of the element that is there to be removed.
const DUMMY: &str = "firn-test-dummy";

/// A transaction on elements by name.
#[derive(Debug, Default)]
pub struct Edit {
    remove: Vec<String>,
    priority: Vec<(String, i32)>,
    active: Vec<(String, bool)>,
    /// Installables, all at one priority, as one `nix profile add` can do it.
    add: Vec<(String, i32)>,
}

impl Edit {
    /// Reads `priority`, `enable`, `disable` and `apply`; `None` for what Nix has commands for.
    pub fn read(operation: &[String]) -> Option<Self> {
        let mut edit = Self::default();
        let words = &operation[1..];
        match operation[0].as_str() {
            "priority" => edit.priority.push((words[0].clone(), words[1].parse().unwrap())),
            "enable" => edit.active.push((words[0].clone(), true)),
            "disable" => edit.active.push((words[0].clone(), false)),
            "apply" => words.iter().for_each(|word| edit.read_change(word)),
            _ => return None,
        }
        Some(edit)
    }

    fn read_change(&mut self, word: &str) {
        let (kind, rest) = word.split_once('=').unwrap();
        let numbered = || {
            let (name, number) = rest.rsplit_once(':').unwrap();
            (name.to_owned(), number.parse().unwrap())
        };
        match kind {
            "remove" => self.remove.push(rest.to_owned()),
            "priority" => self.priority.push(numbered()),
            "off" => self.active.push((rest.to_owned(), false)),
            "on" => self.active.push((rest.to_owned(), true)),
            "add" => self.add.push(numbered()),
            _ => panic!("no such change: {word}"),
        }
    }

    /// The transaction as `firn apply` reads it.
    pub fn transaction(&self) -> Value {
        let mut changes = Vec::new();
        changes.extend(self.remove.iter().map(|name| json!({"change": "remove", "element": name})));
        for (name, to) in &self.priority {
            changes.push(json!({"change": "priority", "element": name, "to": to}));
        }
        for (name, to) in &self.active {
            changes.push(json!({"change": "active", "element": name, "to": to}));
        }
        for (installable, priority) in &self.add {
            changes.push(json!({"change": "add", "installable": installable, "priority": priority}));
        }
        json!({"version": 1, "changes": changes})
    }

    /// Edits a manifest of version 3; false if an element is not there.
    fn edit(&self, manifest: &mut Value) -> bool {
        let Some(elements) = manifest["elements"].as_object_mut() else { return false };
        let named = self.remove.iter().chain(self.priority.iter().map(|(name, _)| name));
        if !named.chain(self.active.iter().map(|(name, _)| name)).all(|name| elements.contains_key(name)) {
            return false;
        }
        self.remove.iter().for_each(|name| drop(elements.remove(name)));
        self.priority.iter().for_each(|(name, to)| elements[name]["priority"] = json!(to));
        self.active.iter().for_each(|(name, to)| elements[name]["active"] = json!(to));
        true
    }

    /// Does it to Nix's profile.
    pub fn by_nix(&self, arena: &Arena<'_>, profile: &str, number: usize) -> Output {
        let before = manifest(Path::new(profile));
        let mut after = before.clone();
        if !self.edit(&mut after) {
            return ended(1, "an element is not there");
        }
        if before == after && self.add.is_empty() {
            return ended(0, "nothing changed");
        }
        let scratch = arena.nix.root().join(format!("work/scratch-{number}"));
        let link = scratch.join("p");
        let link = link.to_str().unwrap();
        let built = self.build(arena, &after, &scratch, link);
        if !built.status.success() {
            return built;
        }
        let result = Path::new(link).canonicalize().unwrap();
        arena.run_nix(&["build", "--no-link", "--profile", profile, result.to_str().unwrap()])
    }

    fn build(&self, arena: &Arena<'_>, manifest: &Value, scratch: &Path, link: &str) -> Output {
        let mut manifest = manifest.clone();
        if self.add.is_empty() {
            manifest["elements"][DUMMY] = json!({"active": false, "priority": 5, "storePaths": []});
        }
        std::fs::create_dir_all(scratch.join("folder")).unwrap();
        std::fs::write(scratch.join("folder/manifest.json"), manifest.to_string()).unwrap();
        std::os::unix::fs::symlink("folder", link).unwrap();
        let Some((_, priority)) = self.add.first() else {
            return arena.run_nix(&["profile", "remove", "--profile", link, DUMMY]);
        };
        let priority = priority.to_string();
        let installables: Vec<String> =
            self.add.iter().map(|(installable, _)| arena.expand(installable)).collect();
        let mut arguments = vec!["profile", arena.add_verb(), "--profile", link, "--priority", &priority];
        arguments.extend(installables.iter().map(String::as_str));
        arena.run_nix(&arguments)
    }
}

/// The manifest of a profile; an empty one if there is none.
pub fn manifest(profile: &Path) -> Value {
    let text = std::fs::read(profile.join("manifest.json"));
    text.map_or_else(
        |_| json!({"elements": {}, "version": 3}),
        |text| serde_json::from_slice(&text).unwrap_or_default(),
    )
}

/// A command that did not have to run.
fn ended(status: i32, message: &str) -> Output {
    Output { status: ExitStatus::from_raw(status << 8), stdout: Vec::new(), stderr: message.into() }
}
