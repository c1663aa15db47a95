//! `O`: which outputs of an element's package are installed, tried on every key.
//!
//! What there is, is asked of the flake at the element's lock when the screen opens
//! ([`needs`] goes with those of the plan); choosing plans on trial, and only Enter stages.

use std::sync::Arc;

use super::cursor::{self, Move};
use super::words::{names, say, say_staged};
use super::{installed, planning, priority, staging};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::evaluation::{Evaluated, Question};
use crate::core::facts::{Facts, Needs};
use crate::core::file_tree::{Basis, PathBytes, Root};
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution;
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, OutputFiles, OutputRow, OutputsScreen, Overlay};
use crate::tui::overlays::outputs::{files_shown, rows_shown};

/// Why the screen would show nothing.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let row = installed::under_cursor(model)?;
    let name = visible::text(&row.name);
    if staging::is_removed(row) {
        let remove = model.keymap.name(Scope::Installed, Action::Remove);
        return Some(format!("{name} is staged for removal; {remove} takes that back."));
    }
    let Some(element) = &row.after else {
        return Some(format!("{name} is still being looked up."));
    };
    if element.source.is_some() {
        return None;
    }
    if row.package().is_some() {
        return Some(format!(
            "{name} is a package of nix-env: 'firn outputs {name}' lists its outputs, and chooses them."
        ));
    }
    let source = model.keymap.name(Scope::Installed, Action::Source);
    Some(format!(
        "{name} came from no flake, so nothing tells its other outputs; {source} says where it is from."
    ))
}

/// Opens the screen for the element under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let Some(row) = installed::under_cursor(model) else { return Vec::new() };
    let Some(source) = row.after.as_ref().and_then(|element| element.source.as_ref()) else {
        return Vec::new();
    };
    let base = row.before.as_ref().and_then(|element| element.source.as_ref()).unwrap_or(source);
    let screen = OutputsScreen {
        element: row.name.clone(),
        question: question(&plan, row, source, &model.facts),
        base: base.outputs.clone(),
        wanted: source.outputs.clone(),
        cursor: crate::tui::model::ListCursor::default(),
        scroll: 0,
        rows: None,
        outcome: Vec::new(),
        blocks: false,
    };
    let failed_before = matches!(model.facts.evaluations.get(&screen.question), Some(Err(_)));
    if failed_before {
        // What failed before may work now.
        Arc::make_mut(&mut model.facts).evaluations.remove(&screen.question);
    }
    model.asked = None;
    model.overlays.push(Overlay::Outputs(screen));
    refresh(model);
    planning::ask(model)
}

/// What tells the outputs: what the plan asks of the element anyway, else the package at its lock.
fn question(plan: &Plan, row: &PlannedElement, source: &ElementSource, facts: &Facts) -> Question {
    plan.questions.get(&row.name).cloned().unwrap_or_else(|| {
        facts.with_options(Some(&row.name), Question::exactly(&source.url, &source.attr_path))
    })
}

fn screen(model: &Model) -> Option<&OutputsScreen> {
    model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Outputs(screen) => Some(screen),
        _ => None,
    })
}

fn screen_mut(model: &mut Model) -> Option<&mut OutputsScreen> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Outputs(screen) => Some(screen),
        _ => None,
    })
}

/// What an open screen wants to know.
pub(super) fn needs(model: &Model) -> Needs {
    let mut needs = Needs::default();
    let Some(screen) = screen(model) else { return needs };
    let paths = match model.facts.evaluations.get(&screen.question) {
        None => {
            needs.evaluations.push(screen.question.clone());
            return needs;
        }
        Some(Err(_)) => return needs,
        Some(Ok(package)) => package.outputs.values().flatten(),
    };
    for path in paths {
        match model.facts.trees.packages.get(path.as_str().as_bytes()) {
            None => needs.tree.packages.push(PathBytes::from(path.as_str().as_bytes())),
            Some(package) if package.basis == Basis::Exact && package.root == Root::Missing => {
                needs.listings.push(path.clone());
            }
            Some(_) => {}
        }
    }
    needs
}

/// Moves, chooses, accepts.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let size = model.size;
    match action {
        Action::Mark => choose(model),
        Action::Accept => return accept(model),
        Action::ScrollDown | Action::ScrollUp => {
            let Some(screen) = screen_mut(model) else { return Vec::new() };
            let length = screen.output().map_or(0, |row| match &row.files {
                OutputFiles::Known(files) => files.len(),
                _ => 0,
            });
            let most = length.saturating_sub(files_shown(size));
            let step = if action == Action::ScrollDown { Move::Down(3) } else { Move::Up(3) };
            screen.scroll = step.from(screen.scroll, most);
        }
        _ => {
            let Some(screen) = screen_mut(model) else { return Vec::new() };
            let shown = rows_shown(size, screen);
            let length = screen.length();
            if let Some(step) = Move::of(action, shown) {
                screen.cursor.selected = step.from(screen.cursor.selected, length.saturating_sub(1));
                screen.scroll = 0;
                cursor::keep(&mut screen.cursor, length, shown);
            }
        }
    }
    Vec::new()
}

/// Space: the package's own, all, or one output more or less.
fn choose(model: &mut Model) {
    let remove = model.keymap.name(Scope::Installed, Action::Remove);
    let facts = Arc::clone(&model.facts);
    let Some(screen) = screen_mut(model) else { return };
    let Some(Ok(package)) = facts.evaluations.get(&screen.question) else {
        return say(model, "What outputs there are is not known yet.");
    };
    screen.wanted = match screen.cursor.selected {
        0 => ExtendedOutputsSpec::Default,
        1 => ExtendedOutputsSpec::All,
        _ => {
            let Some(row) = screen.output().cloned() else { return };
            if row.files == OutputFiles::NoPath {
                return say(model, format!("Where {} will be is known only once it is built.", row.name));
            }
            let mut chosen = chosen(package, &screen.wanted);
            chosen.retain(|name| *name != row.name);
            if !row.chosen {
                chosen.push(row.name);
            }
            chosen.sort_unstable();
            if chosen.is_empty() {
                let text = format!("An element has one output at least; {remove} in Installed removes it.");
                return say(model, text);
            }
            // The same outputs by another name would only be a change of the manifest.
            if self::chosen(package, &screen.base) == chosen {
                screen.base.clone()
            } else {
                ExtendedOutputsSpec::Names(chosen)
            }
        }
    };
    refresh(model);
}

/// The names that a choice means, sorted.
fn chosen(package: &Evaluated, choice: &ExtendedOutputsSpec) -> Vec<String> {
    let mut names = match choice {
        ExtendedOutputsSpec::Default => package.default_outputs.clone(),
        ExtendedOutputsSpec::All => package.outputs.keys().cloned().collect(),
        ExtendedOutputsSpec::Names(names) => names.clone(),
    };
    names.sort_unstable();
    names
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let (Some(screen), Some(plan)) = (screen(model), model.plan.clone()) else { return Vec::new() };
    if !matches!(screen.rows, Some(Ok(_))) {
        say(model, "What outputs there are is not known, so there is nothing to choose.");
        return Vec::new();
    }
    let (element, to) = (screen.element.clone(), screen.wanted.clone());
    let words = match &to {
        ExtendedOutputsSpec::Default => "the outputs its package chooses".to_owned(),
        ExtendedOutputsSpec::All => "all outputs".to_owned(),
        ExtendedOutputsSpec::Names(names) => format!("outputs {}", names.join(", ")),
    };
    let before = model.transaction.changes().to_vec();
    model.transaction.stage(
        &plan.base.manifest,
        &plan.added,
        vec![Change::Outputs { element: element.clone(), to }],
    );
    model.overlays.pop();
    let name = names(std::slice::from_ref(&element));
    if model.transaction.changes() == before {
        say(model, format!("{name} has these outputs already."));
        return Vec::new();
    }
    model.upgrades.found.remove(&element);
    model.upgrades.moving.insert(element);
    let effects = planning::replan(model);
    say_staged(model, &format!("Staged: {words} for {name}"));
    effects
}

/// Makes the rows and the outcome again, from what is known now.
pub(super) fn refresh(model: &mut Model) {
    let Some(plan) = model.plan.clone() else { return };
    let Some(screen) = screen(model) else { return };
    let Some(row) = plan.elements.iter().find(|row| row.name == screen.element) else { return };
    let rows = match model.facts.evaluations.get(&screen.question) {
        None => None,
        Some(Err(failure)) => Some(Err(failure.message.to_string())),
        Some(Ok(package)) => Some(Ok(rows(package, row, &screen.wanted, &model.facts))),
    };
    let is_known = matches!(rows, Some(Ok(_)));
    let (outcome, blocks) = if is_known { trial(model, &plan, row, screen) } else { (Vec::new(), false) };
    let Some(screen) = screen_mut(model) else { return };
    (screen.rows, screen.outcome, screen.blocks) = (rows, outcome, blocks);
    screen.cursor.selected = screen.cursor.selected.min(screen.length().saturating_sub(1));
}

fn rows(
    package: &Evaluated,
    row: &PlannedElement,
    wanted: &ExtendedOutputsSpec,
    facts: &Facts,
) -> Vec<OutputRow> {
    let chosen = chosen(package, wanted);
    let installed =
        |path: &StorePath| row.before.as_ref().is_some_and(|element| element.store_paths.contains(path));
    let files = |path: &StorePath| match facts.trees.packages.get(path.as_str().as_bytes()) {
        None => OutputFiles::Asking,
        Some(package) if package.basis == Basis::Exact && package.root == Root::Missing => {
            OutputFiles::Asking
        }
        Some(_) => facts.trees.files_of(path).map_or(OutputFiles::UnknownUntilBuilt, OutputFiles::Known),
    };
    let row = |(name, path): (&String, &Option<StorePath>)| OutputRow {
        name: name.clone(),
        chosen: chosen.binary_search(name).is_ok(),
        installed: path.as_ref().is_some_and(installed),
        default: package.default_outputs.contains(name),
        files: path.as_ref().map_or(OutputFiles::NoPath, files),
    };
    package.outputs.iter().map(row).collect()
}

/// Plans with the choice and tells what it would do to the tree.
fn trial(model: &Model, plan: &Plan, row: &PlannedElement, screen: &OutputsScreen) -> (Vec<String>, bool) {
    if row.added_by.is_some() {
        return (vec!["what it does to the tree shows once it is staged".to_owned()], false);
    }
    let change = Change::Outputs { element: screen.element.clone(), to: screen.wanted.clone() };
    let mut transaction = model.transaction.clone();
    transaction.stage(&plan.base.manifest, &plan.added, vec![change]);
    let trial = Plan::make(&plan.base, &transaction, &model.facts, Some(plan));
    if let Some(left) = trial.left.iter().find(|left| left.element == screen.element) {
        return (left.message.lines().map(visible::text).collect(), true);
    }
    let difference = trial.tree_after.difference(&plan.tree_after);
    let (added, removed) = (difference.added.len(), difference.removed.len());
    let mut lines = Vec::new();
    if added + removed + difference.changed.len() == 0 {
        lines.push("the tree stays as it is".to_owned());
    } else {
        let changed = difference.changed.len();
        let parts = [("comes", "come", added), ("goes", "go", removed), ("changes", "change", changed)];
        let parts = parts.into_iter().filter(|(.., count)| *count > 0).map(|(one, many, count)| {
            format!("{} {}", counted(count, "link"), if count == 1 { one } else { many })
        });
        lines.push(parts.collect::<Vec<_>>().join(", "));
    }
    let groups = resolution::groups(&trial);
    let (meets, blocks) = priority::outcome(&groups, std::slice::from_ref(&screen.element));
    lines.extend(meets);
    if !trial.needs.is_empty() {
        lines = vec!["checking…".to_owned()];
    }
    (lines, blocks)
}
