//! Aligned columns, one line per row, measured in cells of a terminal.

use unicode_width::UnicodeWidthStr as _;

/// Lines with two blanks between columns and none at their end.
pub fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn columns_are_aligned_by_width() {
        let rows = [["日本", "1", ""], ["a", "22", "x"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(lines(&rows), ["日本  1", "a     22  x"]);
    }
}
