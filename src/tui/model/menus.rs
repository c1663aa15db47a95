//! Menus: what can be copied, and all actions by name.

use tui_input::Input;

use super::ListCursor;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;

/// `Y`: the menu of what can be copied.
#[derive(Debug, Default)]
pub struct CopyMenu {
    /// Whom it is about, for the title.
    pub about: String,
    /// What it offers; made when it opens.
    pub rows: Vec<CopyRow>,
    /// Among the rows.
    pub cursor: ListCursor,
}

/// A line of the copy menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyRow {
    /// What it is: "store path".
    pub label: &'static str,
    /// The text, or why there is none.
    pub text: Result<String, String>,
}

/// `:`: all actions.
#[derive(Debug)]
pub struct PaletteScreen {
    /// The place that had the keys.
    pub scope: Scope,
    /// Filter text.
    pub filter: Input,
    /// Among the rows.
    pub cursor: ListCursor,
    /// The actions that the filter keeps, best first; made in `update`.
    pub rows: Vec<PaletteRow>,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaletteRow {
    /// The keys as shown; empty for what only the palette offers.
    pub keys: String,
    /// What it does.
    pub description: String,
    /// Characters of the description that the filter found, ascending.
    pub hits: Vec<usize>,
    /// What Enter runs.
    pub action: Action,
    /// Where: a pane gets the focus first.
    pub place: Scope,
    /// Why it would do nothing now, if so.
    pub off: Option<String>,
}
