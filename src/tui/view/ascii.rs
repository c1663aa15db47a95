//! A frame in ASCII: each glyph becomes one of its width, so that columns stay where they are.
//!
//! `…` becomes three dots where blanks beside it leave room (`checking...`, `.../profile`), else
//! a tilde (`gnome-s~`). Before a slash a tilde would be the home folder: there it is a star, as
//! in a file pattern. One of `★` and `…` for both would let a cut text look kept.

use ratatui::buffer::Buffer;

use crate::tui::theme;

/// Replaces every glyph by its ASCII form.
pub fn to_ascii(buffer: &mut Buffer) {
    for y in buffer.area.top()..buffer.area.bottom() {
        for x in buffer.area.left()..buffer.area.right() {
            if is(buffer, i32::from(x), y, theme::CUT) {
                cut_mark(buffer, x, y);
            } else if let Some(plain) = theme::ascii(buffer[(x, y)].symbol()) {
                buffer[(x, y)].set_symbol(plain);
            }
        }
    }
}

fn cut_mark(buffer: &mut Buffer, x: u16, y: u16) {
    let at = i32::from(x);
    let blank = |x: i32| is(buffer, x, y, " ");
    let is_last = i32::from(buffer.area.right()) <= at + 3;
    if !blank(at - 1) && blank(at + 1) && blank(at + 2) && (blank(at + 3) || is_last) {
        return dots(buffer, x, y);
    }
    if x >= 3 && (1..=3).all(|back| blank(at - back)) {
        return dots(buffer, x - 2, y);
    }
    let plain = if is(buffer, at + 1, y, "/") { "*" } else { "~" };
    buffer[(x, y)].set_symbol(plain);
}

fn dots(buffer: &mut Buffer, x: u16, y: u16) {
    for x in x..x + 3 {
        buffer[(x, y)].set_symbol(".");
    }
}

/// Whether a cell of the frame shows this.
fn is(buffer: &Buffer, x: i32, y: u16, symbol: &str) -> bool {
    u16::try_from(x).ok().and_then(|x| buffer.cell((x, y))).is_some_and(|cell| cell.symbol() == symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_marks_take_three_dots_where_there_is_room() {
        for (frame, plain) in [
            ("│ checking…     │", "| checking...   |"),
            (" firn    …/profile ", " firn  .../profile "),
            ("│ gnome-s… 5 n9f2│", "| gnome-s~ 5 n9f2|"),
            ("│ gnome-s…  │", "| gnome-s~  |"),
            ("a …/share", "a */share"),
            ("/nix/store/i270…-hello", "/nix/store/i270~-hello"),
            ("stopping…  ", "stopping..."),
            ("     … 302 unchanged", "   ... 302 unchanged"),
            ("★ …", "* ~"),
            ("…", "~"),
        ] {
            let mut buffer = Buffer::with_lines([frame]);
            to_ascii(&mut buffer);
            assert_eq!(buffer, Buffer::with_lines([plain]));
        }
    }
}
