//! Changes one registry file: adds, removes, pins.
//!
//! The rules are those of `nix registry`, its faults left out: a file that cannot be read whole
//! is not written, what was there is kept as a dated copy, a pin moves when it is made again,
//! and removing what is not there is an error. Names in the change are looked up in all
//! registries, whichever file is changed.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::core::flake_ref::FlakeRef;
use crate::core::registry::edit::EditError;
use crate::core::registry::{Layer, Registry};
use crate::system::machine::{ProgressEvent, Step, Watch};
use crate::system::registry_file::{RegistryFile, RegistryText};

use super::Context;
use super::load_registries::load_registries;
use super::refusal::Refusal;

/// A change of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryEdit {
    /// Sets what a reference is replaced by.
    Add {
        /// What is replaced.
        from: FlakeRef,
        /// By what.
        to: FlakeRef,
    },
    /// Takes away every entry for a reference.
    Remove {
        /// What is replaced no more.
        from: FlakeRef,
    },
    /// Sets a reference to what it means today.
    Pin {
        /// What is pinned.
        from: FlakeRef,
        /// What it is pinned to; what it means by itself if this is `None`.
        wanted: Option<FlakeRef>,
    },
}

/// A registry that was changed, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedRegistry {
    /// Its file.
    pub file: PathBuf,
    /// As it was.
    pub before: Registry,
    /// As it is now.
    pub after: Registry,
    /// Where the old file is kept, if there was one.
    pub backup: Option<PathBuf>,
    /// Whether a pin is not locked: it will mean something else one day.
    pub is_loose: bool,
}

/// Whether an edit is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// Write the file.
    Out,
    /// Only tell.
    DryRun,
}

/// Changes the registry in `file`, which is absolute, or else the user's own.
pub fn edit_registry(
    context: &Context,
    file: Option<&Path>,
    edit: &RegistryEdit,
    carry: Carry,
    watch: &Watch<'_>,
) -> anyhow::Result<EditedRegistry> {
    if carry == Carry::Out && context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let user = context.store.registry_places().user;
    if file.is_none() && user.as_os_str().is_empty() {
        return Err(Refusal::NoRegistry.into());
    }
    let read = RegistryFile::read(Layer::User, file.unwrap_or(&user));
    let path = read.path.clone();
    if let Some(problem) = read.problem() {
        return Err(Refusal::DamagedRegistry { file: path, problem }.into());
    }
    let store_dir = PathBuf::from(context.store.store_dir().to_string());
    // Before anything is fetched: whether the file may be written at all.
    let text = RegistryText { path: &path, before: read.text.as_deref(), after: "" };
    text.check(&store_dir)?;
    let changed = change(context, &read, edit, watch);
    let (after, is_loose) = match changed {
        // Other registries may have one.
        Err(error) if error.is::<EditError>() => {
            let words = format!("{}: {error}", path.display());
            return Err(error.context(words));
        }
        changed => changed?,
    };
    let after_text = after.to_text().with_context(|| format!("cannot write {}", path.display()))?;
    let text = RegistryText { after: &after_text, ..text };
    let backup = if carry == Carry::Out && text.before != Some(after_text.as_bytes()) {
        text.write(&store_dir, &context.folders.state.join("registry-backups"), &time(context))?
    } else {
        None
    };
    Ok(EditedRegistry { before: read.registry.clone(), after, backup, is_loose, file: path })
}

/// The registry as it is to be, and whether a pin in it is not locked.
fn change(
    context: &Context,
    read: &RegistryFile,
    edit: &RegistryEdit,
    watch: &Watch<'_>,
) -> anyhow::Result<(Registry, bool)> {
    let before = &read.registry;
    match edit {
        RegistryEdit::Add { from, to } => Ok((before.adding(from, to.clone())?, false)),
        RegistryEdit::Remove { from } => Ok((before.removing(from)?, false)),
        RegistryEdit::Pin { from, wanted } => {
            let loaded = load_registries(context);
            let layer = loaded.files.iter().find(|file| file.path == read.path).map(|file| file.layer);
            let target = loaded.registries.pin_target(layer, from, wanted.as_ref().unwrap_or(from))?;
            watch.progress.report(ProgressEvent::Step(Step::Evaluate));
            let locked = context.store.lock_reference(from, &target, watch)?;
            Ok((before.pinning(from, &locked)?, !locked.is_locked(true)))
        }
    }
}

/// The time in a form that sorts and can stand in a file's name.
fn time(context: &Context) -> String {
    let time = jiff::Timestamp::from_second(context.clock.now()).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}
