//! What packages of the playground are today, what would be in them, and making them.
//!
//! Evaluating makes nothing: the store path of what is not there yet is worked out from the files it
//! would have. So upgrades can be looked at before anything is "fetched", and the playground
//! itself is the binary cache that lists what it could make.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::catalogue::{Catalogue, EVALUATES_NOTHING, Found, broken};
use super::pace::Telling;
use super::package_file::{FileContent, PackageFile, nar_of};
use crate::core::evaluation::{Evaluated, EvaluationFailure, MetaFlags, Question};
use crate::core::file_tree::{
    Basis, Directory, Entry, EntryKind, FileTrees, Package, PathBytes, Propagated, Root,
};
use crate::core::manifest::DEFAULT_PRIORITY;
use crate::core::plan::ToRealise;
use crate::core::plan::cost::{Fetched, FetchedSizes, Obtainable};
use crate::core::store_path::StorePath;
use crate::system::machine::{Answer, StoreError};

/// The file that names what a package brings along.
const PROPAGATED: &[u8] = b"nix-support/propagated-user-env-packages";

/// What an output would be.
struct Planned {
    path: StorePath,
    files: Vec<PackageFile>,
}

impl Catalogue<'_> {
    /// The answer to a question, in Nix's words where there is none.
    pub(super) fn evaluate(&self, question: &Question) -> Result<Answer, StoreError> {
        if !question.is_of_flake() {
            return Ok(Err(EvaluationFailure::of_words(EVALUATES_NOTHING)));
        }
        let short = question.reference.strip_prefix("flake:").unwrap_or(&question.reference);
        let (original_url, flake) = match self.flake(short) {
            Ok(found) => found,
            Err(words) => return Ok(Err(EvaluationFailure::of_flake(&words))),
        };
        let found = self.find(&original_url, &flake, &question.attribute);
        let found = found.and_then(|found| {
            Self::check(found)?;
            Ok(found)
        });
        match found {
            Ok(found) => Ok(Ok(Arc::new(self.evaluated(found, original_url)?))),
            Err(words) => Ok(Err(EvaluationFailure::of_words(&words))),
        }
    }

    pub(super) fn evaluated(&self, found: Found<'_>, original_url: String) -> Result<Evaluated, StoreError> {
        let package = found.package;
        let mut outputs = BTreeMap::new();
        for output in &package.outputs {
            outputs.insert(output.clone(), Some(self.planned(found, output)?.path));
        }
        let mut default_outputs = package.install.as_ref().unwrap_or(&package.outputs).clone();
        default_outputs.sort_unstable();
        let first = outputs.values().flatten().next();
        let name = first.map(|path| path.name().to_owned()).unwrap_or_default();
        let derivation = first.map(|path| format!("{path}.drv"));
        let (url, attr_path) = self.locked_at(found);
        Ok(Evaluated {
            original_url,
            url,
            attr_path,
            name,
            drv_path: derivation.and_then(|text| StorePath::parse(&self.objects.store_dir, &text).ok()),
            outputs,
            default_outputs,
            priority: (package.priority != DEFAULT_PRIORITY).then_some(package.priority),
            flags: MetaFlags::default(),
            description: Some(package.description.clone()),
            homepage: Some(package.homepage.clone()),
            licence: None,
            others: Vec::new(),
        })
    }

    /// What an output would be if it were made now.
    fn planned(&self, found: Found<'_>, output: &str) -> Result<Planned, StoreError> {
        let future = RefCell::new(BTreeSet::new());
        let files = RefCell::new(Vec::new());
        let path = self.put(found, output, 0, &|name, made_of| {
            let archive = nar_of(made_of).map_err(|error| StoreError::Unsupported(error.to_string()))?;
            let path = self.objects.path_if_added(name, &archive, &future.borrow())?;
            future.borrow_mut().insert(path.clone());
            *files.borrow_mut() = made_of.to_vec();
            Ok(path)
        })?;
        Ok(Planned { path, files: files.into_inner() })
    }

    /// The package, revision and output that a path would be made from.
    fn origin(&self, path: &StorePath) -> Result<Option<(Found<'_>, &str, Planned)>, StoreError> {
        for (attribute, package) in &self.world.packages {
            let name = package.store_name.as_deref().unwrap_or(attribute);
            if !path.name().starts_with(name) {
                continue;
            }
            for revision in &self.world.revisions {
                if self.world.version(package, revision).is_none() {
                    continue;
                }
                let found = Found { attribute, package, revision };
                for output in &package.outputs {
                    let planned = self.planned(found, output)?;
                    if planned.path == *path {
                        return Ok(Some((found, output, planned)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// All outputs of the package that a path is of.
    pub(super) fn siblings(
        &self,
        path: &StorePath,
    ) -> Result<Option<BTreeMap<String, StorePath>>, StoreError> {
        let Some((found, ..)) = self.origin(path)? else { return Ok(None) };
        let mut outputs = BTreeMap::new();
        for output in &found.package.outputs {
            outputs.insert(output.clone(), self.planned(found, output)?.path);
        }
        Ok(Some(outputs))
    }

    /// What is in a package that is not there yet. Nobody lists what has to be built.
    pub(super) fn listing(&self, path: &StorePath) -> Result<FileTrees, StoreError> {
        Ok(match self.origin(path)? {
            Some((found, _, planned)) if !found.is_built() => tree_of(path, &planned.files),
            _ => FileTrees::default(),
        })
    }

    /// What would come with a path that is not here, itself among it, as large as it would be made.
    fn coming(&self, path: &StorePath) -> Result<Vec<Fetched>, StoreError> {
        let Some((found, output, _)) = self.origin(path)? else {
            return Ok(vec![Fetched { path: path.clone(), sizes: None }]);
        };
        let future = RefCell::new(BTreeSet::new());
        let coming = RefCell::new(Vec::new());
        self.put(found, output, 0, &|name, made_of| {
            let archive = nar_of(made_of).map_err(|error| StoreError::Unsupported(error.to_string()))?;
            let path = self.objects.path_if_added(name, &archive, &future.borrow())?;
            if !self.objects.is_valid(&path) {
                let references = self.objects.references_of(&archive, &future.borrow());
                let unpacked = archive.len() as u64;
                let sizes = FetchedSizes { download: Some(unpacked), unpacked, references };
                coming.borrow_mut().push(Fetched { path: path.clone(), sizes: Some(sizes) });
            }
            future.borrow_mut().insert(path.clone());
            Ok(path)
        })?;
        Ok(coming.into_inner())
    }

    /// How what is wanted would come: what breaks would be built, the rest is copied as it is.
    pub(super) fn obtainable(&self, wanted: &[ToRealise]) -> Result<Obtainable, StoreError> {
        let mut obtainable = Obtainable::default();
        for wanted in wanted {
            for path in wanted.paths() {
                if self.origin(path)?.is_some_and(|(found, ..)| found.is_built()) {
                    obtainable.build.push(wanted.drv_path.clone().unwrap_or_else(|| path.clone()));
                } else {
                    obtainable.fetch.extend(self.coming(path)?);
                }
            }
        }
        obtainable.fetch.sort_by(|one, two| one.path.cmp(&two.path));
        obtainable.fetch.dedup_by(|one, two| one.path == two.path);
        obtainable.build.sort_unstable();
        obtainable.build.dedup();
        Ok(obtainable)
    }

    /// Makes what is wanted.
    pub(super) fn realise(&self, wanted: &ToRealise, telling: &mut Telling<'_>) -> Result<(), StoreError> {
        for path in wanted.paths() {
            if self.objects.is_valid(path) {
                continue;
            }
            let Some((found, output, _)) = self.origin(path)? else {
                return Err(StoreError::Vanished(path.to_string()));
            };
            if let Some(log) = found.package.breaks.get(&found.revision.name) {
                telling.breaks(path.name(), log)?;
                return Err(broken(found, log));
            }
            self.coming(path)?.iter().try_for_each(|fetched| telling.fetches(fetched))?;
            self.make(found, output)?;
        }
        Ok(())
    }
}

/// A package's files as a binary cache lists them.
fn tree_of(path: &StorePath, files: &[PackageFile]) -> FileTrees {
    let mut folders: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, EntryKind>> =
        BTreeMap::from([(path.as_str().as_bytes().to_vec(), BTreeMap::new())]);
    let mut propagated = Vec::new();
    for file in files {
        let mut folder = path.as_str().as_bytes().to_vec();
        let mut parts = file.path.split(|byte| *byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let below = [folder.as_slice(), b"/", part].concat();
            let kind = match parts.peek() {
                Some(_) => EntryKind::Directory(PathBytes::from(below.as_slice())),
                None => EntryKind::File,
            };
            folders.entry(folder).or_default().insert(part.to_vec(), kind);
            folder = below;
        }
        if let (PROPAGATED, FileContent::Regular { contents, .. }) = (file.path.as_slice(), &file.content) {
            let words = contents.split(|byte| matches!(byte, b' ' | b'\n'));
            propagated.extend(words.filter(|word| !word.is_empty()).map(PathBytes::from));
        }
    }
    let mut trees = FileTrees::default();
    for (folder, entries) in folders {
        let entries = entries.into_iter().filter(|(name, _)| !name.starts_with(b"."));
        let entries = entries.map(|(name, kind)| Entry { name: name.into(), kind, links_followed: 0 });
        let listed = Directory { entries: entries.collect(), unreadable: None, leads_into: Vec::new() };
        trees.directories.insert(folder.into(), Arc::new(listed));
    }
    let root = Root::Directory { real_path: bytes(path.as_str()), links_followed: 0 };
    let package = Package { root, propagated: Propagated::Paths(propagated), basis: Basis::Listing };
    trees.packages.insert(bytes(path.as_str()), package);
    trees
}

fn bytes(text: &str) -> PathBytes {
    Arc::from(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evaluation::FailureKind;
    use crate::core::manifest::ExtendedOutputsSpec;
    use crate::system::machine::{Cancel, NoProgress, Store as _, Watch};
    use crate::system::package_reader::{self, Depth};
    use crate::system::playground::PlaygroundStore;

    fn ask(store: &PlaygroundStore, reference: &str, attribute: &str) -> Answer {
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let question = Question::as_typed(reference, attribute);
        store.evaluate(&[question], &|_, _| {}, &watch).unwrap().remove(0)
    }

    fn wanted(package: &Evaluated) -> ToRealise {
        let outputs = package.chosen(&ExtendedOutputsSpec::All).unwrap();
        ToRealise { element: "x".to_owned(), drv_path: package.drv_path.clone(), outputs }
    }

    #[test]
    fn what_was_foreseen_and_listed_is_what_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let store = PlaygroundStore::empty(folder.path()).unwrap();
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        for attribute in ["bat", "curl", "python313"] {
            let package = ask(&store, "flake:nixpkgs", attribute).unwrap();
            let wanted = wanted(&package);
            let paths: Vec<StorePath> = wanted.paths().cloned().collect();
            assert!(paths.iter().all(|path| !std::path::Path::new(path.as_str()).exists()));
            let listed = store.listings(&paths, &watch).unwrap();
            let told = store.obtainable(std::slice::from_ref(&wanted), &watch).unwrap();
            store.realise(std::slice::from_ref(&wanted), &watch).unwrap().remove(0).unwrap();
            assert!(
                told.build.is_empty()
                    && paths.iter().all(|path| told.fetch.iter().any(|it| it.path == *path))
            );
            for Fetched { path, sizes } in told.fetch {
                let info = store.path_infos(&[path], &watch).unwrap().remove(0);
                assert_eq!(sizes.unwrap().unpacked, info.nar_size, "{attribute}");
            }
            let needs = crate::core::link_tree::TreeNeeds {
                packages: paths.iter().map(|path| PathBytes::from(path.as_str().as_bytes())).collect(),
                directories: Vec::new(),
            };
            let read = package_reader::read(&needs, Depth::Whole, store.store_dir());
            for (path, package) in &listed.packages {
                assert_eq!((&package.root, &package.propagated), {
                    let read = &read.packages[path];
                    (&read.root, &read.propagated)
                });
            }
            assert_eq!(listed.directories.len(), read.directories.len(), "{attribute}");
        }
    }

    #[test]
    fn failures_are_of_every_kind() {
        let folder = tempfile::tempdir().unwrap();
        let store = PlaygroundStore::empty(folder.path()).unwrap();
        let kind = |reference, attribute| ask(&store, reference, attribute).unwrap_err().kind;
        assert_eq!(kind("flake:nixpkgs", "zed"), FailureKind::Broken);
        assert_eq!(kind("flake:nixpkgs", "nosuch"), FailureKind::AttributeGone);
        assert_eq!(kind("github:no/body", "x"), FailureKind::Flake);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let broken = ask(&store, "flake:nixpkgs", "difftastic").unwrap();
        let answer = store.realise(&[wanted(&broken)], &watch).unwrap().remove(0);
        let Err(StoreError::Build { log, .. }) = answer else { panic!("{answer:?}") };
        assert!(log.last().unwrap().contains("could not compile"));
    }
}
