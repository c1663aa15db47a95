//! All packages of a flake of the playground, as a listing.

use super::catalogue::{Catalogue, Flake, Found};
use crate::core::evaluation::EvaluationFailure;
use crate::core::package_list::{ListedPackage, PackageList, PackageRoot, PackageSource, SourceScope};
use crate::system::machine::{Listed, StoreError};

impl Catalogue<'_> {
    /// The packages that a reference leads to; those that do not evaluate say why.
    pub(super) fn list(&self, source: &PackageSource) -> Result<Listed, StoreError> {
        if source.scope == SourceScope::File {
            return Err(StoreError::Evaluation {
                installable: source.reference.clone(),
                message: "the playground evaluates no files; with a real Nix this lists what is in it"
                    .to_owned(),
            });
        }
        let short = source.reference.strip_prefix("flake:").unwrap_or(&source.reference);
        let (original_url, flake) = self.flake(short).map_err(|words| StoreError::Evaluation {
            installable: source.reference.clone(),
            message: EvaluationFailure::of_flake(&words).message.to_string(),
        })?;
        let found: Vec<Found<'_>> = match flake {
            Flake::Own(attribute, package) => {
                let revision = self.world.revision(None).into_iter();
                revision.map(|revision| Found { attribute, package, revision }).collect()
            }
            Flake::Nixpkgs(revision) => {
                let own = self.world.packages.iter().filter(|(_, package)| {
                    package.flake.is_none()
                        && !package.by_path
                        && self.world.version(package, revision).is_some()
                });
                own.map(|(attribute, package)| Found { attribute, package, revision }).collect()
            }
        };
        let mut list = PackageList::default();
        for found in &found {
            self.add_to(&mut list, *found, &flake);
        }
        let url = found.first().map(|found| self.locked_at(*found).0).unwrap_or_default();
        Ok(Listed {
            original_url,
            url,
            system: self.world.system.clone(),
            whole: None,
            list: list.finished(),
        })
    }

    fn add_to(&self, list: &mut PackageList, found: Found<'_>, flake: &Flake<'_>) {
        let package = found.package;
        let (root, attribute) = match flake {
            Flake::Own(..) => (PackageRoot::Packages, "default"),
            Flake::Nixpkgs(_) => (PackageRoot::LegacyPackages, found.attribute),
        };
        list.push(&ListedPackage {
            root,
            attribute,
            name: package.store_name.as_deref().unwrap_or(found.attribute),
            version: self.world.version(package, found.revision).unwrap_or_default(),
            description: &package.description,
            outputs: &package.outputs.join(" "),
            homepage: &package.homepage,
            failure: Self::check(found).err().as_deref(),
            ..ListedPackage::default()
        });
    }
}
