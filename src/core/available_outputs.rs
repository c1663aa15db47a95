//! Which outputs a package has, as `O` and `firn outputs` show them.
//!
//! A flake tells all of them. nix-env records only those that are installed; the others are those of the
//! derivation that made them, which the store knows as long as it has it. Where it does not, what is
//! installed is all there is to choose from, and [`AvailableOutputs::unknown`] says why.
//!
//! A package that was installed by the store path of its `doc` nix-env calls `out`. Its derivation means
//! something else by that word, so the two are not mixed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evaluation::Evaluated;
use super::manifest::ExtendedOutputsSpec;
use super::store_path::StorePath;
use super::user_environment::EnvironmentPackage;
use super::user_environment::offered::OfferedPackage;

/// The outputs of one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AvailableOutputs {
    /// By name, with their paths; `None` for a path that is known only once it is built.
    pub outputs: BTreeMap<String, Option<StorePath>>,
    /// What is installed if nobody chooses; `None` where nix-env has put its own choice in the place of
    /// what the package declares.
    pub default_outputs: Option<Vec<String>>,
    /// Why there may be more than these.
    pub unknown: Option<Arc<str>>,
}

impl AvailableOutputs {
    /// Of a package of a flake.
    pub fn of_flake(package: &Evaluated) -> Self {
        Self {
            outputs: package.outputs.clone(),
            default_outputs: Some(package.default_outputs.clone()),
            unknown: None,
        }
    }

    /// Of a package of nix-env, with what the store answered about its derivation.
    pub fn of_package(
        installed: &EnvironmentPackage,
        answer: &Result<Arc<[OfferedPackage]>, Arc<str>>,
    ) -> Self {
        let (more, unknown) = match answer {
            Ok(offered) => siblings(installed, offered),
            Err(reason) => (BTreeMap::new(), Some(Arc::clone(reason))),
        };
        let own = installed.outputs.iter().chain(&more);
        let outputs: BTreeMap<_, _> = own.map(|(name, path)| (name.clone(), Some(path.clone()))).collect();
        let declares_none = installed.named_outputs().is_none();
        let default_outputs = declares_none.then(|| outputs.keys().cloned().collect());
        Self { outputs, default_outputs, unknown }
    }

    /// Whether an output is installed if nobody chooses; `None` where that is not known.
    pub fn is_default(&self, name: &str) -> Option<bool> {
        Some(self.default_outputs.as_ref()?.iter().any(|output| output == name))
    }

    /// The names that a choice means, sorted.
    pub fn chosen(&self, choice: &ExtendedOutputsSpec) -> Vec<String> {
        let mut names = match choice {
            ExtendedOutputsSpec::Default => self.default_outputs.clone().unwrap_or_default(),
            ExtendedOutputsSpec::All => self.outputs.keys().cloned().collect(),
            ExtendedOutputsSpec::Names(names) => names.clone(),
        };
        names.sort_unstable();
        names
    }
}

/// The outputs of the derivation, if it calls those that are installed as nix-env does.
fn siblings(
    installed: &EnvironmentPackage,
    offered: &[OfferedPackage],
) -> (BTreeMap<String, StorePath>, Option<Arc<str>>) {
    let more: BTreeMap<String, StorePath> =
        offered.iter().flat_map(|offered| offered.outputs.clone()).collect();
    let differs = |(name, path): &(&String, &StorePath)| more.get(*name).is_some_and(|other| other != *path);
    match installed.outputs.iter().find(differs) {
        None => (more, None),
        Some((name, _)) => {
            let words = format!(
                "it was installed by a store path, as '{name}', which its derivation calls otherwise"
            );
            (BTreeMap::new(), Some(Arc::from(words)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;
    use crate::core::user_environment::Value;

    fn path(digit: u8, name: &str) -> StorePath {
        StorePath::from_parts(&StoreDir::new("/s"), [digit; 20], name).unwrap()
    }

    fn offered(outputs: &[(&str, StorePath)]) -> Arc<[OfferedPackage]> {
        let mut offered = OfferedPackage::of_store_path(&outputs[0].1);
        offered.outputs = outputs.iter().map(|(name, path)| ((*name).to_owned(), path.clone())).collect();
        [offered].into()
    }

    #[test]
    fn what_is_installed_and_what_its_derivation_has_come_together() {
        let (out, doc) = (path(1, "git-2"), path(2, "git-2-doc"));
        let all = Ok(offered(&[("out", out.clone()), ("doc", doc.clone())]));
        let found = AvailableOutputs::of_package(&EnvironmentPackage::of_store_path(&out), &all);
        assert_eq!(found.outputs.keys().collect::<Vec<_>>(), ["doc", "out"]);
        assert_eq!(found.is_default("doc"), Some(true), "nix-env installs all where nothing is named");
        let mut chosen = EnvironmentPackage::of_store_path(&out);
        chosen.meta.insert("outputsToInstall".to_owned(), Value::List(vec![Value::String("out".to_owned())]));
        let found = AvailableOutputs::of_package(&chosen, &all);
        assert_eq!(found.is_default("out"), None, "whose choice it is nobody knows");
        // Installed as 'out', and the derivation's 'out' is another.
        let found = AvailableOutputs::of_package(&EnvironmentPackage::of_store_path(&doc), &all);
        assert_eq!(found.outputs, BTreeMap::from([("out".to_owned(), Some(doc.clone()))]));
        assert!(found.unknown.unwrap().contains("as 'out'"));
        let found =
            AvailableOutputs::of_package(&EnvironmentPackage::of_store_path(&out), &Err("gone".into()));
        assert_eq!((found.outputs.len(), found.unknown.as_deref()), (1, Some("gone")));
    }
}
