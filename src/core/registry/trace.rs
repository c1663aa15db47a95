//! A reference followed for people: every hop, and where it ends in a form that can be told.
//!
//! [`Registries::look_up`] answers what a reference means; a [`Trace`] keeps what a person asks
//! next. A circle is told by its first round; entries that come earlier and do not match are
//! [`Registries::passed_over`], so that `nixpkgs` and `nixpkgs/branch` can be seen to go different
//! ways where one of two entries is exact.

use super::{EntryId, Hop, LookUpError, Reach, Registries};
use crate::core::flake_ref::{FlakeRef, OverrideError};

/// A reference with all its replacements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What was asked for.
    pub asked: FlakeRef,
    /// The replacements in order; of a circle the first round.
    pub hops: Vec<Hop>,
    /// How it ends.
    pub end: TraceEnd,
}

/// How following a reference ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceEnd {
    /// At a reference that says itself where it leads.
    Direct(FlakeRef),
    /// Back at a reference that was there before; at none if there are only too many.
    Circle(Option<FlakeRef>),
    /// At a name that no registry knows.
    Unknown(FlakeRef),
    /// At an entry whose target cannot take over branch, tag or commit.
    Unfit {
        /// What the entry matched.
        matched: FlakeRef,
        /// The entry.
        entry: EntryId,
        /// What is wrong.
        problem: OverrideError,
    },
}

impl Trace {
    /// The reference at the end; where it leads nowhere, the last that was reached.
    pub fn last(&self) -> &FlakeRef {
        self.hops.last().map_or(&self.asked, |hop| &hop.after)
    }

    /// Whether a reference is on the way, ends included.
    pub fn passes(&self, reference: &FlakeRef) -> bool {
        let reached = self.hops.iter().map(|hop| &hop.after);
        std::iter::once(&self.asked).chain(reached).any(|passed| passed.same_input(reference))
    }
}

impl Registries {
    /// Follows a reference, direct ones too, as `registry resolve` does.
    pub fn trace(&self, asked: &FlakeRef, reach: Reach) -> Trace {
        let asked = asked.clone();
        match self.look_up(&asked, reach) {
            Ok(found) => Trace { asked, hops: found.hops, end: TraceEnd::Direct(found.result) },
            Err(LookUpError::Cycle { mut hops, .. }) => {
                let back = first_round(&mut hops);
                Trace { asked, hops, end: TraceEnd::Circle(back) }
            }
            Err(LookUpError::Unknown { hops, .. }) => {
                let unknown = hops.last().map_or(&asked, |hop| &hop.after).clone();
                Trace { asked, hops, end: TraceEnd::Unknown(unknown) }
            }
            Err(LookUpError::Unfit { entry, problem, hops, .. }) => {
                let matched = hops.last().map_or(&asked, |hop| &hop.after).clone();
                Trace { asked, hops, end: TraceEnd::Unfit { matched, entry, problem } }
            }
        }
    }

    /// The exact entries for the bare name of a reference that come before `entry`, or all of them,
    /// and do not match because the reference has a branch, tag or commit.
    pub fn passed_over(&self, reference: &FlakeRef, entry: Option<EntryId>) -> Vec<EntryId> {
        let bare = reference.without_reference();
        if bare.same_input(reference) {
            return Vec::new();
        }
        let before = self.entries().take_while(|(id, _)| entry != Some(*id));
        before.filter(|(_, other)| other.exact && other.from.same_input(&bare)).map(|(id, _)| id).collect()
    }

    /// The entries that never have a say, or only in part, because of this one.
    pub fn overridden_by(&self, entry: EntryId) -> Vec<EntryId> {
        use super::Standing::{Partly, Shadowed};
        let standings = self.standings().into_iter();
        standings
            .filter(|(_, standing)| matches!(standing, Shadowed(by) | Partly(by) if *by == entry))
            .map(|(id, _)| id)
            .collect()
    }
}

/// Cuts a circle after its first round, and tells where it comes back to.
fn first_round(hops: &mut Vec<Hop>) -> Option<FlakeRef> {
    let again = |index: usize| {
        let reached = &hops[index].after;
        hops[..=index].iter().any(|hop| hop.before.same_input(reached))
    };
    let closing = (0..hops.len()).find(|index| again(*index))?;
    hops.truncate(closing + 1);
    hops.last().map(|hop| hop.after.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::registry::{Entry, Layer, Registry};

    fn reference(text: &str) -> FlakeRef {
        FlakeRef::parse(text).unwrap()
    }

    /// From, to, exact.
    type Line<'a> = (&'a str, &'a str, bool);

    fn registries(layers: &[(Layer, &[Line<'_>])]) -> Registries {
        layers.iter().fold(Registries::default(), |all, (layer, entries)| {
            let entry = |(from, to, exact): &Line<'_>| Entry {
                exact: *exact,
                ..Entry::new(reference(from), reference(to))
            };
            all.with(*layer, Registry { entries: entries.iter().map(entry).collect(), fault: None })
        })
    }

    /// Two entries for one name in the global registry, the first of them exact.
    fn two() -> Registries {
        registries(&[(
            Layer::Global,
            &[("nixpkgs", "github:me/fork", true), ("nixpkgs", "github:NixOS/nixpkgs", false)],
        )])
    }

    #[test]
    fn the_bare_name_and_one_with_a_branch_each_go_their_own_way() {
        let (bare, branch) = (reference("nixpkgs"), reference("nixpkgs/some-branch"));
        let trace = |asked| two().trace(asked, Reach::All);
        assert_eq!(trace(&bare).end, TraceEnd::Direct(reference("github:me/fork")));
        assert_eq!(trace(&branch).end, TraceEnd::Direct(reference("github:NixOS/nixpkgs/some-branch")));
        let exact = EntryId { layer: Layer::Global, index: 0 };
        let loose = EntryId { layer: Layer::Global, index: 1 };
        assert_eq!(trace(&branch).hops[0].entry, loose);
        assert_eq!(two().passed_over(&branch, Some(loose)), [exact]);
        assert_eq!(two().passed_over(&bare, Some(exact)), []);
        assert_eq!(two().overridden_by(exact), [loose]);
    }

    #[test]
    fn a_circle_is_told_by_its_first_round() {
        let circle = registries(&[(
            Layer::User,
            &[("start", "flake:a", false), ("a", "flake:b", false), ("b", "flake:a", false)],
        )]);
        let trace = circle.trace(&reference("start"), Reach::All);
        assert_eq!(trace.hops.len(), 3);
        assert_eq!(trace.end, TraceEnd::Circle(Some(reference("a"))));
        assert!(trace.passes(&reference("b")) && !trace.passes(&reference("c")));
    }

    #[test]
    fn names_that_lead_nowhere_say_where_they_end() {
        let entries = registries(&[(Layer::User, &[("a", "flake:gone", false), ("p", "path:/src", false)])]);
        let end = |text: &str| entries.trace(&reference(text), Reach::All).end;
        assert_eq!(end("a"), TraceEnd::Unknown(reference("gone")));
        assert_eq!(end("nowhere"), TraceEnd::Unknown(reference("nowhere")));
        assert!(matches!(end("p/branch"), TraceEnd::Unfit { entry, .. } if entry.layer == Layer::User));
        assert_eq!(end("github:o/r"), TraceEnd::Direct(reference("github:o/r")));
    }
}
