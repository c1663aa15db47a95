//! `p`: a number for one or several elements, with what it would do, tried on every key.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;

use super::staging::is_removed;
use super::words::{names, say, say_staged};
use super::{installed, planning};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::manifest::DEFAULT_PRIORITY;
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution::{self, CollisionGroup, CollisionKind, GroupMember};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay, PriorityField};

/// More letters are not typed; a number this long fits nowhere.
const LONGEST: usize = 20;
/// What is said of a number that does not fit.
const BOUNDS: &str = "Priorities go from -2147483648 to 2147483647.";

/// Opens the field for the targets.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let targets = installed::targets(model);
    let rows: Vec<&PlannedElement> = plan
        .elements
        .iter()
        .filter(|row| targets.binary_search(&row.name).is_ok() && !is_removed(row))
        .collect();
    let Some(first) = rows.first() else { return Vec::new() };
    let value = priority_of(&plan, first);
    let elements = rows.iter().map(|row| row.name.clone()).collect();
    let text = value.to_string();
    let field = PriorityField { elements, value, text, fresh: true, outcome: Vec::new(), blocks: false };
    model.overlays.push(Overlay::Priority(field));
    try_value(model);
    Vec::new()
}

/// The number an element has in the plan; an addition being resolved has Nix's default.
fn priority_of(plan: &Plan, row: &PlannedElement) -> i32 {
    if let Some(element) = row.after.as_ref().or(row.before.as_ref()) {
        return element.priority;
    }
    match row.added_by.and_then(|index| plan.changes.get(index)) {
        Some(Change::Add { priority: Some(priority), .. }) => *priority,
        _ => DEFAULT_PRIORITY,
    }
}

/// Counts up and down, accepts.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Priority(field)) = model.overlays.last_mut() else { return Vec::new() };
    let value = match action {
        Action::Up => field.value.saturating_add(1),
        Action::Down => field.value.saturating_sub(1),
        Action::Accept => return accept(model),
        _ => return Vec::new(),
    };
    (field.value, field.text, field.fresh) = (value, value.to_string(), true);
    try_value(model);
    Vec::new()
}

/// Digits and a minus write the number; the first one replaces what stood there.
pub(super) fn typed(model: &mut Model, code: KeyCode) {
    let Some(Overlay::Priority(field)) = model.overlays.last_mut() else { return };
    let mut text = if field.fresh { String::new() } else { field.text.clone() };
    match code {
        KeyCode::Char(digit) if digit.is_ascii_digit() && text.len() < LONGEST => text.push(digit),
        KeyCode::Char('-') => {
            text = text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
        }
        KeyCode::Backspace => {
            text.clone_from(&field.text);
            text.pop();
        }
        _ => return say(model, "Type a number, or count with ↑ and ↓. A lower number wins."),
    }
    field.value = text.parse().unwrap_or(field.value);
    (field.text, field.fresh) = (text, false);
    if does_not_fit(field) {
        say(model, BOUNDS);
    }
    try_value(model);
}

/// Whether the text is a number that is too large or too small.
fn does_not_fit(field: &PriorityField) -> bool {
    !matches!(field.text.as_str(), "" | "-") && field.text.parse::<i32>().is_err()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let (Some(Overlay::Priority(field)), Some(plan)) = (model.overlays.last(), model.plan.clone()) else {
        return Vec::new();
    };
    if does_not_fit(field) {
        say(model, BOUNDS);
        return Vec::new();
    }
    if field.text.parse::<i32>().is_err() {
        say(model, "Type a number, or press esc to leave it as it is.");
        return Vec::new();
    }
    let text = format!("Staged: priority {} for {}", field.value, names(&field.elements));
    let changes = changes(field);
    model.overlays.pop();
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let effects = planning::replan(model);
    say_staged(model, &text);
    effects
}

fn changes(field: &PriorityField) -> Vec<Change> {
    let to = field.value;
    field.elements.iter().map(|element| Change::Priority { element: element.clone(), to }).collect()
}

/// Plans with the number in the open field and writes down in words what it would do.
pub(super) fn try_value(model: &mut Model) {
    let Some(plan) = model.plan.clone() else { return };
    let Some(Overlay::Priority(field)) = model.overlays.last_mut() else { return };
    if does_not_fit(field) {
        (field.outcome, field.blocks) = (vec![BOUNDS.to_owned()], false);
        return;
    }
    let mut trial = model.transaction.clone();
    trial.stage(&plan.base.manifest, &plan.added, changes(field));
    let plan = Plan::make(&plan.base, &trial, &model.facts, Some(&plan));
    let groups = resolution::groups(&plan);
    (field.outcome, field.blocks) = outcome(&groups, &field.elements);
    if !plan.needs.is_empty() {
        field.outcome.push("checking…".to_owned());
    } else if field.outcome.is_empty() {
        field.outcome.push("shares no file with another element".to_owned());
    }
}

/// What the groups say about the elements, blocking ones first.
pub(super) fn outcome(groups: &[CollisionGroup], elements: &[String]) -> (Vec<String>, bool) {
    let is_ours =
        |member: &GroupMember| member.element.as_ref().is_some_and(|element| elements.contains(element));
    let (mut lines, mut blocks) = (BTreeMap::new(), false);
    for group in groups.iter().filter(|group| group.elements.iter().any(is_ours)) {
        blocks |= group.kind.is_blocking();
        let others: Vec<String> =
            group.elements.iter().filter(|member| !is_ours(member)).map(title).collect();
        let wins = group.elements.iter().any(|member| member.winner && is_ours(member));
        let verb = match group.kind {
            CollisionKind::Tie => "ties with",
            CollisionKind::TypeClash => "cannot be together with",
            CollisionKind::Shadowed if wins => "wins over",
            CollisionKind::Shadowed => "hidden by",
            CollisionKind::Latent => continue,
        };
        *lines.entry((group.kind, verb, names(&others))).or_insert(0) += group.paths.len();
    }
    let lines = lines
        .into_iter()
        .map(|((kind, verb, others), files)| {
            let blocks = if kind.is_blocking() { ", which blocks the plan" } else { "" };
            let others = if others.is_empty() { "itself".to_owned() } else { others };
            format!("{verb} {others} ({}){blocks}", counted(files, "file"))
        })
        .collect();
    (lines, blocks)
}

fn title(member: &GroupMember) -> String {
    match &member.element {
        Some(element) => visible::text(element),
        None => super::tree_lines::package_label(&member.package),
    }
}
