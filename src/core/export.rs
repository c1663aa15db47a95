//! A profile as something to keep: a list of installables, or a transaction that makes
//! the same profile again.
//!
//! The list is what one would type, `nixpkgs#git^doc,out`: it follows the references it
//! names. The transaction is exact: every addition carries the reference its element is
//! locked to, its priority, whether it is switched off, and its name where Nix would
//! derive another. What neither can say is told as a [`Caveat`].

use super::change::Change;
use super::flake_ref::FlakeRef;
use super::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use super::plan::adding::is_already_added;

/// What comes back otherwise than it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Caveat {
    /// Without a source each store path is an element of its own when it is added.
    #[error(
        "'{element}' has {count} store paths and no flake it came from; added again, each is an element of its own"
    )]
    SeveralPaths {
        /// The element.
        element: String,
        /// How many.
        count: usize,
    },
    /// Nothing is left to add.
    #[error("'{element}' has no store path and no flake it came from; it is left out")]
    Nothing {
        /// The element.
        element: String,
    },
    /// A changed working tree, for example.
    #[error("'{element}' comes from '{url}', which names no revision; what it gives then may differ")]
    NotLocked {
        /// The element.
        element: String,
        /// The reference.
        url: String,
    },
    /// A list has installables and nothing else.
    #[error("a list has no priorities and switches nothing off ({}); '--format json' keeps them", .elements.join(", "))]
    NotInList {
        /// The elements with a priority of their own or switched off.
        elements: Vec<String>,
    },
}

/// One installable per line, in the order of the names. `system` is the platform whose attributes
/// need not be spelt out, as `x86_64-linux`.
pub fn list(manifest: &ProfileManifest, system: &str) -> (Vec<String>, Vec<Caveat>) {
    let (mut lines, mut caveats) = (Vec::new(), Vec::new());
    for (name, element) in &manifest.elements {
        if let Some(source) = &element.source {
            let reference = source.original_url.strip_prefix("flake:").unwrap_or(&source.original_url);
            lines.push(source.installable(reference, source.short_attribute(Some(system))));
        } else {
            caveats.extend(without_source(name, element));
            lines.extend(element.store_paths.iter().map(ToString::to_string));
        }
    }
    let special = |element: &ProfileElement| !element.active || element.priority != DEFAULT_PRIORITY;
    let special = manifest.elements.iter().filter(|(_, element)| special(element));
    let elements: Vec<String> = special.map(|(name, _)| name.clone()).collect();
    if !elements.is_empty() {
        caveats.push(Caveat::NotInList { elements });
    }
    (lines, caveats)
}

/// The additions that make the profile again from an empty one.
pub fn transaction(manifest: &ProfileManifest) -> (Vec<Change>, Vec<Caveat>) {
    let (mut changes, mut caveats) = (Vec::new(), Vec::new());
    let mut so_far = ProfileManifest::default();
    for (name, element) in in_naming_order(manifest) {
        let base_name = element.base_name();
        let taken = so_far.elements.get(&base_name);
        let skipped = taken.is_some_and(|taken| is_already_added(taken, element));
        let derived = so_far.add(&base_name, element.clone());
        let own_name = (skipped || derived != *name).then(|| name.clone());
        if derived != *name {
            so_far.elements.remove(&derived);
            so_far.elements.insert(name.clone(), element.clone());
        }
        changes.extend(additions(element, own_name.as_deref()));
        caveats.extend(match &element.source {
            None => without_source(name, element),
            Some(source) if FlakeRef::parse(&source.url).is_ok_and(|url| url.is_locked(true)) => None,
            Some(source) => Some(Caveat::NotLocked { element: name.clone(), url: source.url.clone() }),
        });
    }
    (changes, caveats)
}

/// Elements in an order in which Nix would give them their names: `x`, `x-1`, `x-2`, … `x-10`.
fn in_naming_order(manifest: &ProfileManifest) -> Vec<(&String, &ProfileElement)> {
    let mut elements: Vec<_> = manifest.elements.iter().collect();
    elements.sort_by_cached_key(|(name, element)| {
        let base_name = element.base_name();
        let number = name.strip_prefix(&base_name).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        (base_name, number)
    });
    elements
}

fn additions(element: &ProfileElement, name: Option<&str>) -> Vec<Change> {
    let addition = |installable, locked| Change::Add {
        installable,
        priority: Some(element.priority),
        file: None,
        expr: None,
        locked,
        name: name.map(str::to_owned),
        active: element.active,
    };
    match &element.source {
        Some(source) => {
            let locked = (source.url != source.original_url).then(|| source.url.clone());
            vec![addition(source.installable(&source.original_url, &source.attr_path), locked)]
        }
        None => element.store_paths.iter().map(|path| addition(path.to_string(), None)).collect(),
    }
}

fn without_source(name: &str, element: &ProfileElement) -> Option<Caveat> {
    let element_name = name.to_owned();
    match element.store_paths.len() {
        0 => Some(Caveat::Nothing { element: element_name }),
        1 => None,
        count => Some(Caveat::SeveralPaths { element: element_name, count }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::evaluation::{Evaluated, MetaFlags};
    use crate::core::facts::Facts;
    use crate::core::installable::Installable;
    use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
    use crate::core::plan::{Base, Plan};
    use crate::core::store_path::{StoreDir, StorePath};
    use crate::core::transaction::Transaction;

    const SYSTEM: &str = "x86_64-linux";
    const LOCKED: &str = "github:o/r/9f2c1de4a8b360f7519ec2d38a6407bf51d90c6e";

    fn path(name: &str) -> StorePath {
        let text = format!("/nix/store/{}-{name}", "a".repeat(32));
        StorePath::parse(&StoreDir::new("/nix/store"), &text).unwrap()
    }

    fn from_flake(reference: &str, attribute: &str, priority: i32) -> ProfileElement {
        let source = ElementSource {
            original_url: reference.into(),
            url: LOCKED.into(),
            attr_path: format!("legacyPackages.{SYSTEM}.{attribute}"),
            outputs: ExtendedOutputsSpec::Default,
        };
        ProfileElement {
            active: true,
            priority,
            store_paths: vec![path(&attribute.replace(' ', "-"))],
            source: Some(source),
        }
    }

    fn by_path(names: &[&str]) -> ProfileElement {
        let store_paths = names.iter().map(|name| path(name)).collect();
        ProfileElement { active: true, priority: 5, store_paths, source: None }
    }

    fn manifest(elements: Vec<(&str, ProfileElement)>) -> ProfileManifest {
        ProfileManifest { elements: elements.into_iter().map(|(name, it)| (name.to_owned(), it)).collect() }
    }

    /// Carries a transaction out on an empty profile in a world where every reference is locked to
    /// what the manifest says, and evaluating one that is not locked gives something else.
    fn made_again(manifest: &ProfileManifest) -> ProfileManifest {
        let (changes, _) = transaction(manifest);
        let mut facts = Facts::default();
        for element in manifest.elements.values() {
            let Some(source) = &element.source else { continue };
            let installable = Installable::flake(source.installable(&source.url, &source.attr_path));
            let Ok((question, _)) = installable.as_package() else { continue };
            let path = element.store_paths[0].clone();
            let evaluated = Evaluated {
                original_url: source.url.clone(),
                url: source.url.clone(),
                attr_path: source.attr_path.clone(),
                name: path.name().to_owned(),
                drv_path: None,
                outputs: ["out", "doc"].map(|output| (output.to_owned(), Some(path.clone()))).into(),
                default_outputs: vec!["out".to_owned()],
                priority: None,
                flags: MetaFlags::default(),
                description: None,
                homepage: None,
                licence: None,
                others: Vec::new(),
            };
            facts.evaluations.insert(question, Ok(Arc::new(evaluated)));
        }
        let base = Base {
            store_path: None,
            manifest: ProfileManifest::default(),
            store_dir: StoreDir::new("/nix/store"),
        };
        let mut staged = Transaction::default();
        staged.stage(&base.manifest, &[], changes);
        Plan::make(&Arc::new(base), &staged, &facts, None).after
    }

    #[test]
    fn a_transaction_makes_the_same_manifest_again() {
        let mut off = from_flake("flake:nixpkgs", "podman", -3);
        off.active = false;
        let mut outputs = from_flake("flake:nixpkgs", "git", 5);
        outputs.source.as_mut().unwrap().outputs =
            ExtendedOutputsSpec::Names(vec!["doc".into(), "out".into()]);
        let mut whole = from_flake("path:/a b", "x+y", 7);
        whole.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::All;
        let mut elements = vec![
            ("podman", off),
            ("git", outputs),
            ("path:/a b#legacyPackages.x86_64-linux.x+y^*", whole),
            ("hello-1.0", by_path(&["hello-1.0"])),
            // Its namesake is gone.
            ("lonely-1", from_flake("flake:nixpkgs", "lonely", 5)),
            // Told apart by nothing but the name.
            ("twin", from_flake("flake:nixpkgs", "twin", 5)),
            ("twin-1", from_flake("flake:nixpkgs", "twin", 5)),
            ("renamed", from_flake("flake:nixpkgs", "other", 5)),
        ];
        let names: Vec<String> = (1..=11).map(|number| format!("many-{number}")).collect();
        elements.push(("many", from_flake("flake:nixpkgs", "many", 0)));
        for (number, name) in (1..).zip(&names) {
            elements.push((name, from_flake("flake:nixpkgs", "many", number)));
        }
        let manifest = manifest(elements);
        let (changes, caveats) = transaction(&manifest);
        assert_eq!(made_again(&manifest), manifest);
        assert_eq!(caveats, []);
        let with_name = changes.iter().filter(|change| matches!(change, Change::Add { name: Some(_), .. }));
        assert_eq!(with_name.count(), 4, "hello-1.0, lonely-1, twin-1, renamed");
    }

    #[test]
    fn what_is_locked_already_needs_no_lock() {
        let manifest = manifest(vec![("x", from_flake(LOCKED, "x", 5))]);
        let (changes, caveats) = transaction(&manifest);
        assert!(matches!(&changes[0], Change::Add { locked: None, .. }));
        assert_eq!((made_again(&manifest), caveats), (manifest, vec![]));
    }

    #[test]
    fn what_cannot_be_said_is_told() {
        let mut dirty = from_flake("git+file:///x", "dirty", 5);
        dirty.source.as_mut().unwrap().url = "git+file:///x".into();
        let manifest =
            manifest(vec![("several", by_path(&["a-1", "b-1"])), ("none", by_path(&[])), ("dirty", dirty)]);
        let (changes, caveats) = transaction(&manifest);
        assert_eq!(changes.len(), 3);
        assert_eq!(caveats.len(), 3);
        assert!(caveats.contains(&Caveat::SeveralPaths { element: "several".into(), count: 2 }));
        assert!(caveats.contains(&Caveat::Nothing { element: "none".into() }));
    }

    #[test]
    fn a_list_is_what_one_would_type() {
        let mut git = from_flake("flake:nixpkgs", "git", 5);
        git.source.as_mut().unwrap().outputs = ExtendedOutputsSpec::Names(vec!["doc".into(), "out".into()]);
        let mut other_system = from_flake("flake:nixpkgs", "wine", 5);
        other_system.source.as_mut().unwrap().attr_path = "legacyPackages.i686-linux.wine".into();
        let manifest = manifest(vec![
            ("a", by_path(&["a-1", "b-1"])),
            ("git", git),
            ("odd", from_flake("github:o/r/main?dir=sub", "a b", 6)),
            ("wine", other_system),
        ]);
        let (lines, caveats) = list(&manifest, SYSTEM);
        assert_eq!(lines[0], path("a-1").as_str());
        assert_eq!(
            lines[2..],
            [
                "nixpkgs#git^doc,out",
                "github:o/r/main?dir=sub#a%20b",
                "nixpkgs#legacyPackages.i686-linux.wine",
            ]
        );
        assert_eq!(caveats.len(), 2);
        assert!(caveats[1].to_string().contains("(odd)"));
    }
}
