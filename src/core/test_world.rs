//! Small profiles for the unit tests of `core`: packages as lists of files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::Change;
use super::evaluation::{Evaluated, MetaFlags, Question};
use super::facts::Facts;
use super::file_tree::{Basis, Directory, Entry, EntryKind, Package, PathBytes, Propagated, Root};
use super::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use super::plan::{Base, Plan};
use super::store_path::{StoreDir, StorePath};
use super::transaction::Transaction;

/// A profile, the facts about it, and things that can be added.
pub struct World {
    pub base: Arc<Base>,
    pub facts: Facts,
    pub transaction: Transaction,
}

impl World {
    /// An empty profile.
    pub fn new() -> Self {
        let base = Base {
            store_path: None,
            manifest: ProfileManifest::default(),
            store_dir: StoreDir::new("/nix/store"),
        };
        Self { base: Arc::new(base), facts: Facts::default(), transaction: Transaction::default() }
    }

    /// Installs a package with these files.
    pub fn installed(mut self, name: &str, priority: i32, files: &[&str]) -> Self {
        let element = self.element(name, priority, files);
        let mut base = (*self.base).clone();
        let short = super::package::PackageName::split(name).name.to_owned();
        base.manifest.elements.insert(short, element);
        self.base = Arc::new(base);
        self
    }

    /// Offers a package as `nixpkgs#<name without version>`.
    pub fn offered(mut self, name: &str, priority: i32, files: &[&str]) -> Self {
        let path = self.element(name, priority, files).store_paths.remove(0);
        let short = super::package::PackageName::split(name).name.to_owned();
        let evaluated = Evaluated {
            url: "path:/nixpkgs".into(),
            priority: Some(priority),
            ..evaluated(name, short.clone(), path)
        };
        self.facts.evaluations.insert(Question::as_typed("nixpkgs", short), Ok(Arc::new(evaluated)));
        self
    }

    /// Lets an installed element come from `flake:nixpkgs`.
    pub fn of_nixpkgs(mut self, name: &str) -> Self {
        let mut base = (*self.base).clone();
        base.manifest.elements.get_mut(name).unwrap().source = Some(ElementSource {
            original_url: "flake:nixpkgs".into(),
            url: "github:NixOS/nixpkgs/old".into(),
            attr_path: format!("legacyPackages.x.{name}"),
            outputs: ExtendedOutputsSpec::Default,
        });
        self.base = Arc::new(base);
        self
    }

    /// What `flake:nixpkgs` has for an element today: this package, with these files if they are
    /// here already.
    pub fn newer(mut self, name: &str, package: &str, files: Option<&[&str]>) -> Self {
        let path = self.element(package, 5, files.unwrap_or_default()).store_paths[0].clone();
        if files.is_none() {
            let here = self.facts.trees.packages.get_mut(path.as_str().as_bytes()).unwrap();
            here.root = Root::Missing;
        }
        let attr_path = format!("legacyPackages.x.{name}");
        let evaluated = evaluated(package, attr_path.clone(), path);
        let question = Question::exactly("flake:nixpkgs", attr_path);
        self.facts.evaluations.insert(question, Ok(Arc::new(evaluated)));
        self
    }

    /// Lets a package that is not here be one that no cache lists either.
    pub fn nobody_lists(&mut self, package: &str) {
        let path = Self::new().element(package, 5, &[]).store_paths.remove(0);
        let known = self.facts.trees.packages.get_mut(path.as_str().as_bytes()).unwrap();
        (known.root, known.basis) = (Root::Missing, Basis::Unknown);
    }

    /// Lets links in the root folder of one package lead into another.
    pub fn leading_into(mut self, outer: &str, inner: &str) -> Self {
        let folder = |world: &mut Self, name: &str| world.element(name, 5, &[]).store_paths[0].clone();
        let mut aside = Self::new();
        let (outer, inner) = (folder(&mut aside, outer), folder(&mut aside, inner));
        let root = bytes(outer.as_str());
        let mut directory = (*self.facts.trees.directories[&root]).clone();
        directory.leads_into = vec![bytes(inner.base_name())];
        self.facts.trees.directories.insert(root, Arc::new(directory));
        self
    }

    /// Stages changes as one step.
    pub fn stage(&mut self, changes: Vec<Change>) {
        let plan = self.plan();
        self.transaction.stage(&plan.base.manifest, &plan.added, changes);
    }

    /// Plans what is staged.
    pub fn plan(&self) -> Plan {
        Plan::make(&self.base, &self.transaction, &self.facts, None)
    }

    fn element(&mut self, name: &str, priority: i32, files: &[&str]) -> ProfileElement {
        let hash: String = name
            .bytes()
            .filter(u8::is_ascii_digit)
            .cycle()
            .chain(std::iter::repeat(b'0'))
            .take(32)
            .map(char::from)
            .collect();
        let path = StorePath::parse(&self.base.store_dir, &format!("/nix/store/{hash}-{name}")).unwrap();
        let mut folders: BTreeMap<String, BTreeMap<String, EntryKind>> =
            BTreeMap::from([(path.to_string(), BTreeMap::new())]);
        for file in files {
            let mut folder = path.to_string();
            let parts: Vec<&str> = file.split('/').collect();
            for (depth, part) in parts.iter().enumerate() {
                let below = format!("{folder}/{part}");
                let kind = if depth + 1 == parts.len() {
                    EntryKind::File
                } else {
                    EntryKind::Directory(bytes(&below))
                };
                folders.entry(folder).or_default().insert((*part).to_owned(), kind);
                folder = below;
            }
        }
        for (folder, entries) in folders {
            let entries =
                entries.into_iter().map(|(name, kind)| Entry { name: bytes(&name), kind, links_followed: 0 });
            let directory =
                Directory { entries: entries.collect(), unreadable: None, leads_into: Vec::new() };
            self.facts.trees.directories.insert(bytes(&folder), Arc::new(directory));
        }
        let root = Root::Directory { real_path: bytes(path.as_str()), links_followed: 0 };
        let package = Package { root, propagated: Propagated::Paths(Vec::new()), basis: Basis::Exact };
        self.facts.trees.packages.insert(bytes(path.as_str()), package);
        ProfileElement { active: true, priority, store_paths: vec![path], source: None }
    }
}

/// What `flake:nixpkgs` tells of a package.
fn evaluated(name: &str, attr_path: String, path: StorePath) -> Evaluated {
    let drv_path = StorePath::parse(&StoreDir::new("/nix/store"), &format!("{path}.drv")).unwrap();
    Evaluated {
        original_url: "flake:nixpkgs".into(),
        url: "github:NixOS/nixpkgs/new".into(),
        attr_path,
        name: name.into(),
        drv_path: Some(drv_path),
        outputs: BTreeMap::from([("out".to_owned(), Some(path))]),
        default_outputs: vec!["out".into()],
        priority: None,
        flags: MetaFlags::default(),
        description: None,
        homepage: None,
        licence: None,
        others: Vec::new(),
    }
}

/// The addition of something that is offered.
pub fn add(name: &str) -> Change {
    Change::addition(format!("nixpkgs#{name}"), None)
}

fn bytes(text: &str) -> PathBytes {
    Arc::from(text.as_bytes())
}
