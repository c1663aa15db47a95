//! Where the parts of what lies on top of the main screen go: screens that cover it
//! (Collisions, Review, the command log), the rollback sheet, and popups.
//!
//! As on the main screen it is a pure function of the size, asked by `update` and `view` alike.

use ratatui::layout::Rect;

use super::{LayoutKind, Shape, areas, header_height, inner, percent, split_rows};
use crate::tui::model::Pane;

/// The parts of a screen that covers the main one (Collisions, Review, help).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenAreas {
    /// First line.
    pub title: Rect,
    /// Everything between.
    pub body: Rect,
    /// What Enter does, or the last thing that happened.
    pub note: Rect,
    /// Keys.
    pub hints: Rect,
}

/// Lays out a screen that covers the main one.
pub fn screen(size: (u16, u16)) -> ScreenAreas {
    let (width, height) = size;
    let line = |y: u16| Rect::new(0, y.min(height.saturating_sub(1)), width, u16::from(y < height));
    ScreenAreas {
        title: line(0),
        body: Rect::new(0, 1.min(height), width, height.saturating_sub(3)),
        note: line(height.saturating_sub(2)),
        hints: line(height.saturating_sub(1)),
    }
}

/// The parts of the collisions screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollisionAreas {
    /// The groups, with border.
    pub groups: Rect,
    /// The claimants, with border: cards side by side, or one line each.
    pub claimants: Option<Rect>,
    /// The ways out, with border.
    pub ways: Rect,
    /// Whether claimants are cards side by side.
    pub cards: bool,
}

/// Lays out the collisions screen.
pub fn collisions(size: (u16, u16)) -> CollisionAreas {
    let body = screen(size).body;
    let cards = size.0 >= 100 && body.height >= 27;
    let (list, middle) = match body.height {
        27.. if cards => (percent(body.height, 27).max(8), percent(body.height, 37).max(10)),
        18.. => (body.height / 3, 6),
        _ => (percent(body.height, 40).max(4), 0),
    };
    let (groups, rest) = split_rows(body, list);
    let (middle, ways) = split_rows(rest, middle);
    CollisionAreas { groups, claimants: (middle.height > 0).then_some(middle), ways, cards }
}

/// How many groups the collisions screen lists at once; at least 1.
pub fn collision_rows(size: (u16, u16)) -> usize {
    let inner = inner(collisions(size).groups);
    usize::from(inner.height.saturating_sub(header_height(inner))).max(1)
}

/// How many claimant cards stand side by side.
pub fn claimants_shown(size: (u16, u16)) -> usize {
    let areas = collisions(size);
    match (areas.cards, areas.claimants) {
        (true, _) => usize::from(size.0 / 55).clamp(2, 4),
        (false, Some(area)) => usize::from(inner(area).height.saturating_sub(1)).max(1),
        (false, None) => 1,
    }
}

/// A box in the middle of the screen; the whole screen under 80x24.
pub fn popup(size: (u16, u16), width: u16, height: u16) -> Rect {
    let whole = Rect::new(0, 0, size.0, size.1);
    if size.0 < 80 || size.1 < 24 {
        return whole;
    }
    let (width, height) = (width.min(size.0 - 4), height.min(size.1 - 4));
    Rect::new((size.0 - width) / 2, (size.1 - height) / 2, width, height)
}

/// Where the rollback sheet goes: over the lower part of the preview, else full width below.
pub fn rollback_sheet(shape: &Shape) -> Rect {
    let (width, height) = shape.size;
    let zoomed = shape.zoomed && shape.focus == Pane::History && width >= 100;
    let areas = areas(&Shape { focus: Pane::History, list: Pane::History, zoomed, ..*shape });
    let rows = 15;
    match (areas.kind, areas.preview) {
        (
            LayoutKind::Zoomed
            | LayoutKind::Main
            | LayoutKind::Wide
            | LayoutKind::Accordion
            | LayoutKind::Portrait,
            Some(area),
        ) => {
            let rows = rows.min(area.height);
            Rect::new(area.x, area.bottom() - rows, area.width, rows)
        }
        (LayoutKind::Tabs, _) => {
            // without a preview the sheet tells the difference itself
            let rows = (rows + 3).min(height - 4);
            Rect::new(0, height - 2 - rows, width, rows)
        }
        _ => Rect::new(0, 0, width, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::layout::tests::shape;

    #[test]
    fn no_size_overflows_and_nothing_leaves_the_screen() {
        let large = [600, 700, 2000, u16::MAX];
        for width in (0..210).chain(large) {
            for height in (0..60).chain(large) {
                let (size, whole) = ((width, height), Rect::new(0, 0, width, height));
                for area in [rollback_sheet(&shape(width, height)), popup(size, 60, 20)] {
                    assert_eq!(area.intersection(whole), area, "{width}x{height}");
                }
                assert!(collision_rows(size) >= 1 && claimants_shown(size) >= 1);
            }
        }
    }
}
