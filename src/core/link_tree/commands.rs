//! The commands of a profile: the files right below `bin`, which is what people notice first.
//!
//! A `bin` that one package alone brings is one link, which is never looked into to link it; its files
//! are commands all the same, so here it is. Folders below `bin` hold none: no PATH leads there.

use super::LinkTree;
use super::directory::{Link, Node};
use crate::core::file_tree::{EntryKind, PathBytes};

const FOLDER: &[u8] = b"bin";

/// Names of commands that come and go, each list in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandDifference {
    /// Only after.
    pub added: Vec<PathBytes>,
    /// Only before.
    pub removed: Vec<PathBytes>,
}

impl LinkTree {
    /// The names of all commands, in byte order. Of a package whose contents are not known there are none.
    pub fn commands(&self) -> Vec<&PathBytes> {
        match self.root.entry(FOLDER) {
            None => Vec::new(),
            Some(Node::Directory(folder)) => {
                let is_command = |node: &Node| matches!(node, Node::Link(link) if !link.folder);
                let commands = folder.entries.iter().filter(|(_, node)| is_command(node));
                commands.map(|(name, _)| name).collect()
            }
            Some(Node::Link(link)) => self.commands_of_one(link),
        }
    }

    /// Those of a `bin` that is linked whole.
    fn commands_of_one(&self, bin: &Link) -> Vec<&PathBytes> {
        let brings = self.root.contributors.iter().find(|contributor| contributor.source == bin.source);
        let entry = brings.and_then(|found| found.entries().iter().find(|entry| &*entry.name == FOLDER));
        let Some(EntryKind::Directory(real_path)) = entry.map(|entry| &entry.kind) else {
            return Vec::new();
        };
        let files = self.directories.get(real_path).into_iter().flat_map(|folder| &folder.entries);
        files.filter(|entry| entry.kind == EntryKind::File).map(|entry| &entry.name).collect()
    }

    /// The link that leads to a command: its own, or that of the whole folder.
    pub fn link_of_command(&self, name: &[u8]) -> Option<&Link> {
        let node = match self.root.entry(FOLDER)? {
            Node::Directory(folder) => folder.entry(name)?,
            whole @ Node::Link(_) => whole,
        };
        match node {
            Node::Link(link) => Some(link),
            Node::Directory(_) => None,
        }
    }

    /// Which commands come and go from `before` to `self`.
    pub fn command_difference(&self, before: &Self) -> CommandDifference {
        let (before, after) = (before.commands(), self.commands());
        let only = |these: &[&PathBytes], those: &[&PathBytes]| {
            let missing = these.iter().filter(|name| those.binary_search(name).is_err());
            missing.map(|name| PathBytes::clone(name)).collect()
        };
        CommandDifference { added: only(&after, &before), removed: only(&before, &after) }
    }
}

#[cfg(test)]
mod tests {
    use crate::core::change::Change;
    use crate::core::test_world::{World, add};
    use crate::core::visible;

    fn came_and_went(mut world: World, changes: Vec<Change>) -> [String; 2] {
        world.stage(changes);
        let plan = world.plan();
        let found = plan.tree_after.command_difference(&plan.tree_before);
        [found.added, found.removed]
            .map(|names| names.iter().map(|name| visible::bytes(name)).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_only_package_brings_and_takes_its_commands() {
        let files = ["bin/x", "bin/y", "bin/sub/z", "share/z"];
        let world = || World::new().installed("a-1", 5, &files).offered("b-2", 5, &["bin/w"]);
        let remove = || Change::Remove { element: "a".to_owned() };
        assert_eq!(came_and_went(world(), vec![]), ["", ""]);
        assert_eq!(came_and_went(world(), vec![remove()]), ["", "x y"]);
        assert_eq!(came_and_went(world(), vec![remove(), add("b")]), ["w", "x y"]);
        let stays = "a folder that is linked whole no longer";
        assert_eq!(came_and_went(world(), vec![add("b")]), ["w", ""], "{stays}");
        assert_eq!(came_and_went(World::new().offered("b-2", 5, &["bin/w"]), vec![add("b")]), ["w", ""]);
    }
}
