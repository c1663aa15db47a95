//! Flake registries: what a name like `nixpkgs` stands for, and which entry says so.
//!
//! Four layers of [`Entry`]s, `from` → `to`, are searched in order; the first that matches
//! replaces the reference and the search starts over, so a [`LookUp`] is a chain of
//! [`Hop`]s. The order of entries matters and names repeat, so nothing is ever sorted.
//! An entry matches its whole `from`; one that is not `exact` also matches references
//! that are its `from` but for branch, tag and commit, which then carry over:
//!
//! | entry | `nixpkgs` | `nixpkgs/nixos-24.05` |
//! |---|---|---|
//! | `nixpkgs` → `github:NixOS/nixpkgs` | `github:NixOS/nixpkgs` | `github:NixOS/nixpkgs/nixos-24.05` |
//! | `nixpkgs` → `github:me/fork`, exact | `github:me/fork` | does not match |
//!
//! `dir` is only ever that of the last entry, or else the reference's own. Direct references
//! (`github:…`) are looked up too by `registry resolve` and `pin`, but not when a flake is
//! evaluated. What a file says is read in [`mod@file`]; editing is in [`edit`].

use std::collections::HashMap;

use super::flake_ref::{FlakeRef, OverrideError};
use super::url::ParsedUrl;

pub mod edit;
pub mod file;
mod index;
pub mod trace;

/// Where a registry comes from, by precedence: the first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// `--override-flake`.
    CommandLine,
    /// The user's own file.
    User,
    /// The machine's file.
    System,
    /// The one that the setting `flake-registry` names.
    Global,
}

impl Layer {
    /// All, by precedence.
    pub const ALL: [Self; 4] = [Self::CommandLine, Self::User, Self::System, Self::Global];

    /// Nix's word, as `nix registry list` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CommandLine => "flags",
            Self::User => "user",
            Self::System => "system",
            Self::Global => "global",
        }
    }
}

/// One line of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it replaces; never has a `dir`.
    pub from: FlakeRef,
    /// By what.
    pub to: FlakeRef,
    /// Whether only the very same reference is replaced.
    pub exact: bool,
    /// Whether the file says `"dir": ""`, which takes the reference's own `dir` away.
    empty_dir: bool,
}

impl Entry {
    /// An entry as `registry add` makes it.
    pub fn new(from: FlakeRef, to: FlakeRef) -> Self {
        Self { from, to, exact: false, empty_dir: false }
    }

    /// What it leads to as `nix registry list` prints it, an empty `dir` too.
    pub fn printed_target(&self) -> String {
        let printed = self.to.to_string();
        match ParsedUrl::parse(&printed) {
            Ok(mut url) if self.empty_dir => {
                url.query.entry(b"dir".to_vec()).or_default();
                url.to_string()
            }
            _ => printed,
        }
    }

    /// Whether its `from` names a branch, tag or commit.
    fn is_specific(&self) -> bool {
        self.from.reference().is_some() || self.from.revision().is_some()
    }

    /// What the reference becomes. `own_dir` is the one of the reference that was asked for.
    fn replace(&self, reference: &FlakeRef, own_dir: &[u8]) -> Result<FlakeRef, OverrideError> {
        let dir = if self.to.dir().is_empty() && !self.empty_dir { own_dir } else { self.to.dir() };
        let target = self.to.with_dir(dir);
        if self.exact {
            return Ok(target);
        }
        let branch = reference.reference().filter(|_| self.from.reference().is_none());
        let commit = reference.revision().filter(|_| self.from.revision().is_none());
        target.overridden(branch, commit.as_deref())
    }
}

/// The entries of one layer, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// What Nix uses of it: up to the first fault.
    pub entries: Vec<Entry>,
    /// The fault, if the file has one. Such a file is not to be written.
    pub fault: Option<file::Fault>,
}

/// Which entry: the layer and the place in it, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The layer.
    pub layer: Layer,
    /// The place in the layer's list.
    pub index: usize,
}

/// Whether an entry ever has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the first that matches its `from`.
    Winning,
    /// An exact entry before it takes the bare name; with a branch, tag or commit it wins.
    Partly(EntryId),
    /// One before it takes all it could match.
    Shadowed(EntryId),
}

/// Which registries a look-up may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// All: references on the command line and in profiles.
    #[default]
    All,
    /// Only the command line's and the global one: the inputs of a flake, from Nix 2.29 on.
    Inputs,
    /// None, as with `--no-registries`.
    Nothing,
}

impl Reach {
    /// Whether a layer is used.
    fn covers(self, layer: Layer) -> bool {
        match self {
            Self::All => true,
            Self::Inputs => matches!(layer, Layer::CommandLine | Layer::Global),
            Self::Nothing => false,
        }
    }
}

/// All registries there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registries {
    layers: [Registry; 4],
    index: index::Index,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The entry that matched.
    pub entry: EntryId,
    /// What it matched.
    pub before: FlakeRef,
    /// What that became.
    pub after: FlakeRef,
}

/// A reference followed through the registries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUp {
    /// The replacements in order; none if no entry matches.
    pub hops: Vec<Hop>,
    /// What the reference means.
    pub result: FlakeRef,
}

/// Why a reference leads nowhere; with the hops up to there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// It came back to where it had been, or 100 replacements did not end it.
    #[error("the registries send '{reference}' round in a circle")]
    Cycle {
        /// What was asked for.
        reference: String,
        /// The first of the replacements.
        hops: Vec<Hop>,
    },
    /// A name that no registry knows.
    #[error("no registry knows '{unknown}'")]
    Unknown {
        /// The name, perhaps after some replacements.
        unknown: String,
        /// The replacements before it.
        hops: Vec<Hop>,
    },
    /// An entry matches, but its target cannot take over branch, tag or commit.
    #[error("the registry entry for '{matched}' does not fit: {problem}")]
    Unfit {
        /// What the entry matched.
        matched: String,
        /// The entry.
        entry: EntryId,
        /// What is wrong.
        problem: OverrideError,
        /// The replacements before it.
        hops: Vec<Hop>,
    },
}

impl LookUpError {
    /// The replacements up to where it fails.
    pub fn hops(&self) -> &[Hop] {
        match self {
            Self::Cycle { hops, .. } | Self::Unknown { hops, .. } | Self::Unfit { hops, .. } => hops,
        }
    }
}

/// This many replacements are a cycle.
const CYCLE: usize = 100;

impl Registries {
    /// One layer.
    pub fn layer(&self, layer: Layer) -> &Registry {
        &self.layers[layer as usize]
    }

    /// One layer, to be changed.
    pub fn layer_mut(&mut self, layer: Layer) -> &mut Registry {
        self.index = index::Index::default();
        &mut self.layers[layer as usize]
    }

    /// The same with one layer replaced.
    #[must_use]
    pub fn with(mut self, layer: Layer, registry: Registry) -> Self {
        *self.layer_mut(layer) = registry;
        self
    }

    /// All entries in the order in which they are tried.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        Layer::ALL.into_iter().flat_map(move |layer| {
            let entries = self.layer(layer).entries.iter().enumerate();
            entries.map(move |(index, entry)| (EntryId { layer, index }, entry))
        })
    }

    /// An entry, if it is there.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.layer(id.layer).entries.get(id.index)
    }

    /// Follows a reference to what it means.
    pub fn look_up(&self, reference: &FlakeRef, reach: Reach) -> Result<LookUp, LookUpError> {
        let mut hops: Vec<Hop> = Vec::new();
        let mut current = reference.clone();
        if reach == Reach::Nothing {
            return Ok(LookUp { hops, result: current });
        }
        while let Some((id, entry)) = self.index.first_match(self, &current, reach) {
            let after = match entry.replace(&current, reference.dir()) {
                Ok(after) => after,
                Err(problem) => {
                    let matched = current.to_string();
                    return Err(LookUpError::Unfit { matched, entry: id, problem, hops });
                }
            };
            hops.push(Hop { entry: id, before: current, after: after.clone() });
            // Where it has been before it will come again; the same entries need not be followed a
            // hundred times.
            if hops.len() >= CYCLE || hops.iter().any(|hop| hop.before == after) {
                return Err(LookUpError::Cycle { reference: reference.to_string(), hops });
            }
            current = after;
        }
        if current.is_indirect() {
            return Err(LookUpError::Unknown { unknown: current.to_string(), hops });
        }
        Ok(LookUp { hops, result: current })
    }

    /// What is fetched for a reference: only names are looked up then, so an entry for `github:o/r`
    /// does not redirect an element that was added as `github:o/r`.
    pub fn look_up_to_fetch(&self, reference: &FlakeRef, reach: Reach) -> Result<LookUp, LookUpError> {
        if reference.is_indirect() {
            return self.look_up(reference, reach);
        }
        Ok(LookUp { hops: Vec::new(), result: reference.clone() })
    }

    /// The entries that decide what is fetched for a reference, in the order of the hops; none for a
    /// reference that says itself where it leads.
    pub fn followed(&self, reference: &FlakeRef, reach: Reach) -> Vec<EntryId> {
        let found = self.look_up_to_fetch(reference, reach);
        let hops = found.as_ref().map_or_else(LookUpError::hops, |found| &found.hops);
        hops.iter().map(|hop| hop.entry).collect()
    }

    /// What has a say and what has none, for all entries in the order in which they are tried.
    pub fn standings(&self) -> Vec<(EntryId, Standing)> {
        let mut before = Before::default();
        let mut standings = Vec::new();
        for (id, entry) in self.entries() {
            standings.push((id, before.standing(entry)));
            before.remember(id, entry);
        }
        standings
    }
}

/// The first entries seen for each `from`.
#[derive(Default)]
struct Before<'a> {
    exact: HashMap<&'a FlakeRef, EntryId>,
    loose: HashMap<&'a FlakeRef, EntryId>,
}

impl<'a> Before<'a> {
    fn remember(&mut self, id: EntryId, entry: &'a Entry) {
        let seen = if entry.exact { &mut self.exact } else { &mut self.loose };
        seen.entry(&entry.from).or_insert(id);
    }

    fn standing(&self, entry: &Entry) -> Standing {
        let (exact, loose) = (self.exact.get(&entry.from), self.loose.get(&entry.from));
        if !entry.exact && !entry.is_specific() {
            return match (loose, exact) {
                (Some(by), _) => Standing::Shadowed(*by),
                (None, Some(by)) => Standing::Partly(*by),
                (None, None) => Standing::Winning,
            };
        }
        // It matches one reference only, which a bare name before it matches as well.
        let bare = self.loose.get(&entry.from.without_reference());
        match [exact, loose, bare].into_iter().flatten().min() {
            Some(by) => Standing::Shadowed(*by),
            None => Standing::Winning,
        }
    }
}

#[cfg(test)]
mod tests;
