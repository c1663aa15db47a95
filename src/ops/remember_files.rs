//! Remembers which files and expressions elements were added from, so that they can be upgraded.
//!
//! A note of firn's own. It is written right behind the switch; one that cannot be written must not
//! make a switch that has happened look like a failure, so that is only reported.

use anyhow::Context as _;

use crate::core::file_source::RememberedFiles;
use crate::core::plan::Plan;
use crate::system::file_sources::FileSources;
use crate::system::machine::{ProgressEvent, Watch};

use super::Context;

/// What is remembered of the profile.
pub fn remembered_files(context: &Context) -> anyhow::Result<RememberedFiles> {
    let sources = FileSources::new(&context.folders.state);
    sources.read(&context.profile).with_context(|| format!("cannot read {}", sources.path().display()))
}

/// Writes down where the plan's elements came from, as far as they came from files.
pub(super) fn remember_files(context: &Context, plan: &Plan, watch: &Watch<'_>) {
    if plan.files.is_empty() {
        return;
    }
    let sources = FileSources::new(&context.folders.state);
    let written = sources.change(&context.profile, |files| {
        for (name, source) in &plan.files {
            if let Some(element) = plan.after.elements.get(name) {
                files.remember(name, &element.store_paths, source.clone());
            }
        }
    });
    if let Err(error) = written {
        let words = format!("firn could not write {}: {error}", sources.path().display());
        watch.progress.report(ProgressEvent::Log(words));
    }
}
