//! Finds every profile on the machine that Nix, nix-env, home-manager or a system keeps, with
//! what a person chooses by. Reads links and names only; starts nothing.

use std::path::{Path, PathBuf};

use crate::core::generation::Generation;
use crate::core::profile_kind::{ProfileKind, ProfileSigns};
use crate::core::store_path::StorePath;
use crate::system::profile_folder::ProfileFolder;
use crate::system::profile_search::{self, chain, own_link};
use crate::system::search_path::SearchPath;
use crate::system::{file_place, profile_link};

use super::Context;

/// A profile that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProfile {
    /// Its own link, which `--profile` takes. For what is managed as a whole (`/run/current-system/sw`)
    /// the link that was found.
    pub link: PathBuf,
    /// What made it.
    pub kind: ProfileKind,
    /// Other links that lead to it, `~/.nix-profile` for instance.
    pub names: Vec<PathBuf>,
    /// Its own link, then every place that leads to, the store path last.
    pub chain: Vec<PathBuf>,
    /// The entry of PATH that is its folder of programs.
    pub on_path: Option<PathBuf>,
    /// Whether its links can be changed.
    pub writable: bool,
    /// When it changed last (seconds since 1970): the time of the newest link.
    pub changed: Option<i64>,
    /// How many generations it has.
    pub generations: usize,
    /// The live one.
    pub current: Option<u64>,
    /// Whether it is the one nix works on if none is named.
    pub is_default: bool,
    /// Whether it is the one of the context.
    pub is_open: bool,
}

/// All profiles, also those that were open `before` wherever they are: the default one first, then
/// by link.
pub fn find_profiles(context: &Context, before: &[PathBuf]) -> Vec<FoundProfile> {
    let places = context.store.profile_places();
    let path = SearchPath::of_process();
    let mut found: Vec<FoundProfile> = Vec::new();
    let mut links: Vec<PathBuf> = vec![context.profile.clone()];
    links.extend_from_slice(before);
    links.extend(places.links);
    links.extend(places.folders.iter().flat_map(|folder| profile_search::profiles_in(folder)));
    for link in links {
        let link = file_place::plain(&link).unwrap_or(link);
        let chain = chain(&link);
        let own = own_link(&chain).cloned();
        if own.is_none() && chain.len() < 2 && link != context.profile && !before.contains(&link) {
            // Nothing is there, or a folder is: no profile.
            continue;
        }
        // Of a profile that has no generation yet, `~/.nix-profile` is only another name, too.
        let own = own.unwrap_or_else(|| profile_link::profile_of(&link));
        let own = file_place::plain(&own).unwrap_or(own);
        match found.iter_mut().find(|known| same(&known.link, &own)) {
            Some(known) if known.link != link && !known.names.contains(&link) => known.names.push(link),
            Some(_) => {}
            None => {
                let names = if own == link { Vec::new() } else { vec![link] };
                found.push(look(context, &own, names, &path));
            }
        }
    }
    found.sort_by_key(|profile| (!profile.is_default, profile.link.clone()));
    found
}

/// The profile that opening `link` opens, never a link to one: a change would put its generation in
/// the link's place.
pub fn opened(context: &Context, link: &Path) -> PathBuf {
    let profile = profile_link::profile_of(link);
    if context.store.is_default_profile(&profile) {
        // As if it had not been named: a new user's folder of profiles is made when asked for.
        let _ = context.store.default_profile();
    }
    profile
}

/// The kind of one profile.
pub fn kind_of(context: &Context, profile: &Path) -> ProfileKind {
    let chain = chain(profile);
    let target = chain.last().and_then(|last| last.to_str());
    let store_path = target.and_then(|target| StorePath::parse(context.store.store_dir(), target).ok());
    let name = profile.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ProfileKind::of(ProfileSigns {
        name: &name,
        target: store_path.as_ref().map(StorePath::name).unwrap_or_default(),
        has_json: profile.join("manifest.json").symlink_metadata().is_ok(),
        has_nix: profile.join("manifest.nix").symlink_metadata().is_ok(),
    })
}

fn look(context: &Context, link: &Path, names: Vec<PathBuf>, path: &SearchPath) -> FoundProfile {
    let kind = kind_of(context, link);
    let folder = ProfileFolder::new(link).ok();
    let generations: Vec<Generation> =
        folder.as_ref().and_then(|folder| folder.generations().ok()).unwrap_or_default();
    let current = folder.as_ref().and_then(|folder| folder.current().ok().flatten());
    let programs = kind.program_folders().iter().map(|programs| link.join(programs));
    let mut programs = programs.chain(names.iter().map(|name| name.join("bin")));
    FoundProfile {
        on_path: programs.find_map(|programs| path.entry_of(&programs).map(Path::to_owned)),
        writable: folder.as_ref().is_some_and(ProfileFolder::is_writable),
        changed: generations.iter().map(|generation| generation.time).max(),
        generations: generations.len(),
        current,
        is_default: context.store.is_default_profile(link),
        is_open: same(link, &context.profile),
        chain: chain(link),
        link: link.to_owned(),
        kind,
        names,
    }
}

/// Whether two links are one, in folders that may be reached in several ways.
fn same(one: &Path, other: &Path) -> bool {
    let place = |link: &Path| {
        let folder = link.parent().and_then(|folder| folder.canonicalize().ok());
        (folder, link.file_name().map(ToOwned::to_owned))
    };
    one == other || (place(one) == place(other) && one.parent().is_some_and(Path::exists))
}

#[cfg(test)]
mod tests;
