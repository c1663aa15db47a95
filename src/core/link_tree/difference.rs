//! What changes from one tree to another, link by link.
//!
//! Both trees are walked side by side; folders that they share are skipped, so
//! telling a change of one priority costs what the change costs.

use std::sync::Arc;

use super::LinkTree;
use super::contributor::same_bytes;
use super::directory::{Link, LinkDirectory, Node};
use crate::core::file_tree::PathBytes;

/// Links that come, go or change, each list in byte order of the path's parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkDifference {
    /// Only after.
    pub added: Vec<(Vec<u8>, Link)>,
    /// Only before.
    pub removed: Vec<(Vec<u8>, Link)>,
    /// Path, before, after; targets differ.
    pub changed: Vec<(Vec<u8>, Link, Link)>,
}

type Entries<'a> = &'a [(PathBytes, Node)];

/// Two folders at one path; one may be missing.
struct Pair<'a> {
    before: Entries<'a>,
    after: Entries<'a>,
    /// The length of their path.
    length: usize,
}

impl<'a> Pair<'a> {
    /// Takes the next name with what either side has under it.
    fn next(&mut self) -> Option<(&'a PathBytes, Option<&'a Node>, Option<&'a Node>)> {
        let name = match (self.before.first(), self.after.first()) {
            (Some((before, _)), Some((after, _))) => before.min(after),
            (Some((name, _)), None) | (None, Some((name, _))) => name,
            (None, None) => return None,
        };
        Some((name, take(&mut self.before, name), take(&mut self.after, name)))
    }
}

fn take<'a>(entries: &mut Entries<'a>, name: &PathBytes) -> Option<&'a Node> {
    let ((first, node), rest) = entries.split_first()?;
    if !same_bytes(first, name) {
        return None;
    }
    *entries = rest;
    Some(node)
}

impl LinkTree {
    /// What changes from `before` to `self`, link by link; shared folders are not walked.
    pub fn difference(&self, before: &Self) -> LinkDifference {
        let mut difference = LinkDifference::default();
        let mut path = Vec::new();
        let mut stack = Vec::new();
        if !Arc::ptr_eq(&before.root, &self.root) {
            stack.push(Pair { before: &before.root.entries, after: &self.root.entries, length: 0 });
        }
        while let Some(pair) = stack.last_mut() {
            path.truncate(pair.length);
            let Some((name, before, after)) = pair.next() else {
                stack.pop();
                continue;
            };
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            difference.compare(&path, before, after);
            let (before, after) = (folder(before), folder(after));
            let shared = before.zip(after).is_some_and(|(before, after)| Arc::ptr_eq(before, after));
            if !shared && (before.is_some() || after.is_some()) {
                stack.push(Pair { before: entries(before), after: entries(after), length: path.len() });
            }
        }
        difference
    }
}

impl LinkDifference {
    /// Whether the trees hold the same links.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    fn compare(&mut self, path: &[u8], before: Option<&Node>, after: Option<&Node>) {
        match (link(before), link(after)) {
            (Some(before), Some(after)) => {
                if !same_bytes(&before.source, &after.source) {
                    self.changed.push((path.to_vec(), before.clone(), after.clone()));
                }
            }
            (Some(before), None) => self.removed.push((path.to_vec(), before.clone())),
            (None, Some(after)) => self.added.push((path.to_vec(), after.clone())),
            (None, None) => {}
        }
    }
}

fn link(node: Option<&Node>) -> Option<&Link> {
    match node {
        Some(Node::Link(link)) => Some(link),
        _ => None,
    }
}

fn folder(node: Option<&Node>) -> Option<&Arc<LinkDirectory>> {
    match node {
        Some(Node::Directory(folder)) => Some(folder),
        _ => None,
    }
}

fn entries(folder: Option<&Arc<LinkDirectory>>) -> Entries<'_> {
    folder.map_or(&[], |folder| &folder.entries)
}
