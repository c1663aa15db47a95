//! The mouse: what it did, and what was under it.
//!
//! What is drawn says itself what it is ([`Canvas::target`]), so a click means exactly
//! what is seen: finding out draws the screen once more, into nowhere. Clicks focus and
//! select; they never say yes, and in a screen on top they only select.
//!
//! [`Canvas::target`]: super::view::canvas::Canvas::target

use super::model::{Pane, PreviewTab};

/// Something the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// What.
    pub deed: Deed,
    /// Cells from the left.
    pub column: u16,
    /// Cells from the top.
    pub row: u16,
}

/// What a mouse can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A click.
    Click,
    /// The second of two clicks on one place, soon after each other.
    DoubleClick,
    /// The wheel towards the user.
    WheelDown,
    /// The wheel away from the user.
    WheelUp,
}

/// What a place on the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A pane, somewhere.
    Pane(Pane),
    /// A row of a pane.
    Row(Pane, usize),
    /// The text of the preview: the difference, the details.
    Text,
    /// A tab of the line of panes.
    PaneTab(Pane),
    /// A tab of the preview.
    PreviewTab(PreviewTab),
    /// The list of collisions.
    Groups,
    /// A collision.
    Group(usize),
    /// A way out.
    Way(usize),
    /// The list of a screen on top: help, palette, copy menu, log.
    Items,
    /// A line of it.
    Item(usize),
    /// The text of a screen on top.
    Scrolled,
    /// Covered by something that takes no clicks.
    Covered,
}

impl Deed {
    /// Reads `click`, `double-click`, `wheel-down`, `wheel-up`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "click" => Self::Click,
            "double-click" => Self::DoubleClick,
            "wheel-down" => Self::WheelDown,
            "wheel-up" => Self::WheelUp,
            _ => return None,
        })
    }
}

impl Pointer {
    /// Reads `click:10,5`: column and row, counted from 1 as terminals count.
    pub fn parse(text: &str) -> Option<Self> {
        let (deed, place) = text.split_once(':')?;
        let (column, row) = place.split_once(',')?;
        let cell = |text: &str| text.parse::<u16>().ok()?.checked_sub(1);
        Some(Self { deed: Deed::parse(deed)?, column: cell(column)?, row: cell(row)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_mouse_did_is_read_as_terminals_count() {
        let click = Pointer { deed: Deed::Click, column: 9, row: 4 };
        assert_eq!(Pointer::parse("click:10,5"), Some(click));
        for wrong in ["click:0,5", "click:10", "press:1,1", "click", "wheel-up:1,x", "click:70000,1"] {
            assert_eq!(Pointer::parse(wrong), None, "{wrong}");
        }
    }
}
