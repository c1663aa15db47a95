//! One package of a user environment, as nix-env records it.
//!
//! `name`, `outPath`, `outputs` with a set `{ outPath = …; }` for each, `meta`, `system`, and
//! `drvPath` if derivations are kept. What else stands in a manifest nix-env drops at its next
//! write. Priority, and whether the package is active, are read as the builder reads them: from the
//! words that the values become (`"3x"` is 3), where nothing but the word `false` switches off.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Derivations;
use super::value::{Attributes, Value, print_set};
use crate::core::manifest::{DEFAULT_PRIORITY, ProfileElement};
use crate::core::package::PackageName;
use crate::core::store_path::{StoreDir, StorePath};

/// A package and its outputs that are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentPackage {
    /// With the version: `git-2.49.0`.
    pub name: String,
    /// The platform; nix-env calls it `unknown` from its second write on if there was none.
    pub system: Option<String>,
    /// The package's own path, which need not be among the outputs that are installed.
    pub out_path: StorePath,
    /// The derivation, where it is recorded.
    pub drv_path: Option<StorePath>,
    /// The outputs that are installed, sorted by name.
    pub outputs: BTreeMap<String, StorePath>,
    /// What the package tells about itself, and the flags `priority`, `active` and `keep`.
    pub meta: Attributes,
}

/// Nix's "this derivation has bad 'meta.outputsToInstall'".
#[derive(Debug, PartialEq, Eq)]
struct BadOutputs;

impl EnvironmentPackage {
    /// A store path that is installed by itself, as nix-env records it first.
    pub fn of_store_path(path: &StorePath) -> Self {
        Self {
            name: path.name().to_owned(),
            system: None,
            out_path: path.clone(),
            drv_path: None,
            outputs: BTreeMap::from([("out".to_owned(), path.clone())]),
            meta: Attributes::new(),
        }
    }

    /// Reads an item of the list; the error says in words what is wrong with it.
    pub(super) fn of_value(value: Value, store_dir: &StoreDir) -> Result<Self, String> {
        let Value::Set(mut set) = value else {
            return Err("this is no package, but another value".to_owned());
        };
        let name = text(&set, "name")?.ok_or("this package has no name")?.to_owned();
        let with_name = |problem: String| format!("package '{name}': {problem}");
        if text(&set, "type")? != Some("derivation") {
            return Err(with_name("its 'type' is not \"derivation\"".to_owned()));
        }
        if set.get("outputSpecified").is_some_and(|specified| *specified != Value::Bool(false)) {
            return Err(with_name("it has 'outputSpecified', which nix-env does not write".to_owned()));
        }
        let path = |key: &str| store_path(&set, key, store_dir).map_err(with_name);
        let out_path = path("outPath")?.ok_or_else(|| with_name("'outPath' is missing".to_owned()))?;
        let drv_path = path("drvPath")?;
        let outputs = outputs(&set, &out_path, store_dir).map_err(with_name)?;
        let system = text(&set, "system").map_err(with_name)?.map(str::to_owned);
        let meta = match set.remove("meta") {
            Some(Value::Set(meta)) => meta,
            None => Attributes::new(),
            Some(_) => return Err(with_name("its 'meta' is not a set".to_owned())),
        };
        let package = Self { system, out_path, drv_path, outputs, meta, name: name.clone() };
        package.priority_word().and_then(|_| package.active_word()).map_err(with_name)?;
        Ok(package)
    }

    /// The name without the version.
    pub fn short_name(&self) -> &str {
        PackageName::split(&self.name).name
    }

    /// The version, empty if there is none.
    pub fn version(&self) -> &str {
        PackageName::split(&self.name).version
    }

    /// The number by which it is linked; lower wins.
    pub fn priority(&self) -> i32 {
        self.priority_word().map_or(DEFAULT_PRIORITY, |(_, number)| number)
    }

    /// Whether its files are linked.
    pub fn active(&self) -> bool {
        self.active_word().map_or(true, |word| word != "false")
    }

    /// Whether nix-env leaves it alone when another of its name is installed or upgraded.
    pub fn keep(&self) -> bool {
        self.meta.get("keep").and_then(Value::as_flag).unwrap_or(false)
    }

    /// What it says of itself in one line.
    pub fn description(&self) -> Option<&str> {
        self.meta.get("description").and_then(Value::as_str)
    }

    /// The element that the panes, the tree and plans know.
    pub fn element(&self) -> ProfileElement {
        let mut store_paths: Vec<StorePath> = self.outputs.values().cloned().collect();
        store_paths.sort_unstable();
        store_paths.dedup();
        ProfileElement { active: self.active(), priority: self.priority(), store_paths, source: None }
    }

    /// Sets a flag as `nix-env --set-flag` does: in words.
    pub fn set_flag(&mut self, flag: &str, value: &str) {
        self.meta.insert(flag.to_owned(), Value::String(value.to_owned()));
    }

    /// The outputs that it names to be installed; `None` where it names none, and all are.
    pub fn named_outputs(&self) -> Option<Vec<&str>> {
        match self.meta.get("outputsToInstall") {
            Some(Value::List(names)) => Some(names.iter().filter_map(Value::as_str).collect()),
            _ => None,
        }
    }

    /// Chooses which outputs are installed. `meta.outputsToInstall`, where there is one, names them
    /// afterwards: nix-env would drop or miss the others at its next write.
    pub fn choose_outputs(&mut self, outputs: BTreeMap<String, StorePath>) {
        self.outputs = outputs;
        if self.meta.contains_key("outputsToInstall") {
            self.install_all_outputs();
        }
    }

    fn install_all_outputs(&mut self) {
        let names = self.outputs.keys().cloned().map(Value::String).collect();
        self.meta.insert("outputsToInstall".to_owned(), Value::List(names));
    }

    /// Whether nix-env would write it as it is.
    pub(super) fn is_as_written(&self, derivations: Derivations) -> bool {
        self.system.is_some()
            && (self.drv_path.is_none() || derivations == Derivations::Kept)
            && self.meta.values().all(Value::is_kept)
            && self.outputs_to_install() == Ok(self.outputs.len())
    }

    /// What nix-env changes whenever it writes a package that it had read. Where
    /// `meta.outputsToInstall` names what is not installed (`nix-env -iA git.doc` leads to that)
    /// nix-env gives up for good; here the list is made true again.
    pub(super) fn rewrite(&mut self, derivations: Derivations) {
        self.system.get_or_insert_with(|| "unknown".to_owned());
        if derivations == Derivations::Dropped {
            self.drv_path = None;
        }
        self.meta.retain(|_, value| value.is_kept());
        if self.outputs_to_install().is_err() {
            return self.install_all_outputs();
        }
        if let Some(Value::List(names)) = self.meta.get("outputsToInstall") {
            self.outputs.retain(|name, _| names.iter().any(|wanted| wanted.as_str() == Some(name)));
        }
    }

    /// How many outputs nix-env would go on installing; an error where it gives up.
    fn outputs_to_install(&self) -> Result<usize, BadOutputs> {
        let Some(wanted) = self.meta.get("outputsToInstall") else { return Ok(self.outputs.len()) };
        let Value::List(names) = wanted else { return Err(BadOutputs) };
        let is_there = |name: &Value| name.as_str().is_some_and(|name| self.outputs.contains_key(name));
        if !names.iter().all(is_there) {
            return Err(BadOutputs);
        }
        Ok(names.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>().len())
    }

    /// The words that stand for the package in the builder's list: whether it is active, the
    /// priority, how many outputs, and their paths.
    pub(super) fn words(&self) -> String {
        let active = self.active_word().unwrap_or_else(|_| "true".to_owned());
        let priority = self.priority_word().map_or_else(|_| DEFAULT_PRIORITY.to_string(), |(word, _)| word);
        let mut words = format!("{active} {priority} {}", self.outputs.len());
        for path in self.outputs.values() {
            words.push(' ');
            words.push_str(path.as_str());
        }
        words
    }

    fn priority_word(&self) -> Result<(String, i32), String> {
        let Some(value) = self.meta.get("priority") else {
            return Ok((DEFAULT_PRIORITY.to_string(), DEFAULT_PRIORITY));
        };
        let refused = || format!("its priority {value} is not a whole number that fits 32 bits");
        let word = value.coerced().ok_or_else(refused)?;
        let number = leading_number(&word).ok_or_else(refused)?;
        Ok((word, number))
    }

    fn active_word(&self) -> Result<String, String> {
        let Some(value) = self.meta.get("active") else { return Ok("true".to_owned()) };
        value.coerced().ok_or_else(|| format!("its flag 'active' is {value}, which nix-env cannot use"))
    }
}

impl fmt::Display for EnvironmentPackage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &str| Value::String(text.to_owned());
        let path = |path: &StorePath| text(path.as_str());
        let names = self.outputs.keys().cloned().map(Value::String).collect();
        let mut set = Attributes::from([
            ("meta".to_owned(), Value::Set(self.meta.clone())),
            ("name".to_owned(), text(&self.name)),
            ("outPath".to_owned(), path(&self.out_path)),
            ("outputs".to_owned(), Value::List(names)),
            ("type".to_owned(), text("derivation")),
        ]);
        set.extend(self.system.as_ref().map(|system| ("system".to_owned(), text(system))));
        set.extend(self.drv_path.as_ref().map(|drv| ("drvPath".to_owned(), path(drv))));
        for (name, output) in &self.outputs {
            let value = Attributes::from([("outPath".to_owned(), path(output))]);
            set.insert(name.clone(), Value::Set(value));
        }
        print_set(to, set.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

/// The outputs that have a path; a package that names none has one, `out`.
fn outputs(
    set: &Attributes,
    out_path: &StorePath,
    store_dir: &StoreDir,
) -> Result<BTreeMap<String, StorePath>, String> {
    let names = match set.get("outputs") {
        None => return Ok(BTreeMap::from([("out".to_owned(), out_path.clone())])),
        Some(Value::List(names)) => names,
        Some(_) => return Err("its 'outputs' is not a list".to_owned()),
    };
    let mut outputs = BTreeMap::new();
    for name in names {
        let name = name.as_str().ok_or("its 'outputs' holds something that is not a string")?;
        if is_taken(name) {
            return Err(format!("an output cannot be called '{name}'"));
        }
        match set.get(name) {
            // Nix passes over it.
            None => {}
            Some(Value::Set(output)) => {
                if let Some(path) = store_path(output, "outPath", store_dir)? {
                    outputs.insert(name.to_owned(), path);
                }
            }
            Some(_) => return Err(format!("its output '{name}' is not a set")),
        }
    }
    Ok(outputs)
}

/// The names that mean something else in a package.
fn is_taken(name: &str) -> bool {
    matches!(name, "meta" | "name" | "outPath" | "outputs" | "type" | "system" | "drvPath")
}

fn text<'a>(set: &'a Attributes, key: &str) -> Result<Option<&'a str>, String> {
    match set.get(key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| format!("its '{key}' is not a string")),
    }
}

fn store_path(set: &Attributes, key: &str, store_dir: &StoreDir) -> Result<Option<StorePath>, String> {
    let Some(text) = text(set, key)? else { return Ok(None) };
    StorePath::parse(store_dir, text).map(Some).map_err(|error| error.to_string())
}

/// The number that a word begins with, as the builder reads it.
fn leading_number(word: &str) -> Option<i32> {
    let sign = usize::from(word.starts_with(['-', '+']));
    let digits = word[sign..].bytes().take_while(u8::is_ascii_digit).count();
    word[..sign + digits].parse().ok()
}
