//! Command lines as one would type them into a shell.
//!
//! A word that any common shell takes as it stands is left alone; other words get single
//! quotes, `'nixpkgs#hello'`: zsh and fish give `#`, `^` and `~` meanings of their own. A
//! word with control characters or marks of direction is spelt out as `$'a\x1bb'`, so that
//! nothing hidden is ever pasted into a terminal.

use std::fmt::Write as _;

use super::visible;

/// One word, quoted as far as it needs.
pub fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if visible::text(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut text = String::from("$'");
    for character in word.chars() {
        let alone = character.to_string();
        match character {
            '\'' | '\\' => text.extend(['\\', character]),
            _ if visible::text(&alone) == alone => text.push(character),
            _ => alone.bytes().for_each(|byte| {
                // writing to a String cannot fail; three octal digits end by themselves
                _ = write!(text, "\\{byte:03o}");
            }),
        }
    }
    text.push('\'');
    text
}

/// A whole line.
pub fn line<Word: AsRef<str>>(words: impl IntoIterator<Item = Word>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// The words of a line as a shell takes them apart, without anything being replaced; `None` if a quote
/// or an escape has no end.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        end if end == character => break,
                        '\\' if character == '"' => word.push(rest.next()?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_a_shell_does() {
        let words = split(r#" a  'b c'd "e \" f" g\ h '' "#).unwrap();
        assert_eq!(words, ["a", "b cd", "e \" f", "g h", ""]);
        assert_eq!(split("a 'b"), None);
        assert_eq!(split("a\\"), None);
    }

    #[test]
    fn words_are_quoted_as_far_as_they_need() {
        for (word, wanted) in [
            ("hello-2.12", "hello-2.12"),
            ("/nix/store/a+b", "/nix/store/a+b"),
            ("nixpkgs#fltk^bin", "'nixpkgs#fltk^bin'"),
            ("", "''"),
            ("~", "'~'"),
            ("a b", "'a b'"),
            ("$(rm -rf x)`y`", "'$(rm -rf x)`y`'"),
            ("it's", r"'it'\''s'"),
            ("größe", "'größe'"),
            ("=x", "'=x'"),
        ] {
            assert_eq!(quoted(word), wanted);
        }
        assert_eq!(line(["nix", "eval", "a b"]), "nix eval 'a b'");
    }

    #[test]
    fn nothing_hidden_is_pasted() {
        assert_eq!(quoted("a\nb'c\\\u{1b}1"), r"$'a\012b\'c\\\0331'");
        assert_eq!(quoted("x\u{202e}y"), r"$'x\342\200\256y'");
    }

    proptest::proptest! {
        #[test]
        fn a_shell_reads_the_word_back(word in "[^\0]*") {
            let quoted = quoted(&word);
            proptest::prop_assert_eq!(visible::text(&quoted), quoted.clone());
            proptest::prop_assert_eq!(read_back(&quoted), word);
        }
    }

    /// What a shell makes of one quoted word.
    fn read_back(text: &str) -> String {
        let Some(inside) = text.strip_prefix("$'") else {
            let Some(inside) = text.strip_prefix('\'') else { return text.to_owned() };
            return inside.strip_suffix('\'').unwrap().replace(r"'\''", "'");
        };
        let (mut bytes, mut rest) = (Vec::new(), inside.strip_suffix('\'').unwrap().bytes());
        while let Some(byte) = rest.next() {
            let escaped = (byte == b'\\').then(|| rest.next().unwrap());
            match escaped {
                None => bytes.push(byte),
                Some(digit @ b'0'..=b'3') => {
                    let mut octal = || rest.next().unwrap() - b'0';
                    bytes.push((digit - b'0') * 64 + octal() * 8 + octal());
                }
                Some(other) => bytes.push(other),
            }
        }
        String::from_utf8(bytes).unwrap()
    }
}
