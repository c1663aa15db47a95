//! What a flake is locked to: the first question about each.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::environment::NixEnvironment;
use super::{accepted_settings, arguments};
use crate::core::evaluation::EvaluationFailure;
use crate::core::flake_ref::{self, FlakeRef};
use crate::system::machine::{Freshness, StoreError};

/// A flake as it is today.
pub(super) struct Locked {
    pub(super) original_url: String,
    pub(super) url: String,
    /// What is evaluated.
    pub(super) target: String,
    /// With the registries it is looked up by.
    pub(super) environment: NixEnvironment,
    /// Those of the whole run and of the questions.
    pub(super) options: Vec<String>,
    /// What the flake sets and the user accepts, as words of a command line.
    pub(super) accepted: Arc<[String]>,
    /// Nix's name for exactly these contents, where they are sure to be what is evaluated.
    pub(super) fingerprint: Option<String>,
    /// Answers to keep, by what was asked.
    pub(super) learnt: Mutex<Vec<(Vec<String>, Value)>>,
}

/// Why a process gave no answers.
pub(super) enum Trouble {
    /// All of them failed like that.
    Failed(EvaluationFailure),
    /// Nothing can be asked at all.
    Stop(StoreError),
}

/// Runs nix with these words.
pub(super) type Run<'a> = dyn Fn(&[OsString]) -> Result<Vec<u8>, StoreError> + 'a;

/// Locks a flake.
pub(super) fn lock(
    reference: &str,
    freshness: Freshness,
    (environment, options): (NixEnvironment, Vec<String>),
    run: &Run<'_>,
) -> Result<Locked, Trouble> {
    let words = arguments::flake_metadata(reference, freshness, &options);
    let output = run(&words).map_err(|error| match in_words(error) {
        Ok(message) => Trouble::Failed(EvaluationFailure::of_flake(&message)),
        Err(error) => Trouble::Stop(error),
    })?;
    let unreadable = || {
        let message = "nix told what the flake is locked to in a form that firn cannot read";
        Trouble::Failed(EvaluationFailure::of_flake(message))
    };
    let document: Value = serde_json::from_slice(&output).map_err(|_| unreadable())?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let url = text("url").or_else(|| text("lockedUrl")).ok_or_else(unreadable)?;
    let printed = |url: &str| flake_ref::normalize(url).unwrap_or_else(|_| url.to_owned());
    let is_locked = FlakeRef::parse(url).is_ok_and(|url| url.is_locked(true));
    let is_accepted = accepted_settings::are_accepted(&environment, &options);
    let accepted = if is_accepted { settings(&document, &options, run)? } else { Arc::default() };
    Ok(Locked {
        original_url: printed(text("originalUrl").unwrap_or(reference)),
        url: printed(url),
        target: if is_locked { url.to_owned() } else { reference.to_owned() },
        environment,
        options,
        accepted,
        fingerprint: text("fingerprint").filter(|_| is_locked).map(str::to_owned),
        learnt: Mutex::default(),
    })
}

/// What the flake sets. One that cannot be told is not obeyed; nix has obeyed it in its own commands.
fn settings(metadata: &Value, options: &[String], run: &Run<'_>) -> Result<Arc<[String]>, Trouble> {
    let Some(words) = accepted_settings::question(metadata, options) else { return Ok(Arc::default()) };
    match run(&words).map_err(in_words) {
        Ok(printed) => Ok(accepted_settings::words(&printed)),
        Err(Ok(_)) => Ok(Arc::default()),
        Err(Err(error)) => Err(Trouble::Stop(error)),
    }
}

/// The words of a command that failed, or what makes asking on senseless.
pub(super) fn in_words(error: StoreError) -> Result<String, StoreError> {
    match error {
        StoreError::Command { message, .. } => Ok(message),
        other => Err(other),
    }
}
