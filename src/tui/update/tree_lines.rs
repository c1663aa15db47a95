//! The lines of the tree tab: the tree as it would be, merged with what would leave it.
//!
//! Only unfolded folders are listed; folders whose subtree is shared by both trees are
//! not walked at all, so that a key costs what it changes and not what is installed.
//! In a folder where something changes or collides the links that stay are one line,
//! `… 302 unchanged`, until they are asked for.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::counting::counted;
use crate::core::link_tree::{Claimant, Collisions, Link, LinkDirectory, Node};
use crate::core::package::package_name;
use crate::core::plan::{Fate, Plan};
use crate::core::resolution::CollisionKind;
use crate::core::visible;
use crate::tui::model::{Model, PreviewPane, TreeLine, TreeLineKind, TreeMark};

/// Makes the lines again, after planning or folding; the cursor stays on its line if it is still there.
pub(super) fn make(model: &mut Model) {
    let Some(plan) = model.plan.clone() else {
        model.preview.lines.clear();
        return;
    };
    let selected = model.preview.lines.get(model.preview.cursor.selected).cloned();
    let mut walk =
        Walk { plan: &plan, pane: &model.preview, notes: notes(&plan.collisions), lines: Vec::new() };
    walk.list(Some(&plan.tree_before.root), Some(&plan.tree_after.root), &[], 0);
    let lines = walk.lines;
    if let Some(selected) = selected {
        let is_same = |line: &TreeLine| {
            line.path == selected.path
                && std::mem::discriminant(&line.kind) == std::mem::discriminant(&selected.kind)
        };
        // Folders come before what is in them: a line that is gone leaves its cursor to its neighbour.
        let position = lines.iter().position(is_same);
        let position = position.or_else(|| lines.iter().position(|line| line.path == selected.path));
        model.preview.cursor.selected = position.unwrap_or(model.preview.cursor.selected);
    }
    model.preview.lines = lines;
}

/// What collides at each path.
type Notes<'a> = BTreeMap<&'a [u8], Note<'a>>;

/// One collision, formatted only if its line is shown.
#[derive(Clone, Copy)]
struct Note<'a> {
    kind: CollisionKind,
    others: &'a [Claimant],
}

fn notes(collisions: &Collisions) -> Notes<'_> {
    let mut notes = Notes::new();
    for found in &collisions.shadowed {
        let note = Note { kind: CollisionKind::Shadowed, others: &found.losers };
        notes.insert(&found.path, note);
    }
    for found in &collisions.latent {
        let note = Note { kind: CollisionKind::Latent, others: &found.claimants };
        notes.insert(&found.path, note);
    }
    for found in &collisions.type_clashes {
        let note = Note { kind: CollisionKind::TypeClash, others: &found.claimants };
        notes.insert(&found.path, note);
    }
    for found in &collisions.ties {
        let note = Note { kind: CollisionKind::Tie, others: &found.claimants };
        notes.insert(&found.path, note);
    }
    notes
}

impl Note<'_> {
    fn words(&self) -> String {
        let sides: Vec<String> = self.others.iter().map(side).collect();
        match self.kind {
            CollisionKind::Tie => format!("tie: {}", sides.join(" × ")),
            CollisionKind::TypeClash => format!("file against folder: {}", sides.join(" × ")),
            CollisionKind::Shadowed => format!("hides {}", sides.join(", ")),
            CollisionKind::Latent => format!("hides {}", sides.join(" = ")),
        }
    }
}

fn side(claimant: &Claimant) -> String {
    format!("{} ({})", package_label(&claimant.package), claimant.priority)
}

/// `fltk-1.3.11-bin` of a package's path.
pub(super) fn package_label(package: &[u8]) -> String {
    visible::text(&package_name(package))
}

/// How a subtree differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    added: usize,
    changed: usize,
    removed: usize,
    /// What is neither gone nor there.
    awaited: usize,
}

impl Counts {
    fn any(self) -> bool {
        self != Self::default()
    }

    fn absorb(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
        self.awaited += other.awaited;
    }
}

fn links(node: &Node) -> usize {
    match node {
        Node::Link(_) => 1,
        Node::Directory(directory) => directory.counts.links,
    }
}

/// An entry's name with what stands there before and after.
type Pair<'a> = (&'a [u8], Option<&'a Node>, Option<&'a Node>);

/// The entries of both folders in byte order.
fn merged<'a>(before: Option<&'a LinkDirectory>, after: Option<&'a LinkDirectory>) -> Vec<Pair<'a>> {
    let (mut before, mut after) =
        (before.map_or(&[][..], |folder| &folder.entries), after.map_or(&[][..], |folder| &folder.entries));
    let mut pairs: Vec<Pair<'a>> = Vec::with_capacity(before.len().max(after.len()));
    loop {
        let order = match (before.first(), after.first()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((two, _))) => one.cmp(two),
        };
        let (mut old, mut new) = (None, None);
        if order != Ordering::Greater {
            old = before.split_off_first();
        }
        if order != Ordering::Less {
            new = after.split_off_first();
        }
        let name = old.or(new).map_or(&[][..], |(name, _)| &name[..]);
        pairs.push((name, old.map(|(_, node)| node), new.map(|(_, node)| node)));
    }
}

/// One walk over the unfolded part of both trees.
struct Walk<'a> {
    plan: &'a Plan,
    pane: &'a PreviewPane,
    notes: Notes<'a>,
    lines: Vec<TreeLine>,
}

impl Walk<'_> {
    fn list(
        &mut self,
        before: Option<&LinkDirectory>,
        after: Option<&LinkDirectory>,
        folder: &[u8],
        depth: usize,
    ) {
        let hides = self.hides_unchanged(before, after, folder);
        let mut hidden = 0;
        for (name, before, after) in merged(before, after) {
            let path = if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() };
            match (before, after) {
                // As long as something below is awaited, the folder is taken to stay one.
                (Some(Node::Directory(now)), Some(Node::Link(_))) if self.plan.is_awaited_below(now) => {
                    self.folder(before, None, &path, depth);
                }
                (before, Some(Node::Directory(after))) => {
                    let before = before.cloned();
                    self.folder(before.as_ref(), Some(after), &path, depth);
                }
                (Some(Node::Directory(_)), None) => self.folder(before, None, &path, depth),
                (before, Some(Node::Link(link))) => {
                    let mark = link_mark(before, link);
                    if hides && mark == TreeMark::Same && !self.notes.contains_key(&path[..]) {
                        hidden += 1;
                    } else {
                        self.link(link, path, (depth, mark));
                    }
                }
                (Some(Node::Link(link)), None) => {
                    let mark = match self.plan.fate(link) {
                        Fate::Gone => TreeMark::Removed,
                        Fate::Awaited => TreeMark::Awaited,
                        Fate::Stays => TreeMark::Same,
                    };
                    self.link(link, path, (depth, mark));
                }
                (None, None) => {}
            }
        }
        if hidden > 0 {
            let kind = TreeLineKind::Unchanged(hidden);
            self.lines.push(TreeLine { path: folder.to_vec(), depth, kind, mark: TreeMark::Same });
        }
    }

    fn counts(&self, before: Option<&Node>, after: Option<&Node>) -> Counts {
        match (before, after) {
            (Some(Node::Directory(before)), Some(Node::Directory(after))) => self.between(before, after),
            (Some(Node::Link(before)), Some(Node::Link(after))) => {
                Counts { changed: usize::from(before.source != after.source), ..Counts::default() }
            }
            (Some(before @ Node::Directory(now)), Some(Node::Link(_))) if self.plan.is_awaited_below(now) => {
                self.gone(before)
            }
            (before, after) => {
                let gone = before.map_or_else(Counts::default, |before| self.gone(before));
                Counts { added: after.map_or(0, links), ..gone }
            }
        }
    }

    fn between(&self, before: &Arc<LinkDirectory>, after: &Arc<LinkDirectory>) -> Counts {
        let mut counts = Counts::default();
        if Arc::ptr_eq(before, after) {
            return counts;
        }
        for (_, before, after) in merged(Some(before), Some(after)) {
            counts.absorb(self.counts(before, after));
        }
        counts
    }

    fn gone(&self, node: &Node) -> Counts {
        let mut counts = Counts::default();
        match node {
            _ if !self.plan.awaits_any() => counts.removed = links(node),
            Node::Link(link) => match self.plan.fate(link) {
                Fate::Gone => counts.removed = 1,
                Fate::Awaited => counts.awaited = 1,
                Fate::Stays => {}
            },
            Node::Directory(folder) => {
                folder.entries.iter().for_each(|(_, below)| counts.absorb(self.gone(below)));
            }
        }
        counts
    }

    fn hides_unchanged(
        &self,
        before: Option<&LinkDirectory>,
        after: Option<&LinkDirectory>,
        folder: &[u8],
    ) -> bool {
        if self.pane.show_unchanged || self.plan.changes.is_empty() {
            return false;
        }
        let changes =
            merged(before, after).iter().any(|(_, before, after)| self.counts(*before, *after).any());
        changes || self.blocking(folder) > 0
    }

    fn folder(
        &mut self,
        before: Option<&Node>,
        after: Option<&Arc<LinkDirectory>>,
        path: &[u8],
        depth: usize,
    ) {
        let node = after.map(|after| Node::Directory(Arc::clone(after)));
        let counts = self.counts(before, node.as_ref());
        let blocking = self.blocking(path);
        let open = self.is_open(path, depth, counts.any() || blocking > 0);
        let mark = match (before, after) {
            (None, _) => TreeMark::Added,
            (_, None) if counts.removed == 0 && counts.awaited > 0 => TreeMark::Awaited,
            (_, None) => TreeMark::Removed,
            (Some(Node::Link(link)), _) => TreeMark::Changed(package_label(&link.package)),
            _ => TreeMark::Same,
        };
        let kind = TreeLineKind::Folder {
            links: node.as_ref().or(before).map_or(0, links),
            added: counts.added,
            changed: counts.changed,
            removed: counts.removed,
            blocking,
            open,
        };
        self.lines.push(TreeLine { path: path.to_vec(), depth, kind, mark });
        if open {
            let before = match before {
                Some(Node::Directory(before)) => Some(Arc::clone(before)),
                _ => None,
            };
            self.list(before.as_deref(), after.map(|after| &**after), path, depth + 1);
        }
    }

    fn link(&mut self, link: &Link, path: Vec<u8>, (depth, mark): (usize, TreeMark)) {
        let goes = matches!(mark, TreeMark::Removed | TreeMark::Awaited);
        let note = if goes { None } else { self.notes.get(&path[..]) };
        let kind = TreeLineKind::Link {
            package: package_label(&link.package),
            folder: link.folder,
            note: note.map(Note::words),
            collision: note.map(|note| note.kind),
        };
        self.lines.push(TreeLine { path, depth, kind, mark });
    }

    /// By hand, else top folders in which something happens; without a plan `bin`, which is what
    /// people look for first.
    fn is_open(&self, path: &[u8], depth: usize, happens: bool) -> bool {
        if self.pane.unfolded.contains(path) {
            return true;
        }
        if depth > 0 || self.pane.folded.contains(path) {
            return false;
        }
        happens || self.pane.difference.is_empty() && path == b"bin"
    }

    /// Ties and type clashes at a folder's path and below it.
    fn blocking(&self, folder: &[u8]) -> usize {
        let below = [folder, b"/"].concat();
        let at = self.notes.get(folder).filter(|note| note.kind.is_blocking()).map_or(0, |_| 1);
        let found = self.notes.range(&below[..]..).take_while(|(path, _)| path.starts_with(&below));
        at + found.filter(|(_, note)| note.kind.is_blocking()).count()
    }
}

fn link_mark(before: Option<&Node>, link: &Link) -> TreeMark {
    match before {
        None => TreeMark::Added,
        Some(Node::Link(before)) if before.source == link.source => TreeMark::Same,
        Some(Node::Link(before)) => TreeMark::Changed(package_label(&before.package)),
        Some(Node::Directory(before)) => {
            TreeMark::Changed(format!("a folder of {}", counted(before.counts.links, "link")))
        }
    }
}
