//! What an environment is made of: its packages with all of their outputs, and the line to write for one
//! that is not in it.
//!
//! Nothing of that can be chosen from outside: an environment is one package, and its file decides
//! which outputs of which packages it links.

use std::collections::{BTreeMap, BTreeSet};

use super::nix_text;
use super::package::PackageName;
use super::store_path::StorePath;

/// All outputs of a derivation; `None` for a path that is known only once it is built.
pub type DerivationOutputs = BTreeMap<String, Option<StorePath>>;

/// A package of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainedPackage {
    /// `zlib-1.2.11`.
    pub name: String,
    /// Its outputs.
    pub outputs: Vec<ContainedOutput>,
}

/// An output of such a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainedOutput {
    /// `dev`.
    pub name: String,
    /// Its path, if that is known.
    pub path: Option<StorePath>,
    /// Whether the environment links it.
    pub is_linked: bool,
}

/// Puts together what an environment refers to, and the outputs of the derivations that made that. What
/// nobody knows the derivation of has the one output that is there.
pub fn packages(
    references: &BTreeSet<StorePath>,
    derivations: &[(StorePath, DerivationOutputs)],
) -> Vec<ContainedPackage> {
    let mut known: BTreeSet<&StorePath> = BTreeSet::new();
    let mut packages = Vec::new();
    for (derivation, outputs) in derivations {
        known.extend(outputs.values().flatten());
        let name = derivation.name().strip_suffix(".drv").unwrap_or(derivation.name());
        let output = |(name, path): (&String, &Option<StorePath>)| ContainedOutput {
            name: name.clone(),
            path: path.clone(),
            is_linked: path.as_ref().is_some_and(|path| references.contains(path)),
        };
        packages
            .push(ContainedPackage { name: name.to_owned(), outputs: outputs.iter().map(output).collect() });
    }
    for path in references.iter().filter(|path| !known.contains(path)) {
        let only = ContainedOutput { name: "out".to_owned(), path: Some(path.clone()), is_linked: true };
        packages.push(ContainedPackage { name: path.name().to_owned(), outputs: vec![only] });
    }
    packages.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    packages
}

impl ContainedPackage {
    /// What stands in `paths` for one of its outputs: `zlib.dev`.
    pub fn in_paths(&self, output: &str) -> String {
        let attribute = nix_text::attribute(PackageName::split(&self.name).name);
        format!("{attribute}.{}", nix_text::attribute(output))
    }
}

/// The line that has these outputs of every package linked.
pub fn extra_outputs(outputs: &[String]) -> String {
    let names: Vec<String> = outputs.iter().map(|output| nix_text::string(output)).collect();
    format!("extraOutputsToInstall = [ {} ];", names.join(" "))
}

/// The outputs that some package has and the environment does not link, each once.
pub fn not_linked(packages: &[ContainedPackage]) -> Vec<String> {
    let outputs = packages.iter().flat_map(|package| &package.outputs);
    let names: BTreeSet<&String> =
        outputs.filter(|output| !output.is_linked).map(|output| &output.name).collect();
    names.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    fn path(name: &str) -> StorePath {
        StorePath::parse(&StoreDir::new("/s"), &format!("/s/{}-{name}", "a".repeat(32))).unwrap()
    }

    #[test]
    fn packages_have_all_outputs_and_tell_which_are_linked() {
        let references = BTreeSet::from([path("zlib-1"), path("zlib-1-dev"), path("own-1")]);
        let outputs = ["out", "dev", "static"].map(|output| {
            let name = if output == "out" { "zlib-1".to_owned() } else { format!("zlib-1-{output}") };
            (output.to_owned(), Some(path(&name)))
        });
        let packages = packages(&references, &[(path("zlib-1.drv"), outputs.into())]);
        let linked = |package: &ContainedPackage| {
            let linked = package.outputs.iter().filter(|output| output.is_linked);
            linked.map(|output| output.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!((packages[0].name.as_str(), linked(&packages[0])), ("own-1", vec!["out".to_owned()]));
        assert_eq!(packages[1].name, "zlib-1");
        assert_eq!(linked(&packages[1]), ["dev", "out"]);
        assert_eq!(not_linked(&packages), ["static"]);
        assert_eq!(packages[1].in_paths("static"), "zlib.static");
        assert_eq!(extra_outputs(&not_linked(&packages)), r#"extraOutputsToInstall = [ "static" ];"#);
    }
}
