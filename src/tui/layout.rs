//! Where everything goes at each size of terminal, as a pure function: the main screen here, what
//! lies on top of it in [`screens`].
//!
//! `update` asks it how many rows a list has, `view` where to draw them, so both
//! agree. The first row of this table that fits wins:
//!
//! | size | layout |
//! |---|---|
//! | < 50x12 | only words: "needs 50x12, now WxH" |
//! | < 80 wide or < 24 high | one pane, `0` swaps to the preview |
//! | zoomed | the pane with the focus; beside History, if >= 100 wide, the preview, as its rows are about differences |
//! | >= 160 wide | stack of 50, tree, details |
//! | >= 100 wide, >= 30 high | stack of 42 %, preview |
//! | >= 100 wide | the same, the lists without focus are one title line each |
//! | 80 to 99 wide, >= 46 high | stack above, preview below |
//! | 80 to 99 wide | one pane with a tab line, a strip of five lines below |

use ratatui::layout::Rect;

use super::model::{Model, Pane};

mod screens;

pub use screens::{
    CollisionAreas, ScreenAreas, claimants_shown, collision_rows, collisions, popup, rollback_sheet, screen,
};

/// The smallest terminal that is drawn at all.
pub const SMALLEST: (u16, u16) = (50, 12);

/// What the layout of the main screen depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Terminal size in cells.
    pub size: (u16, u16),
    /// The focused pane.
    pub focus: Pane,
    /// The list that had the focus last; the preview is about its row.
    pub list: Pane,
    /// Whether the focused pane fills the screen.
    pub zoomed: bool,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutKind {
    /// Only words.
    TooSmall,
    /// One pane, nothing else.
    ListOnly,
    /// One pane under a tab line, the result strip below.
    Tabs,
    /// Stack above, preview below.
    Portrait,
    /// Stack with one open list, preview beside it.
    Accordion,
    /// Stack and preview side by side.
    Main,
    /// Stack, tree and details side by side.
    Wide,
    /// The focused pane fills the screen.
    Zoomed,
}

/// Where the parts of the main screen are; a pane that is not shown is `None`.
/// A pane of height 1 is only its title line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Which row of the table.
    pub kind: LayoutKind,
    /// First line.
    pub title: Rect,
    /// The line `▌1 Installed▐ 2 Registry 3 History 0 Preview`.
    pub tabs: Option<Rect>,
    /// Pane 1 with its border.
    pub installed: Option<Rect>,
    /// Pane 2 with its border.
    pub registry: Option<Rect>,
    /// Pane 3 with its border.
    pub history: Option<Rect>,
    /// Pane 0 with its border; the tree alone in [`LayoutKind::Wide`].
    pub preview: Option<Rect>,
    /// The details (Info or Diff) beside the tree, only in [`LayoutKind::Wide`].
    pub beside: Option<Rect>,
    /// The result strip with its border, only in [`LayoutKind::Tabs`].
    pub strip: Option<Rect>,
    /// What is staged, or the last thing that happened.
    pub plan: Rect,
    /// Keys.
    pub hints: Rect,
}

impl Shape {
    /// What the model says.
    pub fn of(model: &Model) -> Self {
        Self { size: model.size, focus: model.focus, list: model.list, zoomed: model.zoomed }
    }

    /// The row of the table that fits.
    pub fn kind(&self) -> LayoutKind {
        let (width, height) = self.size;
        match () {
            () if width < SMALLEST.0 || height < SMALLEST.1 => LayoutKind::TooSmall,
            () if width < 80 || height < 24 => LayoutKind::ListOnly,
            () if self.zoomed => LayoutKind::Zoomed,
            () if width >= 160 => LayoutKind::Wide,
            () if width >= 100 && height >= 30 => LayoutKind::Main,
            () if width >= 100 => LayoutKind::Accordion,
            () if height >= 46 => LayoutKind::Portrait,
            () => LayoutKind::Tabs,
        }
    }
}

/// Lays out the main screen.
pub fn areas(shape: &Shape) -> Areas {
    let (width, height) = shape.size;
    let line = |y: u16| Rect::new(0, y.min(height.saturating_sub(1)), width, u16::from(y < height));
    let kind = shape.kind();
    let mut areas = Areas {
        kind,
        title: line(0),
        tabs: None,
        installed: None,
        registry: None,
        history: None,
        preview: None,
        beside: None,
        strip: None,
        plan: line(height.saturating_sub(2)),
        hints: line(height.saturating_sub(1)),
    };
    let body = Rect::new(0, 1, width, height.saturating_sub(3));
    match kind {
        LayoutKind::TooSmall => {}
        LayoutKind::Zoomed if shape.focus == Pane::History && width >= 100 => {
            let (list, preview) = split_columns(body, percent(width, if width >= 160 { 46 } else { 56 }));
            areas.history = Some(list);
            areas.preview = Some(preview);
        }
        LayoutKind::ListOnly | LayoutKind::Zoomed => areas.show(shape.focus, body),
        LayoutKind::Tabs => tabs(&mut areas, *shape, body),
        LayoutKind::Portrait => {
            let (stack, preview) = split_rows(body, body.height / 2);
            areas.stack(stack);
            areas.preview = Some(preview);
        }
        LayoutKind::Accordion => {
            let (stack, preview) = split_columns(body, percent(width, 42));
            areas.accordion(shape.list, stack);
            areas.preview = Some(preview);
        }
        LayoutKind::Main => {
            let (stack, preview) = split_columns(body, percent(width, 42));
            areas.stack(stack);
            areas.preview = Some(preview);
        }
        LayoutKind::Wide => {
            let (stack, rest) = split_columns(body, 50);
            let (tree, beside) = split_columns(rest, percent(rest.width, 56));
            areas.stack(stack);
            areas.preview = Some(tree);
            areas.beside = Some(beside);
        }
    }
    areas
}

/// A share of a length. Screens of more than 650 columns exist, and 100 times that is more than 16 bits.
fn percent(length: u16, share: u16) -> u16 {
    u16::try_from(u32::from(length) * u32::from(share) / 100).unwrap_or(length)
}

fn tabs(areas: &mut Areas, shape: Shape, body: Rect) {
    let (line, body) = split_rows(body, 1);
    areas.tabs = Some(line);
    if shape.focus == Pane::Preview {
        areas.preview = Some(body);
        return;
    }
    let (list, strip) = split_rows(body, body.height - 7);
    areas.show(shape.focus, list);
    areas.strip = Some(strip);
}

impl Areas {
    fn show(&mut self, pane: Pane, area: Rect) {
        match pane {
            Pane::Installed => self.installed = Some(area),
            Pane::Registry => self.registry = Some(area),
            Pane::History => self.history = Some(area),
            Pane::Preview => self.preview = Some(area),
        }
    }

    fn stack(&mut self, area: Rect) {
        let registry = percent(area.height, 22).clamp(5, 12);
        let history = percent(area.height, 26).clamp(6, 14);
        self.pile(area, [area.height.saturating_sub(registry + history), registry]);
    }

    /// The open list with the two others as title lines.
    fn accordion(&mut self, open: Pane, area: Rect) {
        let height = |pane| if open == pane { area.height.saturating_sub(2) } else { 1 };
        self.pile(area, [height(Pane::Installed), height(Pane::Registry)]);
    }

    /// The lists on top of each other; History gets what the others leave.
    fn pile(&mut self, area: Rect, [installed, registry]: [u16; 2]) {
        let (above, rest) = split_rows(area, installed);
        let (middle, below) = split_rows(rest, registry);
        self.installed = Some(above);
        self.registry = Some(middle);
        self.history = Some(below);
    }

    /// Where a pane is drawn, border included.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        match pane {
            Pane::Installed => self.installed,
            Pane::Registry => self.registry,
            Pane::History => self.history,
            Pane::Preview => self.preview,
        }
    }

    /// How many rows of its list a pane shows; at least 1, so that it can divide a page.
    pub fn rows(&self, pane: Pane) -> usize {
        let Some(inner) = self.pane(pane).map(inner) else { return 1 };
        let around = match pane {
            Pane::Installed | Pane::History => header_height(inner),
            Pane::Registry => 0,
            Pane::Preview => 1 + tree_footer_height(inner),
        };
        usize::from(inner.height.saturating_sub(around)).max(1)
    }

    /// How many lines of the Diff and Info tabs are shown; at least 1.
    pub fn text_rows(&self) -> usize {
        self.text().map_or(1, |area| usize::from(area.height).max(1))
    }

    /// Where the Diff and Info tabs write, without the border.
    pub fn text(&self) -> Option<Rect> {
        self.beside.or(self.preview).map(inner)
    }
}

/// Lines for the column titles of a list.
pub fn header_height(inner: Rect) -> u16 {
    u16::from(inner.height >= 5)
}

/// Lines below the tree that explain the line under the cursor and tell the costs.
pub fn tree_footer_height(inner: Rect) -> u16 {
    match inner.height {
        26.. => 9,
        17.. => 6,
        _ => 0,
    }
}

/// The inside of a border.
pub fn inner(area: Rect) -> Rect {
    let height = area.height.saturating_sub(2);
    Rect::new(area.x + 1, area.y + u16::from(height > 0), area.width.saturating_sub(2), height)
}

/// Cuts off the first `rows` rows.
pub fn split_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let above = Rect { height: rows, ..area };
    let below = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (above, below)
}

/// Cuts off the first `columns` columns.
pub fn split_columns(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let left = Rect { width: columns, ..area };
    let right = Rect { x: area.x + columns, width: area.width - columns, ..area };
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn shape(width: u16, height: u16) -> Shape {
        Shape { size: (width, height), focus: Pane::Installed, list: Pane::Installed, zoomed: false }
    }

    #[test]
    fn the_first_row_that_fits_wins() {
        for (width, height, kind) in [
            (49, 40, LayoutKind::TooSmall),
            (120, 11, LayoutKind::TooSmall),
            (79, 40, LayoutKind::ListOnly),
            (120, 23, LayoutKind::ListOnly),
            (160, 24, LayoutKind::Wide),
            (120, 36, LayoutKind::Main),
            (120, 29, LayoutKind::Accordion),
            (99, 46, LayoutKind::Portrait),
            (80, 24, LayoutKind::Tabs),
        ] {
            assert_eq!(shape(width, height).kind(), kind, "{width}x{height}");
        }
    }

    #[test]
    fn no_size_overflows_and_nothing_leaves_the_screen() {
        let large = [600, 700, 2000, u16::MAX];
        for width in (0..210).chain(large) {
            for height in (0..60).chain(large) {
                for focus in [Pane::Installed, Pane::Registry, Pane::History, Pane::Preview] {
                    for zoomed in [false, true] {
                        let areas = areas(&Shape { focus, zoomed, ..shape(width, height) });
                        let screen = Rect::new(0, 0, width, height);
                        for pane in [Pane::Installed, Pane::Registry, Pane::History, Pane::Preview] {
                            if let Some(area) = areas.pane(pane) {
                                assert_eq!(area.intersection(screen), area, "{width}x{height} {pane:?}");
                            }
                            assert!(areas.rows(pane) >= 1);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_main_screen_is_as_drawn_in_the_design() {
        let areas = areas(&shape(120, 36));
        assert_eq!(areas.installed, Some(Rect::new(0, 1, 50, 18)));
        assert_eq!(areas.registry, Some(Rect::new(0, 19, 50, 7)));
        assert_eq!(areas.history, Some(Rect::new(0, 26, 50, 8)));
        assert_eq!(areas.preview, Some(Rect::new(50, 1, 70, 33)));
        assert_eq!((areas.plan.y, areas.hints.y), (34, 35));
    }
}
