//! A frame as an SVG picture: one background, one text element for each run of one style.
//!
//! Every character gets its own x position, and boxes and blocks are drawn as shapes, so that
//! columns align and boxes close whatever font is found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// Cell size in tenths of a pixel; whole numbers keep the file the same everywhere, and halves of
/// whole pixels keep lines sharp.
const WIDTH: u32 = 90;
const HEIGHT: u32 = 190;
const BASELINE: u32 = 145;
const MARGIN: u32 = 120;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d5d8df";

/// What makes two cells one run.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    foreground: &'static str,
    background: &'static str,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// Draws the buffer.
pub fn picture(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (width, height) =
        (u32::from(area.width) * WIDTH + 2 * MARGIN, u32::from(area.height) * HEIGHT + 2 * MARGIN);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" font-family="'DejaVu Sans Mono', 'Cascadia Mono', Menlo, Consolas, monospace" font-size="15" xml:space="preserve">"#,
        pixels(width),
        pixels(height)
    );
    let _ = writeln!(svg, r#"<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>"#);
    for row in 0..area.height {
        let mut column = 0;
        while column < area.width {
            column = run(&mut svg, buffer, row, column);
        }
    }
    boxes(&mut svg, buffer);
    svg.push_str("</svg>\n");
    svg
}

/// Draws the cells from `start` on that look the same; tells where the next begin.
fn run(svg: &mut String, buffer: &Buffer, row: u16, start: u16) -> u16 {
    let look = look(&buffer[(start, row)]);
    let (mut text, mut places, mut column) = (String::new(), Vec::new(), start);
    while column < buffer.area.width && self::look(&buffer[(column, row)]) == look {
        let symbol = buffer[(column, row)].symbol();
        for character in symbol.chars() {
            match character {
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                _ => text.push(character),
            }
            places.push(pixels(x(column)));
        }
        column += u16::try_from(symbol.width().max(1)).unwrap_or(1);
    }
    let y = u32::from(row) * HEIGHT + MARGIN;
    if look.background != BACKGROUND {
        let width = pixels(x(column) - x(start));
        let _ = writeln!(
            svg,
            r#"<rect x="{}" y="{}" width="{width}" height="{}" fill="{}"/>"#,
            pixels(x(start)),
            pixels(y),
            pixels(HEIGHT),
            look.background
        );
    }
    let text: String =
        text.chars().map(|character| if is_shape(character) { ' ' } else { character }).collect();
    let kept = text.trim_end().chars().count();
    if kept > 0 {
        let weight = if look.bold { r#" font-weight="bold""# } else { "" };
        let faint = if look.dim { r#" opacity="0.6""# } else { "" };
        let line = if look.underlined { r#" text-decoration="underline""# } else { "" };
        let _ = writeln!(
            svg,
            r#"<text x="{}" y="{}" fill="{}"{weight}{faint}{line}>{}</text>"#,
            places[..kept.min(places.len())].join(" "),
            pixels(y + BASELINE),
            look.foreground,
            text.trim_end()
        );
    }
    column
}

/// Draws box characters as lines and blocks as areas, which fonts do not join. All of one look are
/// one path, so that where they meet nothing is painted twice.
fn boxes(svg: &mut String, buffer: &Buffer) {
    let mut paths: BTreeMap<(&'static str, bool, u32), String> = BTreeMap::new();
    for (row, column) in
        (0..buffer.area.height).flat_map(|row| (0..buffer.area.width).map(move |column| (row, column)))
    {
        let cell = &buffer[(column, row)];
        let look = look(cell);
        let Some(character) = cell.symbol().chars().next() else { continue };
        let place = (x(column), u32::from(row) * HEIGHT + MARGIN);
        if let Some((reach, thickness)) = arms(character) {
            let path = paths.entry((look.foreground, look.dim, thickness)).or_default();
            lines(path, place, reach);
        } else if let Some(part) = block(character) {
            area(paths.entry((look.foreground, look.dim, 0)).or_default(), place, part);
        }
    }
    for ((colour, dim, thickness), path) in paths {
        let faint = if dim { r#" opacity="0.6""# } else { "" };
        let paint = match thickness {
            0 => format!(r#"fill="{colour}""#),
            _ => format!(r#"stroke="{colour}" stroke-width="{thickness}" stroke-linecap="square""#),
        };
        let _ = writeln!(svg, r#"<path d="{path}" {paint}{faint}/>"#);
    }
}

fn lines(path: &mut String, (left, top): (u32, u32), reach: [bool; 4]) {
    let (middle_x, middle_y) = (left + WIDTH / 2, top + HEIGHT / 2);
    let ends = [(middle_x, top), (left + WIDTH, middle_y), (middle_x, top + HEIGHT), (left, middle_y)];
    for (end_x, end_y) in ends.into_iter().zip(reach).filter_map(|(end, reaches)| reaches.then_some(end)) {
        let (from, to) = ((pixels(middle_x), pixels(middle_y)), (pixels(end_x), pixels(end_y)));
        let _ = write!(path, "M{} {}L{} {}", from.0, from.1, to.0, to.1);
    }
}

fn area(path: &mut String, (left, top): (u32, u32), (from, to): (u32, u32)) {
    let (left, right) = (pixels(left + WIDTH * from / 2), pixels(left + WIDTH * to / 2));
    let _ = write!(path, "M{left} {}H{right}V{}H{left}Z", pixels(top), pixels(top + HEIGHT));
}

fn is_shape(character: char) -> bool {
    arms(character).is_some() || block(character).is_some()
}

/// Which halves of its cell a block fills.
fn block(character: char) -> Option<(u32, u32)> {
    match character {
        '█' => Some((0, 2)),
        '▌' => Some((0, 1)),
        '▐' => Some((1, 2)),
        _ => None,
    }
}

/// Where a box character's lines reach (up, right, down, left), and how thick they are.
fn arms(character: char) -> Option<([bool; 4], u32)> {
    let thickness = if "┏┓┛┗━┃".contains(character) { 2 } else { 1 };
    let reach = match character {
        '┌' | '┏' => [false, true, true, false],
        '┐' | '┓' => [false, false, true, true],
        '┘' | '┛' => [true, false, false, true],
        '└' | '┗' => [true, true, false, false],
        '─' | '━' => [false, true, false, true],
        '│' | '┃' => [true, false, true, false],
        _ => return None,
    };
    Some((reach, thickness))
}

fn x(column: u16) -> u32 {
    u32::from(column) * WIDTH + MARGIN
}

fn pixels(tenths: u32) -> String {
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn look(cell: &Cell) -> Look {
    let (mut foreground, mut background) = (colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut foreground, &mut background);
    }
    Look {
        foreground,
        background,
        bold: cell.modifier.contains(Modifier::BOLD),
        dim: cell.modifier.contains(Modifier::DIM),
        underlined: cell.modifier.contains(Modifier::UNDERLINED),
    }
}

/// The sixteen colours as one terminal shows them.
fn colour(colour: Color, usual: &'static str) -> &'static str {
    match colour {
        Color::Black => "#23262d",
        Color::Red | Color::LightRed => "#f2777a",
        Color::Green | Color::LightGreen => "#8fd48b",
        Color::Yellow | Color::LightYellow => "#e8c46a",
        Color::Blue | Color::LightBlue => "#7aaef5",
        Color::Magenta | Color::LightMagenta => "#cf9bf0",
        Color::Cyan | Color::LightCyan => "#6fd0d8",
        Color::White | Color::Gray => "#f0f2f5",
        Color::DarkGray => "#7a808c",
        _ => usual,
    }
}
