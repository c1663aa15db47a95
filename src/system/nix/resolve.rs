//! Finds out what installables are that neither say so themselves nor can be asked of an evaluator,
//! by letting nix add each to a scratch profile.
//!
//! What `nix profile add` writes into an empty profile's manifest is exactly the element
//! it would write into any other: lock, attribute path, outputs, priority. Asking nix to
//! evaluate and build by other commands and putting the answers together would have to
//! repeat rules that differ between versions. Each installable gets a profile of its own,
//! so one that fails costs only itself.
//!
//! A scratch profile is a garbage collector root like any other; as long as its folder
//! lives, what was resolved cannot be collected. A side effect that cannot be avoided:
//! like every `nix profile` command it makes `~/.nix-profile` if nothing is there.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::AddVerb;
use super::environment::NixEnvironment;
use super::scratch::{self, ScratchFolder};
use super::{arguments, edited_registry, run};
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::core::store_path::StoreDir;
use crate::system::machine::{Progress, ProgressEvent, Step, StoreError, Watch};
use crate::system::profile_folder::ProfileFolder;

/// Whether a text that could be a file is one that leads into the store, as Nix follows links: only
/// the last part of a path is followed, until it is in the store.
pub(super) fn leads_into_store(text: &str, store_dir: &StoreDir) -> bool {
    let store = Path::new(store_dir.as_str());
    let file = text.rsplit_once('^').map_or(text, |(file, _)| file);
    let Ok(mut path) = std::path::absolute(file) else { return false };
    for _ in 0..MOST_LINKS {
        let path_in_store = path.strip_prefix(store).is_ok_and(|rest| rest.components().next().is_some());
        if path_in_store {
            return true;
        }
        let Ok(target) = std::fs::read_link(&path) else { return false };
        path = path.parent().unwrap_or(&path).join(target);
    }
    false
}

/// Links that lead to links; the system gives up as early.
const MOST_LINKS: usize = 40;

/// Lets nix evaluate and realise one installable.
pub(super) fn add_to_scratch(
    environment: &NixEnvironment,
    (verb, store_dir, options): (AddVerb, &StoreDir, &[String]),
    installable: &Installable,
    watch: &Watch<'_>,
) -> Result<(ResolvedInstallable, ScratchFolder), StoreError> {
    let parent = environment.temporary_folder();
    let scratch = ScratchFolder::make(&parent, scratch::SCRATCH)?;
    let profile = scratch.path().join("profile");
    let edited = match &installable.registry {
        Some(text) => Some(edited_registry::environment(environment, scratch.path(), text)?),
        None => None,
    };
    let environment = edited.as_ref().unwrap_or(environment);
    let steps = Steps { told: watch.progress, realises: AtomicBool::new(false) };
    let watch = Watch { progress: &steps, cancel: watch.cancel };
    run::run(environment, &arguments::profile_add(verb, &profile, installable, options), &watch)
        .map_err(|error| steps.as_evaluation_error(installable, error))?;
    let element = only_element(&profile, store_dir).map_err(|reason| StoreError::Output {
        command: format!("nix profile add {}", installable.text),
        reason,
    })?;
    Ok((ResolvedInstallable::Element(element), scratch))
}

/// Passes progress on and remembers whether it came to fetching or building.
struct Steps<'a> {
    told: &'a dyn Progress,
    realises: AtomicBool,
}

impl Progress for Steps<'_> {
    fn report(&self, event: ProgressEvent) {
        if event == ProgressEvent::Step(Step::Realise) {
            self.realises.store(true, Ordering::Relaxed);
        }
        self.told.report(event);
    }
}

impl Steps<'_> {
    /// A command that failed before it fetched or built anything failed to evaluate. Its scratch
    /// profile and other words are no use to anybody; the installable and nix's message are.
    fn as_evaluation_error(&self, installable: &Installable, error: StoreError) -> StoreError {
        match error {
            StoreError::Command { message, .. } if !self.realises.load(Ordering::Relaxed) => {
                StoreError::Evaluation { installable: installable.text.clone(), message }
            }
            other => other,
        }
    }
}

/// The one element of a scratch profile.
fn only_element(profile: &Path, store_dir: &StoreDir) -> Result<ProfileElement, String> {
    let folder = ProfileFolder::new(profile).map_err(|error| error.to_string())?;
    let text = folder.manifest_text(None).map_err(|error| error.to_string())?;
    let manifest = ProfileManifest::parse(&text, store_dir).map_err(|error| error.to_string())?;
    let count = manifest.elements.len();
    let mut elements = manifest.elements.into_values();
    match (elements.next(), count) {
        (Some(element), 1) => Ok(element),
        _ => Err(format!("it made {count} elements in place of one")),
    }
}
