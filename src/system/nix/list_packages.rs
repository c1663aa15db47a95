//! Lists all packages of a flake, or of a [`file`]: a flake is locked once, and evaluated by several processes one after the
//! other and two at a time, each of which is asked about a part of the attributes, so that there is
//! progress and no process grows without end.
//!
//! `listing.nix` catches what throws. What cannot be caught (`abort`, a type error) ends a process;
//! then its part is halved until the culprit is alone, and a set of packages with a culprit in it is
//! taken apart in the same way. Nothing is built: what would have to be, to be evaluated, fails.
//!
//! What was listed is kept on disk ([`KeptListings`]) by the flake's fingerprint. A tree that is not
//! locked, or may look at the machine, is listed anew each time.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::NixStore;
use super::arguments;
use super::edited_registry;
use super::environment::NixEnvironment;
use super::kept_answers::Circumstances;
use super::kept_listings::KeptListings;
use super::locked::{self, Locked, Trouble};
use super::run::{self, Patience};
use super::scratch::{self, ScratchFolder};
use crate::core::evaluation::EvaluationFailure;
use crate::core::installable::Installable;
use crate::core::nix_text;
use crate::core::package_list::{
    self, ListedPackage, PackageList, PackageMarks, PackageRoot, PackageSource, SourceScope, UNTOLD,
};
use crate::system::machine::{
    Freshness, Listed, ListingProgress, ListingTold, Store as _, StoreError, Watch,
};

mod file;

/// How many processes evaluate at a time.
const SIDE_BY_SIDE: usize = 2;

/// How many attributes one process is asked about.
const PART: usize = 2000;

const FUNCTION: &str = include_str!("listing.nix");

/// Attributes of one set, to be listed.
struct Part {
    root: PackageRoot,
    /// The set below the root.
    below: Vec<String>,
    names: Vec<String>,
}

impl Part {
    fn with(&self, names: &[String]) -> Self {
        Self { root: self.root, below: self.below.clone(), names: names.to_vec() }
    }
}

/// What `listing.nix` tells of an attribute.
#[derive(Deserialize)]
struct Told {
    path: Vec<String>,
    names: Option<Vec<String>>,
    #[serde(default)]
    fails: bool,
    throws: Option<String>,
    name: Option<String>,
    version: Option<String>,
    outputs: Option<Vec<String>>,
    description: Option<String>,
    homepage: Option<String>,
    licence: Option<String>,
    #[serde(default)]
    marks: u8,
}

impl NixStore {
    pub(super) fn list_packages_of(
        &self,
        source: &PackageSource,
        freshness: Freshness,
        told: &ListingTold<'_>,
        watch: &Watch<'_>,
    ) -> Result<Listed, StoreError> {
        let version = self.usable()?.version.title();
        let parent = self.environment.temporary_folder();
        scratch::sweep(&parent);
        let scratch = ScratchFolder::make(&parent, scratch::SCRATCH)?;
        let environment = self.listing_environment(source, &scratch)?;
        told(ListingProgress::default());
        if source.scope == SourceScope::File {
            return self.list_file(source, environment, told, watch);
        }
        let run = |words: &[OsString]| run::run_with_patience(&environment, words, Patience::Short, watch);
        let locked =
            locked::lock(&source.reference, freshness, (environment.clone(), self.options.clone()), &run)
                .map_err(|trouble| in_error(source, trouble))?;
        let system = self.system();
        let circumstances = Circumstances {
            environment: &self.environment,
            store_dir: &self.store_dir,
            version: &version,
            system: &system,
            options: &locked.options,
        };
        let key = locked.fingerprint.as_deref().and_then(|it| circumstances.key(it, FUNCTION));
        let kept = key.map(|key| KeptListings::of(&self.environment, key));
        let listed = |list| Listed {
            original_url: locked.original_url.clone(),
            url: locked.url.clone(),
            system: system.clone(),
            whole: None,
            list,
        };
        if let Some(list) = kept.as_ref().and_then(KeptListings::read) {
            return Ok(listed(list));
        }
        let listing = Listing {
            target: Target::Flake(&locked),
            system: system.clone(),
            found: Mutex::default(),
            told,
            watch,
        };
        let list = listing.make().map_err(|trouble| in_error(source, trouble))?;
        if let Some(kept) = kept {
            kept.write(&list);
        }
        Ok(listed(list))
    }

    /// Where processes leave what they drop when they are stopped, and by which registry they look names up.
    fn listing_environment(
        &self,
        source: &PackageSource,
        scratch: &ScratchFolder,
    ) -> Result<NixEnvironment, StoreError> {
        let environment = self.environment.with("TMPDIR", scratch.path().as_os_str());
        match &source.registry {
            Some(text) => edited_registry::environment(&environment, scratch.path(), text),
            None => Ok(environment),
        }
    }
}

fn in_error(source: &PackageSource, trouble: Trouble) -> StoreError {
    match trouble {
        Trouble::Stop(error) => error,
        Trouble::Failed(failure) => StoreError::Evaluation {
            installable: source.reference.clone(),
            message: failure.message.to_string(),
        },
    }
}

/// What is evaluated.
enum Target<'a> {
    Flake(&'a Locked),
    File { file: Installable, environment: NixEnvironment, options: Vec<String> },
}

/// A flake or a file while it is listed.
struct Listing<'a> {
    target: Target<'a>,
    system: String,
    found: Mutex<Found>,
    told: &'a ListingTold<'a>,
    watch: &'a Watch<'a>,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    list: PackageList,
    progress: ListingProgress,
    waiting: VecDeque<Part>,
    stop: Option<StoreError>,
}

impl Listing<'_> {
    fn make(self) -> Result<PackageList, Trouble> {
        let roots: &[PackageRoot] = match self.target {
            Target::Flake(_) => &[PackageRoot::Packages, PackageRoot::LegacyPackages],
            Target::File { .. } => &[PackageRoot::LegacyPackages],
        };
        for &root in roots {
            let whole = Part { root, below: Vec::new(), names: Vec::new() };
            let names = self.names(&whole)?;
            self.add_waiting(&whole, &names);
        }
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| self.work_off());
            }
        });
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        match found.stop {
            Some(error) => Err(Trouble::Stop(error)),
            None => Ok(found.list.finished()),
        }
    }

    /// The names in a set, which evaluates nothing but the set itself.
    fn names(&self, part: &Part) -> Result<Vec<String>, Trouble> {
        let told = self.ask(part, Asked::Names)?;
        Ok(told.into_iter().filter_map(|told| told.names).flatten().collect())
    }

    fn add_waiting(&self, part: &Part, names: &[String]) {
        // No installable can name what has a quote in it.
        let names: Vec<String> = names.iter().filter(|name| !name.contains('"')).cloned().collect();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.progress.of += names.len();
        found.waiting.extend(names.chunks(PART).map(|names| part.with(names)));
    }

    fn work_off(&self) {
        loop {
            let next = self.found.lock().unwrap_or_else(PoisonError::into_inner).waiting.pop_front();
            let Some(part) = next else { return };
            if let Err(error) = self.list(&part) {
                let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                found.waiting.clear();
                found.stop.get_or_insert(error);
                return;
            }
        }
    }

    fn list(&self, part: &Part) -> Result<(), StoreError> {
        match (self.ask(part, Asked::All), part.names.as_slice()) {
            (Ok(told), _) => {
                self.take(part, told);
                Ok(())
            }
            (Err(Trouble::Stop(error)), _) => Err(error),
            (Err(Trouble::Failed(failure)), [name]) => self.culprit(part, name, &failure),
            (Err(Trouble::Failed(_)), names) => {
                let (left, right) = names.split_at(names.len() / 2);
                self.list(&part.with(left))?;
                self.list(&part.with(right))
            }
        }
    }

    /// One attribute that ends the process: a set is looked through name by name.
    fn culprit(&self, part: &Part, name: &str, failure: &EvaluationFailure) -> Result<(), StoreError> {
        match self.ask(part, Asked::Shallow) {
            Err(Trouble::Stop(error)) => return Err(error),
            Err(Trouble::Failed(failure)) => self.fail(part, name, &failure),
            Ok(told) => match told.into_iter().next().and_then(|told| told.names) {
                Some(names) => {
                    let below = [part.below.as_slice(), &[name.to_owned()]].concat();
                    self.add_waiting(&Part { root: part.root, below, names: Vec::new() }, &names);
                    self.looked_at(1);
                }
                None => self.fail(part, name, failure),
            },
        }
        Ok(())
    }

    fn fail(&self, part: &Part, name: &str, failure: &EvaluationFailure) {
        let path = [part.below.as_slice(), &[name.to_owned()]].concat();
        let package = ListedPackage {
            root: part.root,
            attribute: &package_list::attribute_path(&path),
            failure: Some(&failure.message),
            ..ListedPackage::default()
        };
        self.found.lock().unwrap_or_else(PoisonError::into_inner).list.push(&package);
        self.looked_at(1);
    }

    fn take(&self, part: &Part, told: Vec<Told>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for told in told {
            let path = [part.below.as_slice(), &told.path].concat();
            if path.iter().any(|name| name.contains('"')) || told.names.is_some() {
                continue;
            }
            let thrown = told.throws.map(|what| format!("its {what} does not evaluate"));
            let untold = told.fails.then(|| UNTOLD.to_owned());
            found.list.push(&ListedPackage {
                root: part.root,
                attribute: &package_list::attribute_path(&path),
                name: told.name.as_deref().unwrap_or_default(),
                version: told.version.as_deref().unwrap_or_default(),
                description: told.description.as_deref().unwrap_or_default(),
                outputs: &told.outputs.unwrap_or_default().join(" "),
                homepage: told.homepage.as_deref().unwrap_or_default(),
                licence: told.licence.as_deref().unwrap_or_default(),
                marks: PackageMarks::of_bits(told.marks),
                failure: thrown.or(untold).as_deref(),
            });
        }
        drop(found);
        self.looked_at(part.names.len());
    }

    fn looked_at(&self, names: usize) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.progress.done += names;
        found.progress.packages = found.list.len();
        let progress = found.progress;
        drop(found);
        (self.told)(progress);
    }

    /// One process.
    fn ask(&self, part: &Part, asked: Asked) -> Result<Vec<Told>, Trouble> {
        let root = match part.root {
            PackageRoot::Packages => "packages",
            PackageRoot::LegacyPackages => "legacyPackages",
        };
        let mut path = match self.target {
            Target::Flake(_) => vec![root.to_owned(), self.system.clone()],
            Target::File { .. } => Vec::new(),
        };
        path.extend(part.below.iter().cloned());
        // Nix looks for no packages in the packages of `packages`.
        let inside = asked == Asked::All && part.root == PackageRoot::LegacyPackages;
        let names = (asked != Asked::Names).then_some(&part.names);
        let question = serde_json::json!({ "path": path, "names": names, "inside": inside }).to_string();
        let function = format!("({FUNCTION}) (builtins.fromJSON {})", nix_text::string(&question));
        self.apply(&function)
    }

    /// What a function makes of the flake's outputs, or of the file once it is called.
    fn apply<T: DeserializeOwned>(&self, function: &str) -> Result<T, Trouble> {
        let (mut words, environment) = match &self.target {
            Target::Flake(locked) => {
                let words = arguments::evaluate_outputs(&locked.target, function, &locked.options);
                (words, &locked.environment)
            }
            Target::File { file, environment, options } => {
                let function = format!("value: ({function}) ({} value)", file::CALLED);
                (arguments::evaluate_packages(file, &function, options), environment)
            }
        };
        words.splice(1..1, ["--option", "allow-import-from-derivation", "false"].map(OsString::from));
        let output =
            run::run_with_patience(environment, &words, Patience::Short, self.watch).map_err(|error| {
                match locked::in_words(error) {
                    Ok(message) => Trouble::Failed(EvaluationFailure::of_words(&message)),
                    Err(error) => Trouble::Stop(error),
                }
            })?;
        serde_json::from_slice(&output).map_err(|error| {
            let words = format!("nix printed something firn cannot read: {error}");
            Trouble::Failed(EvaluationFailure::of_words(&words))
        })
    }
}

/// What is asked of a set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The names in it.
    Names,
    /// What these attributes are, sets not looked into.
    Shallow,
    /// All packages in these attributes.
    All,
}
