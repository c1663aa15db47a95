//! Profiles of nix-env in the playground: packages as nix-env records them, and the tree that it builds.
//!
//! A user environment lies under the path of a derivation, so its contents say nothing about its
//! path: what is checked is that the manifest is the text that its own path says. The tree is linked
//! by the same rules as that of `nix profile`, with a link to the manifest in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::catalogue::{Catalogue, EVALUATES_NOTHING};
use super::object_folder::ObjectFolder;
use super::past;
use super::world::PackageDefinition;
use crate::core::evaluation::Evaluated;
use crate::core::file_tree::FileTrees;
use crate::core::installable::Installable;
use crate::core::manifest::ProfileManifest;
use crate::core::store_path::StorePath;
use crate::core::user_environment::object::{EnvironmentObjects, TextObject};
use crate::core::user_environment::offered::{
    Candidate, NoCandidates, OfferedPackage, PackageQuestion, UpgradeQuestion,
};
use crate::core::user_environment::{Attributes, Derivations, EnvironmentPackage, UserEnvironment, Value};
use crate::system::machine::{Candidates, StoreError};

impl Catalogue<'_> {
    /// What nix-env would record of the packages that are asked about.
    pub(super) fn offered(&self, question: &PackageQuestion) -> Result<Vec<OfferedPackage>, StoreError> {
        match question {
            PackageQuestion::Installable(installable) => self.offered_by(installable),
            PackageQuestion::Outputs(path) => {
                let outputs = self.siblings(path)?.ok_or_else(|| StoreError::Vanished(path.to_string()))?;
                Ok(vec![OfferedPackage { outputs, ..OfferedPackage::of_store_path(path) }])
            }
        }
    }

    /// The package that a past generation has for an attribute at a named revision, made if it is not
    /// there.
    pub(super) fn package_at(
        &self,
        attribute: &str,
        revision: Option<&str>,
    ) -> Result<EnvironmentPackage, StoreError> {
        let found = self.found_at(attribute, revision)?;
        let evaluated = self.evaluated(found, String::new())?;
        let Some(OfferedPackage { package, .. }) = offered(&evaluated, &self.world.system) else {
            return Err(StoreError::Unsupported(format!("the playground's '{attribute}' has no outputs")));
        };
        for output in package.outputs.keys() {
            self.make(found, output)?;
        }
        Ok(package)
    }

    /// The packages of a name that the playground's nixpkgs has; no other file or flake is looked in.
    pub(super) fn candidates(&self, question: &UpgradeQuestion) -> Candidates {
        let flake = match question.file.as_deref() {
            None => "nixpkgs",
            Some(file) => {
                let nothing = || NoCandidates::Fails(Arc::from(EVALUATES_NOTHING));
                file.strip_prefix("flake:").ok_or_else(nothing)?
            }
        };
        let is_of_name = |(attribute, package): &(&String, &PackageDefinition)| {
            package.store_name.as_ref().unwrap_or(attribute) == &question.name
        };
        let attributes = self.world.packages.iter().filter(is_of_name).map(|(attribute, _)| attribute);
        let offered = attributes.filter_map(|attribute| {
            self.offered_by(&Installable::flake(format!("{flake}#{attribute}"))).ok()
        });
        let candidate = |offered: OfferedPackage| Candidate {
            name: offered.package.name.clone(),
            priority: match offered.package.meta.get("priority") {
                Some(Value::Int(number)) => *number,
                _ => 0,
            },
            package: Some(offered),
        };
        Ok(offered.flatten().map(candidate).collect())
    }

    fn offered_by(&self, installable: &Installable) -> Result<Vec<OfferedPackage>, StoreError> {
        let failed =
            |message: String| StoreError::Evaluation { installable: installable.text.clone(), message };
        let (question, _) = installable.as_package().map_err(|error| failed(error.to_string()))?;
        let evaluated = self.evaluate(&question)?.map_err(|failure| failed(failure.message.to_string()))?;
        let offered = offered(&evaluated, &self.world.system);
        offered.map(|offered| vec![offered]).ok_or_else(|| failed("it has no outputs".to_owned()))
    }
}

/// The package with the outputs that it installs by itself. nix-env takes `name` and path from the
/// first of a package's outputs, which is `out` where there is one.
fn offered(evaluated: &Evaluated, system: &str) -> Option<OfferedPackage> {
    let known = |(name, path): (&String, &Option<StorePath>)| Some((name.clone(), path.clone()?));
    let outputs: BTreeMap<String, StorePath> = evaluated.outputs.iter().filter_map(known).collect();
    let out_path = outputs.get("out").or_else(|| outputs.values().next())?.clone();
    let wanted = &evaluated.default_outputs;
    let text = |text: &String| Value::String(text.clone());
    let mut meta =
        Attributes::from([("outputsToInstall".to_owned(), Value::List(wanted.iter().map(text).collect()))]);
    meta.extend(evaluated.description.as_ref().map(|words| ("description".to_owned(), text(words))));
    meta.extend(evaluated.homepage.as_ref().map(|page| ("homepage".to_owned(), text(page))));
    let priority = evaluated.priority.map(i64::from);
    meta.extend(priority.map(|number| ("priority".to_owned(), Value::Int(number))));
    let package = EnvironmentPackage {
        name: out_path.name().to_owned(),
        system: Some(system.to_owned()),
        drv_path: None,
        outputs: outputs
            .iter()
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, path)| (name.clone(), path.clone()))
            .collect(),
        out_path,
        meta,
    };
    Some(OfferedPackage { package, outputs })
}

/// Puts the manifest, the derivation and what nix-env's builder makes of them into the store.
pub(super) fn build(objects: &ObjectFolder, made: &EnvironmentObjects) -> Result<(), StoreError> {
    for TextObject { path, references, text } in [&made.manifest, &made.derivation] {
        objects.add_text(path, text, references)?;
    }
    let failed = |reason: String| StoreError::Build {
        derivation: made.derivation.path.to_string(),
        message: format!("the builder of '{}' failed: {reason}", made.path.name()),
        log: Vec::new(),
    };
    let environment =
        UserEnvironment::parse(made.manifest.text.as_bytes(), &objects.store_dir, Derivations::Kept)
            .map_err(|error| failed(error.to_string()))?;
    let manifest = ProfileManifest::of_environment(environment);
    let tree = past::linked(&manifest, &mut FileTrees::default(), objects)?;
    if tree.collisions().blocking() > 0 {
        return Err(failed("two packages have the same file at the same priority".to_owned()));
    }
    let archive = tree.write_environment_nar(&made.manifest.path, Vec::new());
    let archive = archive.map_err(|error| failed(error.to_string()))?;
    objects.add_built(&made.path, &archive)
}
