//! How many colours the terminal can show, as its environment tells.
//!
//! `NO_COLOR` wins over everything. Terminals with all colours say so in `COLORTERM`,
//! or are known by name; most others have 256; a console has eight or sixteen.

use std::ffi::OsString;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColourDepth {
    /// Only bold, faint and reversed.
    None,
    /// The sixteen colours the user has chosen, or eight.
    Sixteen,
    /// 256 fixed colours.
    Indexed,
    /// Every colour.
    #[default]
    Full,
}

impl ColourDepth {
    /// What the environment says.
    pub fn from_environment() -> Self {
        Self::choose(|name| std::env::var_os(name))
    }

    fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let told = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| told(name).map(|value| value.to_string_lossy().into_owned());
        let term = text("TERM").unwrap_or_default();
        let full = ["-direct", "truecolor", "kitty", "alacritty", "ghostty", "wezterm", "foot"];
        let few = ["linux", "ansi", "vt", "cygwin", "cons", "sun"];
        match text("COLORTERM").as_deref() {
            _ if told("NO_COLOR").is_some() || term == "dumb" || term.ends_with("-mono") => Self::None,
            Some("truecolor" | "24bit") => Self::Full,
            _ if full.iter().any(|part| term.contains(part)) => Self::Full,
            _ if term.ends_with("-16color") || few.iter().any(|start| term.starts_with(start)) => {
                Self::Sixteen
            }
            _ => Self::Indexed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_colours() {
        for (variables, depth) in [
            (&[("TERM", "xterm-256color")][..], ColourDepth::Indexed),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], ColourDepth::Full),
            (&[("TERM", "xterm-kitty")], ColourDepth::Full),
            (&[("TERM", "linux")], ColourDepth::Sixteen),
            (&[("TERM", "vt220"), ("COLORTERM", "")], ColourDepth::Sixteen),
            (&[("TERM", "dumb")], ColourDepth::None),
            (&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")], ColourDepth::None),
            (&[("NO_COLOR", ""), ("TERM", "screen")], ColourDepth::Indexed),
            (&[], ColourDepth::Indexed),
        ] {
            let told = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            };
            assert_eq!(ColourDepth::choose(told), depth, "{variables:?}");
        }
    }
}
