//! Finds the first entry for a reference without going over all of them.
//!
//! A look-up may ask a hundred times, and every element of a profile has one: going over the
//! entries each time takes seconds once a file has tens of thousands. The index is made
//! when it is first asked for, and again after a layer has changed. What is said in
//! [`super`] decides which entries match: whole equality, and for one that is not exact also
//! equality but for branch, tag and commit.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::OnceLock;

use super::{Entry, EntryId, Reach, Registries};
use crate::core::flake_ref::FlakeRef;

/// Made on first use. It follows from the entries, so it never makes two registries differ.
#[derive(Clone, Debug, Default)]
pub(super) struct Index(OnceLock<ByFrom>);

impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Index {}

/// By the hash of a `from` the entries that have it: of each layer the first exact and the
/// first other one, in the order in which they are tried.
type ByFrom = HashMap<u64, Vec<EntryId>>;

impl Index {
    /// The first entry that matches, of the layers in reach.
    pub(super) fn first_match<'a>(
        &self,
        registries: &'a Registries,
        reference: &FlakeRef,
        reach: Reach,
    ) -> Option<(EntryId, &'a Entry)> {
        let by_from = self.0.get_or_init(|| by_from(registries));
        let bare = reference.without_reference();
        let first = |reference: &FlakeRef, is_bare: bool| {
            let entries = by_from.get(&hash(reference)).into_iter().flatten();
            let entries = entries.filter_map(|id| registries.entry(*id).map(|entry| (*id, entry)));
            let mut fitting = entries.filter(|(id, entry)| {
                reach.covers(id.layer) && !(is_bare && entry.exact) && entry.from.same_input(reference)
            });
            fitting.next()
        };
        [first(reference, false), first(&bare, true)].into_iter().flatten().min_by_key(|(id, _)| *id)
    }
}

fn by_from(registries: &Registries) -> ByFrom {
    let mut by_from = ByFrom::new();
    for (id, entry) in registries.entries() {
        let same = by_from.entry(hash(&entry.from)).or_default();
        let is_there = |known: &EntryId| {
            known.layer == id.layer
                && registries
                    .entry(*known)
                    .is_some_and(|known| known.exact == entry.exact && known.from.same_input(&entry.from))
        };
        if !same.iter().any(is_there) {
            same.push(id);
        }
    }
    by_from
}

fn hash(reference: &FlakeRef) -> u64 {
    let mut hasher = DefaultHasher::new();
    reference.hash_input(&mut hasher);
    hasher.finish()
}
