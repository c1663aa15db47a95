//! Changes one registry file: adds, removes, pins.
//!
//! The rules are those of `nix registry`, its faults left out: a file that cannot be read whole
//! is not written, what was there is kept as a dated copy, a pin moves when it is made again,
//! and removing what is not there is an error. Names in the change are looked up in all
//! registries, whichever file is changed. Edits that belong to a plan are made with it.

use std::path::{Path, PathBuf};

use crate::core::flake_ref::FlakeRef;
use crate::core::registry::edit::{EditError, Overruled};
use crate::core::registry::{Entry, Layer, Reach, Registries, Registry};
use crate::system::machine::{ProgressEvent, Step, Watch};
use crate::system::registry_file::RegistryFile;
use crate::system::registry_file::past::{self, Replaced};

use super::Context;
use super::load_registries::{check_writable, load_past, load_registries};
use super::refusal::Refusal;
use super::write_registry::replace;

pub use crate::core::registry::edit::RegistryEdit;

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
    /// What decides in the place of the entry that was written, if that has no say.
    pub overruled: Option<Overruled>,
    /// What a removal leaves.
    pub removed: Option<Removed>,
    /// The layer that the file makes; `None` for one that no look-up uses.
    pub layer: Option<Layer>,
}

/// What is left of a name whose entries were removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// What the name means without them; `None` if it leads nowhere.
    pub means: Option<FlakeRef>,
    /// What the pin that was removed had replaced, if a copy tells: Nix does not bring it back.
    pub replaced: Option<FlakeRef>,
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
    // Before anything is fetched: whether the file may be written at all.
    check_writable(context, &read)?;
    let changed = match change(context, &read, edit, watch) {
        // Other registries may have one.
        Err(error) if error.is::<EditError>() => {
            let words = format!("{}: {error}", read.path.display());
            return Err(error.context(words));
        }
        changed => changed?,
    };
    let backup = match carry {
        Carry::Out => replace(context, &read, &changed.after)?,
        Carry::DryRun => None,
    };
    Ok(EditedRegistry { backup, ..changed })
}

/// The registry as it is to be, and what is to be told of it.
fn change(
    context: &Context,
    read: &RegistryFile,
    edit: &RegistryEdit,
    watch: &Watch<'_>,
) -> anyhow::Result<EditedRegistry> {
    let loaded = load_registries(context);
    let layer = loaded.files.iter().find(|file| file.path == read.path).map(|file| file.layer);
    let locked = match edit.to_lock(&loaded.registries, layer)? {
        Some(target) => {
            watch.progress.report(ProgressEvent::Step(Step::Evaluate));
            Some(context.store.lock_reference(edit.from(), &target, watch)?)
        }
        None => None,
    };
    let is_loose = locked.as_ref().is_some_and(|locked| !locked.is_locked(true));
    // A pin comes with its lock here: nothing else can be missing.
    let settled = edit.settled(locked.as_ref());
    let after =
        settled.as_ref().map_or_else(|| Ok(read.registry.clone()), |settled| settled.on(&read.registry))?;
    // A file of no layer is looked at as if it were the user's own and there were no other.
    let (others, own) =
        layer.map_or((Registries::default(), Layer::User), |layer| (loaded.registries, layer));
    let edited = others.with(own, after.clone());
    let overruled = settled.and_then(|settled| settled.overruled(&edited, own));
    let removed = matches!(edit, RegistryEdit::Remove { .. }).then(|| Removed {
        means: edited.look_up(edit.from(), Reach::All).ok().map(|found| found.result),
        replaced: replaced(context, read, edit.from()),
    });
    let (file, before) = (read.path.clone(), read.registry.clone());
    Ok(EditedRegistry { file, before, after, backup: None, is_loose, overruled, removed, layer })
}

/// What the pin of a name replaced when it was made, by the copies that were kept.
fn replaced(context: &Context, read: &RegistryFile, from: &FlakeRef) -> Option<FlakeRef> {
    let from = from.with_dir(b"");
    let same: Vec<&Entry> = read.registry.entries.iter().filter(|entry| entry.from == from).collect();
    let [pin] = same.as_slice() else { return None };
    if !pin.to.is_pinned() {
        return None;
    }
    match past::replaced(&load_past(context, &read.path), pin) {
        Replaced::Entry(to) => Some(to),
        Replaced::Nothing | Replaced::More | Replaced::Unknown => None,
    }
}
