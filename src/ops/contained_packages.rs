//! Finds out what an environment is made of: which packages it links, and which outputs these have.

use std::collections::BTreeSet;

use crate::core::contained_outputs::{self, ContainedPackage};
use crate::core::file_tree::PathBytes;
use crate::core::link_tree::TreeNeeds;
use crate::core::store_path::StorePath;
use crate::system::machine::Watch;
use crate::system::package_reader::{self, Depth};

use super::Context;

/// The packages that an element's own, by their store paths, refer to; none if it is no environment, or not in the store.
pub fn contained_packages(
    context: &Context,
    element: &[StorePath],
    watch: &Watch<'_>,
) -> anyhow::Result<Vec<ContainedPackage>> {
    let own = context.store.path_infos(element, watch)?;
    let linked = linked(context, element);
    let references = own.iter().flat_map(|info| &info.references);
    // Any package refers to what it needs; an environment links it.
    let references: BTreeSet<StorePath> =
        references.filter(|path| linked.contains(path.base_name().as_bytes())).cloned().collect();
    let paths: Vec<StorePath> = references.iter().cloned().collect();
    let infos = context.store.path_infos(&paths, watch)?;
    let derivers: BTreeSet<StorePath> = infos.into_iter().filter_map(|info| info.deriver).collect();
    let derivers: Vec<StorePath> = derivers.into_iter().collect();
    let derivations = context.store.derivation_outputs(&derivers, watch)?;
    Ok(contained_outputs::packages(&references, &derivations))
}

/// Base names of the store objects that links of the element's packages lead into.
fn linked(context: &Context, element: &[StorePath]) -> BTreeSet<PathBytes> {
    let packages = element.iter().map(|path| PathBytes::from(path.as_str().as_bytes()));
    let needs = TreeNeeds { packages: packages.collect(), directories: Vec::new() };
    let trees = package_reader::read(&needs, Depth::Whole, context.store.store_dir());
    let own = |name: &PathBytes| element.iter().any(|path| path.base_name().as_bytes() == &**name);
    let names = trees.directories.values().flat_map(|folder| &folder.leads_into);
    names.filter(|name| !own(name)).cloned().collect()
}
