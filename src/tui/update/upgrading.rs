//! `u` and `U`: upgrades are staged at once, and then their flakes are asked; for packages of nix-env its
//! default expression, or the file they came from last, and where there is neither the user. What has nothing newer,
//! or cannot be told, is unstaged by itself once all have answered, and counted in the toast.

use super::words::{log, names, say, say_staged, status};
use super::{in_front, installed, planning, staging, user_environment};
use crate::core::change::Change;
use crate::core::counting::counted;
use crate::core::evaluation::Question;
use crate::core::manifest::ProfileElement;
use crate::core::plan::{Left, LeftReason, Plan, PlannedElement};
use crate::core::upgrade;
use crate::core::user_environment::EnvironmentPackage;
use crate::core::visible;
use crate::system::machine::Answer;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Found, Model};
use crate::tui::panes::element::versions;

/// Stages upgrades of the targets, or of all that can move; if all of them are staged, takes that back.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    let asked = asked(model, &plan, action);
    let able: Vec<String> =
        asked.iter().filter(|row| stays(model, row).is_none()).map(|row| row.name.clone()).collect();
    let fresh: Vec<String> = able.iter().filter(|name| !is_staged(&plan, name)).cloned().collect();
    if fresh.is_empty() {
        let of_them = |change: &Change| is_upgrade(change, &able);
        model.transaction.unstage_where(&of_them);
        let effects = planning::replan(model);
        say_staged(model, &format!("Taken back: upgrade {}", names(&able)));
        return effects;
    }
    forget_answers(model, &plan, &fresh);
    for name in &fresh {
        model.upgrades.found.remove(name);
    }
    model.upgrades.checking.extend(fresh.iter().cloned());
    let left = asked.len() - able.len();
    let changes = changes(model, &plan, &fresh);
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let effects = planning::replan(model);
    let rest = if left > 0 { format!(" {} cannot move.", counted(left, "element")) } else { String::new() };
    say(model, format!("Asking what is newer for {}…{rest}", names(&fresh)));
    effects
}

fn changes(model: &Model, plan: &Plan, names: &[String]) -> Vec<Change> {
    let files = &model.facts.files;
    names.iter().map(|name| upgrade::change(name, &plan.base.manifest, files)).collect()
}

/// Stages upgrades from a file, whatever was staged of that kind before, and asks.
pub(super) fn from_file(model: &mut Model, names: &[String], file: &str) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    forget_answers(model, &plan, names);
    for name in names {
        model.upgrades.found.remove(name);
    }
    model.upgrades.checking.extend(names.iter().cloned());
    let change = |name: &String| Change::UpgradeFrom { element: name.clone(), file: file.to_owned() };
    model.transaction.stage(&plan.base.manifest, &plan.added, names.iter().map(change).collect());
    let effects = planning::replan(model);
    say(model, format!("Asking what {} has that is newer…", visible::text(file)));
    effects
}

/// Stages upgrades that failed once more, and asks again.
pub(super) fn again(model: &mut Model, failed: &[String]) -> Vec<Effect> {
    let Some(plan) = model.plan.clone() else { return Vec::new() };
    forget_answers(model, &plan, failed);
    for name in failed {
        model.upgrades.found.remove(name);
    }
    model.upgrades.checking.extend(failed.iter().cloned());
    let changes = changes(model, &plan, failed);
    model.transaction.stage(&plan.base.manifest, &plan.added, changes);
    let effects = planning::replan(model);
    say(model, format!("Asking again what is newer for {}…", names(failed)));
    effects
}

/// Why `u` and `U` would do nothing.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    let plan = model.plan.as_deref()?;
    let asked = asked(model, plan, action);
    if asked.iter().any(|row| stays(model, row).is_none()) {
        return no_nix(model);
    }
    match asked.as_slice() {
        _ if action == Action::UpgradeAll => {
            Some("Nothing here can move: every element is held, locked, or came from no flake.".to_owned())
        }
        [row] => stays(model, row),
        [] => None,
        rows => Some(format!(
            "None of the {} marked elements can move: each is held, locked, or came from no flake.",
            rows.len()
        )),
    }
}

fn no_nix(model: &Model) -> Option<String> {
    let trouble = model.store_trouble.as_ref()?;
    Some(format!("Nix has to be asked what is newer, and it cannot be: {trouble}."))
}

fn asked<'a>(model: &Model, plan: &'a Plan, action: Action) -> Vec<&'a PlannedElement> {
    if action == Action::UpgradeAll {
        return plan
            .elements
            .iter()
            .filter(|row| row.before.is_some() && !staging::is_removed(row))
            .collect();
    }
    let targets = installed::targets(model);
    plan.elements.iter().filter(|row| targets.binary_search(&row.name).is_ok()).collect()
}

/// Why an upgrade of this element means nothing, in words; `None` if it can be asked for.
fn stays(model: &Model, row: &PlannedElement) -> Option<String> {
    let name = visible::text(&row.name);
    let key = |action| model.keymap.name(Scope::Installed, action);
    let Some(element) = &row.before else {
        return Some(format!("{name} is not installed yet; adding it takes what is newest."));
    };
    if staging::is_removed(row) {
        return Some(format!("{name} is staged for removal; {} takes that back.", key(Action::Remove)));
    }
    if model.upgrades.held.contains(&row.name) {
        return Some(format!("{name} is held; {} lets it go.", key(Action::Hold)));
    }
    match &element.source {
        None if row.package().is_some_and(EnvironmentPackage::keep) => {
            Some(format!("{name} has nix-env's flag 'keep'; 'keep' in {} lets it go.", key(Action::Palette)))
        }
        None if upgrade::question(&row.name, element, &model.facts.files).is_some() => None,
        None if row.package().is_some() => None,
        None => Some(format!("{name} came from no flake, so there is nothing to ask for a newer one.")),
        Some(source) if source.is_locked() => {
            Some(format!("{name} follows a locked reference, which never means anything newer."))
        }
        Some(_) => None,
    }
}

fn is_upgrade(change: &Change, names: &[String]) -> bool {
    let (Change::Upgrade { element } | Change::UpgradeFrom { element, .. }) = change else { return false };
    names.contains(element)
}

fn is_staged(plan: &Plan, name: &str) -> bool {
    plan.changes.iter().any(|change| is_upgrade(change, std::slice::from_ref(&name.to_owned())))
}

/// What was answered before may not be so any more.
fn forget_answers(model: &mut Model, plan: &Plan, names: &[String]) {
    let files = std::sync::Arc::clone(&model.facts.files);
    let ask = |name: &String| upgrade::question(name, plan.base.manifest.elements.get(name)?, &files);
    let questions: Vec<Question> = names.iter().filter_map(ask).collect();
    let of_package =
        |name: &String| upgrade::package_question(name, plan.base.manifest.elements.get(name)?, &files);
    let of_packages: Vec<_> = names.iter().filter_map(of_package).collect();
    let failed = names.iter().any(|name| model.upgrades.failure(name).is_some());
    let facts = std::sync::Arc::make_mut(&mut model.facts);
    facts.candidates.clear();
    facts.packages.retain(|asked, _| !of_packages.contains(asked));
    facts.evaluations.retain(|asked, _| !questions.iter().any(|question| question.is_same_as(asked)));
    if failed {
        // Whether it can be built is found out anew too.
        facts.failed_builds.clear();
    }
}

/// A flake has answered: its row tells at once. Planned is when all have, so that nothing is
/// planned a hundred times.
pub(super) fn heard(model: &mut Model, question: Question, answer: Answer) {
    std::sync::Arc::make_mut(&mut model.facts).evaluations.insert(question, answer);
}

/// What was to be learnt will not be: what has not answered is not staged any more. Tells whether
/// anything was asked about.
pub(super) fn stopped(model: &mut Model) -> Option<Vec<Effect>> {
    let plan = model.plan.clone()?;
    let unanswered: Vec<String> =
        model.upgrades.checking.iter().filter(|name| !is_answered(model, &plan, name)).cloned().collect();
    if unanswered.is_empty() {
        return None;
    }
    model.upgrades.checking.retain(|name| !unanswered.contains(name));
    model.transaction.withdraw(&|change| is_upgrade(change, &unanswered));
    let effects = planning::replan(model);
    say(model, format!("Stopped. Without an answer, and not staged: {}.", names(&unanswered)));
    Some(effects)
}

fn is_answered(model: &Model, plan: &Plan, name: &str) -> bool {
    if let Some(question) = plan.looked_for.get(name) {
        return model.facts.candidates.contains_key(question);
    }
    let element: Option<&ProfileElement> = plan.base.manifest.elements.get(name);
    if plan.base.manifest.environment.is_some() {
        let ask = |element| upgrade::package_question(name, element, &model.facts.files);
        return element.and_then(ask).is_some_and(|asked| model.facts.packages.contains_key(&asked));
    }
    let question = element.and_then(|element| upgrade::question(name, element, &model.facts.files));
    question.is_some_and(|question| model.facts.evaluations.keys().any(|asked| question.is_same_as(asked)))
}

/// Counts what a check found, once all have answered, and unstages what does not move.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    let Some(plan) = model.plan.clone().filter(|_| !model.upgrades.checking.is_empty()) else {
        return Vec::new();
    };
    model.upgrades.checking.retain(|name| is_staged(&plan, name));
    let needs = &plan.needs;
    if needs.asks_packages() || needs.registries || !needs.locks.is_empty() {
        return Vec::new();
    }
    let checked = std::mem::take(&mut model.upgrades.checking);
    if checked.is_empty() {
        return Vec::new();
    }
    let mut counts = Counts::default();
    for name in checked {
        let found = found(&plan, &name);
        counts.add(&name, &found);
        if let Found::Failed(reason, message) = &found {
            log(model, message);
            in_front::failed(model, &plan, &name, *reason);
        }
        model.upgrades.found.insert(name, found);
    }
    let effects = withdraw(model, &counts.void);
    // What else there is to find out is on its way, and no news.
    let is_known = model.plan.as_ref().is_some_and(|plan| plan.needs.is_empty());
    let status = status(model).filter(|_| is_known).unwrap_or_default();
    say(model, format!("{}{status}", counts.words(model, &plan)));
    let without_source =
        |name: &&String| matches!(model.upgrades.failure(name), Some((LeftReason::NoSource, _)));
    let sourceless: Vec<String> = counts.void.iter().filter(without_source).cloned().collect();
    if !sourceless.is_empty() && model.overlays.is_empty() {
        if let Some((_, message)) = sourceless.first().and_then(|name| model.upgrades.failure(name)) {
            let words = visible::text(message.lines().next().unwrap_or_default());
            say(model, words);
        }
        user_environment::open_source(model, sourceless);
    }
    effects
}

/// Takes back whatever evaluates for elements that cannot be built or fetched.
pub(super) fn withdraw_all(model: &mut Model, void: &[String]) -> Vec<Effect> {
    withdraw_where(model, void, &|change| {
        change.evaluates() && change.element().is_some_and(|element| void.iter().any(|name| name == element))
    })
}

/// Takes upgrades back that came to nothing.
fn withdraw(model: &mut Model, void: &[String]) -> Vec<Effect> {
    withdraw_where(model, void, &|change| is_upgrade(change, void))
}

fn withdraw_where(model: &mut Model, void: &[String], is_void: &dyn Fn(&Change) -> bool) -> Vec<Effect> {
    if void.is_empty() {
        return Vec::new();
    }
    model.transaction.withdraw(is_void);
    let before = model.revision;
    let effects = planning::replan(model);
    planning::keep_review(model, before);
    installed::arrange(model);
    effects
}

fn found(plan: &Plan, name: &str) -> Found {
    if let Some(left) = plan.left.iter().find(|left| left.element == name) {
        return failed(left);
    }
    let row = plan.elements.iter().find(|row| row.name == name);
    let paths = |element: &Option<ProfileElement>| element.as_ref().map(|found| found.store_paths.clone());
    let moves = row.is_some_and(|row| paths(&row.before) != paths(&row.after));
    if moves { Found::Newer } else { Found::Same }
}

/// What became of an upgrade that was left out.
pub(super) fn failed(left: &Left) -> Found {
    Found::Failed(left.reason, left.message.clone())
}

/// How many of each.
#[derive(Default)]
struct Counts {
    newer: Vec<String>,
    same: Vec<String>,
    failed: Vec<(String, String)>,
    /// What is unstaged.
    void: Vec<String>,
}

impl Counts {
    fn add(&mut self, name: &str, found: &Found) {
        let name = name.to_owned();
        match found {
            Found::Newer => return self.newer.push(name),
            Found::Same => self.same.push(name.clone()),
            Found::Failed(_, message) => self.failed.push((name.clone(), message.clone())),
        }
        self.void.push(name);
    }

    fn words(&self, model: &Model, plan: &Plan) -> String {
        match (self.newer.as_slice(), self.same.as_slice(), self.failed.as_slice()) {
            ([name], [], []) => format!("Staged: {}.", one(plan, name)),
            ([], [name], []) => format!("{} has nothing newer.", visible::text(name)),
            ([], [], [(_, message)]) => {
                let details = model.keymap.name(Scope::Installed, Action::Details);
                let first = message.lines().next().unwrap_or_default();
                format!("{} ({details} tells all)", visible::text(first))
            }
            (newer, same, failed) => {
                let mut parts = vec![counted(newer.len(), "upgrade")];
                if !same.is_empty() {
                    let word = if same.len() == 1 { "has" } else { "have" };
                    parts.push(format!("{} {word} nothing newer", same.len()));
                }
                if !failed.is_empty() {
                    let of: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
                    parts.push(format!("{} failed ({})", failed.len(), names(&of)));
                }
                format!("{}.", parts.join(", "))
            }
        }
    }
}

/// `bat 0.24.0 → 0.25.0`, or that it is a new build of the same version.
fn one(plan: &Plan, name: &str) -> String {
    let row = plan.elements.iter().find(|row| row.name == name);
    let sides = row.map(|row| versions(row.before.as_ref(), row.after.as_ref()));
    let shown = visible::text(name);
    match sides {
        Some((before, Some(after))) => format!("{shown} {before} {} {after}", crate::tui::theme::ARROW),
        Some((version, None)) => format!("{shown} {version}, the same version in a new build"),
        None => shown,
    }
}
