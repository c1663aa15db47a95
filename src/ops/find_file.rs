//! Finds out where a file comes from: `jj`, `bin/jj`, `~/.nix-profile/bin/jj` or a path in
//! the store.
//!
//! A word without a slash is a program first (`bin/WORD`), then whatever else has that
//! name. A path below the profile, through whatever links, is a path in the profile. One
//! in the store is asked for by its package: it may be a hidden one.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::core::file_origin::{self, FileOrigin};
use crate::core::link_tree::{Claimant, Node};
use crate::core::nearest::nearest;
use crate::core::plan::Plan;
use crate::core::store_path::StorePath;
use crate::core::visible;
use crate::system::file_place::{self, Stands};

use super::Context;

/// What became of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundFile {
    /// Files of the profile; several if only their name was given.
    Files(Vec<FileOrigin>),
    /// The whole package of an element.
    Package(Claimant),
    /// Nothing.
    Nothing(NotFound),
}

/// Why nothing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// There is no such file; names that are near.
    NoSuchFile(Vec<String>),
    /// An element that is switched off has it.
    SwitchedOff(String),
    /// The package of an element has it, and Nix leaves it out.
    LeftOut(String),
    /// It is Nix's own: the manifest.
    Manifest,
    /// It lies outside the profile.
    Elsewhere,
}

/// Looks for a file in the live profile, which `plan` is about.
pub fn find_file(context: &Context, plan: &Plan, typed: &Path) -> FoundFile {
    let search = Search { plan };
    let text = typed.as_os_str().as_bytes();
    if text.starts_with(b"/") || text.starts_with(b"./") || text.starts_with(b"../") {
        return search.place(context, typed);
    }
    let path = tidy(text);
    if path.contains(&b'/') {
        return search.in_profile(&path);
    }
    let as_program = [b"bin/", path.as_slice()].concat();
    match search.origin(&as_program).or_else(|| search.origin(&path)) {
        Some(origin) => FoundFile::Files(vec![origin]),
        None => search.named(&path, &as_program),
    }
}

/// A path in the profile without double and outer slashes.
fn tidy(text: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> =
        text.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    parts.join(&b'/')
}

struct Search<'a> {
    plan: &'a Plan,
}

impl Search<'_> {
    /// An absolute path, or one from the current folder.
    fn place(&self, context: &Context, typed: &Path) -> FoundFile {
        if let Some((package, rest)) = self.in_store(typed) {
            return self.in_package(&package, &rest);
        }
        if let Some(rest) = file_place::below(typed, &context.profile) {
            return self.in_profile(rest.as_os_str().as_bytes());
        }
        match self.in_store(&file_place::resolved(typed)) {
            Some((package, rest)) => self.in_package(&package, &rest),
            None => FoundFile::Nothing(NotFound::Elsewhere),
        }
    }

    fn in_profile(&self, path: &[u8]) -> FoundFile {
        match self.origin(path) {
            Some(origin) => FoundFile::Files(vec![origin]),
            None => FoundFile::Nothing(self.missing(path)),
        }
    }

    /// Every file of this name.
    fn named(&self, name: &[u8], as_program: &[u8]) -> FoundFile {
        let paths = file_origin::paths_named(&self.plan.tree_after, name);
        let origins: Vec<FileOrigin> = paths.iter().filter_map(|path| self.origin(path)).collect();
        if origins.is_empty() {
            FoundFile::Nothing(self.missing(as_program))
        } else {
            FoundFile::Files(origins)
        }
    }

    /// The origin of a path; below a linked folder only if the disk has it.
    fn origin(&self, path: &[u8]) -> Option<FileOrigin> {
        let mut origin = file_origin::of_path(&self.plan.tree_after, path)?;
        if origin.below_link {
            origin.folder = file_place::stands_at(&origin.providers.first()?.target)? == Stands::Folder;
        }
        Some(origin)
    }

    /// The package that a path in the store belongs to, and the path in it.
    fn in_store(&self, path: &Path) -> Option<(StorePath, PathBuf)> {
        let store_dir = &self.plan.base.store_dir;
        let rest = path.strip_prefix(store_dir.as_str()).ok()?;
        let name = rest.components().next()?;
        let package = Path::new(store_dir.as_str()).join(name);
        let package = StorePath::parse(store_dir, package.to_str()?).ok()?;
        let known = self.claimant(&package).is_some() || self.off(&package).is_some();
        known.then(|| (package, rest.components().skip(1).collect()))
    }

    fn in_package(&self, package: &StorePath, rest: &Path) -> FoundFile {
        let path = rest.as_os_str().as_bytes();
        if let Some(element) = self.off(package) {
            return FoundFile::Nothing(NotFound::SwitchedOff(element));
        }
        let Some(claimant) = self.claimant(package) else { return FoundFile::Nothing(NotFound::Elsewhere) };
        if path.is_empty() {
            return FoundFile::Package(claimant);
        }
        if file_place::stands_at(&[package.as_str().as_bytes(), b"/", path].concat()).is_none() {
            return FoundFile::Nothing(NotFound::NoSuchFile(Vec::new()));
        }
        let is_its = |claim: &Claimant| claim.package == claimant.package;
        match self.origin(path) {
            Some(origin)
                if [&origin.providers, &origin.hidden, &origin.colliding]
                    .into_iter()
                    .flatten()
                    .any(is_its) =>
            {
                FoundFile::Files(vec![origin])
            }
            _ => FoundFile::Nothing(NotFound::LeftOut(self.name_of(&claimant))),
        }
    }

    /// The linked package as a claimant of the whole profile.
    fn claimant(&self, package: &StorePath) -> Option<Claimant> {
        let linked = &self.plan.tree_after.packages;
        let found = linked.iter().find(|linked| *linked.path == *package.as_str().as_bytes())?;
        let (package, priority) = (found.path.clone(), found.priority);
        Some(Claimant { target: package.clone(), package, priority, folder: true })
    }

    /// The switched-off element that has the package, if no other links it.
    fn off(&self, package: &StorePath) -> Option<String> {
        if self.claimant(package).is_some() {
            return None;
        }
        let elements = &self.plan.after.elements;
        let found = elements.iter().find(|(_, element)| element.store_paths.contains(package));
        found.map(|(name, _)| name.clone())
    }

    fn name_of(&self, claimant: &Claimant) -> String {
        let element = self.plan.element_of(&claimant.package).map(str::to_owned);
        element.unwrap_or_else(|| visible::bytes(&claimant.package))
    }

    /// Why there is no such path in the profile.
    fn missing(&self, path: &[u8]) -> NotFound {
        if path == b"manifest.json" || path == b"bin/manifest.json" {
            return NotFound::Manifest;
        }
        let has_it = |paths: &[StorePath]| {
            let full = |package: &StorePath| [package.as_str().as_bytes(), b"/", path].concat();
            paths.iter().any(|package| file_place::stands_at(&full(package)).is_some())
        };
        for (name, element) in &self.plan.after.elements {
            if has_it(&element.store_paths) {
                let name = name.clone();
                return if element.active { NotFound::LeftOut(name) } else { NotFound::SwitchedOff(name) };
            }
        }
        NotFound::NoSuchFile(self.near(path))
    }

    /// Paths in the same folder whose names are near.
    fn near(&self, path: &[u8]) -> Vec<String> {
        let split = path.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = split.map_or((&b""[..], path), |slash| (&path[..slash], &path[slash + 1..]));
        let names: Vec<String> = self.names_in(folder).iter().map(|name| visible::bytes(name)).collect();
        let near = nearest(&visible::bytes(name), names.iter().map(String::as_str));
        let folder = visible::bytes(folder);
        let full =
            |name: &&str| if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
        near.iter().map(full).collect()
    }

    fn names_in(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        match self.plan.tree_after.get(folder) {
            Some(Node::Directory(found)) => found.entries.iter().map(|(name, _)| name.to_vec()).collect(),
            _ => match self.origin(folder).and_then(|origin| origin.providers.into_iter().next()) {
                Some(provider) => file_place::names_in(&provider.target),
                None => Vec::new(),
            },
        }
    }
}
