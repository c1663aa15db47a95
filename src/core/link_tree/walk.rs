//! Walks over a finished tree: all links, one path, the NAR.
//!
//! Entries come in the order of a NAR: by name bytes, a folder's entries right
//! after it. The walk keeps a stack of its own, so depth costs no thread stack.

use std::io;
use std::sync::Arc;

use super::LinkTree;
use super::directory::{Link, LinkDirectory, Node};
use crate::core::nar::NarWriter;
use crate::core::store_path::StorePath;

const MANIFEST: &[u8] = b"manifest.json";

/// A walk in progress.
pub(super) struct Walk<'a> {
    /// Folder, its next entry, and the length of its path.
    stack: Vec<(&'a LinkDirectory, usize, usize)>,
    path: Vec<u8>,
    enters: fn(&LinkDirectory) -> bool,
}

/// A step of a walk.
pub(super) enum Visit<'a> {
    /// An entry; [`Walk::path`] is its path. If it is a folder that the walk enters, its entries
    /// are next.
    Entry { folder: &'a LinkDirectory, slot: usize },
    /// A folder that was entered has no more entries.
    Leave,
}

impl<'a> Walk<'a> {
    /// Walks what is below `root`, entering only the folders that `enters` picks.
    pub fn below(root: &'a LinkDirectory, enters: fn(&LinkDirectory) -> bool) -> Self {
        let stack = if enters(root) { vec![(root, 0, 0)] } else { Vec::new() };
        Self { stack, path: Vec::new(), enters }
    }

    /// The path of the entry visited last, without a leading slash.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Goes on by one step.
    pub fn next(&mut self) -> Option<Visit<'a>> {
        let (folder, next, length) = self.stack.last_mut()?;
        let (folder, slot) = (*folder, *next);
        self.path.truncate(*length);
        let Some((name, node)) = folder.entries.get(slot) else {
            self.stack.pop();
            return (!self.stack.is_empty()).then_some(Visit::Leave);
        };
        *next += 1;
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        if let Node::Directory(below) = node
            && (self.enters)(below)
        {
            self.stack.push((below, 0, self.path.len()));
        }
        Some(Visit::Entry { folder, slot })
    }
}

impl LinkTree {
    /// All links with their path (no leading slash), in byte order of the path's parts.
    pub fn links(&self) -> Vec<(Vec<u8>, Link)> {
        let mut links = Vec::with_capacity(self.root.counts.links);
        let mut walk = Walk::below(&self.root, |_| true);
        while let Some(visit) = walk.next() {
            let Visit::Entry { folder, slot } = visit else { continue };
            if let Node::Link(link) = &folder.entries[slot].1 {
                links.push((walk.path().to_vec(), link.clone()));
            }
        }
        links
    }

    /// The paths of the links that are wanted, in the order of [`LinkTree::links`].
    pub fn paths_where(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        let mut paths = Vec::new();
        let mut walk = Walk::below(&self.root, |_| true);
        while let Some(visit) = walk.next() {
            let Visit::Entry { folder, slot } = visit else { continue };
            if matches!(folder.entries[slot].1, Node::Link(_)) && wanted(walk.path()) {
                paths.push(walk.path().to_vec());
            }
        }
        paths
    }

    /// What stands at a path (no leading slash, empty for the root), if anything.
    pub fn get(&self, path: &[u8]) -> Option<Node> {
        if path.is_empty() {
            return Some(Node::Directory(Arc::clone(&self.root)));
        }
        self.locate(path).map(|(folder, slot)| folder.entries[slot].1.clone())
    }

    /// The folder that holds a path's last part, and its entry there.
    pub(super) fn locate(&self, path: &[u8]) -> Option<(&LinkDirectory, usize)> {
        let mut found: Option<(&LinkDirectory, usize)> = None;
        for name in path.split(|byte| *byte == b'/') {
            let folder = match found.map(|(folder, slot)| &folder.entries[slot].1) {
                None => &*self.root,
                Some(Node::Directory(below)) => below,
                Some(Node::Link(_)) => return None,
            };
            found = Some((folder, folder.slot(name)?));
        }
        found
    }

    /// Writes the profile's NAR with `manifest` as its `manifest.json`. No package has an entry of
    /// that name: the tree rules skip it.
    pub fn write_nar<W: io::Write>(&self, manifest: &str, sink: W) -> io::Result<W> {
        self.write_with(Manifest::Text(manifest), sink)
    }

    /// Writes the finished user environment as a NAR; `manifest` is the path that its `manifest.nix`
    /// leads to.
    pub fn write_environment_nar<W: io::Write>(&self, manifest: &StorePath, sink: W) -> io::Result<W> {
        self.write_with(Manifest::Link(manifest), sink)
    }

    fn write_with<W: io::Write>(&self, manifest: Manifest<'_>, sink: W) -> io::Result<W> {
        let mut nar = NarWriter::new(sink)?;
        nar.begin_directory()?;
        let mut walk = Walk::below(&self.root, |_| true);
        let mut depth = 0;
        let mut manifest_due = true;
        while let Some(visit) = walk.next() {
            let Visit::Entry { folder, slot } = visit else {
                depth -= 1;
                nar.end_directory()?;
                nar.end_entry()?;
                continue;
            };
            let (name, node) = &folder.entries[slot];
            if manifest_due && depth == 0 && **name > *manifest.name() {
                manifest_due = false;
                manifest.write(&mut nar)?;
            }
            nar.begin_entry(name)?;
            match node {
                Node::Link(link) => {
                    nar.symlink(&link.target(name))?;
                    nar.end_entry()?;
                }
                Node::Directory(_) => {
                    depth += 1;
                    nar.begin_directory()?;
                }
            }
        }
        if manifest_due {
            manifest.write(&mut nar)?;
        }
        nar.end_directory()?;
        Ok(nar.finish())
    }
}

/// The manifest in a profile's root.
#[derive(Clone, Copy)]
enum Manifest<'a> {
    /// The text of `manifest.json`.
    Text(&'a str),
    /// Where `manifest.nix` leads.
    Link(&'a StorePath),
}

impl Manifest<'_> {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Text(_) => MANIFEST,
            Self::Link(_) => b"manifest.nix",
        }
    }

    fn write<W: io::Write>(self, nar: &mut NarWriter<W>) -> io::Result<()> {
        nar.begin_entry(self.name())?;
        match self {
            Self::Text(text) => nar.file(text.as_bytes(), false)?,
            Self::Link(path) => nar.symlink(path.as_str().as_bytes())?,
        }
        nar.end_entry()
    }
}
