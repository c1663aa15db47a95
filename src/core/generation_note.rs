//! What a user has noted about a generation: a label, and that it is to be kept.
//!
//! firn's own: no plan has a part in them, and Nix knows nothing of them. A kept generation
//! is left out of every deletion that does not name it, and nothing else.

use serde::{Deserialize, Serialize};

/// As many characters as a label can have.
pub const LONGEST_LABEL: usize = 80;

/// What is noted about one generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GenerationNote {
    /// The user's words, one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether deletions leave it out.
    pub kept: bool,
}

impl GenerationNote {
    /// Whether nothing is noted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of typed words: one line without blanks around it, cut to [`LONGEST_LABEL`];
/// `None` if nothing is left.
pub fn label(typed: &str) -> Option<String> {
    let plain: String = typed.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let cut: String = plain.trim().chars().take(LONGEST_LABEL).collect();
    let label = cut.trim_end();
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_line() {
        assert_eq!(label("  before 26.05\n").as_deref(), Some("before 26.05"));
        assert_eq!(label("a\tb\u{1b}[1m").as_deref(), Some("a b [1m"));
        assert_eq!(label(" \n "), None);
        assert_eq!(label(&"ä".repeat(200)).map(|label| label.chars().count()), Some(LONGEST_LABEL));
    }
}
