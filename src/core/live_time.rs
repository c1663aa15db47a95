//! When a generation was live, and for how long, as far as anybody knows.
//!
//! firn's journal knows its own moves exactly. Other programs leave only the time of each
//! link they made, which was live from then on; when it ceased to be is known at latest by
//! the next thing that happened. What is not known is told as unknown, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use super::deeds::{Deed, Move};
use super::generation::Generation;

/// A time in which a generation was live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveSpan {
    /// Since when (seconds since 1970); `None` if nobody knows.
    pub since: Option<i64>,
    /// Until when.
    pub until: Until,
}

/// The end of a [`LiveSpan`], in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It is live.
    Now,
    /// Exactly then.
    At(i64),
    /// Then at latest: another program made something else live, perhaps earlier.
    AtLatest(i64),
    /// Nobody knows.
    Unknown,
}

/// How long something was live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTotal {
    /// The sum of all spans whose ends are known.
    pub seconds: i64,
    /// How sure that is.
    pub sure: Sureness,
}

/// How sure a [`LiveTotal`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sureness {
    /// Just so long.
    Exact,
    /// So long at most.
    AtMost,
    /// Some of it is not known.
    Unknown,
}

/// The spans of all generations, each list in order of time.
pub fn spans(
    moves: &[Move],
    generations: &[Generation],
    current: Option<u64>,
) -> BTreeMap<u64, Vec<LiveSpan>> {
    let mut told: BTreeMap<u64, Vec<LiveSpan>> = BTreeMap::new();
    let mut tell =
        |number: u64, since, until| told.entry(number).or_default().push(LiveSpan { since, until });
    let mut live: Option<(u64, Option<i64>)> = None;
    for Event { time, from, to, .. } in events(moves, generations) {
        match live {
            // Something that is live was made live again.
            Some((number, _)) if number == to => continue,
            Some((number, since)) if from == Some(number) => tell(number, since, Until::At(time)),
            Some((number, since)) => {
                tell(number, since, Until::AtLatest(time));
                // Another program had made that one live, at a time nobody knows.
                if let Some(from) = from.filter(|from| *from != to) {
                    tell(from, None, Until::At(time));
                }
            }
            None => {
                if let Some(from) = from.filter(|from| *from != to) {
                    tell(from, None, Until::At(time));
                }
            }
        }
        live = Some((to, Some(time)));
    }
    match (live, current) {
        (Some((number, since)), Some(current)) if number == current => tell(number, since, Until::Now),
        (last, current) => {
            if let Some((number, since)) = last {
                tell(number, since, Until::Unknown);
            }
            if let Some(current) = current {
                tell(current, None, Until::Now);
            }
        }
    }
    told
}

/// For generations of other programs what they were probably made on: what firn itself had made live
/// last. Nothing where firn did nothing before: then nobody knows.
pub fn probably_made_on(moves: &[Move], generations: &[Generation]) -> BTreeMap<u64, u64> {
    let mut told = BTreeMap::new();
    let mut live: Option<Event> = None;
    for event in events(moves, generations) {
        match &live {
            Some(before) if before.is_own && !event.is_own && before.to != event.to => {
                told.insert(event.to, before.to);
            }
            _ => {}
        }
        live = Some(event);
    }
    told
}

/// How long, to the next whole one: `12 s`, `20 min`, `3 h`, `12 d`.
pub fn long(seconds: i64) -> String {
    let minutes = seconds.saturating_add(59) / 60;
    match seconds.max(1) {
        seconds @ ..60 => format!("{seconds} s"),
        _ if minutes < 120 => format!("{minutes} min"),
        _ if minutes < 2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// Adds spans up; `None` if nothing is known at all.
pub fn total(spans: &[LiveSpan], now: i64) -> Option<LiveTotal> {
    let mut total = LiveTotal { seconds: 0, sure: Sureness::Exact };
    let mut known = false;
    for span in spans {
        let until = match span.until {
            Until::Now => Some(now),
            Until::At(time) => Some(time),
            Until::AtLatest(time) => {
                if total.sure == Sureness::Exact {
                    total.sure = Sureness::AtMost;
                }
                Some(time)
            }
            Until::Unknown => None,
        };
        match (span.since, until) {
            (Some(since), Some(until)) => {
                known = true;
                total.seconds = total.seconds.saturating_add(until.saturating_sub(since).max(0));
            }
            _ => total.sure = Sureness::Unknown,
        }
    }
    known.then_some(total)
}

/// Something became live: by a move of firn's, or because another program made it.
struct Event {
    time: i64,
    from: Option<u64>,
    to: u64,
    /// Whether it was firn.
    is_own: bool,
}

fn events(moves: &[Move], generations: &[Generation]) -> Vec<Event> {
    let own = moves.iter().filter(|it| it.deed != Deed::Delete);
    let made: BTreeSet<u64> =
        own.clone().filter(|it| it.deed == Deed::Apply).filter_map(|it| it.to).collect();
    let mut events: Vec<Event> =
        own.filter_map(|it| Some(Event { time: it.time, from: it.from, to: it.to?, is_own: true })).collect();
    let others = generations.iter().filter(|generation| !made.contains(&generation.number));
    events.extend(others.map(|generation| Event {
        time: generation.time,
        from: None,
        to: generation.number,
        is_own: false,
    }));
    // Of the same second, what was made comes before what was done with it.
    events.sort_by_key(|event| (event.time, event.from.is_some()));
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generations(told: &[(u64, i64)]) -> Vec<Generation> {
        let made = |&(number, time)| Generation { number, target: String::new(), time };
        told.iter().map(made).collect()
    }

    fn own(told: &[(i64, Deed, Option<u64>, u64)]) -> Vec<Move> {
        let made = |&(time, deed, from, to)| Move { time, deed, from, to: Some(to), target: None };
        told.iter().map(made).collect()
    }

    fn span(since: i64, until: Until) -> LiveSpan {
        LiveSpan { since: Some(since), until }
    }

    #[test]
    fn how_long_is_told_as_one_would() {
        let words = [0, 1, 59, 60, 61, 7140, 7141, 172_740, 172_741].map(long);
        assert_eq!(words.join(", "), "1 s, 1 s, 59 s, 1 min, 2 min, 119 min, 2 h, 47 h, 2 d");
    }

    #[test]
    fn of_its_own_moves_firn_knows_the_times() {
        let moves = own(&[
            (100, Deed::Apply, None, 1),
            (200, Deed::Apply, Some(1), 2),
            (250, Deed::Switch, Some(2), 1),
            (300, Deed::Delete, Some(1), 1),
        ]);
        let told = spans(&moves, &generations(&[(1, 100), (2, 200)]), Some(1));
        assert_eq!(told[&1], [span(100, Until::At(200)), span(250, Until::Now)]);
        assert_eq!(told[&2], [span(200, Until::At(250))]);
        assert_eq!(total(&told[&1], 300), Some(LiveTotal { seconds: 150, sure: Sureness::Exact }));
    }

    #[test]
    fn of_others_the_links_tell_something() {
        let told = spans(&[], &generations(&[(1, 100), (2, 200), (3, 300)]), Some(3));
        assert_eq!(told[&1], [span(100, Until::AtLatest(200))]);
        assert_eq!(told[&3], [span(300, Until::Now)]);
        assert_eq!(total(&told[&1], 400), Some(LiveTotal { seconds: 100, sure: Sureness::AtMost }));
    }

    #[test]
    fn what_others_made_after_a_move_of_firn_was_probably_made_on_where_that_led() {
        let moves = own(&[(100, Deed::Apply, None, 1), (300, Deed::Switch, Some(2), 1)]);
        let all = generations(&[(1, 100), (2, 200), (3, 400), (4, 500)]);
        assert_eq!(probably_made_on(&moves, &all), BTreeMap::from([(2, 1), (3, 1)]));
        assert_eq!(probably_made_on(&[], &all), BTreeMap::new());
    }

    #[test]
    fn a_move_of_others_leaves_a_gap() {
        // 3 was made live by another program, without a trace
        let told = spans(&[], &generations(&[(1, 100), (2, 200)]), Some(1));
        assert_eq!(told[&2], [span(200, Until::Unknown)]);
        assert_eq!(told[&1], [span(100, Until::AtLatest(200)), LiveSpan { since: None, until: Until::Now }]);
        assert_eq!(total(&told[&2], 400), None);
        assert_eq!(total(&told[&1], 400), Some(LiveTotal { seconds: 100, sure: Sureness::Unknown }));
        let moves = own(&[(300, Deed::Apply, Some(1), 3)]);
        let told = spans(&moves, &generations(&[(1, 100), (2, 200), (3, 300)]), Some(3));
        assert_eq!(told[&2], [span(200, Until::AtLatest(300))]);
        assert_eq!(told[&1][1], LiveSpan { since: None, until: Until::At(300) });
        assert_eq!(spans(&[], &[], None), BTreeMap::new());
    }
}
