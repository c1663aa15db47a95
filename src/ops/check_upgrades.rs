//! Finds out what the flakes of elements have today, and tells it element by element.
//!
//! Locked elements, those without a flake and held ones are not asked about. Answers are told as
//! they come; a flake that fails costs only its own elements.

use std::collections::BTreeSet;

use crate::core::evaluation::Question;
use crate::core::facts::Facts;
use crate::core::manifest::ProfileManifest;
use crate::core::upgrade::{self, UpgradeRow};
use crate::system::machine::{Answer, ProgressEvent, Step, Watch};

use super::Context;
use super::load_registries::LoadedRegistries;

/// The questions that a check of these elements asks, each once.
pub fn questions(
    manifest: &ProfileManifest,
    names: &[String],
    held: &BTreeSet<String>,
    facts: &Facts,
) -> Vec<Question> {
    let elements = names.iter().filter(|name| !held.contains(*name));
    let ask = |name: &String| {
        let question = upgrade::question(name, manifest.elements.get(name)?, &facts.files)?;
        Some(facts.with_options(Some(name), question))
    };
    let questions: BTreeSet<Question> = elements.filter_map(ask).collect();
    questions.into_iter().filter(|question| !facts.evaluations.contains_key(question)).collect()
}

/// Asks; `heard` is told each answer as soon as it is known, on the thread that found it out.
pub fn check_upgrades(
    context: &Context,
    questions: &[Question],
    heard: &(dyn Fn(&Question, &Answer) + Sync),
    watch: &Watch<'_>,
) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    if questions.is_empty() {
        return Ok(facts);
    }
    watch.progress.report(ProgressEvent::Step(Step::Evaluate));
    let answers = context.store.evaluate(questions, heard, watch)?;
    facts.evaluations.extend(questions.iter().cloned().zip(answers));
    Ok(facts)
}

/// What is known of elements, in the order of their names.
pub fn rows(
    manifest: &ProfileManifest,
    names: &[String],
    held: &BTreeSet<String>,
    facts: &Facts,
    registries: &LoadedRegistries,
) -> Vec<UpgradeRow> {
    let look_up = (&registries.registries, registries.reach);
    let elements = names.iter().filter_map(|name| Some((name, manifest.elements.get(name)?)));
    elements
        .map(|(name, element)| UpgradeRow::of(name, element, held.contains(name), facts, look_up))
        .collect()
}
