//! A case as text: a world and the operations on it, one thing per line.
//!
//! ```text
//! # why this case is kept
//! package a hello-1.0 3f
//!   file bin/hello
//!   link share/doc -> {b}/doc
//!   folder empty
//! flake tool out:bin/tool,share/x doc:share/x install=out priority=3
//! start {"elements":{},"version":3}
//! do add --priority 6 {a} ./to-b #tool^doc
//! ```
//!
//! Words are separated by blanks; bytes other than printable ASCII, and blanks inside a
//! word, are written `\xNN`. A mismatch is printed in this form; saved below `cases/` it
//! becomes a test.

use std::fmt;

use crate::world::{Entry, FlakePackage, Package, World};

/// A world and what is done in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// What is there at the start.
    pub world: World,
    /// The operations, each a list of words beginning with a verb.
    pub operations: Vec<Vec<String>>,
}

impl Case {
    /// Reads a case; panics with the line that cannot be read.
    pub fn parse(text: &str) -> Self {
        let mut case = Self::default();
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            case.read_line(line).unwrap_or_else(|| panic!("this line of a case cannot be read: {line}"));
        }
        case
    }

    fn read_line(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        let mut words = rest.split_whitespace().map(unescape);
        match kind {
            "package" => self.world.packages.push(Package {
                key: text(words.next()?),
                name: text(words.next()?),
                hash: text(words.next()?),
                entries: Vec::new(),
            }),
            "file" => {
                let path = words.next()?;
                self.entry(path, Entry::File(words.next().unwrap_or_default()))?;
            }
            "link" => {
                let path = words.next()?;
                let target = words.nth(1)?;
                self.entry(path, Entry::Link(target))?;
            }
            "folder" => self.entry(words.next()?, Entry::Folder)?,
            "flake" => self.world.flake.push(read_flake_package(rest)?),
            "start" => self.world.start = Some(rest.to_owned()),
            "do" => self.operations.push(words.map(text).collect()),
            _ => return None,
        }
        Some(())
    }

    fn entry(&mut self, path: Vec<u8>, entry: Entry) -> Option<()> {
        self.world.packages.last_mut()?.entries.push((path, entry));
        Some(())
    }
}

fn read_flake_package(line: &str) -> Option<FlakePackage> {
    let mut words = line.split_whitespace();
    let mut package = FlakePackage {
        attribute: words.next()?.to_owned(),
        outputs: Vec::new(),
        install: Vec::new(),
        priority: None,
    };
    let list = |text: &str| text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect();
    for word in words {
        if let Some(names) = word.strip_prefix("install=") {
            package.install = list(names);
        } else if let Some(number) = word.strip_prefix("priority=") {
            package.priority = Some(number.parse().ok()?);
        } else {
            let (output, files) = word.split_once(':')?;
            package.outputs.push((output.to_owned(), list(files)));
        }
    }
    Some(package)
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for package in &self.world.packages {
            writeln!(out, "package {} {} {}", package.key, package.name, package.hash)?;
            for (path, entry) in &package.entries {
                let path = escape(path);
                match entry {
                    Entry::File(contents) => writeln!(out, "  file {path} {}", escape(contents))?,
                    Entry::Link(target) => writeln!(out, "  link {path} -> {}", escape(target))?,
                    Entry::Folder => writeln!(out, "  folder {path}")?,
                }
            }
        }
        for package in &self.world.flake {
            write!(out, "flake {}", package.attribute)?;
            for (output, files) in &package.outputs {
                write!(out, " {output}:{}", files.join(","))?;
            }
            if !package.install.is_empty() {
                write!(out, " install={}", package.install.join(","))?;
            }
            if let Some(priority) = package.priority {
                write!(out, " priority={priority}")?;
            }
            writeln!(out)?;
        }
        if let Some(start) = &self.world.start {
            writeln!(out, "start {start}")?;
        }
        for words in &self.operations {
            let words: Vec<String> = words.iter().map(|word| escape(word.as_bytes())).collect();
            writeln!(out, "do {}", words.join(" "))?;
        }
        Ok(())
    }
}

fn escape(bytes: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    bytes
        .iter()
        .map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("\\x{byte:02x}") })
        .collect()
}

fn unescape(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, tail @ ..] = rest {
        if let [b'\\', b'x', high, low, tail @ ..] = rest {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_case_comes_back_from_its_text() {
    for seed in 0..200 {
        let case = Case {
            world: crate::generate::world(seed),
            operations: vec![vec!["add".into(), "a b\u{e4}".into()]],
        };
        let text = case.to_string();
        assert_eq!(Case::parse(&text), case, "{text}");
    }
}
