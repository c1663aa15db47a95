//! Settings that a flake wants to make (`nixConfig`) and that nix leaves out, because nobody has
//! accepted them: without a terminal it does not ask, it warns, one line for each setting.
//!
//! `warning: ignoring untrusted flake configuration setting 'extra-substituters'.`

use std::sync::{Mutex, PoisonError};

use crate::system::machine::{Progress, ProgressEvent};

const WORDS: &str = "ignoring untrusted flake configuration setting '";

/// Passes reports on and remembers which settings were left out.
pub(super) struct Listening<'a> {
    progress: &'a dyn Progress,
    heard: Mutex<Vec<String>>,
}

impl<'a> Listening<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, heard: Mutex::default() }
    }

    /// Their names, sorted; reported for the flake, if there are any.
    pub(super) fn tell(self, flake: &str) -> Vec<String> {
        let mut settings = self.heard.into_inner().unwrap_or_else(PoisonError::into_inner);
        settings.sort_unstable();
        settings.dedup();
        if !settings.is_empty() {
            let (flake, settings) = (flake.to_owned(), settings.clone());
            self.progress.report(ProgressEvent::SettingsIgnored { flake, settings });
        }
        settings
    }
}

impl Progress for Listening<'_> {
    fn report(&self, event: ProgressEvent) {
        if let ProgressEvent::Log(line) = &event
            && let Some(setting) = setting(line)
        {
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(setting.to_owned());
        }
        self.progress.report(event);
    }
}

fn setting(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(WORDS)?;
    rest.split_once('\'').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_the_warning() {
        let line = "warning: ignoring untrusted flake configuration setting 'max-jobs'.\nPass '--accept'";
        assert_eq!(setting(line), Some("max-jobs"));
        assert_eq!(setting("warning: Git tree is dirty"), None);
    }
}
