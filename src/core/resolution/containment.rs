//! An environment next to a package that it contains: why they collide, in those words.
//!
//! An environment (`buildEnv`, `symlinkJoin`, home-manager's one package) is made of links into other
//! packages. One of these that is installed on its own as well meets itself: at equal priority every
//! file of it is a tie. What the links lead into is known from reading the environment. Another version
//! of the same package collides just so, on the files that both versions have.

use super::groups::{CollisionGroup, GroupMember};
use crate::core::file_tree::{EntryKind, FileTrees, PathBytes, Root};
use crate::core::package::PackageName;

/// Bytes of the hash of a store path, with the dash behind it.
const HASH: usize = 33;

/// Two sides of a collision of which one contains the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Containment {
    /// The element that is made of links.
    pub environment: String,
    /// The element that stands beside it.
    pub contained: String,
    /// Whether the plan adds that only now.
    pub added: bool,
    /// What the environment has of it.
    pub what: Contained,
}

/// What an environment has of a package that stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contained {
    /// The very package.
    Itself,
    /// Another version of it.
    Version(String),
}

impl Containment {
    /// Whether one side of the group contains another; the first that does.
    pub fn of(group: &CollisionGroup, trees: &FileTrees) -> Option<Self> {
        let path = group.paths.first()?;
        let sides = || group.elements.iter().filter_map(|member| Some((member, member.element.as_ref()?)));
        sides().find_map(|(outer, environment)| {
            let mut others = sides().filter(|(_, name)| *name != environment);
            others.find_map(|(inner, contained)| {
                let (environment, contained) = (environment.clone(), contained.clone());
                let what = leads_into(outer, inner, path, trees)?;
                Some(Self { environment, contained, added: inner.added, what })
            })
        })
    }

    /// What is the matter, in one sentence.
    pub fn words(&self) -> String {
        let Self { environment, contained, .. } = self;
        let beside = if self.added { "is being added on its own too" } else { "is installed on its own too" };
        match &self.what {
            Contained::Itself => format!("{environment} contains {contained}, which {beside}"),
            Contained::Version(version) => format!(
                "{environment} contains another version of {contained}, {version}, and {contained} {beside}"
            ),
        }
    }

    /// What the environment has in place of the other, in words.
    pub fn has(&self) -> String {
        let what = match &self.what {
            Contained::Itself => "it",
            Contained::Version(version) => version,
        };
        format!("{} has {what}", self.environment)
    }
}

/// Whether a link of one package, somewhere on the way to `path`, leads into the other, or into another
/// version of it, which is then told.
fn leads_into(outer: &GroupMember, inner: &GroupMember, path: &[u8], trees: &FileTrees) -> Option<Contained> {
    let object = inner.package.rsplit(|byte| *byte == b'/').next()?;
    let name = PackageName::split(str::from_utf8(object.get(HASH..)?).ok()?);
    let package = trees.packages.get(outer.package.as_slice())?;
    let Root::Directory { real_path, .. } = &package.root else { return None };
    let (mut folder, mut other) = (real_path, None);
    for part in path.split(|byte| *byte == b'/') {
        let known = trees.directories.get(folder)?;
        if known.leads_into.iter().any(|other| **other == *object) {
            return Some(Contained::Itself);
        }
        let of_name = |base_name: &PathBytes| {
            let found = PackageName::split(str::from_utf8(base_name.get(HASH..)?).ok()?);
            (found.name == name.name && !found.version.is_empty()).then(|| found.version.to_owned())
        };
        other = other.or_else(|| known.leads_into.iter().find_map(of_name));
        let entry = known.entries.binary_search_by(|entry| (*entry.name).cmp(part));
        match entry.ok().map(|index| &known.entries[index].kind) {
            Some(EntryKind::Directory(next)) => folder = next,
            _ => break,
        }
    }
    other.filter(|version| *version != name.version).map(Contained::Version)
}
