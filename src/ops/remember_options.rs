//! Remembers options of Nix for elements, and whether a flake's own settings are accepted: notes of
//! firn's own, which count at once.

use anyhow::Context as _;

use crate::core::manifest::ProfileManifest;
use crate::core::nix_options::{NixOptions, RememberedOptions};
use crate::core::plan::Plan;
use crate::system::holds::NotedElement;
use crate::system::machine::{ProgressEvent, Watch};
use crate::system::remembered_options::OptionsFile;

use super::Context;
use super::refusal::Refusal;

/// What is remembered for the elements of a profile.
pub fn remembered(context: &Context, manifest: &ProfileManifest) -> anyhow::Result<RememberedOptions> {
    let file = file(context);
    let noted = file.read().with_context(|| format!("cannot read {}", file.path().display()))?;
    let mut remembered = RememberedOptions::default();
    for (name, element) in &manifest.elements {
        if let Some(options) = noted.of(&NotedElement::of(&context.profile, name, element)) {
            remembered.elements.insert(name.clone(), options.clone());
        }
    }
    for (flake, accepted) in noted.flakes {
        if accepted {
            remembered.trusted.insert(flake);
        } else {
            remembered.distrusted.insert(flake);
        }
    }
    Ok(remembered)
}

/// Remembers options for elements; none are forgotten.
pub fn remember(
    context: &Context,
    manifest: &ProfileManifest,
    names: &[String],
    options: &NixOptions,
) -> anyhow::Result<()> {
    change(context, |noted| {
        for (name, element) in names.iter().filter_map(|name| Some((name, manifest.elements.get(name)?))) {
            noted.set(NotedElement::of(&context.profile, name, element), options.clone());
        }
    })
}

/// Remembers the options that a plan's additions were asked with. The switch has happened: that they
/// cannot be written is only reported.
pub(super) fn remember_plan(context: &Context, plan: &Plan, watch: &Watch<'_>) {
    for (name, options) in &plan.options {
        let names = std::slice::from_ref(name);
        if let Err(error) = remember(context, &plan.after, names, options) {
            watch.progress.report(ProgressEvent::Log(format!("{error:#}")));
        }
    }
}

/// Remembers whether the settings of a flake are accepted.
pub fn answer_flake(context: &Context, flake: &str, accepted: bool) -> anyhow::Result<()> {
    change(context, |noted| {
        noted.flakes.insert(flake.to_owned(), accepted);
    })
}

fn change(
    context: &Context,
    change: impl FnOnce(&mut crate::system::remembered_options::OptionsNoted),
) -> anyhow::Result<()> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let file = file(context);
    file.change(change).with_context(|| format!("cannot write {}", file.path().display()))?;
    Ok(())
}

fn file(context: &Context) -> OptionsFile {
    OptionsFile::new(&context.folders.state)
}
