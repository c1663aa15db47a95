//! Generations of a profile: their numbers, and which ones a deletion takes.
//!
//! Every name that starts with `P-<N>-link` counts. The current one is what `P`
//! points to and need not be the newest. The next number is the highest plus one,
//! unless the newest generation already is the wanted store path.

/// One generation as its link tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// Where the link points, verbatim.
    pub target: String,
    /// The link's own modification time in seconds since 1970.
    pub time: i64,
}

/// Which generations to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// All but the current one.
    AllOld,
    /// Those that were not live any more at this time (seconds since 1970), never the current one.
    OlderThan(i64),
    /// These numbers, never the current one.
    Numbers(Vec<u64>),
}

/// A deletion or rollback that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerationError {
    /// Nothing older than the current one.
    #[error("no generation older than the current ({0}) exists")]
    NothingOlder(u64),
    /// The number does not exist.
    #[error("generation {0} does not exist")]
    Missing(u64),
    /// `P` does not lead to one of its generations.
    #[error("the current generation is not known: the profile link does not point to one of its generations")]
    CurrentUnknown,
    /// The live generation cannot be deleted.
    #[error("generation {0} is the current one; switch to another before deleting it")]
    DeletesCurrent(u64),
    /// A time that does not parse.
    #[error("'{0}' is not a number of days: write for example 30d")]
    BadAge(String),
}

/// Reads the number of a link name, `profile-42-link` for profile `profile`; names that only
/// start so count too (`profile-41-link.tmp-3`).
pub fn number_of(profile_name: &str, link_name: &str) -> Option<u64> {
    let _ = (profile_name, link_name);
    todo!()
}

/// The generation to go back to: the highest below the current one, or exactly `to`.
pub fn rollback_target(
    generations: &[Generation],
    current: Option<u64>,
    to: Option<u64>,
) -> Result<u64, GenerationError> {
    let _ = (generations, current, to);
    todo!()
}

/// The numbers a deletion takes, in ascending order.
pub fn deleted(
    generations: &[Generation],
    current: Option<u64>,
    deletion: &Deletion,
) -> Result<Vec<u64>, GenerationError> {
    let _ = (generations, current, deletion);
    todo!()
}

/// Reads Nix's age `30d` (a whole number of days, at least 1) as seconds.
pub fn parse_age(text: &str) -> Result<i64, GenerationError> {
    let _ = text;
    todo!()
}
