//! What can be wrong with a reference.

use crate::core::url::UrlError;
use crate::core::visible;

/// Why a text is not a flake reference that can be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlakeRefError {
    /// Neither a URL, nor a flake's name, nor an absolute path.
    #[error("'{url}' is not a flake reference: {reason}")]
    Syntax {
        /// What was read.
        url: String,
        /// Which rule it breaks.
        reason: UrlError,
    },
    /// No fetcher knows the scheme.
    #[error("'{url}' is not a flake reference: scheme '{scheme}' is not supported")]
    Scheme {
        /// What was read.
        url: String,
        /// The scheme.
        scheme: String,
    },
    /// A parameter or part has a value that its kind does not take.
    #[error("'{url}' is not a flake reference: its {part} '{value}' is not valid")]
    Part {
        /// What was read.
        url: String,
        /// Which part.
        part: &'static str,
        /// What it holds.
        value: String,
    },
    /// An attribute is missing, of the wrong type or not known to its kind.
    #[error("'{url}' is not a flake reference: its attribute '{name}' {problem}")]
    Attribute {
        /// What was read, as JSON.
        url: String,
        /// The attribute.
        name: String,
        /// What is wrong with it, `is missing`.
        problem: &'static str,
    },
}

/// Why a reference cannot take over the branch, tag or commit of another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// Its kind has neither.
    #[error("'{0}' cannot be given a branch, tag or commit")]
    NoReference(String),
    /// A forge takes one or the other.
    #[error("'{0}' cannot be given both a branch or tag and a commit")]
    Both(String),
    /// Git wants to know where the commit is.
    #[error("'{0}' has a commit but no branch or tag")]
    NoBranch(String),
    /// The result is no reference.
    #[error(transparent)]
    Bad(#[from] Box<FlakeRefError>),
}

/// What is wrong with a reference, without the reference.
pub(super) enum Problem {
    Syntax(UrlError),
    Scheme(String),
    Part(&'static str, Vec<u8>),
    Attribute(String, &'static str),
}

impl Problem {
    pub(super) fn about(self, text: &str) -> FlakeRefError {
        let url = text.to_owned();
        match self {
            Self::Syntax(reason) => FlakeRefError::Syntax { url, reason },
            Self::Scheme(scheme) => FlakeRefError::Scheme { url, scheme },
            Self::Part(part, value) => FlakeRefError::Part { url, part, value: visible::bytes(&value) },
            Self::Attribute(name, problem) => FlakeRefError::Attribute { url, name, problem },
        }
    }
}
