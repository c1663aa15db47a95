//! Collisions grouped by kind and by who takes part: the rows of the collisions screen.

use std::collections::BTreeMap;

use crate::core::link_tree::Claimant;
use crate::core::plan::Plan;

/// Elements that collide, with all the paths they collide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollisionGroup {
    /// Tie, type clash, shadowed or latent.
    pub kind: CollisionKind,
    /// Who takes part, the winner first if there is one.
    pub elements: Vec<GroupMember>,
    /// In byte order.
    pub paths: Vec<Vec<u8>>,
}

/// One side of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupMember {
    /// The element; `None` for a propagated package.
    pub element: Option<String>,
    /// The package's path; with several packages of one element, the first that was met.
    pub package: Vec<u8>,
    /// The number it is linked at.
    pub priority: i32,
    /// Whether the plan adds it.
    pub added: bool,
    /// Whether its files are the ones that stand (shadowed and latent groups only).
    pub winner: bool,
}

/// The four kinds, blocking ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CollisionKind {
    /// `!` equal priority.
    Tie,
    /// `!` file against folder.
    TypeClash,
    /// `~` hidden by a stronger element.
    Shadowed,
    /// `.` two losers tie.
    Latent,
}

impl CollisionKind {
    /// Whether Nix refuses to build a profile with it.
    pub fn is_blocking(self) -> bool {
        matches!(self, Self::Tie | Self::TypeClash)
    }
}

/// What makes two collisions belong together: kind and sides, by element or else by package.
type GroupKey = (CollisionKind, Vec<(Vec<u8>, i32, bool)>);

/// Groups a plan's collisions by kind and by who takes part, blocking ones first.
pub fn groups(plan: &Plan) -> Vec<CollisionGroup> {
    let mut collected = Groups { plan, by_key: BTreeMap::new() };
    let found = &plan.collisions;
    for tie in &found.ties {
        collected.add(CollisionKind::Tie, &tie.path, None, &tie.claimants);
    }
    for clash in &found.type_clashes {
        collected.add(CollisionKind::TypeClash, &clash.path, None, &clash.claimants);
    }
    for shadowed in &found.shadowed {
        collected.add(CollisionKind::Shadowed, &shadowed.path, Some(&shadowed.winner), &shadowed.losers);
    }
    for latent in &found.latent {
        collected.add(CollisionKind::Latent, &latent.path, Some(&latent.winner), &latent.claimants);
    }
    collected.by_key.into_values().collect()
}

struct Groups<'a> {
    plan: &'a Plan,
    by_key: BTreeMap<GroupKey, CollisionGroup>,
}

impl Groups<'_> {
    fn add(&mut self, kind: CollisionKind, path: &[u8], winner: Option<&Claimant>, others: &[Claimant]) {
        let mut elements: Vec<GroupMember> =
            winner.map(|winner| self.member(winner, true)).into_iter().collect();
        elements.extend(others.iter().map(|other| self.member(other, false)));
        // What is installed stands before what is staged: "A" is what the user has.
        elements.sort_by_key(|member| (!member.winner, member.added));
        let side = |member: &GroupMember| {
            let name = member
                .element
                .as_ref()
                .map_or_else(|| member.package.clone(), |name| name.clone().into_bytes());
            (name, member.priority, member.winner)
        };
        let key = (kind, elements.iter().map(side).collect());
        let group = self.by_key.entry(key).or_insert(CollisionGroup { kind, elements, paths: Vec::new() });
        group.paths.push(path.to_vec());
    }

    fn member(&self, claimant: &Claimant, winner: bool) -> GroupMember {
        let element = self.plan.element_of(&claimant.package);
        GroupMember {
            added: self.plan.added.iter().any(|addition| Some(&*addition.name) == element),
            element: element.map(str::to_owned),
            package: claimant.package.to_vec(),
            priority: claimant.priority,
            winner,
        }
    }
}
