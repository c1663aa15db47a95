//! What firn did to a profile, move by move, and what that tells: where an undo leads.
//!
//! A move leads from one live generation to another. Other programs leave no trace, so where
//! a move does not begin where the one before it ended, somebody else was there; what lies
//! before is not taken back blindly.
//!
//! An undo takes back the last move that is still in effect: of an applied plan it leads to
//! the generation that the plan was made on, of a rollback to where that came from. A rollback
//! that lies *behind* something undone is not taken back: it was a way back itself, and undoing
//! it would bring back what it left. So good, bad, rollback, new, undo, undo ends on good.

use serde::{Deserialize, Serialize};

use super::generation::Generation;

/// What firn does to profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// A plan was applied.
    Apply,
    /// An older or newer generation was made live.
    Switch,
    /// An earlier deed was taken back.
    Undo,
    /// Generations were deleted.
    Delete,
    /// The user's registry was changed with a plan; the profile stayed where it was.
    EditRegistry,
}

/// One deed with the live generations before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Seconds since 1970.
    pub time: i64,
    /// What was done.
    pub deed: Deed,
    /// The live generation before.
    pub from: Option<u64>,
    /// The live generation after.
    pub to: Option<u64>,
    /// The store path of the one after, if it was written down: numbers are used again.
    pub target: Option<String>,
}

/// What an undo takes back, and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The deed that is taken back.
    pub deed: Deed,
    /// The live generation.
    pub from: u64,
    /// The generation it leads to.
    pub to: u64,
}

/// Why there is nothing to undo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// The journal has nothing about the profile.
    #[error("firn has changed nothing here yet, so there is nothing of its own to undo")]
    NothingDone,
    /// All that firn did is undone.
    #[error("everything that firn did here is undone; the live generation {0} is where it began")]
    NothingLeft(u64),
    /// Somebody else made the live generation live.
    #[error("another program made generation {0} live; firn undoes only what it did itself")]
    ByOthers(u64),
    /// Nothing is live, or no generation of the profile.
    #[error("the live generation is not known, so there is nothing to undo")]
    CurrentUnknown,
    /// The live generation is the first.
    #[error("generation {0} is the first of this profile; there is none before it")]
    First(u64),
    /// The one it was made on is deleted.
    #[error("generation {live} was made on {wanted}, which is deleted")]
    Gone {
        /// The live generation.
        live: u64,
        /// Where the undo would lead.
        wanted: u64,
    },
    /// A way back that was taken on purpose lies behind what was undone.
    #[error(
        "before that, firn went back from generation {from} to {to}; undoing this too would bring {from} back"
    )]
    WentBack {
        /// Where the rollback came from.
        from: u64,
        /// Where it led, and where the profile is.
        to: u64,
    },
}

/// What an undo would take back now. `moves` are those of the profile, oldest first.
pub fn undo_target(
    moves: &[Move],
    generations: &[Generation],
    current: Option<u64>,
) -> Result<Undo, UndoError> {
    let mut moves = moves.iter().filter(|it| it.deed != Deed::Delete && it.from != it.to).peekable();
    if moves.peek().is_none() {
        return Err(UndoError::NothingDone);
    }
    let current = current.ok_or(UndoError::CurrentUnknown)?;
    let moves: Vec<&Move> = moves.collect();
    let Some(last) = moves.last() else { return Err(UndoError::NothingDone) };
    if last.to != Some(current) || !is_same(last, generations) {
        return Err(UndoError::ByOthers(current));
    }
    let standing = match standing(&moves).pop() {
        None => return Err(UndoError::NothingLeft(current)),
        Some(None) => return Err(UndoError::ByOthers(current)),
        Some(Some(standing)) => standing,
    };
    let Some(to) = standing.from else { return Err(UndoError::First(current)) };
    if standing.deed == Deed::Switch && last.deed == Deed::Undo {
        return Err(UndoError::WentBack { from: to, to: current });
    }
    if !generations.iter().any(|generation| generation.number == to) {
        return Err(UndoError::Gone { live: current, wanted: to });
    }
    Ok(Undo { deed: standing.deed, from: current, to })
}

/// The moves that are in effect, the last one on top; `None` where another program came between.
fn standing<'a>(moves: &[&'a Move]) -> Vec<Option<&'a Move>> {
    let mut standing: Vec<Option<&Move>> = Vec::new();
    let mut live = moves.first().and_then(|first| first.from);
    for found in moves {
        if found.from != live {
            standing.push(None);
        }
        if found.deed == Deed::Undo {
            // After somebody else's move the undo is the last thing known.
            if let Some(Some(_)) = standing.last() {
                standing.pop();
            }
        } else {
            standing.push(Some(found));
        }
        live = found.to;
    }
    standing
}

/// Whether the number a move led to is still the same generation.
fn is_same(found: &Move, generations: &[Generation]) -> bool {
    let now = generations.iter().find(|generation| Some(generation.number) == found.to);
    match (&found.target, now) {
        (Some(target), Some(now)) => *target == now.target,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(told: &[(Deed, u64, u64)]) -> Vec<Move> {
        let number = |number: u64| (number > 0).then_some(number);
        let made = |&(deed, from, to): &(Deed, u64, u64)| Move {
            time: 0,
            deed,
            from: number(from),
            to: number(to),
            target: None,
        };
        told.iter().map(made).collect()
    }

    fn generations(numbers: &[u64]) -> Vec<Generation> {
        let made = |number: &u64| Generation { number: *number, target: format!("/s/{number}"), time: 0 };
        numbers.iter().map(made).collect()
    }

    fn lands(told: &[(Deed, u64, u64)], current: u64) -> Result<u64, UndoError> {
        undo_target(&moves(told), &generations(&[1, 2, 3, 4]), Some(current)).map(|undo| undo.to)
    }

    use Deed::{Apply, Delete, Switch, Undo as Undone};

    #[test]
    fn good_bad_rollback_new_and_two_undos_end_on_good() {
        let mut told = vec![(Apply, 0, 1), (Apply, 1, 2), (Switch, 2, 1), (Apply, 1, 3)];
        assert_eq!(lands(&told, 3), Ok(1));
        told.push((Undone, 3, 1));
        assert_eq!(lands(&told, 1), Err(UndoError::WentBack { from: 2, to: 1 }));
        // the same when good was made on something
        let told =
            [(Apply, 1, 2), (Apply, 2, 3), (Switch, 3, 2), (Apply, 2, 4), (Delete, 4, 4), (Undone, 4, 2)];
        assert_eq!(lands(&told, 2), Err(UndoError::WentBack { from: 3, to: 2 }));
    }

    #[test]
    fn undo_after_undo_goes_on_to_the_parents() {
        let mut told = vec![(Apply, 0, 1), (Apply, 1, 2), (Apply, 2, 3)];
        assert_eq!(lands(&told, 3), Ok(2));
        told.push((Undone, 3, 2));
        assert_eq!(lands(&told, 2), Ok(1));
        told.push((Undone, 2, 1));
        assert_eq!(lands(&told, 1), Err(UndoError::First(1)));
        // and after something new it begins anew
        told.push((Apply, 1, 4));
        assert_eq!(lands(&told, 4), Ok(1));
    }

    #[test]
    fn a_rollback_that_came_last_is_taken_back() {
        let mut told = vec![(Apply, 1, 2), (Switch, 2, 1)];
        assert_eq!(lands(&told, 1), Ok(2));
        told.push((Undone, 1, 2));
        assert_eq!(lands(&told, 2), Ok(1));
        told.push((Undone, 2, 1));
        assert_eq!(lands(&told, 1), Err(UndoError::NothingLeft(1)));
    }

    #[test]
    fn what_others_did_is_not_undone() {
        assert_eq!(lands(&[], 1), Err(UndoError::NothingDone));
        assert_eq!(lands(&[(Delete, 1, 1)], 1), Err(UndoError::NothingDone));
        assert_eq!(lands(&[(Apply, 1, 2)], 3), Err(UndoError::ByOthers(3)));
        // 3 was made by another program between the two
        let mut told = vec![(Apply, 1, 2), (Apply, 3, 4)];
        assert_eq!(lands(&told, 4), Ok(3));
        told.push((Undone, 4, 3));
        assert_eq!(lands(&told, 3), Err(UndoError::ByOthers(3)));
        assert_eq!(undo_target(&moves(&told), &[], None), Err(UndoError::CurrentUnknown));
    }

    #[test]
    fn a_number_that_was_used_again_is_another_generation() {
        let mut told = moves(&[(Apply, 1, 2)]);
        told[0].target = Some("/s/2".to_owned());
        assert_eq!(undo_target(&told, &generations(&[1, 2]), Some(2)).map(|undo| undo.to), Ok(1));
        told[0].target = Some("/s/other".to_owned());
        assert_eq!(undo_target(&told, &generations(&[1, 2]), Some(2)), Err(UndoError::ByOthers(2)));
    }

    #[test]
    fn what_is_deleted_cannot_be_gone_back_to() {
        let gone = undo_target(&moves(&[(Apply, 1, 2)]), &generations(&[2]), Some(2));
        assert_eq!(gone, Err(UndoError::Gone { live: 2, wanted: 1 }));
    }
}
