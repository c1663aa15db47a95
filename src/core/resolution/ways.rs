//! The ways out of one group, found by trying: every candidate is planned, and kept
//! only if the group's paths do not collide in this manner any more and nothing new
//! stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use super::containment::Containment;
use super::groups::{CollisionGroup, CollisionKind, GroupMember};
use crate::core::change::Change;
use crate::core::facts::Facts;
use crate::core::file_source::FileSource;
use crate::core::file_tree::PathBytes;
use crate::core::link_tree::Node;
use crate::core::package::package_name;
use crate::core::plan::Plan;
use crate::core::transaction::Transaction;

/// How many numbers next to the wanted one are tried before a priority change is given up: more
/// than that many elements in a row that tie is not a profile a new number can mend.
const NUMBERS_TRIED: i32 = 12;

/// One way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// What to stage.
    pub step: ResolutionStep,
    /// The intent in words: "keep hello's file".
    pub intent: String,
    /// The means in words: "fltk priority 5 → 6"; empty if the intent says it all.
    pub means: String,
    /// Paths whose link goes to another element, with who has it then; of a group that stands in the
    /// way all its paths, because nobody has them now.
    pub changes_hands: Vec<(Vec<u8>, Option<String>)>,
    /// Whether paths outside the group are among them.
    pub moves_others: bool,
    /// Links that leave the tree.
    pub links_leave: usize,
    /// Commands that no element brings any more.
    pub commands_leave: Vec<PathBytes>,
    /// Blocking collisions that are left after this way.
    pub blocking_left: usize,
}

/// What staging a way does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolutionStep {
    /// Stages these changes as one step.
    Stage(Vec<Change>),
    /// Drops what is staged for the element.
    Unstage(String),
    /// Upgrades an element in place of an addition from the same file.
    UpgradeInstead {
        /// What is staged to be added.
        addition: String,
        /// What is upgraded.
        element: String,
    },
}

/// Stages a way on a transaction that belongs to `plan`.
pub fn stage(transaction: &mut Transaction, plan: &Plan, step: &ResolutionStep) {
    match step {
        ResolutionStep::Stage(changes) => {
            transaction.stage(&plan.base.manifest, &plan.added, changes.clone());
        }
        ResolutionStep::Unstage(element) => {
            transaction.unstage(&plan.added, element);
        }
        ResolutionStep::UpgradeInstead { addition, element } => {
            let upgrade = Change::Upgrade { element: element.clone() };
            transaction.stage_instead(&plan.base.manifest, &plan.added, addition, upgrade);
        }
    }
}

/// The ways out of a group, best first. Shadowed and latent groups have ways too: they give the
/// hidden element precedence, or tell two losers apart.
pub fn ways(
    plan: &Plan,
    transaction: &Transaction,
    facts: &Facts,
    group: &CollisionGroup,
) -> Vec<Resolution> {
    let search = Search { plan, transaction, facts, group };
    let mut ways: Vec<Resolution> = search.upgrade_instead().into_iter().collect();
    ways.extend(search.by_priority());
    let members = search.elements();
    let installed = |name: &&str| search.staged_addition(name).is_none();
    for element in members.iter().copied().filter(installed) {
        let change = Change::Active { element: element.to_owned(), to: false };
        ways.extend(search.attempt(
            ResolutionStep::Stage(vec![change]),
            format!("switch {element} off"),
            String::new(),
        ));
    }
    for element in &members {
        if let Some(intent) = search.staged_words(element) {
            ways.extend(search.attempt(
                ResolutionStep::Unstage((*element).to_owned()),
                intent,
                String::new(),
            ));
        }
    }
    for element in members.iter().copied().filter(installed) {
        let change = Change::Remove { element: element.to_owned() };
        ways.extend(search.attempt(
            ResolutionStep::Stage(vec![change]),
            format!("remove {element}"),
            String::new(),
        ));
    }
    if let Some(found) = Containment::of(group, &facts.trees) {
        twice_first(&mut ways, &found);
    }
    ways
}

/// What is there twice goes first: nothing is lost without it, which no other way can say.
fn twice_first(ways: &mut [Resolution], found: &Containment) {
    let rank = |way: &Resolution| match &way.step {
        ResolutionStep::Stage(changes) => match changes.as_slice() {
            [Change::Remove { element }] if *element == found.contained => 0,
            [Change::Active { element, .. }] if *element == found.contained => 1,
            _ => 2,
        },
        ResolutionStep::Unstage(element) if *element == found.contained => 0,
        ResolutionStep::Unstage(_) | ResolutionStep::UpgradeInstead { .. } => 2,
    };
    for way in ways.iter_mut().filter(|way| rank(way) < 2) {
        way.means = found.has();
    }
    ways.sort_by_key(rank);
}

struct Search<'a> {
    plan: &'a Plan,
    transaction: &'a Transaction,
    facts: &'a Facts,
    group: &'a CollisionGroup,
}

impl<'a> Search<'a> {
    /// Elements of the group, each once, in the group's order.
    fn elements(&self) -> Vec<&'a str> {
        let mut seen = BTreeSet::new();
        let names = self.group.elements.iter().filter_map(|member| member.element.as_deref());
        names.filter(|name| seen.insert(*name)).collect()
    }

    fn staged_addition(&self, element: &str) -> Option<usize> {
        self.plan.added.iter().find(|addition| addition.name == element).map(|addition| addition.change)
    }

    /// What was added from a file and is added from it once more is to be what the file holds now.
    fn upgrade_instead(&self) -> Option<Resolution> {
        let members = self.elements();
        let installed = members.iter().find_map(|name| {
            let element = self.plan.base.manifest.elements.get(*name)?;
            Some((*name, self.facts.files.of(name, element)?))
        });
        let (element, source) = installed?;
        let is_again = |name: &&&str| {
            let change = self.staged_addition(name).and_then(|index| self.plan.changes.get(index));
            change.and_then(Change::installable).and_then(|it| FileSource::of(&it)).as_ref() == Some(source)
        };
        let addition = (*members.iter().find(is_again)?).to_owned();
        let step = ResolutionStep::UpgradeInstead { addition, element: element.to_owned() };
        let means = "it is from the same file".to_owned();
        self.attempt(step, format!("upgrade {element} instead"), means)
    }

    fn staged_words(&self, element: &str) -> Option<String> {
        if self.staged_addition(element).is_some() {
            return Some(format!("drop the staged add of {element}"));
        }
        let changed = self.plan.changes.iter().any(|change| change.element() == Some(element));
        changed.then(|| format!("drop the staged change of {element}"))
    }

    /// For each element that could have the files, the smallest priority change that gives it them.
    fn by_priority(&self) -> Vec<Resolution> {
        let members = self.sides();
        let mut found: Vec<(i64, Resolution)> = Vec::new();
        for member in &members {
            // A winner that already has the files needs nothing.
            if member.winner && self.group.kind != CollisionKind::Latent {
                continue;
            }
            found.extend(self.prefer(member, &members));
        }
        found.sort_by_key(|(cost, _)| *cost);
        let mut ways: Vec<Resolution> = Vec::new();
        for (_, way) in found {
            if ways.iter().all(|other| other.step != way.step) {
                ways.push(way);
            }
        }
        ways
    }

    /// One side per element; two outputs of one element are not told apart by a priority.
    fn sides(&self) -> Vec<&'a GroupMember> {
        let mut seen = BTreeSet::new();
        self.group
            .elements
            .iter()
            .filter(|member| {
                seen.insert((&member.element, member.element.is_none().then_some(&member.package)))
            })
            .collect()
    }

    /// The cheapest of two means: the preferred element goes below the strongest, or the others go
    /// above the preferred one. What is staged is moved before what is installed.
    fn prefer(&self, preferred: &GroupMember, members: &[&GroupMember]) -> Option<(i64, Resolution)> {
        let rivals: Vec<&GroupMember> = members
            .iter()
            .copied()
            .filter(|member| {
                !std::ptr::eq(*member, preferred)
                    && (self.group.kind != CollisionKind::Latent || !member.winner)
            })
            .collect();
        if self.group.kind == CollisionKind::Latent && preferred.winner {
            return None;
        }
        let strongest = rivals.iter().map(|rival| rival.priority).min()?;
        let stronger =
            |distance: i32| Some(vec![self.priority_change(preferred, strongest.checked_sub(distance)?)?]);
        let weaker = |distance: i32| {
            let to = preferred.priority.checked_add(distance)?;
            let weak = rivals.iter().filter(|rival| rival.priority < to);
            weak.map(|rival| self.priority_change(rival, to)).collect::<Option<Vec<_>>>()
        };
        let means: [&dyn Fn(i32) -> Option<Vec<Change>>; 2] = [&weaker, &stronger];
        let tried = means.iter().filter_map(|means| {
            let numbers = (1..=NUMBERS_TRIED).filter_map(means);
            numbers.into_iter().find_map(|changes| self.attempt_priorities(preferred, changes))
        });
        tried.min_by_key(|(cost, _)| *cost)
    }

    fn attempt_priorities(&self, preferred: &GroupMember, changes: Vec<Change>) -> Option<(i64, Resolution)> {
        let name = preferred.element.clone().unwrap_or_else(|| package_name(&preferred.package));
        let cost = changes.iter().map(|change| self.cost(change)).sum();
        let means = changes.iter().filter_map(|change| self.words(change)).collect::<Vec<_>>().join(", ");
        let installed = self.plan.base.manifest.elements.contains_key(&name);
        let verb = if installed && !self.is_loser(preferred) { "keep" } else { "use" };
        let files = if self.group.paths.len() == 1 { "file" } else { "files" };
        let intent = match self.group.kind {
            CollisionKind::Latent => format!("prefer {name} next"),
            _ if name.ends_with('s') => format!("{verb} {name}' {files}"),
            _ => format!("{verb} {name}'s {files}"),
        };
        self.attempt(ResolutionStep::Stage(changes), intent, means).map(|way| (cost, way))
    }

    fn is_loser(&self, member: &GroupMember) -> bool {
        self.group.kind == CollisionKind::Shadowed && !member.winner
    }

    fn priority_change(&self, member: &GroupMember, to: i32) -> Option<Change> {
        let element = member.element.clone()?;
        self.plan.after.elements.contains_key(&element).then_some(Change::Priority { element, to })
    }

    /// Moving what is staged costs less than moving what is installed; then the smaller step.
    fn cost(&self, change: &Change) -> i64 {
        let Change::Priority { element, to } = change else { return 0 };
        let now = self.plan.after.elements.get(element).map_or(*to, |found| found.priority);
        let step = i64::from(*to) - i64::from(now);
        let settled = i64::from(self.staged_words(element).is_none()) * 1_000_000;
        // Of equal steps the one towards weaker disturbs fewer others; but to bring a hidden element
        // forward is about that element, not about the one that hides it.
        let against = if self.group.kind == CollisionKind::Shadowed { step > 0 } else { step < 0 };
        settled + step.abs() * 2 + i64::from(against)
    }

    fn words(&self, change: &Change) -> Option<String> {
        let Change::Priority { element, to } = change else { return None };
        let now = self.plan.after.elements.get(element)?.priority;
        Some(format!("{element} priority {now} → {to}"))
    }

    fn still_collides(&self, after: &Plan, path: &[u8]) -> bool {
        let found = &after.collisions;
        match self.group.kind {
            CollisionKind::Tie | CollisionKind::TypeClash => blocking_paths(after).contains(path),
            CollisionKind::Latent => found.latent.iter().any(|latent| &latent.path[..] == path),
            // Either nobody is hidden any more, or somebody else is.
            CollisionKind::Shadowed => found.shadowed.iter().any(|shadowed| {
                let winner = after.element_of(&shadowed.winner.package);
                &shadowed.path[..] == path
                    && self.group.elements.iter().any(|side| side.winner && side.element.as_deref() == winner)
            }),
        }
    }

    /// Plans with the step; `None` unless the group is gone and nothing new stands in the way.
    fn attempt(&self, step: ResolutionStep, intent: String, means: String) -> Option<Resolution> {
        let mut transaction = self.transaction.clone();
        stage(&mut transaction, self.plan, &step);
        let after = Plan::make(&self.plan.base, &transaction, self.facts, Some(self.plan));
        let (old, new) = (blocking_paths(self.plan), blocking_paths(&after));
        let rejected = !new.is_subset(&old)
            || self.group.paths.iter().any(|path| self.still_collides(&after, path))
            || !after.tree_after.problems.is_empty() && self.plan.tree_after.problems.is_empty();
        if rejected || !after.needs.is_empty() {
            return None;
        }
        let difference = after.tree_after.difference(&self.plan.tree_after);
        let mut hands: BTreeMap<Vec<u8>, Option<String>> = BTreeMap::new();
        // Of what stands in the way nobody has the files yet; other files may stay where they are.
        let contested = self.group.kind.is_blocking();
        for path in self.group.paths.iter().filter(|_| contested) {
            if let Some(owner) = self.owner(&after, path) {
                hands.insert(path.clone(), owner.element.clone());
            }
        }
        let mut moves_others = false;
        for (path, old, new) in difference.changed {
            let (had, has) = (self.plan.element_of(&old.package), after.element_of(&new.package));
            if had != has {
                moves_others |= !self.group.paths.contains(&path);
                hands.insert(path, has.map(str::to_owned));
            }
        }
        Some(Resolution {
            step,
            intent,
            means,
            changes_hands: hands.into_iter().collect(),
            moves_others,
            links_leave: difference.removed.len(),
            commands_leave: after.tree_after.command_difference(&self.plan.tree_after).removed,
            blocking_left: new.len(),
        })
    }

    /// Which side has a path of the group after a way; `None` where it is no link, or nobody has it.
    /// With one side gone its folder may be one link to the other's, which has the file.
    fn owner(&self, after: &Plan, path: &[u8]) -> Option<&'a GroupMember> {
        let folders = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/');
        let mut places = std::iter::once(path).chain(folders.map(|(end, _)| &path[..end]));
        let Node::Link(link) = places.find_map(|place| after.tree_after.get(place))? else { return None };
        let owner = after.element_of(&link.package);
        self.group.elements.iter().find(|side| side.element.as_deref() == owner)
    }
}

fn blocking_paths(plan: &Plan) -> BTreeSet<&[u8]> {
    let ties = plan.collisions.ties.iter().map(|tie| &tie.path[..]);
    ties.chain(plan.collisions.type_clashes.iter().map(|clash| &clash.path[..])).collect()
}
