//! The world that `firn demo` opens, as written in `assets/playground/world.toml`.
//!
//! The shapes here are the file's, one to one; what they mean is said there. The file
//! is compiled in, and a test reads it, so a broken one never reaches a user.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::core::manifest::{DEFAULT_PRIORITY, ElementSource};

const WORLD: &str = include_str!("../../../assets/playground/world.toml");

/// Packages, the revisions they come from, and a profile's past.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct World {
    /// `x86_64-linux`, the same everywhere: scripts run on any system.
    pub(super) system: String,
    /// What `nixpkgs` was locked to, oldest first.
    #[serde(rename = "revision")]
    pub(super) revisions: Vec<Revision>,
    /// By attribute.
    #[serde(rename = "package")]
    pub(super) packages: BTreeMap<String, PackageDefinition>,
    /// Oldest first.
    #[serde(rename = "generation")]
    pub(super) generations: Vec<GenerationDefinition>,
    /// Those of the profile that nix-env made.
    #[serde(rename = "environment", default)]
    pub(super) environments: Vec<GenerationDefinition>,
}

/// One state of `nixpkgs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revision {
    pub(super) name: String,
    pub(super) rev: String,
    pub(super) nar_hash: String,
    /// Those that lead to it.
    #[serde(default)]
    pub(super) branches: Vec<String>,
}

/// A package in all its versions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageDefinition {
    pub(super) description: String,
    pub(super) homepage: String,
    pub(super) version: Version,
    /// What `--version` prints; else program and version.
    pub(super) version_text: Option<String>,
    /// The store path's name without the version; else the attribute.
    pub(super) store_name: Option<String>,
    #[serde(default = "only_out")]
    pub(super) outputs: Vec<String>,
    /// `meta.outputsToInstall`; else all outputs.
    pub(super) install: Option<Vec<String>>,
    #[serde(default = "out")]
    pub(super) programs_in: String,
    /// `meta.priority`.
    #[serde(default = "default_priority")]
    pub(super) priority: i32,
    /// Attributes that come along into the profile.
    #[serde(default)]
    pub(super) propagates: Vec<String>,
    /// The title of a desktop file for the first program.
    pub(super) desktop: Option<String>,
    #[serde(default = "only_bash")]
    pub(super) shells: Vec<Shell>,
    /// Revision to the reason why it does not evaluate there.
    #[serde(default)]
    pub(super) fails: BTreeMap<String, String>,
    /// Revision to the log of its build, which fails there.
    #[serde(default)]
    pub(super) breaks: BTreeMap<String, String>,
    /// A locked flake of its own in place of `nixpkgs`.
    pub(super) flake: Option<String>,
    /// The flake's `narHash`.
    pub(super) nar_hash: Option<String>,
    /// Added as a store path: it has no source.
    #[serde(default)]
    pub(super) by_path: bool,
    /// Name to the shell commands that it runs.
    pub(super) programs: BTreeMap<String, String>,
    /// By path, or by `output:path`.
    #[serde(default)]
    pub(super) files: BTreeMap<String, FileDefinition>,
}

/// One version for all revisions, or those from which on one holds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Version {
    Always(String),
    Since(BTreeMap<String, String>),
}

/// A shell that gets completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shell {
    Bash,
    Fish,
    Zsh,
}

/// A file that is not generated.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum FileDefinition {
    Text(String),
    Link { link: String },
    Program { program: String },
}

/// What changed from the generation before, or from `made_on`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerationDefinition {
    pub(super) days_ago: f64,
    /// An older generation, to which one had gone back.
    pub(super) made_on: Option<usize>,
    /// Who made it.
    #[serde(default)]
    pub(super) by: Maker,
    #[serde(default)]
    pub(super) remove: Vec<String>,
    /// By name; one that was there already is replaced.
    pub(super) elements: BTreeMap<String, ElementDefinition>,
}

/// Whether firn's journal knows a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Maker {
    #[default]
    Firn,
    Nix,
}

/// An element of a generation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ElementDefinition {
    /// The revision it was locked to; else the newest.
    pub(super) at: Option<String>,
    /// What was asked for after `^`.
    #[serde(default)]
    pub(super) outputs: Vec<String>,
    pub(super) priority: Option<i32>,
    #[serde(default = "yes")]
    pub(super) active: bool,
    /// nix-env's flag `keep`.
    #[serde(default)]
    pub(super) keep: bool,
}

fn only_out() -> Vec<String> {
    vec![out()]
}

fn out() -> String {
    "out".to_owned()
}

fn only_bash() -> Vec<Shell> {
    vec![Shell::Bash]
}

fn default_priority() -> i32 {
    DEFAULT_PRIORITY
}

fn yes() -> bool {
    true
}

impl World {
    /// Reads the world that is compiled in.
    pub(super) fn read() -> Result<Self, toml::de::Error> {
        Self::parse(WORLD)
    }

    /// Reads a world.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The package that an element was made of.
    pub(super) fn package_of(&self, source: &ElementSource) -> Option<&PackageDefinition> {
        let flake = source.url.split('?').next();
        let own = self
            .packages
            .values()
            .find(|package| package.flake.is_some() && package.flake.as_deref() == flake);
        own.or_else(|| {
            self.packages.get(source.attr_path.strip_prefix("legacyPackages.")?.split_once('.')?.1)
        })
    }

    /// The revision with a name from the file; `None` asks for the newest.
    pub(super) fn revision(&self, name: Option<&str>) -> Option<&Revision> {
        match name {
            Some(name) => self.revisions.iter().find(|revision| revision.name == name),
            None => self.revisions.last(),
        }
    }

    /// The version a package has at a revision, if it was there already.
    pub(super) fn version<'a>(&self, package: &'a PackageDefinition, revision: &Revision) -> Option<&'a str> {
        let by_revision = match &package.version {
            Version::Always(version) => return Some(version),
            Version::Since(by_revision) => by_revision,
        };
        let position = self.revisions.iter().position(|known| known.rev == revision.rev)?;
        let until = self.revisions[..=position].iter().rev();
        until.filter_map(|known| by_revision.get(&known.name)).map(String::as_str).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_reads_and_names_only_what_it_has() {
        let world = World::read().unwrap();
        let known = |name: &str| world.revisions.iter().any(|revision| revision.name == name);
        for (attribute, package) in &world.packages {
            if let Version::Since(versions) = &package.version {
                assert!(versions.keys().all(|name| known(name)), "{attribute}");
            }
            assert!(package.fails.keys().all(|name| known(name)), "{attribute}");
            assert!(package.breaks.keys().all(|name| known(name)), "{attribute}");
            assert!(package.propagates.iter().all(|other| world.packages.contains_key(other)), "{attribute}");
            assert!(package.outputs.contains(&package.programs_in), "{attribute}");
            assert!(package.install.iter().flatten().all(|output| package.outputs.contains(output)));
            assert_eq!(package.flake.is_some(), package.nar_hash.is_some(), "{attribute}");
        }
        let environments = world.environments.iter().map(|generation| (0, generation));
        for (before, generation) in world.generations.iter().enumerate().chain(environments) {
            assert!(generation.made_on.is_none_or(|number| (1..before).contains(&number)));
            for (name, element) in &generation.elements {
                assert!(world.packages.contains_key(name), "{name}");
                assert!(element.at.iter().all(|name| known(name)), "{name}");
            }
        }
        for past in [&world.generations, &world.environments] {
            assert!(past.is_sorted_by(|older, newer| older.days_ago > newer.days_ago));
        }
    }

    #[test]
    fn a_version_holds_until_the_next_one() {
        let world = World::read().unwrap();
        let bat = &world.packages["bat"];
        let ripgrep = &world.packages["ripgrep"];
        let at = |package, name| world.version(package, world.revision(Some(name)).unwrap());
        assert_eq!(at(bat, "february"), Some("0.23.0"));
        assert_eq!(at(bat, "may"), Some("0.25.0"));
        assert_eq!(at(ripgrep, "april"), Some("14.1.0"));
        assert_eq!(world.revision(None).unwrap().name, "may");
    }
}
