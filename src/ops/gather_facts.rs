//! Learns what a plan needs: reads packages and registries, has flakes evaluated, resolves what cannot
//! be, locks references.

use std::collections::HashSet;
use std::sync::Arc;

use crate::core::evaluation::{EvaluationFailure, Question, Search};
use crate::core::facts::{Facts, Needs};
use crate::core::file_tree::{Basis, Package, PathBytes, Propagated, Root};
use crate::core::plan::{Base, Plan};
use crate::core::store_path::StorePath;
use crate::core::transaction::Transaction;
use crate::core::user_environment::offered::PackageQuestion;
use crate::system::machine::{Heard, ProgressEvent, Step, StoreError, Watch};
use crate::system::package_reader::{self, Depth};

use super::load_registries::load_registries;
use super::refusal::Refusal;
use super::{Context, hint};

/// Learns everything in `needs`, packages to that depth; what cannot be learnt is a fact too. An error means that nothing
/// could be asked at all (no nix, cancelled).
pub fn gather_facts(
    context: &Context,
    needs: &Needs,
    depth: Depth,
    watch: &Watch<'_>,
) -> anyhow::Result<Facts> {
    gather_facts_telling(context, needs, depth, &|_, _| {}, watch)
}

/// The same; `heard` is told what flakes answer as soon as they do.
pub fn gather_facts_telling(
    context: &Context,
    needs: &Needs,
    depth: Depth,
    heard: &Heard<'_>,
    watch: &Watch<'_>,
) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    if needs.registries {
        facts.registries = Some(Arc::new(load_registries(context).known()));
    }
    if !needs.locks.is_empty() {
        lock(context, needs, watch, &mut facts)?;
    }
    if !needs.installables.is_empty() {
        resolve(context, needs, watch, &mut facts)?;
    }
    if !needs.evaluations.is_empty() {
        evaluate(context, needs, heard, watch, &mut facts)?;
    }
    if !needs.packages.is_empty() {
        ask_for_packages(context, needs, watch, &mut facts)?;
    }
    if !needs.candidates.is_empty() {
        watch.progress.report(ProgressEvent::Step(Step::Evaluate));
        let answers = context.store.candidates(&needs.candidates, watch)?;
        let answers = answers.into_iter().map(|answer| answer.map(Arc::from));
        facts.candidates.extend(needs.candidates.iter().cloned().zip(answers));
    }
    if watch.cancel.is_requested() {
        return Err(StoreError::Cancelled.into());
    }
    facts.trees = package_reader::read(&needs.tree, depth, context.store.store_dir());
    if !needs.validity.is_empty() {
        vouch(context, needs, watch, &mut facts)?;
    }
    if !needs.listings.is_empty() {
        list(context, needs, watch, &mut facts)?;
    }
    Ok(facts)
}

/// Asks the store whether packages are whole. One that it does not know is as good as not there: nix
/// makes it anew.
fn vouch(context: &Context, needs: &Needs, watch: &Watch<'_>, facts: &mut Facts) -> anyhow::Result<()> {
    let known = context.store.nar_sizes(&needs.validity, watch)?;
    let valid: HashSet<StorePath> = known.into_iter().map(|(path, _)| path).collect();
    for path in needs.validity.iter().filter(|path| !valid.contains(*path)) {
        let nothing =
            Package { root: Root::Missing, propagated: Propagated::Paths(Vec::new()), basis: Basis::Exact };
        facts.trees.packages.insert(PathBytes::from(path.as_str().as_bytes()), nothing);
    }
    Ok(())
}

/// Asks binary caches what is in packages that are not here; nobody else could tell.
fn list(context: &Context, needs: &Needs, watch: &Watch<'_>, facts: &mut Facts) -> anyhow::Result<()> {
    let listed = context.store.listings(&needs.listings, watch)?;
    for path in &needs.listings {
        let path = PathBytes::from(path.as_str().as_bytes());
        let nobody_knows =
            Package { root: Root::Missing, propagated: Propagated::Paths(Vec::new()), basis: Basis::Unknown };
        facts.trees.packages.insert(path, nobody_knows);
    }
    facts.trees.absorb(listed);
    Ok(())
}

fn evaluate(
    context: &Context,
    needs: &Needs,
    heard: &Heard<'_>,
    watch: &Watch<'_>,
    facts: &mut Facts,
) -> anyhow::Result<()> {
    watch.progress.report(ProgressEvent::Step(Step::Evaluate));
    let answers = context.store.evaluate(&needs.evaluations, heard, watch)?;
    let answers = needs.evaluations.iter().zip(answers).map(|(question, answer)| {
        let answer = answer.map_err(|failure| advised_failure(question, failure));
        (question.clone(), answer)
    });
    facts.evaluations.extend(answers);
    Ok(())
}

/// Finds out what nix-env would record of packages.
fn ask_for_packages(
    context: &Context,
    needs: &Needs,
    watch: &Watch<'_>,
    facts: &mut Facts,
) -> anyhow::Result<()> {
    watch.progress.report(ProgressEvent::Step(Step::Evaluate));
    let answers = context.store.offered_packages(&needs.packages, watch)?;
    for (question, answer) in needs.packages.iter().cloned().zip(answers) {
        let answer = answer.map(Arc::from).map_err(|error| Arc::from(words(&error)));
        facts.packages.insert(question, answer);
    }
    Ok(())
}

/// Of what somebody typed, a failure is told with the advice that fits; of what is in a profile, a
/// check for upgrades says itself what would mend it.
fn advised_failure(question: &Question, failure: EvaluationFailure) -> EvaluationFailure {
    let typed = question.search == Search::AsTyped;
    match hint::for_words(&failure.message).filter(|_| typed) {
        Some(hint) => {
            let message = Arc::from(format!("{}; {hint}", failure.message.trim_end()));
            EvaluationFailure { message, ..failure }
        }
        None => failure,
    }
}

fn resolve(context: &Context, needs: &Needs, watch: &Watch<'_>, facts: &mut Facts) -> anyhow::Result<()> {
    watch.progress.report(ProgressEvent::Step(Step::Evaluate));
    let answers = context.store.resolve(&needs.installables, watch)?;
    for (installable, answer) in needs.installables.iter().cloned().zip(answers) {
        match answer {
            Ok(resolved) => {
                facts.installables.insert(installable, resolved);
            }
            Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => return Err(error.into()),
            Err(error) => {
                facts.refused.insert(installable, Arc::from(words(&error)));
            }
        }
    }
    Ok(())
}

/// Finds out what the targets of pins are locked to today.
fn lock(context: &Context, needs: &Needs, watch: &Watch<'_>, facts: &mut Facts) -> anyhow::Result<()> {
    watch.progress.report(ProgressEvent::Step(Step::Evaluate));
    for target in &needs.locks {
        let answer = match context.store.lock_reference(target, target, watch) {
            Ok(locked) => Ok(locked),
            Err(error @ (StoreError::Cancelled | StoreError::NoProgram { .. })) => return Err(error.into()),
            Err(error) => Err(Arc::from(words(&error))),
        };
        facts.locks.insert(target.clone(), answer);
    }
    Ok(())
}

/// What went wrong first, with the advice that fits, then which command said so: the command's words
/// alone fill a line.
fn words(error: &StoreError) -> String {
    let advised = |text: &str| match hint::for_store(error) {
        Some(hint) => format!("{}; {hint}", text.trim_end()),
        None => text.trim_end().to_owned(),
    };
    match error {
        StoreError::Command { command, status, message } => {
            format!("{}\nsaid by '{command}' ({status})", advised(message))
        }
        // Whoever tells the reason names the installable first.
        StoreError::Evaluation { message, .. } => advised(message),
        other => advised(&other.to_string()),
    }
}

/// Plans, learns, and plans again until nothing is missing. For the command line.
pub fn complete_plan(
    context: &Context,
    base: &Arc<Base>,
    transaction: &Transaction,
    facts: &mut Facts,
    watch: &Watch<'_>,
) -> anyhow::Result<Plan> {
    let mut plan = Plan::make(base, transaction, facts, None);
    while !plan.needs.is_empty() {
        facts.absorb(gather_facts(context, &plan.needs, Depth::Meeting, watch)?);
        let next = Plan::make(base, transaction, facts, Some(&plan));
        if next.needs == plan.needs {
            return Err(Refusal::NeverLearnt(first_need(&next.needs)).into());
        }
        plan = next;
    }
    Ok(plan)
}

fn first_need(needs: &Needs) -> String {
    if let Some(target) = needs.locks.first() {
        return format!("'{target}'");
    }
    let path = needs.tree.packages.first().or(needs.tree.directories.first());
    let installable = needs.installables.first().map(|installable| installable.text.clone());
    let question = needs.evaluations.first().map(|question| question.reference.clone());
    let package = needs.packages.first().map(|question| match question {
        PackageQuestion::Installable(installable) => installable.text.clone(),
        PackageQuestion::Outputs(path) => path.to_string(),
    });
    installable
        .or(question)
        .or(package)
        .or_else(|| path.map(|path| crate::core::visible::bytes(path)))
        .map_or_else(|| "something".to_owned(), |text| format!("'{text}'"))
}
