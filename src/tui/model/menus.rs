//! Menus: what can be copied.

use super::ListCursor;

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
