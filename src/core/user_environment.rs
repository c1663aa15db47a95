//! The user environments of nix-env: what `manifest.nix` holds, read and written as nix-env does.
//!
//! A manifest is a list of packages, newest first, each with its outputs and the whole `meta`;
//! [`Value`] is what `meta` is made of, `reader` reads it without an evaluator, [`object`]
//! computes the store paths that nix-env's derivation would get. nix-env changes a little of every
//! package each time it writes (a package without a system becomes one of system `unknown`, outputs
//! that `meta.outputsToInstall` does not name go); [`UserEnvironment::rewrite`] does the same, so
//! that firn's generation is nix-env's own, byte for byte.
//!
//! Removing `b` of `a b c d` leaves `a d c`: nix-env puts the last that stays in its place.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::manifest::ProfileElement;
use super::store_path::{StoreDir, StorePath};

pub mod object;
pub mod offered;
mod package;
mod reader;
mod value;

pub use package::EnvironmentPackage;
pub use reader::EnvironmentError;
pub use value::{Attributes, Value};

/// The packages of a user environment, in the order of its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEnvironment {
    /// Newest first, each under the name of its element.
    pub packages: Vec<(String, Arc<EnvironmentPackage>)>,
    /// Whether derivations are recorded: the setting `keep-env-derivations`.
    pub derivations: Derivations,
}

/// Whether nix-env records the derivation of a package (the setting `keep-env-derivations`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Derivations {
    /// It drops those that are recorded, too.
    #[default]
    Dropped,
    /// It keeps them.
    Kept,
}

impl UserEnvironment {
    /// Reads a `manifest.nix`.
    pub fn parse(
        text: &[u8],
        store_dir: &StoreDir,
        derivations: Derivations,
    ) -> Result<Self, EnvironmentError> {
        let mut packages = Vec::new();
        for item in reader::read(text)? {
            let package = EnvironmentPackage::of_value(item.value, store_dir);
            packages.push(package.map_err(|problem| reader::at(text, item.start, problem))?);
        }
        Ok(Self { packages: named(packages), derivations })
    }

    /// The packages without their names.
    pub fn of_packages(packages: Vec<EnvironmentPackage>, derivations: Derivations) -> Self {
        Self { packages: named(packages), derivations }
    }

    /// The package under a name.
    pub fn package(&self, name: &str) -> Option<&EnvironmentPackage> {
        self.packages.iter().find(|(key, _)| key == name).map(|(_, package)| &**package)
    }

    /// The elements that the panes, the tree and plans know.
    pub fn elements(&self) -> BTreeMap<String, ProfileElement> {
        self.packages.iter().map(|(name, package)| (name.clone(), package.element())).collect()
    }

    /// Makes the packages what nix-env makes of them at its next write, whatever that changes.
    pub fn rewrite(&mut self) {
        for (_, package) in &mut self.packages {
            if !package.is_as_written(self.derivations) {
                Arc::make_mut(package).rewrite(self.derivations);
            }
        }
    }

    /// Takes a package out, and puts the last one that stays in its place, as nix-env does; tells
    /// whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let Some(index) = self.packages.iter().position(|(key, _)| key == name) else { return false };
        self.packages.swap_remove(index);
        true
    }

    /// Sets a flag of a package as `nix-env --set-flag` does: in words.
    pub fn set_flag(&mut self, name: &str, flag: &str, value: &str) {
        if let Some((_, package)) = self.packages.iter_mut().find(|(key, _)| key == name) {
            Arc::make_mut(package).set_flag(flag, value);
        }
    }

    /// Installs packages as `nix-env --install` does: they come first, and take the place of all that
    /// have their names without the version, but for those with the flag `keep`. Tells the names they
    /// have from then on.
    pub fn install(&mut self, packages: Vec<EnvironmentPackage>) -> Vec<String> {
        let is_new =
            |old: &EnvironmentPackage| packages.iter().any(|new| new.short_name() == old.short_name());
        self.packages.retain(|(_, old)| old.keep() || !is_new(old));
        let mut names = Vec::with_capacity(packages.len());
        for package in packages.into_iter().rev() {
            let name = self.free_name(&package);
            self.packages.insert(0, (name.clone(), Arc::new(package)));
            names.push(name);
        }
        names.reverse();
        names
    }

    /// Puts another package in the place of one, as `nix-env --upgrade` does.
    pub fn replace(&mut self, name: &str, package: EnvironmentPackage) {
        if let Some((_, old)) = self.packages.iter_mut().find(|(key, _)| key == name) {
            *old = Arc::new(package);
        }
    }

    /// A name nobody has: without the version, with it, or with a number behind.
    fn free_name(&self, package: &EnvironmentPackage) -> String {
        let is_taken = |name: &str| self.package(name).is_some();
        if !is_taken(package.short_name()) {
            return package.short_name().to_owned();
        }
        let (mut name, mut number) = (package.name.clone(), 0_u64);
        while is_taken(&name) {
            number += 1;
            name = format!("{}-{number}", package.name);
        }
        name
    }

    /// The store paths that the manifest refers to: installed outputs, and derivations if they are kept.
    pub fn references(&self) -> Vec<StorePath> {
        let of_package = |(_, package): &(String, Arc<EnvironmentPackage>)| {
            package.outputs.values().chain(&package.drv_path).cloned().collect::<Vec<_>>()
        };
        let mut references: Vec<StorePath> = self.packages.iter().flat_map(of_package).collect();
        references.sort_unstable();
        references.dedup();
        references
    }
}

impl fmt::Display for UserEnvironment {
    /// The text of `manifest.nix`, without a newline at its end.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("[ ")?;
        for (_, package) in &self.packages {
            write!(to, "{package} ")?;
        }
        to.write_str("]")
    }
}

/// Names the packages: without the version where that tells them apart, with it where it does not,
/// and with a number where nothing does, the oldest without.
fn named(packages: Vec<EnvironmentPackage>) -> Vec<(String, Arc<EnvironmentPackage>)> {
    let mut short: HashMap<String, usize> = HashMap::new();
    for package in &packages {
        *short.entry(package.short_name().to_owned()).or_default() += 1;
    }
    let (mut used, mut numbers) = (HashSet::new(), HashMap::<String, u64>::new());
    let mut named = Vec::with_capacity(packages.len());
    for package in packages.into_iter().rev() {
        let is_alone = short.get(package.short_name()) == Some(&1);
        let candidate = if is_alone { package.short_name() } else { &package.name }.to_owned();
        let mut name = candidate.clone();
        while !used.insert(name.clone()) {
            let number = numbers.entry(candidate.clone()).or_default();
            *number += 1;
            name = format!("{candidate}-{number}");
        }
        named.push((name, Arc::new(package)));
    }
    named.reverse();
    named
}

#[cfg(test)]
mod tests;
