//! Reads a profile: its elements, its generations and which one is live. Reads files only.
//!
//! [`load_base`] reads what a plan starts from and nothing else; [`load_live`] adds the
//! list of generations, [`load_history`] their manifests, of which a large profile has
//! many: the interface shows the first while it reads the second. [`load_profile`] is
//! all of it. A generation whose manifest is damaged keeps its line: the reason stands
//! in place of the manifest. A damaged *live* manifest is an error, so that nothing is
//! ever planned on a guess; [`load_shown`] tells it together with the generations, which
//! are the way out.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use std::sync::Arc;

use crate::core::file_source::RememberedFiles;
use crate::core::generation::{Generation, GenerationError};
use crate::core::generation_fault::{self, GenerationFault};
use crate::core::generation_note::GenerationNote;
use crate::core::live_time::{self, LiveSpan};
use crate::core::manifest::{ManifestError, ProfileManifest};
use crate::core::plan::Base;
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::UserEnvironment;
use crate::system::journal::{Journal, JournalEntry};
use crate::system::notes::Notes;
use crate::system::profile_folder::{ProfileError, ProfileFolder, ProfileState};

use super::Context;
use super::load_environment;
use super::refusal::Refusal;
use super::remember_files::remembered_files;

/// A profile as it stands on disk.
#[derive(Clone, Debug)]
pub struct LoadedProfile {
    /// Store path and manifest: what plans are made on.
    pub base: Arc<Base>,
    /// What stands at the link.
    pub state: ProfileState,
    /// Lowest number first.
    pub generations: Vec<LoadedGeneration>,
    /// The live generation.
    pub current: Option<u64>,
    /// The generation that was live before the current one, as far as the journal knows.
    pub last_live: Option<u64>,
    /// Whether the profile's folder lets its links be changed.
    pub writable: bool,
    /// Why what is live cannot be read, if it cannot: then the base is empty, and no plan may be
    /// made on it.
    pub damaged: Option<String>,
    /// Which files elements were added from, as far as firn remembers.
    pub files: Arc<RememberedFiles>,
}

/// A generation with what its manifest says.
#[derive(Clone, Debug)]
pub struct LoadedGeneration {
    /// Number, target, time.
    pub generation: Generation,
    /// Its manifest, or why it is not here: damaged, or [`NOT_READ_YET`].
    pub manifest: ReadManifest,
    /// The generation it was made on, if the journal knows.
    pub made_on: Option<u64>,
    /// Of one that another program made, what was probably live then: where firn had led to last.
    pub probably_on: Option<u64>,
    /// What else is known of it.
    pub remarks: Remarks,
}

/// What is known of a generation beside its link and manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The user's own.
    pub note: GenerationNote,
    /// When it was live, as far as anybody knows.
    pub live: Vec<LiveSpan>,
    /// What is odd about its link.
    pub faults: Vec<GenerationFault>,
}

/// The manifest of a generation, or words that say why there is none.
pub type ReadManifest = Result<Arc<ProfileManifest>, String>;

/// Manifests by the store path they lie in: generations that share one share the value.
pub type ReadManifests = HashMap<String, ReadManifest>;

/// Stands in place of a manifest that [`load_live`] left for later.
pub const NOT_READ_YET: &str = "still reading";

impl LoadedProfile {
    /// The generations whose manifest was left for later.
    pub fn not_read(&self) -> Vec<Generation> {
        let waits =
            |loaded: &&LoadedGeneration| matches!(&loaded.manifest, Err(reason) if reason == NOT_READ_YET);
        self.generations.iter().filter(waits).map(|loaded| loaded.generation.clone()).collect()
    }

    /// Takes over manifests that were read; those it does not know stay as they are.
    pub fn take_manifests(&mut self, read: &ReadManifests) {
        for loaded in &mut self.generations {
            if let Some(manifest) = read.get(&loaded.generation.target) {
                loaded.manifest = manifest.clone();
            }
        }
    }

    /// The generation that one is compared with: what it was made on, if that is known and still there,
    /// else the one before it by number.
    pub fn base_of(&self, of: &LoadedGeneration) -> Option<&LoadedGeneration> {
        let number = of.generation.number;
        let known = of.made_on.or(of.probably_on).filter(|base| *base != number);
        let known = known.and_then(|base| self.generations.iter().find(|it| it.generation.number == base));
        known.or_else(|| self.generations.iter().rev().find(|it| it.generation.number < number))
    }

    /// The manifests it holds, to be taken over when the profile is read again: what lies in the
    /// store does not change.
    pub fn manifests(&self) -> ReadManifests {
        let held = self.generations.iter().filter(|loaded| loaded.manifest.is_ok());
        held.map(|loaded| (loaded.generation.target.clone(), loaded.manifest.clone())).collect()
    }
}

/// Reads the profile of the context with its history.
pub fn load_profile(context: &Context) -> anyhow::Result<LoadedProfile> {
    let mut profile = load_live(context)?;
    let read = load_history(context, &profile.not_read())?;
    profile.take_manifests(&read);
    Ok(profile)
}

/// Reads the profile of the context: the live manifest, and the generations without theirs.
pub fn load_live(context: &Context) -> anyhow::Result<LoadedProfile> {
    let (state, base) = load_base(context)?;
    let Some(folder) = open_folder(context)? else {
        return Ok(LoadedProfile {
            base,
            state,
            generations: Vec::new(),
            current: None,
            last_live: None,
            writable: true,
            damaged: None,
            files: files(context),
        });
    };
    with_generations(context, &folder, (state, base))
}

/// As [`load_live`], but what is live need not be readable, as long as the generations can be
/// listed: for showing, and for going back to one of them.
pub fn load_shown(context: &Context) -> anyhow::Result<LoadedProfile> {
    let error = match load_live(context) {
        Ok(loaded) => return Ok(loaded),
        Err(error) => error,
    };
    let Ok(Some(folder)) = open_folder(context) else { return Err(error) };
    let store_dir = context.store.store_dir().clone();
    let base = Arc::new(Base { store_path: None, manifest: ProfileManifest::default(), store_dir });
    let Ok(mut loaded) = with_generations(context, &folder, (ProfileState::Present, base)) else {
        return Err(error);
    };
    if loaded.generations.is_empty() {
        return Err(error);
    }
    loaded.damaged = Some(error.to_string());
    Ok(loaded)
}

/// A comfort as well: without it an element that came from a file is one that came from nowhere.
fn files(context: &Context) -> Arc<RememberedFiles> {
    Arc::new(remembered_files(context).unwrap_or_default())
}

fn with_generations(
    context: &Context,
    folder: &ProfileFolder,
    (state, base): (ProfileState, Arc<Base>),
) -> anyhow::Result<LoadedProfile> {
    let current = folder.current()?;
    // The journal is a comfort: a profile whose journal cannot be read is still a profile.
    let journal = Journal::new(&context.folders.state).read(&folder.link).unwrap_or_default();
    let mut generations = list_generations(folder, (&base, state.has_manifest()), &journal)?;
    add_remarks(context, folder, (&journal, current), &mut generations);
    let last_live = last_live(&journal, current, &generations);
    let writable = folder.is_writable();
    Ok(LoadedProfile {
        base,
        state,
        generations,
        current,
        last_live,
        writable,
        damaged: None,
        files: files(context),
    })
}

/// Reads the manifests of generations, each store path once.
pub fn load_history(context: &Context, generations: &[Generation]) -> anyhow::Result<ReadManifests> {
    let mut read = ReadManifests::new();
    let Some(folder) = open_folder(context)? else { return Ok(read) };
    if load_environment::is_meant(context, &folder) {
        // Without the store's answer each generation says itself what it has none of.
        let told = load_environment::manifests(context, &folder, generations).unwrap_or_default();
        let target = |number: u64| generations.iter().find(|it| it.number == number).map(|it| &it.target);
        for (number, manifest) in told {
            read.extend(target(number).map(|target| (target.clone(), Ok(Arc::new(manifest)))));
        }
    }
    for generation in generations {
        read.entry(generation.target.clone()).or_insert_with(|| {
            let manifest = read_manifest(context, &folder, Some(generation.number));
            manifest.map(Arc::new).map_err(|error| why_unreadable(&folder, generation, &error))
        });
    }
    Ok(read)
}

/// Reads what stands at the link and the live manifest, and nothing of the history.
///
/// A profile that is missing, dangling or without a manifest has an empty one; its state tells which.
pub fn load_base(context: &Context) -> anyhow::Result<(ProfileState, Arc<Base>)> {
    let store_dir = context.store.store_dir().clone();
    let Some(folder) = open_folder(context)? else {
        let base = Base { store_path: None, manifest: ProfileManifest::default(), store_dir };
        return Ok((ProfileState::Missing, Arc::new(base)));
    };
    let state = folder.state()?;
    let store_path = match folder.target()? {
        Some(target) => live_path(&folder.link, &target, &store_dir, &state)?,
        None => None,
    };
    let manifest = match &state {
        state if state.has_manifest() => read_manifest(context, &folder, None)?,
        _ => ProfileManifest::default(),
    };
    Ok((state, Arc::new(Base { store_path, manifest, store_dir })))
}

/// Reads a generation as if it were live.
pub fn load_generation(context: &Context, number: u64) -> anyhow::Result<Arc<Base>> {
    let store_dir = context.store.store_dir().clone();
    let folder = ProfileFolder::new(&context.profile)?;
    let found = folder.generations()?.into_iter().find(|generation| generation.number == number);
    let generation = found.ok_or(GenerationError::Missing(number))?;
    let told = if load_environment::is_meant(context, &folder) {
        load_environment::manifests(context, &folder, std::slice::from_ref(&generation))?.remove(&number)
    } else {
        None
    };
    let manifest = match told {
        Some(manifest) => manifest,
        None => read_manifest(context, &folder, Some(number))?,
    };
    let store_path = StorePath::parse(&store_dir, &generation.target).ok();
    Ok(Arc::new(Base { store_path, manifest, store_dir }))
}

/// A profile in a folder that does not exist is as empty as one that does not exist.
fn open_folder(context: &Context) -> Result<Option<ProfileFolder>, ProfileError> {
    match ProfileFolder::new(&context.profile) {
        Ok(folder) => Ok(Some(folder)),
        Err(ProfileError::NoFolder { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn live_path(
    link: &Path,
    target: &str,
    store_dir: &StoreDir,
    state: &ProfileState,
) -> Result<Option<StorePath>, Refusal> {
    match StorePath::parse(store_dir, target) {
        Ok(path) => Ok(Some(path)),
        Err(_) if !state.has_manifest() => Ok(None),
        Err(_) => Err(Refusal::OutsideStore {
            profile: link.to_owned(),
            target: target.to_owned(),
            store_dir: store_dir.to_string(),
        }),
    }
}

/// Reads the manifest of one generation, or of the live profile: that of `nix profile`, or nix-env's.
pub fn read_manifest(
    context: &Context,
    folder: &ProfileFolder,
    number: Option<u64>,
) -> anyhow::Result<ProfileManifest> {
    let store_dir = context.store.store_dir();
    let at = |name: &str| {
        let path = manifest_path(&folder.link, number, name);
        |source: ManifestError| ProfileError::Manifest { path, source }
    };
    if let Some(text) = folder.environment_text(number)? {
        let derivations = context.store.environment_derivations();
        let environment = UserEnvironment::parse(&text, store_dir, derivations);
        let environment = environment.map_err(|error| at("manifest.nix")(error.into()))?;
        return Ok(ProfileManifest::of_environment(environment));
    }
    let text = folder.manifest_text(number)?;
    Ok(ProfileManifest::parse(&text, store_dir).map_err(at("manifest.json"))?)
}

fn manifest_path(link: &Path, number: Option<u64>, manifest: &str) -> PathBuf {
    let Some(number) = number else { return link.join(manifest) };
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(format!("-{number}-link"));
    link.with_file_name(name).join(manifest)
}

/// All generations; only those that are the live profile have their manifest.
fn list_generations(
    folder: &ProfileFolder,
    (base, has_manifest): (&Base, bool),
    journal: &[JournalEntry],
) -> anyhow::Result<Vec<LoadedGeneration>> {
    let generations = folder.generations().context("cannot list the generations")?;
    // What has no manifest.json is told by what it refers to, the live one too.
    let live_path = base.store_path.as_ref().filter(|_| has_manifest).map(StorePath::as_str);
    let live = Arc::new(base.manifest.clone());
    let loaded = generations.into_iter().map(|generation| {
        let is_live = live_path == Some(generation.target.as_str());
        let manifest = if is_live { Ok(Arc::clone(&live)) } else { Err(NOT_READ_YET.to_owned()) };
        let made_on = made_on(journal, generation.number);
        LoadedGeneration { generation, manifest, made_on, probably_on: None, remarks: Remarks::default() }
    });
    Ok(loaded.collect())
}

/// Adds notes, times and oddities. Notes that cannot be read are told by `firn doctor`.
fn add_remarks(
    context: &Context,
    folder: &ProfileFolder,
    (journal, current): (&[JournalEntry], Option<u64>),
    loaded: &mut [LoadedGeneration],
) {
    let generations: Vec<Generation> = loaded.iter().map(|loaded| loaded.generation.clone()).collect();
    let moves: Vec<_> = journal.iter().map(JournalEntry::as_move).collect();
    let notes = Notes::new(&context.folders.state).read(&folder.link).unwrap_or_default();
    let mut live = live_time::spans(&moves, &generations, current);
    let probably_on = live_time::probably_made_on(&moves, &generations);
    let faults = generation_fault::faults(&generations, context.store.store_dir());
    for (loaded, faults) in loaded.iter_mut().zip(faults) {
        let note = notes.get(&loaded.generation.target).cloned().unwrap_or_default();
        let live = live.remove(&loaded.generation.number).unwrap_or_default();
        loaded.remarks = Remarks { note, live, faults };
        if loaded.made_on.is_none() {
            loaded.probably_on = probably_on.get(&loaded.generation.number).copied();
        }
    }
}

/// Why a generation's manifest cannot be read: that there is none has several reasons.
fn why_unreadable(folder: &ProfileFolder, generation: &Generation, error: &anyhow::Error) -> String {
    let target = &generation.target;
    let Some(link) = folder.generation_link(generation.number) else { return error.to_string() };
    let name = link.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match (ProfileFolder { link }).state() {
        Ok(ProfileState::Dangling) => format!("{name} leads to '{target}', which is gone"),
        Ok(ProfileState::WithoutManifest) => format!("{name} leads to '{target}', which has no manifest"),
        _ => error.to_string(),
    }
}

/// The journal's last word on the generation a number was made on. Numbers are used again after
/// the highest ones were deleted, so older entries do not count.
fn made_on(journal: &[JournalEntry], number: u64) -> Option<u64> {
    use crate::system::journal::Deed;
    journal
        .iter()
        .rev()
        .find(|entry| entry.deed == Deed::Apply && entry.to == Some(number))
        .and_then(|entry| entry.from)
        .filter(|from| *from != number)
}

/// Where the profile stood before it came to the current generation, if that one still exists.
fn last_live(
    journal: &[JournalEntry],
    current: Option<u64>,
    generations: &[LoadedGeneration],
) -> Option<u64> {
    let existing: BTreeSet<u64> = generations.iter().map(|loaded| loaded.generation.number).collect();
    let last = journal.iter().rev().find(|entry| entry.from != entry.to)?;
    if last.to != current {
        return None;
    }
    last.from.filter(|number| existing.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::journal::Deed;

    fn entry(deed: Deed, from: Option<u64>, to: u64) -> JournalEntry {
        JournalEntry { time: 0, profile: PathBuf::from("/p"), deed, from, to: Some(to), target: None }
    }

    fn generation(number: u64) -> LoadedGeneration {
        let generation = Generation { number, target: String::new(), time: 0 };
        LoadedGeneration {
            generation,
            manifest: Ok(Arc::default()),
            made_on: None,
            probably_on: None,
            remarks: Remarks::default(),
        }
    }

    #[test]
    fn the_newest_journal_entry_tells_what_a_generation_was_made_on() {
        let journal = [entry(Deed::Apply, Some(1), 4), entry(Deed::Apply, Some(3), 4)];
        assert_eq!(made_on(&journal, 4), Some(3));
        assert_eq!(made_on(&journal, 3), None);
    }

    #[test]
    fn going_somewhere_is_not_making_something() {
        let journal = [entry(Deed::Switch, Some(4), 2)];
        assert_eq!(made_on(&journal, 2), None);
    }

    #[test]
    fn last_live_is_where_the_last_move_came_from() {
        let journal = [entry(Deed::Apply, Some(1), 2), entry(Deed::Switch, Some(2), 1)];
        let generations = [generation(1), generation(2)];
        assert_eq!(last_live(&journal, Some(1), &generations), Some(2));
        assert_eq!(last_live(&journal, Some(2), &generations), None, "another program moved the profile");
        assert_eq!(last_live(&journal, Some(1), &generations[..1]), None, "it was deleted since");
    }

    #[test]
    fn a_deletion_moves_nothing() {
        let journal = [entry(Deed::Apply, Some(1), 2), entry(Deed::Delete, Some(2), 2)];
        let generations = [generation(1), generation(2)];
        assert_eq!(last_live(&journal, Some(2), &generations), Some(1));
    }

    #[test]
    fn manifest_errors_name_the_generation_s_file() {
        assert_eq!(
            manifest_path(Path::new("/a/p"), Some(3), "manifest.json"),
            Path::new("/a/p-3-link/manifest.json")
        );
        assert_eq!(manifest_path(Path::new("/a/p"), None, "manifest.json"), Path::new("/a/p/manifest.json"));
    }
}
