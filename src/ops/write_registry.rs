//! Writes the user's registry as a plan wants it, behind the profile.
//!
//! [`check`] is asked before the profile is switched: whether the file may be written, and whether it
//! still is what the plan was made on. [`write`](write()) comes after the switch; if another program
//! writes the file just in between, the edits are made on top of that. The old file is kept, as with
//! the registry verbs.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::core::plan::RegistryPlan;
use crate::core::registry::{Layer, Registry};
use crate::system::journal::{Deed, Journal, JournalEntry};
use crate::system::machine::{ProgressEvent, Watch};
use crate::system::profile_folder::ProfileFolder;
use crate::system::registry_file::{RegistryFile, RegistryText, RegistryWriteError};

use super::Context;
use super::load_registries::check_writable;
use super::refusal::Refusal;

/// How often the edits are made again on top of what another program has written.
const ATTEMPTS: usize = 5;

/// The user's registry, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRegistry {
    /// Its file.
    pub file: PathBuf,
    /// Where the old file is kept, if there was one.
    pub backup: Option<PathBuf>,
}

/// Whether the user's registry is what the plan was made on; an error if it may not be written.
pub(super) fn check(context: &Context, plan: &RegistryPlan) -> anyhow::Result<bool> {
    let read = read(context)?;
    check_writable(context, &read)?;
    Ok(read.registry == *plan.user_before())
}

/// Writes what the plan makes of it, and a line into the journal.
pub(super) fn write(
    context: &Context,
    plan: &RegistryPlan,
    watch: &Watch<'_>,
) -> anyhow::Result<WrittenRegistry> {
    let mut attempts = 1;
    loop {
        let read = read(context)?;
        check_writable(context, &read)?;
        let is_as_planned = read.registry == *plan.user_before();
        let after = if is_as_planned { plan.user_after().clone() } else { plan.on(&read.registry)? };
        match replace(context, &read, &after) {
            Ok(backup) => {
                write_down(context, watch);
                return Ok(WrittenRegistry { file: read.path, backup });
            }
            Err(error) => match error.downcast_ref::<RegistryWriteError>() {
                Some(RegistryWriteError::Changed(_)) if attempts < ATTEMPTS => attempts += 1,
                _ => return Err(error),
            },
        }
    }
}

/// Puts a registry into its file, which has just been read; tells where the old one is kept.
pub(super) fn replace(
    context: &Context,
    read: &RegistryFile,
    after: &Registry,
) -> anyhow::Result<Option<PathBuf>> {
    let after = after.to_text().with_context(|| format!("cannot write {}", read.path.display()))?;
    let text = RegistryText { path: &read.path, before: read.text.as_deref(), after: &after };
    if text.before == Some(after.as_bytes()) {
        return Ok(None);
    }
    let store_dir = PathBuf::from(context.store.store_dir().to_string());
    Ok(text.write(&store_dir, &context.folders.state.join("registry-backups"), &time(context))?)
}

fn read(context: &Context) -> Result<RegistryFile, Refusal> {
    let user = context.store.registry_places().user;
    if user.as_os_str().is_empty() {
        return Err(Refusal::NoRegistry);
    }
    Ok(RegistryFile::read(Layer::User, &user))
}

/// A journal that cannot be written must not make what was done look like a failure.
fn write_down(context: &Context, watch: &Watch<'_>) {
    let folder = ProfileFolder::new(&context.profile).ok();
    let current = folder.as_ref().and_then(|folder| folder.current().ok().flatten());
    let profile = folder.map_or_else(|| context.profile.clone(), |folder| folder.link);
    let (time, deed) = (context.clock.now(), Deed::EditRegistry);
    let entry = JournalEntry { time, profile, deed, from: current, to: current, target: None };
    if let Err(error) = Journal::new(&context.folders.state).append(&entry) {
        watch.progress.report(ProgressEvent::Log(format!("firn could not write its journal: {error}")));
    }
}

/// The time in a form that sorts and can stand in a file's name.
fn time(context: &Context) -> String {
    let time = jiff::Timestamp::from_second(context.clock.now()).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}
