//! Which Nix this is, from what `nix --version` prints.
//!
//! `nix (Nix) 2.34.8`, `nix (Lix, like Nix) 2.93.3`, `nix (Determinate Nix 3.8.5) 2.30.2`.

/// A version of Nix or one of its descendants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NixVersion {
    /// As printed, without the program's name: "2.34.8".
    text: String,
    numbers: (u32, u32),
    is_lix: bool,
}

impl NixVersion {
    /// Reads the output of `nix --version`; `None` if it holds no version.
    pub(super) fn parse(output: &str) -> Option<Self> {
        let line = output.lines().find(|line| line.starts_with("nix "))?;
        let text = line.split_ascii_whitespace().next_back()?;
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        let numbers = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Self { text: text.to_owned(), numbers, is_lix: line.contains("(Lix") })
    }

    /// Whether it is Nix of at least this version. Lix left Nix at 2.18 and counts on by itself.
    pub(super) fn is_nix_since(&self, numbers: (u32, u32)) -> bool {
        !self.is_lix && self.numbers >= numbers
    }

    /// Whether it reads profiles whose elements have names: Nix since 2.20, every Lix. Older ones
    /// call a profile that firn makes unsupported, and could not even roll back from it.
    pub(super) fn reads_named_elements(&self) -> bool {
        self.is_lix || self.numbers >= (2, 20)
    }

    /// A line that reads as the same version.
    pub(super) fn as_printed(&self) -> String {
        format!("nix ({}) {}", if self.is_lix { "Lix, like Nix" } else { "Nix" }, self.text)
    }

    /// "nix 2.34.8", "lix 2.93.3".
    pub(super) fn title(&self) -> String {
        format!("{} {}", if self.is_lix { "lix" } else { "nix" }, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (output, title, since_2_30) in [
            ("nix (Nix) 2.34.8\n", "nix 2.34.8", true),
            ("nix (Nix) 2.26.3\n", "nix 2.26.3", false),
            ("nix (Nix) 2.30.0pre20250521_76a4d4c2\n", "nix 2.30.0pre20250521_76a4d4c2", true),
            ("nix (Lix, like Nix) 2.93.3\nSystem type: x\n", "lix 2.93.3", false),
            ("nix (Determinate Nix 3.8.5) 2.30.2\n", "nix 2.30.2", true),
            ("nix (Nix) 3.0\n", "nix 3.0", true),
        ] {
            let version = NixVersion::parse(output).unwrap();
            assert_eq!((version.title().as_str(), version.is_nix_since((2, 30))), (title, since_2_30));
            assert!(version.reads_named_elements(), "{title}");
            assert_eq!(NixVersion::parse(&version.as_printed()), Some(version));
        }
        assert!(!NixVersion::parse("nix (Nix) 2.8.0").unwrap().reads_named_elements());
        assert_eq!(NixVersion::parse("nix (Nix) unknown"), None);
        assert_eq!(NixVersion::parse(""), None);
    }
}
