//! How a command fails: what happened and why, what to type next, and the exit status.
//!
//! 1 is an error, 2 wrong usage, 3 collisions in the way, 130 cancelled. The words
//! come from where the error was made, the hint from [`crate::ops::hint`], so that
//! the interface gives the same advice.

use crate::core::counting::colliding;
use crate::ops::hint::{about_profile, hint};
use crate::system::machine::StoreError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense.
    Usage {
        /// What is wrong with it.
        message: String,
        /// What to type instead.
        hint: Option<String>,
    },
    /// Something went wrong.
    Error {
        /// What, and why.
        error: anyhow::Error,
        /// What to type next, where the edge knows better than [`hint`].
        hint: Option<String>,
    },
    /// Something is wrong with the profile; it has been told already.
    Findings {
        /// How many things.
        count: usize,
    },
    /// Some of what was asked for could not be done, which has been told already; the rest was.
    Partial {
        /// How many elements.
        count: usize,
    },
    /// Collisions are in the way; they have been listed already.
    Collisions {
        /// How many.
        count: usize,
    },
}

impl Failure {
    /// Wrong usage, in words.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// An error with advice of its own.
    pub fn with_hint(error: anyhow::Error, hint: impl Into<String>) -> Self {
        Self::Error { error, hint: Some(hint.into()) }
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            Self::Error { .. } if self.is_cancelled() => 130,
            Self::Error { .. } | Self::Findings { .. } | Self::Partial { .. } => 1,
            Self::Collisions { .. } => 3,
        }
    }

    /// The lines for standard error, control characters still inside. `program` is how firn is called for
    /// this profile: the hint says what to type for that.
    pub fn lines(&self, program: &str) -> Vec<String> {
        match self {
            Self::Usage { message, hint } => {
                with_hint_line(vec![format!("error: {message}")], hint.clone(), program)
            }
            Self::Collisions { count } => {
                vec![format!("error: {}; the profile is as it was", colliding(*count))]
            }
            Self::Partial { count: 1 } => vec!["error: 1 element stays as it was".to_owned()],
            Self::Partial { count } => vec![format!("error: {count} elements stay as they were")],
            Self::Findings { count: 1 } => vec!["1 problem; what mends it stands below it".to_owned()],
            Self::Findings { count } => vec![format!("{count} problems; what mends each stands below it")],
            Self::Error { .. } if self.is_cancelled() => {
                vec!["cancelled; the profile is as it was".to_owned()]
            }
            Self::Error { error, hint: own } => {
                with_hint_line(error_lines(error), own.clone().or_else(|| hint(error)), program)
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        let Self::Error { error, .. } = self else { return false };
        let cancelled = |cause: &(dyn std::error::Error + 'static)| {
            matches!(cause.downcast_ref::<StoreError>(), Some(StoreError::Cancelled))
        };
        error.chain().any(cancelled)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error { error: error.into(), hint: None }
    }
}

/// The error and its causes; a cause that its effect has quoted already is not told twice.
fn error_lines(error: &anyhow::Error) -> Vec<String> {
    let mut lines = vec![format!("error: {error}")];
    let mut told = error.to_string();
    for cause in error.chain().skip(1) {
        let words = cause.to_string();
        if !told.contains(&words) {
            lines.push(format!("  because: {words}"));
            told = words;
        }
    }
    lines
}

fn with_hint_line(mut lines: Vec<String>, hint: Option<String>, program: &str) -> Vec<String> {
    lines.extend(hint.map(|hint| format!("hint: {}", about_profile(&hint, program))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::refusal::Refusal;

    #[test]
    fn cancelling_is_130_however_deep_it_is_told() {
        let error = anyhow::Error::from(StoreError::Cancelled).context("cannot write the profile");
        assert_eq!(Failure::from(error).status(), 130);
    }

    #[test]
    fn an_error_tells_what_why_and_what_next() {
        let lines = Failure::from(Refusal::ReadOnly).lines("firn");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("error: ") && lines[1].starts_with("hint: "), "{lines:?}");
    }

    #[test]
    fn advice_is_about_the_profile_that_is_meant() {
        let hint = "'firn history' lists them; 'firn demo' works without";
        let program = "firn --profile ./p";
        let told = about_profile(hint, program);
        assert_eq!(told, "'firn --profile ./p history' lists them; 'firn demo' works without");
        assert_eq!(about_profile(&told, program), told);
        assert_eq!(about_profile(hint, "firn"), hint);
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("no space left").context("cannot write: no space left");
        assert_eq!(error_lines(&error), ["error: cannot write: no space left"]);
    }
}
