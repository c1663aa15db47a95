//! Where a file of a profile comes from: who provides it, and whom that hides.
//!
//! The link tree knows every link and every real folder. What lies below a folder that
//! is linked whole comes from the package that brings the folder; whether it is there
//! only the disk can tell, so such an origin is marked.
//!
//! Example: `bin/jj` is provided by `jujutsu` (5) and hides that of `jj` (6).

use super::link_tree::{Claimant, LinkTree, Node, Role};

/// What stands at a path of a profile, and who brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOrigin {
    /// In the profile, no leading slash; empty for the profile's root.
    pub path: Vec<u8>,
    /// Whether it is a folder; what lies below a linked folder is taken for a file.
    pub folder: bool,
    /// Those whose file or folder it is: one for a link, all who are merged in a real folder.
    pub providers: Vec<Claimant>,
    /// Those it hides, strongest first.
    pub hidden: Vec<Claimant>,
    /// Those that stand in its way: ties and clashes, which Nix refuses to build.
    pub colliding: Vec<Claimant>,
    /// Whether it lies below a folder that is one link, so that the disk has the last word.
    pub below_link: bool,
}

/// The origin of a path in the profile (no leading slash); `None` where nothing stands.
pub fn of_path(tree: &LinkTree, path: &[u8]) -> Option<FileOrigin> {
    for end in ends_of_parts(path) {
        let node = tree.get(&path[..end])?;
        if end == path.len() {
            let folder = match &node {
                Node::Link(link) => link.folder,
                Node::Directory(_) => true,
            };
            return Some(standing(tree, path, folder));
        }
        if let Node::Link(link) = node {
            return link.folder.then(|| below(tree, path, end)).flatten();
        }
    }
    None
}

/// The paths of all links with this name, in the tree's order.
pub fn paths_named(tree: &LinkTree, name: &[u8]) -> Vec<Vec<u8>> {
    let links = tree.links().into_iter().map(|(path, _)| path);
    links.filter(|path| path.rsplit(|byte| *byte == b'/').next() == Some(name)).collect()
}

/// Where each part of a path ends: `a/bc` has 1 and 4.
fn ends_of_parts(path: &[u8]) -> impl Iterator<Item = usize> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(index, _)| index);
    slashes.chain((!path.is_empty()).then_some(path.len()))
}

fn standing(tree: &LinkTree, path: &[u8], folder: bool) -> FileOrigin {
    let mut origin = FileOrigin {
        path: path.to_vec(),
        folder,
        providers: Vec::new(),
        hidden: Vec::new(),
        colliding: Vec::new(),
        below_link: false,
    };
    for (claimant, role) in tree.claims_at(path) {
        match role {
            Role::Linked | Role::Merged => origin.providers.push(claimant),
            Role::Hidden => origin.hidden.push(claimant),
            Role::Tied | Role::Clashing => origin.colliding.push(claimant),
        }
    }
    origin.hidden.sort_by_key(|hidden| hidden.priority);
    origin
}

/// What lies below the linked folder whose path ends at `end`.
fn below(tree: &LinkTree, path: &[u8], end: usize) -> Option<FileOrigin> {
    let linked = standing(tree, &path[..end], true);
    let mut provider = linked.providers.into_iter().next()?;
    let target: Vec<u8> = provider.target.iter().chain(&path[end..]).copied().collect();
    provider.target = target.into();
    provider.folder = false;
    Some(FileOrigin {
        path: path.to_vec(),
        folder: false,
        providers: vec![provider],
        hidden: Vec::new(),
        colliding: Vec::new(),
        below_link: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::test_world::World;
    use crate::core::visible;

    fn origin(world: &World, path: &str) -> Option<FileOrigin> {
        of_path(&world.plan().tree_after, path.as_bytes())
    }

    fn names(claimants: &[Claimant]) -> Vec<String> {
        let name = |claimant: &Claimant| visible::bytes(&claimant.package)[44..].to_owned();
        claimants.iter().map(name).collect()
    }

    fn world() -> World {
        World::new()
            .installed("jujutsu-1", 5, &["bin/jj", "share/man/jj.1"])
            .installed("jj-2", 6, &["bin/jj", "bin/jj-extra"])
            .installed("old-jj-3", 7, &["bin/jj"])
    }

    #[test]
    fn the_winner_and_those_it_hides_are_told() {
        let found = origin(&world(), "bin/jj").unwrap();
        assert_eq!(names(&found.providers), ["jujutsu-1"]);
        assert_eq!(names(&found.hidden), ["jj-2", "old-jj-3"]);
        assert_eq!((found.folder, found.below_link), (false, false));
    }

    #[test]
    fn a_real_folder_has_all_that_are_merged() {
        let found = origin(&world(), "bin").unwrap();
        assert_eq!(names(&found.providers), ["jujutsu-1", "jj-2", "old-jj-3"]);
        assert!(found.folder && found.hidden.is_empty());
    }

    #[test]
    fn below_a_linked_folder_the_package_is_known_and_the_file_is_not() {
        let found = origin(&world(), "share/man/jj.1").unwrap();
        assert!(found.below_link && !found.folder);
        assert_eq!(names(&found.providers), ["jujutsu-1"]);
        assert!(found.providers[0].target.ends_with(b"-jujutsu-1/share/man/jj.1"));
        assert!(origin(&world(), "share").is_some_and(|share| share.folder && !share.below_link));
    }

    #[test]
    fn nothing_stands_where_nothing_is() {
        for path in ["", "bin/nope", "nope", "bin/jj/x", "bin//jj"] {
            assert_eq!(origin(&world(), path), None, "{path}");
        }
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let world = world();
        let tree = &world.plan().tree_after;
        assert_eq!(paths_named(tree, b"jj-extra"), [b"bin/jj-extra"]);
        assert_eq!(paths_named(tree, b"share"), [b"share"]);
        assert!(paths_named(tree, b"bin").is_empty(), "a real folder is no link");
    }
}
