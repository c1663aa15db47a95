//! Two generations side by side: elements, links, collisions, and which programs come,
//! go or change hands.
//!
//! Elements are told from the manifests, everything else from the trees of both
//! ([`Plan::between`]). A program is a file in `bin/`. It *changes hands* if another element
//! provides it afterwards: that of `jj` becomes visible where `jujutsu` hid it before. A new
//! version from the same element is no change of hands.
//!
//! Collisions are the same if they have the same kind, path and elements, whatever the
//! priorities and versions: only what appears or vanishes is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::difference::{self, ElementDifference};
use super::essentials::{self, Lost, RunningProgram};
use super::file_tree::PathBytes;
use super::link_tree::{Claimant, Collisions, LinkDifference, LinkTree, Node, Role};
use super::package::PackageName;
use super::plan::Plan;
use super::visible;

/// Everything that differs between two generations.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// From the one to the other, with both trees.
    pub plan: Arc<Plan>,
    /// Element by element; also what is the same version in another build.
    pub elements: Vec<ElementDifference>,
    /// Link by link.
    pub links: LinkDifference,
    /// Collisions that only the later one has.
    pub appeared: Collisions,
    /// Collisions that only the earlier one has.
    pub vanished: Collisions,
    /// By name.
    pub programs: Vec<ProgramDifference>,
    /// What should not be lost, and is.
    pub lost: Vec<Lost>,
}

/// One program that somebody else provides, or nobody, or somebody at last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramDifference {
    /// Its name in `bin/`, raw bytes.
    pub name: PathBytes,
    /// Who provided it.
    pub before: Option<Provider>,
    /// Who provides it.
    pub after: Option<Provider>,
}

/// Programs by name, with the package each is of.
pub type Programs = BTreeMap<PathBytes, PathBytes>;

/// What happens to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramChange {
    /// Nobody had it.
    Appears,
    /// Nobody has it: typing it finds nothing, or another folder of PATH.
    Missing,
    /// The one that was hidden before is seen.
    BecomesVisible,
    /// The one that was seen is hidden by another.
    Hidden,
    /// Another element brings it, and the first is gone.
    ChangesHands,
}

/// Who provides a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The element; `None` for a package that another one brings along.
    pub element: Option<String>,
    /// The package's store path.
    pub package: PathBytes,
    /// Whether it has the program on the other side too, hidden there.
    pub hidden_elsewhere: bool,
}

/// What stands in a `bin` that is one link to a folder of a package. The tree does not know: it
/// never looks into a folder that only one package brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkedPrograms {
    /// Names in the earlier tree's `bin`.
    pub before: Vec<PathBytes>,
    /// Names in the later one's.
    pub after: Vec<PathBytes>,
}

impl Comparison {
    /// Compares what a plan leads from and to. `linked` are the names in a `bin` that is one link.
    pub fn new(plan: Arc<Plan>, linked: &LinkedPrograms, running: &[RunningProgram]) -> Self {
        let before = plan.tree_before.collisions();
        Self {
            elements: difference::between(&plan.base.manifest, &plan.after),
            links: plan.tree_after.difference(&plan.tree_before),
            appeared: only_in(Side::After.of(&plan), &plan.collisions, (Side::Before.of(&plan), &before)),
            vanished: only_in(Side::Before.of(&plan), &before, (Side::After.of(&plan), &plan.collisions)),
            programs: programs(&plan, linked),
            lost: essentials::lost_by(&plan, running),
            plan,
        }
    }

    /// Compares what has no trees that could be planned: `programs` are the names with the packages they
    /// are of, before and after. Links and collisions are not told.
    pub fn of_programs(plan: Arc<Plan>, programs: [&Programs; 2], running: &[RunningProgram]) -> Self {
        let [before, after] = programs;
        Self {
            elements: difference::between(&plan.base.manifest, &plan.after),
            links: LinkDifference::default(),
            appeared: Collisions::default(),
            vanished: Collisions::default(),
            programs: told_programs(&plan, before, after),
            lost: essentials::lost_between(&plan.base.manifest, &plan.after, running),
            plan,
        }
    }

    /// Whether nothing differs, the build of the same version included.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.links.is_empty()
    }
}

impl ProgramDifference {
    /// What happens to it.
    pub fn change(&self) -> ProgramChange {
        match (&self.before, &self.after) {
            (None, _) => ProgramChange::Appears,
            (_, None) => ProgramChange::Missing,
            (_, Some(after)) if after.hidden_elsewhere => ProgramChange::BecomesVisible,
            (Some(before), _) if before.hidden_elsewhere => ProgramChange::Hidden,
            _ => ProgramChange::ChangesHands,
        }
    }

    /// In words, as `bin/jj becomes visible: of jj, not of jujutsu`.
    pub fn words(&self) -> String {
        let program = format!("bin/{}", visible::bytes(&self.name));
        let name = |provider: &Option<Provider>| provider.as_ref().map_or(String::new(), Provider::words);
        let (before, after) = (name(&self.before), name(&self.after));
        match self.change() {
            ProgramChange::Appears => format!("{program} appears: of {after}"),
            ProgramChange::Missing => format!("{program} is missing: it is of {before}"),
            ProgramChange::BecomesVisible => {
                format!("{program} becomes visible: of {after}, not of {before}")
            }
            ProgramChange::Hidden => format!("{program} of {before} is hidden by that of {after}"),
            ProgramChange::ChangesHands => format!("{program} is of {after}, not of {before}"),
        }
    }
}

impl Provider {
    /// The element, or the package's name.
    pub fn words(&self) -> String {
        let name = self.element.clone().unwrap_or_else(|| package_name(&self.package));
        visible::text(&name)
    }
}

/// One of the two sides of a plan.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

#[derive(Clone, Copy)]
struct SideOf<'a> {
    plan: &'a Plan,
    side: Side,
}

impl Side {
    fn of(self, plan: &Plan) -> SideOf<'_> {
        SideOf { plan, side: self }
    }
}

impl<'a> SideOf<'a> {
    fn tree(self) -> &'a LinkTree {
        match self.side {
            Side::Before => &self.plan.tree_before,
            Side::After => &self.plan.tree_after,
        }
    }

    fn element(self, package: &[u8]) -> Option<&'a str> {
        match self.side {
            Side::Before => self.plan.element_before(package),
            Side::After => self.plan.element_of(package),
        }
    }

    /// The element, or the name of a package that belongs to none.
    fn owner(self, package: &[u8]) -> String {
        self.element(package).map_or_else(|| package_name(package), str::to_owned)
    }

    /// Every program with the package it is linked from.
    fn programs(self, linked: &[PathBytes]) -> Programs {
        match self.tree().root.entry(b"bin") {
            Some(Node::Link(link)) if link.folder => {
                linked.iter().map(|name| (Arc::clone(name), Arc::clone(&link.package))).collect()
            }
            Some(Node::Directory(bin)) => {
                let program = |(name, node): &(PathBytes, Node)| match node {
                    Node::Link(link) if !link.folder => Some((Arc::clone(name), Arc::clone(&link.package))),
                    _ => None,
                };
                bin.entries.iter().filter_map(program).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// Whether an owner has the program here and another one hides it.
    fn hides(self, name: &[u8], owner: &str) -> bool {
        let path = [b"bin/", name].concat();
        let claims = self.tree().claims_at(&path);
        claims.iter().any(|(claimant, role)| *role == Role::Hidden && self.owner(&claimant.package) == owner)
    }
}

fn programs(plan: &Plan, linked: &LinkedPrograms) -> Vec<ProgramDifference> {
    let (old, new) =
        (Side::Before.of(plan).programs(&linked.before), Side::After.of(plan).programs(&linked.after));
    told_programs(plan, &old, &new)
}

fn told_programs(plan: &Plan, old: &Programs, new: &Programs) -> Vec<ProgramDifference> {
    let (before, after) = (Side::Before.of(plan), Side::After.of(plan));
    let names: BTreeSet<&PathBytes> = old.keys().chain(new.keys()).collect();
    let mut told = Vec::new();
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        // The same package on both sides, which is the usual case, is the same owner.
        if was == is || was.map(|it| before.owner(it)) == is.map(|it| after.owner(it)) {
            continue;
        }
        let provider = |package: &PathBytes, here: SideOf<'_>, there: SideOf<'_>| Provider {
            element: here.element(package).map(str::to_owned),
            package: Arc::clone(package),
            hidden_elsewhere: there.hides(name, &here.owner(package)),
        };
        told.push(ProgramDifference {
            name: Arc::clone(name),
            before: was.map(|package| provider(package, before, after)),
            after: is.map(|package| provider(package, after, before)),
        });
    }
    told
}

/// The collisions of one side that the other does not have.
fn only_in(here: SideOf<'_>, ours: &Collisions, (there, theirs): (SideOf<'_>, &Collisions)) -> Collisions {
    let key = |side: SideOf<'_>, path: &PathBytes, claimants: &[Claimant]| {
        let owners: BTreeSet<String> = claimants.iter().map(|it| side.owner(&it.package)).collect();
        (Arc::clone(path), owners)
    };
    let ties: BTreeSet<_> = theirs.ties.iter().map(|it| key(there, &it.path, &it.claimants)).collect();
    let clashes: BTreeSet<_> =
        theirs.type_clashes.iter().map(|it| key(there, &it.path, &it.claimants)).collect();
    let shadowed: BTreeSet<_> = theirs
        .shadowed
        .iter()
        .map(|it| (there.owner(&it.winner.package), key(there, &it.path, &it.losers)))
        .collect();
    let latent: BTreeSet<_> = theirs.latent.iter().map(|it| key(there, &it.path, &it.claimants)).collect();
    let mut only = ours.clone();
    only.ties.retain(|it| !ties.contains(&key(here, &it.path, &it.claimants)));
    only.type_clashes.retain(|it| !clashes.contains(&key(here, &it.path, &it.claimants)));
    only.shadowed
        .retain(|it| !shadowed.contains(&(here.owner(&it.winner.package), key(here, &it.path, &it.losers))));
    only.latent.retain(|it| !latent.contains(&key(here, &it.path, &it.claimants)));
    only
}

/// `hello` of `/nix/store/…-hello-2.12`; what is no store path is its own name.
fn package_name(package: &[u8]) -> String {
    let text = String::from_utf8_lossy(package);
    let base = text.rsplit('/').next().unwrap_or_default();
    match base.get(33..) {
        Some(name) if base.as_bytes().get(32) == Some(&b'-') => PackageName::split(name).name.to_owned(),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests;
