//! How a staged edit of the user's registry is shown: its sign and its name.
//!
//! `+ registry nixpkgs`, `* registry nixpkgs` for a pin: the word keeps it apart from the elements,
//! one of which may have the same name.

use super::element::Sign;
use crate::core::change::{Change, short_reference};
use crate::tui::theme::{self, Theme};

/// The sign and the name of a registry edit.
pub fn sign(change: &Change, theme: &Theme) -> (Sign, String) {
    let (glyph, style, word) = match change {
        Change::RegistryRemove { .. } => (theme::REMOVED, theme.removed, "remove"),
        Change::RegistryPin { .. } => (theme::PINNED, theme.locked, "pin"),
        _ => (theme::ADDED, theme.added, "set"),
    };
    let name = change.registry_edit().map(|edit| short_reference(edit.from()).to_owned());
    (Sign { glyph, style, word }, format!("registry {}", name.unwrap_or_default()))
}
