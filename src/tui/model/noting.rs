//! What is to be noted about generations.

/// A note that a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noting {
    /// Keep them from being deleted, or let them go.
    Keep(bool),
    /// Label them; without words the label goes.
    Label(String),
}
