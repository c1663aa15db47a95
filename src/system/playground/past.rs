//! Makes the profile's past: its generations, oldest first, each as applying a plan would.
//!
//! The link tree decides what a generation holds, its NAR gives the store path, and the
//! links get times in the past, counted back from the time of making. What firn made stands in
//! the playground's journal too, so that the history knows what was made on what.

use std::path::Path;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use super::catalogue::{Catalogue, outputs_of};
use super::environment;
use super::object_folder::{ObjectFolder, hash_of};
use super::profile_error;
use super::world::{ElementDefinition, GenerationDefinition, Maker, World};
use crate::core::file_tree::FileTrees;
use crate::core::link_tree::LinkTree;
use crate::core::manifest::ProfileManifest;
use crate::core::nar::source_path;
use crate::core::registry::Registries;
use crate::core::store_path::StorePath;
use crate::core::user_environment::UserEnvironment;
use crate::core::user_environment::object::EnvironmentObjects;
use crate::system::journal::{Deed, Journal, JournalEntry};
use crate::system::machine::StoreError;
use crate::system::package_reader;
use crate::system::profile_folder::ProfileFolder;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// Between going back and making something else of it.
const SECONDS_TO_THINK: i64 = 600;

/// Makes all generations of the world below the link `profile`; the newest becomes the live one.
pub(super) fn make(
    world: &World,
    objects: &ObjectFolder,
    profile: &Path,
    now: i64,
) -> Result<(), StoreError> {
    let catalogue = Catalogue { world, objects, registries: Registries::default(), made: &|_| {} };
    let folder = ProfileFolder::new(profile).map_err(profile_error)?;
    let lock = folder.lock().map_err(profile_error)?;
    let mut manifests = vec![ProfileManifest::default()];
    let mut trees = FileTrees::default();
    for generation in &world.generations {
        let before = generation.made_on.and_then(|number| manifests.get(number)).or(manifests.last());
        let mut manifest = before.cloned().unwrap_or_default();
        advance(&mut manifest, generation, &catalogue)?;
        let path = import(&manifest, &mut trees, objects)?;
        let number = folder.switch_to(Path::new(path.as_str()), &lock).map_err(profile_error)?;
        set_link_time(profile, number, time_of(generation, now))?;
        manifests.push(manifest);
    }
    Ok(())
}

/// Makes the generations of the profile that nix-env made below the link `profile`, each as a series of
/// its commands would.
pub(super) fn make_environments(
    world: &World,
    objects: &ObjectFolder,
    profile: &Path,
    now: i64,
) -> Result<(), StoreError> {
    let catalogue = Catalogue { world, objects, registries: Registries::default(), made: &|_| {} };
    let folder = ProfileFolder::new(profile).map_err(profile_error)?;
    let lock = folder.lock().map_err(profile_error)?;
    let mut manifest = ProfileManifest::of_environment(UserEnvironment::default());
    for generation in &world.environments {
        for name in &generation.remove {
            manifest.remove(name);
        }
        for (attribute, definition) in &generation.elements {
            install(&mut manifest, attribute, definition, &catalogue)?;
        }
        if let Some(environment) = &manifest.environment {
            let made = EnvironmentObjects::of(environment, &objects.store_dir)
                .map_err(|error| failed(objects, &error))?;
            environment::build(objects, &made)?;
            let number = folder.switch_to(Path::new(made.path.as_str()), &lock).map_err(profile_error)?;
            set_link_time(profile, number, time_of(generation, now))?;
        }
    }
    Ok(())
}

/// Does what `nix-env --install` and `--set-flag` do with a package.
fn install(
    manifest: &mut ProfileManifest,
    attribute: &str,
    definition: &ElementDefinition,
    catalogue: &Catalogue<'_>,
) -> Result<(), StoreError> {
    let package = catalogue.package_at(attribute, definition.at.as_deref())?;
    for name in manifest.install(vec![package]) {
        if let Some(priority) = definition.priority {
            manifest.set_priority(&name, priority);
        }
        if !definition.active {
            manifest.set_active(&name, false);
        }
        if definition.keep {
            manifest.set_keep(&name, true);
        }
    }
    Ok(())
}

/// Writes what firn's journal would tell of the past into the folder `state`.
pub(super) fn write_journal(world: &World, profile: &Path, state: &Path, now: i64) -> Result<(), StoreError> {
    let journal = Journal::new(state);
    let append = |deed, time, from, to| {
        let entry =
            JournalEntry { time, profile: profile.to_owned(), deed, from, to: Some(to), target: None };
        journal.append(&entry).map_err(|error| StoreError::file(state, &error))
    };
    let mut live: Option<u64> = None;
    for (number, generation) in (1..).zip(&world.generations) {
        if let Some(older) = generation.made_on.map(|number| number as u64) {
            append(Deed::Switch, time_of(generation, now) - SECONDS_TO_THINK, live, older)?;
            live = Some(older);
        }
        if generation.by == Maker::Firn {
            append(Deed::Apply, time_of(generation, now), live, number)?;
        }
        live = Some(number);
    }
    Ok(())
}

fn advance(
    manifest: &mut ProfileManifest,
    generation: &GenerationDefinition,
    catalogue: &Catalogue<'_>,
) -> Result<(), StoreError> {
    for name in &generation.remove {
        manifest.elements.remove(name);
    }
    for (name, definition) in &generation.elements {
        let outputs = outputs_of(&definition.outputs.join(","));
        let mut element = catalogue.element_at(name, definition.at.as_deref(), outputs)?;
        element.active = definition.active;
        element.priority = definition.priority.unwrap_or(element.priority);
        manifest.elements.insert(name.clone(), element);
    }
    Ok(())
}

/// Links the manifest's elements and puts the profile into the store.
fn import(
    manifest: &ProfileManifest,
    trees: &mut FileTrees,
    objects: &ObjectFolder,
) -> Result<StorePath, StoreError> {
    let tree = linked(manifest, trees, objects)?;
    let archive = tree.write_nar(&manifest.to_json(), Vec::new()).map_err(|error| failed(objects, &error))?;
    let references = manifest.references();
    let path = source_path(&objects.store_dir, "profile", &hash_of(&archive), &references)
        .map_err(|error| failed(objects, &error))?;
    objects.add_as(&path, &archive, &references)?;
    Ok(path)
}

/// The tree of the manifest's elements, read as far as it has to be.
pub(super) fn linked(
    manifest: &ProfileManifest,
    trees: &mut FileTrees,
    objects: &ObjectFolder,
) -> Result<LinkTree, StoreError> {
    let active = manifest.elements.values().filter(|element| element.active);
    let packages: Vec<(StorePath, i32)> = active
        .flat_map(|element| element.store_paths.iter().map(|path| (path.clone(), element.priority)))
        .collect();
    let mut tree = LinkTree::build(&packages, trees, None);
    while !(tree.needs.packages.is_empty() && tree.needs.directories.is_empty()) {
        trees.absorb(package_reader::read(&tree.needs, package_reader::Depth::Meeting, &objects.store_dir));
        tree = LinkTree::build(&packages, trees, Some(&tree));
    }
    match tree.problems.first() {
        Some(problem) => Err(StoreError::Unsupported(problem.to_string())),
        None => Ok(tree),
    }
}

fn failed(objects: &ObjectFolder, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::File { path: objects.store_dir.as_str().into(), reason: error.to_string() }
}

#[expect(clippy::cast_possible_truncation, reason = "the world's days are a few hundred")]
fn time_of(generation: &GenerationDefinition, now: i64) -> i64 {
    now - (generation.days_ago * SECONDS_PER_DAY) as i64
}

/// Gives the link of a generation itself a modification time in the past.
fn set_link_time(profile: &Path, number: u64, time: i64) -> Result<(), StoreError> {
    let mut link = profile.as_os_str().to_owned();
    link.push(format!("-{number}-link"));
    let link = Path::new(&link);
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: time, tv_nsec: 0 },
    };
    utimensat(CWD, link, &times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| StoreError::file(link, &error.into()))
}
