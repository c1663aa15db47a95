//! Aligned columns, one line per row, measured in cells of a terminal.
//!
//! A column grows with its cells up to [`WIDEST`]; a longer cell is printed whole and pushes
//! only the rest of its own line, so one name of 4,000 characters does not move the others
//! off the screen. [`cut`] is for text whose end may be missing.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// No column is padded further than this.
pub const WIDEST: usize = 60;

/// Lines with two blanks between columns and none at their end.
pub fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cells(cell)).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cells(cell)) + 2));
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

/// How many cells a text takes. Letters of ASCII take one each, which need not be looked up.
fn cells(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The start of a text in at most `width` cells; `mark` stands for the end that was cut off.
pub fn cut(text: &str, width: usize, mark: &str) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(mark.width());
    let fits = |character: &char| {
        let cells = character.width().unwrap_or(0);
        let fits = cells <= left;
        left = left.saturating_sub(cells);
        fits
    };
    let start: String = text.chars().take_while(fits).collect();
    start + mark
}

#[cfg(test)]
mod tests {
    use super::{WIDEST, cut, lines};

    #[test]
    fn columns_are_aligned_by_width() {
        let rows = [["日本", "1", ""], ["a", "22", "x"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(lines(&rows), ["日本  1", "a     22  x"]);
    }

    #[test]
    fn a_long_cell_moves_only_its_own_line() {
        let long = "n".repeat(4000);
        let printed = lines(&[vec![long.clone(), "1".into()], vec!["a".into(), "2".into()]]);
        assert_eq!(printed[0], format!("{long}  1"));
        assert_eq!(printed[1].find('2'), Some(WIDEST + 2));
    }

    #[test]
    fn what_is_cut_keeps_its_start_and_its_width() {
        assert_eq!(cut("hello", 5, "…"), "hello");
        assert_eq!(cut("hello", 4, "…"), "hel…");
        assert_eq!(cut("hello", 4, "..."), "h...");
        assert_eq!(cut("日本語", 4, "…"), "日…", "half a wide character does not fit");
        assert_eq!(cut("hello", 0, "…"), "…");
    }
}
