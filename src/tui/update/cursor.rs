//! Moving a cursor in a list, and keeping it and its window inside the list.

use crate::tui::action::Action;
use crate::tui::model::ListCursor;

/// How far a key moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// So many rows down.
    Down(usize),
    /// So many rows up.
    Up(usize),
}

impl Move {
    /// The move an action asks for, in a list that shows `height` rows.
    pub(super) fn of(action: Action, height: usize) -> Option<Self> {
        Some(match action {
            Action::Down => Self::Down(1),
            Action::Up => Self::Up(1),
            Action::Top => Self::Top,
            Action::Bottom => Self::Bottom,
            Action::HalfPageDown => Self::Down((height / 2).max(1)),
            Action::HalfPageUp => Self::Up((height / 2).max(1)),
            Action::PageDown => Self::Down(height.max(1)),
            Action::PageUp => Self::Up(height.max(1)),
            _ => return None,
        })
    }

    /// Where the move leads from `position` among `0..=last`.
    pub(super) fn from(self, position: usize, last: usize) -> usize {
        match self {
            Self::Top => 0,
            Self::Bottom => last,
            Self::Down(rows) => position.saturating_add(rows).min(last),
            Self::Up(rows) => position.saturating_sub(rows).min(last),
        }
    }
}

/// Keeps the cursor among `rows` rows and the window of `height` rows around the cursor.
pub(super) fn keep(cursor: &mut ListCursor, rows: usize, height: usize) {
    let height = height.max(1);
    cursor.selected = cursor.selected.min(rows.saturating_sub(1));
    cursor.offset = cursor.offset.min(cursor.selected).min(rows.saturating_sub(height));
    if cursor.selected >= cursor.offset + height {
        cursor.offset = cursor.selected + 1 - height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_the_cursor_and_shows_no_empty_rows() {
        let mut cursor = ListCursor { selected: 9, offset: 0 };
        keep(&mut cursor, 10, 4);
        assert_eq!(cursor, ListCursor { selected: 9, offset: 6 });
        keep(&mut cursor, 3, 4);
        assert_eq!(cursor, ListCursor { selected: 2, offset: 0 });
        keep(&mut cursor, 0, 4);
        assert_eq!(cursor, ListCursor::default());
    }

    #[test]
    fn moves_stop_at_the_ends() {
        assert_eq!(Move::Down(5).from(7, 9), 9);
        assert_eq!(Move::Up(5).from(3, 9), 0);
        assert_eq!(Move::Bottom.from(0, 9), 9);
        assert_eq!(Move::of(Action::HalfPageDown, 1), Some(Move::Down(1)));
    }
}
