//! Numbers in words: `1 file`, `27 104 files`, `3 files collide`.
//!
//! Said the same by both front ends.

/// Digits in groups of three: `27 104`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `3 files`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `1 file collides`, `3 files collide`.
pub fn colliding(files: usize) -> String {
    format!("{} collide{}", counted(files, "file"), if files == 1 { "s" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(
            [0, 999, 1204, 27_104, 1_000_000].map(grouped),
            ["0", "999", "1 204", "27 104", "1 000 000"]
        );
        assert_eq!((counted(1, "file"), counted(33, "file")), ("1 file".into(), "33 files".into()));
        assert_eq!((colliding(1), colliding(3)), ("1 file collides".into(), "3 files collide".into()));
    }
}
