//! Finds out what an environment is made of: which packages it links, and which outputs these have.

use std::collections::BTreeSet;

use crate::core::contained_outputs::{self, ContainedPackage};
use crate::core::manifest::ProfileElement;
use crate::core::store_path::StorePath;
use crate::system::machine::Watch;

use super::Context;

/// The packages that an element's own refer to; none if it is no environment, or not in the store.
pub fn contained_packages(
    context: &Context,
    element: &ProfileElement,
    watch: &Watch<'_>,
) -> anyhow::Result<Vec<ContainedPackage>> {
    let own = context.store.path_infos(&element.store_paths, watch)?;
    let references = own.iter().flat_map(|info| &info.references);
    let references: BTreeSet<StorePath> =
        references.filter(|path| !element.store_paths.contains(path)).cloned().collect();
    let paths: Vec<StorePath> = references.iter().cloned().collect();
    let infos = context.store.path_infos(&paths, watch)?;
    let derivers: BTreeSet<StorePath> = infos.into_iter().filter_map(|info| info.deriver).collect();
    let derivers: Vec<StorePath> = derivers.into_iter().collect();
    let derivations = context.store.derivation_outputs(&derivers, watch)?;
    Ok(contained_outputs::packages(&references, &derivations))
}
