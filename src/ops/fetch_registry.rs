//! Has the global registry downloaded again, whatever its age, by nix.
//!
//! When the download fails and an older one is kept, nix says so, goes on with that, and succeeds;
//! it also makes the link to it anew. What it says on the way is therefore listened to: a registry
//! that was not downloaded is never said to be.

use std::sync::Mutex;

use anyhow::{Context as _, bail};

use super::Context;
use crate::system::machine::{Freshness, Progress, ProgressEvent, Watch};

/// What nix says when a download fails.
const COMPLAINT: &str = "unable to download";

/// Downloads it; that an older one is used instead is an error.
pub fn fetch_global_registry(context: &Context, watch: &Watch<'_>) -> anyhow::Result<()> {
    let listener = Listener { progress: watch.progress, complaint: Mutex::new(None) };
    let listening = Watch { progress: &listener, cancel: watch.cancel };
    let fetched = context.store.fetch_global_registry(Freshness::Anew, &listening);
    fetched.context("the global registry cannot be fetched")?;
    match listener.complaint.into_inner() {
        Ok(Some(complaint)) => {
            bail!("the global registry was not fetched, nix went on with an older one: {complaint}")
        }
        _ => Ok(()),
    }
}

/// Passes everything on, and keeps the last complaint about a download.
struct Listener<'a> {
    progress: &'a dyn Progress,
    complaint: Mutex<Option<String>>,
}

impl Progress for Listener<'_> {
    fn report(&self, event: ProgressEvent) {
        if let ProgressEvent::Log(text) = &event
            && text.contains(COMPLAINT)
            && let Ok(mut complaint) = self.complaint.lock()
        {
            let line = text.lines().find(|line| line.contains(COMPLAINT)).unwrap_or(text);
            let words = line.trim().trim_start_matches("warning:").trim_start();
            // What nix is going to do about it may be said already; only the last word counts.
            *complaint = Some(words.split("; ").next().unwrap_or(words).to_owned());
        }
        self.progress.report(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::machine::NoProgress;

    #[test]
    fn the_last_complaint_is_kept_without_what_nix_does_about_it() {
        let listener = Listener { progress: &NoProgress, complaint: Mutex::new(None) };
        for text in [
            "copying path",
            "warning: unable to download 'http://h/r': no host; retrying in 279 ms",
            "warning: unable to download 'http://h/r': gone; using cached version",
            "done",
        ] {
            listener.report(ProgressEvent::Log(text.to_owned()));
        }
        let complaint = listener.complaint.into_inner().unwrap();
        assert_eq!(complaint.as_deref(), Some("unable to download 'http://h/r': gone"));
    }
}
