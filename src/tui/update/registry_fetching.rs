//! `F` in pane 2: nix fetches the global registry, on demand only.

use super::words;
use crate::core::registry::Layer;
use crate::system::registry_file::FileState;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{Job, JobKind, Model};

/// Has it fetched.
pub(super) fn start(model: &mut Model) -> Vec<Effect> {
    model.registry.fetching = true;
    if model.job.is_none() {
        model.job = Some(Job::new(JobKind::FetchRegistry, model.now));
    }
    vec![Effect::FetchRegistry]
}

/// Why it cannot be fetched now.
pub(super) fn why_off(model: &Model) -> Option<String> {
    let Some(loaded) = model.registry.loaded() else {
        return Some("The registries have not been read.".to_owned());
    };
    if model.registry.fetching {
        let cancel = model.keymap.name(Scope::Always, Action::Interrupt);
        return Some(format!("It is being fetched; {cancel} stops it."));
    }
    if model.store_trouble.is_some() {
        return Some("Only nix can fetch it, and nix cannot be asked now.".to_owned());
    }
    if loaded.global_url.is_some() {
        return None;
    }
    Some(
        match loaded.file(Layer::Global) {
            Some(_) => {
                "The global registry is a file of this machine (flake-registry), so nothing is fetched."
            }
            None => "There is no global registry here (flake-registry), so nothing can be fetched.",
        }
        .to_owned(),
    )
}

/// It was fetched, or not; either way what is there now is read.
pub(super) fn fetched(model: &mut Model, answer: Result<(), String>) -> Vec<Effect> {
    model.registry.fetching = false;
    let cancelled = finish(model);
    match answer {
        Ok(()) => words::say(model, "The global registry was fetched."),
        Err(_) if cancelled => words::say(model, "Stopped; the global registry is as it was."),
        Err(text) => {
            let is_here = model.registry.loaded().and_then(|loaded| loaded.file(Layer::Global));
            let is_here = is_here.is_some_and(|file| matches!(file.state, FileState::Present { .. }));
            let rest = if is_here { " The one that is here still counts." } else { "" };
            words::complain(model, &with_sentence(&text, rest));
        }
    }
    vec![Effect::LoadRegistries]
}

/// The first line is the one that is shown.
fn with_sentence(text: &str, sentence: &str) -> String {
    match text.split_once('\n') {
        Some((first, more)) => format!("{first}.{sentence}\n{more}"),
        None => format!("{text}.{sentence}"),
    }
}

/// The job has ended, and if something is still being learnt, that is the job again. Tells whether
/// it was cancelled.
fn finish(model: &mut Model) -> bool {
    let cancelled = model.job.as_ref().is_some_and(|job| job.cancelled);
    if model.job.as_ref().is_some_and(|job| job.kind == JobKind::FetchRegistry) {
        model.job = model.asked.is_some().then(|| Job::new(JobKind::Learn, model.now));
    }
    cancelled
}
