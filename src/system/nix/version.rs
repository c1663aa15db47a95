//! Which Nix this is, from what `nix --version` prints.
//!
//! `nix (Nix) 2.34.8`, `nix (Lix, like Nix) 2.93.3`, `nix (Determinate Nix 3.8.5) 2.30.2`.

use super::arguments::AddVerb;

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

    /// What adding is called: Nix renamed `install` in 2.30, Lix did not.
    pub(super) fn add_verb(&self) -> AddVerb {
        if self.is_lix || self.numbers < (2, 30) { AddVerb::Install } else { AddVerb::Add }
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
    fn versions_are_read_and_decide_the_verb() {
        for (output, title, verb) in [
            ("nix (Nix) 2.34.8\n", "nix 2.34.8", AddVerb::Add),
            ("nix (Nix) 2.26.3\n", "nix 2.26.3", AddVerb::Install),
            ("nix (Nix) 2.30.0pre20250521_76a4d4c2\n", "nix 2.30.0pre20250521_76a4d4c2", AddVerb::Add),
            ("nix (Lix, like Nix) 2.93.3\nSystem type: x\n", "lix 2.93.3", AddVerb::Install),
            ("nix (Determinate Nix 3.8.5) 2.30.2\n", "nix 2.30.2", AddVerb::Add),
            ("nix (Nix) 3.0\n", "nix 3.0", AddVerb::Add),
        ] {
            let version = NixVersion::parse(output).unwrap();
            assert_eq!((version.title().as_str(), version.add_verb()), (title, verb), "{output}");
        }
        assert_eq!(NixVersion::parse("nix (Nix) unknown"), None);
        assert_eq!(NixVersion::parse(""), None);
    }
}
