//! What applying the staged changes would do: the one value behind the preview,
//! `--dry-run`, the review screen and applying.
//!
//! Planning never fails. A collision, a package that does not exist, an
//! installable that cannot be resolved are data in the plan; [`Plan::state`] says
//! whether it can be applied. [`fold`] carries the changes out on the manifest, [`adding`] additions,
//! [`registry`] carries out those on the user's registry, [`json`] prints plans, collisions and trees in the words of the command line.

mod absent;
pub(super) mod adding;
mod between;
pub mod cost;
mod evaluating;
mod fold;
pub mod json;
mod left;
mod packages;
mod registry;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::change::Change;
use super::difference;
use super::evaluation::Question;
use super::facts::{Facts, Needs};
use super::file_source::FileSource;
use super::file_tree::{Basis, PathBytes};
use super::link_tree::{Collisions, LinkTree};
use super::manifest::{ProfileElement, ProfileManifest};
use super::nar::{self, NarHash, NarHasher};
use super::nix_options::NixOptions;
use super::store_path::{StoreDir, StorePath, StorePathError};
use super::transaction::{AddedName, Transaction};
use super::user_environment::EnvironmentPackage;
use super::user_environment::object::EnvironmentObjects;
use super::user_environment::offered::UpgradeQuestion;

use absent::Absent;

pub use absent::Fate;
pub use left::{Left, LeftReason};

pub use registry::{EditOutcome, PlannedEdit, RegistryPlan};

/// The profile a plan starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Where the profile points; `None` for a profile that does not exist yet.
    pub store_path: Option<StorePath>,
    /// Its manifest; empty for a profile that does not exist yet.
    pub manifest: ProfileManifest,
    /// The store folder.
    pub store_dir: StoreDir,
}

/// The whole result of planning.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was made on.
    pub base: Arc<Base>,
    /// The staged changes.
    pub changes: Vec<Change>,
    /// The elements afterwards.
    pub after: ProfileManifest,
    /// One row for every element before or after, by name.
    pub elements: Vec<PlannedElement>,
    /// Names of the staged additions.
    pub added: Vec<AddedName>,
    /// The tree as it is.
    pub tree_before: Arc<LinkTree>,
    /// The tree as it would be.
    pub tree_after: Arc<LinkTree>,
    /// Collisions of the tree as it would be.
    pub collisions: Arc<Collisions>,
    /// Changes that could not be carried out, with the reason.
    pub left: Vec<Left>,
    /// What must be learnt before this can be applied.
    pub needs: Needs,
    /// What is asked about the packages of elements, answered or not, by element.
    pub questions: BTreeMap<String, Question>,
    /// Additions that do not evaluate, by the names of their rows; what was asked is in `questions`.
    pub failed: BTreeMap<String, LeftReason>,
    /// Options to be remembered for elements once it is applied, by name.
    pub options: BTreeMap<String, NixOptions>,
    /// Where newer packages of nix-env are looked for, answered or not, by element.
    pub looked_for: BTreeMap<String, UpgradeQuestion>,
    /// What is not in the store yet, by element: must be fetched or built before this is applied.
    pub realise: Vec<ToRealise>,
    /// The registries with the staged edits, once they have been read.
    pub registry: Option<Arc<RegistryPlan>>,
    /// The files and expressions that elements of the plan come from, by name: to be remembered once it
    /// is applied.
    pub files: BTreeMap<String, FileSource>,
    /// Elements of whose packages nobody can tell what they hold before they are built.
    awaited: BTreeSet<String>,
    owners_before: Arc<Owners>,
    owners_after: Owners,
}

/// Package path to the element it belongs to.
type Owners = HashMap<PathBytes, String>;

/// An element's row: before, after, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedElement {
    /// Its name.
    pub name: String,
    /// As the profile holds it now.
    pub before: Option<ProfileElement>,
    /// As it would be; also `None` while an addition is not resolved.
    pub after: Option<ProfileElement>,
    /// The staged addition that makes it, as an index into [`Plan::changes`].
    pub added_by: Option<usize>,
    /// Why that addition could not be resolved, if it could not.
    pub refused: Option<String>,
    /// What nix-env records of it now and afterwards.
    pub packages: [Option<Arc<EnvironmentPackage>>; 2],
}

impl PlannedElement {
    /// What nix-env records of it afterwards, or did of what goes; `None` in a profile of `nix profile`,
    /// and in one that becomes that.
    pub fn package(&self) -> Option<&EnvironmentPackage> {
        self.packages[usize::from(self.after.is_some())].as_deref()
    }

    /// Whether it is the very same package, of which other outputs are installed: no new build.
    pub fn only_chooses_outputs(&self) -> bool {
        if let [Some(before), Some(after)] = &self.packages {
            return before.out_path == after.out_path && before.outputs != after.outputs;
        }
        let sources = (self.before.as_ref(), self.after.as_ref());
        matches!(sources, (Some(before), Some(after)) if difference::only_chooses_outputs(before, after))
    }
}

/// The packages of an element that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToRealise {
    /// The element's name.
    pub element: String,
    /// The derivation that makes them; `None` for what is a store path in its flake.
    pub drv_path: Option<StorePath>,
    /// The outputs that are wanted, with their paths.
    pub outputs: Vec<(String, StorePath)>,
}

/// Whether a plan can be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// Nothing staged, or the staged changes leave the profile as it is.
    Nothing,
    /// Facts are still missing.
    Unknown,
    /// A package is missing or unreadable, or an addition was refused.
    Impossible,
    /// Collisions stand in the way.
    Blocked,
    /// It can be applied.
    Ready,
}

impl Plan {
    /// Plans the transaction on the base. `previous` only speeds things up: what it shares with
    /// the new plan is not computed again.
    pub fn make(base: &Arc<Base>, transaction: &Transaction, facts: &Facts, previous: Option<&Self>) -> Self {
        let registry = registry::fold(transaction.changes(), facts);
        let mut folded = fold::fold(base, transaction.changes(), facts, &registry.by);
        folded.left.extend(registry.left);
        let previous_before = previous.filter(|previous| previous.base == *base);
        let tree_before = match previous_before {
            Some(previous) if previous.tree_before.needs.is_empty() => Arc::clone(&previous.tree_before),
            _ => Arc::new(LinkTree::build(
                &active_paths(&base.manifest),
                &facts.trees,
                previous.map(|plan| &*plan.tree_before),
            )),
        };
        let owners_before = previous_before
            .map_or_else(|| Arc::new(owners(&base.manifest)), |previous| Arc::clone(&previous.owners_before));
        let tree_after = if folded.after == base.manifest {
            Arc::clone(&tree_before)
        } else {
            let like = previous.map_or(&*tree_before, |plan| &*plan.tree_after);
            Arc::new(LinkTree::build(&active_paths(&folded.after), &facts.trees, Some(like)))
        };
        let files = files(base, transaction.changes(), &folded, facts);
        let options = options(transaction.changes(), &folded, facts);
        let mut tree_needs = tree_after.needs.clone();
        tree_needs.absorb(&tree_before.needs);
        let mut absent = Absent::among(folded.wanted(), facts, &base.manifest);
        absent.coming_along(&tree_after, &base.store_dir);
        tree_needs.absorb(&absent.unknown);
        Self {
            base: Arc::clone(base),
            changes: transaction.changes().to_vec(),
            elements: fold::rows(&base.manifest, &folded),
            added: folded.added,
            collisions: Arc::new(tree_after.collisions()),
            tree_before,
            tree_after,
            left: folded.left,
            needs: Needs {
                installables: folded.unresolved,
                tree: tree_needs,
                evaluations: folded.evaluating.questions,
                packages: folded.packages,
                candidates: folded.candidates,
                listings: absent.listings,
                validity: absent.unsure,
                registries: registry.read,
                locks: registry.locks,
            },
            questions: folded.evaluating.asked,
            failed: folded.evaluating.failed,
            options,
            looked_for: folded.looked_for,
            realise: absent.realise,
            registry: registry.plan,
            files,
            awaited: absent.awaited,
            owners_before,
            owners_after: owners(&folded.after),
            after: folded.after,
        }
    }

    /// Whether it can be applied.
    pub fn state(&self) -> PlanState {
        if !self.needs.is_empty() {
            PlanState::Unknown
        } else if self.left.iter().any(|left| left.reason.is_in_the_way()) {
            PlanState::Impossible
        } else if !self.makes_generation() {
            if self.edits_registry() { PlanState::Ready } else { PlanState::Nothing }
        } else if !self.tree_after.problems.is_empty() {
            PlanState::Impossible
        } else if self.collisions.blocking() > 0 {
            PlanState::Blocked
        } else {
            PlanState::Ready
        }
    }

    /// Whether the elements would be others, so that applying it makes a generation. A plan of registry
    /// edits makes none.
    pub fn makes_generation(&self) -> bool {
        self.after != self.base.manifest
    }

    /// Whether a profile of nix-env would become one of `nix profile`.
    pub fn converts(&self) -> bool {
        self.base.manifest.environment.is_some() && self.after.environment.is_none()
    }

    /// Whether the user's registry would be another.
    pub fn edits_registry(&self) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.changes())
    }

    /// How sure the tree is.
    pub fn basis(&self) -> Basis {
        self.tree_after.basis
    }

    /// The future profile, hashed; `None` unless the state is [`PlanState::Ready`] and there will be
    /// another one, and while the contents of a package are not known. Hashes the whole tree: not for
    /// every key.
    pub fn finished(&self) -> Result<Option<FinishedProfile>, StorePathError> {
        let is_known = self.basis() != Basis::Unknown;
        if self.state() != PlanState::Ready || !self.makes_generation() || !is_known {
            return Ok(None);
        }
        if let Some(environment) = &self.after.environment {
            let objects = EnvironmentObjects::of(environment, &self.base.store_dir)?;
            let (path, references) = (objects.path.clone(), objects.manifest.references.clone());
            let contents = FinishedContents::UserEnvironment(Box::new(objects));
            return Ok(Some(FinishedProfile { path, references, contents }));
        }
        let manifest = self.after.to_json();
        // A hasher takes every byte, so the only error of writing into it cannot happen.
        let Ok(hasher) = self.tree_after.write_nar(&manifest, NarHasher::default()) else { return Ok(None) };
        let nar = hasher.finish();
        let references = self.after.references();
        let path = nar::source_path(&self.base.store_dir, "profile", &nar, &references)?;
        Ok(Some(FinishedProfile { path, references, contents: FinishedContents::Profile { nar, manifest } }))
    }

    /// The future profile's store path; `None` while blocked or while contents are unknown; the
    /// base while there is nothing to do but in the registry.
    pub fn result(&self) -> Result<Option<StorePath>, StorePathError> {
        let state = self.state();
        if state == PlanState::Nothing || state == PlanState::Ready && !self.makes_generation() {
            return Ok(self.base.store_path.clone());
        }
        Ok(self.finished()?.map(|finished| finished.path))
    }

    /// The element a package belongs to after the plan; `None` for propagated packages.
    /// With one path in two elements it is the stronger, then the first by name.
    pub fn element_of(&self, package: &[u8]) -> Option<&str> {
        self.owners_after.get(package).map(String::as_str)
    }

    /// Like [`Plan::element_of`], as the profile is now.
    pub fn element_before(&self, package: &[u8]) -> Option<&str> {
        self.owners_before.get(package).map(String::as_str)
    }
}

/// The files that additions, and elements that are upgraded, come from.
fn files(
    base: &Base,
    changes: &[Change],
    folded: &fold::Folded,
    facts: &Facts,
) -> BTreeMap<String, FileSource> {
    let added = folded.added.iter().filter_map(|addition| {
        let source = FileSource::of(&changes.get(addition.change)?.installable()?)?;
        // Of all packages of a file each is a package of nix-env by itself.
        let one_of_all = folded.after.environment.is_some() && source.attribute.is_empty();
        Some((addition.name.clone(), FileSource { one_of_all, ..source }))
    });
    let upgraded = changes.iter().filter_map(|change| {
        if let Change::UpgradeFrom { element, file } = change {
            return Some((element.clone(), FileSource::by_name(file)));
        }
        let Change::Upgrade { element: name } = change else { return None };
        let source = facts.files.of(name, base.manifest.elements.get(name)?)?;
        Some((name.clone(), source.clone()))
    });
    upgraded.chain(added).collect()
}

/// The options that additions were asked with.
fn options(changes: &[Change], folded: &fold::Folded, facts: &Facts) -> BTreeMap<String, NixOptions> {
    let of = |addition: &AddedName| {
        let installable = changes.get(addition.change)?.installable()?;
        let options = facts.options.additions.get(installable.shown())?.clone();
        Some((addition.name.clone(), options))
    };
    folded.added.iter().filter_map(of).collect()
}

/// A profile ready to be written: everything its store object is made of but the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedProfile {
    /// Its store path.
    pub path: StorePath,
    /// Store paths of all elements, sorted; they must be there.
    pub references: Vec<StorePath>,
    /// What comes to lie there.
    pub contents: FinishedContents,
}

/// Who writes the profile's store object, and from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishedContents {
    /// A profile of `nix profile`, which firn writes itself.
    Profile {
        /// Hash and size of its NAR.
        nar: NarHash,
        /// The text of its `manifest.json`.
        manifest: String,
    },
    /// A profile of nix-env, which the store builds.
    UserEnvironment(Box<EnvironmentObjects>),
}

/// The packages that are linked, with their priority; repeats are the link tree's to sort out.
fn active_paths(manifest: &ProfileManifest) -> Vec<(StorePath, i32)> {
    let active = manifest.elements.values().filter(|element| element.active);
    active
        .flat_map(|element| element.store_paths.iter().map(|path| (path.clone(), element.priority)))
        .collect()
}

fn owners(manifest: &ProfileManifest) -> Owners {
    let mut strongest: HashMap<PathBytes, (i32, &String)> = HashMap::new();
    for (name, element) in manifest.elements.iter().filter(|(_, element)| element.active) {
        for path in &element.store_paths {
            let owner = (element.priority, name);
            let slot = strongest.entry(PathBytes::from(path.as_str().as_bytes())).or_insert(owner);
            *slot = (*slot).min(owner);
        }
    }
    strongest.into_iter().map(|(path, (_, name))| (path, name.clone())).collect()
}
