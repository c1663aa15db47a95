//! `c`: collisions, group by group, and the ways out of the selected one.
//!
//! Ways are computed by a worker for the selected group only, because each is a whole
//! plan; an answer for an older plan is dropped.

use std::sync::Arc;

use super::cursor::Move;
use super::words::say;
use super::{installed, planning, preview};
use crate::core::resolution::{self, CollisionGroup, Resolution};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::layout;
use crate::tui::model::{CollisionsScreen, ListCursor, Model, Overlay, Pane};

/// Opens the screen on the collision under the cursor, else on the first.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let selected = group_here(model);
    let group = ListCursor { selected, offset: 0 };
    let screen = CollisionsScreen { group, revision: model.revision, ..CollisionsScreen::default() };
    model.overlays.push(Overlay::Collisions(screen));
    find_ways(model)
}

/// The group of the tree line or the element under the cursor. From the list a shadowed file is
/// not chosen while something blocks: that is what the key is pressed for.
fn group_here(model: &Model) -> usize {
    if model.focus == Pane::Preview {
        let line = preview::under_cursor(model).map(|line| line.path.as_slice());
        let found =
            model.groups.iter().position(|group| group.paths.iter().any(|path| Some(&path[..]) == line));
        return found.unwrap_or(0);
    }
    let blocked = model.groups.iter().any(|group| group.kind.is_blocking());
    let name = installed::under_cursor(model).map(|row| row.name.as_str());
    let is_here = |group: &CollisionGroup| {
        (group.kind.is_blocking() || !blocked)
            && group.elements.iter().any(|member| name.is_some() && member.element.as_deref() == name)
    };
    model.groups.iter().position(is_here).unwrap_or(0)
}

/// The screen, if it is on top.
pub(super) fn screen(model: &Model) -> Option<&CollisionsScreen> {
    match model.overlays.last() {
        Some(Overlay::Collisions(screen)) => Some(screen),
        _ => None,
    }
}

/// The ways out of the selected group, once they are known.
pub(super) fn ways(model: &Model) -> Option<&Vec<Resolution>> {
    let screen = screen(model)?;
    screen.ways.get(&screen.group.selected).filter(|_| screen.revision == model.revision)
}

/// Moves, highlights, stages.
pub(super) fn act(model: &mut Model, action: Action, digit: Option<usize>) -> Vec<Effect> {
    match action {
        Action::StageWay => return stage(model),
        Action::Review => return super::review::open(model),
        Action::Undo | Action::Redo => return step(model, action),
        _ => {}
    }
    let height = layout::collision_rows(model.size);
    let last = model.groups.len().saturating_sub(1);
    let ways = ways(model).map_or(0, Vec::len);
    let Some(screen) = screen_mut(model) else { return Vec::new() };
    if let Some(step) = Move::of(action, height) {
        let selected = step.from(screen.group.selected, last);
        select(screen, selected);
        return find_ways(model);
    }
    match action {
        Action::NextWay => screen.way = (screen.way + 1) % ways.max(1),
        Action::PreviousWay => screen.way = (screen.way + ways.max(1) - 1) % ways.max(1),
        Action::ChooseWay => choose(model, digit, ways),
        Action::NextClaimant => screen.claimant += 1,
        Action::PreviousClaimant => screen.claimant = screen.claimant.saturating_sub(1),
        Action::NextFile | Action::PreviousFile => turn_file(model, action),
        _ => {}
    }
    Vec::new()
}

fn screen_mut(model: &mut Model) -> Option<&mut CollisionsScreen> {
    match model.overlays.last_mut() {
        Some(Overlay::Collisions(screen)) => Some(screen),
        _ => None,
    }
}

/// Puts the cursor on a group.
pub(super) fn point_at(model: &mut Model, group: usize) -> Vec<Effect> {
    if let Some(screen) = screen_mut(model) {
        select(screen, group);
    }
    find_ways(model)
}

fn select(screen: &mut CollisionsScreen, group: usize) {
    if screen.group.selected != group {
        screen.group.selected = group;
        (screen.path, screen.claimant, screen.way) = (0, 0, 0);
    }
}

fn choose(model: &mut Model, digit: Option<usize>, ways: usize) {
    match digit {
        Some(digit) if (1..=ways).contains(&digit) => {
            if let Some(screen) = screen_mut(model) {
                screen.way = digit - 1;
            }
        }
        Some(digit) => say(model, format!("There is no way {digit}.")),
        None => say(model, "Press the digit that stands before the way."),
    }
}

fn turn_file(model: &mut Model, action: Action) {
    let Some(files) = screen(model).and_then(|screen| model.groups.get(screen.group.selected)) else {
        return;
    };
    let files = files.paths.len().max(1);
    let Some(screen) = screen_mut(model) else { return };
    let step = if action == Action::NextFile { 1 } else { files - 1 };
    screen.path = (screen.path + step) % files;
}

/// Stages the highlighted way and goes to the collision that comes next.
fn stage(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let Some(screen) = screen(model) else { return Vec::new() };
    let Some(way) = ways(model).and_then(|ways| ways.get(screen.way)).cloned() else { return Vec::new() };
    let following = model.groups.get(screen.group.selected + 1).cloned();
    resolution::stage(&mut model.transaction, &plan, &way.step);
    let effects = planning::replan(model);
    let selected = next_group(model, following.as_ref());
    let undo = model.keymap.name(Scope::Collisions, Action::Undo);
    let means = if way.means.is_empty() { &way.intent } else { &way.means };
    let blocking = model.groups.iter().filter(|group| group.kind.is_blocking()).count();
    let review = model.keymap.name(Scope::Collisions, Action::Review);
    let left = match blocking {
        0 => format!("nothing blocks the plan: {review} reviews it"),
        one => format!("{one} still in the way"),
    };
    say(model, format!("Staged: {means} ({undo} takes it back); {left}."));
    if model.groups.is_empty() {
        model.overlays.retain(|overlay| !matches!(overlay, Overlay::Collisions(_)));
        return effects;
    }
    go_on(model, selected, effects)
}

/// Puts the cursor on a group after planning, which has asked for the ways of the group that had it.
fn go_on(model: &mut Model, group: usize, effects: Vec<Effect>) -> Vec<Effect> {
    let Some(screen) = screen_mut(model) else { return effects };
    screen.group.selected = group;
    (screen.path, screen.claimant, screen.way) = (0, 0, 0);
    let asked = effects.into_iter().filter(|effect| !matches!(effect, Effect::FindWays { .. }));
    asked.chain(find_ways(model)).collect()
}

/// Takes a step back, or that back, and shows the collision it was about: one that was not there
/// before, else the one under the cursor.
fn step(model: &mut Model, action: Action) -> Vec<Effect> {
    let before = model.groups.clone();
    let here = screen(model).and_then(|screen| before.get(screen.group.selected));
    let effects = super::staging::step(model, action);
    let same = |one: &CollisionGroup, other: &CollisionGroup| {
        one.kind == other.kind && one.elements == other.elements
    };
    let returned = model.groups.iter().position(|group| !before.iter().any(|old| same(old, group)));
    let stayed = || model.groups.iter().position(|group| here.is_some_and(|here| same(here, group)));
    match returned.or_else(stayed) {
        Some(group) => go_on(model, group, effects),
        None => effects,
    }
}

/// The group that came after the staged one, if it is still there; else the first that blocks.
fn next_group(model: &Model, following: Option<&CollisionGroup>) -> usize {
    let blocking = model.groups.iter().position(|group| group.kind.is_blocking());
    let same = |group: &CollisionGroup| {
        following.is_some_and(|wanted| group.kind == wanted.kind && group.elements == wanted.elements)
    };
    let after = model.groups.iter().position(same);
    match (blocking, after) {
        (Some(_), Some(after)) if model.groups[after].kind.is_blocking() => after,
        (Some(blocking), _) => blocking,
        (None, after) => after.unwrap_or(0),
    }
}

/// Asks for the ways of the selected group, unless they are known or cannot be.
fn find_ways(model: &mut Model) -> Vec<Effect> {
    let revision = model.revision;
    let Some(plan) = model.plan.clone().filter(|plan| plan.needs.is_empty()) else { return Vec::new() };
    let Some(screen) = screen(model).filter(|screen| !screen.ways.contains_key(&screen.group.selected))
    else {
        return Vec::new();
    };
    let index = screen.group.selected;
    let Some(group) = model.groups.get(index).cloned() else { return Vec::new() };
    let facts = Arc::clone(&model.facts);
    vec![Effect::FindWays { revision, index, group, plan, transaction: model.transaction.clone(), facts }]
}

/// The plan is a new one: forgets the ways, asks for those of the selected group.
pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    let (revision, last) = (model.revision, model.groups.len().saturating_sub(1));
    for overlay in &mut model.overlays {
        if let Overlay::Collisions(screen) = overlay {
            screen.ways.clear();
            screen.revision = revision;
            screen.way = 0;
            let selected = screen.group.selected.min(last);
            select(screen, selected);
        }
    }
    find_ways(model)
}

/// Ways were found; an answer for an older plan is dropped.
pub(super) fn ways_found(model: &mut Model, (revision, group): (u64, usize), ways: &[Resolution]) {
    if revision != model.revision {
        return;
    }
    for overlay in &mut model.overlays {
        if let Overlay::Collisions(screen) = overlay {
            screen.ways.insert(group, ways.to_vec());
        }
    }
}
