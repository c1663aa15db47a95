//! `O`: which outputs of an element's package are installed, tried on every key.
//!
//! What there is, is asked when the screen opens ([`needs`] goes with those of the plan): of the flake at
//! the element's lock, or, in a profile of nix-env, of the derivation that made the package. Choosing
//! plans on trial, and only Enter stages.

use std::sync::Arc;

use super::cursor::{self, Move};
use super::words::{names, say, say_staged};
use super::{contained, installed, planning, priority, staging};
use crate::core::available_outputs::AvailableOutputs;
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::evaluation::Question;
use crate::core::facts::{Facts, Needs};
use crate::core::file_tree::{Basis, PathBytes, Root};
use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
use crate::core::plan::{Plan, PlannedElement};
use crate::core::resolution;
use crate::core::store_path::StorePath;
use crate::core::user_environment::EnvironmentPackage;
use crate::core::user_environment::offered::PackageQuestion;
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, OutputFiles, OutputRow, OutputsQuestion, OutputsScreen, Overlay};
use crate::tui::overlays::outputs::{files_shown, rows_shown};

/// Why the screen would show nothing.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let row = installed::under_cursor(model)?;
    let name = visible::text(&row.name);
    if staging::is_removed(row) {
        let remove = model.keymap.name(Scope::Installed, Action::Remove);
        return Some(format!("{name} is staged for removal; {remove} takes that back."));
    }
    row.after.is_none().then(|| format!("{name} is still being looked up."))
}

/// Opens the screen for the element under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let Some(row) = installed::under_cursor(model) else { return Vec::new() };
    let Some((question, base, wanted)) = subject(&plan, row, &model.facts) else {
        // What came from no flake may be an environment.
        return contained::open(model);
    };
    let screen = OutputsScreen {
        element: row.name.clone(),
        question,
        base,
        wanted,
        cursor: crate::tui::model::ListCursor::default(),
        scroll: 0,
        rows: None,
        unknown: None,
        outcome: Vec::new(),
        blocks: false,
    };
    forget_failure(model, &screen.question);
    model.asked = None;
    model.overlays.push(Overlay::Outputs(screen));
    refresh(model);
    planning::ask(model)
}

/// What tells the outputs, the choice of the profile as it is, and the one that is staged.
fn subject(
    plan: &Plan,
    row: &PlannedElement,
    facts: &Facts,
) -> Option<(OutputsQuestion, ExtendedOutputsSpec, ExtendedOutputsSpec)> {
    if let [base, Some(package)] = &row.packages {
        let names = |package: &EnvironmentPackage| {
            ExtendedOutputsSpec::Names(package.outputs.keys().cloned().collect())
        };
        let base = base.as_ref().unwrap_or(package);
        let question = OutputsQuestion::Derivation(package.out_path.clone());
        return Some((question, names(base), names(package)));
    }
    let source = row.after.as_ref()?.source.as_ref()?;
    let base = row.before.as_ref().and_then(|element| element.source.as_ref()).unwrap_or(source);
    Some((question(plan, row, source, facts), base.outputs.clone(), source.outputs.clone()))
}

/// What the plan asks of the element anyway, else the package at its lock.
fn question(plan: &Plan, row: &PlannedElement, source: &ElementSource, facts: &Facts) -> OutputsQuestion {
    OutputsQuestion::Flake(plan.questions.get(&row.name).cloned().unwrap_or_else(|| {
        facts.with_options(Some(&row.name), Question::exactly(&source.url, &source.attr_path))
    }))
}

/// What failed before may work now.
fn forget_failure(model: &mut Model, question: &OutputsQuestion) {
    let facts = Arc::make_mut(&mut model.facts);
    match question {
        OutputsQuestion::Flake(question) => {
            facts.evaluations.retain(|known, answer| answer.is_ok() || known != question);
        }
        OutputsQuestion::Derivation(path) => {
            let question = PackageQuestion::Outputs(path.clone());
            facts.packages.retain(|known, answer| answer.is_ok() || *known != question);
        }
    }
}

/// The outputs, or why they cannot be told; `None` while they are asked for.
fn available(
    screen: &OutputsScreen,
    row: &PlannedElement,
    facts: &Facts,
) -> Option<Result<AvailableOutputs, String>> {
    match &screen.question {
        OutputsQuestion::Flake(question) => Some(match facts.evaluations.get(question)? {
            Ok(package) => Ok(AvailableOutputs::of_flake(package)),
            Err(failure) => Err(failure.message.to_string()),
        }),
        OutputsQuestion::Derivation(path) => {
            let answer = facts.packages.get(&PackageQuestion::Outputs(path.clone()))?;
            let [base, after] = &row.packages;
            let package = base.as_ref().filter(|base| base.out_path == *path).or(after.as_ref())?;
            Some(Ok(AvailableOutputs::of_package(package, answer)))
        }
    }
}

fn planned_row<'a>(plan: &'a Plan, screen: &OutputsScreen) -> Option<&'a PlannedElement> {
    plan.elements.iter().find(|row| row.name == screen.element)
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
    let row = model.plan.as_deref().and_then(|plan| planned_row(plan, screen));
    let Some(row) = row else { return needs };
    let available = match available(screen, row, &model.facts) {
        Some(Ok(available)) => available,
        Some(Err(_)) => return needs,
        None => {
            match &screen.question {
                OutputsQuestion::Flake(question) => needs.evaluations.push(question.clone()),
                OutputsQuestion::Derivation(path) => {
                    needs.packages.push(PackageQuestion::Outputs(path.clone()));
                }
            }
            return needs;
        }
    };
    for path in available.outputs.values().flatten() {
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
    let (facts, plan) = (Arc::clone(&model.facts), model.plan.clone());
    let Some(screen) = screen_mut(model) else { return };
    let row = plan.as_deref().and_then(|plan| planned_row(plan, screen));
    let Some(Ok(available)) = row.and_then(|row| available(screen, row, &facts)) else {
        return say(model, "What outputs there are is not known yet.");
    };
    screen.wanted = match screen.cursor.selected {
        0 => match screen.question {
            OutputsQuestion::Flake(_) => ExtendedOutputsSpec::Default,
            // What the package chose once nix-env does not record.
            OutputsQuestion::Derivation(_) => screen.base.clone(),
        },
        1 => whole(screen, &available),
        _ => {
            let Some(row) = screen.output().cloned() else { return };
            if row.files == OutputFiles::NoPath {
                return say(model, format!("Where {} will be is known only once it is built.", row.name));
            }
            let mut chosen = available.chosen(&screen.wanted);
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
            if available.chosen(&screen.base) == chosen {
                screen.base.clone()
            } else {
                ExtendedOutputsSpec::Names(chosen)
            }
        }
    };
    refresh(model);
}

/// All outputs: in a profile of nix-env by their names, where no more is recorded.
fn whole(screen: &OutputsScreen, available: &AvailableOutputs) -> ExtendedOutputsSpec {
    match screen.question {
        OutputsQuestion::Flake(_) => ExtendedOutputsSpec::All,
        OutputsQuestion::Derivation(_) => {
            ExtendedOutputsSpec::Names(available.chosen(&ExtendedOutputsSpec::All))
        }
    }
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
    let Some(row) = planned_row(&plan, screen) else { return };
    let available = available(screen, row, &model.facts);
    let unknown = available.as_ref().and_then(|found| found.as_ref().ok()?.unknown.clone());
    let rows = available.map(|found| found.map(|found| rows(&found, row, screen, &model.facts)));
    let is_known = matches!(rows, Some(Ok(_)));
    let (outcome, blocks) = if is_known { trial(model, &plan, row, screen) } else { (Vec::new(), false) };
    let Some(screen) = screen_mut(model) else { return };
    (screen.rows, screen.unknown, screen.outcome, screen.blocks) = (rows, unknown, outcome, blocks);
    screen.cursor.selected = screen.cursor.selected.min(screen.length().saturating_sub(1));
}

fn rows(
    available: &AvailableOutputs,
    row: &PlannedElement,
    screen: &OutputsScreen,
    facts: &Facts,
) -> Vec<OutputRow> {
    let chosen = available.chosen(&screen.wanted);
    let tells_default = matches!(screen.question, OutputsQuestion::Flake(_));
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
        default: tells_default && available.is_default(name) == Some(true),
        files: path.as_ref().map_or(OutputFiles::NoPath, files),
    };
    available.outputs.iter().map(row).collect()
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
