//! Labels generations and keeps them. Takes effect at once, is no part of a plan, changes
//! nothing of Nix's.
//!
//! Two generations with one store path are the same thing and share their note.

use crate::core::generation::GenerationError;
use crate::core::generation_note::{self, GenerationNote};
use crate::system::notes::{Notes, ProfileNotes};
use crate::system::profile_folder::ProfileFolder;

use super::Context;
use super::refusal::Refusal;

/// Labels a generation with typed words; without words the label goes. Tells the note as it is now.
pub fn label_generation(context: &Context, number: u64, typed: &str) -> anyhow::Result<GenerationNote> {
    change(context, number, |note| note.label = generation_note::label(typed))
}

/// Keeps a generation, or gives it free again. Tells the note as it is now.
pub fn keep_generation(context: &Context, number: u64, kept: bool) -> anyhow::Result<GenerationNote> {
    change(context, number, |note| note.kept = kept)
}

/// The notes about the profile's generations, by store path.
pub fn read_notes(context: &Context) -> anyhow::Result<ProfileNotes> {
    let link = std::path::absolute(&context.profile)?;
    Ok(Notes::new(&context.folders.state).read(&link)?)
}

fn change(
    context: &Context,
    number: u64,
    change: impl FnOnce(&mut GenerationNote),
) -> anyhow::Result<GenerationNote> {
    if context.read_only {
        return Err(Refusal::ReadOnly.into());
    }
    let folder = ProfileFolder::new(&context.profile)?;
    let generations = folder.generations()?;
    let found = generations.into_iter().find(|generation| generation.number == number);
    let target = found.ok_or(GenerationError::Missing(number))?.target;
    let notes = Notes::new(&context.folders.state);
    let mut note = notes.read(&folder.link)?.remove(&target).unwrap_or_default();
    change(&mut note);
    notes.write(&folder.link, &target, &note)?;
    Ok(note)
}
