//! What there is in the playground, and where a reference and an attribute lead.
//!
//! It answers as Nix would, errors in Nix's words. Names are looked up in the playground's
//! registries; `github:NixOS/nixpkgs` leads to the newest revision of the world,
//! `github:NixOS/nixpkgs/X` to the one with the branch or revision X, and `nixpkgs` does the
//! same where no registry knows it. Store paths are made when they are asked for.

use std::collections::BTreeMap;

use super::object_folder::ObjectFolder;
use super::package_file::{PackageFile, nar_of};
use super::recipe::Recipe;
use super::world::{PackageDefinition, Revision, World};
use crate::core::flake_ref::FlakeRef;
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement};
use crate::core::registry::{LookUpError, Reach, Registries};
use crate::core::store_path::StorePath;
use crate::system::machine::StoreError;

/// How far packages may refer to packages that refer to packages.
const LONGEST_CHAIN: usize = 8;

/// The world's packages, and the store that they are made in.
pub(super) struct Catalogue<'a> {
    pub(super) world: &'a World,
    pub(super) objects: &'a ObjectFolder,
    /// Where names of flakes are looked up.
    pub(super) registries: Registries,
    /// Told about every store path that had to be made.
    pub(super) made: &'a dyn Fn(&StorePath),
}

/// A package of the world at one revision.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) attribute: &'a str,
    pub(super) package: &'a PackageDefinition,
    pub(super) revision: &'a Revision,
}

impl Found<'_> {
    /// Whether no cache has it, so that it has to be built.
    pub(super) fn is_built(self) -> bool {
        self.package.breaks.contains_key(&self.revision.name)
    }
}

/// Takes an object's name and files, and tells its path.
pub(super) type Put<'a> = dyn Fn(&str, &[PackageFile]) -> Result<StorePath, StoreError> + 'a;

/// What is said of files and expressions.
pub(super) const EVALUATES_NOTHING: &str = "the playground evaluates nothing: '--file' and '--expr' need Nix";

/// Where a flake reference leads.
pub(super) enum Flake<'a> {
    /// A revision of `nixpkgs`.
    Nixpkgs(&'a Revision),
    /// The flake that one package has for itself.
    Own(&'a str, &'a PackageDefinition),
}

impl<'a> Catalogue<'a> {
    /// The element that a past generation has for an attribute at a named revision.
    pub(super) fn element_at(
        &self,
        attribute: &str,
        revision: Option<&str>,
        outputs: ExtendedOutputsSpec,
    ) -> Result<ProfileElement, StoreError> {
        let found = self.found_at(attribute, revision)?;
        let flake = found.package.flake.clone().unwrap_or_else(|| "flake:nixpkgs".to_owned());
        self.element(found, flake, outputs)
    }

    /// What an attribute means at a named revision.
    pub(super) fn found_at(&self, attribute: &str, revision: Option<&str>) -> Result<Found<'a>, StoreError> {
        let found = self.world.packages.get_key_value(attribute).zip(self.world.revision(revision));
        let missing = || StoreError::Unsupported(format!("the playground's world has no '{attribute}'"));
        let ((attribute, package), revision) = found.ok_or_else(missing)?;
        Ok(Found { attribute, package, revision })
    }

    fn element(
        &self,
        found: Found<'_>,
        original_url: String,
        outputs: ExtendedOutputsSpec,
    ) -> Result<ProfileElement, StoreError> {
        let package = found.package;
        let names = match &outputs {
            ExtendedOutputsSpec::Default => package.install.as_ref().unwrap_or(&package.outputs),
            ExtendedOutputsSpec::All => &package.outputs,
            ExtendedOutputsSpec::Names(names) => names,
        };
        if let Some(log) = package.breaks.get(&found.revision.name) {
            return Err(broken(found, log));
        }
        let mut store_paths = Vec::new();
        for output in names {
            store_paths.push(self.make(found, output)?);
        }
        store_paths.sort_unstable();
        let (url, attr_path) = self.locked_at(found);
        let source = ElementSource { original_url, url, attr_path, outputs };
        let source = (!package.by_path).then_some(source);
        Ok(ProfileElement { active: true, priority: package.priority, store_paths, source })
    }

    /// The locked reference and the attribute path of a package.
    pub(super) fn locked_at(&self, found: Found<'_>) -> (String, String) {
        let Found { attribute, package, revision } = found;
        match (&package.flake, &package.nar_hash) {
            (Some(flake), Some(hash)) => {
                (with_hash(flake, hash), format!("packages.{}.default", self.world.system))
            }
            _ => (
                with_hash(&format!("github:NixOS/nixpkgs/{}", revision.rev), &revision.nar_hash),
                format!("legacyPackages.{}.{attribute}", self.world.system),
            ),
        }
    }

    /// Makes an output of a package, and first what it refers to.
    pub(super) fn make(&self, found: Found<'_>, output: &str) -> Result<StorePath, StoreError> {
        self.put(found, output, 0, &|name, files| {
            let archive = nar_of(files).map_err(|error| error.to_string());
            let (path, is_new) = match archive {
                Ok(archive) => self.objects.add(name, &archive)?,
                Err(reason) => return Err(unusable(found, &reason)),
            };
            if is_new {
                (self.made)(&path);
            }
            Ok(path)
        })
    }

    /// Hands an output's files to `put`, after those of what it refers to; tells its path.
    pub(super) fn put(
        &self,
        found: Found<'_>,
        output: &str,
        chain: usize,
        put: &Put<'_>,
    ) -> Result<StorePath, StoreError> {
        let Found { attribute, package, revision } = found;
        if chain > LONGEST_CHAIN {
            return Err(unusable(found, "it refers to itself in the end"));
        }
        let mut stores = BTreeMap::new();
        for other in &package.propagates {
            let Some((attribute, package)) = self.world.packages.get_key_value(other) else {
                return Err(unusable(found, &format!("it propagates '{other}', which is not there")));
            };
            let found = Found { attribute, package, revision };
            stores.insert(attribute.as_str(), self.put(found, "out", chain + 1, put)?.to_string());
        }
        let Some(version) = self.world.version(package, revision) else {
            return Err(unusable(found, &format!("it has no version at '{}'", revision.name)));
        };
        let recipe = Recipe { attribute, package, version, stores };
        put(&recipe.store_name(output), &recipe.files(output))
    }

    /// A flake reference as Nix prints it, and where it leads.
    pub(super) fn flake(&self, url: &str) -> Result<(String, Flake<'a>), String> {
        let indirect = !url.contains(':') && !url.starts_with(['.', '/']);
        let flake = if indirect { format!("flake:{url}") } else { url.to_owned() };
        let registered = if indirect { self.look_up(&flake)? } else { flake.clone() };
        let plain = registered.split('?').next().unwrap_or_default();
        let is_own =
            |own: &str| plain == own || own.rsplit_once('/').is_some_and(|(branch, _)| plain == branch);
        for (attribute, package) in &self.world.packages {
            if package.flake.as_deref().is_some_and(is_own) {
                return Ok((flake, Flake::Own(attribute, package)));
            }
        }
        let nixpkgs = plain.strip_prefix("flake:nixpkgs").or(plain.strip_prefix("github:NixOS/nixpkgs"));
        let revision = match nixpkgs {
            Some("") => self.world.revision(None),
            Some(rest) => rest.strip_prefix('/').and_then(|wanted| {
                let is_it = |revision: &&Revision| {
                    revision.rev == wanted || revision.branches.iter().any(|branch| branch == wanted)
                };
                self.world.revisions.iter().find(is_it)
            }),
            None => None,
        };
        match revision {
            Some(revision) => Ok((flake, Flake::Nixpkgs(revision))),
            None if registered.starts_with("flake:") => {
                Err(format!("cannot find flake '{flake}' in the flake registries"))
            }
            None => Err(format!("there is no flake '{flake}' in the playground, and no network")),
        }
    }

    /// A direct reference, locked.
    pub(super) fn lock(&self, target: &FlakeRef) -> Result<FlakeRef, String> {
        let locked = match self.flake(target.as_str())?.1 {
            Flake::Nixpkgs(revision) => {
                with_hash(&format!("github:NixOS/nixpkgs/{}", revision.rev), &revision.nar_hash)
            }
            Flake::Own(attribute, package) => match (&package.flake, &package.nar_hash) {
                (Some(flake), Some(hash)) => with_hash(flake, hash),
                _ => return Err(format!("the playground's '{attribute}' has no lock")),
            },
        };
        FlakeRef::parse(&locked).map_err(|error| error.to_string())
    }

    /// What a name stands for; a name that no registry knows stands for itself.
    fn look_up(&self, flake: &str) -> Result<String, String> {
        let reference = FlakeRef::parse(flake).map_err(|error| error.to_string())?;
        match self.registries.look_up(&reference, Reach::All) {
            Ok(found) => Ok(found.result.to_string()),
            Err(LookUpError::Unknown { unknown, .. }) => Ok(unknown),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The package that an attribute of a flake means, or Nix's words for there being none.
    pub(super) fn find(
        &self,
        flake: &str,
        leads_to: &Flake<'a>,
        attribute: &str,
    ) -> Result<Found<'a>, String> {
        let system = &self.world.system;
        let mut name = attribute;
        for prefix in ["packages", "legacyPackages"] {
            name = name.strip_prefix(&format!("{prefix}.{system}.")).unwrap_or(name);
        }
        let found = match *leads_to {
            Flake::Own(attribute, package) if matches!(name, "" | "default") => {
                self.world.revision(None).map(|revision| Found { attribute, package, revision })
            }
            Flake::Own(..) => None,
            Flake::Nixpkgs(revision) => self
                .world
                .packages
                .get_key_value(name)
                .filter(|(_, package)| package.flake.is_none() && !package.by_path)
                .filter(|(_, package)| self.world.version(package, revision).is_some())
                .map(|(attribute, package)| Found { attribute, package, revision }),
        };
        let missing = || match attribute {
            "" => format!("'packages.{system}.default' or 'defaultPackage.{system}'"),
            _ => format!(
                "'packages.{system}.{attribute}', 'legacyPackages.{system}.{attribute}' or '{attribute}'"
            ),
        };
        found.ok_or_else(|| format!("flake '{flake}' does not provide attribute {}", missing()))
    }

    /// Says what evaluation would of a package that is broken.
    pub(super) fn check(found: Found<'_>) -> Result<(), String> {
        found.package.fails.get(&found.revision.name).map_or(Ok(()), |reason| Err(reason.clone()))
    }
}

fn unusable(found: Found<'_>, reason: &str) -> StoreError {
    StoreError::Unsupported(format!("the playground's '{}': {reason}", found.attribute))
}

/// A build that fails as the world says.
pub(super) fn broken(found: Found<'_>, log: &str) -> StoreError {
    StoreError::Build {
        derivation: found.attribute.to_owned(),
        message: format!("the builder of '{}' failed with exit code 1", found.attribute),
        log: log.lines().map(str::to_owned).collect(),
    }
}

/// What stands after `^`: `*`, or names between commas.
pub(super) fn outputs_of(text: &str) -> ExtendedOutputsSpec {
    if text == "*" {
        return ExtendedOutputsSpec::All;
    }
    let mut names: Vec<String> = text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { ExtendedOutputsSpec::Default } else { ExtendedOutputsSpec::Names(names) }
}

/// A locked reference as a URL; base 64's last `=` is printed the way Nix prints it.
fn with_hash(flake: &str, nar_hash: &str) -> String {
    format!("{flake}?narHash={}", nar_hash.replace('=', "%3D"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::installable::Installable;
    use crate::core::manifest::DEFAULT_PRIORITY;
    use crate::system::playground::registry_files::RegistryFiles;

    /// What an installable would be, or the error in words.
    fn resolve(text: &str) -> Result<ProfileElement, String> {
        let folder = tempfile::tempdir().unwrap();
        let objects = ObjectFolder::new(folder.path()).unwrap();
        objects.create().unwrap();
        let world = World::read().unwrap();
        let registries = RegistryFiles::first();
        let catalogue = Catalogue { world: &world, objects: &objects, registries, made: &|_| {} };
        let (question, outputs) = Installable::flake(text).as_package().map_err(|error| error.to_string())?;
        let answer = catalogue.evaluate(&question).unwrap().map_err(|failure| failure.message.to_string())?;
        answer.element(&outputs).map_err(|error| error.to_string())
    }

    fn names(element: &ProfileElement) -> Vec<&str> {
        element.store_paths.iter().map(StorePath::name).collect()
    }

    #[test]
    fn resolves_the_newest_version_with_its_source() {
        let element = resolve("nixpkgs#ripgrep").unwrap();
        assert_eq!(names(&element), ["ripgrep-14.1.1"]);
        assert_eq!(resolve("flake:nixpkgs#ripgrep").unwrap().source, element.source);
        let source = element.source.unwrap();
        assert_eq!(source.original_url, "flake:nixpkgs");
        assert!(source.url.starts_with("github:NixOS/nixpkgs/9f2c1de"), "{}", source.url);
        assert!(source.url.ends_with("%3D"), "{}", source.url);
        assert_eq!(source.attr_path, "legacyPackages.x86_64-linux.ripgrep");
        assert_eq!(source.outputs, ExtendedOutputsSpec::Default);
    }

    #[test]
    fn an_older_revision_gives_an_older_version() {
        let world = World::read().unwrap();
        let rev = &world.revision(Some("april")).unwrap().rev;
        for flake in ["nixpkgs", "flake:nixpkgs", "github:NixOS/nixpkgs"] {
            let element = resolve(&format!("{flake}/{rev}#legacyPackages.x86_64-linux.ripgrep")).unwrap();
            assert_eq!(names(&element), ["ripgrep-14.1.0"]);
        }
    }

    #[test]
    fn a_branch_leads_to_its_revision() {
        for (flake, name) in [
            ("nixpkgs/nixos-25.05", "ripgrep-14.1.0"),
            ("github:NixOS/nixpkgs/nixos-unstable", "ripgrep-14.1.1"),
        ] {
            assert_eq!(names(&resolve(&format!("{flake}#ripgrep")).unwrap()), [name]);
        }
        assert!(resolve("nixpkgs/nosuch#ripgrep").is_err());
    }

    #[test]
    fn names_are_looked_up_in_the_registries() {
        assert_eq!(names(&resolve("nixpkgs/stable#ripgrep").unwrap()), ["ripgrep-14.1.0"]);
        let mytool = resolve("mytool").unwrap().source.unwrap();
        assert_eq!(mytool.original_url, "flake:mytool");
        assert!(resolve("agenix").unwrap_err().contains("no network"));
    }

    #[test]
    fn outputs_are_the_wanted_ones() {
        let mut both = resolve("nixpkgs#git^out,doc").unwrap();
        both.store_paths.sort_by(|a, b| a.name().cmp(b.name()));
        assert_eq!(names(&both), ["git-2.49.0", "git-2.49.0-doc"]);
        assert_eq!(names(&resolve("nixpkgs#git").unwrap()), ["git-2.49.0"]);
        assert_eq!(names(&resolve("nixpkgs#git^doc").unwrap()), ["git-2.49.0-doc"]);
        assert_eq!(resolve("nixpkgs#git^*").unwrap().store_paths.len(), 2);
        assert_eq!(resolve("nixpkgs#fltk").unwrap().store_paths.len(), 2);
        assert!(resolve("nixpkgs#git^man").unwrap_err().contains("has no output 'man'"));
    }

    #[test]
    fn a_package_brings_its_own_priority() {
        assert_eq!(resolve("nixpkgs#busybox").unwrap().priority, 15);
        assert_eq!(resolve("nixpkgs#fltk").unwrap().priority, DEFAULT_PRIORITY);
    }

    #[test]
    fn a_flake_of_its_own_has_a_default_package() {
        let element = resolve("github:ada/mytool").unwrap();
        assert_eq!(names(&element), ["mytool-0.3.0"]);
        assert_eq!(element.source.unwrap().attr_path, "packages.x86_64-linux.default");
        assert!(resolve("github:ada/mytool#other").is_err());
        assert!(resolve("nixpkgs#mytool").is_err());
    }

    #[test]
    fn what_is_missing_is_said_in_the_words_of_nix() {
        let missing = resolve("nixpkgs#nosuch").unwrap_err();
        let words = "flake 'flake:nixpkgs' does not provide attribute 'packages.x86_64-linux.nosuch', \
                     'legacyPackages.x86_64-linux.nosuch' or 'nosuch'";
        assert!(missing.contains(words), "{missing}");
        assert!(resolve("nixpkgs").unwrap_err().contains("'defaultPackage.x86_64-linux'"));
        assert!(
            resolve("nosuch#x")
                .unwrap_err()
                .contains("cannot find flake 'flake:nosuch' in the flake registries")
        );
        assert!(resolve("github:a/b#x").unwrap_err().contains("no network"));
        assert!(resolve("nixpkgs#zed").unwrap_err().contains("marked as broken"));
    }
}
