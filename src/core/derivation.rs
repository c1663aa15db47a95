//! The outputs that a derivation names, read from its file.
//!
//! A `.drv` begins with `Derive([("doc","/nix/store/…-git-doc","",""),…],`: name, path, and for what
//! is known by its contents how these are hashed. Only the outputs are read here; one whose path is
//! known only once it is built makes the answer `None`, and so does anything else.

use std::collections::BTreeMap;

use super::store_path::{StoreDir, StorePath};

/// All outputs by name.
pub fn outputs(text: &[u8], store_dir: &StoreDir) -> Option<BTreeMap<String, StorePath>> {
    let mut rest = text.strip_prefix(b"Derive([")?;
    let mut outputs = BTreeMap::new();
    loop {
        rest = rest.strip_prefix(b"(")?;
        let mut words = [const { String::new() }; 4];
        for (index, word) in words.iter_mut().enumerate() {
            if index > 0 {
                rest = rest.strip_prefix(b",")?;
            }
            (*word, rest) = string(rest)?;
        }
        rest = rest.strip_prefix(b")")?;
        let [name, path, ..] = words;
        outputs.insert(name, StorePath::parse(store_dir, &path).ok()?);
        match rest.strip_prefix(b",") {
            Some(next) => rest = next,
            None => return rest.starts_with(b"],").then_some(outputs),
        }
    }
}

/// A string in quotes, and what follows. Names and paths need no escapes.
fn string(text: &[u8]) -> Option<(String, &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    let string = std::str::from_utf8(&text[..end]).ok().filter(|string| !string.contains('\\'))?;
    Some((string.to_owned(), &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_and_nothing_is_guessed() {
        let hash = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        let text = format!(
            r#"Derive([("doc","/s/{hash}-a-doc","",""),("out","/s/{hash}-a","","")],[("x",["out"])],[],"s")"#
        );
        let read = |text: &str| outputs(text.as_bytes(), &StoreDir::new("/s"));
        let found = read(&text).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["doc", "out"]);
        assert_eq!(found["doc"].name(), "a-doc");
        for end in 0..60 {
            assert_eq!(read(&text[..end]), None, "{}", &text[..end]);
        }
        assert_eq!(read(&text.replace("/s/", "/t/")), None);
        assert_eq!(read(r#"Derive([("out","","r:sha256","")],[])"#), None);
    }
}
