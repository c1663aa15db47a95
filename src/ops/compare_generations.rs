//! Compares any two generations: reads their manifests, and of the packages what it takes to
//! know both trees. Nothing is evaluated, nothing fetched.
//!
//! Packages do not change, so what was read once serves every later comparison: keep the
//! [`KnownPackages`] and comparing costs little more than telling the difference.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::core::comparison::{Comparison, LinkedPrograms, Programs};
use crate::core::facts::Facts;
use crate::core::file_tree::{FileTrees, PathBytes};
use crate::core::link_tree::{LinkTree, Node};
use crate::core::manifest::ProfileManifest;
use crate::core::plan::{Base, Plan};
use crate::system::package_reader::{self, Depth};
use crate::system::profile_folder::ProfileFolder;
use crate::system::running_programs;

use super::Context;
use super::find_profiles::kind_of;
use super::load_environment;
use super::load_profile::load_generation;
use super::refusal::Refusal;

/// What is known of packages from comparisons before.
#[derive(Clone, Debug, Default)]
pub struct KnownPackages {
    facts: Facts,
    /// The last comparison's: two that are looked at one after the other share most of their trees.
    last: Option<Arc<Plan>>,
}

impl KnownPackages {
    /// Begins with what has been read elsewhere.
    pub fn new(trees: FileTrees) -> Self {
        Self { facts: Facts { trees, ..Facts::default() }, last: None }
    }
}

/// Compares two generations by number.
pub fn compare_generations(
    context: &Context,
    (from, to): (u64, u64),
    known: &mut KnownPackages,
) -> anyhow::Result<Comparison> {
    let before = load_generation(context, from)?;
    let after = load_generation(context, to)?;
    let folder = ProfileFolder::new(&context.profile)?;
    if load_environment::is_meant(context, &folder) {
        let programs = [from, to].map(|number| listed_programs(context, &folder, number));
        let plan = Arc::new(Plan::between(&before, &after.manifest, &Facts::default(), None));
        let [before, after] = &programs;
        return Ok(Comparison::of_programs(plan, [before, after], &running_programs::find()));
    }
    compare_manifests(context, &before, &after.manifest, known)
}

/// Compares two manifests that have been read already.
pub fn compare_manifests(
    context: &Context,
    before: &Arc<Base>,
    after: &ProfileManifest,
    known: &mut KnownPackages,
) -> anyhow::Result<Comparison> {
    let plan = Arc::new(complete(context, before, after, known)?);
    known.last = Some(Arc::clone(&plan));
    let linked = LinkedPrograms {
        before: linked_programs(&plan.tree_before),
        after: linked_programs(&plan.tree_after),
    };
    Ok(Comparison::new(plan, &linked, &running_programs::find()))
}

/// Reads packages until both trees are known.
pub(super) fn complete(
    context: &Context,
    before: &Arc<Base>,
    after: &ProfileManifest,
    known: &mut KnownPackages,
) -> anyhow::Result<Plan> {
    let mut plan = Plan::between(before, after, &known.facts, known.last.as_deref());
    while !plan.needs.is_empty() {
        let learnt = package_reader::read(&plan.needs.tree, Depth::Meeting, context.store.store_dir());
        known.facts.trees.absorb(learnt);
        let next = Plan::between(before, after, &known.facts, Some(&plan));
        if next.needs == plan.needs {
            return Err(Refusal::NeverLearnt("what the packages hold".to_owned()).into());
        }
        plan = next;
    }
    Ok(plan)
}

/// The programs of a generation as its folders list them.
fn listed_programs(context: &Context, folder: &ProfileFolder, number: u64) -> Programs {
    use std::os::unix::ffi::OsStrExt as _;
    let mut programs = Programs::new();
    let Some(link) = folder.generation_link(number) else { return programs };
    let store_dir = Path::new(context.store.store_dir().as_str());
    let package = |place: PathBuf| {
        let name = place.strip_prefix(store_dir).ok()?.components().next()?.as_os_str().to_owned();
        Some(PathBytes::from(store_dir.join(name).as_os_str().as_bytes()))
    };
    for bin in kind_of(context, &folder.link).program_folders() {
        let Ok(entries) = link.join(bin).read_dir() else { continue };
        for entry in entries.flatten() {
            let place = entry.path();
            // The package is the first that the link leads into, as Nix links it.
            let place = std::fs::read_link(&place).or_else(|_| place.canonicalize());
            if let Some(package) = place.ok().and_then(package) {
                programs.insert(PathBytes::from(entry.file_name().as_bytes()), package);
            }
        }
    }
    programs
}

/// The names in a `bin` that is one link; none if it cannot be listed, which is no reason to tell
/// nothing else.
fn linked_programs(tree: &LinkTree) -> Vec<PathBytes> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    let Some(Node::Link(link)) = tree.root.entry(b"bin") else { return Vec::new() };
    if !link.folder {
        return Vec::new();
    }
    let folder = PathBuf::from(std::ffi::OsString::from_vec(link.target(b"bin")));
    let Ok(entries) = Path::new(&folder).read_dir() else { return Vec::new() };
    entries
        .flatten()
        .map(|entry| PathBytes::from(entry.file_name().as_bytes()))
        .filter(|name| !name.starts_with(b"."))
        .collect()
}
