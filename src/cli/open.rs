//! Opens the store and the profile a command line asks for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use super::place::{Place, StoreChoice};
use super::printer::Printer;
use crate::ops::Context;
use crate::system::bounded_file;
use crate::system::machine::{Store, SystemClock};
use crate::system::nix::NixStore;
use crate::system::own_folders::OwnFolders;
use crate::system::playground::PlaygroundStore;
use crate::system::profile_folder::ProfileState;
use crate::system::profile_link;

/// What Linux takes as a word, its end included; other systems take no less.
const LONGEST_WORD: usize = 128 << 10;

/// Who sees what a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onlooker {
    /// Somebody at the interface, who wants to see work go on.
    Person,
    /// Nobody, or somebody who waits for the end.
    Nobody,
}

/// The context the place asks for.
pub fn context(place: &Place, printer: Printer, onlooker: Onlooker) -> Result<Context, Failure> {
    let (store, folders) = store(&place.store, onlooker)?;
    let profile = match &place.profile {
        Some(profile) => named_profile(profile, printer)?,
        None => store.default_profile()?,
    };
    Ok(Context { store, profile, folders, clock: Arc::new(SystemClock), read_only: place.read_only })
}

fn store(choice: &StoreChoice, onlooker: Onlooker) -> Result<(Arc<dyn Store>, OwnFolders), Failure> {
    match choice {
        StoreChoice::Nix(options) => {
            let folders = own_folders()?;
            Ok((Arc::new(NixStore::open(with_standard_input(options)?)?), folders))
        }
        StoreChoice::Playground { folder, fresh } => {
            let folder = match folder {
                Some(folder) => absolute(folder)?,
                None => own_folders()?.playground(),
            };
            let store = PlaygroundStore::open(&folder, *fresh)?;
            let store = if onlooker == Onlooker::Person { store.lifelike() } else { store };
            // A playground keeps everything to itself, its journal too; how firn looks and which keys
            // it has is the user's.
            let config =
                OwnFolders::from_environment().map_or_else(|| folder.join("config"), |own| own.config);
            let folders = OwnFolders { state: folder.join("state"), data: folder, config };
            Ok((Arc::new(store), folders))
        }
    }
}

/// nix itself gets no standard input: `--arg-from-stdin NAME` becomes `--argstr NAME TEXT`.
fn with_standard_input(options: &[String]) -> Result<Vec<String>, Failure> {
    let mut words = Vec::with_capacity(options.len());
    let mut rest = options.iter();
    while let Some(word) = rest.next() {
        if word == "--arg-from-stdin" {
            words.push("--argstr".to_owned());
            words.extend(rest.next().cloned());
            words.push(standard_input_as_word("--arg-from-file NAME FILE")?);
        } else {
            words.push(word.clone());
        }
    }
    Ok(words)
}

/// What is typed or piped in.
pub(super) fn standard_input() -> Result<String, Failure> {
    let read = bounded_file::standard_input(64 << 20);
    Ok(read.map_err(|error| anyhow::anyhow!("cannot read standard input: {error}"))?)
}

/// As [`standard_input`], for a single word of a nix command. `otherwise` takes more.
pub(super) fn standard_input_as_word(otherwise: &str) -> Result<String, Failure> {
    let text = standard_input()?;
    if text.len() < LONGEST_WORD {
        return Ok(text);
    }
    let error = anyhow::anyhow!(
        "standard input has {} KiB; nix is given it as a word of its command line, which can have {} KiB",
        text.len() >> 10,
        LONGEST_WORD >> 10
    );
    Err(Failure::with_hint(error, format!("put it into a file, and type {otherwise}")))
}

fn named_profile(path: &Path, printer: Printer) -> Result<PathBuf, Failure> {
    let path = absolute(path)?;
    if path.symlink_metadata().is_ok_and(|status| status.is_file()) {
        return Err(Failure::with_hint(
            anyhow::anyhow!("'{}' is a file, not a profile", path.display()),
            "a profile is a link, as nix makes it; without --profile firn works on your own",
        ));
    }
    let profile = profile_link::profile_of(&path);
    if profile == path {
        return Ok(path);
    }
    printer.note(&format!("'{}' is a link to the profile '{}'", path.display(), profile.display()));
    Ok(profile)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(path)?)
}

/// firn's own folders.
pub fn own_folders() -> Result<OwnFolders, Failure> {
    OwnFolders::from_environment().ok_or_else(no_home)
}

fn no_home() -> Failure {
    Failure::with_hint(
        anyhow::anyhow!("firn does not know where its own files go: there is no home folder"),
        "set HOME, or FIRN_STATE_DIR, FIRN_DATA_DIR and FIRN_CONFIG_DIR",
    )
}

/// Warns about a profile that counts as empty though something stands at its link.
pub fn tell_state(state: &ProfileState, context: &Context, printer: Printer) {
    let profile = context.profile.display();
    match state {
        ProfileState::Missing | ProfileState::Present | ProfileState::NixEnvironment => {}
        ProfileState::Dangling => printer.warn(&format!("'{profile}' leads to nothing")),
        ProfileState::WithoutManifest => printer.warn(&format!("'{profile}' has no manifest")),
    }
}
