//! What generations without a manifest hold: those of home-manager and systems.
//!
//! Each leads to a folder of links that the store made of packages; what that folder refers to are
//! the packages. They are told as elements without a source, named by their packages, so that the
//! history and comparisons work as for any profile. For showing only: nothing is planned on them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::core::generation::Generation;
use crate::core::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use crate::core::package::PackageName;
use crate::core::profile_kind::ProfileKind;
use crate::core::store_graph::PathInfo;
use crate::core::store_path::StorePath;
use crate::system::machine::{Cancel, NoProgress, Watch};
use crate::system::profile_folder::ProfileFolder;

use super::Context;
use super::find_profiles::kind_of;

/// Manifests of what generations refer to, by number; those that cannot be told are left out. Asks
/// the store once.
pub(super) fn manifests(
    context: &Context,
    folder: &ProfileFolder,
    generations: &[Generation],
) -> anyhow::Result<HashMap<u64, ProfileManifest>> {
    let store_dir = context.store.store_dir();
    let kind = kind_of(context, &folder.link);
    let mut wanted: Vec<(u64, Option<StorePath>, StorePath)> = Vec::new();
    for generation in generations {
        let Ok(whole) = StorePath::parse(store_dir, &generation.target) else { continue };
        let packages = match kind.packages_at() {
            None => Some(whole.clone()),
            Some(link) => std::fs::read_link(Path::new(whole.as_str()).join(link))
                .ok()
                .and_then(|target| StorePath::parse(store_dir, target.to_str()?).ok()),
        };
        if let Some(packages) = packages {
            // A system is itself something that has a version.
            let system = (kind == ProfileKind::System).then_some(whole);
            wanted.push((generation.number, system, packages));
        }
    }
    let mut paths: Vec<StorePath> = wanted.iter().map(|(_, _, packages)| packages.clone()).collect();
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Ok(HashMap::new());
    }
    let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
    let infos: HashMap<StorePath, PathInfo> =
        context.store.path_infos(&paths, &watch)?.into_iter().map(|info| (info.path.clone(), info)).collect();
    let manifest = |(number, system, packages): (u64, Option<StorePath>, StorePath)| {
        let references = infos.get(&packages)?.references.iter().filter(|path| **path != packages);
        Some((number, of_packages(references.chain(&system))))
    };
    Ok(wanted.into_iter().filter_map(manifest).collect())
}

/// One element for all packages of a name.
fn of_packages<'a>(packages: impl Iterator<Item = &'a StorePath>) -> ProfileManifest {
    let mut by_name: BTreeMap<&str, Vec<StorePath>> = BTreeMap::new();
    for package in packages {
        by_name.entry(PackageName::split(package.name()).name).or_default().push(package.clone());
    }
    let element = |(name, mut store_paths): (&str, Vec<StorePath>)| {
        store_paths.sort_unstable();
        let element = ProfileElement { active: true, priority: DEFAULT_PRIORITY, store_paths, source: None };
        (name.to_owned(), element)
    };
    ProfileManifest::of(by_name.into_iter().map(element).collect())
}

/// Whether the profile's generations are told by what they refer to.
pub(super) fn is_meant(context: &Context, folder: &ProfileFolder) -> bool {
    matches!(kind_of(context, &folder.link), ProfileKind::HomeManager | ProfileKind::System)
}
