//! A profile as Nix expressions: a flake, a file for `nix-build` and `nix-env -i -f`, a module for
//! home-manager.
//!
//! The flake and the file build one environment whose links are those of the profile, byte for byte.
//! That is so because nix itself builds it, with the builder that `nix-env` uses
//! (`builtin:buildenv`): same rules, same priorities, below zero too, and nothing is needed for it, not
//! even nixpkgs. `pkgs.buildEnv` would link by other rules, and is not to be had where a profile's
//! flakes have no nixpkgs. Sources are locked to what the profile has.
//!
//! What came from no flake is named by its store path, which has to be in the store of whoever builds
//! it. Elements that are switched off stay in the list as such.

use std::collections::BTreeMap;

use super::Caveat;
use crate::core::flake_ref::FlakeRef;
use crate::core::manifest::{
    DEFAULT_PRIORITY, ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest,
};
use crate::core::nix_text::{attribute, string, url};
use crate::core::visible;

/// What both expressions that build are made with.
const ENVIRONMENT: &str = include_str!("environment.nix");

/// A `flake.nix`; `system` is the platform that it has a package for, as `x86_64-linux`.
pub fn flake(manifest: &ProfileManifest, system: &str) -> (String, Vec<Caveat>) {
    let inputs = Inputs::of(manifest);
    let mut text = String::from(
        "# A profile, exported by firn. 'nix build' in this folder makes the same links.\n#\n\
         # Every input is locked to what the profile has. To let one move, write what the comment\n\
         # behind it names in place of its URL, and run 'nix flake update'.\n{\n  inputs = {\n",
    );
    for input in inputs.all() {
        text.extend([format!(
            "    {}.url = {};{}\n",
            attribute(&input.name),
            url(&input.url),
            input.follows()
        )]);
    }
    text += "  };\n\n  outputs = inputs: {\n";
    text.extend([format!("    packages.{}.default =\n", attribute(system))]);
    text += &indented(&environment(manifest, &inputs), 6);
    text += "      ;\n  };\n}\n";
    (text, caveats(manifest))
}

/// A file that `nix-build` and `nix-env -i -f` take.
pub fn file(manifest: &ProfileManifest) -> (String, Vec<Caveat>) {
    let inputs = Inputs::of(manifest);
    let mut text = String::from(
        "# A profile, exported by firn: 'nix-build environment.nix' makes the same links, and\n\
         # 'nix-env -i -f environment.nix' or 'firn add --file environment.nix' installs it.\n#\n\
         # Every source is locked to what the profile has. Sources that are flakes need the feature\n\
         # 'flakes': --extra-experimental-features flakes.\n",
    );
    text += &inputs.as_sources();
    text += &environment(manifest, &inputs);
    (text, caveats(manifest))
}

/// A module for home-manager.
pub fn home_manager(manifest: &ProfileManifest) -> (String, Vec<Caveat>) {
    let inputs = Inputs::of(manifest);
    let mut text = String::from(
        "# A profile, exported by firn, as a module for home-manager: put it among the 'imports' of home.nix.\n\
         # home-manager links by the rules of nixpkgs' buildEnv: the packages, outputs and priorities are\n\
         # those of the profile, and what collides without a winner is refused.\n\
         { lib, ... }:\n",
    );
    text += &inputs.as_sources();
    text += "{\n  home.packages = builtins.concatLists [\n";
    for (name, element) in &manifest.elements {
        text += &comment(name, element, 4);
        for line in in_home(element, &inputs) {
            let off = if element.active && element.source.is_some() { "" } else { "# " };
            text.extend([format!("    {off}{line}\n")]);
        }
    }
    text += "  ];\n}\n";
    let mut caveats = caveats(manifest);
    caveats.extend(not_at_home(manifest));
    (text, caveats)
}

/// The flakes of a profile, each locked reference once.
struct Inputs {
    by_url: BTreeMap<String, Input>,
}

struct Input {
    name: String,
    url: String,
    /// What the profile follows there, if that is something else.
    original: Option<String>,
}

impl Inputs {
    fn of(manifest: &ProfileManifest) -> Self {
        let mut by_url: BTreeMap<String, Input> = BTreeMap::new();
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for source in manifest.elements.values().filter_map(|element| element.source.as_ref()) {
            by_url.entry(source.url.clone()).or_insert_with(|| {
                let base = name_of(source);
                let count = names.entry(base.clone()).or_default();
                *count += 1;
                let name = if *count == 1 { base } else { format!("{base}-{count}") };
                let original = Some(source.original_url.clone()).filter(|original| *original != source.url);
                Input { name, url: source.url.clone(), original }
            });
        }
        Self { by_url }
    }

    fn all(&self) -> Vec<&Input> {
        let mut inputs: Vec<&Input> = self.by_url.values().collect();
        inputs.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        inputs
    }

    /// As values, where there are no inputs.
    fn as_sources(&self) -> String {
        let mut text = String::from("let\n  inputs = {\n");
        for input in self.all() {
            let (name, locked) = (attribute(&input.name), url(&input.url));
            text.extend([format!("    {name} = builtins.getFlake {locked};{}\n", input.follows())]);
        }
        text + "  };\nin\n"
    }

    /// `inputs.nixpkgs.legacyPackages.x86_64-linux.git`.
    fn package(&self, source: &ElementSource) -> String {
        let name = self.by_url.get(&source.url).map_or("", |input| &input.name);
        let path = source.attr_path.split('.').filter(|part| !part.is_empty());
        let parts = ["inputs", name].into_iter().chain(path).map(attribute);
        parts.collect::<Vec<_>>().join(".")
    }
}

impl Input {
    fn follows(&self) -> String {
        let shown = self.original.as_deref().map(one_line);
        shown.map_or_else(String::new, |original| format!(" # follows {original}"))
    }
}

/// What one would call the flake: its name in registries, its repository, its folder.
fn name_of(source: &ElementSource) -> String {
    let text = source.original_url.split(['?', '#']).next().unwrap_or_default();
    let text = text.strip_suffix(".git").unwrap_or(text);
    let parts: Vec<&str> = text.split([':', '/']).filter(|part| !part.is_empty()).collect();
    let part = match parts.as_slice() {
        ["github" | "gitlab" | "sourcehut", _, repository, ..] => repository,
        ["flake", name, ..] => name,
        parts => parts.last().copied().unwrap_or("source"),
    };
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    let name: String = part.chars().filter(|character| is_plain(*character)).collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && name != "self" {
        name
    } else {
        format!("source-{name}").trim_end_matches('-').to_owned()
    }
}

/// The expression that builds the environment.
fn environment(manifest: &ProfileManifest, inputs: &Inputs) -> String {
    let mut text = ENVIRONMENT
        .lines()
        .filter(|line| !line.starts_with('#'))
        .fold(String::new(), |text, line| text + line + "\n");
    text += "environment [\n";
    for (name, element) in &manifest.elements {
        text += &comment(name, element, 2);
        for entry in entries(element, inputs) {
            text.extend([format!("  {entry}\n")]);
        }
    }
    text + "]\n"
}

fn entries(element: &ProfileElement, inputs: &Inputs) -> Vec<String> {
    let mut rest = String::new();
    if element.priority != DEFAULT_PRIORITY {
        rest.extend([format!(" priority = {};", number(element.priority))]);
    }
    if !element.active {
        rest += " active = false;";
    }
    let Some(source) = &element.source else {
        let paths = element.store_paths.iter();
        return paths
            .map(|path| format!("{{ package = stored {};{rest} }}", string(path.as_str())))
            .collect();
    };
    let outputs = match &source.outputs {
        ExtendedOutputsSpec::Default => String::new(),
        ExtendedOutputsSpec::All => " outputs = \"*\";".to_owned(),
        ExtendedOutputsSpec::Names(names) => {
            let names: Vec<String> = names.iter().map(|name| string(name)).collect();
            format!(" outputs = [ {} ];", names.join(" "))
        }
    };
    vec![format!("{{ package = {};{outputs}{rest} }}", inputs.package(source))]
}

/// Entries of a list of lists for home-manager.
fn in_home(element: &ProfileElement, inputs: &Inputs) -> Vec<String> {
    let at = |package: String| match element.priority {
        DEFAULT_PRIORITY => package,
        priority => format!("(lib.setPrio {} {package})", number(priority)),
    };
    let Some(source) = &element.source else {
        let stored = |path: &str| at(format!("(builtins.storePath {})", string(path)));
        return element.store_paths.iter().map(|path| format!("[ {} ]", stored(path.as_str()))).collect();
    };
    let package = inputs.package(source);
    vec![match &source.outputs {
        ExtendedOutputsSpec::Default => format!("[ {} ]", at(package)),
        ExtendedOutputsSpec::All => {
            format!("(map (output: {}) {package}.outputs)", at(format!("{package}.${{output}}")))
        }
        ExtendedOutputsSpec::Names(names) => {
            let chosen = names.iter().map(|name| at(format!("{package}.{}", attribute(name))));
            format!("[ {} ]", chosen.collect::<Vec<_>>().join(" "))
        }
    }]
}

/// What there is to know of an element before one reads it.
fn comment(name: &str, element: &ProfileElement, indent: usize) -> String {
    let mut words = one_line(name);
    if !element.active {
        words += ", switched off: none of its files is linked";
    }
    if element.source.is_none() {
        words += ", from no flake: its store path has to be there; 'firn retarget' gives it a flake";
    }
    if !element.active || element.source.is_none() || element.base_name() != name {
        return format!("{}# {words}\n", " ".repeat(indent));
    }
    String::new()
}

/// Negative numbers need parentheses in an application.
fn number(priority: i32) -> String {
    if priority < 0 { format!("({priority})") } else { priority.to_string() }
}

fn one_line(text: &str) -> String {
    visible::text(text)
}

fn indented(text: &str, by: usize) -> String {
    let line =
        |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{}{line}\n", " ".repeat(by)) };
    text.lines().map(line).collect()
}

fn caveats(manifest: &ProfileManifest) -> Vec<Caveat> {
    let of = |(name, element): (&String, &ProfileElement)| match &element.source {
        None if element.store_paths.is_empty() => Some(Caveat::Nothing { element: name.clone() }),
        None => Some(Caveat::OnlyHere { element: name.clone() }),
        Some(source) if FlakeRef::parse(&source.url).is_ok_and(|url| url.is_locked(true)) => None,
        Some(source) => Some(Caveat::NotLocked { element: name.clone(), url: source.url.clone() }),
    };
    manifest.elements.iter().filter_map(of).collect()
}

/// What a module of home-manager only tells in comments.
fn not_at_home(manifest: &ProfileManifest) -> Option<Caveat> {
    let is_comment = |element: &ProfileElement| !element.active || element.source.is_none();
    let names = manifest.elements.iter().filter(|(_, element)| is_comment(element));
    let elements: Vec<String> = names.map(|(name, _)| name.clone()).collect();
    (!elements.is_empty()).then_some(Caveat::OnlyComments { elements })
}
