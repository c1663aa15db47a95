//! Collisions in words: who collides on which files, and the ways out with what to type.

use std::collections::BTreeSet;

use super::table;
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::facts::Facts;
use crate::core::package::package_name;
use crate::core::plan::Plan;
use crate::core::resolution::{
    CollisionGroup, CollisionKind, Containment, GroupMember, Resolution, ResolutionStep, groups, ways,
};
use crate::core::shell_words::quoted;
use crate::core::transaction::Transaction;
use crate::core::visible;

/// How the command line that is answered was typed.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// How firn is called for this profile.
    pub program: &'a str,
    /// Where its additions stand.
    pub additions: Additions,
}

/// Where additions were written, so where their priority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additions {
    /// On the command line, with `--priority` for all of them.
    ByWords,
    /// In a file of changes, each with its own.
    InFile,
}

/// Every collision of the plan, made visible. `program` is how firn is called for this profile.
pub fn all(plan: &Plan, transaction: &Transaction, facts: &Facts, program: &str) -> Vec<String> {
    let groups = groups(plan);
    let typed = Typed { program, additions: Additions::ByWords };
    groups.iter().flat_map(|group| block((plan, transaction, facts), group, typed)).collect()
}

/// The collisions that stand in the way, made visible. `typed` is what they are the answer to.
pub fn blocking(plan: &Plan, transaction: &Transaction, facts: &Facts, typed: Typed<'_>) -> Vec<String> {
    let groups = groups(plan);
    let blocking = groups.iter().filter(|group| group.kind.is_blocking());
    blocking.flat_map(|group| block((plan, transaction, facts), group, typed)).collect()
}

/// How many files are on the paths of blocking collisions.
pub fn blocked_files(plan: &Plan) -> usize {
    let ties = plan.collisions.ties.iter().map(|tie| &tie.path);
    let clashes = plan.collisions.type_clashes.iter().map(|clash| &clash.path);
    ties.chain(clashes).collect::<BTreeSet<_>>().len()
}

fn block(
    (plan, transaction, facts): (&Plan, &Transaction, &Facts),
    group: &CollisionGroup,
    typed: Typed<'_>,
) -> Vec<String> {
    let mut lines = vec![header(group)];
    let members = group.elements.iter().map(|member| {
        let path = visible::bytes(&member.package);
        vec!["   ".to_owned(), name(member), format!("{:>4}", member.priority), path]
    });
    lines.extend(table::lines(&members.map(|row| shown(&row)).collect::<Vec<_>>()));
    lines.extend(group.paths.iter().map(|path| visible::text(&format!("      {}", visible::bytes(path)))));
    if let Some(found) = Containment::of(group, &facts.trees) {
        lines.push(visible::text(&format!("    {}", found.words())));
    }
    if group.kind.is_blocking() {
        let found = ways(plan, transaction, facts, group);
        // Dropping the only change there is would be to do nothing.
        let helps = |way: &&Resolution| {
            transaction.changes().len() > 1 || !matches!(way.step, ResolutionStep::Unstage(_))
        };
        let rows: Vec<Vec<String>> =
            found.iter().filter(helps).map(|way| shown(&way_row(plan, way, typed))).collect();
        lines.push(
            if rows.is_empty() { "    no single change solves it" } else { "    ways out:" }.to_owned(),
        );
        lines.extend(table::lines(&rows));
    }
    lines
}

fn header(group: &CollisionGroup) -> String {
    let names = |winner: bool| {
        let side = group.elements.iter().filter(|member| member.winner == winner);
        side.map(|member| format!("{} ({})", name(member), member.priority)).collect::<Vec<_>>()
    };
    let files = counted(group.paths.len(), "file");
    visible::text(&match group.kind {
        CollisionKind::Tie => {
            format!("! tie         {}   {files}: nix refuses to build the profile", names(false).join(" × "))
        }
        CollisionKind::TypeClash => {
            format!(
                "! type clash  {}   {files}: a file meets a folder, no priority helps",
                names(false).join(" × ")
            )
        }
        CollisionKind::Shadowed => {
            format!(
                "~ shadowed    {} > {}   {files} hidden",
                names(true).join(", "),
                names(false).join(" > ")
            )
        }
        CollisionKind::Latent => format!(
            ". latent      {}   {files}: a tie if {} goes",
            names(false).join(" = "),
            names(true).join(", ")
        ),
    })
}

/// The element, or the package's name if it is propagated.
fn name(member: &GroupMember) -> String {
    member.element.clone().unwrap_or_else(|| package_name(&member.package))
}

fn way_row(plan: &Plan, way: &Resolution, typed: Typed<'_>) -> Vec<String> {
    let left = match way.blocking_left {
        0 => String::new(),
        1 => "(1 collision is left)".to_owned(),
        count => format!("({count} collisions are left)"),
    };
    let intent = match &way.step {
        ResolutionStep::Stage(_) | ResolutionStep::UpgradeInstead { .. } => way.intent.clone(),
        // Here nothing is staged: it was typed, or stands in a file.
        ResolutionStep::Unstage(element) => format!("leave {element} out"),
    };
    vec!["     ".to_owned(), intent, way.means.clone(), to_type(plan, &way.step, typed), left]
}

/// What to type for a way: an option of this command, or a command to run first.
fn to_type(plan: &Plan, step: &ResolutionStep, Typed { program, additions }: Typed<'_>) -> String {
    let changes = match step {
        ResolutionStep::Stage(changes) => changes,
        ResolutionStep::Unstage(_) => return String::new(),
        ResolutionStep::UpgradeInstead { element, .. } => {
            return format!("{program} upgrade {}", quoted(element));
        }
    };
    let is_staged = |element: &str| plan.added.iter().any(|addition| addition.name == element);
    let words = changes.iter().filter_map(|change| match change {
        Change::Priority { element, to } if is_staged(element) && additions == Additions::InFile => {
            Some(format!("\"priority\":{to} in the change that adds it"))
        }
        // With more than one addition the option would give all of them this priority.
        Change::Priority { element, .. } if is_staged(element) && plan.added.len() > 1 => None,
        Change::Priority { element, to } if is_staged(element) => Some(format!("--priority {to}")),
        Change::Priority { element, to } => Some(format!("{program} priority {} {to}", quoted(element))),
        Change::Active { element, to: false } => Some(format!("{program} disable {}", quoted(element))),
        Change::Active { element, to: true } => Some(format!("{program} enable {}", quoted(element))),
        Change::Remove { element } => Some(format!("{program} remove {}", quoted(element))),
        // No way out is made of these.
        Change::Add { .. }
        | Change::Upgrade { .. }
        | Change::UpgradeFrom { .. }
        | Change::Keep { .. }
        | Change::UserEnvironment { .. }
        | Change::Convert
        | Change::Attach { .. }
        | Change::Outputs { .. }
        | Change::Retarget { .. }
        | Change::RegistryAdd { .. }
        | Change::RegistryRemove { .. }
        | Change::RegistryPin { .. } => None,
    });
    words.collect::<Vec<_>>().join("; ")
}

fn shown(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| visible::text(cell)).collect()
}
