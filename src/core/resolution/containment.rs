//! An environment next to a package that it contains: why they collide, in those words.
//!
//! An environment (`buildEnv`, `symlinkJoin`, home-manager's one package) is made of links into other
//! packages. One of these that is installed on its own as well meets itself: at equal priority every
//! file of it is a tie. What the links lead into is known from reading the environment.

use super::groups::{CollisionGroup, GroupMember};
use crate::core::file_tree::{EntryKind, FileTrees, Root};

/// Two sides of a collision of which one contains the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Containment {
    /// The element that is made of links.
    pub environment: String,
    /// The element that stands beside it.
    pub contained: String,
}

impl Containment {
    /// Whether one side of the group contains another; the first that does.
    pub fn of(group: &CollisionGroup, trees: &FileTrees) -> Option<Self> {
        let path = group.paths.first()?;
        let sides = || group.elements.iter().filter_map(|member| Some((member, member.element.as_ref()?)));
        sides().find_map(|(outer, environment)| {
            let mut others = sides().filter(|(_, name)| *name != environment);
            let (_, contained) = others.find(|(inner, _)| leads_into(outer, inner, path, trees))?;
            Some(Self { environment: environment.clone(), contained: contained.clone() })
        })
    }

    /// What is the matter, in one sentence.
    pub fn words(&self) -> String {
        let Self { environment, contained } = self;
        format!("{environment} contains {contained}, which is installed on its own too")
    }
}

/// Whether a link of one package, somewhere on the way to `path`, leads into the other.
fn leads_into(outer: &GroupMember, inner: &GroupMember, path: &[u8], trees: &FileTrees) -> bool {
    let Some(object) = inner.package.rsplit(|byte| *byte == b'/').next() else { return false };
    let Some(package) = trees.packages.get(outer.package.as_slice()) else { return false };
    let Root::Directory { real_path, .. } = &package.root else { return false };
    let mut folder = real_path;
    for part in path.split(|byte| *byte == b'/') {
        let Some(known) = trees.directories.get(folder) else { return false };
        if known.leads_into.iter().any(|other| **other == *object) {
            return true;
        }
        let entry = known.entries.binary_search_by(|entry| (*entry.name).cmp(part));
        match entry.ok().map(|index| &known.entries[index].kind) {
            Some(EntryKind::Directory(next)) => folder = next,
            _ => return false,
        }
    }
    false
}
