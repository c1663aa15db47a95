//! Generations of a profile: their numbers, and which ones a deletion takes.
//!
//! Every name that starts with `P-<N>-link` counts. The current one is what `P`
//! points to and need not be the newest. The next number is the highest plus one,
//! unless the newest generation already is the wanted store path.

use std::collections::{BTreeMap, BTreeSet};

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
    /// All but the current one, so many less one right below it, and those above it.
    KeepLast(u64),
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
    /// None would be kept, the current one neither.
    #[error("at least one generation must be kept")]
    KeepsNone,
    /// A time that does not parse.
    #[error("'{0}' is not a number of days: write for example 30d")]
    BadAge(String),
}

/// Reads the number of a link name, `profile-42-link` for profile `profile`; names that only
/// start so count too (`profile-41-link.tmp-3`).
pub fn number_of(profile_name: &str, link_name: &str) -> Option<u64> {
    let (number, _) = link_name.strip_prefix(profile_name)?.strip_prefix('-')?.split_once("-link")?;
    number.parse().ok()
}

/// The number the next generation gets.
pub fn next_number(generations: &[Generation]) -> u64 {
    generations.iter().map(|generation| generation.number).max().map_or(1, |newest| newest.saturating_add(1))
}

/// The generation to go back to: the highest below the current one, or exactly `to`.
pub fn rollback_target(
    generations: &[Generation],
    current: Option<u64>,
    to: Option<u64>,
) -> Result<u64, GenerationError> {
    let mut numbers = generations.iter().map(|generation| generation.number);
    if let Some(to) = to {
        return numbers.find(|number| *number == to).ok_or(GenerationError::Missing(to));
    }
    let current = current.ok_or(GenerationError::CurrentUnknown)?;
    numbers.filter(|number| *number < current).max().ok_or(GenerationError::NothingOlder(current))
}

/// The numbers a deletion takes, in ascending order.
///
/// While the current generation is not known, or is gone, only an empty deletion is allowed: Nix
/// takes all of them then, and nothing is left to go back to.
pub fn deleted(
    generations: &[Generation],
    current: Option<u64>,
    deletion: &Deletion,
) -> Result<Vec<u64>, GenerationError> {
    // A number can have several links after a crash; the youngest tells how long it was needed.
    let mut times: BTreeMap<u64, i64> = BTreeMap::new();
    for generation in generations {
        let time = times.entry(generation.number).or_insert(generation.time);
        *time = generation.time.max(*time);
    }
    let current = current.filter(|current| times.contains_key(current));
    let mut numbers: Vec<u64> = match deletion {
        Deletion::AllOld => times.into_keys().collect(),
        Deletion::OlderThan(limit) => not_live_since(&times, *limit),
        Deletion::KeepLast(0) => return Err(GenerationError::KeepsNone),
        Deletion::KeepLast(count) => {
            let live = current.map_or(u64::MAX, |current| current.saturating_add(1));
            let older = times.range(..live).rev().map(|(number, _)| *number);
            let mut older: Vec<u64> = older.skip(usize::try_from(*count).unwrap_or(usize::MAX)).collect();
            older.reverse();
            older
        }
        Deletion::Numbers(numbers) => {
            if let Some(missing) = numbers.iter().find(|number| !times.contains_key(number)) {
                return Err(GenerationError::Missing(*missing));
            }
            let wanted: BTreeSet<u64> = numbers.iter().copied().collect();
            wanted.into_iter().collect()
        }
    };
    if numbers.is_empty() {
        return Ok(numbers);
    }
    let current = current.ok_or(GenerationError::CurrentUnknown)?;
    if matches!(deletion, Deletion::Numbers(_)) && numbers.contains(&current) {
        return Err(GenerationError::DeletesCurrent(current));
    }
    numbers.retain(|number| *number != current);
    Ok(numbers)
}

/// All below the highest generation that is older than the limit; that one was live at the limit.
fn not_live_since(times: &BTreeMap<u64, i64>, limit: i64) -> Vec<u64> {
    match times.iter().rev().find(|(_, time)| **time < limit) {
        Some((live, _)) => times.range(..live).map(|(number, _)| *number).collect(),
        None => Vec::new(),
    }
}

/// Reads Nix's age `30d` (a whole number of days, at least 1) as seconds.
pub fn parse_age(text: &str) -> Result<i64, GenerationError> {
    let days: Option<i32> = text.strip_suffix('d').and_then(|days| days.parse().ok());
    match days {
        Some(days @ 1..) => Ok(i64::from(days) * 24 * 60 * 60),
        _ => Err(GenerationError::BadAge(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Generations with these numbers; the time is the number in hundreds unless told.
    fn generations(numbers: &[(u64, i64)]) -> Vec<Generation> {
        let generation = |&(number, time)| Generation { number, target: String::new(), time };
        numbers.iter().map(generation).collect()
    }

    #[test]
    fn numbers_stand_between_the_name_and_link() {
        for (profile, link, expected) in [
            ("profile", "profile-42-link", Some(42)),
            ("profile", "profile-41-link.tmp-3", Some(41)),
            ("profile", "profile-1-link-2-link", Some(1)),
            ("my-1-link", "my-1-link-7-link", Some(7)),
            ("profile", "profile-18446744073709551615-link", Some(u64::MAX)),
            ("profile", "profile-18446744073709551616-link", None),
            ("profile", "profile--link", None),
            ("profile", "profile--1-link", None),
            ("profile", "profile-x-link", None),
            ("profile", "profile-1", None),
            ("profile", "profile", None),
            ("profile", "profile.lock", None),
            ("profile", "other-1-link", None),
            // an absolute link leaves the current generation unknown
            ("profile", "/nix/var/nix/profiles/profile-1-link", None),
        ] {
            assert_eq!(number_of(profile, link), expected, "{link}");
        }
    }

    #[test]
    fn the_next_number_follows_the_highest() {
        assert_eq!(next_number(&[]), 1);
        assert_eq!(next_number(&generations(&[(3, 0), (41, 0), (7, 0)])), 42);
    }

    #[test]
    fn rollback_takes_the_highest_below() {
        let all = generations(&[(9, 0), (1, 0), (4, 0), (3, 0)]);
        assert_eq!(rollback_target(&all, Some(4), None), Ok(3));
        assert_eq!(rollback_target(&all, Some(7), None), Ok(4));
        assert_eq!(rollback_target(&all, Some(1), None), Err(GenerationError::NothingOlder(1)));
        assert_eq!(rollback_target(&all, None, None), Err(GenerationError::CurrentUnknown));
        assert_eq!(rollback_target(&all, None, Some(9)), Ok(9));
        assert_eq!(rollback_target(&all, Some(4), Some(4)), Ok(4));
        assert_eq!(rollback_target(&all, Some(4), Some(2)), Err(GenerationError::Missing(2)));
    }

    #[test]
    fn all_old_ones_but_the_current_go() {
        let all = generations(&[(3, 0), (1, 0), (2, 0), (2, 5)]);
        assert_eq!(deleted(&all, Some(2), &Deletion::AllOld), Ok(vec![1, 3]));
        assert_eq!(deleted(&all, None, &Deletion::AllOld), Err(GenerationError::CurrentUnknown));
        assert_eq!(deleted(&[], None, &Deletion::AllOld), Ok(vec![]));
    }

    #[test]
    fn nothing_is_deleted_while_the_profile_points_to_a_generation_that_is_gone() {
        let all = generations(&[(1, 100), (2, 200)]);
        for deletion in [Deletion::AllOld, Deletion::OlderThan(300), Deletion::Numbers(vec![1])] {
            assert_eq!(deleted(&all, Some(9), &deletion), Err(GenerationError::CurrentUnknown));
        }
        assert_eq!(deleted(&[], Some(9), &Deletion::AllOld), Ok(vec![]));
    }

    #[test]
    fn what_was_live_at_the_limit_stays() {
        let all = generations(&[(1, 100), (2, 200), (3, 300), (4, 400)]);
        let older = |current, limit| deleted(&all, Some(current), &Deletion::OlderThan(limit)).unwrap();
        assert_eq!(older(4, 350), [1, 2]);
        assert_eq!(older(4, 300), [1]);
        assert_eq!(older(4, 9000), [1, 2, 3]);
        assert_eq!(older(4, 100), [0; 0]);
        assert_eq!(older(1, 350), [2]);
        assert_eq!(deleted(&all, None, &Deletion::OlderThan(50)), Ok(vec![]));
        assert_eq!(deleted(&all, None, &Deletion::OlderThan(350)), Err(GenerationError::CurrentUnknown));
    }

    #[test]
    fn times_out_of_order_do_not_stop_it() {
        let all = generations(&[(1, 500), (2, 200), (3, 100), (4, 900)]);
        assert_eq!(deleted(&all, Some(4), &Deletion::OlderThan(300)), Ok(vec![1, 2]));
        // a leftover link of the same number does not make it look older
        let all = generations(&[(1, 100), (2, 900), (2, 100), (3, 900)]);
        assert_eq!(deleted(&all, Some(3), &Deletion::OlderThan(300)), Ok(vec![]));
    }

    #[test]
    fn the_last_ones_are_counted_from_the_current() {
        let all = generations(&[(1, 0), (2, 0), (4, 0), (5, 0), (7, 0)]);
        let keep = |count, current| deleted(&all, current, &Deletion::KeepLast(count));
        assert_eq!(keep(1, Some(7)), Ok(vec![1, 2, 4, 5]));
        assert_eq!(keep(2, Some(5)), Ok(vec![1, 2]));
        assert_eq!(keep(3, Some(4)), Ok(vec![]));
        assert_eq!(keep(0, Some(4)), Err(GenerationError::KeepsNone));
        assert_eq!(keep(1, None), Err(GenerationError::CurrentUnknown));
        assert_eq!(keep(9, None), Ok(vec![]));
    }

    #[test]
    fn chosen_numbers_go() {
        let all = generations(&[(1, 0), (2, 0), (3, 0)]);
        let chosen = |numbers: &[u64]| deleted(&all, Some(2), &Deletion::Numbers(numbers.to_vec()));
        assert_eq!(chosen(&[3, 1, 3]), Ok(vec![1, 3]));
        assert_eq!(chosen(&[]), Ok(vec![]));
        assert_eq!(chosen(&[1, 9]), Err(GenerationError::Missing(9)));
        assert_eq!(chosen(&[1, 2]), Err(GenerationError::DeletesCurrent(2)));
    }

    #[test]
    fn ages_are_whole_days() {
        assert_eq!(parse_age("1d"), Ok(86_400));
        assert_eq!(parse_age("30d"), Ok(2_592_000));
        assert_eq!(parse_age("2147483647d"), Ok(2_147_483_647 * 86_400));
        for text in ["", "d", "30", "0d", "-1d", "1.5d", "30D", " 30d", "30d ", "1dd", "2147483648d", "ä"] {
            assert_eq!(parse_age(text), Err(GenerationError::BadAge(text.to_owned())), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_current_one_is_never_deleted(
            numbers in prop::collection::vec((0_u64..20, 0_i64..20), 0..12),
            current in 0_u64..20,
            limit in 0_i64..20,
            chosen in prop::collection::vec(0_u64..20, 0..3),
        ) {
            let all = generations(&numbers);
            for deletion in [Deletion::AllOld, Deletion::OlderThan(limit), Deletion::Numbers(chosen)] {
                if let Ok(gone) = deleted(&all, Some(current), &deletion) {
                    prop_assert!(!gone.contains(&current));
                    prop_assert!(gone.is_sorted_by(|left, right| left < right));
                    prop_assert!(gone.iter().all(|number| all.iter().any(|it| it.number == *number)));
                }
            }
        }
    }
}
