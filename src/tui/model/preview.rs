//! Pane 0: the tree that would result line by line, its tabs, and searching it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tui_input::Input;

use super::ListCursor;
use crate::core::link_tree::LinkDifference;
use crate::core::resolution::CollisionKind;
use crate::ops::on_path::OnPath;

/// Pane 0.
#[derive(Debug, Default)]
pub struct PreviewPane {
    /// Which tab is shown.
    pub tab: PreviewTab,
    /// Among the shown lines of the tree.
    pub cursor: ListCursor,
    /// The lines of the tree tab; made in `update` when the plan or the folding changes.
    pub lines: Vec<TreeLine>,
    /// Folders (path in the profile) unfolded by hand; top folders with changes unfold themselves.
    pub unfolded: BTreeSet<Vec<u8>>,
    /// Folders folded by hand.
    pub folded: BTreeSet<Vec<u8>>,
    /// Whether unchanged links are shown.
    pub show_unchanged: bool,
    /// First line of the Diff and Info tabs.
    pub scroll: usize,
    /// Columns scrolled to the right.
    pub sideways: usize,
    /// Programs of the tree that were looked up in PATH, by name.
    pub on_path: BTreeMap<Vec<u8>, OnPath>,
    /// The one that is being looked up.
    pub on_path_asked: Option<Vec<u8>>,
    /// What is searched for in the tree's paths; empty when nothing is.
    pub search: Input,
    /// Whether keys go to the search.
    pub searching: bool,
    /// Where one was before the search; kept while its text is typed.
    pub search_from: Option<SearchOrigin>,
    /// Every link that comes, goes or changes; made with the plan.
    pub difference: Arc<LinkDifference>,
    /// Counts of the whole tree; made with the plan.
    pub total: TreeTotal,
}

/// Counts of the whole tree, before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeTotal {
    /// Links as the profile is.
    pub before: usize,
    /// Links as it would be.
    pub after: usize,
    /// Links only after.
    pub added: usize,
    /// Links with another target.
    pub changed: usize,
    /// Links only before.
    pub removed: usize,
    /// Ties and type clashes.
    pub blocking: usize,
}

/// Tabs of the preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreviewTab {
    /// The symlink tree that would result.
    #[default]
    Tree,
    /// What changes, element by element and link by link.
    Diff,
    /// Everything about the row under the cursor of the list.
    Info,
}

/// One line of the tree tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// Path in the profile, no leading slash.
    pub path: Vec<u8>,
    /// Nesting, 0 for entries of the root.
    pub depth: usize,
    /// What the line shows.
    pub kind: TreeLineKind,
    /// How it differs from the tree as it is.
    pub mark: TreeMark,
}

/// What a tree line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeLineKind {
    /// A real folder with its counts: links, added, changed, removed, blocking, and whether it is unfolded.
    Folder {
        /// Links below it.
        links: usize,
        /// Links only after.
        added: usize,
        /// Links with another target.
        changed: usize,
        /// Links only before.
        removed: usize,
        /// Ties and type clashes below it.
        blocking: usize,
        /// Whether its lines follow.
        open: bool,
    },
    /// A link: the package's name and version, and whether it is a whole folder.
    Link {
        /// Package name of the target, `fltk-1.3.11-bin`.
        package: String,
        /// Linked whole.
        folder: bool,
        /// What collides here, in words, if anything: "hides jj-1.9.2 (6)".
        note: Option<String>,
        /// Kind of collision here.
        collision: Option<CollisionKind>,
    },
    /// "… 302 unchanged (. to show)"
    Unchanged(usize),
}

/// How a line differs from the tree as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeMark {
    /// The same.
    Same,
    /// `+`
    Added,
    /// `-`
    Removed,
    /// `?`, because nobody knows yet what its element will hold.
    Awaited,
    /// `~`, with the package it was.
    Changed(String),
}

/// What the tree showed before a search went through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOrigin {
    /// The tab.
    pub tab: PreviewTab,
    /// The line.
    pub cursor: ListCursor,
    /// Its path.
    pub path: Vec<u8>,
    /// Folders unfolded by hand.
    pub unfolded: BTreeSet<Vec<u8>>,
    /// Folders folded by hand.
    pub folded: BTreeSet<Vec<u8>>,
    /// Whether unchanged links were shown.
    pub show_unchanged: bool,
}
