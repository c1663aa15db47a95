//! What to do about an error, in one line; the same words in both front ends.

use crate::core::deeds::UndoError;
use crate::core::flake_ref::FlakeRefError;
use crate::core::generation::GenerationError;
use crate::core::manifest::ManifestError;
use crate::core::registry::LookUpError;
use crate::core::registry::edit::EditError;
use crate::system::machine::StoreError;
use crate::system::notes::NotesError;
use crate::system::profile_folder::ProfileError;
use crate::system::registry_file::RegistryWriteError;

use super::refusal::Refusal;

mod nix_words;

/// The advice that fits the error, if firn has any.
pub fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref::<Refusal>()
            .and_then(for_refusal)
            .or_else(|| cause.downcast_ref::<StoreError>().and_then(for_store))
            .or_else(|| cause.downcast_ref::<RegistryWriteError>().and_then(for_registry))
            .or_else(|| cause.downcast_ref::<EditError>().and_then(for_edit))
            .or_else(|| cause.downcast_ref::<FlakeRefError>().and_then(for_reference))
            .or_else(|| cause.downcast_ref::<LookUpError>().and_then(for_look_up))
            .or_else(|| cause.downcast_ref::<GenerationError>().map(for_generation))
            .or_else(|| cause.downcast_ref::<UndoError>().map(for_undo))
            .or_else(|| cause.downcast_ref::<NotesError>().map(for_notes))
            .or_else(|| cause.downcast_ref::<ProfileError>().and_then(for_profile))
            .map(str::to_owned)
    })
}

/// Advice is written for the profile that firn takes by itself; commands in it are made to name the
/// one that is meant. Those that say so already, or are about no profile, stay.
pub fn about_profile(hint: &str, program: &str) -> String {
    const OTHERS: [&str; 6] = ["-", "demo", "config", "completions", "man", "help"];
    let mut words = String::new();
    for (index, part) in hint.split("'firn ").enumerate() {
        if index > 0 {
            let stays = OTHERS.iter().any(|other| part.starts_with(other));
            words.push('\'');
            words.push_str(if stays { "firn" } else { program });
            words.push(' ');
        }
        words.push_str(part);
    }
    words
}

fn for_refusal(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::ReadOnly => Some("start firn without --read-only to change the profile"),
        Refusal::Unreadable { .. } => {
            Some("'firn rollback --to N' leads back to a generation; '--force' starts with an empty profile")
        }
        Refusal::NixEnvironment(_) => Some("keep using nix-env here, or name another profile with --profile"),
        Refusal::OutsideStore { .. } => Some(
            "name another profile with --profile, set NIX_STORE_DIR to the store it belongs to, or go back \
                 to a generation with 'firn rollback --to N'",
        ),
        Refusal::NotAsPlanned { .. } => Some("'firn history' shows what is live now"),
        Refusal::LiveIsDamaged { .. } => Some(
            "go back to one of them with 'firn rollback --to N' first; --force deletes them all the same",
        ),
        Refusal::OwnTool { .. } => Some("'firn history' and 'firn diff-closures' work on it all the same"),
        Refusal::SameAsDamaged(_) => Some(
            "go back with 'firn rollback --to N' and change it from there; 'nix store verify' finds what else is damaged",
        ),
        Refusal::Kept(_) => {
            Some("--force deletes what is named all the same; in the interface '*' gives it free")
        }
        Refusal::DamagedRegistry { .. } => {
            Some("mend the file, or move it away; nix would drop what it cannot read of it")
        }
        Refusal::NoProfile(_) => Some("'firn add' makes one; another is named with --profile"),
        Refusal::NoRegistry => Some("name a file with --registry"),
        Refusal::NotReady(_) | Refusal::NotRealised(_) | Refusal::NeverLearnt(_) => None,
    }
}

/// The advice for what Nix says, where only its words are known.
pub(super) fn for_words(message: &str) -> Option<&'static str> {
    nix_words::advice(message)
}

/// The advice for a store's error.
pub(super) fn for_store(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::NoProgram { .. } => {
            Some("install Nix, or name the folder of its programs in FIRN_NIX_BIN; 'firn demo' works without")
        }
        StoreError::Output { .. } => {
            Some("if this is not Nix's own program, FIRN_NIX_BIN names the folder of the right one")
        }
        StoreError::TooOld { .. } => Some("Nix 2.20 or later works, and any Lix; nothing was changed"),
        StoreError::Vanished(_) => Some("a garbage collection is running; try again when it is done"),
        StoreError::Command { message, .. }
        | StoreError::Evaluation { message, .. }
        | StoreError::Build { message, .. } => nix_words::advice(message),
        StoreError::File { reason, .. } => for_file(reason),
        StoreError::StoreElsewhere(_) => Some(
            "firn and 'nix profile' need a store that lies where its paths say: see the setting 'store', \
             NIX_REMOTE and --store; without /nix, Nix uses such a place of its own accord",
        ),
        StoreError::Cancelled | StoreError::Unsupported(_) => None,
    }
}

fn for_registry(error: &RegistryWriteError) -> Option<&'static str> {
    match error {
        RegistryWriteError::Managed { .. } => {
            Some("change it where it is configured, or name another file with --registry")
        }
        RegistryWriteError::Changed(_) => Some("try again; what the other program wrote is kept"),
        RegistryWriteError::File { .. } => None,
    }
}

fn for_reference(error: &FlakeRefError) -> Option<&'static str> {
    match error {
        FlakeRefError::Syntax { url, .. } if url.starts_with(['.', '~']) || url.contains('/') => {
            Some("a folder is written with its whole path, as path:/home/me/flake")
        }
        FlakeRefError::Syntax { .. } | FlakeRefError::Scheme { .. } => {
            Some("references are names like nixpkgs, or URLs like github:NixOS/nixpkgs or path:/folder")
        }
        _ => None,
    }
}

fn for_edit(error: &EditError) -> Option<&'static str> {
    match error {
        EditError::Missing(_) => Some("'firn registry list' shows the entries of every registry"),
        EditError::Damaged(_) => None,
    }
}

fn for_look_up(error: &LookUpError) -> Option<&'static str> {
    match error {
        LookUpError::Unknown { .. } => Some("'firn registry list' shows the names that are known"),
        LookUpError::Cycle { .. } => {
            Some("'firn registry list' shows the entries; 'firn registry remove' takes one away")
        }
        LookUpError::Unfit { .. } => None,
    }
}

/// The advice for what the system says about a file that firn itself reads or writes.
fn for_file(reason: &str) -> Option<&'static str> {
    const ADVICE: [(&str, &str); 4] = [
        ("No space left on device", "make room there, or let TMPDIR name a folder on another disk"),
        ("Disk quota exceeded", "make room there, or let TMPDIR name a folder on another disk"),
        ("Permission denied", "it belongs to another user; --profile names a profile of your own"),
        ("Read-only file system", "nothing can be written there; --profile names a profile elsewhere"),
    ];
    ADVICE.iter().find(|(words, _)| reason.contains(words)).map(|(_, advice)| *advice)
}

fn for_generation(error: &GenerationError) -> &'static str {
    match error {
        GenerationError::BadAge(_) => "'firn wipe-history --older-than 30d' keeps a month",
        GenerationError::DeletesCurrent(_) => "'firn rollback --to N' makes another generation live",
        _ => "'firn history' lists the generations; 'firn rollback --to N' goes to one of them",
    }
}

fn for_undo(error: &UndoError) -> &'static str {
    match error {
        UndoError::WentBack { .. } => {
            "'firn rollback --to N' goes to any generation, and 'firn history' lists them"
        }
        _ => {
            "'firn rollback' goes to the number before, 'firn rollback --to N' to any that 'firn history' lists"
        }
    }
}

fn for_notes(error: &NotesError) -> &'static str {
    match error {
        NotesError::Damaged { .. } => {
            "it tells which generations are to be kept; mend the file, or move it away to do without"
        }
        NotesError::File { source, .. } => {
            for_file(&source.to_string()).unwrap_or("it lies in firn's state folder")
        }
    }
}

fn for_profile(error: &ProfileError) -> Option<&'static str> {
    match error {
        ProfileError::Manifest { source: ManifestError::Version(_), .. } => Some(
            "a newer nix wrote it: look for a newer firn; 'firn rollback' goes back to an older generation",
        ),
        // Whatever keeps the file from being read, a folder in its place or a loop of links.
        ProfileError::File { path, source }
            if !(path.ends_with("manifest.json") || path.ends_with("manifest.nix")) =>
        {
            for_file(&source.to_string())
        }
        ProfileError::Manifest { .. } | ProfileError::ManifestTooLarge { .. } | ProfileError::File { .. } => {
            Some(
                "firn leaves a file it cannot read as it is; 'firn rollback --to N' goes back to another generation",
            )
        }
        ProfileError::NoFolder { .. } => Some("make the folder first, with mkdir -p"),
        _ => None,
    }
}
