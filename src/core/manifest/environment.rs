//! A profile of nix-env as a manifest, and the changes that nix-env makes to one.
//!
//! The elements and what `manifest.nix` says are changed together: `--set-flag` writes words into
//! `meta`, removing and installing put packages in order as nix-env does
//! ([`crate::core::user_environment`]). On a profile of `nix profile` only the elements change.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{ProfileElement, ProfileManifest};
use crate::core::store_path::StorePath;
use crate::core::user_environment::{EnvironmentPackage, UserEnvironment};

impl ProfileManifest {
    /// The manifest of a profile of nix-env.
    pub fn of_environment(environment: UserEnvironment) -> Self {
        Self { elements: environment.elements(), environment: Some(Arc::new(environment)) }
    }

    /// What nix-env records of an element; `None` on a profile of `nix profile`.
    pub fn package(&self, element: &str) -> Option<&EnvironmentPackage> {
        self.environment.as_ref()?.package(element)
    }

    /// Whether an element has nix-env's flag `keep`.
    pub fn keeps(&self, element: &str) -> bool {
        self.package(element).is_some_and(EnvironmentPackage::keep)
    }

    /// An element as JSON: as in `manifest.json`, and in a profile of nix-env with its `package`.
    pub fn element_value(&self, name: &str, element: &ProfileElement) -> Value {
        let mut value = element.to_value();
        if let Some(package) = self.package(name) {
            let outputs = package.outputs.iter().map(|(name, path)| (name.clone(), path.to_string().into()));
            value["package"] = json!({
                "name": package.name,
                "version": package.version(),
                "system": package.system,
                "outPath": package.out_path.as_str(),
                "outputs": outputs.collect::<Map<_, _>>(),
                "keep": package.keep(),
                "description": package.description(),
            });
        }
        value
    }

    /// Takes an element out; tells whether it was there.
    pub fn remove(&mut self, element: &str) -> bool {
        let was_there = self.elements.remove(element).is_some();
        if was_there {
            self.edit_environment(|environment| {
                environment.remove(element);
            });
        }
        was_there
    }

    /// Gives an element another priority; tells whether it is there.
    pub fn set_priority(&mut self, element: &str, to: i32) -> bool {
        self.set(element, ("priority", &to.to_string()), |found| found.priority = to)
    }

    /// Switches an element on or off; tells whether it is there.
    pub fn set_active(&mut self, element: &str, to: bool) -> bool {
        self.set(element, ("active", if to { "true" } else { "false" }), |found| found.active = to)
    }

    /// Sets nix-env's flag `keep`; tells whether the element is there.
    pub fn set_keep(&mut self, element: &str, to: bool) -> bool {
        self.set(element, ("keep", if to { "true" } else { "false" }), |_| {})
    }

    /// Installs packages in a profile of nix-env, where they replace those of their names; tells the
    /// names of their elements.
    pub fn install(&mut self, packages: Vec<EnvironmentPackage>) -> Vec<String> {
        let mut names = Vec::new();
        self.edit_environment(|environment| names = environment.install(packages));
        self.elements_as_in_environment();
        names
    }

    /// Puts another package in the place of an element's, in a profile of nix-env.
    pub fn replace_package(&mut self, element: &str, package: EnvironmentPackage) {
        self.edit_environment(|environment| environment.replace(element, package));
        self.elements_as_in_environment();
    }

    /// The store paths that the profile refers to: [`Self::references`], or those that nix-env's
    /// manifest names.
    pub fn all_references(&self) -> Vec<StorePath> {
        match &self.environment {
            Some(environment) => environment.references(),
            None => self.references(),
        }
    }

    fn set(
        &mut self,
        element: &str,
        (flag, word): (&str, &str),
        set: impl FnOnce(&mut ProfileElement),
    ) -> bool {
        let Some(found) = self.elements.get_mut(element) else { return false };
        set(found);
        self.edit_environment(|environment| environment.set_flag(element, flag, word));
        true
    }

    /// Does to the environment what nix-env does, which first makes all packages what it writes.
    fn edit_environment(&mut self, edit: impl FnOnce(&mut UserEnvironment)) {
        if let Some(environment) = &mut self.environment {
            let environment = Arc::make_mut(environment);
            environment.rewrite();
            edit(environment);
        }
    }

    fn elements_as_in_environment(&mut self) {
        if let Some(environment) = &self.environment {
            self.elements = environment.elements();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;
    use crate::core::user_environment::Derivations;

    fn manifest(names: &[&str]) -> ProfileManifest {
        let packages = names.iter().map(|name| package(name)).collect();
        ProfileManifest::of_environment(UserEnvironment::of_packages(packages, Derivations::Dropped))
    }

    fn package(name: &str) -> EnvironmentPackage {
        let path = StorePath::from_parts(&StoreDir::new("/s"), [3; 20], name).unwrap();
        EnvironmentPackage::of_store_path(&path)
    }

    #[test]
    fn elements_and_packages_change_together() {
        let mut manifest = manifest(&["a-1", "b-1", "c-1"]);
        assert!(
            manifest.set_priority("a", 7) && manifest.set_active("b", false) && manifest.set_keep("c", true)
        );
        assert!(!manifest.set_keep("x", true) && !manifest.remove("x"));
        assert_eq!((manifest.elements["a"].priority, manifest.elements["b"].active), (7, false));
        assert_eq!(
            (manifest.package("a").unwrap().priority(), manifest.package("b").unwrap().active()),
            (7, false)
        );
        assert!(manifest.keeps("c") && !manifest.keeps("a"));
        assert_eq!(manifest.elements, manifest.environment.as_ref().unwrap().elements());
        assert!(manifest.remove("a"));
        assert_eq!(manifest.install(vec![package("b-2")]), ["b"]);
        assert_eq!(manifest.install(vec![package("c-2")]), ["c-2"]);
        assert_eq!(manifest.elements.keys().collect::<Vec<_>>(), ["b", "c", "c-2"]);
        assert_eq!(manifest.elements, manifest.environment.as_ref().unwrap().elements());
    }

    #[test]
    fn a_profile_without_an_environment_has_elements_only() {
        let element = package("a-1").element();
        let mut manifest = ProfileManifest::of([("a".to_owned(), element)].into());
        assert!(manifest.set_priority("a", 7) && manifest.set_keep("a", true) && !manifest.keeps("a"));
        assert_eq!(manifest.all_references().len(), 1);
        assert!(manifest.remove("a") && manifest.environment.is_none());
    }
}
